"""Ask no host for too much at once, whichever of our threads asks."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import httpx

PER_HOST = 4
GAP_S = 0.1


@dataclass(slots=True)
class _Host:
    """``free_at`` is the earliest moment, by ``time.monotonic``, at which it may be asked again."""

    slots: threading.BoundedSemaphore
    lock: threading.Lock = field(default_factory=threading.Lock)
    free_at: float = 0.0


class RateLimitedTransport(httpx.BaseTransport):
    """Sends requests through ``inner``, for each host so many at once and with pauses between them.

    It sees every redirect, so it counts the host that really answers. It also drops the bodies of
    redirects: httpx would read them into memory, however large they are.

    Args:
        inner: makes the connections.
        per_host: requests to one host that may be under way, until their bodies are read.
        gap_s: seconds between the starts of two requests to one host.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        inner: httpx.BaseTransport,
        *,
        per_host: int = PER_HOST,
        gap_s: float = GAP_S,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._inner = inner
        self._gap_s = gap_s
        self._sleep = sleep
        self._lock = threading.Lock()
        self._hosts: defaultdict[str, _Host] = defaultdict(
            lambda: _Host(threading.BoundedSemaphore(per_host))
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Wait for the host's turn, then send."""
        with self._lock:
            host = self._hosts[request.url.host]
        host.slots.acquire()
        try:
            self._wait_for(host)
            response = self._inner.handle_request(request)
            if response.has_redirect_location:
                response.close()
                host.slots.release()
                return _without_body(response)
        except BaseException:
            host.slots.release()
            raise
        assert isinstance(response.stream, httpx.SyncByteStream)
        return httpx.Response(
            response.status_code,
            headers=response.headers,
            stream=_Occupying(response.stream, host.slots),
            extensions=response.extensions,
        )

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()

    def _wait_for(self, host: _Host) -> None:
        with host.lock:
            now = time.monotonic()
            start = max(now, host.free_at)
            host.free_at = start + self._gap_s
        if start > now:
            self._sleep(start - now)


class _Occupying(httpx.SyncByteStream):
    """A body whose reader holds one of the host's slots until it is closed."""

    def __init__(self, inner: httpx.SyncByteStream, slots: threading.BoundedSemaphore) -> None:
        self._inner = inner
        self._slots = slots
        self._held = True

    def __iter__(self) -> Iterator[bytes]:
        yield from self._inner

    def close(self) -> None:
        try:
            self._inner.close()
        finally:
            if self._held:
                self._held = False
                self._slots.release()


def _without_body(response: httpx.Response) -> httpx.Response:
    about_body = ("content-length", "content-encoding", "transfer-encoding")
    headers = [(name, value) for name, value in response.headers.multi_items() if name not in about_body]
    return httpx.Response(response.status_code, headers=headers, content=b"", extensions=response.extensions)
