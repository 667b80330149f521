"""Recordings whose containers have a clock of their own, and what a player makes of it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np

from tests.support.sounds import noise, write_wav

RATE = 44_100
SOUND = noise(12, RATE, seed=1)
OTHER = noise(12, RATE, seed=2)
MARKS = (2.0, 4.5, 9.5)
"""Seconds of the sound at which it is looked for; gaps and damage are between the last two."""


def encode(source: Path, *arguments: object, before: tuple[str, ...] = ()) -> Path:
    """Run FFmpeg; the last argument is the file that it makes."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *before, "-i", source, *arguments]
    subprocess.run([str(part) for part in command], check=True)
    return Path(str(arguments[-1]))


def write_sources(folder: Path) -> Path:
    """What the recordings are made from."""
    write_wav(folder / "a.wav", SOUND, rate=RATE)
    write_wav(folder / "b.wav", OTHER, rate=RATE)
    encode(folder / "a.wav", "-b:a", "96k", folder / "a.m4a")
    encode(folder / "a.wav", "-c:a", "libopus", folder / "a.webm")
    encode(folder / "a.wav", "-c:a", "libopus", folder / "a.opus")
    return folder


def _gap(ticks: int) -> list[str]:
    """For FFmpeg: three seconds are missing after the seventh."""
    return ["-c", "copy", "-bsf:a", rf"setts=ts=if(gt(PTS\,7*{ticks})\,PTS+3*{ticks}\,PTS)"]


_LATE = ("-itsoffset", "4")
_EARLY = ("-output_ts_offset", "-1.5", "-avoid_negative_ts", "disabled")
_VIDEO = ("-f", "lavfi", "-i", "color=s=32x32:r=5:d=14")
FRAGMENTS = ("-movflags", "frag_keyframe+empty_moov+default_base_moof", "-frag_duration", "2000000")
CLOCKS: list[tuple[str, str, tuple[str, ...], list[str], tuple[float, ...]]] = [
    # name, source, FFmpeg's arguments before it and after it, seconds by which each mark is later
    ("plain.mp3", "a.wav", (), ["-b:a", "96k"], (0, 0, 0)),
    # LAME's delay of 1105 samples is 69 ms. Chromium is there or a frame of 36 ms before: in the middle.
    ("slow.mp3", "a.wav", (), ["-ar", "16000", "-b:a", "32k"], (0.051, 0.051, 0.051)),
    ("plain.m4a", "a.wav", (), [], (0, 0, 0)),
    ("late.m4a", "a.wav", _LATE, [], (4, 4, 4)),
    ("cut.m4a", "a.m4a", ("-ss", "1.5"), ["-c", "copy"], (-1.5, -1.5, -1.5)),
    ("unedited.m4a", "a.wav", (), ["-use_editlist", "0"], (0.023, 0.023, 0.023)),
    ("gap.m4a", "a.m4a", (), _gap(RATE), (0, 0, 3)),
    ("fragments.mp4", "a.wav", (), [*FRAGMENTS], (0.023, 0.023, 0.023)),
    ("late.mp4", "a.wav", (*_VIDEO, *_LATE), ["-c:v", "libx264", "-pix_fmt", "yuv420p"], (4, 4, 4)),
    ("plain.webm", "a.wav", (), ["-c:a", "libopus"], (0, 0, 0)),
    ("late.webm", "a.wav", _LATE, ["-c:a", "libopus"], (4, 4, 4)),
    ("gap.webm", "a.webm", (), _gap(1000), (0, 0, 3)),
    ("late.mkv", "a.wav", _LATE, ["-c:a", "flac"], (4, 4, 4)),
    ("early.mkv", "a.wav", (), ["-c:a", "flac", *_EARLY], (-1.5, -1.5, -1.5)),
    ("plain.opus", "a.wav", (), ["-c:a", "libopus"], (0, 0, 0)),
    ("late.ogg", "a.wav", (), ["-c:a", "libopus", "-output_ts_offset", "4"], (4, 4, 4)),
    ("cut.ogg", "a.opus", ("-ss", "1.5"), ["-c", "copy"], (-1, -1, -1)),
    ("gap.ogg", "a.webm", (), _gap(1000), (0, 0, 3)),
    ("plain.aac", "a.wav", (), ["-b:a", "96k"], (0.023, 0.023, 0.023)),
    ("plain.flac", "a.wav", (), [], (0, 0, 0)),
    ("late.ts", "a.wav", _LATE, ["-c:a", "aac"], (0.023, 0.023, 0.023)),  # as FFmpeg's own players show it
]


def overwritten(data: bytes, damage: bytes) -> bytes:
    """With other bytes in the middle."""
    start = len(data) // 2
    return data[:start] + damage + data[start + len(damage) :]


def _inserted(data: bytes, damage: bytes) -> bytes:
    return data[: len(data) // 2] + damage + data[len(data) // 2 :]


ZEROS, _RANDOM = bytes(40_000), np.random.default_rng(3).bytes(40_000)
DAMAGE = [
    # name, how it is encoded, what is done to its bytes, seconds by which the last mark is later
    ("zeros.mp3", ["-b:a", "128k"], lambda data: overwritten(data, ZEROS[:32_000]), 0),
    ("random.mp3", ["-b:a", "128k"], lambda data: overwritten(data, _RANDOM[:32_000]), 0),
    ("more.mp3", ["-b:a", "128k"], lambda data: _inserted(data, _RANDOM[:8_000]), 0.5),
    ("zeros.m4a", ["-b:a", "96k"], lambda data: overwritten(data, ZEROS[:24_000]), 0),
    (
        "random.mkv",
        ["-c:a", "libopus", "-cluster_time_limit", "500"],
        lambda data: overwritten(data, _RANDOM[:9_000]),
        0,
    ),
    ("random.opus", ["-c:a", "libopus"], lambda data: overwritten(data, _RANDOM[:9_000]), 0),
    ("zeros.aac", ["-b:a", "96k"], lambda data: overwritten(data, ZEROS[:24_000]), 0),
]

TRACKS = [
    # name, what each of two tracks is called, which one is played
    ("off.mp4", "0", "default", 2),
    ("on.mp4", "default", "0", 1),
    ("both.m4a", "default", "default", 1),
    ("off.m4a", "0", "default", 2),
    ("on.mkv", "0", "default", 1),
    ("on.webm", "0", "default", 1),
]


def write_two_tracks(folder: Path, name: str, first: str, second: str) -> Path:
    """``SOUND`` and ``OTHER``."""
    codec = ("-c:a", "libopus") if name.endswith(("webm", "mkv")) else ()
    chosen = ("-disposition:a:0", first, "-disposition:a:1", second)
    both = ("-i", folder / "b.wav", "-map", "0:a", "-map", "1:a")
    return encode(folder / "a.wav", *both, *codec, *chosen, folder / name)
