"""Where a recording departs from its essay: words left out, replaced, added, or read elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from inkcast.alignment.alignment import AlignedWord, Alignment, Extra
from inkcast.publish.words import SECTION_JUMP_MS, longest_rising

DepartureKind = Literal["unspoken", "replaced", "extra", "moved"]

# What stands for other words is about as long as they are.
_LENGTH_RATIO = 3
_LENGTH_SLACK = 3


@dataclass(frozen=True, slots=True)
class Departure:
    """One place where the recording does not follow the text.

    Attributes:
        kind: ``unspoken``: words that nobody says; ``replaced``: others are said in their place;
            ``extra``: words said besides; ``moved``: words read before or after their turn.
        first: index of the first essay word concerned; of an ``extra``, of the word that follows it.
        end: index after the last essay word concerned, so that an ``extra`` has ``first == end``.
        said: what is heard instead or besides.
        start_ms: where to listen; of an ``unspoken``, where the word before it ends.
        end_ms: where to stop; of an ``unspoken``, where the next word starts.
        speaker: who says ``said``, where one is known.
    """

    kind: DepartureKind
    first: int
    end: int
    said: str
    start_ms: int
    end_ms: int
    speaker: str = ""


def find_departures(alignment: Alignment) -> tuple[Departure, ...]:
    """Every departure, in the order of the essay."""
    words = alignment.words
    extras: defaultdict[int, list[Extra]] = defaultdict(list)
    for extra in alignment.extra:
        extras[min(max(-1, extra.after_word), len(words) - 1)].append(extra)
    read_blocks = {word.block for word in words if word.start_ms is not None}
    found = list(_moved(words))
    for first, end in _silent_runs(words):
        said = [extra for at in range(first - 1, end) for extra in extras.get(at, ())]
        partly_read = all(word.block in read_blocks for word in words[first:end])
        if said and partly_read and _are_alike(words[first:end], said):
            found.append(_replacement(first, end, said))
            for at in range(first - 1, end):
                extras.pop(at, None)
        elif any(_can_be_said(word) for word in words[first:end]):
            found.append(Departure("unspoken", first, end, "", *_seam(words, first, end)))
    for at, said in extras.items():
        found += [Departure("extra", at + 1, at + 1, e.text, e.start_ms, e.end_ms, e.speaker) for e in said]
    return tuple(sorted(found, key=lambda departure: (departure.first, departure.end, departure.start_ms)))


def _silent_runs(words: Sequence[AlignedWord]) -> Iterator[tuple[int, int]]:
    for silent, run in groupby(range(len(words)), key=lambda index: words[index].start_ms is None):
        if silent:
            indices = list(run)
            yield indices[0], indices[-1] + 1


def _can_be_said(word: AlignedWord) -> bool:
    """A lone dash is nothing that anybody could read aloud."""
    return any(character.isalnum() for character in word.text)


def _are_alike(written: Sequence[AlignedWord], said: Sequence[Extra]) -> bool:
    lengths = sorted(
        (sum(map(_can_be_said, written)), sum(len(extra.text.split()) for extra in said)),
    )
    return lengths[0] > 0 and lengths[1] <= _LENGTH_RATIO * lengths[0] + _LENGTH_SLACK


def _replacement(first: int, end: int, said: Sequence[Extra]) -> Departure:
    text = " ".join(extra.text for extra in said)
    start_ms, end_ms = min(extra.start_ms for extra in said), max(extra.end_ms for extra in said)
    speakers = {extra.speaker for extra in said}
    speaker = speakers.pop() if len(speakers) == 1 else ""
    return Departure("replaced", first, end, text, start_ms, end_ms, speaker)


def _seam(words: Sequence[AlignedWord], first: int, end: int) -> tuple[int, int]:
    """Where a whole run of silent words would have been heard."""
    before = words[first - 1].end_ms if first else None
    after = words[end].start_ms if end < len(words) else None
    start_ms = before if before is not None else after or 0
    return start_ms, start_ms if after is None else max(start_ms, after)


def _moved(words: Sequence[AlignedWord]) -> Iterator[Departure]:
    """Runs of words that keep the rest from being in order of time."""
    in_order = longest_rising([word.start_ms for word in words])
    spoken = [index for index, word in enumerate(words) if word.start_ms is not None]
    left_ms = 0
    for regular, group in groupby(spoken, key=lambda index: index in in_order):
        run = list(group)
        if regular:
            left_ms = words[run[-1]].end_ms or 0
            continue
        following = next((words[i].start_ms for i in range(run[-1] + 1, len(words)) if i in in_order), None)
        for first, last in _pieces(words, run):
            start_ms, end_ms = words[first].start_ms or 0, words[last].end_ms or 0
            early = left_ms - start_ms
            late = 0 if following is None else end_ms - following
            if max(early, late) > SECTION_JUMP_MS:
                yield Departure("moved", first, last + 1, "", start_ms, max(start_ms, end_ms))


def _pieces(words: Sequence[AlignedWord], run: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last of the words that go on in one direction."""
    first = last = run[0]
    for index in run[1:]:
        if (words[index].start_ms or 0) < (words[last].start_ms or 0):
            yield first, last
            first = index
        last = index
    yield first, last
