"""From cross-attention to the time of each token: dynamic time warping, as Whisper times its words.

Source: openai/whisper timing.py (``find_alignment``), whose own functions need numba or Triton to be
compiled first; this is the same arithmetic on arrays.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# openai/whisper, timing.py.
_MEDIAN_FRAMES = 7
# Put in order pair by pair, seven values have their median in the middle (Paeth, Graphics Gems I, 1990):
# on whole arrays, eight times as fast as a partition of each seven.
_MEDIAN_NETWORK = (
    *((0, 5), (0, 3), (1, 6), (2, 4), (0, 1), (3, 5), (2, 6)),
    *((2, 3), (3, 6), (4, 5), (1, 4), (1, 3), (3, 4)),
)

Weights = NDArray[np.floating[Any]]


def token_starts(attention: Weights, skip: int) -> NDArray[np.int64]:
    """First encoder position of each text token.

    Args:
        attention: softmaxed, shape (n_heads, n_rows, n_positions): the start sequence,
            <|notimestamps|>, the text and <|endoftext|>. The row before a token is the one that
            looks for it.
        skip: length of the start sequence.

    Returns:
        shape (n_rows - skip - 1,), non-decreasing; the last entry is where the last token ends.
    """
    mean = attention.mean(axis=-2, keepdims=True)
    deviation = attention.std(axis=-2, keepdims=True)
    normalised = (attention - mean) / np.maximum(deviation, 1e-8)
    return warp(-_median_filter(normalised).mean(axis=0)[skip:-1])


def _median_filter(values: Weights) -> Weights:
    margin = _MEDIAN_FRAMES // 2
    if values.shape[-1] <= margin:
        return values
    padded = np.pad(values, ((0, 0), (0, 0), (margin, margin)), mode="reflect")
    shifted = [padded[..., i : i + values.shape[-1]] for i in range(_MEDIAN_FRAMES)]
    for low, high in _MEDIAN_NETWORK:
        pair = shifted[low], shifted[high]
        shifted[low], shifted[high] = np.minimum(*pair), np.maximum(*pair)
    return np.asarray(shifted[margin])


def warp(cost: Weights) -> NDArray[np.int64]:
    """Cheapest monotone path through a cost matrix; the first column of every row.

    Args:
        cost: shape (n_rows, n_columns), both at least 1.

    Returns:
        shape (n_rows,): where the path enters each row.
    """
    n_rows, n_columns = cost.shape
    total = np.full((n_rows + 1, n_columns + 1), np.inf)
    total[0, 0] = 0.0
    # A path enters a row once, from above, and then goes right: the cheapest way to a cell is the least,
    # over the cells before it, of what entering there costs less the row's sum up to there.
    along = np.cumsum(cost, axis=1, dtype=np.float64)
    for row in range(n_rows):
        entered = np.minimum(total[row, :-1], total[row, 1:])
        entered[1:] -= along[row, :-1]
        total[row + 1, 1:] = np.minimum.accumulate(entered) + along[row]
    step = np.argmin(np.stack((total[:-1, :-1], total[:-1, 1:], total[1:, :-1])), axis=0)
    starts = np.zeros(n_rows, np.int64)
    row, column = n_rows, n_columns
    while row > 0 and column > 0:
        starts[row - 1] = column - 1
        kind = step[row - 1, column - 1]
        row, column = row - (kind != 2), column - (kind != 1)
    return starts
