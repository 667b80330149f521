"""Channels that cancel each other: a voice in both, upside down in one, is heard all the same."""

from __future__ import annotations

import av
import numpy as np
import pytest

from inkcast.audio.channels import keep_from_cancelling
from inkcast.audio.decode import SAMPLE_RATE, read_samples
from tests.support.sounds import noise, write_wav

RATE = 48_000
VOICE = noise(9, RATE, seed=1)


def heard(tmp_path, *channels):
    return read_samples(write_wav(tmp_path / "a.wav", *channels, rate=RATE))


def like(found, wanted):
    """Correlation, from 0 to 1, without the ends."""
    found, wanted = found[800:-800], wanted[800:-800]
    return float(found @ wanted / np.sqrt((found @ found) * (wanted @ wanted)))


@pytest.mark.parametrize("share", [-1, -0.98, -0.9])
def test_opposite_channels_are_heard_as_the_left_alone(tmp_path, share):
    alone = heard(tmp_path, VOICE)
    found = heard(tmp_path, VOICE, share * VOICE)
    assert np.abs(found - alone).max() < 0.001


def test_only_where_they_cancel(tmp_path):
    right = VOICE.copy()
    right[3 * RATE : 5 * RATE] *= -1
    alone, found = heard(tmp_path, VOICE), heard(tmp_path, VOICE, right)
    assert like(found, alone) > 0.99
    for second in (3, 4):
        part = slice(second * SAMPLE_RATE + 1_600, (second + 1) * SAMPLE_RATE - 1_600)
        assert np.abs(found[part] - alone[part]).max() < 0.001


@pytest.mark.parametrize("dtype", ["u1", "i2", "i4", "f4", "f8"])
@pytest.mark.parametrize("planar", [False, True])
def test_every_kind_of_sample(dtype, planar):
    name = {"u1": "u8", "i2": "s16", "i4": "s32", "f4": "flt", "f8": "dbl"}[dtype] + "p" * planar
    scale, middle = {"u1": (100, 128), "i2": (30_000, 0), "i4": (2**30, 0)}.get(dtype, (0.9, 0))
    left, right = (np.array(middle + sign * scale * VOICE[: 4 * RATE]).astype(dtype) for sign in (1, -1))
    data = np.stack((left, right)) if planar else np.stack((left, right), axis=1).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(data, format=name, layout="stereo")
    frame.sample_rate = RATE
    keep_from_cancelling(frame)
    changed = frame.to_ndarray()
    changed = changed if planar else changed.reshape(-1, 2).T
    assert np.array_equal(changed[0], left)
    assert np.abs(changed[1].astype(float) - left).max() <= 1e-6 * scale + (dtype[0] != "f")


def test_what_does_not_cancel_is_left_as_it_is():
    other = noise(9, RATE, seed=2)
    for right in (VOICE, other, 0 * VOICE, -0.3 * VOICE):
        data = np.stack((VOICE, right))
        frame = av.AudioFrame.from_ndarray(data.copy(), format="fltp", layout="stereo")
        frame.sample_rate = RATE
        keep_from_cancelling(frame)
        assert np.array_equal(frame.to_ndarray(), data)


def test_of_many_channels_the_front_ones_may_cancel(tmp_path):
    """5.1 is left, right, centre, bass, and two behind."""
    quiet = np.zeros_like(VOICE)
    alone = heard(tmp_path, VOICE)
    assert like(heard(tmp_path, VOICE, -VOICE, quiet, quiet, quiet, quiet), alone) > 0.99
    other = noise(9, RATE, seed=2)
    centre = heard(tmp_path, quiet, quiet, VOICE, quiet, quiet, quiet)
    assert like(centre, alone) > 0.99
    # With a voice in the middle, what is around it stays around it.
    assert np.array_equal(heard(tmp_path, 0.3 * other, -0.3 * other, VOICE, quiet, quiet, quiet), centre)


def test_a_single_channel_and_no_sound_at_all_are_no_matter():
    for layout, shape in (("mono", (1, 4_000)), ("stereo", (2, 1)), ("stereo", (2, 17))):
        frame = av.AudioFrame.from_ndarray(np.ones(shape, np.float32), format="fltp", layout=layout)
        frame.sample_rate = RATE
        keep_from_cancelling(frame)
        assert np.array_equal(frame.to_ndarray(), np.ones(shape, np.float32))
