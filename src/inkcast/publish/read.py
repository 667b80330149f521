"""Transcripts and alignments read back from files: ours, Whisper's JSON, SRT and WebVTT."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from inkcast.alignment.alignment import Alignment
from inkcast.errors import PublishError
from inkcast.publish.srt import parse_srt
from inkcast.publish.vtt import parse_vtt
from inkcast.speech.transcript import Transcript

_FORMATS = "Give Whisper's JSON, an alignment.json, an SRT or a WebVTT file."


def read_speech(path: Path) -> Transcript | Alignment:
    """Read a transcript or an alignment; the content tells which, not the name.

    Raises:
        PublishError: missing, or none of the formats.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise PublishError(f"Cannot read {path}: {reason}.", _FORMATS) from error
    try:
        if text.lstrip().startswith("{"):
            return _from_json(json.loads(text))
        return parse_vtt(text) if text.startswith("WEBVTT") else parse_srt(text)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise PublishError(
            f"{path} is neither a transcript nor an alignment ({error!r}).", _FORMATS
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


def _from_json(data: dict[str, Any]) -> Transcript | Alignment:
    if "audit" in data:
        return Alignment.from_json(data)
    transcript = Transcript.from_json(data)
    for segment in transcript.segments:
        "".join((segment.text, *(word.text for word in segment.words)))  # TypeError if it is no text
    return transcript
