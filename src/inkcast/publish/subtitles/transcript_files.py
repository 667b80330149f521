"""Transcripts and alignments read back from files: ours, anybody's JSON, SRT and WebVTT."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from inkcast.alignment.alignment import Alignment
from inkcast.errors import PublishError
from inkcast.publish.subtitles.foreign_json import as_whisper
from inkcast.publish.subtitles.srt import parse_srt
from inkcast.publish.subtitles.vtt import parse_vtt
from inkcast.shape import MISSHAPEN, checked
from inkcast.speech.transcript import Transcript

_FORMATS = "Give a transcript with times: JSON (of Whisper, Podcasting 2.0 and others), SRT or WebVTT."


def read_speech(path: Path) -> Transcript | Alignment:
    """Read a transcript or an alignment; the content tells which, not the name.

    Raises:
        PublishError: missing, or none of the formats.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise PublishError(f"Cannot read {path}: {reason}.", _FORMATS) from error
    try:
        if text.lstrip().startswith("{"):
            return _from_json(json.loads(text))
        return parse_vtt(text) if text.startswith("WEBVTT") else parse_srt(text)
    except MISSHAPEN as error:
        reason = str(error) if type(error) is ValueError else repr(error)
        raise PublishError(
            f"{path} is neither a transcript nor an alignment ({reason}).", _FORMATS
        ) from error
    except PublishError as error:
        raise PublishError(f"{path}: {error.message}", error.hint or _FORMATS) from error


def read_transcript(path: Path) -> Transcript:
    """Read a transcript. Raises PublishError."""
    speech = read_speech(path)
    if isinstance(speech, Alignment):
        raise PublishError(
            f"{path} is an alignment, not a transcript.", "Name the .transcript.json beside it."
        )
    return speech


def read_alignment(path: Path) -> Alignment:
    """Read an alignment. Raises PublishError."""
    speech = read_speech(path)
    if isinstance(speech, Transcript):
        raise PublishError(
            f"{path} is a transcript, not an alignment.", "Name the .alignment.json beside it."
        )
    return speech


def _from_json(data: dict[str, Any]) -> Transcript | Alignment:
    if "audit" in data:
        alignment = checked(Alignment.from_json(data))
        _check(alignment)
        return alignment
    return checked(Transcript.from_json(as_whisper(data)))


def _check(alignment: Alignment) -> None:
    """Raise ValueError or TypeError for what no alignment can hold."""
    for word in alignment.words:
        if not 0 <= word.block < len(alignment.blocks):
            raise ValueError(f"{word.text!r} is in block {word.block}, which is not there")
        if not 0 <= word.confidence <= 1:
            raise ValueError(f"the confidence of {word.text!r} is {word.confidence}")
        if (word.start_ms is None) != (word.end_ms is None):
            raise ValueError(f"{word.text!r} has only one of its two times")
    timed = [(word.start_ms, word.end_ms) for word in alignment.words if word.start_ms is not None]
    timed += [(extra.start_ms, extra.end_ms) for extra in alignment.extra]
    whole = [alignment.audio.duration_ms, alignment.audit.speech_ms, alignment.audit.accounted_ms]
    for time in (time for times in (*timed, whole) for time in times):
        if not isinstance(time, int) or time < 0:
            raise ValueError(f"{time!r} is not a time in whole milliseconds")
    texts = [alignment.audio.source, *(block.text for block in alignment.blocks), *alignment.audit.problems]
    texts += [word.text for word in alignment.words]
    "".join((*texts, *(extra.text for extra in alignment.extra)))
