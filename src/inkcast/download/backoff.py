"""When to try again, and how long to wait before."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from inkcast.errors import DownloadError

T = TypeVar("T")

_LOG = logging.getLogger(__name__)

ATTEMPTS = 5
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 120.0
JITTER = 0.25
"""At most so much of a wait is added to it, so that those who failed together do not return together."""
PROGRESS_BYTES = 1024 * 1024
_WORTH_A_LINE_S = 5.0


class TemporaryError(DownloadError):
    """A failure that may be gone in a moment.

    ``wait_s`` is how long the server asked to be left alone, 0 if it did not say.
    """

    def __init__(self, message: str, hint: str = "", wait_s: float = 0.0) -> None:
        super().__init__(message, hint)
        self.wait_s = wait_s


def with_retries(
    attempt: Callable[[], T],
    sleep: Callable[[float], None] = time.sleep,
    *,
    received: Callable[[], int] = lambda: 0,
) -> T:
    """Call ``attempt`` until it returns, at most ``ATTEMPTS`` times, waiting twice as long each time.

    Args:
        attempt: what may fail for a while.
        sleep: waits so many seconds.
        received: the bytes so far. A MiB more than ever before, and the count of attempts begins anew:
            a long recording may need more connections than a page.
    Raises:
        DownloadError: it failed for good, failed each time, or the server asks for a wait of more than
            ``LONGEST_WAIT_S``.
    """
    tried, most = 0, received()
    while True:
        try:
            return attempt()
        except TemporaryError as error:
            if received() >= most + PROGRESS_BYTES:
                tried, most = 0, received()
            tried += 1
            if tried == ATTEMPTS:
                raise
            sleep(_wait_before(tried, error))


def _wait_before(tried: int, error: TemporaryError) -> float:
    if error.wait_s > LONGEST_WAIT_S:
        hint = f"The server asks to wait {error.wait_s:.0f} seconds: run the command again then."
        raise DownloadError(error.message, hint) from error
    wait_s = max(error.wait_s, FIRST_WAIT_S * 2.0 ** (tried - 1)) * random.uniform(1, 1 + JITTER)
    level = logging.INFO if wait_s >= _WORTH_A_LINE_S else logging.DEBUG
    _LOG.log(level, "%s Trying again in %.1f seconds.", error.message, wait_s)
    return wait_s


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
