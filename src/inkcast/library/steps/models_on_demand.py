"""Models as the library uses them: none is loaded before the first recording needs it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from inkcast.audio.recording import Recording
from inkcast.essays.essay import Essay
from inkcast.on_progress import OnProgress
from inkcast.settings import Settings
from inkcast.speech.transcriber import Transcriber
from inkcast.speech.transcript import Transcript

Transcribe = Callable[[Recording, Essay | None, Path, OnProgress, Settings], Transcript]
"""Hears a recording, guided by its essay if it has one.

The path is a file for what is finished so far: a run that was killed goes on from it. The settings are the
feed's: model, language, prompt.
"""


def lazy_transcriber() -> Transcribe:
    """Load each model with the first recording that needs it, and keep it.

    Importing the engines takes seconds: a sync with nothing to transcribe must not wait for them.
    """

    @cache
    def load(model: str, engine: str, device: str) -> Transcriber:
        from inkcast.speech.load import load_model

        return load_model(model, engine, device)

    def transcribe(
        recording: Recording, essay: Essay | None, checkpoint: Path, progress: OnProgress, settings: Settings
    ) -> Transcript:
        from inkcast.speech.whisper_loader import resolve_model

        model = resolve_model(settings.model, settings.device, settings.language, essay)
        return load(model, settings.engine, settings.device).transcribe(
            recording, essay, settings.transcribe_options(), progress=progress, checkpoint=checkpoint
        )

    return transcribe
