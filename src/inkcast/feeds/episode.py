"""What a feed says about its episodes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from inkcast.errors import redact
from inkcast.feeds.about_show import AboutShow
from inkcast.feeds.address import is_web_address

EssaySource = Literal["content", "link"]


@dataclass(frozen=True, slots=True)
class Enclosure:
    """The audio file that a feed item points to.

    ``url`` is an http(s) URL, or an absolute path when the feed is a local file. ``length`` is in
    bytes and only a hint: feeds publish 0, -1 and seconds.
    """

    url: str
    media_type: str | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True)
class TranscriptLink:
    """A transcript that the publisher offers (``podcast:transcript``).

    ``url`` is like that of an enclosure. ``media_type`` is in lower case; feeds use text/vtt,
    application/x-subrip, application/srt, application/json, text/html and text/plain. ``rel`` is
    "captions" if the times are meant for captions.
    """

    url: str
    media_type: str | None = None
    language: str | None = None
    rel: str | None = None


@dataclass(frozen=True, slots=True)
class ChaptersLink:
    """The file with the episode's chapters (``podcast:chapters``), usually application/json+chapters."""

    url: str
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class ChapterMark:
    """A chapter that stands in the feed itself (Podlove Simple Chapters)."""

    start_ms: int
    title: str
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Soundbite:
    """A passage worth quoting (``podcast:soundbite``); without a title it has that of the episode."""

    start_ms: int
    duration_ms: int
    title: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of interest (``podcast:person``); ``role`` and ``group`` are in lower case."""

    name: str
    role: str = "host"
    group: str = "cast"
    link: str | None = None
    image: str | None = None

    @property
    def is_host(self) -> bool:
        """Whether the show is theirs."""
        return self.group == "cast" and self.role in ("host", "co-host", "cohost")


@dataclass(frozen=True, slots=True)
class Episode:
    """One feed item.

    ``published`` is in UTC. ``link`` is a URL, or an absolute path when the feed is a local file.
    ``content_html`` is ``content:encoded`` (RSS) or ``content`` (Atom), None when the item has none.
    ``persons`` are those that the item names; the show's are the feed's.
    """

    guid: str
    title: str
    published: datetime | None = None
    duration_ms: int | None = None
    enclosure: Enclosure | None = None
    link: str | None = None
    summary: str = ""
    content_html: str | None = None
    essay_source: EssaySource | None = None
    transcripts: tuple[TranscriptLink, ...] = ()
    chapters: ChaptersLink | None = None
    chapter_marks: tuple[ChapterMark, ...] = ()
    soundbites: tuple[Soundbite, ...] = ()
    persons: tuple[Person, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The shape that ``inkcast episodes --json`` prints."""
        enclosure = self.enclosure and {
            "url": self.enclosure.url,
            "type": self.enclosure.media_type,
            "length": self.enclosure.length,
        }
        return {
            "guid": self.guid,
            "title": self.title,
            "published": self.published.isoformat() if self.published else None,
            "duration_ms": self.duration_ms,
            "enclosure": enclosure,
            "link": self.link,
            "summary": self.summary,
            "content_html": self.content_html,
            "essay_source": self.essay_source,
            "transcripts": [_link_json(link) for link in self.transcripts],
            "chapters": self.chapters and _link_json(self.chapters),
            "chapter_marks": [asdict(mark) for mark in self.chapter_marks],
            "soundbites": [asdict(soundbite) for soundbite in self.soundbites],
            "persons": [asdict(person) for person in self.persons],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Episode:
        """Read what ``to_json`` wrote, also that of versions that knew less."""
        enclosure, chapters = data["enclosure"], data.get("chapters")
        return cls(
            guid=data["guid"],
            title=data["title"],
            published=datetime.fromisoformat(data["published"]) if data["published"] else None,
            duration_ms=data["duration_ms"],
            enclosure=Enclosure(enclosure["url"], enclosure["type"], enclosure["length"])
            if enclosure
            else None,
            link=data["link"],
            summary=data["summary"],
            content_html=data["content_html"],
            essay_source=data["essay_source"],
            transcripts=tuple(
                TranscriptLink(link["url"], link["type"], link["language"], link["rel"])
                for link in data.get("transcripts", ())
            ),
            chapters=ChaptersLink(chapters["url"], chapters["type"]) if chapters else None,
            chapter_marks=tuple(ChapterMark(**mark) for mark in data.get("chapter_marks", ())),
            soundbites=tuple(Soundbite(**soundbite) for soundbite in data.get("soundbites", ())),
            persons=tuple(Person(**person) for person in data.get("persons", ())),
        )


def _link_json(link: TranscriptLink | ChaptersLink) -> dict[str, Any]:
    data = asdict(link)
    return {"url": data.pop("url"), "type": data.pop("media_type"), **data}


@dataclass(frozen=True, slots=True)
class Feed:
    """A podcast: its title and its episodes, newest first as published.

    ``guid`` is ``podcast:guid``, the same wherever the feed moves. ``next_page`` is the address of the page
    with older episodes (RFC 5005), where ``episodes`` may not be all. ``description`` is one line of plain
    text, ``image`` the cover's address (a path when the feed is a local file).
    """

    title: str
    source: str
    link: str | None
    language: str | None
    episodes: tuple[Episode, ...]
    guid: str | None = None
    persons: tuple[Person, ...] = ()
    next_page: str | None = None
    author: str = ""
    description: str = ""
    image: str | None = None

    @property
    def about(self) -> AboutShow:
        """What it says about its show, without what is private."""
        is_public = is_web_address(self.source) and redact(self.source, guess=False) == self.source
        feed = self.source if is_public else ""
        hosts = dict.fromkeys(one.name for one in self.persons if one.is_host)
        return AboutShow(self.title, self.author, self.description, self.link or "", feed, tuple(hosts))
