"""Words that the transcript has otherwise although the narrator read them as written: the sound decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from math import inf

from inkcast.alignment.forced_aligner import ComparesTexts, ExpectedWord, Sound
from inkcast.alignment.heard_words import HeardWord
from inkcast.audio.recording import Recording
from inkcast.wording.match import Match
from inkcast.wording.pieces import name_doubts

# Natural logarithm by which the written word may be less likely than the heard one: of 180 words that were
# replaced after the recording all but one lay at -76 and below, misheard ones at -55 and above.
_LEAST_LIKELY_NATS = -65.0
# Not measured: chosen by hand.
_MOST_WORDS = 3
_CONTEXT = 3  # on either side
_MARGIN_MS = 100
_LONGEST_MS = 10_000
_QUALITY = 0.5


@dataclass(frozen=True, slots=True)
class _Slot:
    """Unmatched words of essay and transcript between the matches ``left`` and ``right``.

    ``essay`` and ``heard`` are indexes; ``heard`` has one range for each word of ``essay``.
    """

    essay: tuple[int, ...]
    heard: tuple[range, ...]
    left: tuple[Match, ...]
    right: tuple[Match, ...]


def confirm(
    matches: Sequence[Match],
    heard: Sequence[HeardWord],
    essay: Sequence[str],
    sizes: Sequence[int],
    recording: Recording,
    aligner: ComparesTexts,
) -> list[Match]:
    """Match words to others that were heard in their place, where the sound is as much theirs.

    A model writes "our" where a reader says "RL", and "who" for "through". Whether the essay's word was
    said, an acoustic model tells: replaced words sound unlike those that replaced them.

    Args:
        matches: in heard order.
        heard: what the matches point to.
        essay: words as written.
        sizes: letters that each essay word has when spoken.
        recording: the audio.
        aligner: has the acoustic model.

    Returns:
        The matches and those that were found besides, in heard order.

    Raises:
        AudioError: the recording cannot be read.
    """
    is_name = [doubt > 0 for doubt in name_doubts(essay)]
    slots = [slot for slot in _slots(matches, heard, sizes, is_name) if _is_short(slot, heard)]
    if not slots:
        return list(matches)
    sure = {index for match in matches for index in match.heard}
    words = [
        ExpectedWord(word.text, word.start_ms, word.end_ms, index not in sure)
        for index, word in enumerate(heard)
    ]
    words.sort(key=lambda word: word.start_ms)
    likelihoods = aligner.likelihoods(_sounds(slots, heard, essay), words, recording)
    found = [
        match
        for slot, likelihood in zip(slots, likelihoods, strict=True)
        for match in _confirmed(slot, dict(zip(_choices(slot), likelihood, strict=True)))
    ]
    return sorted([*matches, *found], key=lambda match: (match.heard.start, match.starts, match.essay))


def _slots(
    matches: Sequence[Match], heard: Sequence[HeardWord], sizes: Sequence[int], is_name: Sequence[bool]
) -> Iterator[_Slot]:
    for at, (left, right) in enumerate(pairwise(matches), 1):
        missing = tuple(word for word in range(left.essay + 1, right.essay) if sizes[word])
        others = range(left.heard.stop, right.heard.start)
        if not 0 < len(missing) <= _MOST_WORDS or not 0 < len(others) <= _MOST_WORDS:
            continue
        context = (
            _unbroken(matches[max(0, at - _CONTEXT) : at][::-1])[::-1],
            _unbroken(matches[at : at + _CONTEXT]),
        )
        if len(missing) == len(others):
            yield _Slot(missing, tuple(range(word, word + 1) for word in others), *context)
        elif len(missing) == 1 and is_name[missing[0]]:
            yield _Slot(missing, (others,), *context)


def _unbroken(matches: Sequence[Match]) -> tuple[Match, ...]:
    """The first of them, up to a place where something was heard that is no essay's word."""
    breaks = (
        at
        for at, (one, other) in enumerate(pairwise(matches), 1)
        if max(one.heard.start, other.heard.start) > min(one.heard.stop, other.heard.stop)
    )
    return tuple(matches[: next(breaks, len(matches))])


def _is_short(slot: _Slot, heard: Sequence[HeardWord]) -> bool:
    """Whether all of its words were heard one after the other, within a few seconds."""
    words = heard[slot.left[0].heard.start : slot.right[-1].heard.stop]
    in_order = all(first.start_ms <= second.start_ms for first, second in pairwise(words))
    return in_order and words[-1].end_ms - words[0].start_ms <= _LONGEST_MS


def _choices(slot: _Slot) -> Iterator[tuple[bool, ...]]:
    """All ways to take each of the slot's words as written or as heard."""
    return product((False, True), repeat=len(slot.essay))


def _sounds(slots: Iterable[_Slot], heard: Sequence[HeardWord], essay: Sequence[str]) -> Iterator[Sound]:
    for slot in slots:
        start = max(0, heard[slot.left[0].heard.start].start_ms - _MARGIN_MS)
        end = heard[slot.right[-1].heard[-1]].end_ms + _MARGIN_MS
        lines = tuple(tuple(_words(slot, choice, heard, essay)) for choice in _choices(slot))
        yield Sound(start, end, lines)


def _words(
    slot: _Slot, choice: Sequence[bool], heard: Sequence[HeardWord], essay: Sequence[str]
) -> Iterator[str]:
    """What was said if the slot has, of its words, those as written that ``choice`` says."""
    yield from (essay[match.essay] for match in slot.left)
    for word, part, as_written in zip(slot.essay, slot.heard, choice, strict=True):
        yield from [essay[word]] if as_written else [heard[index].text for index in part]
    yield from (essay[match.essay] for match in slot.right)


def _confirmed(slot: _Slot, likelihood: Mapping[tuple[bool, ...], float]) -> Iterator[Match]:
    """The slot's essay words that were said."""
    for at, (word, part) in enumerate(zip(slot.essay, slot.heard, strict=True)):
        best = {False: -inf, True: -inf}
        for choice, value in likelihood.items():
            best[choice[at]] = max(best[choice[at]], value)
        if -inf not in best.values() and best[True] - best[False] >= _LEAST_LIKELY_NATS:
            yield Match(word, part, 0.0, 1.0, _QUALITY)
