"""Any audio file to 16 kHz mono float32, streamed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import av
import numpy as np
from numpy.typing import NDArray

from inkcast.audio.channels import keep_from_cancelling
from inkcast.audio.track import Track, played
from inkcast.errors import AudioError
from inkcast.timecode import seconds_to_ms

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame

SAMPLE_RATE = 16_000
_BLOCK_S = 4
FULL_SCALE = 32_768
"""Of samples of 16 bits."""

PROBING = {"max_probe_packets": "1"}
"""FFmpeg searches plain samples for hidden surround sound (DTS in WAV): nine tenths of what opening costs."""

_FORMATS = (
    "aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,au,avi,caf,dsf,dts,dtshd,eac3,flac,flv,loas,matroska,mov,mp3,mpc,mpc8,"
    "mpeg,mpegts,ogg,rm,tta,w64,wav,wv,xwma"
)
ONLY_THIS_FILE = {"protocol_whitelist": "file", "format_whitelist": _FORMATS}
"""For FFmpeg: playlists and descriptions (HLS, concat, DASH, SDP, ffmetadata) name other files and addresses,
which nothing that calls itself a recording may open."""

_RATES = range(4_000, 768_001)
_MOST_CHANNELS = 64
_LEAST_BYTES_A_SECOND = 10
"""Of what lasts longer than ``_SHORT_S``; digital silence in FLAC takes 20 and more."""
_SHORT_S = 600

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What the container says; ``duration_ms`` is None where it says nothing (streams, some WAVs)."""

    duration_ms: int | None
    codec: str
    sample_rate: int
    channels: int
    container: str


class AudioFile:
    """An audio file, opened; close it, or use it as a context manager.

    Args:
        path: where it is.
        track: which of its audio tracks, from 1 on; None for the one that players play.

    Attributes:
        path: as given.
        info: what its header says.
        track: what is decoded, and what is found out by that.

    Raises:
        AudioError: missing, empty, no audio, or no such track.
    """

    def __init__(self, path: Path, track: int | None = None) -> None:
        self.path = path
        self._container, stream = _open(path, track)
        self.info = _info(self._container, stream)
        self._n_bytes = path.stat().st_size
        self._longest_s = max(_SHORT_S, self._n_bytes / _LEAST_BYTES_A_SECOND)
        self.track = Track(self._container, stream, self._longest_s)

    def __enter__(self) -> AudioFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back."""
        self._container.close()

    def blocks(self) -> Iterator[Samples]:
        """Decode it once, block by block, by a player's clock.

        What cannot be decoded (of a cut or damaged file) is silence; what comes after it is kept.

        Yields:
            mono float32, shape (n_samples,), range [-1, 1], 16 kHz; about four seconds each.

        Raises:
            AudioError: nothing in it decodes, or it unpacks to far more than sound.
        """
        seconds = 0.0
        for block in self._resampled():
            seconds += len(block) / SAMPLE_RATE
            if seconds > self._longest_s:
                raise AudioError(f"{self.path} claims hours of sound in {self._n_bytes:,} bytes.", _REPLACE)
            yield block

    def _resampled(self) -> Iterator[Samples]:
        resampler: _Resampler | None = None
        for frame in self.track.frames():
            # A file may change rate or layout in the middle (joined MP3s); a resampler may not.
            if resampler is None or not resampler.takes(frame):
                if resampler is not None:
                    yield from resampler.flush()
                _require_sound(self.path, frame.sample_rate, 1)
                resampler = _Resampler(frame)
            if resampler.is_full():
                yield from resampler.block()
        if resampler is None:
            raise AudioError(f"{self.path} contains no audio that can be decoded.", _REPLACE)
        yield from resampler.flush()


def probe(path: Path) -> AudioInfo:
    """Read a file's header.

    Raises:
        AudioError: missing, empty, or no audio.
    """
    with AudioFile(path) as file:
        return file.info


def stream_samples(path: Path, track: int | None = None) -> Iterator[Samples]:
    """Decode a file once, block by block: see ``AudioFile.blocks``. Raises AudioError."""
    with AudioFile(path, track) as file:
        yield from file.blocks()


def read_samples(path: Path) -> Samples:
    """Decode a whole file at once, for clips that fit in memory. Raises AudioError."""
    return np.concatenate(list(stream_samples(path)))


def packets_ms(path: Path) -> int:
    """How long the sound in a file is, by its packets: a cut file's header still tells the old length.

    Many times faster than decoding it, and not as exact. Raises AudioError.
    """
    container, stream = _open(path)
    with container:
        ticks = 0
        packets = container.demux(stream)
        while True:
            try:
                ticks += next(packets).duration or 0
            except (StopIteration, av.error.FFmpegError):
                return seconds_to_ms(float(ticks * (stream.time_base or 0)))


def _info(container: Any, stream: Any) -> AudioInfo:
    duration = None
    if stream.duration is not None and stream.time_base is not None:
        duration = seconds_to_ms(float(stream.duration * stream.time_base))
    elif container.duration is not None:
        duration = seconds_to_ms(container.duration / av.time_base)
    context = stream.codec_context
    rate, channels = context.sample_rate or 0, context.channels or 0
    return AudioInfo(duration, context.name, rate, channels, container.format.name)


_REPLACE = "Download it again, or convert it to MP3, M4A, FLAC or WAV."


def _open(path: Path, track: int | None = None) -> tuple[Any, Any]:
    """A file, and one of its audio tracks."""
    try:
        if path.stat().st_size == 0:
            raise AudioError(f"{path} is an empty file.", _REPLACE)
        # Absolute: FFmpeg takes "concat:a" for an order.
        options = PROBING | ONLY_THIS_FILE
        container = av.open(str(path.absolute()), mode="r", metadata_errors="ignore", options=options)
    except FileNotFoundError as error:
        raise AudioError(f"There is no file {path}.", "Check the path.") from error
    except IsADirectoryError as error:
        raise AudioError(f"{path} is a folder.", "Name an audio file.") from error
    except av.error.ArgumentError as error:  # a picture, subtitles, a playlist: none of ``_FORMATS``
        raise AudioError(f"{path} contains no audio track.", _looks_like(path)) from error
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise AudioError(f"{path} is not an audio file ({_reason(error)}).", _looks_like(path)) from error
    if not container.streams.audio:
        container.close()
        raise AudioError(f"{path} contains no audio track.", _looks_like(path))
    try:
        stream = _track(path, container, track)
        context = stream.codec_context
        _require_sound(path, context.sample_rate or _RATES[-1], context.channels or 1)
    except AudioError:
        container.close()
        raise
    return container, stream


def _track(path: Path, container: Any, number: int | None) -> Any:
    streams = container.streams.audio
    if number is None:
        return played(container)
    if not 1 <= number <= len(streams):
        has = "one audio track" if len(streams) == 1 else f"{len(streams)} audio tracks"
        raise AudioError(f"{path} has {has}: there is no track {number}.", "Tracks are counted from 1 on.")
    return streams[number - 1]


def _require_sound(path: Path, rate: int, channels: int) -> None:
    """Raise AudioError for what no recording has: days at one sample a second, thousands of channels."""
    if rate not in _RATES or channels > _MOST_CHANNELS:
        raise AudioError(f"{path} claims {rate:,} samples a second in {channels:,} channels.", _REPLACE)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _looks_like(path: Path) -> str:
    """A hint from the first bytes: servers send error pages under audio names."""
    try:
        with path.open("rb") as stream:
            head = stream.read(512).lstrip().lower()
    except OSError:
        return _REPLACE
    if head.startswith((b"<!doctype html", b"<html", b"<?xml")):
        return (
            "It is a web page with the name of an audio file: "
            "check the address it came from, then download it again."
        )
    if head.startswith((b"#extm3u", b"ffconcat", b";ffmetadata", b"v=0", b"[playlist]")):
        return "It is a playlist, which only names recordings: give the recording itself."
    if head.startswith((b"{", b"[")):
        return (
            "It is a JSON response with the name of an audio file: "
            "check the address it came from, then download it again."
        )
    return _REPLACE


class _Resampler:
    """Mono float32 at 16 kHz, in blocks: a call for each 26 ms MP3 frame costs three times the decoding."""

    def __init__(self, frame: AudioFrame) -> None:
        self._format = (frame.sample_rate, frame.layout.name, frame.format.name)
        channels = frame.layout.nb_channels
        self._is_as_wanted = (frame.sample_rate, channels, frame.format.name) == (SAMPLE_RATE, 1, "s16")
        self._block = _BLOCK_S * frame.sample_rate
        self._fifo = av.AudioFifo()
        # Not "flt": FFmpeg mixes floats without scaling, and loud stereo would leave [-1, 1].
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
        self.takes(frame)

    def takes(self, frame: AudioFrame) -> bool:
        """Take a frame, unless it is of another kind than the first."""
        if self._format != (frame.sample_rate, frame.layout.name, frame.format.name):
            return False
        frame.pts = None
        self._fifo.write(frame)
        return True

    def is_full(self) -> bool:
        """Whether there is a block."""
        return bool(self._fifo.samples >= self._block)

    def block(self) -> Iterator[Samples]:
        """What was taken since the last block."""
        frame = self._fifo.read()
        keep_from_cancelling(frame)
        yield from self._convert(frame)

    def flush(self) -> Iterator[Samples]:
        if self._fifo.samples:
            yield from self.block()
        yield from self._convert(None)

    def _convert(self, frame: AudioFrame | None) -> Iterator[Samples]:
        if self._is_as_wanted:  # to start FFmpeg's filters takes longer than a clip's alignment
            arrays = [frame.to_ndarray()[0]] if frame else []
        else:
            arrays = [out.to_ndarray()[0] for out in self._resampler.resample(frame)]
        if arrays:
            yield np.concatenate(arrays).astype(np.float32) / np.float32(FULL_SCALE)
