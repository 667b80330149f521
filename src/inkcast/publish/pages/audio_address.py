"""How a page finds its recording."""

from __future__ import annotations

import base64
import mimetypes
import os
import re
from pathlib import Path, PurePath, PurePosixPath
from urllib.parse import quote, unquote, urlsplit

from inkcast.essays.links import is_web_address

_ABSOLUTE_AUDIO = re.compile(r"(?:https?://|file://|data:audio/)", re.IGNORECASE)


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


def recording_name(href: str) -> str:
    """The file's name, as people know it."""
    if is_web_address(href) or href.lower().startswith("file:"):
        return unquote(PurePosixPath(urlsplit(href).path).name)
    return PurePath(href).name


def relative_path(file: Path, folder: Path) -> str:
    """How a page in ``folder`` finds ``file``."""
    try:
        return Path(os.path.relpath(file.resolve(), folder.resolve())).as_posix()
    except ValueError:  # another drive
        return file.resolve().as_uri()
