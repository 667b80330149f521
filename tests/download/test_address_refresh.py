from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from inkcast.download.address_refresh import FRESH_S, AddressRefresh
from inkcast.download.client import open_client
from inkcast.download.fetch_feed import fetch_feed
from tests.support.servers import Handler, Site, serve


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with open_client(allow_private=True) as client:
        yield client


@pytest.fixture
def site() -> Iterator[Site]:
    """A feed that signs its addresses with the number of the reading; the third reading fails."""

    def feed(handler: Handler) -> None:
        count = len(site.requests)
        if count == 3:
            handler.reply(404)
            return
        items = "".join(
            f"<item><guid>{name}</guid><title>{name}</title>"
            f'<enclosure url="/{name}.mp3?sig={count}" type="audio/mpeg"/></item>'
            for name in "ab"
        )
        handler.reply(200, f'<rss version="2.0"><channel>{items}</channel></rss>'.encode())

    with serve({"/feed": feed}) as site:
        yield site


def test_gives_the_address_of_now_and_reads_once_a_minute(client: httpx.Client, site: Site) -> None:
    now = [1000.0]
    first, second = fetch_feed(client, site.url + "/feed").feed.episodes
    refresh = AddressRefresh(client, site.url + "/feed", clock=lambda: now[0])
    assert refresh.address_of(first) == f"{site.url}/a.mp3?sig=2"
    assert refresh.address_of(second) == f"{site.url}/b.mp3?sig=2"
    assert refresh.address_of(replace(first, guid="gone", title="gone")) is None
    assert len(site.requests) == 2
    now[0] += FRESH_S
    assert refresh.address_of(first) == f"{site.url}/a.mp3?sig=2", "the feed is gone: what it said last"
    now[0] += FRESH_S
    assert refresh.address_of(first) == f"{site.url}/a.mp3?sig=4"


def test_a_feed_that_is_gone_has_no_address(client: httpx.Client, site: Site) -> None:
    episode = fetch_feed(client, site.url + "/feed").feed.episodes[0]
    assert AddressRefresh(client, site.url + "/none").address_of(episode) is None
