"""Which words of a transcript are whose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from inkcast.audio.spans import Span, total_ms
from inkcast.diarization.diarize import Diarization
from inkcast.diarization.turns import frame_at
from inkcast.speech.transcript import Segment, Transcript, TranscriptWord, Voice


def label_speakers(
    transcript: Transcript, diarization: Diarization, turns: Sequence[Sequence[Span]]
) -> Transcript:
    """The transcript with "Speaker 1" and so on at its words, numbered as they come to speak.

    Segments end where another speaker begins. With one voice alone there are no labels. Voices that say no
    word are left out: somebody sings or laughs.

    Args:
        transcript: what is said.
        diarization: who is heard when.
        turns: from ``voice_turns``, for each of its voices.
    """
    spans = [(part.start_ms, part.end_ms) for part in _parts(transcript)]
    said_by = _said_by(spans, diarization.activity)
    order = list(dict.fromkeys(said_by))
    numbered = enumerate(order, start=1)
    names = {voice: f"Speaker {place}" if len(order) > 1 else "" for place, voice in numbered}
    speakers = iter([names[voice] for voice in said_by])
    segments = [labelled for segment in transcript.segments for labelled in _labelled(segment, speakers)]
    voices = [_voice(names[voice], diarization.embeddings[voice], turns[voice]) for voice in order]
    return replace(transcript, segments=tuple(segments), voices=tuple(voices))


def _parts(transcript: Transcript) -> Iterator[TranscriptWord | Segment]:
    """Words, and segments whose words have no times."""
    for segment in transcript.segments:
        yield from segment.words or (segment,)


def lone_speaker(transcript: Transcript, embedding: NDArray[np.float32]) -> Transcript:
    """The transcript of a recording in which one voice speaks."""
    spans = [(segment.start_ms, segment.end_ms) for segment in transcript.segments]
    return replace(transcript, voices=(_voice("", embedding, spans),))


def _voice(speaker: str, embedding: NDArray[np.float32], turns: Sequence[Span]) -> Voice:
    values = tuple(round(float(value), 4) for value in embedding)
    return Voice(speaker, total_ms(turns), values, turns=tuple(turns) if speaker else ())


def _said_by(spans: Sequence[Span], activity: NDArray[np.float32]) -> list[int]:
    """The voice that is heard most while a word is said; where none is, the one heard last before it."""
    voices: list[int] = []
    for start_ms, end_ms in spans:
        first = min(frame_at(start_ms), len(activity) - 1)
        heard = activity[first : max(first + 1, frame_at(end_ms))].sum(axis=0)
        if heard.any() or not voices:
            voices.append(int(heard.argmax()))
        else:
            voices.append(voices[-1])
    return voices


def _labelled(segment: Segment, speakers: Iterator[str]) -> Iterator[Segment]:
    if not segment.words:
        yield replace(segment, speaker=next(speakers))
        return
    words = [replace(word, speaker=next(speakers)) for word in segment.words]
    turns = [(speaker, tuple(said)) for speaker, said in groupby(words, key=lambda word: word.speaker)]
    if len(turns) == 1:
        yield replace(segment, words=turns[0][1], speaker=turns[0][0])
        return
    for index, (speaker, said) in enumerate(turns):
        yield Segment(
            start_ms=segment.start_ms if index == 0 else said[0].start_ms,
            end_ms=segment.end_ms if index == len(turns) - 1 else said[-1].end_ms,
            text=_text(said),
            words=said,
            speaker=speaker,
        )


def _text(words: Sequence[TranscriptWord]) -> str:
    return "".join(word.text for word in words)
