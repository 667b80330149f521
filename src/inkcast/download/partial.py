"""A download in progress: the bytes so far, and a note that tells whether they may be continued."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, BinaryIO

import httpx

from inkcast.files import digest, storage_error, write_text
from inkcast.shape import MISSHAPEN, checked

_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(?:(\d+)|\*)")


@dataclass(frozen=True, slots=True)
class Version:
    """Which bytes a server sent: only those may be continued.

    ``validator`` is a strong ETag or a Last-Modified date (RFC 9110, 13.1.5), None if the server gives
    neither. ``total`` is the length of the whole file in bytes. ``end_is_marked`` tells whether a body that
    is cut off can be known from a whole one, by its length or its last chunk.
    """

    validator: str | None
    total: int | None
    end_is_marked: bool = True

    @classmethod
    def of(cls, response: httpx.Response) -> Version:
        """The version that a 200 response begins to send."""
        length = response.headers.get("content-length", "")
        chunked = "chunked" in response.headers.get("transfer-encoding", "").lower()
        if is_encoded(response):  # counted and named after compression: no use for ranges
            return cls(None, None, bool(length) or chunked)
        total = int(length) if length.isdecimal() else None
        return cls(_validator(response.headers), total, total is not None or chunked)

    def continues_in(self, response: httpx.Response, offset: int) -> bool:
        """Whether a 206 response goes on at ``offset`` with the same bytes.

        If-Range should have seen to that, but some servers ignore it.
        """
        match = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
        if match is None or int(match[1]) != offset or is_encoded(response):
            return False
        if match[2] and self.total is not None and int(match[2]) != self.total:
            return False
        name = "etag" if (self.validator or "").startswith('"') else "last-modified"
        return bool(response.headers.get(name, self.validator) == self.validator)


class Partial:
    """The files ``<target>.part`` and ``<target>.part.json`` until they become ``target``."""

    def __init__(self, target: Path, url: str) -> None:
        self.target = target
        self.path = target.with_name(target.name + ".part")
        self._note = target.with_name(target.name + ".part.json")
        # Digests, because addresses carry passwords and tokens.
        self._address = digest(url)
        self._path = digest(url.partition("?")[0])

    def size(self) -> int:
        """Bytes received so far."""
        with suppress(OSError):
            return self.path.stat().st_size
        return 0

    def exists(self) -> bool:
        """Whether there is a trace of a download."""
        return self.path.exists() or self._note.exists()

    def version(self) -> Version | None:
        """What the bytes so far are a part of; None if they cannot be continued."""
        if self.path.is_symlink():
            return None
        size = self.size()
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
            version = checked(Version(note["validator"], note["total"], note["end_is_marked"]))
            fits = version.total is None or size <= version.total
            continued = self._is_of_same_file(note) and size and fits
        except MISSHAPEN:
            return None
        return version if continued else None

    def _is_of_same_file(self, note: dict[str, Any]) -> bool:
        """A signed address changes its query; then only an ETag, which no two files share, will do."""
        if str(note["validator"] or "").startswith('"'):
            return bool(note["path"] == self._path)
        return bool(note["validator"] and note["address"] == self._address)

    def start(self, version: Version) -> None:
        """Begin anew. The note is written before the first byte, so that it never speaks of others.

        Of bytes that no validator names, nothing could be continued: they have none.
        """
        self.discard()
        if not version.validator:
            return
        note = {"address": self._address, "path": self._path, **asdict(version)}
        write_text(self._note, json.dumps(note))

    @contextmanager
    def appending(self) -> Iterator[BinaryIO]:
        """Open the bytes for more. Raises StorageError; what was written before stays."""
        try:
            with open(self.path, "ab", opener=_not_through_a_link) as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise storage_error(self.path, error) from error

    def discard(self) -> None:
        """Forget the bytes so far. Raises StorageError."""
        try:
            self.path.unlink(missing_ok=True)
            self._note.unlink(missing_ok=True)
        except OSError as error:
            raise storage_error(self.path, error) from error

    def finish(self) -> Path:
        """Give the whole file its name. Raises StorageError."""
        try:
            self.path.replace(self.target)
            self._note.unlink(missing_ok=True)
        except OSError as error:
            raise storage_error(self.target, error) from error
        return self.target


def _not_through_a_link(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o666)


def is_encoded(response: httpx.Response) -> bool:
    """Whether the server compressed the body although it was asked not to."""
    return response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity")


def _validator(headers: httpx.Headers) -> str | None:
    etag = str(headers.get("etag", ""))
    if etag.startswith('"'):  # a weak one, W/"…", promises no equal bytes
        return etag
    modified = str(headers.get("last-modified", ""))
    try:
        # RFC 9110, 8.8.2.2: a file may change twice within the second of its date.
        age = parsedate_to_datetime(headers.get("date", "")) - parsedate_to_datetime(modified)
    except (ValueError, TypeError):
        return None
    return modified if age >= timedelta(seconds=1) else None
