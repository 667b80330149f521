"""RSS feeds with transcripts and chapters, and the sitemap: what other programs read of a site.

Sources: RSS 2.0 (rssboard.org), the podcast namespace's ``podcast:transcript``, ``podcast:chapters`` and
``podcast:guid``, sitemaps.org 0.9.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import quote

from lxml import etree

from inkcast.feeds.about_show import UNKNOWN_SHOW, AboutShow
from inkcast.feeds.address import is_web_address
from inkcast.feeds.episode import ChaptersLink, TranscriptLink
from inkcast.publish.feed_copy import (
    AI_PURPOSE,
    AI_TEXT,
    CHAPTERS_TYPE,
    NAMESPACE,
    EpisodeLinks,
    add_links,
)
from inkcast.publish.language_tag import language_tag
from inkcast.publish.site.manifest import Entry
from inkcast.publish.site.media_types import media_type
from inkcast.publish.words import clean_text

MAX_SITEMAP = 50_000
"""Addresses that a sitemap may have."""

_TRANSCRIPTS = (".vtt", ".srt", ".json", ".txt")
"""Of the types that the podcast namespace knows."""

_ATOM = "http://www.w3.org/2005/Atom"
_ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_PODCAST_GUIDS = uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")  # of the podcast namespace


def rss_feed(
    title: str,
    entries: Sequence[Entry],
    *,
    base_url: str,
    path: str,
    page: str,
    about: AboutShow = UNKNOWN_SHOW,
    cover: str = "",
) -> bytes:
    """A podcast feed of the episodes, with links to their pages and transcripts.

    Args:
        title: of the feed.
        entries: newest first.
        base_url: the site's address, with a slash at its end.
        path: of the feed within the site.
        page: path of the list that it belongs to.
        about: the show, of a feed of one.
        cover: path of its cover within the site, if it has one.
    """
    rss = etree.Element("rss", version="2.0", nsmap={"atom": _ATOM, "itunes": _ITUNES, "podcast": NAMESPACE})
    channel = etree.SubElement(rss, "channel")
    address = base_url + quote(path)
    _add(channel, "title", title)
    _add(channel, "link", base_url + quote(page).removesuffix("index.html"))
    _add(channel, "description", about.description or f"{clean_text(title)}: recordings with their texts.")
    if about.author:
        _add(channel, f"{{{_ITUNES}}}author", about.author)
    if cover:
        etree.SubElement(channel, f"{{{_ITUNES}}}image", href=base_url + quote(cover))
    _add(channel, "generator", "Inkcast")
    etree.SubElement(
        channel, f"{{{_ATOM}}}link", href=address, rel="self", type="application/rss+xml"
    )  # recommended by the RSS Advisory Board's best practices
    bare = address.split("://", 1)[1].rstrip("/")
    _add(channel, f"{{{NAMESPACE}}}guid", str(uuid.uuid5(_PODCAST_GUIDS, bare)))
    for entry in entries:
        _add_item(channel, entry, base_url)
    return etree.tostring(rss, xml_declaration=True, encoding="utf-8", pretty_print=True)


@dataclass(frozen=True, slots=True)
class PublisherFeed:
    """A publisher's own feed, to copy into a site.

    Attributes:
        path: of the copy within the site.
        data: the feed.
        episodes: the path of an episode within the site, by its audio's address or its guid.
    """

    path: str
    data: bytes
    episodes: Mapping[str, str]


def copied_feed(feed: PublisherFeed, entries: Mapping[str, Entry], base_url: str) -> bytes:
    """The publisher's feed with the site's transcripts and chapters; every other byte stays as it is.

    Args:
        feed: as published.
        entries: the site's episodes by their path; those that are missing get no links.
        base_url: the site's address, with a slash at its end.
    Raises:
        PublishError: the items cannot be found in the feed's text.
    """
    links = {
        name: _links_of(entries[path], base_url) for name, path in feed.episodes.items() if path in entries
    }
    return add_links(feed.data, links)


def sitemap(paths: Sequence[str], base_url: str) -> bytes:
    """The addresses of pages; the first 50,000, which is as many as a sitemap may have."""
    urlset = etree.Element(f"{{{_SITEMAP}}}urlset", nsmap={None: _SITEMAP})  # type: ignore[dict-item]
    for path in paths[:MAX_SITEMAP]:
        url = etree.SubElement(urlset, f"{{{_SITEMAP}}}url")
        _add(url, f"{{{_SITEMAP}}}loc", base_url + quote(path).removesuffix("index.html"))
    return etree.tostring(urlset, xml_declaration=True, encoding="utf-8", pretty_print=True)


def _add_item(channel: etree._Element, entry: Entry, base_url: str) -> None:
    item = etree.SubElement(channel, "item")
    folder = f"{base_url}{quote(entry.path)}/"
    _add(item, "title", entry.title or "Untitled")
    _add(item, "link", folder)
    # Apps take an episode with another guid for another episode: it stays what it was before addresses moved.
    guid = etree.SubElement(item, "guid", isPermaLink="false")
    guid.text = f"{base_url}{quote(entry.source)}/index.html"
    if entry.published:
        moment = datetime.fromisoformat(entry.published).astimezone(UTC)
        _add(item, "pubDate", format_datetime(moment))
    if entry.summary:
        _add(item, "description", entry.summary)
    if entry.audio:
        href = entry.audio.href
        url = href if is_web_address(href) else folder + quote(href)
        etree.SubElement(
            item, "enclosure", url=url, length=str(entry.audio.size), type=entry.audio.media_type
        )
    _add(item, f"{{{_ITUNES}}}duration", str(max(0, entry.duration_ms) // 1000))
    links = _links_of(entry, base_url)
    for transcript in links.transcripts:
        link = etree.SubElement(item, f"{{{NAMESPACE}}}transcript", url=transcript.url)
        link.set("type", transcript.media_type or "text/plain")
        if transcript.language:
            link.set("language", transcript.language)
        if transcript.rel:
            link.set("rel", transcript.rel)
    if links.chapters:
        etree.SubElement(item, f"{{{NAMESPACE}}}chapters", url=links.chapters.url, type=CHAPTERS_TYPE)
    if links.by_machine:
        text = etree.SubElement(item, f"{{{NAMESPACE}}}txt", purpose=AI_PURPOSE)
        text.text = AI_TEXT


def _links_of(entry: Entry, base_url: str) -> EpisodeLinks:
    folder = f"{base_url}{quote(entry.path)}/"
    transcripts = (
        TranscriptLink(
            folder + quote(name),
            media_type(name).partition(";")[0],
            language_tag(entry.language) or None,
            "captions" if name.endswith((".vtt", ".srt")) else None,
        )
        for name in entry.subtitles
        if name.endswith(_TRANSCRIPTS)
    )
    chapters = ChaptersLink(folder + quote(entry.chapters), CHAPTERS_TYPE) if entry.chapters else None
    return EpisodeLinks(tuple(transcripts), chapters, entry.transcribed)


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = clean_text(text)
