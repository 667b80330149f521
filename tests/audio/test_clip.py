"""Clips: cut at breaths, faded, evened; read back by FFmpeg."""

import math
import wave

import av
import numpy as np
import pytest

from inkcast.audio.clip import HIGHEST_PEAK, TARGET_LUFS, cut_clip, read_between
from inkcast.audio.loudness import SILENT_LUFS, limited, loudness
from inkcast.errors import AudioError

RATE = 48_000


def tone(seconds, amplitude, hertz=997, rate=RATE):
    return (amplitude * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(
        np.float32
    )


def write(path, samples, rate=RATE):
    with wave.open(str(path), "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(rate)
        wav.writeframes(np.round(samples * 32767).astype("<i2").tobytes())
    return path


def ebur128(path):
    """FFmpeg's own measure."""
    with av.open(str(path)) as container:
        graph = av.filter.Graph()
        source = graph.add_abuffer(template=container.streams.audio[0])
        meter = graph.add("ebur128", "metadata=1")
        sink = graph.add("abuffersink")
        source.link_to(meter)
        meter.link_to(sink)
        graph.configure()
        last = math.nan
        for frame in [*container.decode(audio=0), None]:
            graph.push(frame)
            while True:
                try:
                    out = graph.pull()
                except (av.error.BlockingIOError, av.error.EOFError):
                    break
                last = float(out.metadata.get("lavfi.r128.I", last))
    return last


def test_loudness_of_the_reference_tone():
    """BS.1770-4, note 1 of annex 1: a full-scale sine at 997 Hz in one channel reads -3.01 LKFS."""
    assert loudness(tone(3, 1.0)[np.newaxis], RATE) == pytest.approx(-3.01, abs=0.05)
    assert loudness(np.zeros((1, RATE), np.float32), RATE) == SILENT_LUFS
    assert loudness(np.zeros((1, 0), np.float32), RATE) == SILENT_LUFS


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000])
@pytest.mark.parametrize(
    "levels",
    [
        pytest.param([(-23, 20)], id="1"),
        pytest.param([(-36, 10), (-23, 60), (-36, 10)], id="3"),
        pytest.param([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], id="4"),
        pytest.param([(-26, 20), (-20, 20.1), (-26, 20)], id="5"),
    ],
)
def test_loudness_of_the_ebus_own_signals(levels, rate):
    """EBU Tech 3341, table 1: each of these is as loud as -23 LUFS, to 0.1."""
    mono = np.concatenate([tone(seconds, 10 ** (db / 20), 1_000, rate) for db, seconds in levels])
    assert loudness(np.stack((mono, mono)), rate) == pytest.approx(-23, abs=0.1)


@pytest.mark.parametrize("seconds", [0.02, 0.1, 0.39, 0.4, 0.49, 0.51])
@pytest.mark.parametrize("rate", [11_025, 48_000])
def test_what_is_shorter_than_a_block_is_as_loud_as_if_it_went_on(seconds, rate):
    short, long = (loudness(tone(s, 0.5, rate=rate)[np.newaxis], rate) for s in (seconds, 3))
    assert short == pytest.approx(long, abs=0.1)


def test_the_limiter_keeps_the_ceiling_and_leaves_what_is_below():
    rng = np.random.default_rng(1)
    samples = rng.normal(0, 0.1, (2, RATE)).astype(np.float32)
    samples[0, RATE // 2] = 3.0
    result = limited(samples, RATE, 0.8)
    assert np.abs(result).max() <= 0.8
    np.testing.assert_allclose(result[:, : RATE // 4], samples[:, : RATE // 4], rtol=1e-6)
    assert (
        np.abs(result[:, RATE // 2 - 10 : RATE // 2]).max()
        < np.abs(samples[:, RATE // 2 - 10 : RATE // 2]).max()
    )


@pytest.mark.parametrize("n_samples", [1, 100, 5_000])
@pytest.mark.parametrize("n_channels", [1, 2])
def test_the_limiter_loses_no_sample(n_samples, n_channels):
    samples = np.random.default_rng(1).normal(0, 2, (n_channels, n_samples)).astype(np.float32)
    result = limited(samples, RATE, 0.5)
    assert (result.shape, result.dtype) == (samples.shape, np.float32)
    assert np.abs(result).max() <= 0.5


@pytest.fixture
def words(tmp_path):
    """Two loud words, 1-2 s and 2.2-3 s, amid faint noise; a breath between them."""
    rng = np.random.default_rng(2)
    samples = rng.normal(0, 0.002, 5 * RATE).astype(np.float32)
    samples[RATE : 2 * RATE] += tone(1, 0.2)
    samples[round(2.2 * RATE) : 3 * RATE] += tone(0.8, 0.2)
    return write(tmp_path / "words.wav", samples)


def test_a_voice_with_high_peaks_becomes_as_loud_as_others(tmp_path):
    samples = tone(6, 0.04)
    for start in range(0, len(samples), RATE // 10):
        samples[start : start + RATE // 500] *= 10
    clip = cut_clip(write(tmp_path / "peaks.wav", samples), 1_000, 5_000, tmp_path / "clip.wav")
    assert ebur128(clip.path) == pytest.approx(TARGET_LUFS, abs=0.6)


@pytest.mark.parametrize("suffix", [".mp3", ".m4a", ".wav"])
def test_a_clip_holds_the_passage_and_nothing_beside_it(tmp_path, words, suffix):
    clip = cut_clip(words, 1_000, 2_000, tmp_path / "new" / f"clip{suffix}", room=(300, 200))
    assert 700 <= clip.start_ms <= 1_000 and 2_000 <= clip.end_ms <= 2_200
    samples, rate = read_between(clip.path, 0, 10_000)
    length_ms = samples.shape[1] * 1000 / rate
    assert length_ms == pytest.approx(clip.end_ms - clip.start_ms, abs=80)  # MP3 and AAC pad
    assert loudness(samples, rate) == pytest.approx(TARGET_LUFS, abs=1)
    assert np.abs(samples).max() <= HIGHEST_PEAK * 1.06
    assert np.abs(samples[:, :5]).max() < 0.01 and np.abs(samples[:, -5:]).max() < 0.01
    assert not list((tmp_path / "new").glob(".*"))


def test_the_cut_is_where_it_is_quietest(tmp_path):
    samples = tone(3, 0.1)
    samples[round(0.9 * RATE) : round(0.95 * RATE)] = 0
    samples[round(2.1 * RATE) : round(2.15 * RATE)] = 0
    path = write(tmp_path / "a.wav", samples)
    clip = cut_clip(path, 1_000, 2_000, tmp_path / "clip.wav")
    assert 900 <= clip.start_ms <= 950 and 2_100 <= clip.end_ms <= 2_150


def test_a_stretch_is_read_where_it_is(tmp_path):
    samples = np.zeros(20 * RATE, np.float32)
    samples[round(12.5 * RATE)] = 0.9
    path = write(tmp_path / "click.wav", samples)
    found, rate = read_between(path, 12_000, 13_000)
    assert (rate, found.shape) == (RATE, (1, RATE))
    assert int(np.argmax(np.abs(found[0]))) == RATE // 2


def test_what_cannot_be_cut_is_refused(tmp_path, words):
    with pytest.raises(AudioError, match="cannot be written"):
        cut_clip(words, 0, 100, tmp_path / "clip.ogg")
    with pytest.raises(AudioError, match="ends before"):
        cut_clip(words, 9_000, 9_500, tmp_path / "clip.wav")
    with pytest.raises(AudioError, match="no file"):
        cut_clip(tmp_path / "none.mp3", 0, 100, tmp_path / "clip.wav")
    assert not (tmp_path / "clip.wav").exists()
