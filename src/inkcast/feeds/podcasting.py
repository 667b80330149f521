"""Podcasting 2.0: transcripts, chapters, soundbites, persons, the show's guid; and Podlove's chapters.

feedparser keeps only the last of several transcripts (its issue #301). libxml2's recovery mode mends a
bare ``&`` in an address by leaving out what follows it, and after one bad attribute it loses the rest of
the feed. So the tags are found one by one, which takes a broken feed as well as a good one.

Sources: https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md,
https://podlove.org/simple-chapters/
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from inkcast.feeds.address import resolve, web_address
from inkcast.feeds.episode import ChapterMark, ChaptersLink, Person, Soundbite, TranscriptLink
from inkcast.feeds.markup import sections
from inkcast.timecode import parse_time

_NAMESPACE = re.compile(
    r"https?://(?:www\.)?(?:podcastindex\.org/namespace/1\.0"
    r"|github\.com/podcastindex-org/podcast-namespace/.*)",
    re.IGNORECASE,
)
_PODLOVE = re.compile(r"https?://podlove\.org/simple-chapters/?", re.IGNORECASE)
_ANY_MENTION = re.compile(r"podcastindex|<podcast:|podlove\.org|<psc:", re.IGNORECASE)
_OUR_TAG = re.compile(rb"</?(?:podcast|psc):[^<>]*>", re.IGNORECASE)
_DECLARATION = re.compile(r"\sxmlns:([\w.-]+)\s*=\s*[\"']\s*([^\"'<>\s]*)")
_TAG = re.compile(
    r"<(?:([\w.-]+):)?(item|entry|liveItem|guid|id|transcript|chapters|chapter|soundbite|person)"
    r"(?=[\s/>])((?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+)>([^<]*)"
)
# A name begins where none goes on: else a megabyte without "=" would take quadratic time.
_ATTRIBUTE = re.compile(r"(?<![\w:.-])([\w:.-]++)\s*+=\s*+(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_LONGEST_NAME = 1000


@dataclass(slots=True)
class PodcastTags:
    """What an item, or the channel, says in the namespace.

    ``guid`` is the item's own ``guid`` or ``id``, empty if it has none; the channel's is ``podcast:guid``.
    """

    guid: str = ""
    transcripts: list[TranscriptLink] = field(default_factory=list)
    chapters: ChaptersLink | None = None
    chapter_marks: list[ChapterMark] = field(default_factory=list)
    soundbites: list[Soundbite] = field(default_factory=list)
    persons: list[Person] = field(default_factory=list)


def without_podcast_tags(data: bytes) -> bytes:
    """Leave to feedparser what it reads well.

    A Podlove chapter without a start makes it fail on the whole feed, and each tag costs it time.
    """
    return _OUR_TAG.sub(b"", data.replace(b"podlove.org/simple-chapters", b"podlove.org"))


def read_podcast_tags(text: str, source: str) -> tuple[PodcastTags, list[PodcastTags]]:
    """Find the tags of the channel, and those of each item in the order of the feed.

    Args:
        text: the feed, decoded.
        source: where it came from; addresses are resolved against it.
    Returns:
        No items at all if the feed does not use the namespace.
    Raises:
        FeedError: the feed is a local file and points outside its own folder.
    """
    channel = PodcastTags()
    items: list[PodcastTags] = []
    if not _ANY_MENTION.search(text):
        return channel, items
    text = "".join(_as_text(part) for part in sections(text.encode("utf-8", errors="replace")))
    declared = _DECLARATION.findall(text)
    prefixes = {name for name, uri in declared if _NAMESPACE.fullmatch(uri)} | {"podcast"}
    podlove = {name for name, uri in declared if _PODLOVE.fullmatch(uri)} | {"psc"}
    current = channel
    for match in _TAG.finditer(text):
        prefix, name, attributes, content = match.groups()
        if prefix in prefixes:
            if name == "liveItem":
                current = PodcastTags()  # no episode yet
            elif name == "guid":
                channel.guid = channel.guid or _unescape(content)
            else:
                _add(current, name, _Attributes.of(attributes), _unescape(content), source)
        elif prefix in podlove:
            if name == "chapter":
                _add_chapter_mark(current, _Attributes.of(attributes), source)
        elif name in ("item", "entry"):
            current = PodcastTags()
            items.append(current)
        elif name in ("guid", "id") and current is not channel and not current.guid:
            current.guid = _unescape(content)
    return channel, items


@dataclass(frozen=True, slots=True)
class _Attributes:
    values: dict[str, str]

    @classmethod
    def of(cls, text: str) -> _Attributes:
        found: Iterator[re.Match[str]] = _ATTRIBUTE.finditer(text)
        return cls({m[1]: _unescape(m[2] or m[3] or m[4] or "") for m in found})

    def text(self, name: str) -> str | None:
        return self.values.get(name) or None

    def lower(self, name: str) -> str | None:
        return (self.values.get(name) or "").lower() or None

    def ms(self, name: str) -> int | None:
        match = _SECONDS.fullmatch(self.values.get(name, ""))
        return round(float(match[0]) * 1000) if match else None


def _add(tags: PodcastTags, name: str, attributes: _Attributes, content: str, source: str) -> None:
    """Take down one tag; one without what it is about says nothing."""
    if name in ("transcript", "chapters"):
        url = resolve(attributes.text("url") or "", source)
        media_type = (attributes.lower("type") or "").partition(";")[0].strip() or None
        if url and name == "chapters":
            tags.chapters = tags.chapters or ChaptersLink(url, media_type)
        elif url:
            link = TranscriptLink(url, media_type, attributes.text("language"), attributes.lower("rel"))
            tags.transcripts.append(link)
    elif name == "soundbite":
        start_ms, duration_ms = attributes.ms("startTime"), attributes.ms("duration")
        if start_ms is not None and duration_ms:
            tags.soundbites.append(Soundbite(start_ms, duration_ms, content))
    elif name == "person" and content:
        tags.persons.append(
            Person(
                name=content,
                role=attributes.lower("role") or "host",
                group=attributes.lower("group") or "cast",
                link=web_address(attributes.text("href"), source),
                image=web_address(attributes.text("img"), source),
            )
        )


def _add_chapter_mark(tags: PodcastTags, attributes: _Attributes, source: str) -> None:
    with suppress(ValueError):
        start_ms = parse_time(attributes.text("start") or "")
        link = web_address(attributes.text("href"), source)
        tags.chapter_marks.append(ChapterMark(start_ms, attributes.text("title") or "", link))


def _as_text(section: bytes) -> str:
    """CDATA as ordinary text if it may be a name; tags inside it are none of the feed's."""
    text = section.decode("utf-8")
    if not section.startswith(b"<![CDATA["):
        return text
    return html.escape(text[9:-3], quote=False) if len(text) < _LONGEST_NAME else ""


def _unescape(text: str) -> str:
    """Only whole references: ``html.unescape`` would make ``?a=1&copy=2`` a copyright sign."""
    return " ".join(_REFERENCE.sub(lambda match: html.unescape(match[0]), text).split())
