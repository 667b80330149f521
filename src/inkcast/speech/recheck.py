"""A second look at single words: what does free decoding hear where the essay's word is doubtful?

A reader replaces a word, the publisher edits one after the recording, or a short remark is put in: the
words around it are verified all the same. Names that a small model cannot spell are doubtful too, but
what it hears there sounds like them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from inkcast.audio.recording import Recording
from inkcast.speech.decode import decode_windows
from inkcast.speech.draft import word_key
from inkcast.speech.engine import Engine
from inkcast.speech.judge import FASTEST_LETTER_MS, JudgedWord, room
from inkcast.speech.tokenizer import Tokenizer
from inkcast.speech.transcript import TranscriptWord
from inkcast.speech.window import PADDING_MS, Window, open_windows
from inkcast.wording.likeness import likeness
from inkcast.wording.match import Heard, match_closely

_MARGIN_MS = 120
_BATCH = 8
_CONTEXT_LETTERS = 10
# Nats by which what was heard must beat the essay's word; spoken words lose by 2 to 5 at times.
_EVIDENCE = 6.0
_EVIDENCE_FOR_NAMES = 9.0
_ALIKE = 0.45
_LEFT_OUT = 0.001
_IMPOSSIBLE = 1e-5


@dataclass(frozen=True, slots=True)
class _Doubt:
    """Words ``first..last`` are doubtful; ``before..after`` also takes in the words around them."""

    first: int
    last: int
    before: int
    after: int


def recheck(
    engine: Engine,
    tokenizer: Tokenizer,
    recording: Recording,
    window: Window,
    judged: Sequence[JudgedWord],
) -> tuple[TranscriptWord, ...]:
    """Turn judged words into transcript words; doubtful stretches become what is heard there."""
    doubts = _doubts(window, judged)
    words: list[TranscriptWord] = []
    done = 0
    for start in range(0, len(doubts), _BATCH):
        batch = doubts[start : start + _BATCH]
        spans = [_span(window, judged, doubt) for doubt in batch]
        clips = open_windows(engine, recording, spans, PADDING_MS)
        heard = decode_windows(engine, tokenizer, clips, insist=False)
        for doubt, found in zip(batch, heard, strict=True):
            words += [_verified(word, window) for word in judged[done : doubt.first]]
            words += _settle(window, judged, doubt, found.words, tokenizer.language)
            done = doubt.last + 1
    words += [_verified(word, window) for word in judged[done:]]
    return tuple(words)


def _verified(word: JudgedWord, window: Window) -> TranscriptWord:
    start, end = window.trim(word.start_ms, word.end_ms)
    return TranscriptWord(word.word.text, start, end, word.probability, word.word.essay_word)


def _doubts(window: Window, judged: Sequence[JudgedWord]) -> list[_Doubt]:
    flagged = [i for i, word in enumerate(judged) if word.doubtful or room(window, word) > 0]
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


def _span(window: Window, judged: Sequence[JudgedWord], doubt: _Doubt) -> tuple[int, int]:
    start = max(window.start_ms, judged[doubt.before].start_ms - _MARGIN_MS)
    return start, min(window.end_ms, max(start + 200, judged[doubt.after].end_ms + _MARGIN_MS))


def _settle(
    window: Window,
    judged: Sequence[JudgedWord],
    doubt: _Doubt,
    heard: Sequence[TranscriptWord],
    language: str,
) -> list[TranscriptWord]:
    """Keep the essay's words, or take what was heard instead of them or beside them."""
    middle = judged[doubt.first : doubt.last + 1]
    expected = [word.word.text.strip() for word in judged[doubt.before : doubt.after + 1]]
    found = match_closely(
        expected, [Heard(word.text.strip(), 1 - word.probability) for word in heard], language
    )
    heard_as = {item.essay + doubt.before: item.heard for item in found}
    explained = {index for item in found for index in item.heard}
    start, end = middle[0].start_ms - _MARGIN_MS, middle[-1].end_ms + _MARGIN_MS
    other = [
        word
        for index, word in enumerate(heard)
        if index not in explained and start <= (word.start_ms + word.end_ms) // 2 <= end
    ]
    missing = [word for i, word in enumerate(middle, doubt.first) if i not in heard_as and word.doubtful]
    kept = {i: _verified(word, window) for i, word in enumerate(middle, doubt.first)}
    if missing:
        if not _is_refuted(missing, other, bool(found)):
            return list(kept.values())
        kept = {i: word for i, word in kept.items() if judged[i] not in missing}
    elif not any(room(window, word) > 0 for word in middle):
        return list(kept.values())
    # Beside words that the draft knows nothing of, the draft's own times are off: the clip's are not.
    timed = [_timed(word, heard, heard_as[i]) if i in heard_as else word for i, word in kept.items()]
    return sorted(timed + other, key=lambda word: word.start_ms)


def _timed(word: TranscriptWord, heard: Sequence[TranscriptWord], indexes: range) -> TranscriptWord:
    return replace(word, start_ms=heard[indexes[0]].start_ms, end_ms=heard[indexes[-1]].end_ms)


def _is_refuted(missing: Sequence[JudgedWord], other: Sequence[TranscriptWord], understood: bool) -> bool:
    """Whether the clip speaks against the essay's words strongly enough."""
    weakest = min(word.weakest for word in missing)
    if not understood:
        return weakest < _IMPOSSIBLE and not any(_is_rare(word) for word in missing)
    essay = "".join(word.word.key for word in missing)
    if not other:
        # Nothing else was heard: left out by the reader, if there is no time for the words either.
        time = sum(word.end_ms - word.start_ms for word in missing)
        return weakest < _LEFT_OUT and time < len(essay) * FASTEST_LETTER_MS
    instead = "".join(word_key(word.text) for word in other)
    if likeness(essay, instead) >= _ALIKE:
        return False
    sure = sum(word.probability for word in other) / len(other)
    evidence = math.log(max(sure, 1e-6)) - math.log(max(weakest, 1e-9))
    return evidence > (_EVIDENCE_FOR_NAMES if any(_is_rare(word) for word in missing) else _EVIDENCE)


def _is_rare(word: JudgedWord) -> bool:
    """Names and rare words come in several tokens; a small model seldom finds them by itself."""
    return len(word.word.content) > 1
