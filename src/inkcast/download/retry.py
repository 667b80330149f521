"""When to try again, and how long to wait before."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from inkcast.errors import DownloadError

T = TypeVar("T")

ATTEMPTS = 5
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 60.0


class TemporaryError(DownloadError):
    """A failure that may be gone in a moment.

    ``wait_s`` is how long the server asked to be left alone, 0 if it did not say.
    """

    def __init__(self, message: str, hint: str = "", wait_s: float = 0.0) -> None:
        super().__init__(message, hint)
        self.wait_s = wait_s


def with_retries(attempt: Callable[[], T], sleep: Callable[[float], None] = time.sleep) -> T:
    """Call ``attempt`` until it returns, at most ``ATTEMPTS`` times, waiting twice as long each time.

    Raises:
        DownloadError: it failed for good, failed each time, or the server asks for a wait of more than
            ``LONGEST_WAIT_S``.
    """
    for tried in range(1, ATTEMPTS + 1):
        try:
            return attempt()
        except TemporaryError as error:
            if tried == ATTEMPTS:
                raise
            if error.wait_s > LONGEST_WAIT_S:
                hint = f"The server asks to wait {error.wait_s:.0f} seconds: run the command again then."
                raise DownloadError(error.message, hint) from error
            sleep(max(error.wait_s, FIRST_WAIT_S * 2 ** (tried - 1)))
    raise AssertionError("unreachable: the last attempt returns or raises")


def parse_retry_after(value: str | None) -> float:
    """Seconds to wait from a Retry-After header (RFC 9110, 10.2.3: seconds or a date); 0 if none."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
