"""How good word times are: the arithmetic, without a model or a recording.

What is scored is the JSON of an alignment against reference words, each ``{"word", "spoken", "start",
"end"}`` in seconds; a missing time is null, and a word that the essay and the recording have different
carries ``was``. Words are compared without case and punctuation. Only words that are one piece count
for times: "open—and" is two words to the reference and one to an essay.

Definitions:
    start, end: error against the reference, over words that have a reference time and were placed.
    pause: end, over words that a pause of more than 0.1 s follows.
    bias: median signed error; positive is late.
    over_1s: spoken words with a reference time that were placed over a second off, or not at all.
    unspoken: words called unspoken, against those that the recording does not contain.
    substituted: share of the words that the recording has otherwise which are called unspoken.
    extra: share of the words said besides that are reported.
    clear: start, over words whose own reference is certain. References that were made from a voice's
        phonemes give words that it speaks as one ("is a") one span: the first has no end, the second no
        start. Which words make such a pair is a guess, so the border on either side of it may be
        another word's, a tenth of a second away.
    forms: words with a digit, "$2-10T" or "3's", that begin within 0.3 s of their reference or, where
        they have none, between their neighbours' times, give or take as much.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from math import inf
from typing import Any

from corpus import words_of

Word = Mapping[str, Any]
SHARES_MS = (25, 50, 100, 200)
FORM_S = 0.3
PAUSE_S = 0.1


@dataclass(frozen=True, slots=True)
class Spread:
    """Errors of times, in milliseconds; all zero where there are none.

    ``within`` has for each of ``SHARES_MS`` the share of errors of at most that size.
    """

    n: int = 0
    median_ms: float = 0.0
    mean_ms: float = 0.0
    p95_ms: float = 0.0
    max_ms: float = 0.0
    bias_ms: float = 0.0
    within: tuple[float, ...] = (0.0,) * len(SHARES_MS)

    @classmethod
    def of(cls, errors_s: Sequence[float]) -> Spread:
        """Summarise signed errors in seconds."""
        if not errors_s:
            return cls()
        sizes = sorted(1000 * abs(error) for error in errors_s)
        n = len(sizes)
        return cls(
            n=n,
            median_ms=round(statistics.median(sizes), 1),
            mean_ms=round(statistics.fmean(sizes), 1),
            p95_ms=round(sizes[min(n - 1, int(0.95 * n))], 1),
            max_ms=round(sizes[-1], 1),
            bias_ms=round(1000 * statistics.median(errors_s), 1),
            within=tuple(round(sum(size <= most for size in sizes) / n, 4) for most in SHARES_MS),
        )


@dataclass(slots=True)
class Tally:
    """What was counted, over one recording or several added up."""

    words: int = 0
    missing: int = 0
    start_s: list[float] = field(default_factory=list)
    end_s: list[float] = field(default_factory=list)
    far: int = 0
    unplaced: int = 0
    rightly_silent: int = 0
    wrongly_silent: int = 0
    wrongly_spoken: int = 0
    substituted: int = 0
    substituted_found: int = 0
    extra: int = 0
    extra_found: int = 0
    clear_s: list[float] = field(default_factory=list)
    forms: int = 0
    forms_missed: list[str] = field(default_factory=list)
    pause_s: list[float] = field(default_factory=list)

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))

    @property
    def start(self) -> Spread:
        return Spread.of(self.start_s)

    @property
    def end(self) -> Spread:
        return Spread.of(self.end_s)

    @property
    def clear(self) -> Spread:
        return Spread.of(self.clear_s)

    @property
    def over_1s(self) -> int:
        return self.far + self.unplaced

    @property
    def precision(self) -> float:
        return self.rightly_silent / max(1, self.rightly_silent + self.wrongly_silent)

    @property
    def recall(self) -> float:
        return self.rightly_silent / max(1, self.rightly_silent + self.wrongly_spoken)

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / max(1e-9, self.precision + self.recall)


def score(alignment: Mapping[str, Any], reference: Sequence[Word], truth: Word | None = None) -> Tally:
    """Count what an alignment does right and wrong.

    Args:
        alignment: the JSON of an alignment; ``words`` and ``extra`` are looked at.
        reference: every word of the essay, in order.
        truth: ``sentences`` as spoken, for what was said besides.
    """
    pieces = [(piece, word) for word in alignment["words"] for piece in words_of(word["text"])]
    keys = ["".join(words_of(word["word"])) for word in reference]
    tally = Tally(words=len(reference))
    matched = 0
    for at, found in matches(keys, [piece for piece, _ in pieces]):
        matched += 1
        _count_status(tally, reference[at], pieces[found][1])
        _count_times(tally, reference, at, pieces[found][1])
        _count_form(tally, reference, at, pieces[found][1])
    tally.missing = len(reference) - matched
    if truth:
        besides = [s["spoken"] for s in truth["sentences"] if not s["published"]]
        wanted = [word for text in besides for word in words_of(text)]
        reported = [word for extra in alignment.get("extra", ()) for word in words_of(extra["text"])]
        tally.extra = len(wanted)
        tally.extra_found = sum(1 for _ in matches(wanted, reported))
    return tally


def matches(left: Sequence[str], right: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Indices of equal items, in order on both sides."""
    for block in SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks():
        yield from ((block.a + n, block.b + n) for n in range(block.size))


def _count_status(tally: Tally, reference: Word, word: Word) -> None:
    silent = word["status"] == "unspoken"
    if "was" in reference:
        tally.substituted += 1
        tally.substituted_found += silent
    elif reference["spoken"]:
        tally.wrongly_silent += silent
    else:
        tally.rightly_silent += silent
        tally.wrongly_spoken += not silent


def _count_times(tally: Tally, words: Sequence[Word], at: int, word: Word) -> None:
    reference = words[at]
    if not reference["spoken"] or reference["start"] is None:
        return
    if word["status"] == "unspoken" or word.get("start_ms") is None:
        tally.unplaced += 1
    elif len(words_of(word["text"])) == 1:
        error = word["start_ms"] / 1000 - reference["start"]
        tally.start_s.append(error)
        tally.far += abs(error) > 1
        if reference["end"] is not None:
            tally.end_s.append(word["end_ms"] / 1000 - reference["end"])
            if _precedes_pause(words, at):
                tally.pause_s.append(tally.end_s[-1])
            before = next(_spoken(words, range(at - 1, -1, -1)), None)
            if before is None or before["start"] is not None:
                tally.clear_s.append(error)


def _precedes_pause(words: Sequence[Word], at: int) -> bool:
    following = next(_spoken(words, range(at + 1, len(words))), None)
    if following is None:
        return True
    return following["start"] is not None and following["start"] - words[at]["end"] > PAUSE_S


def _count_form(tally: Tally, words: Sequence[Word], at: int, word: Word) -> None:
    reference = words[at]
    if not reference["spoken"] or not any(map(str.isdigit, reference["word"])):
        return
    earliest = latest = reference["start"]
    if earliest is None:
        befores = (other["end"] or other["start"] for other in _spoken(words, range(at - 1, -1, -1)))
        afters = (other["start"] for other in _spoken(words, range(at + 1, len(words))))
        earliest = next((time for time in befores if time is not None), 0.0)
        latest = next((time for time in afters if time is not None), inf)
    tally.forms += 1
    start_ms = None if word["status"] == "unspoken" else word.get("start_ms")
    if start_ms is None or not earliest - FORM_S <= start_ms / 1000 <= latest + FORM_S:
        tally.forms_missed.append(reference["word"])


def _spoken(words: Sequence[Word], places: Iterable[int]) -> Iterator[Word]:
    return (words[place] for place in places if words[place]["spoken"])


def as_alignment(essay: Iterable[str], heard: Sequence[tuple[str, float, float]]) -> dict[str, Any]:
    """The essay's words with the times of equal words in a plain transcript, as an alignment's JSON.

    Args:
        essay: its words, in order.
        heard: text, start and end in seconds of each word; a text may hold several words.

    Returns:
        ``words``, those that were not heard as unspoken; and what is left of ``heard`` as ``extra``.
    """
    texts = list(essay)
    written = [(piece, at) for at, text in enumerate(texts) for piece in words_of(text)]
    said = [(piece, at) for at, (text, _, _) in enumerate(heard) for piece in words_of(text)]
    found: dict[int, list[int]] = {}
    used = set()
    for left, right in matches([piece for piece, _ in written], [piece for piece, _ in said]):
        found.setdefault(written[left][1], []).append(said[right][1])
        used.add(right)
    words: list[dict[str, Any]] = []
    for at, text in enumerate(texts):
        places = found.get(at)
        words.append(
            {
                "text": text,
                "status": "spoken" if places else "unspoken",
                "start_ms": 1000 * heard[places[0]][1] if places else None,
                "end_ms": 1000 * heard[places[-1]][2] if places else None,
            }
        )
    extra = [{"text": piece} for right, (piece, _) in enumerate(said) if right not in used]
    return {"words": words, "extra": extra}
