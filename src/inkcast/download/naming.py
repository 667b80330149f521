"""File names for episodes that every file system takes."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime

from inkcast.feeds.address import audio_suffix

MAX_STEM_BYTES = 200
"""Of the 255 bytes a name may have: leaves room for `` #1a2b3c4d`` and ``.transcript.json.part.json``."""

_FORBIDDEN = re.compile(r'[<>:"/\\|?*]+')
_RESERVED = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(?:\.|$)", re.IGNORECASE
)
_SUFFIX_OF_TYPE = {
    "audio/mp4": ".m4a",
    "audio/x-m4a": ".m4a",
    "audio/aac": ".aac",
    "audio/ogg": ".ogg",
    "audio/opus": ".opus",
    "audio/flac": ".flac",
    "audio/x-flac": ".flac",
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "audio/webm": ".weba",
    "audio/aiff": ".aiff",
}


def file_stem(title: str, published: datetime | None = None) -> str:
    """``2024-03-05 Title``: a file name without its suffix, safe on Windows, macOS and Linux.

    In Unicode NFC, 1 to ``MAX_STEM_BYTES`` bytes of UTF-8, without control and other invisible
    characters, ``<>:"/\\|?*``, a dot or space at either end, or a name that Windows reserves.
    """
    stem = _clean(title) or "Untitled"
    if published:
        stem = f"{published.date().isoformat()} {stem}"
    if _RESERVED.match(stem):
        stem = f"_{stem}"
    return stem.encode()[:MAX_STEM_BYTES].decode(errors="ignore").rstrip(" .")


def file_suffix(url: str, media_type: str | None = None) -> str:
    """The suffix for an enclosure's file; ``.mp3`` if neither its address nor its type tells."""
    return audio_suffix(url) or _SUFFIX_OF_TYPE.get(media_type or "", ".mp3")


def unique_stems(stems: Sequence[str], guids: Sequence[str]) -> tuple[str, ...]:
    """Make the stems of a feed's episodes differ, also on disks that ignore case.

    Where several are alike, the last keeps its name and the others get a mark made from their guid: in a
    feed the last is the oldest, and its file is not renamed when a newer one of that title arrives.

    Args:
        stems: one for each episode, newest first.
        guids: the episodes' guids in the same order, all different.
    """
    oldest = {stem.casefold(): guid for stem, guid in zip(stems, guids, strict=True)}
    return tuple(
        stem if oldest[stem.casefold()] == guid else f"{stem} #{_mark(guid)}"
        for stem, guid in zip(stems, guids, strict=True)
    )


def _mark(guid: str) -> str:
    return hashlib.sha256(guid.encode(errors="replace")).hexdigest()[:8]


def _clean(title: str) -> str:
    text = unicodedata.normalize("NFC", " ".join(title.split()))
    visible = "".join(char for char in text if not unicodedata.category(char).startswith("C"))
    words = _FORBIDDEN.sub("-", visible).split()
    return unicodedata.normalize("NFC", " ".join(words)).strip(" .-")
