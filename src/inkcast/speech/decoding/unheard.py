"""Speech that the words found in it do not explain is heard again, and listed where nothing is found.

Free decoding may stop early, begin late, or leave a sentence out; attention then gives the time to the
words around. So words are held against the signal: a word explains as much speech as its letters take.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import geometric_mean

import numpy as np
from numpy.typing import NDArray

from inkcast.audio.spans import Span, joined, without
from inkcast.audio.stream import SampleStream
from inkcast.audio.vad import LEVEL_MS, is_steady, levels, speech_mask, speech_spans
from inkcast.audio.voices import voice_mask
from inkcast.speech.decoding.free_decode import Heard, decode_windows
from inkcast.speech.decoding.window import PADDING_MS, WindowLimits, open_windows, window_end
from inkcast.speech.engines.engine import Engine
from inkcast.speech.engines.tokenizer import Tokenizer
from inkcast.speech.transcript import NO_SPEECH, Gap, TranscriptWord
from inkcast.wording.longest_ms import longest_ms

# docs/guided.md, nothing that is said gets lost: how much speech may be left to the borders of words.
_UNHEARD_MS = 500
# Not measured: chosen by hand. The first time a clip is cut at the words around, then it is wider.
_MARGINS_MS = (120, 1_200)
_TAIL_MS = 250
_PAUSE_MS = 100
_PART_LIMITS = WindowLimits(min_ms=3_000, max_ms=6_000)
_BATCH_CLIPS = 8
_LEAST_GAIN_MS = 200
_LONG_MS = 150
# Between two beats.
_BEAT_MS = 700
# What is heard of a word that the clip's margin cuts.
_CUT_MS = 100
# docs/guided.md: of what is said, misheard or in another language, words are 0.3 probable or more.
_LEAST_PROBABILITY = 0.25
_SURE_PROBABILITY = 0.7
_NOT_FOUND = "no words were found for what is said"


@dataclass(frozen=True, slots=True)
class Hearing:
    """What was found in [start_ms, end_ms) of a recording. ``sound`` may reach further on both sides."""

    sound: SampleStream
    start_ms: int
    end_ms: int
    words: tuple[TranscriptWord, ...]
    failed: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class _Speech:
    """Where there is speech from ``start_ms`` on, for each 10 ms, and where other sound, if that was told."""

    start_ms: int
    mask: NDArray[np.bool_]
    other: NDArray[np.bool_] | None = None

    @classmethod
    def of(cls, hearing: Hearing) -> _Speech:
        """Sound that stands out; where words do not explain all of it, only what is a voice."""
        samples = hearing.sound.read(hearing.start_ms, hearing.end_ms)
        speech = cls(hearing.start_ms, speech_mask(levels(samples)))
        is_long = any(speech.rest_of(word) < -_LONG_MS for word in hearing.words)
        if not is_long and not speech.unexplained(hearing.words, hearing.end_ms):
            return speech
        voices = voice_mask(samples)
        return (
            speech
            if voices is None
            else replace(speech, mask=speech.mask & voices, other=speech.mask & ~voices)
        )

    def within(self, start_ms: int, end_ms: int) -> NDArray[np.bool_]:
        first = max(0, (start_ms - self.start_ms) // LEVEL_MS)
        return self.mask[first : max(first, (end_ms - self.start_ms) // LEVEL_MS)]

    def ms(self, start_ms: int, end_ms: int) -> int:
        return int(np.count_nonzero(self.within(start_ms, end_ms))) * LEVEL_MS

    def music(self) -> list[Span]:
        """Stretches of sound that is no voice."""
        if self.other is None:
            return []
        spans = speech_spans(self.other, _BEAT_MS)
        return [
            (self.start_ms + start, self.start_ms + end) for start, end in spans if end - start > _UNHEARD_MS
        ]

    def trimmed(self, start_ms: int, end_ms: int) -> Span:
        """A stretch with speech in it, from the first of it to the last."""
        spoken = np.flatnonzero(self.within(start_ms, end_ms))
        start_ms = max(start_ms, self.start_ms)
        return start_ms + int(spoken[0]) * LEVEL_MS, start_ms + (int(spoken[-1]) + 1) * LEVEL_MS

    def without_tail(self, part: Span) -> Span:
        """A part from the pause behind a word's end: of a clip with that end the model hears no more."""
        spans = speech_spans(self.within(*part), _PAUSE_MS)
        if len(spans) < 2 or spans[0][0] > 0 or spans[0][1] > _TAIL_MS:
            return part
        return part[0] + spans[1][0], part[1]

    def trim(self, word: TranscriptWord, part: Span) -> TranscriptWord:
        """A word heard in a part, without the silence and the neighbours that attention gives to it."""
        start, end = max(word.start_ms, part[0]), min(word.end_ms, part[1])
        if not self.within(start, end).any():
            return word
        start, end = self.trimmed(start, end)
        return replace(word, start_ms=start, end_ms=end)

    def explained_ms(self, words: Sequence[TranscriptWord]) -> int:
        return sum(min(longest_ms(word.text), self.ms(word.start_ms, word.end_ms)) for word in words)

    def rest_of(self, word: TranscriptWord) -> int:
        """How much more speech the word may explain; negative if it has too much."""
        return longest_ms(word.text) - self.ms(word.start_ms, word.end_ms)

    def is_loose(self, word: TranscriptWord) -> bool:
        return self.rest_of(word) < -_UNHEARD_MS

    def unexplained(self, words: Sequence[TranscriptWord], end_ms: int) -> list[Span]:
        """Stretches between words that are where they seem to be, with more speech than words for it."""
        firm = _spans([word for word in words if not self.is_loose(word)])
        starts = [self.start_ms, *(end for _, end in firm)]
        ends = [*(start for start, _ in firm), end_ms]
        return [
            span
            for span in zip(starts, ends, strict=True)
            if self.ms(*span) - self.explained_ms(_within(words, span)) - self.rest_ms(words, span[0])
            > _UNHEARD_MS
        ]

    def rest_ms(self, words: Sequence[TranscriptWord], end_ms: int) -> int:
        """What a number that ends there may still explain, right behind it: attention leaves "25%" early."""
        return sum(
            self.ms(end_ms, end_ms + max(0, self.rest_of(word)))
            for word in words
            if word.end_ms == end_ms and any(char.isdigit() for char in word.text)
        )


def hear_out(engine: Engine, tokenizer: Tokenizer, hearings: Sequence[Hearing]) -> list[Hearing]:
    """Hear again what the words do not explain; what is still not found becomes a gap.

    Args:
        engine: any engine.
        tokenizer: the engine's, in the recording's language.
        hearings: stretches of recordings with the words that were found there, in order.

    Returns:
        The same stretches, with more words, and with gaps that say where speech or music has none.
    """
    speech = [_Speech.of(hearing) for hearing in hearings]
    found = [
        replace(hearing, words=_without_music(hearing.words, where.music()))
        for hearing, where in zip(hearings, speech, strict=True)
    ]
    silent: list[list[Span]] = [[] for _ in hearings]
    for margin_ms in _MARGINS_MS:
        asked = [
            (index, part)
            for index, hearing in enumerate(found)
            for span in speech[index].unexplained(hearing.words, hearing.end_ms)
            for part in _parts(hearing.sound, span)
            if speech[index].within(*part).any() and not _is_within(part, silent[index])
        ]
        is_first = margin_ms == _MARGINS_MS[0]
        if is_first:
            asked = [(index, speech[index].without_tail(part)) for index, part in asked]
        clips = [_clip(found[index].sound, part, margin_ms) for index, part in asked]
        answers = _hear(engine, tokenizer, clips)
        for (index, part), heard in zip(asked, answers, strict=True):
            if heard.no_speech:
                silent[index].append(part)
            elif not heard.failed:
                found[index] = _with(found[index], speech[index], part, heard.words)
    return [
        _settled(hearing, where, quiet) for hearing, where, quiet in zip(found, speech, silent, strict=True)
    ]


def _without_music(words: Sequence[TranscriptWord], music: Sequence[Span]) -> tuple[TranscriptWord, ...]:
    """Without what was heard freely in music: "Thank you" and the like, of which the model is never sure."""
    kept = (
        word
        for word in words
        if word.essay_word is not None
        or word.probability >= _SURE_PROBABILITY
        or not any(start <= word.start_ms and word.end_ms <= end for start, end in music)
    )
    return tuple(_after_music(word, music) for word in kept)


def _after_music(word: TranscriptWord, music: Sequence[Span]) -> TranscriptWord:
    """Attention gives what comes before a window's first word to it."""
    ends = (end for start, end in music if start <= word.start_ms < end < word.end_ms)
    return replace(word, start_ms=next(ends, word.start_ms))


def _hear(
    engine: Engine, tokenizer: Tokenizer, clips: Sequence[tuple[SampleStream, int, int]]
) -> list[Heard]:
    heard: list[Heard] = [Heard(())] * len(clips)
    # Each clip of a batch costs as much as the longest.
    by_length = sorted(range(len(clips)), key=lambda index: clips[index][2] - clips[index][1])
    for first in range(0, len(clips), _BATCH_CLIPS):
        batch = by_length[first : first + _BATCH_CLIPS]
        windows = open_windows(engine, [clips[index] for index in batch], PADDING_MS)
        for index, answer in zip(
            batch, decode_windows(engine, tokenizer, windows, insist=False), strict=True
        ):
            heard[index] = answer
    return heard


def _parts(sound: SampleStream, span: Span) -> list[Span]:
    """A long stretch in parts: of music and speech together nothing is understood."""
    start, end = span
    parts: list[Span] = []
    while start < end:
        part_end = min(end, window_end(sound, start, _PART_LIMITS))
        if end - start <= _PART_LIMITS.max_ms or part_end <= start:
            part_end = end
        parts.append((start, part_end))
        start = part_end
    return parts


def _clip(sound: SampleStream, part: Span, margin_ms: int) -> tuple[SampleStream, int, int]:
    return sound, max(sound.start_ms, part[0] - margin_ms), sound.end_ms(part[1] + margin_ms)


def _with(hearing: Hearing, speech: _Speech, part: Span, heard: Sequence[TranscriptWord]) -> Hearing:
    """Take what was heard in a part, if it explains more than what stood there."""
    loose = [
        word for word in _within(hearing.words, part) if speech.is_loose(word) and word.start_ms >= part[0]
    ]
    firm = [word for word in hearing.words if word not in loose]
    new = [speech.trim(word, part) for word in _unlike_neighbours(_within(heard, part), firm, part)]
    # The geometric mean: in music the model hears "Thank you", sure of the second word.
    if new and geometric_mean([max(word.probability, 1e-6) for word in new]) < _LEAST_PROBABILITY:
        return hearing
    if speech.explained_ms(new) < speech.explained_ms(loose) + _LEAST_GAIN_MS:
        return hearing
    by_key = {_key(word): word for word in loose if word.essay_word is not None}
    named = [
        replace(word, text=same.text, essay_word=same.essay_word)
        if (same := by_key.pop(_key(word), None))
        else word
        for word in new
    ]
    kept = [_shortened(word, part[0]) for word in by_key.values()]
    words = sorted([*firm, *named, *kept], key=lambda word: word.start_ms)
    return replace(hearing, words=tuple(words))


def _unlike_neighbours(
    new: Sequence[TranscriptWord], firm: Sequence[TranscriptWord], part: Span
) -> list[TranscriptWord]:
    """Without the words around the part, of which the clip holds the rest."""
    before = next((word for word in reversed(firm) if word.end_ms <= part[0]), None)
    after = next((word for word in firm if word.start_ms >= part[1]), None)
    words = list(new)
    # Of "25%" a clip that begins in it holds "5%".
    if words and before:
        is_rest = _key(before).endswith(_key(words[0]))
        words = words[1:] if is_rest or words[0].end_ms <= before.end_ms + _CUT_MS else words
    if words and after:
        is_begin = _key(after).startswith(_key(words[-1]))
        words = words[:-1] if is_begin or words[-1].start_ms >= after.start_ms - _CUT_MS else words
    return words


def _settled(hearing: Hearing, speech: _Speech, silent: Sequence[Span]) -> Hearing:
    """List what is left, and let no word last through it."""
    words = tuple(
        _shortened(word, hearing.start_ms) if speech.is_loose(word) else word for word in hearing.words
    )
    gaps = [Gap(*span, NO_SPEECH) for span in without(speech.music(), _spans(words))]
    for span in speech.unexplained(words, hearing.end_ms):
        for part in _parts(hearing.sound, span):
            if not speech.ms(*part):
                continue
            part = speech.trimmed(*part)
            is_quiet = _is_within(part, silent) or is_steady(levels(hearing.sound.read(*part)))
            gaps.append(Gap(*part, NO_SPEECH if is_quiet else _NOT_FOUND))
    return replace(hearing, words=words, failed=tuple(sorted(gaps, key=lambda gap: gap.start_ms)))


def _spans(words: Sequence[TranscriptWord]) -> list[Span]:
    return joined((word.start_ms, word.end_ms) for word in words)


def _shortened(word: TranscriptWord, start_ms: int) -> TranscriptWord:
    """Attention gives what comes before a window's first word to it, and what comes after to the others."""
    most = longest_ms(word.text)
    if word.start_ms - start_ms < _UNHEARD_MS:
        return replace(word, start_ms=max(word.start_ms, word.end_ms - most))
    return replace(word, end_ms=min(word.end_ms, word.start_ms + most))


def _within(words: Sequence[TranscriptWord], span: Span) -> list[TranscriptWord]:
    return [word for word in words if 2 * span[0] <= word.start_ms + word.end_ms <= 2 * span[1]]


def _is_within(part: Span, spans: Sequence[Span]) -> bool:
    return any(start <= part[0] and part[1] <= end for start, end in spans)


def _key(word: TranscriptWord) -> str:
    return "".join(char for char in word.text.casefold() if char.isalnum())
