"""An anchor's place in an essay, which may have been edited since; and anchors of places.

The words of the anchor are searched in the essay as one searches a pattern with errors (Sellers, 1980):
the stretch that takes the fewest words put in, left out or replaced. A word that is spelled a little
otherwise costs less than another word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel

from inkcast.alignment.alignment import AlignedWord, Alignment
from inkcast.corrections.correction import Anchor
from inkcast.essays.essay import Block, Essay
from inkcast.wording.normal import fold

Costs = NDArray[np.int32]

ANY = "…"
"""Stands for the middle of many words."""
RECORDING_DIGITS = 16

# Not measured: chosen by hand.
_CONTEXT = 4  # words on either side
_MOST_WORDS = 24  # that are written in full
_END_WORDS = 8  # of more
_LIKE = 0.6  # from this likeness on a word counts as the same, spelled otherwise
_ALIKE, _OTHER = 2, 5  # what such a word costs, and what another one, one more, or one less
_LEAST_SHARE = 0.5  # of the words must be there, and of those around them
_SURE_WORDS = 4  # so many need no others around them
_MOST_EQUAL = 50


@dataclass(frozen=True, slots=True)
class Place:
    """Words [first, stop) of an essay; the place before ``first`` if there are none.

    ``around`` has, for each word of the anchor's ``before`` and ``after``, the essay's word that it is now.
    """

    first: int
    stop: int
    around: tuple[int | None, ...]


def words_of(text: str) -> list[str]:
    """A text's words as ``Essay.words`` would have them."""
    line = " ".join(text.split())
    return [word.text for word in Essay("", (Block("paragraph", line),)).words()] if line else []


def anchor_at(alignment: Alignment, first: int, stop: int, *, in_full: bool = False) -> Anchor:
    """The anchor of words [first, stop), or of the place before ``first`` if the two are equal.

    Of many words only the first and last are written, unless all are wanted ``in_full``.
    """
    words = alignment.words
    own, before, after = (
        words[first:stop],
        words[max(0, first - _CONTEXT) : first],
        words[stop : stop + _CONTEXT],
    )
    text = _as_written(own)
    if len(own) > _MOST_WORDS and not in_full:
        text = f"{_as_written(own[:_END_WORDS])} {ANY} {_as_written(own[-_END_WORDS:])}"
    return Anchor(
        text,
        _as_written(before),
        _as_written(after),
        first,
        alignment.audio.sha256[:RECORDING_DIGITS],
        *(tuple(-1 if w.start_ms is None else w.start_ms for w in side) for side in (before, after)),
    )


def _as_written(words: Sequence[AlignedWord]) -> str:
    text = ""
    for before, word in zip((None, *words), words, strict=False):
        text += word.text if before is None or word.follows(before) else f" {word.text}"
    return text


def find_anchor(anchor: Anchor, texts: Sequence[str]) -> Place | None:
    """Where an anchor's words are in an essay; None if they are not there, or in several places alike.

    Args:
        anchor: as ``anchor_at`` made it, or somebody wrote it.
        texts: of ``Essay.words()``.
    """
    before, after = words_of(anchor.before), words_of(anchor.after)
    words = [word for word in anchor.words.split() if word != ANY]
    head, _, tail = f" {anchor.words} ".partition(f" {ANY} ")
    parts = [part for text in (head, tail) if (part := words_of(text))]
    keys = tuple(map(_key, texts))
    if not words and not (before or after):
        return None
    if len(parts) < 2:
        return _nearest(_Pattern(before, parts[0] if parts else [], after), keys, anchor.at_word)
    first = _nearest(_Pattern(before, parts[0], []), keys, anchor.at_word)
    if first is None:
        return None
    last = _nearest(_Pattern([], parts[1], after), keys[first.stop :], 0)
    if last is None:
        return None
    around = (word if word is None else word + first.stop for word in last.around)
    return Place(first.first, first.stop + last.stop, (*first.around, *around))


@dataclass(frozen=True, slots=True)
class _Pattern:
    before: Sequence[str]
    words: Sequence[str]
    after: Sequence[str]

    @property
    def keys(self) -> list[str]:
        return [_key(word) for side in (self.before, self.words, self.after) for word in side]


@lru_cache(maxsize=65_536)
def _key(word: str) -> str:
    """Case, accents and punctuation do not count, unless there is nothing else."""
    return fold(word) or word


def _nearest(pattern: _Pattern, keys: tuple[str, ...], at_word: int | None) -> Place | None:
    """The place of the pattern's words; of several that are equal, the one nearest to ``at_word``."""
    expected = (at_word or 0) + len(pattern.words) + len(pattern.after)
    found = dict.fromkeys(place for place in _places(pattern, keys, expected) if place is not None)
    starts = {place.first for place in found}
    if not found or (at_word is None and len(starts) > 1):
        return None
    return min(found, key=lambda place: abs(place.first - (at_word or 0)))


def _places(pattern: _Pattern, keys: tuple[str, ...], expected: int) -> Iterator[Place | None]:
    for costs in (_exact_costs, _like_costs):
        table = _table([costs(key, keys) for key in pattern.keys], len(keys))
        ends = np.flatnonzero(table[-1] == table[-1].min())
        if not table[-1].min() or costs is _like_costs:
            # Of neighbours that end a word apart, each is only another way to see the same place.
            for end in sorted(ends.tolist(), key=lambda end: abs(end - expected))[:_MOST_EQUAL]:
                yield _traced(pattern, table, end, keys)
            return


def _exact_costs(key: str, keys: tuple[str, ...]) -> Costs:
    unique, inverse = _numbered(keys)
    return np.where(unique == key, 0, _OTHER).astype(np.int32)[inverse]


def _like_costs(key: str, keys: tuple[str, ...]) -> Costs:
    unique, inverse = _numbered(keys)
    return np.array([_cost_of(key, other) for other in unique], np.int32)[inverse]


def _cost_of(key: str, other: str) -> int:
    if key == other:
        return 0
    return _ALIKE if Indel.normalized_similarity(key, other, score_cutoff=_LIKE) else _OTHER


@lru_cache(maxsize=4)
def _numbered(keys: tuple[str, ...]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Each key once, and for each place the number of its key."""
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    return np.array([*numbers], dtype=object), np.array([numbers[key] for key in keys], np.int64)


def _table(costs: Sequence[Costs], length: int) -> Costs:
    """``table[i, j]``: what it costs at least to end the first i words of the pattern before word j."""
    table = np.zeros((len(costs) + 1, length + 1), np.int32)
    steps = _OTHER * np.arange(length + 1, dtype=np.int32)
    for at, cost in enumerate(costs, 1):
        above = table[at - 1]
        row = above + _OTHER
        np.minimum(row[1:], above[:-1] + cost, out=row[1:])
        table[at] = np.minimum.accumulate(row - steps) + steps
    return table


def _traced(pattern: _Pattern, table: Costs, end: int, keys: tuple[str, ...]) -> Place | None:
    """The essay's words that the pattern's are, if enough of them are there."""
    wanted = pattern.keys
    seat: list[int | None] = [None] * len(wanted)  # of each word of the pattern
    i, j = len(wanted), end
    while i:
        if j and table[i - 1, j - 1] + _cost_of(wanted[i - 1], keys[j - 1]) == table[i, j]:
            i, j = i - 1, j - 1
            seat[i] = j
        elif table[i - 1, j] + _OTHER == table[i, j]:
            i -= 1
        else:
            j -= 1
    return _place(pattern, seat, keys)


def _place(pattern: _Pattern, seat: Sequence[int | None], keys: tuple[str, ...]) -> Place | None:
    n_before, n_words = len(pattern.before), len(pattern.words)
    pairs = zip(pattern.keys, seat, strict=True)
    owner = [at if at is not None and _cost_of(key, keys[at]) < _OTHER else None for key, at in pairs]
    middle = slice(n_before, n_before + n_words)
    around = (*owner[: middle.start], *owner[middle.stop :])
    known = [at for at in around if at is not None]
    n_there = sum(at is not None for at in owner[middle])
    is_known = len(known) >= _LEAST_SHARE * len(around) if around else n_there == n_words
    if n_words:
        if n_there < max(1, _LEAST_SHARE * n_words) or not (is_known or n_there >= _SURE_WORDS):
            return None
        seats = [at for at in seat[middle] if at is not None]
        return Place(seats[0], seats[-1] + 1, around)
    if not known or not is_known:
        return None
    left = [at for at in owner[:n_before] if at is not None]
    first = left[-1] + 1 if left else known[0]
    return Place(first, first, around)
