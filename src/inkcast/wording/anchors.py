"""The places that two texts surely share: runs of equal keys, chained into reading order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

# Not measured: chosen by hand, so that hundreds of thousands of words take seconds (docs/accuracy.md).
# (n-gram length, most pairs of places it may have): short ones must be unique on both sides.
GRAMS = ((5, 64), (3, 1))
FINE_GRAMS = ((3, 9), (2, 1))
_MOST_RUNS = 50_000
_LOOK_BACK_RUNS = 800
# A section told in another place must be this long: shorter ones are turns of phrase.
_LEAST_MOVED_WEIGHT = 7.0


class Run(NamedTuple):
    """``essay[essay_start + k]`` and ``heard[heard_start + k]`` belong together for k < ``length``."""

    essay_start: int
    heard_start: int
    length: int

    @property
    def essay_end(self) -> int:
        """One past the last essay piece."""
        return self.essay_start + self.length

    @property
    def heard_end(self) -> int:
        """One past the last heard piece."""
        return self.heard_start + self.length


def common_runs(essay: Sequence[str], heard: Sequence[str], grams: Sequence[tuple[int, int]]) -> list[Run]:
    """Longest runs of equal keys that contain one of the rare n-grams of ``grams``."""
    numbers = {key: number for number, key in enumerate(dict.fromkeys(chain(essay, heard)))}
    ids = [np.array([numbers[key] for key in side], dtype=np.int64) for side in (essay, heard)]
    found = [_common_grams(ids[0], ids[1], size, most) for size, most in grams]
    pairs = np.unique(np.concatenate(found), axis=0)
    runs: set[Run] = set()
    shift, end = None, -1
    for diagonal, position in pairs.tolist():
        if diagonal != shift or position >= end:
            run = _extend(Run(position + diagonal, position, 1), essay, heard)
            runs.add(run)
            shift, end = diagonal, run.heard_end
    return sorted(runs, key=lambda run: (run.heard_start, run.essay_start))


def _common_grams(essay: np.ndarray, heard: np.ndarray, size: int, most: int) -> np.ndarray:
    """(essay place - heard place, heard place) of n-grams that have at most ``most`` pairs of places."""
    if min(len(essay), len(heard)) < size:
        return np.empty((0, 2), dtype=np.int64)
    ours, theirs = _number_grams(essay, heard, size)
    count = int(max(ours.max(), theirs.max())) + 1
    our_count, their_count = np.bincount(ours, minlength=count), np.bincount(theirs, minlength=count)
    is_rare = (our_count > 0) & (our_count * their_count <= most)
    places = np.flatnonzero(is_rare[theirs])
    if not len(places):
        return np.empty((0, 2), dtype=np.int64)
    by_number = np.argsort(ours, kind="stable")
    first = np.concatenate(([0], np.cumsum(our_count)))[theirs[places]]
    times = our_count[theirs[places]]
    offset = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    heard_at = np.repeat(places, times)
    return np.stack((by_number[np.repeat(first, times) + offset] - heard_at, heard_at), axis=1)


def _number_grams(essay: np.ndarray, heard: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """A number for each n-gram's place, equal where the n-grams are."""
    ours, theirs = essay, heard
    for offset in range(1, size):
        width = int(max(essay.max(), heard.max())) + 1
        ours = ours[:-1] * width + essay[offset:]
        theirs = theirs[:-1] * width + heard[offset:]
        both = np.unique(np.concatenate((ours, theirs)), return_inverse=True)[1]
        ours, theirs = both[: len(ours)], both[len(ours) :]
    return ours, theirs


def _stretches(positions: Sequence[int]) -> Iterable[tuple[int, int]]:
    start = previous = positions[0]
    for position in positions[1:]:
        if position != previous + 1:
            yield start, previous + 1 - start
            start = position
        previous = position
    yield start, previous + 1 - start


def _extend(run: Run, essay: Sequence[str], heard: Sequence[str]) -> Run:
    first_essay, first_heard, last_essay, last_heard = (
        run.essay_start,
        run.heard_start,
        run.essay_end,
        run.heard_end,
    )
    while first_essay and first_heard and essay[first_essay - 1] == heard[first_heard - 1]:
        first_essay, first_heard = first_essay - 1, first_heard - 1
    while last_essay < len(essay) and last_heard < len(heard) and essay[last_essay] == heard[last_heard]:
        last_essay, last_heard = last_essay + 1, last_heard + 1
    return Run(first_essay, first_heard, last_essay - first_essay)


def _weights(runs: Sequence[Run], essay: Sequence[str]) -> np.ndarray:
    """Rare words speak louder: 1 for a word used once, towards 0.4 for "the"."""
    count = Counter(essay)
    total = np.concatenate(([0.0], np.cumsum([0.4 + 0.6 / count[key] for key in essay])))
    ends = np.array([run.essay_end for run in runs], dtype=np.int64)
    starts = np.array([run.essay_start for run in runs], dtype=np.int64)
    return np.asarray(total[ends] - total[starts])


def _best_chain(runs: Sequence[Run], weights: np.ndarray) -> tuple[float, list[Run]]:
    """The heaviest chain that goes forward on both sides; leaving words out costs their logarithm.

    The cost is what keeps a chance phrase from being placed amid a skipped chapter, and what
    decides between two places of a repeated passage: the nearer one is cheaper.
    """
    essay = np.array([run.essay_start for run in runs], dtype=np.int64)
    heard = np.array([run.heard_start for run in runs], dtype=np.int64)
    length = np.array([run.length for run in runs], dtype=np.int64)
    score = weights.copy()
    before = np.full(len(runs), -1, dtype=np.int64)
    for i in range(1, len(runs)):
        back = slice(max(0, i - _LOOK_BACK_RUNS), i)
        essay_gap = essay[i] - essay[back] - length[back]
        heard_gap = heard[i] - heard[back] - length[back]
        overlap = np.maximum(0, -np.minimum(essay_gap, heard_gap))
        allowed = (essay[back] < essay[i]) & (heard[back] < heard[i]) & (overlap < length[i])
        cost = 0.5 * np.log2((1 + np.maximum(essay_gap, 0)) * (1.0 + np.maximum(heard_gap, 0)))
        value = np.where(allowed, score[back] + weights[i] * (1 - overlap / length[i]) - cost, -np.inf)
        best = int(np.argmax(value))
        if value[best] > score[i]:
            score[i], before[i] = value[best], back.start + best
    last = int(np.argmax(score))
    links, at = [], last
    while at >= 0:
        links.append(runs[at])
        at = int(before[at])
    return float(score[last]), _without_overlap(links[::-1])


def _without_overlap(links: Sequence[Run]) -> list[Run]:
    """Neighbours may claim the same piece: the earlier run keeps it."""
    kept: list[Run] = []
    essay_end = heard_end = 0
    for run in links:
        cut = max(0, essay_end - run.essay_start, heard_end - run.heard_start)
        if cut < run.length:
            run = Run(run.essay_start + cut, run.heard_start + cut, run.length - cut)
            kept.append(run)
            essay_end, heard_end = run.essay_end, run.heard_end
    return kept


def _free_parts(run: Run, essay_used: np.ndarray, heard_used: np.ndarray) -> Iterable[Run]:
    """What is left of a run once others have taken their pieces."""
    taken = (
        essay_used[run.essay_start : run.essay_end] | heard_used[run.heard_start : run.heard_end]
    ).tolist()
    free = [offset for offset, used in enumerate(taken) if not used]
    for start, length in _stretches(free) if free else ():
        yield Run(run.essay_start + start, run.heard_start + start, length)


def find_anchors(
    essay: Sequence[str],
    heard: Sequence[str],
    grams: Sequence[tuple[int, int]] = GRAMS,
    moved: bool = True,
    known: Sequence[Run] = (),
) -> list[Run]:
    """Runs that belong together, by heard position; no piece is in two of them.

    The heaviest chain comes first; with ``moved``, sections read in another order than printed
    follow as chains of their own, as long as they are long enough to be no coincidence.

    Args:
        essay, heard: keys.
        grams: (length of an n-gram, how many pairs of places it may have).
        moved: whether to look for such sections.
        known: runs that are certain; their pieces belong to nothing else, and all of them are returned.
    """
    runs = [*known, *_free_runs(essay, heard, grams, known)]
    if len(runs) > _MOST_RUNS:
        runs = sorted(runs, key=lambda run: run.length, reverse=True)[:_MOST_RUNS]
    runs.sort(key=lambda run: (run.heard_start, run.essay_start))
    essay_used, heard_used = np.zeros(len(essay), dtype=bool), np.zeros(len(heard), dtype=bool)
    anchors: list[Run] = []
    while runs:
        score, best = _best_chain(runs, _weights(runs, essay))
        if anchors and score < _LEAST_MOVED_WEIGHT:
            break
        anchors += best
        for run in best:
            essay_used[run.essay_start : run.essay_end] = True
            heard_used[run.heard_start : run.heard_end] = True
        if not moved:
            break
        least = min(size for size, _ in grams)
        runs = [
            part for run in runs for part in _free_parts(run, essay_used, heard_used) if part.length >= least
        ]
    anchors += [part for run in known for part in _free_parts(run, essay_used, heard_used)]
    return sorted(anchors, key=lambda run: run.heard_start)


def _free_runs(
    essay: Sequence[str], heard: Sequence[str], grams: Sequence[tuple[int, int]], known: Sequence[Run]
) -> list[Run]:
    """Common runs of what no known run holds."""
    if not known:
        return common_runs(essay, heard, grams)
    if sum(run.length for run in known) == len(heard):
        return []
    our_keys, their_keys = list(essay), list(heard)
    for run in known:
        our_keys[run.essay_start : run.essay_end] = (f"\0{run.essay_start + k}" for k in range(run.length))
        their_keys[run.heard_start : run.heard_end] = (f"\1{run.heard_start + k}" for k in range(run.length))
    return common_runs(our_keys, their_keys, grams)
