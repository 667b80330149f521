"""Finished windows on disk: a killed transcription goes on where it was.

One JSON line a window, appended as it finishes; the first line says what it is of. A line that was
cut off by a kill is dropped with whatever follows it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

from inkcast.files import digest, storage_error, write_text
from inkcast.speech.transcript import Gap, TranscriptWord


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one window, or a few together, gave: words, what failed, their end, and how to go on from there.

    ``place`` and ``pace`` are the guide's (see ``guided.Progress``); free transcription leaves them.
    """

    words: tuple[TranscriptWord, ...]
    failed: tuple[Gap, ...]
    time_ms: int
    place: int = 0
    pace: float = 0.0


def checkpoint_key(**facts: Any) -> str:
    """One string for everything that a result depends on."""
    return digest(json.dumps(facts, sort_keys=True))


class Checkpoint:
    """The chunks of one transcription. Whoever wrote the result removes the file.

    Args:
        path: the file.
        key: chunks of another key are thrown away.

    Raises:
        StorageError: the file cannot be written.
    """

    def __init__(self, path: Path, key: str) -> None:
        self._path = path
        self.chunks = tuple(_read(path, key))
        write_text(path, json.dumps(key) + "\n" + "".join(map(_to_line, self.chunks)))
        try:
            self._stream: TextIO = path.open("a", encoding="utf-8", newline="\n")
        except OSError as error:
            raise storage_error(path, error) from error

    def add(self, chunk: Chunk) -> None:
        """Append what is finished. Raises StorageError."""
        try:
            self._stream.write(_to_line(chunk))
            self._stream.flush()
        except OSError as error:
            raise storage_error(self._path, error) from error

    def close(self) -> None:
        """Stop writing; the chunks stay for the next run."""
        with suppress(OSError):
            self._stream.close()


def _to_line(chunk: Chunk) -> str:
    return json.dumps(asdict(chunk), separators=(",", ":")) + "\n"


def _read(path: Path, key: str) -> Iterator[Chunk]:
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError:
        return
    if lines[0] != json.dumps(key).encode():
        return
    # What follows the last line break was cut off by a kill.
    for line in lines[1:-1]:
        try:
            data = json.loads(line)
            data["words"] = tuple(TranscriptWord(**word) for word in data["words"])
            data["failed"] = tuple(Gap(**gap) for gap in data["failed"])
            yield Chunk(**data)
        except (ValueError, KeyError, TypeError):
            return
