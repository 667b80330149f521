"""Sentences that a reader begins, breaks off and begins again.

Free decoding leaves such repetitions out; in a teacher-forced pass the words that were said twice are
likelier twice than once. Where that may be so is told by the speech that the words do not explain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from inkcast.essays.punctuation import ends_in_stop
from inkcast.speech.decoding.window import Window
from inkcast.speech.guided.draft import DraftWord
from inkcast.speech.guided.judge import JudgedWord, evidence_of, likelihood

# Not measured: chosen by hand. How much more likely a reading with a restart must be:
_RESTART_NATS = 6.0
# What makes the first words of a window suspect:
_FIRST_WORDS = 6
_LEAST_NATS = -7.0
_AMISS_NATS = -5.0
_SPARE_MS = 250
_QUICK_LETTER_MS = 75
# What is too much speech for a stretch of words:
_USUAL_LETTER_MS = 65.0
_SLOW_SHARE = 1.4
_SURPLUS_MS = 500
_LETTERS_OF_A_DIGIT = 6
_LETTERS_OF_A_CAPITAL = 3
# How far a restart may go back:
_NEAR_WORDS = 1
_FAR_WORDS = 14
_MOST_ENDS = 3


def begins_amiss(judged: Sequence[JudgedWord], window: Window) -> bool:
    """Whether the first words are improbable and hold more speech than theirs: something else was said."""
    nats = speech = letters = 0.0
    for word in judged[:_FIRST_WORDS]:
        nats += likelihood(word, _LEAST_NATS)
        speech += window.speech_ms(word.start_ms, word.end_ms)
        letters += _letters(word.word)
        if nats < _AMISS_NATS and speech > _SPARE_MS + letters * _QUICK_LETTER_MS:
            return True
    return False


def surplus(window: Window, judged: Sequence[JudgedWord]) -> range:
    """The words with the most speech beyond what their letters explain together, if it is much.

    A maximum-sum stretch: speech that is spread over several words is noticed as that in one is.
    """
    speech = [window.speech_ms(word.start_ms, word.end_ms) for word in judged]
    letters = [_letters(word.word) for word in judged]
    usual = _SLOW_SHARE * max(_USUAL_LETTER_MS, sum(speech) / max(1, sum(letters)))
    worst, most, total, first = range(0), float(_SURPLUS_MS), 0.0, 0
    for i in range(len(judged)):
        gain = speech[i] - usual * letters[i]
        total, first = (total + gain, first) if total > 0 else (gain, i)
        if total > most:
            worst, most = range(first, i + 1), total
    return worst


def said_twice(judged: Sequence[JudgedWord], span: range, dots: tuple[int, ...]) -> list[list[DraftWord]]:
    """Readings in which words up to one of ``span`` are broken off and said again.

    ``dots`` are the tokens of an ellipsis: where Whisper does write what was broken off, it writes one.
    """
    words = [word.word for word in judged]
    return [
        [*words[:end], replace(words[end], tokens=words[end].tokens + dots), *words[start:]]
        for end in range(max(0, span.start - 1), min(span.stop, span.start + _MOST_ENDS))
        for start in _starts(words, end)
    ]


def likelier(
    judged: Sequence[JudgedWord], readings: Sequence[Sequence[JudgedWord]], window: Window
) -> int | None:
    """Which of some readings is the likeliest; None if none is surely likelier than ``judged``."""
    evidence = [evidence_of(reading, window) for reading in readings]
    best = max(range(len(readings)), key=evidence.__getitem__, default=None)
    if best is None or evidence[best] < evidence_of(judged, window) + _RESTART_NATS:
        return None
    return best


def _letters(word: DraftWord) -> int:
    """Letters as said: digits are words, and capitals may be spelled."""
    digits = sum(map(str.isdigit, word.text))
    capitals = sum(map(str.isupper, word.text))
    return (
        len(word.key)
        + _LETTERS_OF_A_DIGIT * digits
        + (_LETTERS_OF_A_CAPITAL * capitals if capitals > 1 else 0)
    )


def _starts(words: Sequence[DraftWord], end: int) -> list[int]:
    """The beginning of the sentence that holds word ``end``, and the last words up to it."""
    first = end
    while first > 0 and first > end - _FAR_WORDS and not ends_in_stop(words[first - 1].text):
        first -= 1
    return sorted({first, *range(max(first, end - _NEAR_WORDS + 1), end + 1)})
