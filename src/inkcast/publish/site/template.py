"""The frame of the site's own pages: head, policy, header and footer."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import Literal

from inkcast.publish.words import clean_text


def make_page(
    content: str,
    *,
    title: str,
    site: str,
    root: str,
    current: Literal["list", "search", ""] = "",
    script: str = "",
    feed: str = "",
) -> str:
    """A page of the site.

    Nothing is loaded from other sites. Scripts that the page's own ``script`` loads may run
    (``strict-dynamic``): where files are opened without a server, no address could allow them.

    Args:
        content: HTML.
        title, site: text, of the page and of the whole.
        root: the way from the page to the site's folder, such as ``../``.
        current: which entry of the menu the page is.
        script: its JavaScript.
        feed: address of the RSS feed that it belongs to.
    """
    style = asset("page.css", "inkcast.publish.pages") + asset("site.css")
    own = escape(clean_text(title), quote=False)
    whole = escape(clean_text(site), quote=False)
    code = f"<script>{script}</script>\n" if script else ""
    link = f'<link rel="alternate" type="application/rss+xml" title="{escape(site)}" href="{escape(feed)}">\n'
    return Template(asset("page.html")).substitute(
        content=content,
        title=own if own == whole else f"{own} · {whole}",
        site=whole,
        root=root,
        current_list=' aria-current="page"' if current == "list" else "",
        current_search=' aria-current="page"' if current == "search" else "",
        links=(link if feed else "") + code,
        style=style,
        policy=_policy(style, script),
    )


@cache
def asset(name: str, package: str = "inkcast.publish.site") -> str:
    """A file beside this module, or in another package."""
    return files(package).joinpath(name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    scripts = f"script-src {_hash(script)} 'strict-dynamic'; " if script else ""
    return (
        f"default-src 'none'; style-src {_hash(style)}; {scripts}img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
