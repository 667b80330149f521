from __future__ import annotations

import gzip
import logging
import pickle
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkcast import __version__
from inkcast.download.backoff import ATTEMPTS, JITTER, TemporaryError, parse_retry_after
from inkcast.download.client import Fetched, GoneError, fetch_bytes, open_client
from inkcast.errors import DownloadError
from tests.support.servers import Handler, serve, serve_folder


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with open_client(allow_private=True) as client:
        yield client


def answering(status: int, body: bytes = b"", **headers: str) -> dict[str, object]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"/x": lambda handler: handler.reply(status, body, headers=named)}


def test_fetches_bytes_type_and_final_address(client: httpx.Client) -> None:
    def page(handler: Handler) -> None:
        body = gzip.compress(b"<rss/>")
        handler.reply(200, body, media_type="Text/XML; charset=utf-8", headers={"Content-Encoding": "gzip"})

    routes = {"/old": lambda h: h.reply(301, headers={"Location": "/new?x=1"}), "/new": page}
    with serve(routes) as site:
        assert fetch_bytes(client, site.url + "/old") == Fetched(b"<rss/>", site.url + "/new?x=1", "text/xml")
    assert site.requests[0].headers["user-agent"] == f"inkcast/{__version__}"


def test_reads_local_files(client: httpx.Client, tmp_path: Path) -> None:
    file = tmp_path / "feed.xml"
    file.write_bytes(b"<rss/>")
    assert fetch_bytes(client, str(file)) == Fetched(b"<rss/>", str(file), None)


@pytest.mark.parametrize("url", ["ftp://a.example/x", "file:///etc/passwd", "no/such/file", "a\0b", "."])
def test_other_addresses_are_refused(client: httpx.Client, url: str) -> None:
    with pytest.raises(DownloadError) as caught:
        fetch_bytes(client, url)
    assert caught.value.hint


@pytest.mark.parametrize(
    "host", ["a" * 70 + ".example", "a..b", "[::1", "x:port", "☃.example", "xn--a", "\ud800"]
)
@pytest.mark.parametrize("allow_private", [True, False])
def test_impossible_hosts_are_refused(host: str, allow_private: bool) -> None:
    with open_client(allow_private=allow_private) as client, pytest.raises(DownloadError) as caught:
        fetch_bytes(client, f"https://{host}/")
    assert "address" in caught.value.hint


@pytest.mark.parametrize(
    ("status", "hint"),
    [(401, "password"), (403, "private link"), (404, "check it"), (410, "removed"), (418, "browser")],
)
def test_a_refusal_is_final_and_says_what_to_do(client: httpx.Client, status: int, hint: str) -> None:
    with serve(answering(status)) as site, pytest.raises(DownloadError, match=f"{status}.*{hint}") as caught:
        fetch_bytes(client, site.url + "/x")
    assert len(site.requests) == 1
    assert isinstance(caught.value, GoneError) == (status in (404, 410))


def assert_backs_off(waits: list[float]) -> None:
    for wait, least in zip(waits, [0.5, 1.0, 2.0, 4.0], strict=True):
        assert least <= wait <= least * (1 + JITTER)
    assert [wait / waits[0] for wait in waits] != [1, 2, 4, 8], "no jitter"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_temporary_failure_is_tried_again(client: httpx.Client, status: int) -> None:
    waits: list[float] = []
    with serve(answering(status)) as site, pytest.raises(DownloadError, match=str(status)):
        fetch_bytes(client, site.url + "/x", sleep=waits.append)
    assert len(site.requests) == ATTEMPTS
    assert_backs_off(waits)


def test_waits_as_long_as_the_server_asks(client: httpx.Client) -> None:
    waits: list[float] = []

    def busy_once(handler: Handler) -> None:
        if waits:
            handler.reply(200, b"ok")
        else:
            handler.reply(503, headers={"Retry-After": "7"})

    with serve({"/x": busy_once}) as site:
        assert fetch_bytes(client, site.url + "/x", sleep=waits.append).data == b"ok"
    assert 7.0 <= waits[0] <= 7.0 * (1 + JITTER) and len(waits) == 1


def test_gives_up_at_once_if_the_server_asks_for_too_long_a_wait(client: httpx.Client) -> None:
    with (
        serve(answering(429, Retry_After="3600")) as site,
        pytest.raises(DownloadError, match="3600 seconds"),
    ):
        fetch_bytes(client, site.url + "/x", sleep=lambda _: pytest.fail("waited"))
    assert len(site.requests) == 1


def test_retry_after_may_be_a_date() -> None:
    soon = datetime.now(UTC) + timedelta(seconds=30)
    assert 25 < parse_retry_after(format_datetime(soon, usegmt=True)) <= 30
    assert parse_retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert parse_retry_after("Wed, 21 Oct 2015 07:28:00") == 0
    assert parse_retry_after(None) == 0


@given(st.text(max_size=30))
def test_parse_retry_after_never_fails(text: str) -> None:
    assert parse_retry_after(text) >= 0


def test_refuses_more_than_max_bytes_even_if_compressed(client: httpx.Client) -> None:
    body = gzip.compress(b"a" * 1_000_000)
    with (
        serve(answering(200, body, Content_Encoding="gzip")) as site,
        pytest.raises(DownloadError, match="larger than 5000 bytes"),
    ):
        fetch_bytes(client, site.url + "/x", max_bytes=5000)


def test_redirects_without_end_and_to_files_are_refused(client: httpx.Client) -> None:
    with (
        serve(answering(302, Location="/x")) as site,
        pytest.raises(DownloadError, match="redirects more than"),
    ):
        fetch_bytes(client, site.url + "/x")
    with (
        serve(answering(302, Location="file:///etc/passwd")) as site,
        pytest.raises(DownloadError, match="neither http nor https"),
    ):
        fetch_bytes(client, site.url + "/x")


def test_a_closed_port_and_an_unknown_name(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve({}) as site:
        pass
    with pytest.raises(DownloadError, match="Cannot connect to"):
        fetch_bytes(client, site.url + "/x")

    def unknown(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    for public_only in (client, open_client()):
        with pytest.raises(DownloadError, match=r"Cannot find the server feeds\.example"):
            fetch_bytes(public_only, "https://feeds.example/rss")


def test_no_tls_on_the_other_side(client: httpx.Client) -> None:
    with serve({}) as site, pytest.raises(DownloadError, match="Cannot connect safely"):
        fetch_bytes(client, site.url.replace("http:", "https:"))


def test_secrets_reach_neither_logs_nor_errors(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with (
        open_client(allow_private=True) as client,
        serve(answering(302, Location="/y?token=s3cret")) as site,
        pytest.raises(DownloadError) as caught,
    ):
        fetch_bytes(client, site.url.replace("//", "//me:s3cret@") + "/x?auth=s3cret")
    assert [request.headers["authorization"][:6] for request in site.requests] == ["Basic "] * 2
    assert "s3cret" not in caplog.text and "s3cret" not in str(caught.value)
    assert "/x?auth=***: 302" in caplog.text and "404" in str(caught.value)


def test_errors_survive_a_process_boundary() -> None:
    error = pickle.loads(pickle.dumps(TemporaryError("m", "h", 3.0)))
    assert (error.message, error.hint, error.wait_s) == ("m", "h", 3.0)


def test_the_folder_server_serves_ranges(client: httpx.Client, tmp_path: Path) -> None:
    (tmp_path / "a b.bin").write_bytes(b"0123456789")
    with serve_folder(tmp_path) as site:
        url = site.url + "/a%20b.bin"
        whole = client.get(url)
        assert (whole.content, whole.status_code) == (b"0123456789", 200)
        part = client.get(url, headers={"Range": "bytes=3-5", "If-Range": whole.headers["etag"]})
        assert (part.content, part.status_code) == (b"345", 206)
        assert part.headers["content-range"] == "bytes 3-5/10"
        assert client.get(url, headers={"Range": "bytes=3-", "If-Range": '"x"'}).content == b"0123456789"
        assert client.get(url, headers={"Range": "bytes=10-"}).status_code == 416
        assert client.get(site.url + "/%2e%2e/etc/passwd").status_code == 404
        assert client.head(url).headers["content-length"] == "10"
