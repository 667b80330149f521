"""A server that drips: its bytes are waited for no longer than they are worth."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

from inkcast.errors import DownloadError

WINDOW_S = 60.0
LEAST_BYTES = 30_000
"""In a window; the slowest mobile phones get ten times as much."""
LONGEST_S = 300.0
"""For a feed or page, however fast it comes."""


def paced(
    chunks: Iterable[bytes],
    url: str,
    longest_s: float | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[bytes]:
    """The chunks, as long as they come fast enough.

    Args:
        chunks: of a body; whoever reads them gives up when none comes at all.
        url: where they come from, for messages.
        longest_s: seconds that all of them may take.
        clock: seconds since some moment.
    Raises:
        DownloadError: fewer than ``LEAST_BYTES`` in ``WINDOW_S``, or more time than ``longest_s``.
    """
    started = window = clock()
    received = 0
    for chunk in chunks:
        received += len(chunk)
        now = clock()
        if longest_s is not None and now - started > longest_s:
            raise _too_slow(url)
        if now - window >= WINDOW_S:
            if received < LEAST_BYTES:
                raise _too_slow(url)
            window, received = now, 0
        yield chunk


def _too_slow(url: str) -> DownloadError:
    return DownloadError(f"{url} sends its bytes too slowly.", "Try again later.")
