"""Words into segments, whatever transcriber heard them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from inkcast.essays.punctuation import ends_in_stop
from inkcast.speech.transcript import Segment, TranscriptWord

# Not measured: chosen by hand.
_LONGEST_SEGMENT_MS = 20_000
_PAUSE_MS = 1_000
_SENTENCE_PAUSE_MS = 250
_LONGEST_RESTART_MS = 20_000


def in_order(words: Sequence[TranscriptWord]) -> list[TranscriptWord]:
    """Make times that neither overlap nor go backwards; the order of the words stays."""
    result: list[TranscriptWord] = []
    for word in words:
        start = word.start_ms
        if result and start < result[-1].end_ms:
            previous = result[-1]
            start = max(start, previous.start_ms + 1)
            result[-1] = replace(previous, end_ms=min(previous.end_ms, start))
        result.append(replace(word, start_ms=start, end_ms=max(word.end_ms, start + 1)))
    return result


def spaced(words: Sequence[TranscriptWord]) -> list[TranscriptWord]:
    """With a space before an essay's word which has none there, where the word before it was not heard."""
    return [
        replace(word, text=f" {word.text}")
        if word.essay_word is not None
        and not word.text.startswith(" ")
        and (before is None or before.essay_word != word.essay_word - 1)
        else word
        for before, word in zip((None, *words), words, strict=False)
    ]


def last_tries(words: Sequence[TranscriptWord]) -> list[TranscriptWord]:
    """Of a sentence that was begun twice the second time counts: what came before is speech of its own."""
    result: list[TranscriptWord] = []
    again: dict[int, int] = {}
    for word in reversed(words):
        index = word.essay_word
        if index is not None:
            if 0 < again.get(index, word.start_ms) - word.start_ms <= _LONGEST_RESTART_MS:
                word = replace(word, essay_word=None)
            else:
                again[index] = word.start_ms
        result.append(word)
    return result[::-1]


def segments_of(words: Sequence[TranscriptWord]) -> tuple[Segment, ...]:
    """Sentences, and at the latest after 20 seconds; a pause of a second ends one, too."""
    segments: list[Segment] = []
    current: list[TranscriptWord] = []
    for index, word in enumerate(words):
        current.append(word)
        following = words[index + 1] if index + 1 < len(words) else None
        if following is None or _ends_segment(current, word, following):
            text = "".join(item.text for item in current)
            segments.append(Segment(current[0].start_ms, word.end_ms, text, tuple(current)))
            current = []
    return tuple(segments)


def _ends_segment(current: Sequence[TranscriptWord], word: TranscriptWord, following: TranscriptWord) -> bool:
    pause = following.start_ms - word.end_ms
    is_sentence = ends_in_stop(word.text) and pause >= _SENTENCE_PAUSE_MS
    return is_sentence or pause >= _PAUSE_MS or following.end_ms - current[0].start_ms > _LONGEST_SEGMENT_MS
