"""An episode's audio, from its address to a whole file: resumed, checked, and audio for certain."""

from __future__ import annotations

import errno
import logging
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import httpx

from inkcast.download.backoff import TemporaryError, with_retries
from inkcast.download.client import RefusedError, check_status, is_part, local_path, opened, unreadable
from inkcast.download.only_run import only_run
from inkcast.download.pace import paced
from inkcast.download.partial import Partial, Version
from inkcast.download.sniff import HEAD_BYTES, audio_format, describe
from inkcast.errors import DownloadError, redact
from inkcast.feeds.address import is_web_address
from inkcast.files import make_folder, storage_error, whole_file
from inkcast.on_progress import OnProgress, tell_nobody
from inkcast.settings import MAX_SIZE

RESERVE_BYTES = 32 * 1024 * 1024
"""To be left free on the disk: the catalogue and what is made of the audio need some too."""
_COPY_BYTES = 1024 * 1024
_LOOK_AT_DISK_BYTES = 32 * 1024 * 1024

_LOG = logging.getLogger(__name__)


class UnwantedError(DownloadError):
    """A file that will not do, and whose bytes are not kept: too large, or cut off."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a download has to meet, and what to do when its address is refused.

    Attributes:
        max_bytes: more is refused.
        refresh: gives the file's address anew, None if there is no other. Asked once, when the server
            refuses the address or sends no audio: signed addresses expire, feeds have new ones.
        check: looks at the whole file before it gets its name, and raises UnwantedError to refuse it.
            It is also told whether the server marked the file's end: if not, it may have been cut off.
        is_alone: whether the caller sees to it that no other run writes to the same folder.
    """

    max_bytes: int = MAX_SIZE
    refresh: Callable[[], str | None] | None = None
    check: Callable[[Path, bool], None] | None = None
    is_alone: bool = False


_ANY = Terms()


def download(
    client: httpx.Client,
    url: str,
    target: Path,
    terms: Terms = _ANY,
    *,
    progress: OnProgress = tell_nobody,
    sleep: Callable[[float], None] = time.sleep,
) -> Path:
    """Fetch the audio at ``url`` to ``target``, whole or not at all.

    An interrupted download leaves ``<target>.part`` and goes on there the next time, if the server can
    prove that the bytes are still the same (a strong ETag or a date, with If-Range); else it starts
    again. An older ``target`` stays until the new one is whole.

    Args:
        client: from ``open_client``.
        url: an http(s) URL, or the path of a local file, which is copied.
        target: the file to make; its folder is made too.
        terms: limits, checks, and where to get the address anew.
        progress: told the bytes after every piece.
        sleep: waits so many seconds before another attempt.
    Returns:
        ``target``.
    Raises:
        DownloadError: the address gives no audio, or not all of it after several attempts.
        StorageError: the disk refuses.
    """
    make_folder(target.parent)
    if not is_web_address(url):
        return _copy(local_path(url), target, progress)
    with nullcontext() if terms.is_alone else _alone(target):
        try:
            return _fetch(client, url, target, terms, progress, sleep)
        except RefusedError as error:
            fresh = terms.refresh() if terms.refresh else None
            if not fresh or fresh == url or not is_web_address(fresh):
                raise
            _LOG.info("%s Trying the address that the feed has now: %s", error.message, redact(fresh))
            return _fetch(client, fresh, target, terms, progress, sleep)


def sweep(target: Path) -> None:
    """Remove what a run that was killed at the very end left beside a file that is whole.

    Raises:
        DownloadError: another run is downloading it. StorageError: the disk refuses.
    """
    partial = Partial(target, "")
    if partial.exists() or _lock_path(target).exists():
        with _alone(target):
            partial.discard()


def _fetch(
    client: httpx.Client,
    url: str,
    target: Path,
    terms: Terms,
    progress: OnProgress,
    sleep: Callable[[float], None],
) -> Path:
    partial = Partial(target, url)
    try:
        version = with_retries(
            lambda: _attempt(client, url, partial, terms.max_bytes, progress), sleep, received=partial.size
        )
        if terms.check:
            terms.check(partial.path, version.end_is_marked)
    except UnwantedError:
        partial.discard()
        raise
    return partial.finish()


def _alone(target: Path) -> AbstractContextManager[None]:
    """Two runs that append to one file would make a file that nobody published."""
    refusal = DownloadError(
        f"Another run is downloading {target}.", "Wait for it, or stop it and run this again."
    )
    return only_run(_lock_path(target), refusal, remove=True)


def _lock_path(target: Path) -> Path:
    return target.with_name(target.name + ".lock")


def _attempt(
    client: httpx.Client, url: str, partial: Partial, max_bytes: int, progress: OnProgress
) -> Version:
    version = partial.version()
    offset = partial.size() if version else 0
    if version and version.total == offset:
        return version
    # Ranges count compressed bytes where a server compresses, and audio gains nothing from it.
    headers = {"Accept": "audio/*, */*;q=0.5", "Accept-Encoding": "identity"}
    if version and version.validator:
        headers |= {"Range": f"bytes={offset}-", "If-Range": version.validator}
    with opened(client, url, headers) as response:
        chunks = paced(response.iter_bytes(), url)
        if response.status_code in (206, 416):
            if response.status_code == 416 or not (version and version.continues_in(response, offset)):
                partial.discard()
                raise TemporaryError(f"{url} has changed since the download began.", "Try again.")
        else:
            if is_part(response):
                partial.discard()  # what was asked for was the rest: the next time it is the whole
            check_status(response, url)
            # Before the earlier bytes go: this may be the sign-in page of some hotel.
            chunks = chain([_audio_head(chunks, url)], chunks)
            version = Version.of(response)
            if version.total is not None and version.total > max_bytes:
                raise _too_large(url, max_bytes)
            partial.start(version)
        _receive(_limited(chunks, url, partial.size(), max_bytes), url, partial, version.total, progress)
    return version


def _limited(chunks: Iterator[bytes], url: str, done: int, max_bytes: int) -> Iterator[bytes]:
    """The chunks, as long as they are not too many: a radio station never ends."""
    for chunk in chunks:
        done += len(chunk)
        if done > max_bytes:
            raise _too_large(url, max_bytes)
        yield chunk


def _too_large(url: str, max_bytes: int) -> UnwantedError:
    return UnwantedError(
        f"{url} is larger than {max_bytes:,} bytes.", "To download it anyway, raise --max-size."
    )


def _audio_head(chunks: Iterator[bytes], url: str) -> bytes:
    """Take from ``chunks`` what proves that they are audio."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= HEAD_BYTES:
            break
    _require_audio(head, url)
    return head


def _receive(
    chunks: Iterator[bytes], url: str, partial: Partial, total: int | None, progress: OnProgress
) -> None:
    done = looked = partial.size()
    _require_space(partial.path, (total or 0) - done)
    with partial.appending() as stream:
        for chunk in chunks:
            stream.write(chunk)
            done += len(chunk)
            progress(done, total)
            if done >= looked + _LOOK_AT_DISK_BYTES:
                _require_space(partial.path, (total or 0) - done)
                looked = done
    if total is not None and done != total:
        raise TemporaryError(f"{url} ends after {done} of {total} bytes.", "Try again later.")


def _require_audio(head: bytes, where: str | Path) -> None:
    if not head:
        raise RefusedError(f"{where} is empty.", "Its publisher has to fix it: try again later.")
    if audio_format(head) is None:
        raise RefusedError(
            f"{where} is {describe(head)}, not audio.",
            "It may require a login, have expired, or be the wrong address: open it in a browser to see.",
        )


def _require_space(path: Path, needed: int) -> None:
    try:
        free = shutil.disk_usage(path.parent).free
    except OSError as error:
        raise storage_error(path, error) from error
    full = OSError(errno.ENOSPC, "too little space")
    if free < RESERVE_BYTES:
        raise storage_error(path, full) from full
    if free < needed + RESERVE_BYTES:
        raise storage_error(path, full)  # without a cause in the system: a smaller file may fit


def _copy(source: Path, target: Path, progress: OnProgress) -> Path:
    try:
        stream = source.open("rb")
    except (OSError, ValueError) as error:
        raise unreadable(source, error) from error
    with stream:
        _require_audio(stream.read(HEAD_BYTES), source)
        if target.exists() and source.samefile(target):
            return target
        total = stream.seek(0, 2)
        _require_space(target, total)
        stream.seek(0)
        with whole_file(target) as part, part.open("wb") as copy:
            while piece := stream.read(_COPY_BYTES):
                copy.write(piece)
                progress(stream.tell(), total)
    return target
