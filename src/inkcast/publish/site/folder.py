"""Files of a site: only what is new or different is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from inkcast.files import make_folder, storage_error, write_bytes


def put_all(folder: Path, files: Mapping[str, bytes | None]) -> list[str]:
    """Write what is new or different; None stays as it is.

    Returns:
        All the names.
    Raises:
        StorageError: the disk refuses.
    """
    for name, data in files.items():
        path = folder / name
        with suppress(OSError):
            if data is None or (path.stat().st_size == len(data) and path.read_bytes() == data):
                continue
        make_folder(path.parent)
        write_bytes(path, data or b"")
    return list(files)


def remove_files(folder: Path, names: Iterable[str]) -> None:
    """Remove files, and folders that become empty. Raises StorageError."""
    for name in names:
        path = folder / name
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise storage_error(path, error) from error
        for parent in path.relative_to(folder).parents:
            with suppress(OSError):
                (folder / parent).rmdir()
