"""A passage cut out of a recording: at breaths, with short fades, at an even loudness."""

from __future__ import annotations

import shutil
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg  # type: ignore[import-untyped]
import numpy as np

from inkcast.audio.decode import FULL_SCALE, AudioFile, Samples
from inkcast.audio.loudness import SILENT_LUFS, limited, loudness
from inkcast.audio.vad import LEVEL_MS
from inkcast.errors import AudioError
from inkcast.files import make_folder, whole_file

with warnings.catch_warnings():
    # It warns where there is no ffmpeg on the path, and of its own old code.
    warnings.simplefilter("ignore")
    from pydub import AudioSegment
    from pydub.exceptions import CouldntEncodeError

CLIP_FORMATS = {".mp3": "mp3", ".wav": "wav", ".m4a": "ipod"}
"""Suffixes of clips, with FFmpeg's names of their containers."""

TARGET_LUFS = -16.0
"""Apple Podcasts' recommendation, for mono and stereo."""

HIGHEST_PEAK = 10 ** (-1 / 20)
"""-1 dBFS: encoders overshoot."""

MOST_GAIN_DB = 24.0
"""More would make a clip of a pause roar. Not measured: chosen by hand, as is what follows."""

BREATH_MS = 300
"""How far before its first word and after its last one a clip may reach for a breath."""

FADE_MS = 15

_ROUNDS = 5
"""Turning peaks down takes some of the loudness away again: five bring a clip to within 0.1 LU."""

# Not measured: chosen by hand.
_QUIET_WIDTH_MS = 50
_WORD_MS = 20


@dataclass(frozen=True, slots=True)
class Clip:
    """What was cut out of a recording, in milliseconds of the recording."""

    path: Path
    start_ms: int
    end_ms: int


def cut_clip(
    audio: Path,
    start_ms: int,
    end_ms: int,
    target: Path,
    *,
    room: tuple[int, int] = (BREATH_MS, BREATH_MS),
    track: int | None = None,
) -> Clip:
    """Cut ``audio`` near two times, where it is quietest, into a file of its own.

    Args:
        audio: any recording.
        start_ms: of the first word.
        end_ms: of the last word; after ``start_ms``.
        target: the suffix is one of ``CLIP_FORMATS``.
        room: how far the clip may reach before the first word and after the last one, for instance to the
            words around them.
        track: see ``read_between``.
    Raises:
        AudioError: no audio, no such track, nothing there, or a suffix that is none of these.
        StorageError: the disk refuses.
    """
    container = CLIP_FORMATS.get(target.suffix.lower())
    if container is None:
        raise AudioError(
            f"A clip cannot be written as {target.name}.", f"Choose {', '.join(CLIP_FORMATS)} as its suffix."
        )
    first_ms = max(0, start_ms - room[0])
    samples, rate = read_between(audio, first_ms, end_ms + room[1], track)
    length_ms = samples.shape[1] * 1000 // rate
    if length_ms <= start_ms - first_ms:
        raise AudioError(
            f"{audio} ends before {start_ms / 1000:.1f} s.", "Is it the recording that was aligned?"
        )
    level = _levels(samples, rate)
    cut_start = _quietest(level, 0, start_ms - first_ms + _WORD_MS, last=True)
    cut_end = max(cut_start + 1, _quietest(level, end_ms - first_ms - _WORD_MS, length_ms, last=False))
    part = samples[:, cut_start * rate // 1000 : cut_end * rate // 1000]
    _write(_segment(_evened(part, rate), rate), target, container)
    return Clip(target, first_ms + cut_start, first_ms + cut_end)


def read_between(audio: Path, start_ms: int, end_ms: int, track: int | None = None) -> tuple[Samples, int]:
    """Decode a stretch at its own rate and with up to two channels.

    Args:
        audio: any recording.
        start_ms, end_ms: by the clock of a player, as those of a ``Recording``.
        track: which of its audio tracks, from 1 on; None for the one that players play.

    Returns:
        float32, shape (n_channels, n_samples), range [-1, 1]; and samples a second. Fewer samples where
        the recording ends before.
    Raises:
        AudioError: missing, no audio, or no such track.
    """
    with AudioFile(audio, track) as file:
        rate, n_channels = file.info.sample_rate, min(2, file.info.channels)
        resampler = av.AudioResampler("s16", "mono" if n_channels == 1 else "stereo", rate)
        blocks = [np.zeros((n_channels, 0), np.int16)]
        n_samples = 0
        for frame in file.track.frames(start_ms / 1000):
            frame.pts = None
            for out in resampler.resample(frame):
                blocks.append(out.to_ndarray().reshape(-1, n_channels).T)
                n_samples += out.samples
            if file.track.begins_s + n_samples / rate > end_ms / 1000:
                break
        first = round(file.track.begins_s * rate)
    whole = np.concatenate(blocks, axis=1)
    start, end = (time * rate // 1000 - first for time in (start_ms, end_ms))
    late = np.zeros((n_channels, min(max(0, -start), end - start if whole.size else 0)), np.int16)
    part = np.concatenate((late, whole[:, max(0, start) : max(0, end)]), axis=1)
    samples: Samples = part.astype(np.float32) / np.float32(FULL_SCALE)
    return samples, rate


def _levels(samples: Samples, rate: int) -> Samples:
    """Power of every 10 ms, smoothed, shape (n_frames,)."""
    step = rate * LEVEL_MS // 1000
    n_frames = samples.shape[1] // step
    power = np.square(samples[:, : n_frames * step]).mean(axis=0).reshape(n_frames, step).mean(axis=1)
    width = _QUIET_WIDTH_MS // LEVEL_MS
    padded = np.pad(power, width // 2, mode="edge") if n_frames else power
    smooth: Samples = np.convolve(padded, np.ones(width) / width, mode="valid").astype(np.float32)
    return smooth


def _quietest(level: Samples, earliest_ms: int, latest_ms: int, *, last: bool) -> int:
    """The middle of the quietest place between two times; of equal ones the last, or the first."""
    first, end = max(0, earliest_ms) // LEVEL_MS, max(0, latest_ms) // LEVEL_MS
    window = level[first:end]
    if not len(window):
        return max(0, latest_ms if last else earliest_ms)
    at = len(window) - 1 - int(np.argmin(window[::-1])) if last else int(np.argmin(window))
    return (first + at) * LEVEL_MS + LEVEL_MS // 2


def _evened(samples: Samples, rate: int) -> Samples:
    """Bring speech to the target loudness, without clipping; silence stays silence."""
    evened, gain_db = samples, 0.0
    for _ in range(_ROUNDS):
        lufs = loudness(evened, rate)
        if lufs <= SILENT_LUFS:
            return samples
        gain_db = min(gain_db + TARGET_LUFS - lufs, MOST_GAIN_DB)
        evened = limited(samples * np.float32(10 ** (gain_db / 20)), rate, HIGHEST_PEAK)
    return evened


def _segment(samples: Samples, rate: int) -> Any:
    data = np.round(samples.T * (FULL_SCALE - 1)).astype("<i2").tobytes()
    segment = AudioSegment(data=data, sample_width=2, frame_rate=rate, channels=samples.shape[0])
    fade_ms = min(FADE_MS, len(segment) // 2)
    return segment.fade_in(fade_ms).fade_out(fade_ms)


def _write(segment: Any, target: Path, container: str) -> None:
    AudioSegment.converter = shutil.which("ffmpeg") or imageio_ffmpeg.get_ffmpeg_exe()
    make_folder(target.parent)
    with whole_file(target) as part:
        try:
            segment.export(str(part), format=container).close()
        except CouldntEncodeError as error:
            raise AudioError(f"{target} cannot be written.", "Write the clip as .wav instead.") from error
