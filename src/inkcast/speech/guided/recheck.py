"""A second look at single words: what does free decoding hear where the essay's word is doubtful?

A reader replaces a word, the publisher edits one after the recording, or a short remark is put in: the
words around it are verified all the same. Names that a small model cannot spell are doubtful too, but
what it hears there sounds like them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

from inkcast.audio.stream import SampleStream
from inkcast.speech.decoding.free_decode import decode_windows
from inkcast.speech.decoding.window import Window, open_windows
from inkcast.speech.engines.engine import Engine
from inkcast.speech.engines.tokenizer import Tokenizer
from inkcast.speech.guided.draft import word_key
from inkcast.speech.guided.judge import (
    FASTEST_LETTER_MS,
    JudgedWord,
    excess_speech_ms,
)
from inkcast.speech.guided.restarts import surplus
from inkcast.speech.models.traits import ModelTraits
from inkcast.speech.transcript import TranscriptWord
from inkcast.wording.likeness import likeness
from inkcast.wording.match import Heard, match_closely

# docs/guided.md, replaced words: what comes before words that are cut off, and stands around doubtful ones.
LOOK_BACK_MS = 1200
_CONTEXT_LETTERS = 10
# docs/benchmarks.md: less than for whole windows (window.PADDING_MS), which hold more to run on with.
_CLIP_PADDING_MS = 3000
# Of 71 replaced words none was so much like what was said (wording/likeness.py, ``is_same``).
_REFUTED_LIKENESS = 0.45
# Not measured: chosen by hand.
_CUT_MS = 100
_MARGIN_MS = 120
_SHORTEST_CLIP_MS = 200
_BATCH_CLIPS = 8
_SAME_QUALITY = 0.9
_WIDER_WORDS = 4
_PILED_WORDS = 3


@dataclass(frozen=True, slots=True)
class _Doubt:
    """Words ``first..last`` are doubtful; ``before..after`` also takes in the words around them."""

    first: int
    last: int
    before: int
    after: int


@dataclass(frozen=True)
class Passage:
    """Words that were judged in a window, and the sound of it and of ``LOOK_BACK_MS`` before.

    ``traits`` are of the model that heard them. The words are to explain what is said in
    [start_ms, end_ms). ``look_twice`` is whether doubts are to be looked into.
    """

    window: Window
    words: tuple[JudgedWord, ...]
    sound: SampleStream
    traits: ModelTraits
    start_ms: int
    end_ms: int
    look_twice: bool = True

    @cached_property
    def doubts(self) -> tuple[_Doubt, ...]:
        """The stretches to look at again."""
        return tuple(_doubts(self.window, self.words, self.traits)) if self.look_twice else ()


@dataclass(frozen=True, slots=True)
class _Question:
    """What is said in a doubtful stretch of a passage, and a little around it?"""

    passage: Passage
    doubt: _Doubt

    def span(self) -> tuple[SampleStream, int, int]:
        """The sound to listen to."""
        window, words = self.passage.window, self.passage.words
        start = max(window.start_ms, words[self.doubt.before].start_ms - _MARGIN_MS)
        if self.doubt.before == 0 and window.speech_ms(start, start + _CUT_MS) > 0:
            # Cut off in the middle of speech, the first word is seldom understood.
            start = max(self.passage.sound.start_ms, start - LOOK_BACK_MS)
        end = min(window.end_ms, max(start + _SHORTEST_CLIP_MS, words[self.doubt.after].end_ms + _MARGIN_MS))
        return self.passage.sound, start, end

    def widened(self) -> _Question:
        before = max(0, self.doubt.before - _WIDER_WORDS)
        after = min(len(self.passage.words) - 1, self.doubt.after + _WIDER_WORDS)
        return replace(self, doubt=replace(self.doubt, before=before, after=after))

    def is_understood(self, heard: Sequence[TranscriptWord], language: str) -> bool:
        return bool(_compare(self.passage, self.doubt, heard, language))


def recheck(
    engine: Engine, tokenizer: Tokenizer, passages: Sequence[Passage]
) -> list[tuple[TranscriptWord, ...]]:
    """Turn judged words into transcript words; doubtful stretches become what is heard there.

    The doubtful stretches of all passages are heard in batches.
    """
    questions = [_Question(passage, doubt) for passage in passages for doubt in passage.doubts]
    heard = _hear(engine, tokenizer, questions)
    # A clip of a second or two is not always understood; with more around it, it often is.
    vague = [
        index
        for index, (question, found) in enumerate(zip(questions, heard, strict=True))
        if not question.is_understood(found, tokenizer.language)
    ]
    for index in vague:
        questions[index] = questions[index].widened()
    for index, found in zip(vague, _hear(engine, tokenizer, [questions[i] for i in vague]), strict=True):
        heard[index] = found
    answers = zip((question.doubt for question in questions), heard, strict=True)
    return [
        _settle_all(passage, list(islice(answers, len(passage.doubts))), tokenizer.language)
        for passage in passages
    ]


def _hear(
    engine: Engine, tokenizer: Tokenizer, questions: Sequence[_Question]
) -> list[tuple[TranscriptWord, ...]]:
    """What free decoding hears in each stretch."""
    spans = [question.span() for question in questions]
    heard: list[tuple[TranscriptWord, ...]] = [()] * len(spans)
    # Each clip of a batch costs as much as the longest.
    by_length = sorted(range(len(spans)), key=lambda index: spans[index][2] - spans[index][1])
    for first in range(0, len(spans), _BATCH_CLIPS):
        batch = by_length[first : first + _BATCH_CLIPS]
        clips = open_windows(engine, [spans[index] for index in batch], _CLIP_PADDING_MS)
        for index, found in zip(batch, decode_windows(engine, tokenizer, clips, insist=False), strict=True):
            start = questions[index].passage.window.start_ms
            words = _without_pile(found.words)
            heard[index] = tuple(word for word in words if word.start_ms + word.end_ms > 2 * start)
    return heard


def _without_pile(words: Sequence[TranscriptWord]) -> Sequence[TranscriptWord]:
    """Where a clip ends the model runs on at times: all that it adds lies in one moment."""
    starts = [word.start_ms for word in words]
    for index in range(len(words) - _PILED_WORDS + 1):
        if len(set(starts[index : index + _PILED_WORDS])) == 1:
            return words[:index]
    return words


def _settle_all(
    passage: Passage, answers: Sequence[tuple[_Doubt, tuple[TranscriptWord, ...]]], language: str
) -> tuple[TranscriptWord, ...]:
    """The words of a passage, from what was heard of each doubt."""
    window, judged = passage.window, passage.words
    words: list[TranscriptWord] = []
    done = 0
    for doubt, heard in answers:
        first_tries = _compare(passage, doubt, heard, language)
        heard_as = _last_tries(first_tries, heard)
        again = [i for i, indexes in heard_as.items() if indexes != first_tries[i] and i >= done]
        doubt = replace(doubt, first=min([doubt.first, *again]), last=max([doubt.last, *again]))
        words += [_verified(word, window) for word in judged[done : doubt.first]]
        words += _settle(passage, doubt, heard, heard_as)
        done = doubt.last + 1
    words += [_verified(word, window) for word in judged[done:]]
    return tuple(words)


def _compare(
    passage: Passage, doubt: _Doubt, heard: Sequence[TranscriptWord], language: str
) -> dict[int, range]:
    """Which heard words stand for which judged ones."""
    judged = passage.words
    expected = [word.word.text.strip() for word in judged[doubt.before : doubt.after + 1]]
    clip = [Heard(word.text.strip(), 1 - word.probability) for word in heard]
    return {
        found.essay + doubt.before: found.heard
        for found in match_closely(expected, clip, language)
        # A word that the model gives no chance is not one that was merely misheard.
        if found.quality > _SAME_QUALITY
        or not judged[found.essay + doubt.before].is_impossible(passage.traits)
    }


def _last_tries(heard_as: dict[int, range], heard: Sequence[TranscriptWord]) -> dict[int, range]:
    """Where words were said twice before what follows them, the second time counts."""
    keys = [word_key(word.text) for word in heard]
    result = dict(heard_as)
    for i in sorted(heard_as, reverse=True):
        if len(heard_as[i]) == 1 and i + 1 in result:
            first = heard_as[i].start
            same = [j for j in range(first, result[i + 1].start) if keys[j] == keys[first]]
            result[i] = range(same[-1], same[-1] + 1) if same else heard_as[i]
    return result


def _verified(word: JudgedWord, window: Window) -> TranscriptWord:
    start, end = window.trim(word.start_ms, word.end_ms)
    return TranscriptWord(word.word.text, start, end, word.probability, word.word.essay_word)


def _doubts(window: Window, judged: Sequence[JudgedWord], traits: ModelTraits) -> list[_Doubt]:
    spread_over = surplus(window, judged)
    flagged = [
        i
        for i, word in enumerate(judged)
        if word.is_doubtful(traits) or excess_speech_ms(window, word) > 0 or i in spread_over
    ]
    doubts: list[_Doubt] = []
    for i in flagged:
        # Doubts with a single word between them are one: their contexts would overlap.
        first = doubts.pop().first if doubts and i - doubts[-1].last <= 2 else i
        doubts.append(_Doubt(first, i, _context(judged, first, -1), _context(judged, i, 1)))
    return doubts


def _context(judged: Sequence[JudgedWord], index: int, step: int) -> int:
    """Go on from ``index`` until the words passed have letters enough to be recognised."""
    letters = 0
    while letters < _CONTEXT_LETTERS and 0 <= index + step < len(judged):
        index += step
        letters += len(judged[index].word.key)
    return index


def _settle(
    passage: Passage, doubt: _Doubt, heard: Sequence[TranscriptWord], heard_as: dict[int, range]
) -> list[TranscriptWord]:
    """Keep the essay's words, or take what was heard instead of them or beside them."""
    window, judged, traits = passage.window, passage.words, passage.traits
    middle = judged[doubt.first : doubt.last + 1]
    other = _unexplained(judged, doubt, heard, heard_as)
    missing = [
        word for i, word in enumerate(middle, doubt.first) if i not in heard_as and word.is_doubtful(traits)
    ]
    gone = _refuted(missing, other, bool(heard_as), traits)
    if not gone and not (not missing and any(excess_speech_ms(window, word) > 0 for word in middle)):
        return [_verified(word, window) for word in middle]
    # Beside words that the draft knows nothing of, the draft's own times are off: the clip's are not.
    kept = [
        _timed(_verified(word, window), heard, heard_as.get(i, range(0)))
        for i, word in enumerate(middle, doubt.first)
        if word not in gone
    ]
    if gone and len(gone) < len(missing):
        # What is left over belongs to the words that are kept though they were misheard.
        other = other[: len(gone)]
    return sorted(kept + other, key=lambda word: word.start_ms)


def _unexplained(
    judged: Sequence[JudgedWord],
    doubt: _Doubt,
    heard: Sequence[TranscriptWord],
    heard_as: dict[int, range],
) -> list[TranscriptWord]:
    """Heard words that are none of the essay's and lie where the doubtful ones should be."""
    explained = {index for indexes in heard_as.values() for index in indexes}
    left = [indexes[-1] for i, indexes in heard_as.items() if i < doubt.first and indexes]
    right = [indexes[0] for i, indexes in heard_as.items() if i > doubt.last and indexes]
    start = judged[doubt.first].start_ms - _MARGIN_MS
    end = judged[doubt.last].end_ms + _MARGIN_MS
    return [
        word
        for index, word in enumerate(heard)
        if index not in explained
        and (index > max(left) if left else word.end_ms > start)
        and (index < min(right) if right else word.start_ms < end)
    ]


def _refuted(
    missing: Sequence[JudgedWord], other: Sequence[TranscriptWord], understood: bool, traits: ModelTraits
) -> list[JudgedWord]:
    """The doubtful words that were not said.

    A plain word that the model gives no chance at all was not, whatever the clip says. Otherwise what
    is heard instead must be unlike the essay and much more probable.
    """
    impossible = [word for word in missing if word.is_impossible(traits)]
    rest = [word for word in missing if word not in impossible]
    return list(missing) if rest and understood and _is_refuted(rest, other, traits) else impossible


def _is_refuted(missing: Sequence[JudgedWord], other: Sequence[TranscriptWord], traits: ModelTraits) -> bool:
    weakest = min(word.weakest for word in missing)
    essay = "".join(word.word.key for word in missing)
    if not other:
        # Nothing else was heard: left out by the reader, if there is no time for the words either.
        time = sum(word.end_ms - word.start_ms for word in missing)
        return weakest < traits.left_out and time < len(essay) * FASTEST_LETTER_MS
    instead = "".join(word_key(word.text) for word in other)
    if likeness(essay, instead) >= _REFUTED_LIKENESS:
        return False
    sure = sum(word.probability for word in other) / len(other)
    evidence = math.log(max(sure, 1e-6)) - math.log(max(weakest, 1e-9))
    is_rare = any(word.rare for word in missing)
    return evidence > (traits.rare_evidence_nats if is_rare else traits.evidence_nats)


def _timed(word: TranscriptWord, heard: Sequence[TranscriptWord], indexes: range) -> TranscriptWord:
    if not indexes:
        return word
    return replace(word, start_ms=heard[indexes[0]].start_ms, end_ms=heard[indexes[-1]].end_ms)
