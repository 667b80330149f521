"""Dates as feeds of all countries write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from inkcast.feeds.rss import parse_feed

URL = "https://lamp.example/feed.xml"
MORNING = datetime(2026, 5, 13, 6, tzinfo=UTC)
DAY = datetime(2026, 5, 13, tzinfo=UTC)


def published(*dates: str) -> list[datetime | None]:
    item = "<item><guid>{0}</guid><title>{0}</title><pubDate>{1}</pubDate></item>"
    items = "".join(item.format(n, date) for n, date in enumerate(dates))
    feed = parse_feed(f'<rss version="2.0"><channel>{items}</channel></rss>'.encode(), URL)
    by_guid = {episode.guid: episode.published for episode in feed.episodes}
    return [by_guid[str(n)] for n in range(len(dates))]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Wed, 13 May 2026 08:00:00 +0200", MORNING),
        ("Mi, 13 Mai 2026 08:00:00 +0200", MORNING),
        ("mer., 13 mai 2026 08:00:00 +0200", MORNING),
        ("ср, 13 мая 2026 09:00:00 +0300", MORNING),
        ("13 de mayo de 2026", DAY),
        ("May 13, 2026", DAY),
        ("Thu, 01 Jan 70 00:00:00 GMT", datetime(1970, 1, 1, tzinfo=UTC)),
        ("Wed, 13 May 26 06:00:00 GMT", MORNING),
        ("yesterday", None),
        ("2", None),
        ("", None),
        ("Part 3 of a very long story that somebody put into the wrong element of the feed by mistake", None),
    ],
)
def test_dates(text: str, moment: datetime | None) -> None:
    assert published(text) == [moment]


def test_a_feed_without_dates_is_not_asked_for_ever() -> None:
    found = published(*(f"Chapter {n} of it" for n in range(30)), "13 de mayo de 2026")
    assert found == [None] * 31
