"""Which words of a draft the audio confirms, judged from one teacher-forced pass."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from inkcast.audio.vad import LEVEL_MS
from inkcast.essays.punctuation import ends_clause, ends_in_stop
from inkcast.speech.decoding.window import Window
from inkcast.speech.engines.engine import Verification
from inkcast.speech.guided.draft import DraftWord
from inkcast.speech.models.traits import ModelTraits
from inkcast.wording.longest_ms import longest_ms

# Evidence for "still following" is the mean log-probability above this; a run of words below it ends
# the accepted stretch, a single one does not. It lies between the last true word and the first one too
# many, as does the length below which a word is squeezed (docs/guided.md).
FOLLOWING_NATS = -2.5
_SQUEEZED_MS = 40
# Of words before a pause that have no time of their own (docs/guided.md).
_LIKELY_PROBABILITY = 0.5
# Not measured: chosen by hand. What a word says of following:
_LEAST_NATS = -7.0
_SQUEEZED_NATS = 2.5
_HANGING_PROBABILITY = 0.04
_LEAST_SKIPPED_WORDS = 3
# How long words and pauses are:
FASTEST_LETTER_MS = 25
_REMARK_MS = 1500
_STOP_PAUSE_FRAMES = 20


@dataclass(frozen=True, slots=True)
class JudgedWord:
    """A draft word, its place in the audio and how probable it is there.

    ``probability`` is the geometric mean over its letters' tokens, ``weakest`` the least of them.
    """

    word: DraftWord
    start_ms: int
    end_ms: int
    probability: float
    weakest: float

    @property
    def rare(self) -> bool:
        """Names and rare words come in several tokens."""
        return len(self.word.content) > 1

    def is_left_out(self, traits: ModelTraits) -> bool:
        """Improbable, and without the time to say it."""
        has_time = self.end_ms - self.start_ms >= len(self.word.key) * FASTEST_LETTER_MS
        return self.weakest < traits.left_out and not has_time

    def is_doubtful(self, traits: ModelTraits) -> bool:
        """So improbable that another word, if it is heard, would be believed."""
        evidence = traits.rare_evidence_nats if self.rare else traits.evidence_nats
        return self.is_left_out(traits) or self.weakest < math.exp(-evidence)

    def is_impossible(self, traits: ModelTraits) -> bool:
        """A plain word to which the model gives no chance."""
        return self.weakest < traits.impossible and not self.rare


def judge(
    words: Sequence[DraftWord], verification: Verification, window: Window, bias_ms: int, skip: int = 0
) -> list[JudgedWord]:
    """Place each word and say how probable it is.

    Args:
        words: the draft words that were verified, in order.
        verification: of their tokens, preceded by ``skip`` others.
        window: the audio.
        bias_ms: how late the model's attention is.
        skip: tokens before the first word.
    """
    times = window.token_times(verification, bias_ms)
    judged: list[JudgedWord] = []
    token = skip
    for word in words:
        log_probabilities = [
            math.log(max(1e-9, float(verification.probabilities[token + i]))) for i in word.content
        ]
        end = token + word.content[-1] + 1
        judged.append(
            JudgedWord(
                word,
                times[token],
                times[end],
                math.exp(sum(log_probabilities) / len(log_probabilities)),
                math.exp(min(log_probabilities)),
            )
        )
        token += len(word.tokens)
    return judged


def followed(judged: Sequence[JudgedWord], window: Window) -> int:
    """How many words from the start the reader followed.

    The end of the stretch with the greatest sum of evidence (a change point): words beyond the end of
    the audio, or beyond a departure, are improbable and are squeezed to nothing; a replaced word among
    good ones is not the end. A word with seconds of other speech in it is.
    """
    best, _ = _change_point(judged, window)
    while best and (judged[best - 1].probability < _HANGING_PROBABILITY or _is_squeezed(judged[best - 1])):
        best -= 1
    return _to_stop(judged, best, window)


def evidence_of(judged: Sequence[JudgedWord], window: Window) -> float:
    """What speaks for the words having been said in a window, in nats: the change point's sum."""
    return _change_point(judged, window)[1]


def _change_point(judged: Sequence[JudgedWord], window: Window) -> tuple[int, float]:
    best, best_sum, total = 0, 0.0, 0.0
    for count, word in enumerate(judged, start=1):
        if excess_speech_ms(window, word) > _REMARK_MS:
            break
        total += likelihood(word, _LEAST_NATS) - FOLLOWING_NATS
        if total >= best_sum:
            best, best_sum = count, total
    return best, best_sum


def _to_stop(judged: Sequence[JudgedWord], count: int, window: Window) -> int:
    """Where a window ends in a pause, end at the text's last stop among words of no certain place.

    Attention loses the last words before a pause at times, and finds the first ones after it too early.
    Readers pause where the text has a stop.
    """
    if count == 0 or window.mask[-_STOP_PAUSE_FRAMES:].any():
        return count
    first = _last_with_speech(judged[:count], window)
    last = count
    while (
        last < len(judged) and _is_squeezed(judged[last]) and judged[last].probability > _LIKELY_PROBABILITY
    ):
        last += 1
    speech = window.speech_ms(judged[first].start_ms, window.end_ms)
    letters = 0
    for index in range(first, last):
        letters += len(judged[index].word.key)
        if _has_stop(judged[index].word) and letters * FASTEST_LETTER_MS <= speech:
            count = index + 1
    return count


def spread(judged: Sequence[JudgedWord], window: Window) -> list[JudgedWord]:
    """Give words up to a stop that were found in the pause behind it a share of the speech before it."""
    result = list(judged)
    last = len(judged) - 1
    while last > 0:
        first = _last_with_speech(judged[: last + 1], window)
        if first < last and _has_stop(judged[last].word):
            result[first : last + 1] = _share(judged[first : last + 1], window)
        last = first if first < last else last - 1
    return result


def _has_stop(word: DraftWord) -> bool:
    return ends_in_stop(word.text) or ends_clause(word.text)


def _share(words: Sequence[JudgedWord], window: Window) -> list[JudgedWord]:
    """Divide the first word's speech by letters, if a pause is behind it and all can be said in it."""
    start, end = words[0].start_ms, words[0].end_ms
    letters = [max(1, len(word.word.key)) for word in words]
    speech = window.speech_ms(start, end)
    pause = words[-1].end_ms - start - window.speech_ms(start, words[-1].end_ms)
    if pause < _STOP_PAUSE_FRAMES * LEVEL_MS or speech < sum(letters) * FASTEST_LETTER_MS:
        return list(words)
    start, end = window.trim(start, end)
    edges = [start + (end - start) * sum(letters[:i]) // sum(letters) for i in range(len(letters) + 1)]
    return [replace(word, start_ms=edges[i], end_ms=edges[i + 1]) for i, word in enumerate(words)]


def _last_with_speech(judged: Sequence[JudgedWord], window: Window) -> int:
    """Index of the last word with the time to say it."""
    for index in range(len(judged) - 1, 0, -1):
        word = judged[index]
        if window.speech_ms(word.start_ms, word.end_ms) >= len(word.word.key) * FASTEST_LETTER_MS:
            return index
    return 0


def without_skipped(judged: Sequence[JudgedWord]) -> list[JudgedWord]:
    """Leave out runs of words that the reader passed over: improbable, and squeezed to nothing."""
    kept: list[JudgedWord] = []
    run: list[JudgedWord] = []
    for word in judged:
        if _is_squeezed(word) or word.probability < _HANGING_PROBABILITY:
            run.append(word)
        else:
            kept += _unless_skipped(run)
            kept.append(word)
            run = []
    return kept + _unless_skipped(run)


def excess_speech_ms(window: Window, word: JudgedWord) -> int:
    """Milliseconds of speech in a word beyond what its letters explain; below 0 if there is none."""
    return window.speech_ms(word.start_ms, word.end_ms) - longest_ms(word.word.key)


def likelihood(word: JudgedWord, least_nats: float) -> float:
    """How likely a word is where it was found, in nats, ``least_nats`` at least; one without time is less."""
    nats = max(least_nats, math.log(word.probability))
    return nats - _SQUEEZED_NATS if _is_squeezed(word) else nats


def _is_squeezed(word: JudgedWord) -> bool:
    return word.end_ms - word.start_ms < _SQUEEZED_MS


def _unless_skipped(run: list[JudgedWord]) -> list[JudgedWord]:
    """Nothing of a run that has no time of its own; a word at its ends that has some is kept."""
    squeezed = [i for i, word in enumerate(run) if _is_squeezed(word)]
    if not squeezed:
        return run
    first, last = squeezed[0], squeezed[-1] + 1
    letters = sum(len(word.word.key) for word in run[first:last])
    time = sum(word.end_ms - word.start_ms for word in run[first:last])
    if last - first < _LEAST_SKIPPED_WORDS or time >= letters * FASTEST_LETTER_MS:
        return run
    return run[:first] + run[last:]
