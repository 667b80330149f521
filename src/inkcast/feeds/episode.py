"""What a feed says about its episodes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

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
class Episode:
    """One feed item.

    ``published`` is in UTC. ``link`` is a URL, or an absolute path when the feed is a local file.
    ``content_html`` is ``content:encoded`` (RSS) or ``content`` (Atom), None when the item has none.
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
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Episode:
        """Read what ``to_json`` wrote."""
        enclosure = data["enclosure"]
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
        )


@dataclass(frozen=True, slots=True)
class Feed:
    """A podcast: its title and its episodes, newest first as published."""

    title: str
    source: str
    link: str | None
    language: str | None
    episodes: tuple[Episode, ...]
