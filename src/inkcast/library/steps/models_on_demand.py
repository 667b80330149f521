"""Models as the library uses them: none is loaded before the first recording needs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from inkcast.audio.recording import Recording
from inkcast.essays.essay import Essay
from inkcast.on_progress import OnProgress
from inkcast.settings import Settings
from inkcast.speech.transcriber import Transcriber
from inkcast.speech.transcript import Transcript

Transcribe = Callable[[Recording, Essay | None, Path, OnProgress, Settings, tuple[str, ...]], Transcript]
"""Hears a recording, guided by its essay if it has one.

The path is a file for what is finished so far: a run that was killed goes on from it. The settings are the
feed's: model, language, prompt. Last come names that its other episodes write.
"""


def lazy_transcriber() -> Transcribe:
    """Load each model with the first recording that needs it, and keep it.

    Importing the engines takes seconds: a sync with nothing to transcribe must not wait for them.
    """

    @cache
    def load(model: str, engine: str, device: str, is_chosen: bool) -> Transcriber:
        from inkcast.speech.load import load_chosen

        return load_chosen(model, engine, device, is_chosen=is_chosen)

    def transcribe(
        recording: Recording,
        essay: Essay | None,
        checkpoint: Path,
        progress: OnProgress,
        settings: Settings,
        names: tuple[str, ...],
    ) -> Transcript:
        from inkcast.speech.load import choose_model_name

        engine, device = settings.engine, settings.device
        model = choose_model_name(settings.model, engine, device, language=settings.language, essay=essay)
        return load(model, engine, device, settings.model == "auto").transcribe(
            recording,
            essay,
            replace(settings.transcribe_options(), names=names),
            progress=progress,
            checkpoint=checkpoint,
        )

    return transcribe
