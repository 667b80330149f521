"""Files appear whole or not at all; digests tell whether files and texts are the same."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from io import FileIO
from pathlib import Path, PurePath

from inkcast.errors import StorageError

_ADVICE = {
    errno.ENOSPC: "The disk is full: free some space and run the command again.",
    errno.EFBIG: "The file is larger than this disk or your limit allows: choose another folder.",
    errno.EDQUOT: "Your disk quota is used up: free some space and run the command again.",
    errno.EACCES: "You may not write there: choose another folder or change its permissions.",
    errno.EPERM: "You may not write there: choose another folder or change its permissions.",
    errno.EROFS: "The file system is read-only: choose another folder.",
    errno.ENOTDIR: "A part of that path is a file, not a folder: choose another folder.",
    errno.EEXIST: "A file of that name is in the way: choose another folder.",
    errno.ENAMETOOLONG: "The name is too long for this file system: choose a shorter one.",
}


_BLOCK = 256 * 1024
_PLAIN_NAME = re.compile(r"[^/\\:\0]+")


def storage_error(path: Path, error: OSError) -> StorageError:
    """Say in one line why ``path`` could not be written, and what to do."""
    reason = os.strerror(error.errno) if error.errno else str(error)
    return StorageError(f"Cannot write {path}: {reason}.", _ADVICE.get(error.errno or 0, ""))


def make_folder(path: Path) -> Path:
    """Create ``path`` and its parents.

    Raises:
        StorageError: the folder cannot be made.
    """
    try:
        if not path.is_dir():
            path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(path, error) from error
    return path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a path beside ``path`` to write to; it takes ``path``'s place only if the block succeeds.

    Raises:
        StorageError: the disk refuses; nothing is left behind, an older ``path`` stays as it was.
    """
    with _replacing(path) as part:
        # Somebody else may have put a link there, to a file that is not theirs to write.
        if part.is_symlink():
            part.unlink()
        yield part


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    # Few characters and no stem: the final name may already be as long as the system allows.
    # The same each time: what a killed run left behind is replaced by the next one.
    mark = hashlib.sha256(os.fsencode(path.name)).hexdigest()
    part = path.with_name(f".{mark[:12]}.part")
    try:
        yield part
        part.replace(path)
    except BaseException as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise storage_error(path, error) from error
        raise


def write_bytes(path: Path, data: bytes) -> Path:
    """Write ``data`` to ``path``, whole or not at all. Raises StorageError."""
    _write({path: data})
    return path


def write_text(path: Path, text: str) -> Path:
    """Write ``text`` as UTF-8 to ``path``, whole or not at all. Raises StorageError."""
    return write_bytes(path, _encoded(text))


def write_texts(texts: Mapping[Path, str]) -> tuple[Path, ...]:
    """Write several files as ``write_text`` does, flushed to the disk together: that takes half as long."""
    _write({path: _encoded(text) for path, text in texts.items()})
    return tuple(texts)


def _write(files: Mapping[Path, bytes]) -> None:
    with ExitStack() as stack:
        streams = []
        for path, data in files.items():
            part = stack.enter_context(_replacing(path))
            stream = stack.enter_context(_new_file(part))
            streams.append(stream)
            left = memoryview(data)
            while left:  # a disk that fills up takes a part
                left = left[stream.write(left) :]
        for stream in streams:
            os.fsync(stream.fileno())


def _new_file(path: Path) -> FileIO:
    """Open a file that is not there; what is, a link to somebody's file perhaps, is removed."""
    try:
        return path.open("xb", buffering=0)
    except FileExistsError:
        path.unlink()
        return path.open("xb", buffering=0)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", errors="replace")


def link(source: Path, target: Path) -> None:
    """Give a file a second name, or copy it where the disk has no such names.

    Raises:
        StorageError: there is no ``source``, or the disk refuses.
    """
    with whole_file(target) as part:
        part.unlink(missing_ok=True)
        try:
            os.link(source, part)
        except OSError:
            shutil.copy2(source, part)


def require_inside(name: object) -> str:
    """A path within a folder, as a file from somebody else gives it. Raises ValueError where it leads out."""
    if isinstance(name, str) and _PLAIN_NAME.fullmatch(name) and name != "..":
        return name  # nearly all are: a library of thousands asks for each of its files
    if not isinstance(name, str) or not name or "\0" in name:
        raise ValueError(f"{repr(name)[:60]} is not a path")
    if PurePath(name).anchor or ".." in PurePath(name).parts:
        raise ValueError(f"{name!r} leads out of its folder")
    return name


def digest(*parts: object) -> str:
    """Hex SHA-256 of one or more texts (or of what ``str`` makes of them); it depends on their order.

    Of one text it is that of the file that ``write_text`` makes of it.
    """
    joined = "\0".join(str(part) for part in parts)
    return hashlib.sha256(_encoded(joined)).hexdigest()


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    found = hashlib.sha256()
    with path.open("rb", buffering=0) as stream:
        while block := stream.read(_BLOCK):
            found.update(block)
    return found.hexdigest()
