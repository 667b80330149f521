"""The places of an alignment that a person should look at, worst first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from inkcast.alignment.alignment import AlignedWord, Alignment, Extra
from inkcast.audio.spans import Span, shared_ms
from inkcast.corrections.apply import place_of, shift_of
from inkcast.corrections.correction import Correction
from inkcast.essays.essay import SELDOM_READ
from inkcast.wording.normal import is_speech

DoubtKind = Literal["unsure", "inferred", "extra speech", "not read", "said instead"]

# Nothing that the model says of a word tells much about it: of what tiny.en believed less than 0.02, in
# synthetic readings of 27 minutes with texts changed afterwards, one word of 126 was wrong.
_LEAST_CONFIDENCE = 0.01
# Not measured: chosen by hand. Where the recording departs from the text, a wrong word is seen by nobody.
_BADNESS: dict[DoubtKind, tuple[float, float, float]] = {
    "said instead": (0.8, -0.02, 0.5),
    "extra speech": (0.8, -0.02, 0.5),
    "not read": (0.7, -0.02, 0.4),
    "inferred": (0.3, 0.1, 0.6),
    "unsure": (0.3, 0.0, 0.3),
}
"""Of no words, for each word more, and at the end."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Words [first, stop), or the place before ``first``, where the machine may be wrong.

    Attributes:
        kind: ``unsure``: heard, but the model hardly believes it. ``inferred``: times that come from the
            words around. ``extra speech``: said besides. ``not read``: in the middle of what is read.
            ``said instead``: both in one place.
        first, stop: indexes of words.
        start_ms, end_ms: where to listen; of words that are not read, the time between those around them.
        text: the essay's words.
        said: extra speech.
        badness: 0 .. 1.
    """

    kind: DoubtKind
    first: int
    stop: int
    start_ms: int
    end_ms: int
    text: str
    said: str
    badness: float


def doubtful_places(alignment: Alignment, corrections: Sequence[Correction] = ()) -> tuple[Doubt, ...]:
    """The places to look at, worst first; what a person has corrected or found right is none.

    Args:
        alignment: with the corrections applied.
        corrections: of its file.
    """
    words, spans = _settled(alignment, corrections)
    extra = [
        one
        for one in alignment.extra
        if 2 * shared_ms([(one.start_ms, one.end_ms)], spans) < one.end_ms - one.start_ms
    ]
    found = list(_of_words(alignment, words, extra))
    used = {id(one) for doubt in found if doubt.kind == "said instead" for one in _within(extra, doubt)}
    found += (_of_extra(one) for one in extra if id(one) not in used)
    return tuple(sorted(found, key=lambda doubt: (-doubt.badness, doubt.start_ms, doubt.first)))


def _settled(alignment: Alignment, corrections: Sequence[Correction]) -> tuple[frozenset[int], list[Span]]:
    """The words, and the stretches of time, that a person has spoken about."""
    words: set[int] = set()
    spans: list[Span] = []
    for correction in corrections:
        place = place_of(correction, alignment)
        if place is None:
            continue
        words.update(range(place.first, place.stop))
        if correction.kind == "extra speech":
            shift = shift_of(correction.anchor, place, alignment)
            if shift is not None and correction.start_ms is not None and correction.end_ms is not None:
                spans.append((correction.start_ms + shift, correction.end_ms + shift))
        elif correction.kind in ("said instead", "right"):
            spans += (
                (extra.start_ms, extra.end_ms)
                for extra in alignment.extra
                if place.first - 1 <= extra.after_word < max(place.stop, place.first)
            )
    return frozenset(words), spans


def _of_words(alignment: Alignment, settled: frozenset[int], extra: Sequence[Extra]) -> Iterator[Doubt]:
    words = alignment.words
    timed = [at for at, word in enumerate(words) if word.start_ms is not None]
    middle = range(timed[0], timed[-1]) if timed else range(0)
    kinds = [
        None if at in settled else _kind_of(word, alignment, at in middle) for at, word in enumerate(words)
    ]
    for kind, run in groupby(range(len(words)), key=kinds.__getitem__):
        places = list(run)
        own = words[places[0] : places[-1] + 1]
        if kind is None or not any(is_speech(word.text) for word in own):
            continue
        text = " ".join(word.text for word in own)
        doubt = Doubt(
            kind, places[0], places[-1] + 1, *_span(words, places), text, "", _badness(kind, len(own))
        )
        said = list(_within(extra, doubt))
        yield _instead(doubt, said) if kind == "not read" and said else doubt


def _within(extra: Sequence[Extra], doubt: Doubt) -> Iterator[Extra]:
    return (one for one in extra if doubt.first - 1 <= one.after_word < doubt.stop)


def _instead(doubt: Doubt, said: Sequence[Extra]) -> Doubt:
    return replace(
        doubt,
        kind="said instead",
        start_ms=min(one.start_ms for one in said),
        end_ms=max(one.end_ms for one in said),
        said=" ".join(one.text for one in said),
        badness=_badness("said instead", doubt.stop - doubt.first),
    )


def _kind_of(word: AlignedWord, alignment: Alignment, is_in_the_middle: bool) -> DoubtKind | None:
    if word.status == "interpolated":
        return "inferred"
    if word.status == "unspoken":
        is_seldom_read = alignment.blocks[word.block].kind in SELDOM_READ
        return "not read" if is_in_the_middle and not is_seldom_read else None
    return "unsure" if word.confidence < _LEAST_CONFIDENCE else None


def _badness(kind: DoubtKind, n_words: int) -> float:
    begin, step, end = _BADNESS[kind]
    return round(max(end, begin + step * n_words) if step < 0 else min(end, begin + step * n_words), 2)


def _span(words: Sequence[AlignedWord], places: Sequence[int]) -> Span:
    starts = [start for at in places if (start := words[at].start_ms) is not None]
    ends = [end for at in places if (end := words[at].end_ms) is not None]
    if starts:
        return min(starts), max(ends)
    before = next((end for at in range(places[0] - 1, -1, -1) if (end := words[at].end_ms) is not None), 0)
    after = (start for word in words[places[-1] + 1 :] if (start := word.start_ms) is not None)
    return before, max(before, next(after, before))


def _of_extra(extra: Extra) -> Doubt:
    first = extra.after_word + 1
    badness = _badness("extra speech", len(extra.text.split()))
    return Doubt("extra speech", first, first, extra.start_ms, extra.end_ms, "", extra.text, badness)
