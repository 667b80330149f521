"""The spectrogram is the one that Whisper was trained on: openai-whisper's own is the oracle."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from whisper.audio import log_mel_spectrogram

from inkcast.audio.decode import read_samples
from inkcast.audio.logmel import log_mel
from tests.support.example import JFK
from tests.support.sounds import bursts, sine

SOUNDS = {
    "speech": lambda: read_samples(JFK),
    "noise": lambda: bursts([(200, 900)], 2000),
    "tone": lambda: sine(1000, 1.2345),
    "silence": lambda: np.zeros(16_000, np.float32),
    "full scale": lambda: sine(100, 1, level=1.0),
    "a third of a second": lambda: sine(440, 0.333),
}


@pytest.mark.parametrize("n_mels", [80, 128])
@pytest.mark.parametrize("name", SOUNDS)
def test_it_agrees_with_whisper(name, n_mels):
    samples = SOUNDS[name]()
    wanted = log_mel_spectrogram(torch.from_numpy(samples), n_mels).numpy()
    found = log_mel(samples, n_mels)
    assert found.dtype == np.float32
    assert found.shape == wanted.shape == (n_mels, len(samples) // 160)
    assert np.abs(found - wanted).max() < 1e-4


@pytest.mark.parametrize(
    ("n_samples", "n_frames"), [(0, 0), (159, 0), (160, 1), (201, 1), (399, 2), (480, 3)]
)
def test_the_shortest_sounds_have_whole_frames(n_samples, n_frames):
    found = log_mel(sine(440, 1)[:n_samples])
    assert found.shape == (80, n_frames)
    assert np.isfinite(found).all()
