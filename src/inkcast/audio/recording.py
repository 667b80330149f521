"""One recording for all stages of its journey: hashed, decoded and searched for speech once."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from itertools import count
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import IO

import numpy as np

from inkcast.audio.decode import FULL_SCALE, AudioFile, Samples
from inkcast.audio.seeking import is_rough, seeks_roughly
from inkcast.audio.spans import Span, total_ms
from inkcast.audio.stream import SAMPLES_PER_MS, SampleStream
from inkcast.audio.track import N_PACKET_SIZES
from inkcast.audio.vad import speech_of
from inkcast.errors import StorageError
from inkcast.files import sha256_of
from inkcast.timecode import clock

_LOG = logging.getLogger(__name__)

_IN_MEMORY = 2**21
"""Bytes of what is decoded, a minute: a backlog of clips is not to make a file for each."""
_MOST_PLACES = 3
"""That a warning names."""


class Recording:
    """An audio file whose sound any stage may ask for, from any place and as often as it likes.

    It is opened when something is asked for, and decoded as far as that needs. What is decoded goes to a
    temporary file, 115 MB an hour, and is read from there the next time: hours cost no memory, and clips of
    up to a minute no file. Threads may share a recording. Close it, or use it as a context manager.

    Args:
        path: any audio file.
        source: where it came from, without secrets; "" for the path itself.
        sha256: of the file, if that is known; else it is found when it is asked for.
        track: which of its audio tracks, from 1 on; None for the one that players play.
        is_read_once: keep nothing of what is decoded, and decode again whoever asks again.
    """

    def __init__(
        self,
        path: Path,
        source: str = "",
        sha256: str = "",
        *,
        track: int | None = None,
        is_read_once: bool = False,
    ) -> None:
        self.path = path
        self.track = track
        self._is_read_once = is_read_once
        self.source = source or str(path)
        self._sha256 = sha256
        self._lock = RLock()
        self._file: AudioFile | None = None
        self._blocks: Iterator[Samples] = iter(())
        self._decoded: IO[bytes] | None = None
        self._ends: list[int] = []  # of the blocks that were decoded, in samples
        self._is_whole = False
        self._has_warned = False

    def __enter__(self) -> Recording:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back the file and the disk space; what was found out stays."""
        with self._lock:
            if self._file:
                self._file.close()
            if self._decoded:
                self._decoded.close()
            self._file = self._decoded = None
            self._blocks = iter(())
            self._ends, self._is_whole = [], False

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the file."""
        return self._sha256 or sha256_of(self.path)

    @property
    def identity(self) -> str:
        """What differs between two recordings: the file's SHA-256, and the track if one was chosen."""
        return self.sha256 if self.track is None else f"{self.sha256}#{self.track}"

    @cached_property
    def said_ms(self) -> int | None:
        """How long its header says that it is, roughly; None where it says nothing. Raises AudioError."""
        return self._opened().info.duration_ms

    @cached_property
    def duration_ms(self) -> int:
        """How long it really is: decodes it to the end. Raises AudioError."""
        with self._lock:
            while self._decode_more():
                pass
            return self._n_decoded() // SAMPLES_PER_MS

    @cached_property
    def speech(self) -> tuple[Span, ...]:
        """Stretches that hold speech, in ms: decodes it to the end. Raises AudioError."""
        return tuple(speech_of(self.blocks()))

    @cached_property
    def seeks_roughly(self) -> bool:
        """Whether browsers find places in it only to within seconds (``seeking.py``)."""
        file = self._file
        if file and (self._is_whole or len(file.track.packet_sizes) == N_PACKET_SIZES):
            return is_rough(file.info.container, file.info.codec, file.track.packet_sizes)
        return seeks_roughly(self.path)

    def stream(self) -> SampleStream:
        """A moving window over its samples, from the first on."""
        return SampleStream(self.blocks())

    def blocks(self) -> Iterator[Samples]:
        """Its samples from the first on, four seconds or so at a time.

        Raises:
            AudioError: missing, no audio, or nothing in it decodes.
            StorageError: no room for what is decoded.
        """
        if self._is_read_once:
            with AudioFile(self.path, self.track) as file:
                yield from file.blocks()
                self._warn_of_silence(file)
            return
        start = 0
        for index in count():
            with self._lock:
                if index == len(self._ends) and not self._decode_more():
                    return
                block = self._read(start, self._ends[index])
            yield block
            start += len(block)

    def read(self, start_ms: int, end_ms: int) -> Samples:
        """Samples of [start_ms, end_ms); fewer where the recording ends before. Raises as ``blocks`` does."""
        start, end = start_ms * SAMPLES_PER_MS, end_ms * SAMPLES_PER_MS
        with self._lock:
            while self._n_decoded() < end and self._decode_more():
                pass
            return self._read(start, min(end, self._n_decoded()))

    def _n_decoded(self) -> int:
        return self._ends[-1] if self._ends else 0

    def _opened(self) -> AudioFile:
        with self._lock:
            if self._file is None:
                self._file = AudioFile(self.path, self.track)
                self._blocks = self._file.blocks()
            return self._file

    def _decode_more(self) -> bool:
        """Decode one block further; False at the end."""
        file = self._opened()
        block = next(self._blocks, None) if not self._is_whole else None
        if block is None:
            self._is_whole = True
            self._warn_of_silence(file)
            return False
        try:
            if self._decoded is None:
                self._decoded = tempfile.SpooledTemporaryFile(_IN_MEMORY, prefix="inkcast-")  # noqa: SIM115
            self._decoded.seek(0, 2)
            # FFmpeg gives 16 bits: nothing is lost.
            self._decoded.write((block * FULL_SCALE).astype(np.int16).tobytes())
        except OSError as error:
            with suppress(OSError):
                self.close()
            reason = error.strerror or str(error)
            raise StorageError(
                f"Cannot keep what is decoded of {self.path} in {tempfile.gettempdir()}: {reason}.",
                "Free some space there, or name another folder in the variable TMPDIR.",
            ) from error
        self._ends.append(self._n_decoded() + len(block))
        return True

    def _warn_of_silence(self, file: AudioFile) -> None:
        """Tell, once, where there is none of its sound."""
        missing = file.track.missing
        if missing and not self._has_warned:
            self._has_warned = True
            places = ", ".join(f"{clock(start)}-{clock(end)}" for start, end in missing[:_MOST_PLACES])
            others = len(missing) - _MOST_PLACES
            _LOG.warning(
                "%s: %.1f s of its sound are missing or cannot be decoded, and are taken as silence: %s%s.",
                self.path.name,
                total_ms(missing) / 1000,
                places,
                f" and {others} more" if others > 0 else "",
            )

    def _read(self, start: int, end: int) -> Samples:
        if self._decoded is None or end <= start:
            return np.zeros(0, np.float32)
        self._decoded.seek(2 * start)
        data = np.frombuffer(self._decoded.read(2 * (end - start)), np.int16)
        return data.astype(np.float32) / np.float32(FULL_SCALE)
