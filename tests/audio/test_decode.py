"""Decoding: what comes out of a file is what was put in, at 16 kHz, whatever the file is like."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from inkcast.audio.decode import SAMPLE_RATE, probe, read_samples, stream_samples
from inkcast.errors import AudioError
from tests.support.sounds import loudest_hz, sine, write_tracks, write_wav

# name, codec, rate, stereo, frames of the codec (samples each) that its padding may add
KINDS = [
    ("a.flac", "flac", 44_100, False, (0, 0)),
    ("a.mp3", "mp3", 44_100, False, (1, 1152)),
    ("a.mp3", "mp3", 48_000, True, (1, 1152)),
    ("a.mp3", "mp3", 22_050, False, (1, 576)),
    ("a.mp3", "mp3", 8_000, False, (3, 576)),  # its delay is longer than players are inexact
    ("a.m4a", "aac", 44_100, True, (1, 1024)),
    ("a.aac", "aac", 44_100, False, (2, 1024)),  # no header that could tell of the padding in front
    ("a.opus", "libopus", 48_000, True, (1, 960)),
    ("a.webm", "libopus", 48_000, False, (1, 960)),
    ("a.mkv", "pcm_s16le", 48_000, False, (0, 0)),
]


def middle(sound: np.ndarray, margin: int = 4000) -> np.ndarray:
    """Without the ends, where lossy codecs ring."""
    return sound[margin:-margin]


@pytest.mark.parametrize(("name", "codec", "rate", "stereo", "padding"), KINDS)
def test_every_kind_of_file_gives_the_sound_that_was_put_in(tmp_path, name, codec, rate, stereo, padding):
    sound = sine(440, 3, rate)
    sound[:rate] = 0
    heard = read_samples(write_tracks(tmp_path / name, sound, codec=codec, rate=rate, stereo=stereo))
    frames, frame = padding
    assert heard.dtype == np.float32
    assert heard.ndim == 1
    assert 0 <= len(heard) / SAMPLE_RATE - 3 <= frames * frame / rate + 1 / SAMPLE_RATE
    begins = np.flatnonzero(np.abs(heard) > 0.2)[0] / SAMPLE_RATE
    assert 0 <= begins - 1 <= 0.002 + max(0, frames - 1) * frame / rate
    tone = heard[20_000:44_000]
    assert loudest_hz(tone) == pytest.approx(440, abs=0.5)
    assert np.abs(tone).max() == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_resampling_agrees_with_the_same_tone_made_at_16_khz(tmp_path, rate):
    path = write_wav(tmp_path / "a.wav", sine(300, 2, rate), rate=rate)
    heard, wanted = read_samples(path), sine(300, 2)
    assert len(heard) == len(wanted)
    assert np.abs(middle(heard - wanted)).max() < 0.002


def test_samples_at_16_khz_come_through_unchanged(tmp_path):
    noise = np.random.default_rng(1).uniform(-1, 1, 50_000).astype(np.float32)
    heard = read_samples(write_wav(tmp_path / "a.wav", noise))
    assert np.abs(heard - noise).max() <= 2 / 32_768


def test_a_dead_channel_leaves_the_voice_audible(tmp_path):
    voice = sine(440, 1, 48_000)
    heard = read_samples(write_wav(tmp_path / "a.wav", voice, np.zeros_like(voice), rate=48_000))
    assert loudest_hz(heard) == pytest.approx(440, abs=1)
    assert np.abs(middle(heard)).max() >= 0.2


def test_loud_stereo_stays_within_full_scale(tmp_path):
    loud = sine(440, 1, 48_000, level=1.0)
    heard = read_samples(write_wav(tmp_path / "a.wav", loud, loud, rate=48_000))
    assert np.abs(heard).max() == pytest.approx(1, abs=0.01)
    assert np.abs(heard).max() <= 1


def test_blocks_are_the_file_in_pieces(tmp_path):
    path = write_wav(tmp_path / "a.wav", sine(440, 11, 44_100), rate=44_100)
    blocks = list(stream_samples(path))
    assert len(blocks) >= 3
    assert max(len(block) for block in blocks) <= 6 * SAMPLE_RATE
    assert np.array_equal(np.concatenate(blocks), read_samples(path))


def test_joined_mp3s_of_different_rates_are_heard_to_the_end(tmp_path):
    first = write_tracks(tmp_path / "1.mp3", sine(440, 3, 44_100), codec="mp3", rate=44_100, stereo=True)
    second = write_tracks(tmp_path / "2.mp3", sine(880, 3, 22_050), codec="mp3", rate=22_050)
    joined = tmp_path / "joined.mp3"
    joined.write_bytes(first.read_bytes() + second.read_bytes())
    heard = read_samples(joined)
    assert len(heard) / SAMPLE_RATE == pytest.approx(6, abs=0.11)
    assert loudest_hz(heard[8_000:40_000]) == pytest.approx(440, abs=1)
    assert loudest_hz(heard[56_000:88_000]) == pytest.approx(880, abs=1)


@pytest.mark.parametrize(("name", "codec"), [("a.mp3", "mp3"), ("a.flac", "flac"), ("a.aac", "aac")])
def test_a_cut_file_gives_what_it_still_holds(tmp_path, name, codec):
    noise = 0.3 * np.random.default_rng(1).standard_normal(4 * 44_100).astype(np.float32)
    path = write_tracks(tmp_path / name, noise, codec=codec, rate=44_100)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    assert len(read_samples(path)) / SAMPLE_RATE == pytest.approx(2, abs=0.3)


def test_what_follows_damage_is_kept(tmp_path):
    sound = np.concatenate((sine(440, 3, 44_100), sine(880, 3, 44_100)))
    path = write_tracks(tmp_path / "a.mp3", sound, codec="mp3", rate=44_100)
    data = bytearray(path.read_bytes())
    quarter = len(data) // 4
    data[quarter : quarter + 2000] = bytes(2000)
    path.write_bytes(data)
    heard = read_samples(path)
    assert len(heard) / SAMPLE_RATE == pytest.approx(6, abs=1)
    assert loudest_hz(heard[-32_000:-8_000]) == pytest.approx(880, abs=1)


def test_the_sound_of_a_video_is_heard(tmp_path):
    path = write_tracks(tmp_path / "a.mp4", sine(440, 2, 48_000), codec="aac", rate=48_000, video=True)
    assert loudest_hz(middle(read_samples(path))) == pytest.approx(440, abs=1)
    assert probe(path).codec == "aac"


@pytest.mark.parametrize(("name", "codec"), [("a.m4a", "aac"), ("a.mkv", "pcm_s16le")])
def test_of_several_tracks_that_are_all_on_the_first_is_heard(tmp_path, name, codec):
    path = write_tracks(tmp_path / name, sine(440, 2, 48_000), sine(880, 2, 48_000), codec=codec, rate=48_000)
    heard = read_samples(path)
    assert len(heard) / SAMPLE_RATE == pytest.approx(2, abs=0.05)
    assert loudest_hz(middle(heard)) == pytest.approx(440, abs=1)


def test_probe_tells_what_the_header_says(tmp_path):
    sound = sine(440, 2.5, 44_100)
    info = probe(write_wav(tmp_path / "a.wav", sound, sound, rate=44_100))
    assert (info.duration_ms, info.codec, info.sample_rate, info.channels) == (2500, "pcm_s16le", 44_100, 2)
    path = write_tracks(tmp_path / "a.mp3", sine(440, 2.5, 22_050), codec="mp3", rate=22_050)
    assert probe(path).duration_ms == pytest.approx(2500, abs=60)
    assert probe(path).sample_rate == 22_050


PAGE = b"<!DOCTYPE html>\n<html><body>Not found</body></html>" * 20
NO_AUDIO = {
    "empty.mp3": (b"", "empty file"),
    "page.mp3": (PAGE, "web page"),
    "shy.mp3": (b"\n  " + PAGE.lower(), "web page"),
    "answer.mp3": (b'{"error": "no such episode"}', "JSON"),
    "notes.mp3": (b"Nothing but notes.\n" * 100, "not an audio file"),
    "subtitles.mp3": (b"1\n00:00:00,000 --> 00:00:01,000\nhello\n\n" * 9, "no audio track"),
    "random.mp3": (np.random.default_rng(0).bytes(9000), "not an audio file"),
    "zeros.mp3": (bytes(9000), "not an audio file"),
    "picture.mp3": (b"\x89PNG\r\n\x1a\n" + bytes(300), "no audio track"),
}


@pytest.mark.parametrize("name", NO_AUDIO)
@pytest.mark.parametrize("read", [probe, read_samples])
def test_what_is_no_audio_is_one_line_that_helps(tmp_path, name, read):
    data, reason = NO_AUDIO[name]
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(AudioError) as caught:
        read(path)
    assert str(path) in caught.value.message
    assert reason in str(caught.value)
    assert caught.value.hint
    assert "\n" not in str(caught.value)


def test_a_header_without_samples_is_an_error(tmp_path):
    path = write_wav(tmp_path / "a.wav", np.zeros(0, np.float32))
    with pytest.raises(AudioError, match=r"a\.wav contains no audio"):
        read_samples(path)


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(AudioError, match=r"There is no file .*none\.mp3"):
        probe(tmp_path / "none.mp3")
    with pytest.raises(AudioError, match="is a folder"):
        probe(tmp_path)


def test_an_unreadable_m4a_says_to_fetch_it_again(tmp_path):
    path = write_tracks(tmp_path / "a.m4a", sine(440, 2, 44_100), codec="aac", rate=44_100)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])  # the index stands at the end
    with pytest.raises(AudioError, match="Download it again"):
        read_samples(path)


def test_odd_names_are_only_names(tmp_path):
    folder = tmp_path / "concat: 100% öäü"
    folder.mkdir()
    path: Path = write_wav(folder / "http:%20#1?.wav", sine(440, 1))
    assert len(read_samples(path)) == SAMPLE_RATE
