from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

import httpcore
import pytest

from inkcast.download.client import fetch_bytes, open_client
from inkcast.download.transport import private_network
from inkcast.errors import DownloadError
from tests.support.servers import Handler, serve


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "239.255.255.250", "255.255.255.255", "240.0.0.1", "::1", "::", "fe80::1", "fc00::1",
        "fec0::1", "ff02::1", "ff0e::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:c0a8:101::1",
        "64:ff9b:1::7f00:1", "64:ff9b:1:7f00:1::", "64:ff9b:1::808:808", "::ffff:0:7f00:1", "2001::7f00:1",
        "2001:0:808:808::f7f7:f7f7", "::ffff:100.64.0.1", "64:ff9b::c0a8:101", "192.0.0.8", "198.18.0.1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not private_network.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8", "2002:808:808::1"],
)
def test_addresses_that_are_public(address: str) -> None:
    assert private_network.is_public(ipaddress.ip_address(address))


class Recorder(httpcore.NetworkBackend):
    """Connects nowhere; notes where it was sent and which name TLS was to verify."""

    def __init__(self, refusing: tuple[str, ...] = ()) -> None:
        self.refusing = refusing
        self.hosts: list[str] = []
        self.tls_names: list[str | None] = []

    def connect_tcp(self, host: str, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        self.hosts.append(host)
        if host in self.refusing:
            raise httpcore.ConnectError("refused")
        return Stream(self)


class Stream(httpcore.MockStream):
    def __init__(self, recorder: Recorder) -> None:
        super().__init__([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", b"ok"])
        self.recorder = recorder

    def start_tls(
        self, ssl_context: object, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        self.recorder.tls_names.append(server_hostname)
        return self


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, list[list[str]]]]:
    """A name server: for each name, what it answers the first time, the second time …"""
    answers: dict[str, list[list[str]]] = {}

    def getaddrinfo(host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
        return [(0, 0, 0, "", (address, port)) for address in answers[host].pop(0)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield answers


def test_connects_to_the_address_that_was_checked_and_verifies_the_name(names: dict[str, Any]) -> None:
    names["feeds.example"] = [["93.184.216.34"], ["127.0.0.1"]]  # a rebinding name server
    recorder = Recorder()
    with httpcore.ConnectionPool(network_backend=private_network.PublicBackend(recorder)) as pool:
        response = pool.request("GET", "https://feeds.example/")
    assert response.content == b"ok"
    assert recorder.hosts == ["93.184.216.34"] and recorder.tls_names == ["feeds.example"]


def test_tries_the_next_address(names: dict[str, Any]) -> None:
    names["feeds.example"] = [["2606:4700::1111", "8.8.8.8"]]
    recorder = Recorder(refusing=("2606:4700::1111",))
    private_network.PublicBackend(recorder).connect_tcp("feeds.example", 80)
    assert recorder.hosts == ["2606:4700::1111", "8.8.8.8"]


def test_one_private_address_among_public_ones_is_enough_to_refuse(names: dict[str, Any]) -> None:
    names["feeds.example"] = [["8.8.8.8", "fe80::1%eth0"]]
    recorder = Recorder()
    with pytest.raises(DownloadError, match="--allow-private"):
        private_network.PublicBackend(recorder).connect_tcp("feeds.example", 80)
    assert recorder.hosts == []


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "127.1",
        "0",
        "[::1]",
        "[::]",
        "[::ffff:7f00:1]",
        "[::ffff:127.0.0.1]",
        "me:pw@127.0.0.1",
    ],
)
def test_this_computer_is_refused_however_it_is_written(host: str) -> None:
    with (
        open_client() as client,
        pytest.raises(DownloadError, match=r"inside your own network.*--allow-private"),
    ):
        fetch_bytes(client, f"http://{host}:9/feed.xml")


@pytest.mark.parametrize("host", ["LOCALHOST.", "0177.0.0.1", "127.0.0.1.", "[fe80::1%25lo]", "[::1%25lo]"])
def test_odd_spellings_lead_nowhere(host: str) -> None:
    """Whether they are understood depends on the system; where they are, they are refused."""
    words = "inside your own network|not a valid address|Cannot find the server"
    with (
        serve({"/": lambda h: h.reply(200, b"secret")}) as site,
        open_client() as client,
        pytest.raises(DownloadError, match=words),
    ):
        fetch_bytes(client, site.url.replace("127.0.0.1", host) + "/")
    assert site.requests == []


def test_each_redirect_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private_network, "is_public", lambda address: str(address) == "127.0.0.1")

    def redirect(handler: Handler) -> None:
        handler.reply(302, headers={"Location": "http://127.0.0.2:1/secret"})

    with (
        serve({"/feed.xml": redirect, "/ok": lambda h: h.reply(200, b"ok")}) as site,
        open_client() as client,
    ):
        assert fetch_bytes(client, site.url + "/ok").data == b"ok"
        with pytest.raises(DownloadError, match=r"127\.0\.0\.2 is an address inside"):
            fetch_bytes(client, site.url + "/feed.xml")


def test_allow_private_allows() -> None:
    with serve({"/": lambda h: h.reply(200, b"ok")}) as site, open_client(allow_private=True) as client:
        assert fetch_bytes(client, site.url + "/").data == b"ok"
