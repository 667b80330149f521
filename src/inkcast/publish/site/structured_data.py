"""Episodes and shows as schema.org knows them, for search engines and assistants.

Source: schema.org 29: PodcastEpisode, PodcastSeries, AudioObject, Article, Clip
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from inkcast.essays.links import is_web_address
from inkcast.feeds.about_show import AboutShow
from inkcast.publish.exports.chapters import Chapter
from inkcast.publish.language_tag import language_tag
from inkcast.publish.site.manifest import Entry

_CONTEXT = "https://schema.org"
_LONGEST_HEADLINE = 110


def episode_data(
    entry: Entry, chapters: Sequence[Chapter], about: AboutShow, *, base_url: str, image: str
) -> dict[str, Any]:
    """An episode, its recording with its clips, and the text that it reads.

    Args:
        entry: the episode.
        chapters: of the recording.
        about: its show.
        base_url: the site's address, with a slash at its end.
        image: address of a picture, empty if there is none.
    """
    address = f"{base_url}{quote(entry.path)}/"
    common = {
        "url": address,
        "datePublished": entry.published[:10],
        "inLanguage": language_tag(entry.language),
        "image": image,
        "description": entry.summary,
    }
    author = {"@type": "Person", "name": about.author} if about.author else {}
    audio: dict[str, Any] = {
        "@type": "AudioObject",
        "@id": f"{address}#audio",
        "name": entry.title,
        "duration": iso_duration(entry.duration_ms),
        "hasPart": [_clip(chapter, address) for chapter in chapters if len(chapters) > 1],
    }
    if entry.audio:
        href = entry.audio.href
        audio["contentUrl"] = href if is_web_address(href) else address + quote(href)
        audio["encodingFormat"] = entry.audio.media_type
    episode = {
        "@type": "PodcastEpisode",
        "@id": f"{address}#episode",
        "name": entry.title,
        "duration": iso_duration(entry.duration_ms),
        "associatedMedia": audio,
        "partOfSeries": _series(about.title or entry.show, about, base_url),
        "author": author,
        **common,
    }
    graph = [episode]
    if not entry.transcribed:
        graph.append(
            {
                "@type": "Article",
                "@id": f"{address}#article",
                "headline": entry.title[:_LONGEST_HEADLINE],
                "mainEntityOfPage": address,
                "audio": {"@id": f"{address}#audio"},
                "author": author,
                **common,
            }
        )
    return {"@context": _CONTEXT, "@graph": [_without_nothing(each) for each in graph]}


def series_data(title: str, about: AboutShow, base_url: str, image: str) -> dict[str, Any]:
    """A show with its own page."""
    data = {"@context": _CONTEXT, **_series(title, about, base_url), "image": image}
    return _without_nothing({**data, "description": about.description})


def iso_duration(ms: int) -> str:
    """ISO 8601: ``PT1H2M3S``."""
    seconds = max(0, ms) // 1000
    parts = ((seconds // 3600, "H"), (seconds // 60 % 60, "M"), (seconds % 60, "S"))
    return "PT" + ("".join(f"{number}{unit}" for number, unit in parts if number) or "0S")


def _series(title: str, about: AboutShow, base_url: str) -> dict[str, Any]:
    author = {"@type": "Person", "name": about.author} if about.author else {}
    return _without_nothing(
        {
            "@type": "PodcastSeries",
            "name": title,
            "url": base_url,
            "webFeed": about.feed or f"{base_url}feed.xml",
            "author": author,
            "sameAs": about.link,
        }
    )


def _clip(chapter: Chapter, address: str) -> dict[str, Any]:
    start = chapter.start_ms // 1000
    return {
        "@type": "Clip",
        "name": chapter.title,
        "startOffset": start,
        "endOffset": max(start + 1, chapter.end_ms // 1000),
        "url": f"{address}#t={start}",
    }


def _without_nothing(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value not in ("", [], {})}
