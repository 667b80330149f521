"""One recording, opened and decoded once, however often it is asked."""

import errno
import hashlib
import logging
import re

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkcast.audio import recording as module
from inkcast.audio.decode import read_samples, stream_samples
from inkcast.audio.recording import Recording
from inkcast.audio.seeking import seeks_roughly
from inkcast.audio.vad import speech_of
from inkcast.errors import AudioError, StorageError
from tests.support.example import AUDIO
from tests.support.sounds import loudest_hz, sine, write_tracks


@pytest.fixture(scope="module")
def samples():
    return read_samples(AUDIO)


@pytest.fixture(scope="module")
def recording():
    with Recording(AUDIO, "https://example.com/a.mp3") as opened:
        yield opened


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 100_000), st.integers(0, 30_000))
def test_any_stretch_is_as_decoded(recording, samples, start, length):
    assert np.array_equal(recording.read(start, start + length), samples[start * 16 : (start + length) * 16])


def test_blocks_are_those_of_the_decoder_however_far_it_was_read(samples):
    with Recording(AUDIO) as recording:
        recording.read(9_000, 10_000)
        for _ in range(2):
            for found, wanted in zip(recording.blocks(), stream_samples(AUDIO), strict=True):
                assert np.array_equal(found, wanted)
        stream = recording.stream()
        stream.forget(50_000)
        assert np.array_equal(stream.read(50_000, 51_000), samples[800_000:816_000])


def test_it_knows_what_is_to_know_of_it(recording, samples):
    assert recording.sha256 == hashlib.sha256(AUDIO.read_bytes()).hexdigest()
    assert recording.source == "https://example.com/a.mp3"
    assert recording.duration_ms == len(samples) // 16
    assert recording.said_ms == pytest.approx(recording.duration_ms, abs=100)
    assert recording.speech == tuple(speech_of(stream_samples(AUDIO)))
    assert recording.seeks_roughly == seeks_roughly(AUDIO)


def test_all_of_it_takes_one_opening(monkeypatch):
    opened, real = [], av.open
    monkeypatch.setattr(av, "open", lambda *args, **options: opened.append(args) or real(*args, **options))
    with Recording(AUDIO) as recording:
        assert recording.said_ms
        assert sum(map(len, recording.blocks())) // 16 == recording.duration_ms
        assert recording.speech
        assert len(recording.read(1_000, 2_000)) == 16_000
        assert not recording.seeks_roughly
    assert len(opened) == 1


def test_what_was_found_out_stays_and_the_rest_is_found_again_after_closing(samples):
    recording = Recording(AUDIO)
    assert recording.duration_ms == len(samples) // 16
    recording.close()
    assert recording.duration_ms == len(samples) // 16
    assert np.array_equal(recording.read(3_000, 4_000), samples[48_000:64_000])
    recording.close()


def test_nothing_is_opened_before_it_is_asked(tmp_path):
    recording = Recording(tmp_path / "none.mp3")
    for ask in (lambda: recording.duration_ms, lambda: recording.read(0, 1), lambda: recording.said_ms):
        with pytest.raises(AudioError, match=r"none\.mp3"):
            ask()
    assert not recording.seeks_roughly


def test_a_full_disk_is_named(monkeypatch):
    class Full:
        def seek(self, *where): ...

        def write(self, data):
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self): ...

    monkeypatch.setattr(module.tempfile, "SpooledTemporaryFile", lambda *size, **options: Full())
    with Recording(AUDIO) as recording, pytest.raises(StorageError, match="No space left") as caught:
        recording.read(0, 1_000)
    assert "TMPDIR" in caught.value.hint


def test_two_readers_at_different_places_do_not_disturb_each_other(samples):
    with Recording(AUDIO) as recording:
        first, second = recording.blocks(), recording.blocks()
        heard = [next(first), next(second), next(first), next(second)]
    assert np.array_equal(np.concatenate(heard[::2]), samples[: len(heard[0]) + len(heard[2])])
    assert np.array_equal(heard[0], heard[1]) and np.array_equal(heard[2], heard[3])


@pytest.mark.parametrize("is_read_once", [False, True])
def test_it_says_once_what_is_lost_and_where(tmp_path, caplog, is_read_once):
    data = AUDIO.read_bytes()
    path = tmp_path / "a.mp3"
    at = data.index(b"\xff", len(data) // 2)
    path.write_bytes(data[:at] + bytes(40_000) + data[at + 40_000 :])
    with Recording(path, is_read_once=is_read_once) as recording, caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert sum(map(len, recording.blocks()))
        assert not recording.seeks_roughly
    (message,) = caplog.messages
    assert re.fullmatch(
        r"a\.mp3: [3-6]\.\d s of its sound are missing or cannot be decoded, and are taken as silence: "
        r"\d:\d\d-\d:\d\d\.",
        message,
    )
    assert not seeks_roughly(path)


def test_tracks_are_different_recordings(tmp_path):
    low, high = sine(440, 2, 48_000), sine(880, 2, 48_000)
    path = write_tracks(tmp_path / "a.m4a", low, high, codec="aac", rate=48_000)
    for track, hz in ((None, 440), (1, 440), (2, 880)):
        for is_read_once in (False, True):
            with Recording(path, track=track, is_read_once=is_read_once) as recording:
                assert loudest_hz(np.concatenate(list(recording.blocks()))[8_000:24_000]) == pytest.approx(
                    hz, abs=1
                )
    assert len({Recording(path, track=track).identity for track in (None, 1, 2)}) == 3
    assert Recording(path).identity == Recording(path).sha256
