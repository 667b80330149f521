"""The stretches between two anchors: dynamic programming over pieces, small and local."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from inkcast.wording.anchors import FINE_GRAMS, find_anchors
from inkcast.wording.likeness import are_unstressed, is_same, likeness
from inkcast.wording.pieces import Piece

# A stretch with more cells than this is anchored again, finer; what is still too large is matched
# at its two ends only. So no skipped chapter costs more than a few milliseconds. The numbers are not
# measured, but chosen by hand.
_MOST_CELLS = 20_000
_MOST_FUZZY_CELLS = 2_500
_END = 100  # pieces
_MOST_JOINED_PIECES = 6
_MOST_GROUPED_PIECES = 5
_UNSTRESSED_QUALITY = 0.5
# Going on beside a match beats starting anew: keeps words together where a text repeats itself.
_NEIGHBOUR_BONUS = 0.25


# The pieces of the essay, and those that were heard.
Sides = tuple[Sequence[Piece], Sequence[Piece]]


# First essay and heard piece, how many of each, quality.
Step = tuple[int, int, int, int, float]


class Link(NamedTuple):
    """Essay piece ``essay`` was heard as piece ``heard``; quality 1 is letter for letter."""

    essay: int
    heard: int
    quality: float


def spread(essay: range, heard: range, pieces: Sides, quality: float) -> list[Link]:
    """Link several pieces with several, each with those that overlap it when both are laid out by letters."""
    essay_ends, heard_ends = _ends(essay, pieces[0]), _ends(heard, pieces[1])
    links, j = [], 0
    for i, end in enumerate(essay_ends):
        while True:
            links.append(Link(essay[i], heard[j], quality))
            if heard_ends[j] >= end - 1e-9:
                break
            j += 1
        if heard_ends[j] <= end + 1e-9 and j + 1 < len(heard):
            j += 1
    return links


def _ends(span: range, pieces: Sequence[Piece]) -> list[float]:
    lengths = [pieces[index].letters for index in span]
    total, done, ends = sum(lengths), 0, []
    for length in lengths:
        done += length
        ends.append(done / total)
    return ends


def link_gap(pieces: Sides, essay: range, heard: range) -> list[Link]:
    """Link what corresponds between two linked neighbours.

    Args:
        pieces: all pieces of the essay, and all that were heard.
        essay, heard: the unlinked stretch on each side.

    Returns:
        Links in heard order, possibly none.
    """
    links: list[Link] = []
    while essay and heard and pieces[0][essay[0]].key == pieces[1][heard[0]].key:
        links.append(Link(essay[0], heard[0], 1.0))
        essay, heard = essay[1:], heard[1:]
    tail: list[Link] = []
    while essay and heard and pieces[0][essay[-1]].key == pieces[1][heard[-1]].key:
        tail.append(Link(essay[-1], heard[-1], 1.0))
        essay, heard = essay[:-1], heard[:-1]
    if not essay or not heard:
        return links + tail[::-1]
    if len(essay) * len(heard) <= _MOST_CELLS:
        middle = _link_small(pieces, essay, heard)
    else:
        middle = _link_large(pieces, essay, heard)
    return links + middle + tail[::-1]


def _link_large(pieces: Sides, essay: range, heard: range) -> list[Link]:
    essay_keys = [pieces[0][index].key for index in essay]
    heard_keys = [pieces[1][index].key for index in heard]
    anchors = find_anchors(essay_keys, heard_keys, FINE_GRAMS, moved=False)
    if not anchors:
        head = essay[:_END], heard[:_END]
        tail = essay[max(_END, len(essay) - _END) :], heard[max(_END, len(heard) - _END) :]
        return _link_small(pieces, *head) + _link_small(pieces, *tail)
    links: list[Link] = []
    essay_at = heard_at = 0
    for run in anchors:
        links += link_gap(pieces, essay[essay_at : run.essay_start], heard[heard_at : run.heard_start])
        links += [
            Link(essay[run.essay_start + k], heard[run.heard_start + k], 1.0) for k in range(run.length)
        ]
        essay_at, heard_at = run.essay_end, run.heard_end
    return links + link_gap(pieces, essay[essay_at:], heard[heard_at:])


def _link_small(pieces: Sides, essay: range, heard: range) -> list[Link]:
    if not essay or not heard:
        return []
    steps = _Table([pieces[0][i] for i in essay], [pieces[1][j] for j in heard]).best_steps()
    exact = [step for step in steps if step[4] == 1.0]
    links: list[Link] = []
    essay_at = heard_at = 0
    for step in [*exact, (len(essay), len(heard), 0, 0, 0.0)]:
        i, j, width, height, quality = step
        inside = [guess for guess in steps if essay_at <= guess[0] < i and heard_at <= guess[1] < j]
        links += _link_slot(pieces, (essay, heard), (range(essay_at, i), range(heard_at, j)), inside)
        if width:
            links += spread(essay[i : i + width], heard[j : j + height], pieces, quality)
        essay_at, heard_at = i + width, j + height
    return links


def _link_slot(
    pieces: Sides, window: tuple[range, range], slot: tuple[range, range], guesses: Sequence[Step]
) -> list[Link]:
    """Between two exact links: all of it at once where that is more alike than any guess inside."""
    essay, heard = (side[part.start : part.stop] for side, part in zip(window, slot, strict=True))
    whole = _link_group(pieces, essay, heard)
    if whole and whole[0].quality >= max((guess[4] for guess in guesses), default=0.0):
        return whole
    links: list[Link] = []
    essay_at, heard_at = slot[0].start, slot[1].start
    for i, j, width, height, quality in [*guesses, (slot[0].stop, slot[1].stop, 0, 0, 0.0)]:
        links += _link_group(pieces, window[0][essay_at:i], window[1][heard_at:j])
        if width:
            links += spread(window[0][i : i + width], window[1][j : j + height], pieces, quality)
        essay_at, heard_at = i + width, j + height
    return links


def _link_group(pieces: Sides, essay: range, heard: range) -> list[Link]:
    """A few pieces heard as a few others between linked neighbours: "bell weather" for "bellwether"."""
    if not 0 < len(essay) <= _MOST_GROUPED_PIECES or not 0 < len(heard) <= _MOST_GROUPED_PIECES:
        return []
    ours, theirs = [pieces[0][i] for i in essay], [pieces[1][j] for j in heard]
    said, written = "".join(piece.key for piece in ours), "".join(piece.key for piece in theirs)
    if is_same(said, written, _mean_doubt(ours), max(piece.doubt for piece in theirs)):
        return spread(essay, heard, pieces, likeness(said, written))
    if are_unstressed(said, written):
        return [Link(essay[0], heard[0], _UNSTRESSED_QUALITY)]
    return []


def _mean_doubt(pieces: Sequence[Piece]) -> float:
    return sum(piece.letters * piece.doubt for piece in pieces) / sum(piece.letters for piece in pieces)


class _Table:
    """Best monotone linking of two short sequences.

    ``best[i][j]`` is the value of the first i and j pieces; ``joined[i][j]`` the same when the last
    of both are linked with each other.
    """

    def __init__(self, essay: Sequence[Piece], heard: Sequence[Piece]) -> None:
        self.essay, self.heard = essay, heard
        self.fuzzy = len(essay) * len(heard) <= _MOST_FUZZY_CELLS
        self.endings = [piece.key[-1] for piece in heard]
        columns = len(heard) + 1
        self.best = [[0.0] * columns for _ in range(len(essay) + 1)]
        self.joined = [[float("-inf")] * columns for _ in range(len(essay) + 1)]
        self.step: dict[tuple[int, int], Step] = {}
        self.joined[0][0] = 0.0
        for i in range(1, len(essay) + 1):
            self._fill_row(i)

    def _fill_row(self, i: int) -> None:
        best, above, joined = self.best[i], self.best[i - 1], self.joined[i]
        key, is_guessed = self.essay[i - 1].key, self.fuzzy and self._is_whole_word(i)
        left = 0.0
        for j, (over, ending) in enumerate(zip(above[1:], self.endings, strict=True), 1):
            # Nearly all cells of a table have no step to them, and need no more than this.
            if is_guessed or ending == key[-1]:
                for step in self._steps_to(i, j, is_guessed):
                    value = self._value(step)
                    if value > joined[j]:
                        joined[j] = value
                        self.step[i, j] = step
                left = max(left, joined[j])
            left = best[j] = over if over > left else left

    def _value(self, step: Step) -> float:
        i, j, width, height, quality = step
        letters = sum(len(piece.key) for piece in self.essay[i : i + width])
        before = max(self.best[i][j], self.joined[i][j] + _NEIGHBOUR_BONUS)
        return before + quality * min(1.0, 0.4 + 0.1 * letters) * max(width, height)

    def _steps_to(self, i: int, j: int, is_guessed: bool) -> Iterator[Step]:
        """Ways to link the pieces that end at (i, j): one with one, or one with several joined."""
        essay, heard = self.essay[i - 1], self.heard[j - 1]
        if essay.key == heard.key:
            yield (i - 1, j - 1, 1, 1, 1.0)
        elif essay.key[-1] == heard.key[-1] and len(essay.key) != len(heard.key):
            yield from self._joins(i, j)
        if is_guessed and essay.key != heard.key and is_same(essay.key, heard.key, essay.doubt, heard.doubt):
            yield (i - 1, j - 1, 1, 1, likeness(essay.key, heard.key))

    def _is_whole_word(self, i: int) -> bool:
        """Part of a word is no place for a guess: "AIT" is all of "Ai2", not its "ai"."""
        piece, before = self.essay[i - 1], self.essay[i - 2] if i > 1 else None
        return piece.ending > 0 and (before is None or before.word != piece.word)

    def _joins(self, i: int, j: int) -> Iterator[Step]:
        if len(self.essay[i - 1].key) > len(self.heard[j - 1].key):
            count = _count_joined(self.essay[i - 1].key, self.heard[max(0, j - _MOST_JOINED_PIECES) : j])
            if count:
                yield (i - 1, j - count, 1, count, 1.0)
        else:
            count = _count_joined(self.heard[j - 1].key, self.essay[max(0, i - _MOST_JOINED_PIECES) : i])
            if count:
                yield (i - count, j - 1, count, 1, 1.0)

    def best_steps(self) -> list[Step]:
        """The links of the best linking, in order."""
        steps: list[Step] = []
        i, j = len(self.essay), len(self.heard)
        while i and j:
            linked = self.joined[i][j]
            follows = bool(steps) and (steps[-1][0], steps[-1][1]) == (i, j)
            at_end = not steps and (i, j) == (len(self.essay), len(self.heard))
            if linked + _NEIGHBOUR_BONUS * (follows or at_end) >= self.best[i][j] and (i, j) in self.step:
                steps.append(self.step[i, j])
                i, j = steps[-1][:2]
            elif self.best[i - 1][j] >= self.best[i][j - 1]:
                i -= 1
            else:
                j -= 1
        return steps[::-1]


def _count_joined(whole: str, parts: Sequence[Piece]) -> int:
    """How many of the last ``parts``, written together, make ``whole``; 0 if none do."""
    rest = whole
    for count, piece in enumerate(reversed(parts), 1):
        if not rest.endswith(piece.key):
            return 0
        rest = rest[: -len(piece.key)]
        if not rest:
            return count
    return 0
