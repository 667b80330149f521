"""Feeds from their addresses: all of their pages, only if they have changed, and where they have moved to."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from inkcast.download.backoff import with_retries
from inkcast.download.client import MAX_PAGE_BYTES, check_status, fetch_bytes, opened
from inkcast.download.pace import LONGEST_S, paced
from inkcast.errors import DownloadError, FeedError, redact
from inkcast.feeds.address import is_web_address
from inkcast.feeds.episode import Feed
from inkcast.feeds.opml import is_opml, read_opml
from inkcast.feeds.rss import advertised_feed, newest_first, parse_feed
from inkcast.feeds.validators import Validators

_LOG = logging.getLogger(__name__)

MAX_PAGES = 500
MAX_TOTAL_BYTES = 4 * MAX_PAGE_BYTES
MAX_PAGES_S = 900.0
_PERMANENT = (301, 308)
# Servers that give a date and no ETag often never change it (antennapod issues 681 and 697).
_TRUSTED_AGE = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class FetchedFeed:
    """A feed and how it was fetched.

    Attributes:
        feed: with the episodes of all pages, newest first.
        address: where to ask the next time: what was asked, or where that has moved for good.
        validators: give them to ``fetch_changed_feed`` the next time. None where asking would not help: a
            local file, several pages (the first page may stay the same while others change).
    """

    feed: Feed
    address: str
    validators: Validators | None = None


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A feed that is as it was; ``address`` is where to ask the next time."""

    address: str


def fetch_feed(
    client: httpx.Client, source: str, *, sleep: Callable[[float], None] = time.sleep
) -> FetchedFeed:
    """Read a feed with all of its pages.

    A later page that cannot be read is logged as a warning, and the feed has the episodes before it.

    Args:
        client: from ``open_client``.
        source: an http(s) URL, or the path of a local file.
        sleep: waits so many seconds before another attempt.
    Raises:
        DownloadError: there is nothing to read there.
        FeedError: what is there is no feed.
    """
    if not is_web_address(source):
        local = fetch_bytes(client, source)
        return FetchedFeed(_with_all_pages(client, parse_feed(local.data, local.url), sleep), source)
    return _read(client, with_retries(lambda: _get(client, source, None), sleep), sleep)


def fetch_changed_feed(
    client: httpx.Client, source: str, known: Validators, *, sleep: Callable[[float], None] = time.sleep
) -> FetchedFeed | Unchanged:
    """Read a feed as ``fetch_feed`` does, unless its server says, or its bytes show, that it is as it was.

    Args:
        client: from ``open_client``.
        source: an http(s) URL.
        known: the validators that an earlier fetch of ``source`` gave.
        sleep: waits so many seconds before another attempt.
    Raises:
        DownloadError, FeedError: as ``fetch_feed``.
    """
    answer = with_retries(lambda: _get(client, source, known), sleep)
    if answer.data is None or answer.validators.sha256 == known.sha256:
        return Unchanged(answer.address)
    return _read(client, answer, sleep)


def _read(client: httpx.Client, answer: _Answer, sleep: Callable[[float], None]) -> FetchedFeed:
    try:
        first = parse_feed(answer.data or b"", answer.url)
    except FeedError:
        address = advertised_feed(answer.data or b"", answer.url)
        if address is None:
            raise
        _LOG.warning("%s is a web page: reading its feed, %s.", redact(answer.url), redact(address))
        answer = with_retries(lambda: _get(client, address, None), sleep)
        first = parse_feed(answer.data or b"", answer.url)
    validators = None if first.next_page else answer.validators
    return FetchedFeed(_with_all_pages(client, first, sleep), answer.address, validators)


def expand_opml(client: httpx.Client, sources: Iterable[str]) -> tuple[str, ...]:
    """Put the feeds of each list of subscriptions in its place.

    A list is a local file that begins like one, or an address that ends in ``.opml``.

    Raises:
        DownloadError: there is no such address.
        FeedError: it is no list, or a list without feeds.
    """
    expanded: list[str] = []
    for source in sources:
        if _may_be_opml(source):
            fetched = fetch_bytes(client, source)
            expanded += [feed.url for feed in read_opml(fetched.data, fetched.url)]
        else:
            expanded.append(source)
    return tuple(dict.fromkeys(expanded))


def _may_be_opml(source: str) -> bool:
    if is_web_address(source):
        return urlsplit(source).path.lower().endswith(".opml")
    try:
        with Path(source).open("rb") as stream:
            return is_opml(stream.read(65536))
    except (OSError, ValueError):  # reading the feed will say so
        return False


@dataclass(frozen=True, slots=True)
class _Answer:
    """``data`` is None if the feed has not changed; ``url`` is where it came from after all redirects."""

    data: bytes | None
    url: str
    address: str
    validators: Validators


def _get(client: httpx.Client, source: str, known: Validators | None) -> _Answer:
    with opened(client, source, _conditions(known)) as response:
        address = _moved_to(response, source)
        if address != source:
            _LOG.info("%s has moved permanently to %s", redact(source), redact(address))
        if known and response.status_code == httpx.codes.NOT_MODIFIED:
            return _Answer(None, str(response.url), address, known)
        check_status(response, source)
        data = bytearray()
        for chunk in paced(response.iter_bytes(), source, LONGEST_S):
            data += chunk
            if len(data) > MAX_PAGE_BYTES:
                raise DownloadError(
                    f"{source} is larger than {MAX_PAGE_BYTES} bytes.", "That is too large for a feed."
                )
    headers = response.headers
    validators = Validators(
        hashlib.sha256(data).hexdigest(), headers.get("etag", ""), headers.get("last-modified", "")
    )
    return _Answer(bytes(data), str(response.url), address, validators)


def _conditions(known: Validators | None) -> dict[str, str]:
    if known and known.etag:
        return {"If-None-Match": known.etag}
    if known and _is_recent(known.last_modified):
        return {"If-Modified-Since": known.last_modified}
    return {}


def _is_recent(date: str) -> bool:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return False
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return datetime.now(UTC) - moment < _TRUSTED_AGE


def _moved_to(response: httpx.Response, source: str) -> str:
    """Where the permanent redirects lead; what follows a temporary one may differ the next time."""
    address = source
    for redirect, following in pairwise([*response.history, response]):
        if redirect.status_code not in _PERMANENT:
            break
        address = str(following.url)
    return address


def _with_all_pages(
    client: httpx.Client,
    first: Feed,
    sleep: Callable[[float], None],
    clock: Callable[[], float] = time.monotonic,
) -> Feed:
    """Add the episodes of the pages that follow (RFC 5005), until one adds none or leads back."""
    episodes = {episode.guid: episode for episode in first.episodes}
    started = clock()
    visited, size, address = {first.source}, 0, first.next_page
    while address and address not in visited:
        if len(visited) >= MAX_PAGES or size > MAX_TOTAL_BYTES or clock() - started > MAX_PAGES_S:
            _LOG.warning("%s has more pages than are read; the oldest are missing.", redact(first.source))
            break
        visited.add(address)
        try:
            fetched = fetch_bytes(client, address, sleep=sleep)
            page = parse_feed(fetched.data, fetched.url)
        except (DownloadError, FeedError) as error:
            _LOG.warning("Older episodes are missing, a page of the feed cannot be read: %s", error)
            break
        size += len(fetched.data)
        new = {episode.guid: episode for episode in page.episodes if episode.guid not in episodes}
        episodes |= new
        address = page.next_page if new else None
    return replace(first, episodes=newest_first(episodes.values()), next_page=None)
