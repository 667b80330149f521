"""Sounds whose content is known, and files of every kind that hold them."""

from __future__ import annotations

import math
import wave
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]


def sine(hz: float, seconds: float, rate: int = 16_000, level: float = 0.5) -> Sound:
    """A pure tone, shape (n_samples,)."""
    time = np.arange(round(seconds * rate)) / rate
    return (level * np.sin(2 * np.pi * hz * time)).astype(np.float32)


def bursts(spoken: Sequence[tuple[int, int]], length_ms: int, floor: float = 0.001) -> Sound:
    """Noise that swells and fades four times a second like syllables, in the given spans (ms), at 16 kHz."""
    random = np.random.default_rng(7)
    sound = floor * random.standard_normal(length_ms * 16)
    for start, end in spoken:
        n = (end - start) * 16
        syllables = 0.75 + 0.25 * np.cos(2 * np.pi * 4 * np.arange(n) / 16_000)
        sound[start * 16 : end * 16] += 0.1 * syllables * random.standard_normal(n)
    return np.clip(sound, -1, 1).astype(np.float32)


def music(seconds: int, rate: int = 16_000) -> Sound:
    """Two beats a second: a drum, and a chord of harmonic notes that dies away. Nobody sings."""
    random = np.random.default_rng(3)
    time = np.arange(rate // 2) / rate
    beats = []
    for _ in range(seconds * 2):
        notes = 220 * 2 ** (random.choice([0, 2, 4, 5, 7, 9, 11, 12], 3, replace=False) / 12)
        chord = sum(np.sin(2 * np.pi * hz * k * time) / k for hz in notes for k in range(1, 5))
        drum = random.standard_normal(len(time)) * np.exp(-40 * time)
        beats.append(0.05 * chord * np.exp(-3 * time) + 0.1 * drum)
    return np.clip(np.concatenate(beats), -1, 1).astype(np.float32)


def write_wav(path: Path, *channels: Sound, rate: int = 16_000) -> Path:
    """16-bit PCM by the standard library, which shares no code with what reads it."""
    data = np.stack(channels, axis=1)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(data, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def write_tracks(
    path: Path, *tracks: Sound, codec: str, rate: int, stereo: bool = False, video: bool = False
) -> Path:
    """Encode each sound as an audio track of its own; the container is what the suffix says."""
    layout = "stereo" if stereo else "mono"
    with av.open(str(path), "w") as container:
        picture = (
            container.add_stream("mpeg4", rate=5, width=32, height=32, pix_fmt="yuv420p") if video else None
        )
        streams = [container.add_stream(codec, rate=rate, layout=layout) for _ in tracks]
        if picture is not None:
            for _ in range(5):
                frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
                container.mux(picture.encode(frame))
            container.mux(picture.encode(None))
        for stream, sound in zip(streams, tracks, strict=True):
            frame = av.AudioFrame.from_ndarray(
                np.repeat(sound[np.newaxis], 1 + stereo, axis=0), format="fltp", layout=layout
            )
            frame.sample_rate, frame.pts = rate, 0
            for packet in (*stream.encode(frame), *stream.encode(None)):
                container.mux(packet)
    return path


def loudest_hz(sound: Sound, rate: int = 16_000) -> float:
    """The frequency with the most energy, to the nearest bin of the whole sound's spectrum."""
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(np.argmax(spectrum)) * rate / len(sound)


def noise(seconds: float, rate: int, seed: int) -> Sound:
    """Noise from 150 to 5,000 Hz, of which no piece is like another, at most 0.8."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(round(seconds * rate)))
    hz = np.fft.rfftfreq(round(seconds * rate), 1 / rate)
    spectrum[(hz < 150) | (hz > 5_000)] = 0
    sound = np.fft.irfft(spectrum, round(seconds * rate))
    return (0.8 * sound / np.abs(sound).max()).astype(np.float32)


def where(heard: Sound, sound: Sound, second: float, rate: int, heard_rate: int = 16_000) -> float:
    """When a third of a second of ``sound``, from ``second`` on, is heard; nan where it is not."""
    n = round(0.3 * heard_rate)
    times = (second + np.arange(n) / heard_rate) * rate
    piece = np.interp(times, np.arange(len(sound)), sound)
    if len(heard) < n:
        return math.nan
    size = 1 << (len(heard) + n).bit_length()
    product = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(piece, size))
    likeness = np.fft.irfft(product, size)[: len(heard) - n + 1]
    energy = np.concatenate(([0], np.cumsum(heard.astype(np.float64) ** 2)))
    likeness /= np.sqrt(np.maximum((energy[n:] - energy[:-n]) * np.square(piece).sum(), 1e-6))
    best = int(np.argmax(np.abs(likeness)))
    return best / heard_rate if abs(likeness[best]) > 0.5 else math.nan
