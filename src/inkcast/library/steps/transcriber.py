"""Whisper as the library uses it: nothing is loaded before the first recording needs it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from inkcast.essays.essay import Essay
from inkcast.on_progress import OnProgress
from inkcast.settings import Settings
from inkcast.speech.transcript import Transcript

if TYPE_CHECKING:
    from inkcast.speech.engines.engine import Engine

Transcriber = Callable[[Path, Essay | None, Path, OnProgress, Settings], Transcript]
"""Hears a recording, guided by its essay if it has one.

The second path is a file for what is finished so far: a run that was killed goes on from it. The settings
are the feed's: model, language, prompt.
"""


def lazy_transcriber() -> Transcriber:
    """Make a transcriber that loads each model with the first recording that needs it, and keeps it.

    Importing the engines takes seconds: a sync with nothing to transcribe must not wait for them.
    """

    @cache
    def engine(model: str, kind: str, device: str) -> Engine:
        from inkcast.speech.load import load_engine

        return load_engine(model, kind, device)

    def hear(
        path: Path, essay: Essay | None, checkpoint: Path, progress: OnProgress, settings: Settings
    ) -> Transcript:
        from inkcast.speech.load import resolve_model
        from inkcast.speech.transcribe import transcribe

        model = resolve_model(settings.model, settings.device, settings.language, essay)
        return transcribe(
            path,
            engine(model, settings.engine, settings.device),
            essay=essay,
            language=settings.language,
            prompt=settings.prompt,
            progress=progress,
            checkpoint=checkpoint,
        )

    return hear
