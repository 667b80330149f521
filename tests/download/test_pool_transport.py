from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from typing import Any

import httpcore
import httpx
import pytest

from inkcast.download.transport.pool_transport import PoolTransport
from tests.support.servers import CERTIFICATE, Handler, serve


def client_over(pool: httpcore.ConnectionPool) -> httpx.Client:
    return httpx.Client(transport=PoolTransport(pool))


def exceptions_of(module: Any) -> dict[str, type[Exception]]:
    found = {name: getattr(module, name) for name in module.__all__}
    return {
        name: kind
        for name, kind in found.items()
        if isinstance(kind, type) and issubclass(kind, Exception) and name != "ConnectionNotAvailable"
    }


class Refusing(httpcore.NetworkBackend):
    def __init__(self, error: Exception) -> None:
        self.error = error

    def connect_tcp(self, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        raise self.error


@pytest.mark.parametrize("name", sorted(exceptions_of(httpcore)))
def test_an_exception_keeps_its_kind_words_and_cause(name: str) -> None:
    error = getattr(httpcore, name)("what happened")
    with (
        client_over(httpcore.ConnectionPool(network_backend=Refusing(error))) as client,
        pytest.raises(httpx.RequestError, match="what happened") as raised,
    ):
        client.get("http://feeds.example/")
    assert type(raised.value) is getattr(httpx, name) and raised.value.__cause__ is error
    assert raised.value.request.url.host == "feeds.example"


def test_what_is_derived_is_taken_for_the_nearest_kind_and_the_rest_left_alone() -> None:
    class SlowError(httpcore.ReadTimeout):
        pass

    for error, expected in ((SlowError(), httpx.ReadTimeout), (ZeroDivisionError(), ZeroDivisionError)):
        pool = httpcore.ConnectionPool(network_backend=Refusing(error))
        with client_over(pool) as client, pytest.raises(Exception) as raised:
            client.get("http://feeds.example/")
        assert raised.type is expected


def test_bodies_go_and_come_in_pieces_and_the_connection_is_used_again() -> None:
    gone: list[bytes] = []

    def echo(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        while size := int(handler.rfile.readline(), 16):
            piece = handler.rfile.read(size)
            handler.rfile.readline()
            gone.append(piece)
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        handler.rfile.readline()
        handler.wfile.write(b"0\r\n\r\n")

    def pieces() -> Iterator[bytes]:
        yield b"one"
        yield b"two"

    with serve({"/": echo}) as site, httpcore.ConnectionPool() as pool, client_over(pool) as client:
        for _ in range(2):
            with client.stream("GET", site.url + "/", content=pieces()) as response:
                assert list(response.iter_raw()) == [b"one", b"two"]
            assert len(pool.connections) == 1 and pool.connections[0].is_idle()
        client.close()
        assert pool.connections == []
    assert gone == [b"one", b"two"] * 2


def test_a_body_that_breaks_off_is_an_exception_of_httpx() -> None:
    with (
        serve({"/": lambda handler: handler.reply(200, b"cut", length=9)}) as site,
        client_over(httpcore.ConnectionPool()) as client,
        client.stream("GET", site.url + "/") as response,
        pytest.raises(httpx.RemoteProtocolError),
    ):
        response.read()


def test_timeouts_are_those_of_the_request() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        client_over(httpcore.ConnectionPool()) as client,
        pytest.raises(httpx.ReadTimeout),
    ):
        client.get(f"http://127.0.0.1:{server.getsockname()[1]}/", timeout=0.05)


def test_certificates_are_verified_as_the_pool_says(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve({"/": lambda handler: handler.reply(200, b"ok")}, tls=True) as site:
        with client_over(httpcore.ConnectionPool()) as client, pytest.raises(httpx.ConnectError):
            client.get(site.url + "/")
        monkeypatch.setenv("SSL_CERT_FILE", os.fspath(CERTIFICATE))
        trusting = httpcore.ConnectionPool(ssl_context=httpx.create_ssl_context())
        with client_over(trusting) as client:
            assert client.get(site.url + "/").content == b"ok"


def test_a_proxy_is_a_pool_too() -> None:
    with (
        serve({"/feed": lambda handler: handler.reply(200, b"by proxy")}) as site,
        client_over(httpcore.HTTPProxy(site.url)) as client,
    ):
        assert client.get("http://feeds.example/feed").content == b"by proxy"
    assert site.requests[0].headers["host"] == "feeds.example"
