"""The parts of an aligned essay, each from a heading to the next, and how each was read."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from inkcast.alignment.alignment import AlignedWord, Alignment

# A longer silence is no part of the reading: music, or words that the text does not have.
_LONGEST_STEP_MS = 3_000
_FEWEST = 3
_NAME_WORDS = 8


@dataclass(frozen=True, slots=True)
class Section:
    """The words ``first`` to ``end`` (excluded) of an essay; ``name`` is empty before the first heading."""

    name: str
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """How some words were read.

    Attributes:
        start_ms: of the earliest word; None if none is spoken.
        read_ms: time spent on them, without long silences.
        spoken: share of the words.
        confidence: median over the spoken words; 0.0 without any.
        words_per_minute: over ``read_ms``.
    """

    start_ms: int | None
    read_ms: int
    spoken: float
    confidence: float
    words_per_minute: float


def headed_sections(alignment: Alignment) -> tuple[Section, ...]:
    """Sections by title and headings, in the order of the essay."""
    starts = [
        (_text(alignment, block), first)
        for block, first in _block_starts(alignment)
        if alignment.blocks[block].kind in ("title", "heading")
    ]
    if alignment.words and (not starts or starts[0][1] > 0):
        starts.insert(0, ("", 0))
    return _between(starts, len(alignment.words))


def listed_sections(alignment: Alignment) -> tuple[Section, ...]:
    """Sections by headings; each block one of its own where the essay has next to no headings."""
    headed = headed_sections(alignment)
    if len(headed) >= _FEWEST:
        return headed
    starts = []
    for block, first in _block_starts(alignment):
        names = _text(alignment, block).split()
        starts.append((" ".join(names[:_NAME_WORDS]) + (" …" if len(names) > _NAME_WORDS else ""), first))
    return _between(starts, len(alignment.words))


def reading_of(words: Sequence[AlignedWord]) -> Reading:
    """Measure how ``words`` were read."""
    spans = sorted(
        (word.start_ms, word.end_ms)
        for word in words
        if word.start_ms is not None and word.end_ms is not None
    )
    if not spans:
        return Reading(None, 0, 0.0, 0.0, 0.0)
    steps = [min(after[0] - before[0], _LONGEST_STEP_MS) for before, after in pairwise(spans)]
    read_ms = max(1, sum(steps) + spans[-1][1] - spans[-1][0])
    confidence = statistics.median(word.confidence for word in words if word.start_ms is not None)
    return Reading(spans[0][0], read_ms, len(spans) / len(words), confidence, len(spans) * 60_000 / read_ms)


def _block_starts(alignment: Alignment) -> Iterator[tuple[int, int]]:
    """Each block that has words, with the index of its first."""
    last = None
    for index, word in enumerate(alignment.words):
        if word.block != last:
            yield word.block, index
            last = word.block


def _text(alignment: Alignment, block: int) -> str:
    return alignment.blocks[block].text


def _between(starts: Sequence[tuple[str, int]], n_words: int) -> tuple[Section, ...]:
    ends = [*(first for _, first in starts[1:]), n_words]
    return tuple(Section(name, first, end) for (name, first), end in zip(starts, ends, strict=False))
