"""Runs of Inkcast keep out of each other's way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import filelock

from inkcast.errors import InkcastError
from inkcast.files import storage_error


@contextmanager
def only_run(lock_file: Path, refusal: InkcastError, *, remove: bool = False) -> Iterator[None]:
    """Hold a lock while the block runs.

    Args:
        lock_file: made when missing, in a folder that is there.
        refusal: raised if another run, or another thread of this one, holds it.
        remove: leave no file behind.
    Raises:
        StorageError: the file cannot be made.
    """
    lock = filelock.FileLock(lock_file, blocking=False)
    try:
        lock.acquire()
    except filelock.Timeout as error:
        raise refusal from error
    except OSError as error:
        raise storage_error(lock_file, error) from error
    try:
        yield
    finally:
        if remove:
            with suppress(OSError):  # Windows keeps open files; there the lock removes its own
                lock_file.unlink(missing_ok=True)
        lock.release()
