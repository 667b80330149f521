"""What all pages share: one file, its own style and script under a strict policy, and a recording."""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import os
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path, PurePath
from string import Template
from urllib.parse import quote

_ABSOLUTE_AUDIO = re.compile(r"(?:https?://|file://|data:audio/)", re.IGNORECASE)


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


def audio_address(href: str, inline_audio: bytes | None = None) -> str:
    """A recording as pages address it.

    Args:
        href: an http(s) address, or a file path, best relative to the page.
        inline_audio: the recording's bytes, to put them into the page; ``href`` then only tells the type.
    """
    if inline_audio is not None:
        media_type = mimetypes.guess_type(PurePath(href).name)[0] or "audio/mpeg"
        return f"data:{media_type};base64,{base64.b64encode(inline_audio).decode()}"
    if _ABSOLUTE_AUDIO.match(href):
        return href
    path = Path(href)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


def relative_path(file: Path, folder: Path) -> str:
    """How a page in ``folder`` finds ``file``."""
    try:
        return Path(os.path.relpath(file.resolve(), folder.resolve())).as_posix()
    except ValueError:  # another drive
        return file.resolve().as_uri()


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
