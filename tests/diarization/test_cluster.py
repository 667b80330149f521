"""Clustering, against a version of it that takes the definition by its word."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from inkcast.diarization.cluster import clusters_after, merge_order


def by_definition(embeddings: np.ndarray, weights: np.ndarray, least: float) -> set[frozenset[int]]:
    """Join the two clusters whose weighted sums point the same way most, while they are alike enough."""
    clusters = [frozenset([index]) for index in range(len(embeddings))]

    def likeness(one: frozenset[int], other: frozenset[int]) -> float:
        sums = [sum(embeddings[i] * weights[i] for i in cluster) for cluster in (one, other)]
        return float(sums[0] @ sums[1] / np.linalg.norm(sums[0]) / np.linalg.norm(sums[1]))

    while len(clusters) > 1:
        pairs = [(likeness(a, b), i, j) for i, a in enumerate(clusters) for j, b in enumerate(clusters[:i])]
        best, i, j = max(pairs)
        if best < least:
            break
        joined = clusters[i] | clusters[j]
        clusters = [cluster for k, cluster in enumerate(clusters) if k not in (i, j)] + [joined]
    return set(clusters)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 14), st.integers(2, 6), st.floats(-0.5, 0.95), st.integers(0, 10_000))
def test_joins_what_is_most_alike(n: int, size: int, least: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    embeddings = random.standard_normal((n, size)).astype(np.float32)
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    weights = random.uniform(0.5, 3, n)
    steps = merge_order(embeddings, weights)
    n_steps = next((index for index, step in enumerate(steps) if step[0] < least), len(steps))
    firsts = clusters_after(n, steps, n_steps)
    found = {frozenset(np.flatnonzero(firsts == first).tolist()) for first in firsts}
    assert found == by_definition(embeddings.astype(np.float64), weights, least)


def test_nothing_and_one() -> None:
    assert merge_order(np.zeros((0, 3), np.float32), np.zeros(0)) == []
    assert merge_order(np.ones((1, 3), np.float32), np.ones(1)) == []
    assert clusters_after(1, [], 0).tolist() == [0]
