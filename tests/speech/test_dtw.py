"""Dynamic time warping against every possible path, and against openai-whisper's own functions."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from whisper import timing

from inkcast.speech.engines.dtw import token_starts, warp


@pytest.fixture(autouse=True, scope="module")
def _uncompiled():
    """openai-whisper's functions as plain Python: compiling them takes longer than all these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timing, "backtrace", timing.backtrace.py_func)
        yield


def whisper_starts(cost):
    """First column of each row, by openai-whisper."""
    text, time = timing.dtw_cpu.py_func(cost)
    return list(time[np.concatenate(([True], np.diff(text) > 0))])


def cheapest(cost):
    """The cheapest path from corner to corner, by trying all of them: (total, first column of each row)."""
    n_rows, n_columns = cost.shape

    def walk(row, column, total, starts):
        total += cost[row, column]
        if (row, column) == (n_rows - 1, n_columns - 1):
            yield total, starts
        if row + 1 < n_rows:
            yield from walk(row + 1, column, total, (*starts, column))
            if column + 1 < n_columns:
                yield from walk(row + 1, column + 1, total, (*starts, column + 1))
        if column + 1 < n_columns:
            yield from walk(row, column + 1, total, starts)

    return min(walk(0, 0, 0.0, (0,)))


@settings(deadline=None, max_examples=60)
@given(
    shape=st.tuples(st.integers(1, 5), st.integers(1, 6)),
    seed=st.integers(0, 2**32 - 1),
)
def test_it_is_the_cheapest_of_all_paths(shape, seed):
    cost = np.random.default_rng(seed).normal(size=shape)
    assert tuple(warp(cost)) == cheapest(cost)[1]


def test_a_planted_path_is_found():
    starts = [0, 3, 4, 10, 17]
    cost = np.ones((5, 20))
    for row, (first, last) in enumerate(zip(starts, [*starts[1:], 20], strict=True)):
        cost[row, first:last] = -1
    assert list(warp(cost)) == starts


def price(cost, starts):
    """What a path costs that enters each row at ``starts``, as late or as early as it can be walked."""
    ends = [*starts[1:], cost.shape[1] - 1]
    rows = zip(starts, ends, [*starts[1:], None], strict=True)
    total = 0.0
    for row, (first, last, following) in enumerate(rows):
        # The next row is entered from above or from the left above: the cell above it is then left out.
        options = [cost[row, first : last + 1].sum()]
        if following is not None and following > first:
            options.append(cost[row, first:following].sum())
        total += min(options)
    return total


@settings(deadline=None, max_examples=40)
@given(
    shape=st.tuples(st.integers(1, 5), st.integers(1, 6)),
    seed=st.integers(0, 2**32 - 1),
    # Few different values: many paths cost the same.
    levels=st.integers(1, 4),
)
def test_of_paths_that_cost_the_same_it_is_one(shape, seed, levels):
    cost = np.random.default_rng(seed).integers(0, levels, shape).astype(np.float64)
    assert price(cost, list(warp(cost))) == cheapest(cost)[0]


@settings(deadline=None, max_examples=40)
@given(
    shape=st.tuples(st.integers(1, 12), st.integers(1, 40)),
    seed=st.integers(0, 2**32 - 1),
)
def test_it_is_the_path_that_whisper_takes(shape, seed):
    cost = np.random.default_rng(seed).normal(size=shape)
    assert list(warp(cost)) == whisper_starts(cost)


@pytest.mark.parametrize("n_positions", [3, 4, 7, 8, 60])
def test_token_starts_are_those_of_find_alignment(n_positions):
    """The steps of openai-whisper's find_alignment, on its own functions."""
    random = np.random.default_rng(n_positions)
    raw = torch.from_numpy(random.normal(size=(3, 9, n_positions)))
    attention = raw.softmax(dim=-1)
    std, mean = torch.std_mean(attention, dim=-2, keepdim=True, unbiased=False)
    matrix = timing.median_filter((attention - mean) / std, 7).mean(dim=0)[2:-1]
    assert list(token_starts(attention.numpy(), skip=2)) == whisper_starts(-matrix.numpy())


def test_attention_that_says_nothing_still_gives_times():
    starts = token_starts(np.full((2, 6, 10), 0.1), skip=1)
    assert starts.shape == (4,)
    assert (np.diff(starts) >= 0).all()
