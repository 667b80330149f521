"""Whose a recording is, as its own tags say: for essays that come with no feed."""

from __future__ import annotations

import base64
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from inkcast.errors import PublishError
from inkcast.publish.pages.cover import small_cover
from inkcast.publish.pages.masthead import NO_MASTHEAD, Masthead

_COVER_PIXELS = 256


def masthead_of_recording(audio: Path) -> Masthead:
    """Album, artist, date and cover of an audio file; what it does not say, or cannot be read, is empty."""
    import mutagen

    try:
        texts, file = mutagen.File(audio, easy=True), mutagen.File(audio)
    except (mutagen.MutagenError, ValueError):
        return NO_MASTHEAD

    def text(name: str) -> str:
        values = texts.get(name) if texts is not None else None
        return str(values[0]) if values else ""

    published = None
    with suppress(ValueError):  # most say no more than the year
        published = datetime.strptime(text("date")[:10], "%Y-%m-%d").replace(tzinfo=UTC)
    return Masthead(text("album"), text("artist"), published, _cover(file))


def _cover(file: Any) -> str:
    for picture in _pictures(file):
        with suppress(PublishError):
            small = small_cover(picture, _COVER_PIXELS)
            return f"data:image/jpeg;base64,{base64.b64encode(small).decode()}"
    return ""


def _pictures(file: Any) -> list[bytes]:
    """As ID3 (APIC), MP4 (covr) and FLAC keep them; the first is the front cover, as a rule."""
    tags: Any = getattr(file, "tags", None)
    if hasattr(tags, "getall"):
        return [frame.data for frame in tags.getall("APIC")]
    if hasattr(file, "pictures"):
        return [picture.data for picture in file.pictures]
    with suppress(KeyError, TypeError, ValueError):
        return [bytes(picture) for picture in tags["covr"]]
    return []
