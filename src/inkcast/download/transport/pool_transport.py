"""Send what httpx asks for through a pool of connections that is set up here.

httpx's own transport does the same, but has no way to be given a pool, and so none to be told where it
may connect.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpcore
import httpx

_EXCEPTIONS: dict[type[BaseException], type[httpx.RequestError]] = {
    httpcore.TimeoutException: httpx.TimeoutException,
    httpcore.ConnectTimeout: httpx.ConnectTimeout,
    httpcore.ReadTimeout: httpx.ReadTimeout,
    httpcore.WriteTimeout: httpx.WriteTimeout,
    httpcore.PoolTimeout: httpx.PoolTimeout,
    httpcore.NetworkError: httpx.NetworkError,
    httpcore.ConnectError: httpx.ConnectError,
    httpcore.ReadError: httpx.ReadError,
    httpcore.WriteError: httpx.WriteError,
    httpcore.ProxyError: httpx.ProxyError,
    httpcore.UnsupportedProtocol: httpx.UnsupportedProtocol,
    httpcore.ProtocolError: httpx.ProtocolError,
    httpcore.LocalProtocolError: httpx.LocalProtocolError,
    httpcore.RemoteProtocolError: httpx.RemoteProtocolError,
}


class PoolTransport(httpx.BaseTransport):
    """Sends requests through ``pool`` and reads their bodies as they come.

    Args:
        pool: makes the connections, by its own limits, certificates and proxy; closed with the transport.
    Raises:
        httpx.RequestError: the kind that has the name of the pool's own exception, which is its cause.
    """

    def __init__(self, pool: httpcore.ConnectionPool) -> None:
        self._connections = pool

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send, and return once the headers of the response are there."""
        assert isinstance(request.stream, httpx.SyncByteStream)
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _httpx_exceptions():
            response = self._connections.handle_request(asked)
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_Body(response),
            extensions=response.extensions,
        )

    def close(self) -> None:
        """Close the connections."""
        with _httpx_exceptions():
            self._connections.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        with _httpx_exceptions():
            yield from self._response.iter_stream()

    def close(self) -> None:
        with _httpx_exceptions():
            self._response.close()


@contextmanager
def _httpx_exceptions() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        kind = next((_EXCEPTIONS[base] for base in type(error).__mro__ if base in _EXCEPTIONS), None)
        if kind is None:
            raise
        raise kind(str(error)) from error
