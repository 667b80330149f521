"""The likeliest way through a graph of words: Viterbi's algorithm, within each word's window.

Borders between phones are likelier where the spectrum changes most, which is where people set them.
"""

from __future__ import annotations

from math import log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from inkcast.alignment.self_trained.cepstra import CEPSTRA, DIMENSIONS, FRAME_MS, Features
from inkcast.alignment.self_trained.compiled import compiled
from inkcast.alignment.self_trained.phone_model import Gaussians, PhoneModel
from inkcast.alignment.self_trained.search_windows import Windows
from inkcast.alignment.self_trained.word_graph import BEGINNING, WordGraph

BEAM_NATS = 400.0
"""A path so much less likely than the best up to a frame is followed no farther."""

_CHANGE_NATS = 7.0
# The spectrum is compared over this much before and after.
_CHANGE_FRAMES = 3
# For each frame of 10 ms outside of where a word surely is, at each such frame.
_DOUBT_NATS = 0.3
# What fits no state is worth this much less than a Gaussian of twice the recording's variance gives it.
_GROUND_NATS = 40.0
_LEAST_DEVIATION = 1e-3
_NEVER = np.float32(-1e30)
# Windows are counted in whole frames of 10 ms, whatever the frames searched.
_GRID_MS = 10


class Path(NamedTuple):
    """A node for each frame, and the path's natural logarithm of likelihood; no nodes where none fits."""

    nodes: NDArray[np.int64]
    score: float


class _Frames(NamedTuple):
    """``x``: features. ``ground``: their least likelihood. ``border``: what a border is worth before each."""

    x: Features
    ground: NDArray[np.float32]
    border: NDArray[np.float32]


class _Moves(NamedTuple):
    """Of each state, staying and leaving; ``doubt`` for each frame off; ``share``: of 10 ms in a frame."""

    stay: NDArray[np.float32]
    leave: NDArray[np.float32]
    doubt: np.float32
    share: np.float32
    beam: np.float32


def best_path(
    graph: WordGraph,
    x: Features,
    start_ms: int,
    model: PhoneModel,
    step: int = 1,
    *,
    border_nats: float = _CHANGE_NATS,
    beam_nats: float = BEAM_NATS,
) -> Path:
    """Find where the graph's words lie.

    Args:
        graph: all that is said.
        x: normalised features from ``start_ms`` on, one every ``step`` frames of 5 ms.
        start_ms: in the recording.
        model: of the sounds.
        step: 1 or 2.
        border_nats: for each standard deviation by which the spectrum changes more than usual at a border,
            natural logarithms.
        beam_nats: where nothing fits, the path that would lead through may look hopeless for a while.
    """
    # Frames of 5 ms are half as independent as those of 10.
    share = FRAME_MS * step / _GRID_MS
    ground = -0.25 * np.square(x).sum(1) - 0.5 * DIMENSIONS * log(2.0) - _GROUND_NATS
    frames = _Frames(x, ground.astype(np.float32), border_nats * _spectral_change(x, step))
    doubt = np.float32(_DOUBT_NATS * share * share)
    moves = _Moves(*model.stay_and_leave(share), doubt, np.float32(share), np.float32(beam_nats))
    windows = _in_frames(graph.windows, start_ms, len(x), FRAME_MS * step)
    nodes, score = _viterbi(frames, graph._replace(windows=windows), model.gaussians(), moves)
    return Path(nodes, float(score))


def _in_frames(windows: Windows, start_ms: int, n_frames: int, frame_ms: int) -> Windows:
    """Windows in frames, their edges rising, so that at any time a few nodes in a row are active."""
    found = (windows // _GRID_MS * _GRID_MS - start_ms) // frame_ms
    found[:, 3] = -((start_ms - -(-windows[:, 3] // _GRID_MS) * _GRID_MS) // frame_ms)
    found[:, 0] = np.minimum.accumulate(np.maximum(found[::-1, 0], 0))[::-1]
    found[:, 3] = np.maximum.accumulate(np.minimum(found[:, 3], n_frames))
    return found


def _spectral_change(x: Features, step: int) -> NDArray[np.float32]:
    """How much the spectrum changes where each frame begins: mean 0, variance 1."""
    width = max(1, _CHANGE_FRAMES // step)
    total = np.concatenate((np.zeros((1, CEPSTRA)), np.cumsum(x[:, :CEPSTRA], axis=0, dtype=np.float64)))
    at = np.arange(len(x))
    left, right = np.maximum(at - width, 0), np.minimum(at + width, len(x))
    after = (total[right] - total[at]) / (right - at)[:, None]
    before = (total[at] - total[left]) / np.maximum(at - left, 1)[:, None]
    size = np.sqrt(np.square(after - before).sum(1))
    size[:1] = 0
    return np.asarray((size - size.mean()) / max(float(size.std()), _LEAST_DEVIATION), np.float32)


@compiled(fastmath=True)
def _log_sum(a: np.float32, b: np.float32) -> np.float32:  # pragma: no cover
    """Natural logarithm of the sum of two numbers, of their natural logarithms."""
    high = max(a, b)
    return np.float32(high + np.log(np.float32(1) + np.exp(min(a, b) - high)))


@compiled(fastmath=True)
def _likelihood(
    x: Features, means: Features, inverse_variances: Features, constants: Features
) -> np.float32:  # pragma: no cover
    """Natural logarithm of one frame's likelihood in a state with an even number of Gaussians."""
    best = _NEVER
    # Two at a time and the number of dimensions known: two thirds of the time.
    for m in range(0, len(constants), 2):
        one, other = np.float32(0), np.float32(0)
        for d in range(DIMENSIONS):
            difference = x[d] - means[m, d]
            one += difference * difference * inverse_variances[m, d]
            difference = x[d] - means[m + 1, d]
            other += difference * difference * inverse_variances[m + 1, d]
        both = _log_sum(constants[m] - np.float32(0.5) * one, constants[m + 1] - np.float32(0.5) * other)
        best = _log_sum(best, both) if m else both
    return best


@compiled(inline=True)
def _arrival(
    t: int,
    staying: np.float32,
    bonus: np.float32,
    old: NDArray[np.float32],
    entries: NDArray[np.int64],
    costs: NDArray[np.float32],
    states: NDArray[np.int64],
    leave: NDArray[np.float32],
) -> tuple[np.float32, int]:  # pragma: no cover
    """The best way to be at a node: its score, and 0 for staying or one more than the entry's number.

    ``bonus`` is for coming from elsewhere; ``old`` are all nodes' scores a frame before.
    """
    best, choice = staying, 0
    for k in range(len(entries)):
        before = entries[k]
        if before == BEGINNING:
            value = bonus - costs[k] if t == 0 else _NEVER
        else:
            value = old[before] + leave[states[before]] - costs[k] + bonus
        if value > best:
            best, choice = value, k + 1
    return best, choice


@compiled(inline=True)
def _outside(t: int, first: int, last: int) -> np.float32:  # pragma: no cover
    """Frames between ``t`` and a range of frames, 0 inside of it."""
    return np.float32(max(0, first - t, t - last))


@compiled()
def _advance(
    t: int,
    active: tuple[int, int],
    old: NDArray[np.float32],
    new: NDArray[np.float32],
    limit: np.float32,
    known: tuple[NDArray[np.int64], NDArray[np.float32]],
    back: tuple[NDArray[np.uint8], NDArray[np.int64]],
    frames: _Frames,
    graph: WordGraph,
    gaussians: Gaussians,
    moves: _Moves,
) -> np.float32:  # pragma: no cover
    """Go one frame further, from ``old`` to ``new``; gives the best score.

    ``known`` holds the frame at which each state's likelihood was last found, and that; ``back`` the choice
    made at each node and frame, and where each node's begin.
    """
    found_at, found = known
    choices, offsets = back
    # Arrays are taken out of their tuples outside of the loop: inside, each access counts references.
    states, is_border, windows = graph.state, graph.is_border, graph.windows
    first_entry, entries, costs = graph.first_entry, graph.entries, graph.costs
    means, inverse_variances, constants = gaussians.means, gaussians.inverse_variances, gaussians.constants
    stay, leave = moves.stay, moves.leave
    x, ground, border = frames.x[t], frames.ground[t], frames.border[t]
    best = _NEVER
    for node in range(active[0], active[1]):
        new[node] = _NEVER
        state = states[node]
        bonus = border if is_border[node] else np.float32(0)
        to = slice(first_entry[node], first_entry[node + 1])
        value, choice = _arrival(
            t, old[node] + stay[state], bonus, old, entries[to], costs[to], states, leave
        )
        if value <= _NEVER or value < limit:
            continue
        if found_at[state] != t:
            likelihood = _likelihood(x, means[state], inverse_variances[state], constants[state])
            found_at[state] = t
            found[state] = moves.share * max(likelihood, ground)
        value += found[state] - moves.doubt * _outside(t, windows[node, 1], windows[node, 2])
        new[node] = value
        choices[offsets[node] + t - windows[node, 0]] = choice
        best = max(best, value)
    return best


@compiled()
def _trace(
    at: np.int64, n_frames: int, choices: NDArray[np.uint8], offsets: NDArray[np.int64], graph: WordGraph
) -> NDArray[np.int64]:  # pragma: no cover
    """The nodes of each frame, from the last one back."""
    path = np.zeros(n_frames, np.int64)
    for t in range(n_frames - 1, -1, -1):
        path[t] = at
        choice = choices[offsets[at] + t - graph.windows[at, 0]]
        if choice > 0 and t > 0:
            at = graph.entries[graph.first_entry[at] + choice - 1]
    return path


@compiled()
def _viterbi(
    frames: _Frames, graph: WordGraph, gaussians: Gaussians, moves: _Moves
) -> tuple[NDArray[np.int64], np.float32]:  # pragma: no cover
    """The best path and its score; an empty one where no path leads through."""
    n_frames, n_nodes = frames.x.shape[0], graph.state.shape[0]
    offsets = np.zeros(n_nodes + 1, np.int64)
    old, new = np.zeros(n_nodes, np.float32), np.zeros(n_nodes, np.float32)
    for node in range(n_nodes):
        old[node] = new[node] = _NEVER
        offsets[node + 1] = offsets[node] + max(0, graph.windows[node, 3] - graph.windows[node, 0])
    choices = np.zeros(offsets[n_nodes], np.uint8)
    n_states = gaussians.means.shape[0]
    known = np.full(n_states, -1, np.int64), np.zeros(n_states, np.float32)
    first, last, limit = 0, 0, _NEVER
    for t in range(n_frames):
        while first < n_nodes and graph.windows[first, 3] <= t:
            old[first] = _NEVER
            first += 1
        while last < n_nodes and graph.windows[last, 0] <= t:
            last += 1
        best = _advance(
            t, (first, last), old, new, limit, known, (choices, offsets), frames, graph, gaussians, moves
        )
        for node in range(first, last):
            old[node] = new[node]
        if best <= _NEVER:
            return np.zeros(0, np.int64), _NEVER
        limit = best - moves.beam
    at, score = np.int64(-1), _NEVER
    for node in graph.exits:
        if old[node] > score:
            at, score = node, old[node]
    return _trace(at, n_frames if at >= 0 else 0, choices, offsets, graph), score
