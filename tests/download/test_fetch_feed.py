"""Fetching feeds from a real server: pages, conditions, moves, lists."""

import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from inkcast.download.client import open_client
from inkcast.download.fetch_feed import Unchanged, expand_opml, fetch_changed_feed, fetch_feed
from inkcast.download.transport.private_network import PublicTransport
from inkcast.errors import DownloadError, FeedError
from tests.support.servers import serve


def page(*names, next_page=""):
    link = f'<atom:link rel="next" href="{next_page}"/>' if next_page else ""
    items = "".join(
        f"<item><guid>{n}</guid><title>{n}</title><pubDate>{n:02} May 2026 08:00:00 GMT</pubDate>"
        f'<enclosure url="{n}.mp3" type="audio/mpeg"/></item>'
        for n in names
    )
    return (
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>T</title>'
        f"{link}{items}</channel></rss>"
    ).encode()


@pytest.fixture
def client():
    with open_client(allow_private=True) as client:
        yield client


def guids(fetched):
    return [episode.guid for episode in fetched.feed.episodes]


def answer(body, **headers):
    return lambda handler: handler.reply(200, body, media_type="application/rss+xml", headers=headers)


def never(seconds):
    """Waits between attempts take no time here."""


# --- pages ---


def test_all_pages_are_one_feed(client):
    routes = {
        "/feed": answer(page(9, 8, next_page="/feed/2")),
        "/feed/2": answer(page(6, 7, 8, next_page="3?a=1&amp;b=2")),  # relative to itself
        "/feed/3": answer(page(5)),
    }
    with serve(routes) as site:
        fetched = fetch_feed(client, f"{site.url}/feed")
        assert guids(fetched) == ["9", "8", "7", "6", "5"]
        assert [request.path for request in site.requests] == ["/feed", "/feed/2", "/feed/3?a=1&b=2"]
        assert fetched.feed.episodes[-1].enclosure.url == f"{site.url}/feed/5.mp3"
    assert fetched.feed.next_page is None


def test_pages_of_an_atom_feed(client):
    def atom(number, more=""):
        return answer(
            f'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>{more}<entry><id>{number}</id>'
            f"<title>t</title><updated>2026-05-0{number}T00:00:00Z</updated></entry></feed>".encode()
        )

    with serve({"/a": atom(2, '<link rel="next" href="b"/>'), "/b": atom(1)}) as site:
        assert guids(fetch_feed(client, f"{site.url}/a")) == ["2", "1"]


def test_pages_of_local_files(client, tmp_path):
    (tmp_path / "a.xml").write_bytes(page(2, next_page="b.xml"))
    (tmp_path / "b.xml").write_bytes(page(1))
    assert guids(fetch_feed(client, str(tmp_path / "a.xml"))) == ["2", "1"]


@pytest.mark.parametrize("back_to", ["/feed", "/2", "/2?again"])
def test_a_circle_of_pages_ends(client, back_to):
    routes = {
        "/feed": answer(page(3, next_page="/2")),
        "/2": answer(page(2, next_page="/3")),
        "/3": answer(page(1, next_page=back_to)),
    }
    with serve(routes) as site:
        assert guids(fetch_feed(client, f"{site.url}/feed")) == ["3", "2", "1"]
        assert len(site.requests) <= 4


def numbered(handler):
    """A server that always has another page."""
    number = int(parse_qs(urlsplit(handler.path).query).get("n", ["1"])[0])
    same = urlsplit(handler.path).path == "/same"
    items = page(1, next_page=f"?n={number + 1}")
    handler.reply(200, items if same else items.replace(b">1<", f">g{number}<".encode()))


def test_a_chain_of_pages_that_adds_nothing_ends(client):
    with serve({"/same": numbered}) as site:
        assert guids(fetch_feed(client, f"{site.url}/same")) == ["1"]
        assert len(site.requests) == 2


def test_an_endless_chain_of_pages_ends(client, monkeypatch, caplog):
    monkeypatch.setattr("inkcast.download.fetch_feed.MAX_PAGES", 4)
    with serve({"/new": numbered}) as site:
        assert len(guids(fetch_feed(client, f"{site.url}/new"))) == 4
        assert len(site.requests) == 4
    assert "more pages than are read" in caplog.text


@pytest.mark.parametrize(
    ("route", "reason"),
    [
        (lambda handler: handler.reply(404), "answers 404"),
        (lambda handler: handler.reply(503), "answers 503"),
        (answer(b"<!doctype html><html></html>"), "is a web page, not a feed"),
    ],
)
def test_a_later_page_that_fails_is_named_and_costs_only_itself(client, caplog, route, reason):
    with serve({"/feed": answer(page(3, next_page="/old?token=s3cret")), "/old": route}) as site:
        assert guids(fetch_feed(client, f"{site.url}/feed", sleep=never)) == ["3"]
        (record,) = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert f"{site.url}/old?token=***" in record.getMessage()
    assert reason in record.getMessage() and "s3cret" not in caplog.text


def test_a_page_on_this_machine_is_off_limits_to_a_feed_of_the_web(caplog):
    """The first page comes from the web; what it names goes through the guard like all else."""

    class Web(httpx.BaseTransport):
        def __init__(self):
            self.guarded = PublicTransport()

        def handle_request(self, request):
            if request.url.host == "web.example":
                return httpx.Response(200, content=page(3, next_page=f"{site.url}/inside"))
            return self.guarded.handle_request(request)

        def close(self):
            self.guarded.close()

    with serve({"/inside": answer(page(2))}) as site, httpx.Client(transport=Web()) as client:
        assert guids(fetch_feed(client, "https://web.example/feed")) == ["3"]
        assert site.requests == []
    assert "inside your own network" in caplog.text


# --- conditions ---


def versioned(body, **headers):
    """A server that keeps to RFC 9110."""

    def route(handler):
        asked = (handler.headers.get("If-None-Match"), handler.headers.get("If-Modified-Since"))
        known = (headers.get("ETag"), headers.get("Last-Modified"))
        fresh = asked[0] == known[0] if asked[0] else asked[1] is not None and asked[1] == known[1]
        handler.reply(304 if fresh else 200, b"" if fresh else body, headers=headers)

    return route


def date(**ago):
    return format_datetime(datetime.now(UTC) - timedelta(**ago), usegmt=True)


@pytest.mark.parametrize(
    ("headers", "condition"),
    [
        ({"ETag": 'W/"v1"'}, "if-none-match"),
        ({"ETag": '"v1"', "Last-Modified": date(days=300)}, "if-none-match"),
        ({"Last-Modified": date(hours=2)}, "if-modified-since"),
        ({"Last-Modified": date(days=4)}, None),
        ({"Last-Modified": "yesterday"}, None),
    ],
)
def test_only_what_can_be_trusted_is_asked_for(client, headers, condition):
    with serve({"/feed": versioned(page(2, 1), **headers)}) as site:
        first = fetch_feed(client, f"{site.url}/feed")
        second = fetch_changed_feed(client, f"{site.url}/feed", first.validators)
        asked = [set(r.headers) & {"if-none-match", "if-modified-since"} for r in site.requests]
    assert asked == [set(), {condition} - {None}]
    # The same bytes are the same feed, whatever the server says.
    assert second == Unchanged(f"{site.url}/feed")


def test_a_changed_feed_is_read_anew(client):
    with serve({"/feed": versioned(page(1), ETag='"1"')}) as site:
        first = fetch_feed(client, f"{site.url}/feed")
    with serve({"/feed": versioned(page(2, 1), ETag='"2"')}) as site:
        second = fetch_changed_feed(client, f"{site.url}/feed", first.validators)
    assert (guids(second), second.validators.etag) == (["2", "1"], '"2"')


def test_an_unchanged_feed_is_not_parsed(client, monkeypatch):
    with serve({"/feed": versioned(page(1), ETag='"1"'), "/bare": answer(page(1))}) as site:
        validators = {path: fetch_feed(client, site.url + path).validators for path in ("/feed", "/bare")}
        monkeypatch.setattr("inkcast.download.fetch_feed.parse_feed", None)
        for path, known in validators.items():
            assert fetch_changed_feed(client, site.url + path, known) == Unchanged(site.url + path)


def test_there_are_no_marks_where_asking_would_not_help(client, tmp_path):
    routes = {
        "/bare": answer(page(1)),
        "/paged": answer(page(2, next_page="/bare"), ETag='"1"'),
    }
    (tmp_path / "feed.xml").write_bytes(page(1))
    with serve(routes) as site:
        assert fetch_feed(client, f"{site.url}/paged").validators is None
    assert fetch_feed(client, str(tmp_path / "feed.xml")).validators is None


def test_a_304_that_nobody_asked_for_is_an_error(client):
    with (
        serve({"/feed": lambda handler: handler.reply(304)}) as site,
        pytest.raises(DownloadError, match="304"),
    ):
        fetch_feed(client, f"{site.url}/feed")


# --- moves ---


def redirect(status, target):
    return lambda handler: handler.reply(status, headers={"Location": target})


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (301, 308, "/c"),
        (308, 302, "/b"),
        (302, 301, "/a"),
        (307, 307, "/a"),
    ],
)
def test_only_moves_for_good_count(client, first, second, expected):
    routes = {"/a": redirect(first, "/b"), "/b": redirect(second, "/c"), "/c": answer(page(1))}
    with serve(routes) as site:
        fetched = fetch_feed(client, f"{site.url}/a")
        assert fetched.address == site.url + expected
        assert fetched.feed.source == f"{site.url}/c"


def test_a_move_is_known_without_a_new_body(client):
    routes = {"/a": redirect(301, "/b"), "/b": versioned(page(1), ETag='"1"')}
    with serve(routes) as site:
        validators = fetch_feed(client, f"{site.url}/b").validators
        assert fetch_changed_feed(client, f"{site.url}/a", validators) == Unchanged(f"{site.url}/b")


# --- failures ---


def test_a_temporary_failure_is_tried_again(client):
    answers = iter([503, 500, 200])
    waits = []
    with serve({"/feed": lambda handler: handler.reply(next(answers), page(1))}) as site:
        assert guids(fetch_feed(client, f"{site.url}/feed", sleep=waits.append)) == ["1"]
    assert len(waits) == 2


def test_a_web_page_leads_to_the_feed_that_it_names(client, caplog):
    named = (
        b'<!doctype html><html><link rel="alternate" type="application/rss+xml" href="/feed?token=s3cret">'
    )
    with serve({"/": answer(named), "/feed": answer(page(1))}) as site:
        fetched = fetch_feed(client, f"{site.url}/")
        assert guids(fetched) == ["1"]
        assert fetched.address == f"{site.url}/feed?token=s3cret"
    (record,) = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert "is a web page: reading its feed" in record.getMessage() and "s3cret" not in caplog.text


def test_pages_that_name_each_other_end_in_a_clear_error(client):
    named = b'<!doctype html><html><link rel="alternate" type="application/rss+xml" href="/">'
    with serve({"/": answer(named)}) as site:
        with pytest.raises(FeedError, match="a web page, not a feed"):
            fetch_feed(client, f"{site.url}/")
        assert len(site.requests) == 2


def test_what_is_no_feed_is_a_clear_error(client):
    with serve({"/page": answer(b"<!doctype html><html></html>")}) as site:
        with pytest.raises(FeedError, match="a web page, not a feed"):
            fetch_feed(client, f"{site.url}/page")
        with pytest.raises(DownloadError, match="404"):
            fetch_feed(client, f"{site.url}/none")


def test_a_body_without_end_is_refused(client, monkeypatch):
    monkeypatch.setattr("inkcast.download.fetch_feed.MAX_PAGE_BYTES", 1000)
    with serve({"/feed": answer(bytes(2000))}) as site, pytest.raises(DownloadError, match="larger than"):
        fetch_feed(client, f"{site.url}/feed")


# --- lists ---

OPML = b'<opml><body><outline xmlUrl="https://a.example/feed"/><outline xmlUrl="b.xml"/></body></opml>'


def test_a_list_is_replaced_by_its_feeds(client, tmp_path):
    (tmp_path / "list.txt").write_bytes(OPML)
    (tmp_path / "feed.opml").write_bytes(page(1))  # a feed all the same
    sources = ["https://z.example/rss", str(tmp_path / "list.txt"), "https://a.example/feed"]
    others = [str(tmp_path / "feed.opml"), str(tmp_path / "none.opml"), "a\0b"]
    assert expand_opml(client, sources + others) == (
        "https://z.example/rss",
        "https://a.example/feed",
        str(tmp_path / "b.xml"),
        *others,
    )


def test_a_list_on_the_web(client):
    with serve({"/my/subs.opml": answer(OPML)}) as site:
        assert expand_opml(client, [f"{site.url}/my/subs.opml?x=1"]) == (
            "https://a.example/feed",
            f"{site.url}/my/b.xml",
        )
        assert expand_opml(client, [f"{site.url}/feed"]) == (f"{site.url}/feed",)
        assert len(site.requests) == 1
        with pytest.raises(DownloadError):
            expand_opml(client, [f"{site.url}/none.opml"])
