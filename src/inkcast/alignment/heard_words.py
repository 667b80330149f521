"""The words of a transcript as one line of heard words with times, whatever tool wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from inkcast.speech.transcript import Segment, Transcript, TranscriptWord
from inkcast.wording import normal

_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A whitespace-separated word of the transcript; times in ms, ``end_ms`` >= ``start_ms``."""

    text: str
    start_ms: int
    end_ms: int
    probability: float
    essay_word: int | None = None
    speaker: str = ""


def hear(transcript: Transcript) -> list[HeardWord]:
    """All heard words in order; "words" without a letter or digit are left out.

    Whisper splits "$2-10T" into " $2" and "-10T": what has no space before it is one word. Segments
    without word times (a publisher's VTT) get them by letters.
    """
    spaced = _is_spaced(transcript)
    words: list[HeardWord] = []
    for segment in transcript.segments:
        found = list(_of_segment(segment, spaced))
        words += (word for word in found if normal.is_speech(word.text))
    return words


def _is_spaced(transcript: Transcript) -> bool:
    """Whether the words keep Whisper's leading spaces, so that a missing one means something."""
    words = [word for segment in transcript.segments for word in segment.words]
    return 2 * sum(word.text.startswith(" ") for word in words) > len(words)


def _of_segment(segment: Segment, spaced: bool) -> Iterator[HeardWord]:
    if not segment.words:
        yield from _by_letters(segment)
        return
    current: HeardWord | None = None
    for word in segment.words:
        if current and spaced and not word.text.startswith(" ") and _belongs(current, word):
            current = replace(
                current,
                text=current.text + word.text.strip(),
                end_ms=max(current.end_ms, word.end_ms),
                probability=min(current.probability, word.probability),
                essay_word=word.essay_word if current.essay_word is None else current.essay_word,
            )
            continue
        if current:
            yield current
        current = HeardWord(
            word.text.strip(),
            word.start_ms,
            max(word.start_ms, word.end_ms),
            min(1.0, max(0.0, word.probability)),
            word.essay_word,
            word.speaker or segment.speaker,
        )
    if current:
        yield current


def _belongs(current: HeardWord, word: TranscriptWord) -> bool:
    return None in (current.essay_word, word.essay_word) or current.essay_word == word.essay_word


def _by_letters(segment: Segment) -> Iterator[HeardWord]:
    duration = max(0, segment.end_ms - segment.start_ms)
    length = max(1, len(segment.text))
    for match in _WORD.finditer(segment.text):
        start = segment.start_ms + duration * match.start() // length
        end = segment.start_ms + duration * match.end() // length
        yield HeardWord(match.group(), start, end, 1.0, speaker=segment.speaker)
