"""Which stretches of speech are of one voice."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def merge_order(embeddings: Floats, weights: NDArray[np.float64]) -> list[tuple[float, int, int]]:
    """Join the two most alike clusters again and again, until one is left.

    Each cluster stands for the sum of its members (centroid linkage): what is long counts more.

    Args:
        embeddings: of length 1, shape (n, size).
        weights: how much each counts, shape (n,).

    Returns:
        For each step the likeness (cosine) of the two, and their first members: the second joins the first.
    """
    n = len(embeddings)
    if n == 0:
        return []
    sums = embeddings * weights[:, None].astype(np.float32)
    centres = embeddings.copy()
    likeness = centres @ centres.T
    np.fill_diagonal(likeness, -np.inf)
    nearest = likeness.argmax(axis=1)
    best = likeness[np.arange(n), nearest]
    steps = []
    for _ in range(n - 1):
        one = int(best.argmax())
        other = int(nearest[one])
        steps.append((float(best[one]), one, other))
        sums[one] += sums[other]
        centres[one] = sums[one] / max(float(np.linalg.norm(sums[one])), 1e-9)
        likeness[other, :] = likeness[:, other] = best[other] = -np.inf
        row = centres @ centres[one]
        row[np.isneginf(best)] = -np.inf
        row[one] = -np.inf
        likeness[one, :] = likeness[:, one] = row
        # Whose nearest was one of the two looks again; others look at the joined one alone.
        stale = np.flatnonzero(((nearest == one) | (nearest == other)) & ~np.isneginf(best))
        stale = np.unique(np.append(stale, one))
        nearest[stale] = likeness[stale].argmax(axis=1)
        best[stale] = likeness[stale, nearest[stale]]
        nearer = row > best
        nearest[nearer], best[nearer] = one, row[nearer]
    return steps


def clusters_after(n: int, steps: list[tuple[float, int, int]], n_steps: int) -> NDArray[np.int64]:
    """The cluster of each of ``n`` after some of the steps: the index of its first member."""
    parents = np.arange(n)
    for _, one, other in steps[:n_steps]:
        parents[other] = one
    # A member that joined was joined by its own before: one pass from the last join back finds all firsts.
    for _, _, other in reversed(steps[:n_steps]):
        parents[other] = parents[parents[other]]
    return parents
