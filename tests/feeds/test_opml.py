from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkcast.errors import FeedError
from inkcast.feeds.opml import OpmlFeed, is_opml, read_opml

LIST = Path(__file__).parents[1] / "data" / "feeds" / "subscriptions.opml"


def test_reads_nested_subscriptions_once_each():
    assert read_opml(LIST.read_bytes(), str(LIST)) == (
        OpmlFeed("Tide tables", "https://tides.example/feed?a=1&b=2"),
        OpmlFeed("Letters from the Weir", "https://weir.example/feed"),
        OpmlFeed("Beside", str(LIST.parent / "show" / "feed.xml")),
        OpmlFeed("https://untitled.example/rss", "https://untitled.example/rss"),
    )


def test_a_list_on_the_web_names_only_what_is_on_the_web():
    urls = [feed.url for feed in read_opml(LIST.read_bytes(), "https://lists.example/a/subs.opml")]
    assert urls[2] == "https://lists.example/a/show/feed.xml"


@pytest.mark.parametrize("outside", ["../feed.xml", "/etc/passwd", "file:///etc/passwd"])
def test_a_local_list_reaches_only_its_own_folder(tmp_path, outside):
    data = f'<opml><body><outline xmlUrl="{outside}"/></body></opml>'.encode()
    with pytest.raises(FeedError, match="outside its own folder"):
        read_opml(data, str(tmp_path / "subs.opml"))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (LIST.read_bytes(), True),
        (b'\xef\xbb\xbf<OPML version="1.0">', True),
        (b'<?xml version="1.0"?>\n<!DOCTYPE opml>\n<opml>', True),
        (b"<opmlx>", False),
        (b'<rss version="2.0"><channel><title>&lt;opml&gt;</title></channel></rss>', False),
        (b"<!-- <opml> --><rss/>", False),
        (b"", False),
    ],
)
def test_is_opml(data, expected):
    assert is_opml(data) == expected


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is not a list of feeds"),
        (b"hello", "is not a list of feeds"),
        (b"<rss><channel/></rss>", "is not a list of feeds"),
        (b"<opml><body><outline text='x'/></body></opml>", "names no feeds"),
        (b"<opml><body><outline xmlUrl='mailto:a@b.example'/></body></opml>", "names no feeds"),
    ],
)
def test_says_what_is_wrong(data, message):
    with pytest.raises(FeedError, match=message) as caught:
        read_opml(data, "subs.opml")
    assert caught.value.hint and "subs.opml" in caught.value.message


def test_entities_do_not_reach_files_or_grow(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("https://s3cret.example/")
    bomb = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    data = (
        f'<!DOCTYPE opml [<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY l0 "lol">{bomb}]>'
        '<opml><body><outline text="&l11;" xmlUrl="https://a.example/&x;"/></body></opml>'
    ).encode()
    (feed,) = read_opml(data, "https://a.example/subs.opml")
    assert "s3cret" not in feed.url and "lollol" not in feed.title


@settings(deadline=None)
@given(st.binary(max_size=100), st.booleans())
def test_any_bytes_give_feeds_or_a_clear_error(data, start):
    try:
        assert read_opml(b"<opml><outline xmlUrl='x'" * start + data, "https://a.example/s.opml")
    except FeedError as error:
        assert error.hint
