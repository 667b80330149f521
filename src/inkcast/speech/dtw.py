"""From cross-attention to the time of each token: dynamic time warping, as Whisper times its words.

Source: openai/whisper timing.py (``find_alignment``), whose own functions need numba or Triton to be
compiled first; this is the same arithmetic on arrays.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

_MEDIAN_WIDTH = 7

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
    margin = _MEDIAN_WIDTH // 2
    if values.shape[-1] <= margin:
        return values
    padded = np.pad(values, ((0, 0), (0, 0), (margin, margin)), mode="reflect")
    return np.asarray(np.median(sliding_window_view(padded, _MEDIAN_WIDTH, axis=-1), axis=-1))


def warp(cost: Weights) -> NDArray[np.int64]:
    """Cheapest monotone path through a cost matrix; the first column of every row.

    Args:
        cost: shape (n_rows, n_columns), both at least 1.

    Returns:
        shape (n_rows,): where the path enters each row.
    """
    n_rows, n_columns = cost.shape
    # Diagonal by diagonal: the cells of one do not depend on each other.
    total = np.full((n_rows + 1, n_columns + 1), np.inf)
    total[0, 0] = 0.0
    step = np.zeros((n_rows + 1, n_columns + 1), np.int8)
    for diagonal in range(2, n_rows + n_columns + 1):
        rows = np.arange(max(1, diagonal - n_columns), min(n_rows, diagonal - 1) + 1)
        columns = diagonal - rows
        before = np.stack((total[rows - 1, columns - 1], total[rows - 1, columns], total[rows, columns - 1]))
        chosen = _first_smallest(before)
        step[rows, columns] = chosen
        total[rows, columns] = cost[rows - 1, columns - 1] + before[chosen, np.arange(len(rows))]
    starts = np.zeros(n_rows, np.int64)
    row, column = n_rows, n_columns
    while row > 0 and column > 0:
        starts[row - 1] = column - 1
        kind = step[row, column]
        row, column = row - (kind != 2), column - (kind != 1)
    return starts


def _first_smallest(before: Weights) -> NDArray[np.intp]:
    """Whisper's tie-break: diagonal or down only if strictly cheaper than both others."""
    diagonal, down, right = before
    return np.where(
        (diagonal < down) & (diagonal < right), 0, np.where((down < diagonal) & (down < right), 1, 2)
    )
