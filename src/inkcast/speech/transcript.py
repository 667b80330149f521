"""What was said and when: a transcript in Whisper's own shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from inkcast.audio.spans import Span
from inkcast.timecode import ms_to_seconds, seconds_to_ms


@dataclass(frozen=True, slots=True)
class TranscriptWord:
    """A word as heard; ``text`` keeps Whisper's leading space. Times in ms from the start of the audio.

    ``essay_word`` is the word's index in ``Essay.words()`` where guided transcription verified it;
    ``speaker`` says it, where that is known.
    """

    text: str
    start_ms: int
    end_ms: int
    probability: float
    essay_word: int | None = None
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech that was decoded together; ``text`` is its words joined.

    ``speaker`` says most of it.
    """

    start_ms: int
    end_ms: int
    text: str
    words: tuple[TranscriptWord, ...] = ()
    speaker: str = ""


KnownBy = Literal["", "stated", "text", "transcript", "voice", "elimination"]
"""How a voice's name is known: a person states it, the labels of the published text do, the transcript came
with it, the voice is known from other recordings, or nobody else is left. Empty: it has none."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One of the voices of a recording.

    Attributes:
        speaker: what its words are labelled with; "" where nobody else speaks.
        speech_ms: how long it speaks.
        embedding: what it sounds like, of length 1: the product of two is their likeness, at most 1.
        known_by: how its name is known.
        evidence: the same in words.
        turns: when it speaks, in ms.
    """

    speaker: str
    speech_ms: int
    embedding: tuple[float, ...] = ()
    known_by: KnownBy = ""
    evidence: str = ""
    turns: tuple[Span, ...] = ()


NO_SPEECH = "no speech: music or noise"
"""The reason of a gap in which nothing is said, as far as can be told."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Audio that no words could be found for, with the reason."""

    start_ms: int
    end_ms: int
    reason: str


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Which weights ran, where, and how."""

    name: str
    engine: str
    device: str
    compute_type: str

    def to_json(self) -> dict[str, str]:
        """The ``model`` object of both JSON files."""
        return {
            "name": self.name,
            "engine": self.engine,
            "device": self.device,
            "compute_type": self.compute_type,
        }


@dataclass(frozen=True, slots=True)
class Transcript:
    """A whole recording.

    ``failed`` lists the audio that no words could be found for, ``voices`` who speaks: none if nobody asked.
    """

    language: str
    segments: tuple[Segment, ...]
    duration_ms: int = 0
    model: ModelInfo | None = None
    failed: tuple[Gap, ...] = ()
    voices: tuple[Voice, ...] = ()

    @property
    def text(self) -> str:
        """All segments joined."""
        return "".join(segment.text for segment in self.segments).strip()

    def to_json(self) -> dict[str, Any]:
        """Whisper's JSON (seconds), with a few keys more."""
        voices = {"speakers": [_voice_to_json(voice) for voice in self.voices]} if self.voices else {}
        return {
            "language": self.language,
            "text": self.text,
            "duration": ms_to_seconds(self.duration_ms),
            "model": self.model.to_json() if self.model else None,
            "segments": [_segment_to_json(index, segment) for index, segment in enumerate(self.segments)],
            "failed": [
                {"start": ms_to_seconds(gap.start_ms), "end": ms_to_seconds(gap.end_ms), "reason": gap.reason}
                for gap in self.failed
            ],
            **voices,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Transcript:
        """Read our own JSON, or that of any tool which writes Whisper's.

        Raises:
            KeyError, TypeError, ValueError: the object is not of that shape.
        """
        model = data.get("model")
        segments = tuple(_segment_from_json(segment) for segment in data["segments"])
        duration = data.get("duration")
        return cls(
            language=data.get("language") or "",
            segments=segments,
            duration_ms=seconds_to_ms(duration) if duration else max((s.end_ms for s in segments), default=0),
            model=ModelInfo(**model) if isinstance(model, dict) else None,
            failed=tuple(
                Gap(seconds_to_ms(gap["start"]), seconds_to_ms(gap["end"]), gap["reason"])
                for gap in data.get("failed", ())
            ),
            voices=tuple(_voice_from_json(item) for item in data.get("speakers") or ()),
        )


def _voice_to_json(voice: Voice) -> dict[str, Any]:
    name = {"known_by": voice.known_by, "evidence": voice.evidence} if voice.known_by else {}
    return {
        "speaker": voice.speaker,
        "duration": ms_to_seconds(voice.speech_ms),
        **name,
        "embedding": [round(value, 4) for value in voice.embedding],
        "turns": [[ms_to_seconds(start), ms_to_seconds(end)] for start, end in voice.turns],
    }


def _voice_from_json(data: dict[str, Any]) -> Voice:
    known_by = data.get("known_by", "")
    if known_by not in get_args(KnownBy):
        raise ValueError(f"a name known by {known_by!r}")
    return Voice(
        speaker=data["speaker"],
        speech_ms=seconds_to_ms(data["duration"]),
        embedding=tuple(map(float, data["embedding"])),
        turns=tuple((seconds_to_ms(start), seconds_to_ms(end)) for start, end in data.get("turns", ())),
        known_by=known_by,
        evidence=data.get("evidence", ""),
    )


def _segment_to_json(index: int, segment: Segment) -> dict[str, Any]:
    words: list[dict[str, Any]] = []
    for word in segment.words:
        item: dict[str, Any] = {
            "word": word.text,
            "start": ms_to_seconds(word.start_ms),
            "end": ms_to_seconds(word.end_ms),
            "probability": round(word.probability, 4),
        }
        if word.essay_word is not None:
            item["essay_word"] = word.essay_word
        if word.speaker:
            item["speaker"] = word.speaker
        words.append(item)
    result: dict[str, Any] = {
        "id": index,
        "start": ms_to_seconds(segment.start_ms),
        "end": ms_to_seconds(segment.end_ms),
        "text": segment.text,
        "words": words,
    }
    if segment.speaker:
        result["speaker"] = segment.speaker
    return result


def _segment_from_json(data: dict[str, Any]) -> Segment:
    words = tuple(
        TranscriptWord(
            text=word["word"],
            start_ms=seconds_to_ms(word["start"]),
            end_ms=seconds_to_ms(word["end"]),
            probability=float(word.get("probability", word.get("score", 1.0))),
            essay_word=word.get("essay_word"),
            speaker=word.get("speaker") or "",
        )
        for word in data.get("words") or ()
        if "start" in word and "end" in word
    )
    return Segment(
        start_ms=seconds_to_ms(data["start"]),
        end_ms=seconds_to_ms(data["end"]),
        text=data["text"],
        words=words,
        speaker=data.get("speaker") or "",
    )
