"""File names for episodes that every file system takes."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain, count

from inkcast.errors import SettingsError, redact
from inkcast.feeds.address import audio_suffix
from inkcast.feeds.episode import Episode, Feed
from inkcast.files import digest
from inkcast.unicode_forms import normalized

MAX_STEM_BYTES = 200
"""Of the 255 bytes a name may have: leaves room for `` #1a2b3c4d`` and ``.transcript.json.part.json``."""

DEFAULT_TEMPLATE = "{date} {title}"
FIELDS = ("date", "year", "month", "day", "title", "podcast", "index", "guid")
"""What a template may use. ``index`` counts the feed's episodes, the oldest is 001."""

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
    date = f"{published.date().isoformat()} " if published else ""
    return _safe(f"{date}{_clean(title) or 'Untitled'}")


def episode_stems(feed: Feed, template: str = DEFAULT_TEMPLATE) -> dict[str, str]:
    """A file name without suffix for each of a feed's episodes, by guid; all of them differ.

    The same whichever episodes are wanted. A name that is too long loses the end of the title.

    Args:
        feed: the whole of it.
        template: such as ``{podcast}/{date} {title}``; a slash makes a folder. See ``FIELDS``.
    Raises:
        SettingsError: the template makes no sense.
    """
    check_template(template)
    total = len(feed.episodes)
    stems = [
        _fill(template, _values(feed, episode, total - place)) for place, episode in enumerate(feed.episodes)
    ]
    guids = [episode.guid for episode in feed.episodes]
    return dict(zip(guids, unique_stems(stems, guids), strict=True))


def check_template(template: str) -> None:
    """Raise SettingsError unless ``episode_stems`` can use it."""
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError as error:
        raise SettingsError(f"The name {template!r} is not valid: {error}.", _TEMPLATE_HINT) from error
    for _, name, form, conversion in parts:
        if name is not None and (name not in FIELDS or form or conversion):
            shown = name + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "")
            raise SettingsError(f"The name {template!r} has an unknown field {{{shown}}}.", _TEMPLATE_HINT)
    if not any(name for _, name, _, _ in parts):
        raise SettingsError(
            f"The name {template!r} has no field: all files would have the same name.", _TEMPLATE_HINT
        )
    if any(part.strip() in ("", ".", "..") for part in re.split(r"[/\\]", template)):
        raise SettingsError(
            f"The name {template!r} leads outside its folder.",
            "Name files below --out, such as {podcast}/{title}.",
        )


_TEMPLATE_HINT = "Known fields: " + ", ".join(f"{{{field}}}" for field in FIELDS) + "."


def _values(feed: Feed, episode: Episode, index: int) -> dict[str, str]:
    day = episode.published.date() if episode.published else None
    return {
        "date": day.isoformat() if day else "",
        "year": f"{day.year:04}" if day else "",
        "month": f"{day.month:02}" if day else "",
        "day": f"{day.day:02}" if day else "",
        "title": _clean(episode.title) or "Untitled",
        "podcast": _clean(feed.title),
        "index": f"{index:03}",
        "guid": _clean(redact(episode.guid)),
    }


def _fill(template: str, values: Mapping[str, str]) -> str:
    """Each part of the path by itself, so that no value reaches into another folder."""
    return "/".join(_fill_part(part, values) for part in re.split(r"[/\\]", template))


def _fill_part(part: str, values: Mapping[str, str]) -> str:
    name = _clean(part.format_map(values))
    excess = len(name.encode()) - MAX_STEM_BYTES
    if excess > 0 and "{title}" in part:
        room = max(0, len(values["title"].encode()) - excess)
        shorter = values["title"].encode()[:room].decode(errors="ignore")
        name = _clean(part.format_map({**values, "title": shorter}))
    return _safe(name or "Untitled")


def _safe(stem: str) -> str:
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
    taken: set[str] = set()
    unique = []
    for stem, guid in zip(reversed(stems), reversed(guids), strict=True):
        marked = (f"{stem} #{mark}" for mark in _marks(guid))
        name = next(name for name in chain((stem,), marked) if name.casefold() not in taken)
        taken.add(name.casefold())
        unique.append(name)
    return tuple(reversed(unique))


def _marks(guid: str) -> Iterator[str]:
    """Others may be called as an episode is with its mark, by chance or on purpose."""
    return (digest(*(guid for _ in range(times)))[:8] for times in count(1))


def _clean(title: str) -> str:
    text = normalized("NFC", " ".join(title.split()))
    visible = "".join(char for char in text if not unicodedata.category(char).startswith("C"))
    words = _FORBIDDEN.sub("-", visible).split()
    return normalized("NFC", " ".join(words)).strip(" .-")
