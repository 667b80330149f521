"""What all pages share: one file, its own style and script under a strict policy."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from string import Template


def make_page(name: str, parts: Mapping[str, str], script_parts: Sequence[str] = ()) -> str:
    """Fill ``name.html`` with ``parts``, which are HTML already, and with its style and script.

    The style is ``page.css`` and ``name.css``, the script ``name.js`` and ``name_PART.js`` for each of
    ``script_parts``. Nothing else runs and nothing else styles: the page's policy names both by their
    hashes.
    """
    style = _asset("page.css") + _asset(f"{name}.css")
    script = "\n".join(_asset(f"{file}.js") for file in (name, *(f"{name}_{part}" for part in script_parts)))
    own = {"style": style, "script": script, "policy": _policy(style, script)}
    return Template(_asset(f"{name}.html")).substitute({**parts, **own})


@cache  # a backlog makes thousands of pages
def _asset(name: str) -> str:
    return files("inkcast.publish.pages").joinpath(name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script)]
    return (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "img-src 'self' file: https: http: data:; media-src 'self' file: https: http: data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )
