"""Weights that were found whole, remembered for a day: a gigabyte takes most of a second to hash.

What is remembered is only as good as the user's own cache folder, and is a hint: a file of which anything
differs is hashed again.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import platformdirs

from inkcast.errors import StorageError
from inkcast.files import make_folder, sha256_of, write_text
from inkcast.shape import MISSHAPEN

_FILE = "whole-weights.json"
_REMEMBERED_S = 24 * 60 * 60


def sha256_of_weights(path: Path) -> str:
    """Hex SHA-256 of a file; if it was hashed within the last day, and is the same, what was found then.

    Where nothing can be kept, it is hashed every time. Raises OSError.
    """
    name, facts = str(path.resolve()), _facts(path)
    known = _read()
    try:
        hashed_at, *then, sha256 = known[name]
        if then == facts and 0 <= time.time() - hashed_at < _REMEMBERED_S:
            return str(sha256)
    except MISSHAPEN:
        pass
    sha256 = sha256_of(path)
    if facts == _facts(path):
        with suppress(OSError, StorageError):
            make_folder(_place().parent)
            write_text(_place(), json.dumps(known | {name: [time.time(), *facts, sha256]}, indent=1))
    return sha256


def _facts(path: Path) -> list[int]:
    """What would differ if it were another file, or had been written to."""
    stat = path.stat()
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]


def _place() -> Path:
    return platformdirs.user_cache_path("inkcast") / _FILE


def _read() -> dict[str, Any]:
    try:
        found = json.loads(_place().read_bytes())
        return found if isinstance(found, dict) else {}
    except MISSHAPEN:
        return {}
