"""The example episode and what the real model makes of it, heard once a session."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from filelock import FileLock

from inkcast.audio.recording import Recording
from inkcast.essays.essay import Essay
from inkcast.essays.read import read_essay
from inkcast.on_progress import OnProgress
from inkcast.options import TranscribeOptions
from inkcast.speech.engines.engine import Engine
from inkcast.speech.transcript import Transcript
from inkcast.speech.whisper_loader import load_whisper
from inkcast.speech.whisper_transcriber import WhisperTranscriber

ROOT = Path(__file__).resolve().parents[2]
JFK = ROOT / "tests" / "data" / "audio" / "jfk.flac"
JFK_SAYS = (
    "And so, my fellow Americans, ask not what your country can do for you, "
    "ask what you can do for your country."
)
STEM = "what-small-labs-are-for"
AUDIO = ROOT / "examples" / f"{STEM}.mp3"
PAGE = AUDIO.with_suffix(".html")


def sentences() -> list[dict[str, Any]]:
    """Every sentence of the recording: ``spoken``, ``published`` (None: an ad-lib), ``start``, ``end``."""
    truth: dict[str, Any] = json.loads(AUDIO.with_suffix(".truth.json").read_text(encoding="utf-8"))
    return list(truth["sentences"])


@cache
def essay() -> Essay:
    return read_essay(PAGE)


@cache
def engine(name: str = "ctranslate2") -> Engine:
    """tiny.en; ask for the fixture ``tiny_en``, too, which skips the test where there is none."""
    return load_whisper("tiny.en", name, "cpu").engine


def hear(
    path: Path, engine: Engine, essay: Essay | None = None, progress: OnProgress | None = None, **options: Any
) -> Transcript:
    """Transcribe with an engine; ``options`` are those of ``TranscribeOptions``."""
    with Recording(path) as recording:
        transcriber = WhisperTranscriber(engine)
        return transcriber.transcribe(recording, essay, TranscribeOptions(**options), progress=progress)


@cache
def guided() -> Transcript:
    """The example, heard with its essay."""
    return _heard("guided", lambda: hear(AUDIO, engine(), essay()))


@cache
def free() -> Transcript:
    """The example, heard without its essay."""
    return _heard("free", lambda: hear(AUDIO, engine()))


@cache
def jfk(name: str) -> Transcript:
    """The clip that every Whisper is tested with."""
    return hear(JFK, engine(name))


def _heard(name: str, listen: Callable[[], Transcript]) -> Transcript:
    """What one of several processes with tests has heard, for all of them: they have one home."""
    path = Path.home() / f"{name}.pickle"
    with FileLock(path.with_suffix(".lock")):
        if not path.exists():
            path.write_bytes(pickle.dumps(listen()))
        transcript: Transcript = pickle.loads(path.read_bytes())
    return transcript
