"""Where an episode's audio is now: signed addresses expire while a backlog is worked through."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

import httpx

from inkcast.download.fetch_feed import fetch_feed
from inkcast.errors import DownloadError, FeedError
from inkcast.feeds.episode import Episode, Feed
from inkcast.feeds.identity import match_known, traits_of

_LOG = logging.getLogger(__name__)

FRESH_S = 60.0


class AddressRefresh:
    """Reads a feed again when asked, but not more than once a minute. Safe to use from several threads.

    Args:
        client: from ``open_client``.
        source: the feed's address or file.
        clock: tells seconds.
    """

    def __init__(
        self, client: httpx.Client, source: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._source = source
        self._clock = clock
        self._lock = threading.Lock()
        self._feed: Feed | None = None
        self._read_at = 0.0

    def address_of(self, episode: Episode) -> str | None:
        """Where the feed now says that the episode's audio is; None if it does not say."""
        with self._lock:
            feed = self._read()
        now = {other.guid: other for other in feed.episodes} if feed else {}
        matches = match_known([traits_of(episode)], [traits_of(other) for other in now.values()])
        enclosures = [now[guid].enclosure for guid in matches]
        return enclosures[0].url if enclosures and enclosures[0] else None

    def _read(self) -> Feed | None:
        if self._feed and self._clock() - self._read_at < FRESH_S:
            return self._feed
        try:
            self._feed = fetch_feed(self._client, self._source).feed
        except (DownloadError, FeedError) as error:
            _LOG.info("The feed cannot be read again: %s", error)
        self._read_at = self._clock()
        return self._feed
