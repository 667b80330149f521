"""What is remembered of each step of an episode: how it ended, what went in, what came out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, get_args

from inkcast.errors import InkcastError, LibraryError
from inkcast.files import sha256_of

StepName = Literal["download", "essay", "transcribe", "align", "publish"]
State = Literal["done", "failed", "skipped"]

STEPS: tuple[StepName, ...] = get_args(StepName)
"""In the order in which an episode goes through them."""
CORRECTED: tuple[StepName, ...] = ("essay", "transcribe")
"""Those whose text people correct; the other files are ours alone."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as it was when its step ended; ``name`` is its path within the episode's folder."""

    name: str
    size: int
    mtime_ns: int
    sha256: str

    @classmethod
    def of(cls, path: Path, folder: Path) -> StoredFile:
        """Look at a file of an episode's folder. Raises LibraryError."""
        try:
            stat = path.stat()
            name = path.relative_to(folder).as_posix()
            return cls(name, stat.st_size, stat.st_mtime_ns, sha256_of(path))
        except OSError as error:
            raise LibraryError(
                f"Cannot read {path}: {error.strerror or error}.", "Check the disk."
            ) from error

    def is_untouched(self, folder: Path) -> bool:
        """Whether the file in ``folder`` still has its size and date: then nobody has edited it."""
        stat = (folder / self.name).stat()
        return (stat.st_size, stat.st_mtime_ns) == (self.size, self.mtime_ns)


@dataclass(frozen=True, slots=True)
class StepRecord:
    """How a step ended.

    Attributes:
        step: which one.
        state: ``skipped`` if there was nothing to do, an episode without an essay for example.
        key: digest of all that went in: the same key need not run again. Empty: it is to run again.
        result: digest of what came out, as far as later steps depend on it; empty if nothing did.
        reason: why it failed or was skipped, and what to do.
        attempts: how often it was tried until it worked, or until now.
        seconds: how long it took.
        finished_at: when, in UTC.
        files: what it made; the first is the one that ``result`` is about.
        next_attempt: when to try again what failed, in UTC; None: not before what goes in has changed.
        audio_ms: how much audio a transcription heard.
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


@dataclass(frozen=True, slots=True)
class Problem:
    """A step that failed, and why; without ``next_attempt`` it waits for something to change."""

    step: StepName
    reason: str
    next_attempt: datetime | None = None


class StoppedError(InkcastError):
    """The run was asked to stop, and did so without losing anything."""
