"""How loud a recording is to the ear, and how to keep it from being louder; measured by FFmpeg's filters.

Sources: ITU-R BS.1770-4, annex 1; EBU R 128.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import av
import av.filter
import numpy as np

from inkcast.audio.decode import Samples

SILENT_LUFS = -70.0
"""What is not louder counts as silence (BS.1770-4)."""

# A block of 0.4 s and what the meter may wait for.
_LEAST_MEASURED_S = 0.5
# Not measured: chosen by hand.
_ATTACK_MS = 5
_RELEASE_MS = 20


def loudness(samples: Samples, rate: int) -> float:
    """Integrated loudness of mono or stereo.

    Args:
        samples: shape (n_channels, n_samples), range [-1, 1].
        rate: samples a second.
    Returns:
        LUFS; ``SILENT_LUFS`` for silence. What is shorter than half a second is measured as if it went on.
    """
    n_samples = samples.shape[1]
    if not n_samples:
        return SILENT_LUFS
    repeats = -(-round(_LEAST_MEASURED_S * rate) // n_samples)
    frames = _filtered(np.tile(samples, repeats), rate, ("ebur128", "metadata=1"))
    measured = [frame.metadata["lavfi.r128.I"] for frame in frames if frame.metadata]
    return max(SILENT_LUFS, float(measured[-1]))


def limited(samples: Samples, rate: int, ceiling: float) -> Samples:
    """Turn down what is louder than ``ceiling``, smoothly, from a few milliseconds before to after it.

    Args:
        samples: shape (n_channels, n_samples), any range; mono or stereo.
        rate: samples a second.
        ceiling: no sample of the result is above it.
    """
    limiter = f"limit={ceiling}:attack={_ATTACK_MS}:release={_RELEASE_MS}:level=0:latency=1"
    frames = _filtered(samples, rate, ("alimiter", limiter), ("aformat", "sample_fmts=fltp"))
    result: Samples = np.concatenate([frame.to_ndarray() for frame in frames], axis=1)
    return result


def _filtered(samples: Samples, rate: int, *filters: tuple[str, str]) -> Iterator[Any]:
    """What comes out of FFmpeg's filters, one behind the other, each with its arguments."""
    layout = "mono" if len(samples) == 1 else "stereo"
    graph = av.filter.Graph()
    nodes = [
        graph.add_abuffer(sample_rate=rate, format="fltp", layout=layout),
        *(graph.add(name, arguments) for name, arguments in filters),
        graph.add("abuffersink"),
    ]
    graph.link_nodes(*nodes).configure()
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout=layout)
    frame.sample_rate = rate
    for pushed in (frame, None):
        graph.push(pushed)
        while True:
            try:
                yield graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                break
