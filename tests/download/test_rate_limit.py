from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from inkcast.download.client import fetch_bytes, open_client
from inkcast.download.transport.rate_limit import RateLimitedTransport
from tests.support.servers import Handler, serve


class Host(httpx.BaseTransport):
    """Counts how many bodies of each host are open at once; the first wait until ``expected`` are."""

    def __init__(self, expected: int = 1) -> None:
        self.expected = expected
        self.changed = threading.Condition()
        self.open: dict[str, int] = {}
        self.most: dict[str, int] = {}
        self.failing = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        if self.failing:
            raise httpx.ConnectError("refused")
        if host == "mover.example":
            return httpx.Response(302, headers={"Location": "https://a.example/"}, stream=Endless())
        with self.changed:
            self.open[host] = self.open.get(host, 0) + 1
            self.most[host] = max(self.most.get(host, 0), self.open[host])
            self.changed.notify_all()
        return httpx.Response(200, stream=Body(self, host))


class Body(httpx.SyncByteStream):
    def __init__(self, counter: Host, host: str) -> None:
        self.counter, self.host = counter, host

    def __iter__(self) -> Iterator[bytes]:
        with self.counter.changed:
            self.counter.changed.wait_for(
                lambda: self.counter.most[self.host] >= self.counter.expected, timeout=30
            )
        for _ in range(3):
            time.sleep(0.002)
            yield b"x"

    def close(self) -> None:
        with self.counter.changed:
            self.counter.open[self.host] -= 1


class Endless(httpx.SyncByteStream):
    def __iter__(self) -> Iterator[bytes]:
        raise AssertionError("the body of a redirect was read")


@pytest.fixture
def host() -> Host:
    return Host()


def client_of(host: Host, waits: list[float] | None = None, gap_s: float = 0.0) -> httpx.Client:
    sleep = (lambda s: waits.append(s)) if waits is not None else time.sleep
    transport = RateLimitedTransport(host, per_host=2, gap_s=gap_s, sleep=sleep)
    return httpx.Client(transport=transport, follow_redirects=True)


def test_no_host_is_asked_for_more_at_once_than_agreed() -> None:
    host = Host(expected=2)
    addresses = [f"https://{name}.example/" for name in ("a", "b")] * 12
    with client_of(host) as client, ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda address: client.get(address).text, addresses)) == ["xxx"] * 24
    assert host.most == {"a.example": 2, "b.example": 2}
    assert set(host.open.values()) == {0}


def test_requests_to_one_host_are_spread_out(host: Host) -> None:
    waits: list[float] = []
    with client_of(host, waits, gap_s=1000.0) as client:
        for name in ("a", "b", "a", "a"):
            client.get(f"https://{name}.example/")
    assert [round(wait, -2) for wait in waits] == [1000, 2000]


def test_failures_and_unread_bodies_give_their_place_back(host: Host) -> None:
    with client_of(host) as client:
        for _ in range(3):
            with client.stream("GET", "https://a.example/"):
                pass
        host.failing = True
        for _ in range(3):
            with pytest.raises(httpx.ConnectError):
                client.get("https://a.example/")
        host.failing = False
        assert client.get("https://a.example/").text == "xxx"


def test_the_body_of_a_redirect_is_not_read_and_keeps_no_place(host: Host) -> None:
    with client_of(host) as client:
        for _ in range(3):
            assert client.get("https://mover.example/").text == "xxx"


def test_a_redirect_may_lie_about_its_body() -> None:
    def redirect(handler: Handler) -> None:
        headers = {"Location": "/there", "Content-Encoding": "gzip"}
        handler.reply(302, b"no gzip", headers=headers, length=10**12)

    with (
        serve({"/": redirect, "/there": lambda handler: handler.reply(200, b"ok")}) as site,
        open_client(allow_private=True) as client,
    ):
        assert fetch_bytes(client, site.url + "/").data == b"ok"
