"""The HTTP client that every download uses, and small fetches: feeds and pages."""

from __future__ import annotations

import logging
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from inkcast import __version__
from inkcast.download.backoff import TemporaryError, parse_retry_after, with_retries
from inkcast.download.credentials import Credentials
from inkcast.download.pace import LONGEST_S, paced
from inkcast.download.transport.private_network import PublicTransport
from inkcast.download.transport.proxies import EnvironmentTransport, has_proxies
from inkcast.download.transport.rate_limit import GAP_S, RateLimitedTransport
from inkcast.errors import DownloadError, redact
from inkcast.feeds.address import is_web_address

_LOG = logging.getLogger(__name__)

MAX_REDIRECTS = 20
MAX_PAGE_BYTES = 64 * 1024 * 1024
NO_CREDENTIALS = Credentials()
_TIMEOUT = httpx.Timeout(30.0, connect=15.0)
_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})")
_TEMPORARY_STATUS = frozenset((408, 425, 429, 500, 502, 503, 504))
_GONE_STATUS = frozenset((404, 410))
_STATUS_HINTS = {
    401: "It requires a password, from netrc, INKCAST_AUTH_<HOST> or [auth] in inkcast.toml; or a private "
    "link that is still valid: copy the address again.",
    403: "It refuses this program or this link: a private link may have expired, copy the address again.",
    404: "There is nothing at this address: check it, or read the feed again.",
    410: "It was removed.",
    429: "The server gets too many requests: wait a while.",
}


class RefusedError(DownloadError):
    """The server answers, but not with what was asked for: the address is wrong, or no longer right."""


class GoneError(RefusedError):
    """The server says that there is nothing at this address: 404 or 410."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A small file: its bytes, where it came from after redirects, its media type in lower case."""

    data: bytes
    url: str
    media_type: str | None = None


def open_client(*, allow_private: bool = False, credentials: Credentials = NO_CREDENTIALS) -> httpx.Client:
    """Open the client; use it as a context manager, from as many threads as you like.

    Args:
        allow_private: fetch from this computer and its own network too. Only then are the proxies of
            the environment used, because behind a proxy it is the proxy that looks names up.
        credentials: passwords and tokens for the hosts that want some.
    """
    # httpx logs every URL with its passwords and tokens at INFO, httpcore headers at DEBUG.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return httpx.Client(
        # One's own network needs no pauses.
        transport=RateLimitedTransport(EnvironmentTransport(), gap_s=0)
        if allow_private
        else RateLimitedTransport(PublicTransport(), gap_s=GAP_S),
        headers={"User-Agent": f"inkcast/{__version__}", "Accept-Encoding": "gzip, deflate"},
        timeout=_TIMEOUT,
        follow_redirects=True,
        max_redirects=MAX_REDIRECTS,
        event_hooks={"request": [credentials.authorize], "response": [_log_response]},
    )


def fetch_bytes(
    client: httpx.Client,
    url: str,
    *,
    max_bytes: int = MAX_PAGE_BYTES,
    sleep: Callable[[float], None] = time.sleep,
) -> Fetched:
    """Read a feed or a page into memory.

    Args:
        client: from ``open_client``.
        url: an http(s) URL, or the path of a local file.
        max_bytes: refuse more than this, counted after decompression.
        sleep: waits so many seconds before another attempt.
    Raises:
        DownloadError: there is nothing to read there, or too much; the message hides secrets.
    """
    if is_web_address(url):
        return with_retries(lambda: _fetch(client, url, max_bytes), sleep)
    path = local_path(url)
    try:
        with path.open("rb") as stream:
            data = stream.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    _refuse_above(max_bytes, data, url)
    return Fetched(data, str(path.resolve()))


def _fetch(client: httpx.Client, url: str, max_bytes: int) -> Fetched:
    data = bytearray()
    with opened(client, url, {}) as response:
        check_status(response, url)
        for chunk in paced(response.iter_bytes(), url, LONGEST_S):
            data += chunk
            _refuse_above(max_bytes, data, url)
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return Fetched(bytes(data), str(response.url), media_type or None)


def _refuse_above(max_bytes: int, data: bytes | bytearray, url: str) -> None:
    if len(data) > max_bytes:
        raise DownloadError(
            f"{url} is larger than {max_bytes} bytes.", "That is too large for a feed or a page."
        )


@contextmanager
def opened(client: httpx.Client, url: str, headers: dict[str, str]) -> Iterator[httpx.Response]:
    """GET ``url`` as a stream, whatever the status; the block may read the body.

    Raises:
        DownloadError: the server cannot be reached or breaks off. TemporaryError if it may work later.
    """
    try:
        with client.stream("GET", url, headers=headers) as response:
            _refuse_layers(response, url)
            yield response
    except httpx.RequestError as error:
        # The message about a redirect quotes where it leads to, passwords and all.
        raise _failure(error, url) from (None if _is_about_redirect(error) else error)
    except (httpx.InvalidURL, UnicodeError):  # UnicodeError: a host name that IDNA forbids
        # Without its cause, which quotes what httpx takes for the port: often a password.
        raise DownloadError(f"{url} is not a valid address.", _CHECK) from None


def _refuse_layers(response: httpx.Response, url: str) -> None:
    """Raise DownloadError where a body is compressed twice, or otherwise than we ask for.

    One layer of gzip turns what is read at once, 64 KB, into 64 MB at most; two into gigabytes.
    """
    named = response.headers.get("content-encoding", "").lower().split(",")
    layers = [layer for layer in map(str.strip, named) if layer in ("gzip", "deflate", "br", "zstd")]
    if len(layers) > 1 or layers in (["br"], ["zstd"]):
        raise DownloadError(
            f"{url} is compressed in a way that was not asked for: {', '.join(layers[:5])}.",
            "Its publisher has to fix that: try again later.",
        )


def _is_about_redirect(error: httpx.RequestError) -> bool:
    return isinstance(error, httpx.RemoteProtocolError) and "location header" in str(error)


def _failure(error: httpx.RequestError, url: str) -> DownloadError:
    """Say in the user's words what kept us from reading ``url``."""
    if isinstance(error, httpx.ConnectError):
        return _no_connection(error, url)
    if _is_about_redirect(error):
        return DownloadError(f"{url} redirects to an invalid address.", _CHECK)
    kinds: tuple[tuple[type[httpx.RequestError], DownloadError], ...] = (
        (
            httpx.TooManyRedirects,
            DownloadError(f"{url} redirects more than {MAX_REDIRECTS} times.", "Check the address."),
        ),
        (
            httpx.UnsupportedProtocol,
            DownloadError(f"{url} leads to an address that is neither http nor https.", _CHECK),
        ),
        (httpx.TimeoutException, TemporaryError(f"{url} does not answer in time.", "Try again later.")),
        (
            httpx.DecodingError,
            DownloadError(f"{url} sends damaged compressed data.", "Try again later."),
        ),
        (
            httpx.ProxyError,
            DownloadError(f"The proxy refuses access to {url}: {error}.", "Check HTTPS_PROXY."),
        ),
    )
    broken_off = TemporaryError(f"The connection was lost while reading {url}.", "Try again later.")
    return next((wrapped for kind, wrapped in kinds if isinstance(error, kind)), broken_off)


_CHECK = "Check the address in the feed or on the command line."


def _no_connection(error: httpx.ConnectError, url: str) -> DownloadError:
    causes = list(_chain(error))
    host = httpx.URL(url).host
    proxies = " The proxies of the environment are used only with --allow-private." if has_proxies() else ""
    if any(isinstance(cause, socket.gaierror | UnicodeError) for cause in causes):
        return DownloadError(
            f"Cannot find the server {host} of {url}.", "Check the address and your network." + proxies
        )
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return DownloadError(
            f"Cannot connect safely to {url}: {error}.",
            "Its certificate is not valid for it, or the clock of this computer is wrong.",
        )
    hint = "Check your network, or try again later." + proxies
    return DownloadError(f"Cannot connect to {url}: {error}.", hint)


def _chain(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause:
        yield cause
        cause = cause.__cause__ or cause.__context__


def check_status(response: httpx.Response, url: str) -> None:
    """Raise unless the status is 2xx and what follows is whole, or the part that was asked for.

    Raises:
        RefusedError: with what to do about it; GoneError if there is nothing at that address.
        TemporaryError: the same request may work later.
    """
    if response.is_success:
        if is_part(response) and "range" not in response.request.headers:
            raise TemporaryError(f"{url} sends a part as if it were the whole.", "Try again later.")
        return
    status = response.status_code
    message = f"{url} answers {status} {response.reason_phrase}".rstrip() + "."
    if status in _TEMPORARY_STATUS:
        wait_s = parse_retry_after(response.headers.get("retry-after"))
        raise TemporaryError(message, _STATUS_HINTS.get(status, "Try again later."), wait_s)
    refusal = GoneError if status in _GONE_STATUS else RefusedError
    raise refusal(message, _STATUS_HINTS.get(status, "Open the address in a browser to see why."))


def is_part(response: httpx.Response) -> bool:
    """Whether a response says of itself that there is more, whatever its status."""
    value = response.headers.get("content-range", "")
    match = _CONTENT_RANGE.fullmatch(value)
    return bool(value) and (match is None or match[1] != "0" or int(match[2]) + 1 != int(match[3]))


def local_path(text: str) -> Path:
    """Take ``text`` for a path.

    Raises:
        DownloadError: it is a URL of some other kind.
    """
    scheme, separator, _ = text.partition("://")
    if separator and scheme.isalnum():
        raise DownloadError(f"Cannot fetch {text}.", "Give an http or https address, or a file path.")
    return Path(text)


def unreadable(path: Path, error: Exception) -> DownloadError:
    """Say why a local file cannot be read."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return DownloadError(f"Cannot read {path}: {reason}.", "Check the path.")


def _log_response(response: httpx.Response) -> None:
    _LOG.debug("GET %s: %d", redact(str(response.url)), response.status_code)
