"""Where the references inside a feed point: to the web, or to files beside a local feed."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urljoin, urlsplit

from inkcast.errors import FeedError
from inkcast.files import digest

_WEB = re.compile(r"https?://[^/\s?#]", re.IGNORECASE)
_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}", re.IGNORECASE)
_AUDIO_SUFFIX = re.compile(r"\.(?:mp3|mp4a|m4[ab]|aac|ogg|oga|opus|flac|wave?|aiff?|caf|weba|mka|wma|amr)")
# One letter before the colon is a Windows drive; "Part 1: x.mp3" is a file name.
_OTHER_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+://|(?:data|javascript|mailto|tel|about|blob):", re.IGNORECASE)


def is_web_address(text: str) -> bool:
    """Whether ``text`` is an absolute http or https URL."""
    return _WEB.match(text) is not None


def audio_suffix(address: str) -> str | None:
    """The suffix of the file that ``address`` names, in lower case, if it is one of audio files."""
    try:
        suffix = PurePosixPath(urlsplit(address.strip()).path).suffix.lower()
    except ValueError:
        return None
    return suffix if _AUDIO_SUFFIX.fullmatch(suffix) else None


def resolve(reference: str, source: str) -> str | None:
    """Make a feed's ``reference`` absolute.

    Args:
        reference: a URL or path as the feed writes it.
        source: where the feed came from, an http(s) URL or a file path.
    Returns:
        An http(s) URL, or an absolute file path if the feed is a local file; None if the reference
        points to nothing that can be fetched (``mailto:``, ``data:``, ``ftp://``).
    Raises:
        FeedError: a local feed points to a file outside its own folder.
    """
    reference = re.sub(r"[\t\r\n]+", "", reference).strip()
    if not reference or is_web_address(reference):
        return reference or None
    if is_web_address(source):
        return _join(source, reference)
    if reference.lower().startswith("file:"):
        return _file_url(reference, source)
    if _OTHER_SCHEME.match(reference):
        return None
    return _file_beside(reference, source)


def web_address(reference: str | None, source: str) -> str | None:
    """Like ``resolve``, for what only people follow: a local feed may name pages that it does not have."""
    reference = reference or ""
    return resolve(reference, source) if is_web_address(source) or is_web_address(reference) else None


@lru_cache(maxsize=64)
def canonical_address(address: str) -> str:
    """What stays of an address when its host is reached another way.

    Without scheme, ``www.``, query and fragment, and without the services that count downloads and stand
    before the address proper: ``https://op3.dev/e/cdn.example/1.mp3?x=1`` is ``cdn.example/1.mp3``.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    segments = [unquote(segment) for segment in parts.path.split("/") if segment]
    host = parts.netloc.rpartition("@")[2]
    for index in range(len(segments) - 2, -1, -1):
        if _HOST.fullmatch(segments[index]) and not audio_suffix(segments[index]):
            host, segments = segments[index], segments[index + 1 :]
            break
    return "/".join([host.lower().removeprefix("www."), *segments])


def address_digest(address: str) -> str:
    """Names an address without its secrets; the same when its host is reached another way."""
    return digest(canonical_address(address))[:16]


def _join(base: str, reference: str) -> str | None:
    try:
        joined = urljoin(base, reference)
    except ValueError:  # for example an unclosed IPv6 bracket
        return None
    return joined if is_web_address(joined) else None


def _file_url(reference: str, source: str) -> str:
    from urllib.request import url2pathname  # takes all of HTTP with it

    try:
        parts = urlsplit(reference)
    except ValueError as error:
        raise _outside(reference, source) from error
    if parts.netloc not in ("", "localhost"):
        raise _outside(reference, source)
    return _inside(url2pathname(parts.path), reference, source)


def _file_beside(reference: str, source: str) -> str:
    """A file may really be named ``50%20off?.mp3``; else the reference is a URL path with escapes."""
    as_written = _inside(reference, reference, source)
    if Path(as_written).exists():
        return as_written
    return _inside(unquote(re.split("[?#]", reference, maxsplit=1)[0]), reference, source)


def _inside(name: str, reference: str, source: str) -> str:
    folder = Path(source).resolve().parent
    try:
        path = (folder / name).resolve()
    except (ValueError, OSError, RuntimeError) as error:  # a null byte, a loop of symbolic links
        raise _outside(reference, source) from error
    if not path.is_relative_to(folder):
        raise _outside(reference, source)
    return str(path)


def _outside(reference: str, source: str) -> FeedError:
    return FeedError(
        f"The feed {source} points outside its own folder: {reference!r}.",
        "A local feed may use files in its folder and http(s) addresses: move the file there.",
    )
