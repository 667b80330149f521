"""How each sound of speech (ARPAbet phone) sounds: hidden Markov states with Gaussian mixtures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

STATES = 3
"""Of each phone: its beginning, middle and end."""
SILENCE = 0
"""The state of silence."""

_SEED = Path(__file__).with_name("seed.npz")
# Frames of 10 ms that a state lasts at least, and the likeliest that it is left after one.
_LEAST_FRAMES, _SUREST_LEAVE = 1.05, 0.95
# Natural logarithm of a weight of none: compiled loops do without infinity.
_UNUSED_NATS = -1e20


class Gaussians(NamedTuple):
    """A model's mixtures as compiled loops want them.

    Shapes: ``means`` and ``inverse_variances`` (n_states, n_mixtures, 39), ``constants`` (n_states,
    n_mixtures) their natural logarithms of weight and height, ``counts`` (n_states,) how many are in use.
    The number of mixtures is even; those that are not in use have next to no weight.
    """

    means: NDArray[np.float32]
    inverse_variances: NDArray[np.float32]
    constants: NDArray[np.float32]
    counts: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PhoneModel:
    """State 0 is silence, phone p has three states from 1 + 3p on.

    Attributes:
        phones: in order.
        means: shape (n_states, most_mixtures, 39), of normalised features.
        variances: of the same shape.
        weights: shape (n_states, most_mixtures); zero for mixtures that are not in use.
        length: shape (n_states,): mean frames of 10 ms in each state.
        visits: shape (n_states,): how often it was seen.
    """

    phones: tuple[str, ...]
    means: NDArray[np.float32]
    variances: NDArray[np.float32]
    weights: NDArray[np.float32]
    length: NDArray[np.float32]
    visits: NDArray[np.float32]

    def states_of(self, phone: str) -> range:
        """A phone's states."""
        first = 1 + self.phones.index(phone) * STATES
        return range(first, first + STATES)

    def gaussians(self) -> Gaussians:
        """Its mixtures for compiled loops."""
        is_used = self.weights > 0
        weights = np.where(is_used, np.log(np.where(is_used, self.weights, 1)), _UNUSED_NATS)
        return Gaussians(
            _even(self.means),
            _even(1 / self.variances),
            _even(weights - 0.5 * np.log(self.variances).sum(-1), _UNUSED_NATS),
            np.count_nonzero(is_used, axis=1).astype(np.int64),
        )

    def stay_and_leave(self, share: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Natural logarithms of each state's probabilities after a frame of ``share`` times 10 ms."""
        leave = np.minimum(share / np.maximum(self.length, _LEAST_FRAMES), _SUREST_LEAVE)
        return np.log1p(-leave).astype(np.float32), np.log(leave).astype(np.float32)

    def save(self, path: Path) -> None:
        """Write an .npz file; numbers in half precision."""
        np.savez_compressed(
            path,
            phones=np.array(self.phones),
            states=STATES,
            visits=self.visits,
            means=self.means.astype(np.float16),
            variances=self.variances.astype(np.float16),
            weights=self.weights.astype(np.float16),
            length=self.length.astype(np.float16),
        )

    @classmethod
    def load(cls, path: Path) -> PhoneModel:
        """Read what ``save`` wrote."""
        names = ("means", "variances", "weights", "length", "visits")
        with np.load(path) as data:
            return cls(tuple(map(str, data["phones"])), *(data[name].astype(np.float32) for name in names))


def _even(values: NDArray[np.floating], filled_with: float = 0) -> NDArray[np.float32]:
    """An even number of mixtures, in the second dimension."""
    width = [(0, 0)] * values.ndim
    width[1] = (0, values.shape[1] % 2)
    return np.pad(values, width, constant_values=filled_with).astype(np.float32)


@cache
def seed() -> PhoneModel:
    """The model that every recording starts from, made by ``benchmarks/train_seed.py``."""
    return PhoneModel.load(_SEED)
