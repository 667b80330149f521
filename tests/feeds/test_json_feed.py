"""JSON Feed: the same episodes as from RSS, whatever kinds of values stand in it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkcast.errors import FeedError
from inkcast.feeds.episode import Enclosure
from inkcast.feeds.rss import parse_feed

URL = "https://lamp.example/feed.json"
VERSION = "https://jsonfeed.org/version/1.1"
ITEM = {
    "id": "lamp-3",
    "url": "/p/daily-log",
    "title": "On keeping a <em>daily</em> log",
    "summary": "Why a page a day is enough.",
    "content_html": "<p>Why.</p>",
    "date_published": "2024-03-05T07:30:00+01:00",
    "attachments": [
        {"url": "cover.png", "mime_type": "image/png"},
        {"url": "log.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 1234, "duration_in_seconds": 3723},
    ],
}


def feed(*items: object, **about: object) -> bytes:
    return json.dumps({"version": VERSION, "title": "The Lamp", "items": items, **about}).encode()


def test_an_episode() -> None:
    found = parse_feed(
        b"\xef\xbb\xbf " + feed(ITEM, home_page_url="https://lamp.example/", language="en"), URL
    )
    assert (found.title, found.link, found.language) == ("The Lamp", "https://lamp.example/", "en")
    (episode,) = found.episodes
    assert (episode.guid, episode.title, episode.link) == (
        "lamp-3",
        "On keeping a daily log",
        "https://lamp.example/p/daily-log",
    )
    assert episode.published == datetime(2024, 3, 5, 6, 30, tzinfo=UTC)
    assert episode.enclosure == Enclosure("https://lamp.example/log.mp3", "audio/mpeg", 1234)
    assert (episode.duration_ms, episode.summary) == (3_723_000, "Why a page a day is enough.")
    assert episode.content_html == "<p>Why.</p>"


def test_pages_and_plain_text() -> None:
    item = {"id": 7, "content_text": "One & two.\n\nThree."}
    found = parse_feed(feed(item, next_url="feed.json?page=2"), URL)
    assert found.next_page == "https://lamp.example/feed.json?page=2"
    assert found.episodes[0].guid == "7"
    assert found.episodes[0].content_html == "<p>One &amp; two.</p><p>Three.</p>"


ABOUT = ["title", "items", "next_url", "language"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*ITEM]), inner, max_size=4),
    max_leaves=8,
)


@settings(deadline=None, max_examples=100)
@given(st.dictionaries(st.sampled_from([*ITEM]), VALUES), st.dictionaries(st.sampled_from(ABOUT), VALUES))
def test_values_of_any_kind(item: dict[str, object], about: dict[str, object]) -> None:
    try:
        found = parse_feed(feed(item, ITEM) if "items" not in about else feed(**about), URL)
    except FeedError as error:
        assert error.hint
    else:
        assert all(episode.guid for episode in found.episodes)


@pytest.mark.parametrize("data", [b"{", b'{"a": ' * 100_000, b"{}", b'{"version": 3}'])
def test_what_is_none(data: bytes) -> None:
    with pytest.raises(FeedError, match="JSON"):
        parse_feed(data, URL)
