"""HTML from templates: whatever they show is escaped, and nothing runs in a page but its own script.

A template is named by its path within the package. It escapes all text that it is given, so that the text
may stand in an attribute too; HTML that is safe already comes as ``Markup``.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

from markupsafe import Markup

from inkcast.publish.pages.head import Head
from inkcast.publish.words import clean_text
from inkcast.timecode import clock

if TYPE_CHECKING:
    from jinja2 import Environment

Loads = Literal["nothing", "media", "scripts", "own"]

_MEDIA = "img-src 'self' file: https: http: data:; media-src 'self' file: https: http: data: blob:"


def render_page(
    template: str,
    /,
    *,
    style: str | Sequence[str],
    scripts: Sequence[str] = (),
    loads: Loads = "nothing",
    head: Head | None = None,
    **parts: object,
) -> str:
    """Fill the template of a whole page, which extends ``publish/pages/base.html``.

    Its policy names its style and its script by their hashes: nothing else styles, nothing else runs.

    Args:
        template: its path within the package.
        style: path of a style sheet, or of several, which come after the one of all pages.
        scripts: paths of files that make up the page's one script.
        loads: what the page may load: ``media`` are images and recordings from anywhere; ``scripts`` are
            those that its own script asks for (``strict-dynamic``), since no address could allow them
            where files are opened without a server; ``own`` is what its server answers, and images.
        head: what other programs read of the page.
        parts: what the template asks for, by name.
    """
    sheets = (style,) if isinstance(style, str) else tuple(style)
    return render(template, **_own(sheets, tuple(scripts), loads), head=head, **parts)


@cache  # a backlog makes thousands of pages
def _own(sheets: tuple[str, ...], scripts: tuple[str, ...], loads: Loads) -> dict[str, Markup]:
    css = "".join(map(_asset, ("publish/pages/page.css", *sheets)))
    code = "\n".join(_asset(path) for path in scripts)
    return {"style": Markup(css), "script": Markup(code), "policy": _policy(css, code, loads)}


def render(template: str, /, **parts: object) -> str:
    """Fill a template; a part that it asks for and is not given is an error."""
    return _environment().get_template(template).render(parts)


def text_html(text: str) -> Markup:
    """Text for between tags, not for attributes: one clean line that keeps its quotation marks."""
    return Markup(escape(clean_text(text), quote=False))


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # longer than many commands take

    environment = Environment(
        loader=PackageLoader("inkcast", ""),
        autoescape=True,
        finalize=_escaped,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.filters |= {"text": text_html, "clock": clock, "grouped": "{:,}".format}
    return environment


def _escaped(value: object) -> Markup:
    """As what is woven without templates escapes it: Jinja has other words for quotation marks."""
    return value if isinstance(value, Markup) else Markup(escape(str(value)))


@cache
def _asset(path: str) -> str:
    return files("inkcast").joinpath(path).read_text(encoding="utf-8")


def _policy(style: str, script: str, loads: Loads) -> Markup:
    rules = ["default-src 'none'", f"style-src {_hash(style)}"]
    if script:
        rules.append(f"script-src {_hash(script)}" + (" 'strict-dynamic'" if loads == "scripts" else ""))
    if loads == "own":
        rules.append("connect-src 'self'")
    rules += [
        _MEDIA if loads in ("media", "own") else "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return Markup("; ".join(rules))


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
