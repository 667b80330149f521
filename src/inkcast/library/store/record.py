"""What is remembered of each step of an episode: how it ended, what went in, what came out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from inkcast.errors import InkcastError, LibraryError
from inkcast.files import digest, require_inside, sha256_of

StepName = Literal["download", "essay", "transcribe", "align", "publish"]
State = Literal["done", "failed", "skipped"]

STEPS: tuple[StepName, ...] = get_args(StepName)
"""In the order in which an episode goes through them."""
CORRECTED: tuple[StepName, ...] = ("essay", "transcribe")
"""Those whose text people correct; the other files are ours alone."""


def within(name: str) -> str:
    """A path of the catalogue, which anybody may have written. Raises LibraryError where it leads out."""
    try:
        return require_inside(name)
    except ValueError as error:
        raise LibraryError(
            f"The catalogue names a path that is not in the library: {name!r}.",
            "Delete catalogue.sqlite: the next sync makes it again from the folders.",
        ) from error


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as it was when its step ended; ``name`` is its path within the episode's folder."""

    name: str
    size: int
    mtime_ns: int
    sha256: str

    def __post_init__(self) -> None:
        within(self.name)

    @classmethod
    def of(cls, path: Path, folder: Path, text: str | None = None) -> StoredFile:
        """Look at a file of an episode's folder.

        Args:
            path, folder: where they are.
            text: what was written to it just now, if that is known: then it need not be read.
        Raises:
            LibraryError: it cannot be read.
        """
        try:
            stat = path.stat()
            name = path.relative_to(folder).as_posix()
            sha256 = sha256_of(path) if text is None else digest(text)
            return cls(name, stat.st_size, stat.st_mtime_ns, sha256)
        except OSError as error:
            raise LibraryError(
                f"Cannot read {path}: {error.strerror or error}.", "Check the disk."
            ) from error

    def to_json(self) -> dict[str, Any]:
        """What a sidecar says of it; dates differ from copy to copy."""
        return {"name": self.name, "size": self.size, "sha256": self.sha256}

    @classmethod
    def from_json(cls, data: dict[str, Any], folder: Path) -> StoredFile:
        """A file that lies in ``folder``; its date is 0 if its size differs: it was edited, or cut off."""
        name = require_inside(data["name"])
        try:
            stat = (folder / name).stat()
            mtime_ns = stat.st_mtime_ns if stat.st_size == data["size"] else 0
        except OSError:
            mtime_ns = 0
        return cls(data["name"], data["size"], mtime_ns, data["sha256"])

    def to_row(self) -> tuple[Any, ...]:
        """Its values in the catalogue, in the order of ``FILE_COLUMNS``."""
        return tuple(getattr(self, name) for name in FILE_COLUMNS)

    def is_untouched(self, folder: Path) -> bool:
        """Whether the file in ``folder`` still has its size and date: then nobody has edited it."""
        stat = (folder / self.name).stat()
        return (stat.st_size, stat.st_mtime_ns) == (self.size, self.mtime_ns)

    def is_there(self, folder: Path) -> bool:
        """The same; False as well where the file is missing or cannot be looked at."""
        return is_as_it_was(folder, self.name, self.size, self.mtime_ns)


def is_as_it_was(folder: Path | str, name: str, size: int, mtime_ns: int) -> bool:
    """Whether a file is in ``folder`` with that size and date: quickly, for tens of thousands."""
    try:
        stat = os.stat(os.path.join(folder, name))  # noqa: PTH116, PTH118
    except OSError:
        return False
    return (stat.st_size, stat.st_mtime_ns) == (size, mtime_ns)


FILE_COLUMNS = tuple(field.name for field in fields(StoredFile))
"""Of the table ``files``, but for the episode, the step, and the position among its files."""


@dataclass(frozen=True, slots=True)
class StepRecord:
    """How a step ended.

    Attributes:
        step: which one.
        state: ``skipped`` if there was nothing to do, an episode without an essay for example.
        key: digest of all that went in: the same key need not run again. Empty: it is to run again.
        result: digest of what came out, as far as later steps depend on it; empty if nothing did.
        reason: why it failed or was skipped, and what to do; of an alignment that is done, which corrections
            have lost their place.
        attempts: how often it was tried until it worked, or until now.
        seconds: how long it took.
        finished_at: when, in UTC.
        files: what it made; the first is the one that ``result`` is about.
        next_attempt: when to try again what failed, or is not there yet, in UTC; None: not before what goes
            in has changed.
        audio_ms: how much audio a transcription heard.
        doubts: how many places of an alignment a person should look at.
    """

    step: StepName
    state: State
    key: str
    result: str
    reason: str
    attempts: int
    seconds: float
    finished_at: datetime
    files: tuple[StoredFile, ...] = ()
    next_attempt: datetime | None = None
    audio_ms: int = 0
    doubts: int = 0

    def to_row(self) -> tuple[Any, ...]:
        """Its values in the catalogue, in the order of ``STEP_COLUMNS``."""
        row = {name: getattr(self, name) for name in STEP_COLUMNS}
        row["finished_at"] = self.finished_at.isoformat(timespec="seconds")
        row["next_attempt"] = self.next_attempt.isoformat() if self.next_attempt else None
        return tuple(row.values())

    @classmethod
    def from_row(cls, values: Sequence[Any], files: Iterable[StoredFile]) -> StepRecord:
        """A step of the catalogue. Raises ValueError."""
        row = dict(zip(STEP_COLUMNS, values, strict=True))
        for name in ("finished_at", "next_attempt"):
            row[name] = datetime.fromisoformat(row[name]) if row[name] else None
        return cls(**row, files=tuple(files))

    def to_json(self) -> dict[str, Any]:
        """What a sidecar says of it: no times, no attempts; the same inputs give the same bytes."""
        return {
            "state": self.state,
            "key": self.key,
            "result": self.result,
            "reason": self.reason,
            "audio_ms": self.audio_ms,
            **({"doubts": self.doubts} if self.doubts else {}),
            "files": [file.to_json() for file in self.files],
        }

    @classmethod
    def from_json(cls, step: StepName, data: dict[str, Any], folder: Path) -> StepRecord:
        """A step whose files lie in ``folder``. Raises ValueError, KeyError or TypeError."""
        files = tuple(StoredFile.from_json(item, folder) for item in data["files"])
        moment = datetime.fromtimestamp(max((file.mtime_ns for file in files), default=0) / 1e9, UTC)
        return cls(
            *(step, data["state"], data["key"], data["result"], data["reason"]),
            attempts=1,
            seconds=0.0,
            finished_at=moment,
            files=files,
            # When it was to be tried again is forgotten: now, then.
            next_attempt=moment if data["state"] == "failed" else None,
            audio_ms=data["audio_ms"],
            doubts=data.get("doubts", 0),
        )


STEP_COLUMNS = tuple(field.name for field in fields(StepRecord) if field.name != "files")
"""Of the table ``steps``, but for the episode."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A step that failed, and why; without ``next_attempt`` it waits for something to change."""

    step: StepName
    reason: str
    next_attempt: datetime | None = None


class StoppedError(InkcastError):
    """The run was asked to stop, and did so without losing anything."""
