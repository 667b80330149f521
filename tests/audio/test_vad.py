"""Pauses that were planted are found, and windows are cut inside them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkcast.audio.decode import stream_samples
from inkcast.audio.vad import best_cut, levels, speech_mask, speech_of, speech_spans
from tests.support.sounds import bursts, sine, write_wav

# Pauses of 500, 900 and 300 ms.
SPOKEN = [(400, 2100), (2600, 4000), (4900, 6000), (6300, 7800)]
LENGTH_MS = 8200


def is_near(found, wanted, tolerance_ms=40):
    return len(found) == len(wanted) and all(
        abs(a - c) <= tolerance_ms and abs(b - d) <= tolerance_ms
        for (a, b), (c, d) in zip(found, wanted, strict=True)
    )


def test_levels_are_decibels_below_full_scale():
    level = levels(np.concatenate((sine(500, 0.1, level=1.0), sine(500, 0.1, level=0.1), np.zeros(1600))))
    assert level.shape == (30,)
    assert level[:10] == pytest.approx(-3.01, abs=0.05)
    assert level[10:20] == pytest.approx(-23.01, abs=0.05)
    assert level[20:] == pytest.approx(-100)
    assert levels(np.zeros(159, np.float32)).shape == (0,)


@pytest.mark.parametrize("floor", [0.0, 0.0003, 0.003, 0.02], ids=["digital", "studio", "room", "cassette"])
@pytest.mark.parametrize("loudness", [0.02, 0.3, 1.0])
def test_planted_pauses_are_found(floor, loudness):
    sound = bursts(SPOKEN, LENGTH_MS, floor) * np.float32(loudness)
    assert is_near(speech_spans(speech_mask(levels(sound))), SPOKEN)


def test_short_pauses_are_bridged_and_long_ones_are_not():
    mask = np.zeros(200, np.bool_)
    mask[10:50] = mask[69:100] = mask[120:150] = True
    assert speech_spans(mask) == [(100, 1000), (1200, 1500)]
    assert speech_spans(mask, bridge_ms=0) == [(100, 500), (690, 1000), (1200, 1500)]
    assert speech_spans(np.ones(5, np.bool_)) == [(0, 50)]
    assert speech_spans(np.zeros(0, np.bool_)) == []


def test_silence_holds_no_speech():
    assert not speech_mask(levels(np.zeros(32_000, np.float32))).any()
    assert not speech_mask(levels(np.full(32_000, 1e-5, np.float32))).any()
    assert speech_mask(np.zeros(0, np.float32)).shape == (0,)


@pytest.mark.parametrize("n_frames", [1, 2, 3, 10])
def test_the_ends_of_a_window_are_judged_like_the_rest(n_frames):
    """A window cut inside a pause begins and ends with silence, though speech is elsewhere in it."""
    level = levels(bursts([(500, 1500)], 2000, floor=0.01))
    mask = speech_mask(level)
    assert not mask[:n_frames].any()
    assert not mask[-n_frames:].any()


def test_sound_without_pauses_stands_out_as_a_whole():
    mask = speech_mask(levels(sine(440, 3)))
    assert mask[2:-2].all()


def test_a_file_is_heard_in_one_timeline(tmp_path):
    """Spans of a file longer than the half minute that is judged at once, some across its border."""
    spoken = [(start, start + 1500) for start in range(500, 70_000, 2300)]
    path = write_wav(tmp_path / "a.wav", bursts(spoken, 72_000))
    found = speech_of(stream_samples(path))
    heard, planted = np.zeros(72_000, np.bool_), np.zeros(72_000, np.bool_)
    for marks, spans in ((heard, found), (planted, spoken)):
        for start, end in spans:
            marks[start:end] = True
    assert (heard != planted).mean() < 0.03
    assert all(a < b for a, b in found)
    assert all(first[1] <= second[0] for first, second in pairwise(found))


def test_a_silent_file_has_no_speech(tmp_path):
    assert speech_of([np.zeros(40_000, np.float32)]) == []


@pytest.mark.parametrize(("earliest", "latest", "pause"), [(1500, 3500, 0), (3000, 5500, 1), (5200, 7500, 2)])
def test_a_window_is_cut_inside_the_pause(earliest, latest, pause):
    level = levels(bursts(SPOKEN, LENGTH_MS))
    cut = best_cut(level, earliest, latest)
    assert SPOKEN[pause][1] <= cut <= SPOKEN[pause + 1][0]


def test_a_pause_at_the_very_end_is_a_pause():
    level = levels(bursts([(0, 3000)], 3400))
    assert 3000 <= best_cut(level, 1000, 3400) <= 3400


LEVEL = st.lists(st.floats(-100, 0, width=32), max_size=300).map(lambda values: np.array(values, np.float32))


@settings(deadline=None)
@given(level=LEVEL, earliest=st.integers(0, 3500), more=st.integers(0, 2000))
def test_a_cut_lies_where_it_was_asked_for(level, earliest, more):
    cut = best_cut(level, earliest, earliest + more)
    assert 0 <= cut <= max(len(level) * 10, 0)
    if earliest + more <= len(level) * 10:
        assert earliest - 10 <= cut <= earliest + more


@settings(deadline=None)
@given(level=LEVEL)
def test_spans_are_the_mask(level):
    mask = speech_mask(level)
    assert mask.shape == level.shape
    marked = np.zeros_like(mask)
    for start, end in speech_spans(mask, bridge_ms=0):
        marked[start // 10 : end // 10] = True
    assert np.array_equal(marked, mask)


@pytest.mark.parametrize("sound", [np.zeros(48_000, np.float32), sine(440, 3)], ids=["silence", "tone"])
def test_where_nothing_is_quieter_the_window_is_long(sound):
    assert 2000 <= best_cut(levels(sound), 500, 2500) <= 2500
