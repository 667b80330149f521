"""Feed bytes to episodes: RSS 2.0, Atom and JSON Feed with the iTunes tags, as tolerant as feedparser.

Sources: RSS 2.0 (rssboard.org), Atom (RFC 4287), Apple's podcast RSS tags.
"""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from urllib.parse import urljoin

import feedparser
from lxml import etree
from lxml import html as lxml_html

from inkcast.errors import FeedError, redact
from inkcast.feeds.address import (
    address_digest,
    audio_suffix,
    canonical_address,
    is_web_address,
    resolve,
    web_address,
)
from inkcast.feeds.content import is_whole_essay, plain_text
from inkcast.feeds.episode import Enclosure, Episode, EssaySource, Feed
from inkcast.feeds.item_dates import DateReader
from inkcast.feeds.json_feed import is_json, read_json_feed
from inkcast.feeds.markup import clean
from inkcast.feeds.opml import is_opml
from inkcast.feeds.podcasting import PodcastTags, read_podcast_tags, without_podcast_tags
from inkcast.files import digest

_LOG = logging.getLogger(__name__)

_PLAYLIST_TYPES = frozenset(("audio/mpegurl", "audio/x-mpegurl", "audio/x-scpls"))
_SLOPPY_TYPES = ("audio", "mp3", "mpeg")
_IN_UNITS = re.compile(
    r"(?:([0-9]{1,4}) ?h(?:ours?|rs?)?\.?,? ?)?(?:([0-9]{1,5}) ?m(?:in(?:ute)?s?)?\.?,? ?)?"
    r"(?:([0-9]{1,7}) ?s(?:ec(?:ond)?s?)?\.?)?",
    re.IGNORECASE,
)
_DURATION = re.compile(r"(?:(?:([0-9]{1,4}):)?([0-9]{0,5}):)?([0-9]{1,7})(?:[.,]([0-9]{1,9}))?")
_INLINE_TAG = re.compile(r"</?(?:em|i|b|strong|sub|sup|span|code|a|u|s|small|br|p)\b[^<>]*>", re.IGNORECASE)
_FEED_LINKS = "//link[contains(concat(' ', @rel, ' '), ' alternate ')]"
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")
_ENDS = re.compile(r"</(?:\w+:)?(?:rss|feed|rdf)\s*>", re.IGNORECASE)
_END_LETTERS = 4096


def parse_feed(data: bytes, source: str) -> Feed:
    """Read a podcast feed.

    Args:
        data: RSS, Atom or JSON Feed, also slightly broken.
        source: where it came from: an http(s) URL (the last one after redirects) or a file path.
            Relative addresses are resolved against it.
    Returns:
        The feed with at least one episode, newest first, each with a guid of its own.
    Raises:
        FeedError: the bytes are no feed, the feed has no items, or it is a local file that points
            outside its own folder.
    """
    if not data.strip():
        raise FeedError(f"The feed {source} is empty.", "Check the address in a browser.")
    about, is_cut_off = PodcastTags(), False
    if is_json(data):
        version = "json"
        channel, entries = read_json_feed(data, source)
        tags = [PodcastTags()] * len(entries)
    else:
        data = clean(data, source)
        parsed = _parse(without_podcast_tags(data), source)
        version, channel, entries = str(parsed.get("version") or ""), parsed.feed, parsed.entries
        if not version and not entries:
            raise _not_a_feed(data, source)
        text = _decoded(data, parsed.get("encoding") or "utf-8")
        about, items = read_podcast_tags(text, source)
        tags = _tags_of_entries(entries, items)
        is_cut_off = not _ENDS.search(text[-_END_LETTERS:])
        if is_cut_off and entries:
            _LOG.warning("The feed %s is cut off: its oldest episodes may be missing.", redact(source))
    home, dates = web_address(channel.get("link"), source), DateReader()
    episodes = [
        _episode(entry, own, version, source, home, dates)
        for entry, own in zip(entries, tags, strict=True)
        if _has_substance(entry)
    ]
    if not episodes:
        raise _no_items(source, is_cut_off)
    return Feed(
        title=_title(channel) or source,
        source=source,
        link=home,
        language=channel.get("language") or None,
        episodes=newest_first(_with_unique_guids(episodes)),
        guid=about.guid or None,
        persons=tuple(about.persons),
        next_page=_next_page(channel, source),
        author=" ".join(str(channel.get("author") or "").split()),
        description=plain_text(str(channel.get("subtitle") or channel.get("summary") or "")),
        image=_image(channel, source),
    )


def _parse(data: bytes, source: str) -> Any:
    try:
        # Sanitising takes twelve seconds on a feed of 14 MB; whoever shows the HTML has to clean it anyway.
        return feedparser.parse(BytesIO(data), sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # on documents broken in some ways it fails in ways of its own
        raise FeedError(f"The feed {source} is damaged.", "Check the address in a browser.") from error


def require_audio(feed: Feed) -> Feed:
    """Return ``feed`` if at least one of its episodes has audio.

    Raises:
        FeedError: none has.
    """
    if not any(episode.enclosure for episode in feed.episodes):
        raise FeedError(
            f"The feed {feed.source} has no audio.",
            "It may be the blog's feed: look for the address of the podcast's own feed.",
        )
    return feed


def parse_duration(text: str) -> int | None:
    """``itunes:duration`` (seconds, MM:SS, HH:MM:SS, "1h 2m") in milliseconds; None if it says nothing.

    Zero says nothing: feeds write it where they do not know.
    """
    match = _DURATION.fullmatch(text.strip()) or _IN_UNITS.fullmatch(text.strip())
    if match is None:
        return None
    hours, minutes, seconds, fraction = (*match.groups(), None)[:4]
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return whole * 1000 + int((fraction or "0")[:3].ljust(3, "0")) or None


def _tags_of_entries(entries: Sequence[Any], items: Sequence[PodcastTags]) -> list[PodcastTags]:
    """Each entry's tags. Two readers may count the items of a broken feed differently: then by guid."""
    if len(entries) == len(items):
        return list(items)
    by_guid = {item.guid: item for item in items if item.guid}
    return [by_guid.get(" ".join(str(entry.get("id") or "").split()), PodcastTags()) for entry in entries]


def _next_page(channel: Any, source: str) -> str | None:
    """RFC 5005, 3: ``<link rel="next">``, in RSS ``<atom:link rel="next">``."""
    for link in channel.get("links", ()):
        if link.get("rel") == "next" and link.get("href"):
            return resolve(str(link["href"]), source)
    return None


def _image(channel: Any, source: str) -> str | None:
    """``itunes:image``, or RSS's own ``image``."""
    address = str((channel.get("image") or {}).get("href") or "").strip()
    try:
        return resolve(address, source) if address else None
    except FeedError:  # of a local file, outside its folder
        return None


def _episode(
    entry: Any, tags: PodcastTags, version: str, source: str, home: str | None, dates: DateReader
) -> Episode:
    title = _title(entry) or "Untitled"
    enclosure = _enclosure(entry, source)
    link = _link(entry, source)
    published = dates.published(entry)
    duration_ms = parse_duration(str(entry.get("itunes_duration") or ""))
    text = _item_text(entry, version)
    content_html = text.content_html
    whole = content_html is not None and is_whole_essay(content_html, duration_ms)
    if not whole and is_whole_essay(text.description, duration_ms):
        content_html, whole = text.description, True
    essay_source: EssaySource | None = "content" if whole else None if _is_home(link, home) else "link"
    return Episode(
        guid=_without_secrets(str(entry.get("id") or "").strip())
        or _made_up_guid(enclosure, link, _title(entry) or text.description, published),
        title=title,
        published=published,
        duration_ms=duration_ms,
        enclosure=enclosure,
        link=link,
        summary=plain_text(text.subtitle or text.description),
        content_html=content_html,
        essay_source=essay_source,
        transcripts=tuple(tags.transcripts),
        chapters=tags.chapters,
        chapter_marks=tuple(sorted(tags.chapter_marks, key=lambda mark: mark.start_ms)),
        soundbites=tuple(tags.soundbites),
        persons=tuple(tags.persons),
    )


def _has_substance(entry: Any) -> bool:
    """A feed that was cut off ends in an empty item."""
    return any(entry.get(key) for key in ("title", "id", "link", "links", "summary", "content"))


def _title(element: Any) -> str:
    """Titles are plain text, but many feeds escape them twice or put markup into them."""
    text = html.unescape(_INLINE_TAG.sub("", str(element.get("title") or "")))
    return " ".join(text.split())


@dataclass(frozen=True, slots=True)
class _ItemText:
    """The texts of an item; ``description`` and ``content_html`` as HTML."""

    subtitle: str
    description: str
    content_html: str | None


def _item_text(entry: Any, version: str) -> _ItemText:
    """Sort out what feedparser files under ``content``.

    In RSS it puts ``content:encoded`` there as text/html, and whichever of ``description`` and
    ``itunes:summary`` comes second as text/plain.
    """
    contents = [part for part in entry.get("content", ()) if str(part.get("value") or "").strip()]
    descriptions = [str(entry.get("summary") or "")]
    if not version.startswith(("atom", "json")):
        descriptions += [part["value"] for part in contents if part.get("type") == "text/plain"]
        contents = [part for part in contents if part.get("type") != "text/plain"]
    bodies = [_as_html(part) for part in contents]
    return _ItemText(
        subtitle=str(entry.get("subtitle") or ""),
        description=max(descriptions, key=len),
        content_html=max(bodies, key=len) if bodies else None,
    )


def _as_html(part: Any) -> str:
    if part.get("type") != "text/plain":
        return str(part["value"])
    paragraphs = re.split(r"\n\s*\n", part["value"].strip())
    return "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in paragraphs)


def _enclosure(entry: Any, source: str) -> Enclosure | None:
    """The first audio file. Feeds of text posts have images as enclosures: those are no audio."""
    candidates = [*entry.get("enclosures", ()), *entry.get("media_content", ())]
    for candidate in candidates:
        address = str(candidate.get("href") or candidate.get("url") or "")
        media_type = str(candidate.get("type") or "").partition(";")[0].strip().lower()
        if not _is_audio(address, media_type):
            continue
        url = resolve(address, source)
        if url:
            return Enclosure(url, media_type or None, _length(candidate))
    return None


def _is_audio(address: str, media_type: str) -> bool:
    if media_type in _SLOPPY_TYPES or (media_type.startswith("audio/") and media_type not in _PLAYLIST_TYPES):
        return True
    return audio_suffix(address) is not None


def _length(candidate: Any) -> int | None:
    text = str(candidate.get("length") or candidate.get("filesize") or "").strip()
    return int(text) or None if re.fullmatch("[0-9]{1,15}", text) else None


def _link(entry: Any, source: str) -> str | None:
    link = str(entry.get("link") or "").strip()
    # feedparser takes every guid for a permanent link unless the feed denies it; most are plain ids.
    if not link or (entry.get("guidislink") and not is_web_address(link)):
        return None
    # Some hosts link to the recording itself, which is no page.
    if audio_suffix(link):
        return None
    try:
        return resolve(link, source)
    except FeedError:  # of a feed that was saved from the web: without its page, an episode is still one
        return None


def _is_home(link: str | None, home: str | None) -> bool:
    """Whether a link leads nowhere in particular: to the show's own first page."""
    return not link or (home is not None and canonical_address(link) == canonical_address(home))


def _made_up_guid(
    enclosure: Enclosure | None, link: str | None, title: str, published: datetime | None
) -> str:
    if enclosure:
        return _without_secrets(enclosure.url)
    return _without_secrets(link or "") or _digest(title, published.isoformat() if published else "")


def _without_secrets(guid: str) -> str:
    """Guids are printed and kept; some are addresses with tokens, which change with every reading too."""
    hidden = redact(guid, guess=False)
    return guid if hidden == guid else f"{hidden}#{address_digest(guid)}"


def _digest(*parts: str) -> str:
    return digest(*parts)[:16]


def _fingerprint(episode: Episode) -> str:
    """Tells two items with one guid apart."""
    if episode.enclosure:
        return _digest(episode.enclosure.url)
    return _digest(episode.link or "", episode.title, str(episode.published))


def _with_unique_guids(episodes: list[Episode]) -> list[Episode]:
    """Drop repeated items, and rename different items that share a guid.

    The oldest keeps the plain guid, so that its name stays the same when a newer one reuses it.
    """
    twins: dict[str, dict[str, Episode]] = {}
    for episode in episodes:
        twins.setdefault(episode.guid, {}).setdefault(_fingerprint(episode), episode)
    undated = datetime.max.replace(tzinfo=UTC)
    plain = {
        id(min(reversed(group.values()), key=lambda e: e.published or undated)) for group in twins.values()
    }
    unique = []
    for episode in episodes:
        mark = _fingerprint(episode)
        if id(episode) in plain:
            unique.append(episode)
        elif twins[episode.guid][mark] is episode:
            unique.append(replace(episode, guid=f"{episode.guid}#{mark}"))
    return unique


def newest_first(episodes: Iterable[Episode]) -> tuple[Episode, ...]:
    """Sort by date, the newest first; an item without one stays behind the item that it followed."""
    newest = datetime.max.replace(tzinfo=UTC)
    keyed = []
    for episode in episodes:
        newest = episode.published or newest
        keyed.append((newest, episode))
    return tuple(episode for _, episode in sorted(keyed, key=lambda pair: pair[0], reverse=True))


def _no_items(source: str, is_cut_off: bool) -> FeedError:
    if is_cut_off:
        return FeedError(f"The feed {source} is cut off before its first item.", "Read it again later.")
    return FeedError(f"The feed {source} has no items.", "It may be new: try again later.")


def _decoded(data: bytes, encoding: str) -> str:
    """The text in the encoding that was found for it, unless that is none that can be told from bytes."""
    try:
        return data.decode(encoding, errors="replace")
    except (LookupError, UnicodeError):  # "idna" refuses to replace what it cannot read
        return data.decode("utf-8", errors="replace")


def _not_a_feed(data: bytes, source: str) -> FeedError:
    if is_opml(data):
        return FeedError(
            f"{source} is a list of feeds (OPML).",
            "inkcast sync takes such a list as a file or as a .opml address.",
        )
    if not _is_web_page(data):
        return FeedError(f"{source} is not a feed.", "Give the address of the podcast's RSS or Atom feed.")
    message = f"{source} is a web page, not a feed."
    address = advertised_feed(data, source)
    if address:
        return FeedError(message, f"It names this feed: {address}")
    return FeedError(message, "Look for the page's RSS link and give that address.")


def _is_web_page(data: bytes) -> bool:
    head = data[:4096].lower()
    return b"<html" in head or b"<!doctype html" in head


def advertised_feed(page: bytes, source: str) -> str | None:
    """The feed that a web page names as its own; None if it names none, or is no page."""
    if not _is_web_page(page):
        return None
    try:
        links: Any = lxml_html.document_fromstring(page).xpath(_FEED_LINKS)
    except (etree.ParserError, ValueError):
        return None
    for link in links:
        address = str(link.get("href") or "").strip()
        if address and str(link.get("type") or "").lower() in _FEED_TYPES:
            return urljoin(source, address) if is_web_address(source) else address
    return None
