"""A model of sounds moved nearer to a voice.

Sources: all means by one affine map (MLLR): Leggetter and Woodland, Maximum likelihood linear regression
for speaker adaptation of continuous density hidden Markov models (1995); each Gaussian by its own data
(MAP): Gauvain and Lee, Maximum a posteriori estimation for multivariate Gaussian mixture observations of
Markov chains (1994).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from inkcast.alignment.self_trained.cepstra import CEPSTRA, DIMENSIONS, Features
from inkcast.alignment.self_trained.compiled import compiled
from inkcast.alignment.self_trained.phone_model import SILENCE, Gaussians, PhoneModel

LEAST_VARIANCE = 0.1
"""Of a Gaussian; the recording's own is 1."""
UNUSED = -1
"""A frame's state where nothing is to be learned from it."""

# Frames that the model's own means count for, and that keep the affine map where it was.
_MAP_FRAMES = 12.0
_MLLR_FRAMES = 200.0
# Visits that the model's own lengths of states count for at most.
_MOST_VISITS = 20
_LEAST_SHARE = np.float32(1e-3)


class PathStatistics:
    """What a model's Gaussians saw on the best paths."""

    def __init__(self, model: PhoneModel) -> None:
        self._gaussians = model.gaussians()
        self.occupancy = np.zeros(model.means.shape[:2])
        self.sums, self.squares = np.zeros(model.means.shape), np.zeros(model.means.shape)
        self.visits, self.frames = np.zeros(len(model.means)), np.zeros(len(model.means))

    def add(self, x: Features, state: NDArray[np.int64]) -> None:
        """Normalised features, a row every 10 ms, and each row's state or ``UNUSED``."""
        _accumulate(x, state, self._gaussians, self.occupancy, self.sums, self.squares)
        changes = np.concatenate(([True], state[1:] != state[:-1])) & (state != UNUSED)
        self.frames += np.bincount(state[state != UNUSED], minlength=len(self.frames))
        self.visits += np.bincount(state[changes], minlength=len(self.visits))


def adapted(model: PhoneModel, seen: PathStatistics) -> PhoneModel:
    """The model moved to the voice that was seen: MLLR, then MAP."""
    means = _moved_means(model, seen).astype(np.float64)
    occupancy = seen.occupancy[..., None]
    mean = (seen.sums + _MAP_FRAMES * means) / (occupancy + _MAP_FRAMES)
    square = (seen.squares + _MAP_FRAMES * (model.variances + means**2)) / (occupancy + _MAP_FRAMES)
    weights = np.where(model.weights > 0, seen.occupancy + _MAP_FRAMES * model.weights, 0)
    visits = np.minimum(model.visits, _MOST_VISITS)
    length = (seen.frames + visits * model.length) / np.maximum(seen.visits + visits, 1)
    return replace(
        model,
        means=mean.astype(np.float32),
        variances=np.maximum(square - mean**2, LEAST_VARIANCE).astype(np.float32),
        weights=(weights / weights.sum(1, keepdims=True)).astype(np.float32),
        length=length.astype(np.float32),
    )


def _moved_means(model: PhoneModel, seen: PathStatistics) -> NDArray[np.float32]:
    """All means but silence's under the affine map that fits best, one each for cepstra and their slopes.

    einsum and not a matrix product: BLAS would sum in an order that depends on the number of cores.
    """
    used = model.weights > 0
    used[SILENCE] = False
    means, occupancy, sums = model.means[used].astype(np.float64), seen.occupancy[used], seen.sums[used]
    inverse = 1.0 / model.variances[used]
    still = _MLLR_FRAMES * np.eye(CEPSTRA + 1)
    moved = model.means.copy()
    for first in range(0, DIMENSIONS, CEPSTRA):
        block = slice(first, first + CEPSTRA)
        extended = np.concatenate((means[:, block], np.ones((len(means), 1))), axis=1)
        squares = np.einsum("gi,gj->gij", extended, extended)
        left = np.einsum("gd,gij->dij", occupancy[:, None] * inverse[:, block], squares) + still
        right = np.einsum("gd,gi->di", inverse[:, block] * sums[:, block], extended) + still[:CEPSTRA]
        rows = np.stack([np.linalg.solve(a, b) for a, b in zip(left, right, strict=True)])
        moved[1:, :, block] = np.einsum("smd,kd->smk", model.means[1:, :, block], rows[:, :-1]) + rows[:, -1]
    return moved


@compiled(fastmath=True)
def _shares(x: Features, state: int, gaussians: Gaussians) -> NDArray[np.float32]:  # pragma: no cover
    """How much of a frame each of a state's Gaussians explains."""
    share = np.zeros(gaussians.means.shape[1], np.float32)
    count = gaussians.counts[state]
    best = np.float32(-1e30)
    for m in range(count):
        distance = np.float32(0)
        for d in range(x.shape[0]):
            difference = x[d] - gaussians.means[state, m, d]
            distance += difference * difference * gaussians.inverse_variances[state, m, d]
        share[m] = gaussians.constants[state, m] - np.float32(0.5) * distance
        best = max(best, share[m])
    total = np.float32(0)
    for m in range(count):
        share[m] = np.exp(share[m] - best)
        total += share[m]
    return share / total


@compiled(fastmath=True)
def _accumulate(
    x: Features,
    state: NDArray[np.int64],
    gaussians: Gaussians,
    occupancy: NDArray[np.float64],
    sums: NDArray[np.float64],
    squares: NDArray[np.float64],
) -> None:  # pragma: no cover
    for t in range(x.shape[0]):
        s = state[t]
        if s < 0:
            continue
        share = _shares(x[t], s, gaussians)
        for m in range(gaussians.counts[s]):
            part = share[m]
            if part > _LEAST_SHARE:
                occupancy[s, m] += part
                for d in range(x.shape[1]):
                    value = part * x[t, d]
                    sums[s, m, d] += value
                    squares[s, m, d] += value * x[t, d]
