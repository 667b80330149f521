"""An essay, a transcript, an alignment: several steps of an episode want them, and each is read once."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

from inkcast.alignment.alignment import Alignment
from inkcast.errors import LibraryError
from inkcast.essays.essay import Essay
from inkcast.shape import MISSHAPEN, checked
from inkcast.speech.transcript import Transcript

T = TypeVar("T")

_KEPT = 8
_ESSAYS_KEPT = 32
"""An essay is wanted first and last: meanwhile other episodes wait for the model, and behind it."""


def kept_essay(path: Path) -> Essay:
    """The essay in a file, read anew only where the file has changed. Raises LibraryError."""
    return _kept(path, Essay.from_json, _read_essay)


def kept_transcript(path: Path) -> Transcript:
    """The same of a transcript."""
    return _kept(path, Transcript.from_json, _read)


def kept_alignment(path: Path) -> Alignment:
    """The same of an alignment."""
    return _kept(path, Alignment.from_json, _read)


def _read_anew(path: Path, from_json: Callable[[dict[str, Any]], Any], stat: tuple[int, ...]) -> Any:
    return checked(from_json(json.loads(path.read_bytes())))


_read = lru_cache(_KEPT)(_read_anew)
_read_essay = lru_cache(_ESSAYS_KEPT)(_read_anew)


def _kept(path: Path, from_json: Callable[[dict[str, Any]], T], read: Callable[..., Any]) -> T:
    try:
        stat = path.stat()
        return cast(T, read(path, from_json, (stat.st_ino, stat.st_size, stat.st_mtime_ns)))
    except MISSHAPEN as error:
        raise LibraryError(
            f"Cannot read {path}: {error}.", "Delete it, and the next sync makes it again."
        ) from error
