"""Word starts after pauses, on noise of known loudness."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkcast.alignment.onsets import Loudness

RATE = 16


def sound(*parts: tuple[int, float]) -> np.ndarray:
    """White noise of so many ms and such amplitude, one part after the other."""
    rng = np.random.default_rng(7)
    return np.concatenate([level * rng.standard_normal(ms * RATE) for ms, level in parts]).astype(np.float32)


LOUD, QUIET = 0.1, 0.0003


@pytest.mark.parametrize("begins_ms", [480, 500, 520, 700])
def test_a_start_in_silence_moves_to_the_sound(begins_ms: int) -> None:
    loudness = Loudness(sound((begins_ms, QUIET), (600, LOUD), (500, QUIET)))
    assert loudness.onset(450, 300, begins_ms + 400) == pytest.approx(begins_ms, abs=8)


def test_a_start_amid_sound_moves_back_to_its_beginning() -> None:
    loudness = Loudness(sound((500, QUIET), (600, LOUD), (500, QUIET)))
    assert loudness.onset(590, 200, 1000) == pytest.approx(500, abs=8)


def test_the_burst_of_a_stop_belongs_to_its_word() -> None:
    loudness = Loudness(sound((500, QUIET), (15, LOUD), (15, QUIET), (500, LOUD), (500, QUIET)))
    assert loudness.onset(560, 200, 1000) == pytest.approx(500, abs=8)


def test_a_click_in_the_pause_is_no_onset() -> None:
    loudness = Loudness(sound((400, QUIET), (10, LOUD), (190, QUIET), (500, LOUD), (500, QUIET)))
    assert loudness.onset(380, 200, 1000) == pytest.approx(600, abs=8)


def test_the_sound_before_the_pause_is_not_taken() -> None:
    loudness = Loudness(sound((500, QUIET), (600, LOUD), (500, QUIET)))
    assert loudness.onset(590, 560, 1000) >= 560


def test_a_start_just_before_the_sound_stays() -> None:
    loudness = Loudness(sound((500, QUIET), (600, LOUD), (500, QUIET)))
    assert loudness.onset(490, 300, 1000) == 490


@pytest.mark.parametrize("parts", [((1000, LOUD),), ((500, LOUD), (500, 0.3)), ((1000, 0.0),), ((3, LOUD),)])
def test_without_pauses_nothing_moves(parts: tuple[tuple[int, float], ...]) -> None:
    assert Loudness(sound(*parts)).onset(400, 300, 800) == 400


@given(st.integers(0, 2000), st.integers(0, 300), st.integers(30, 700))
def test_a_start_stays_between_pause_and_end(start: int, pause: int, length: int) -> None:
    loudness = Loudness(sound((300, QUIET), (400, LOUD), (300, QUIET), (200, LOUD)))
    earliest = max(0, start - pause)
    assert earliest <= loudness.onset(start, earliest, start + length) <= start + length
