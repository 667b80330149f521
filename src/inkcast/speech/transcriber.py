"""The seam between Inkcast and whatever hears: audio in, transcript out.

To add one: a module with a class that fulfils ``Transcriber``, and a line in ``TRANSCRIBERS`` of ``load.py``.
What runs Whisper's weights need not be one: it fulfils ``engines/engine.py``, one storey below.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from inkcast.on_progress import OnProgress
from inkcast.options import TranscribeOptions

if TYPE_CHECKING:  # so that naming it loads nothing
    from inkcast.audio.recording import Recording
    from inkcast.essays.essay import Essay
    from inkcast.speech.transcript import ModelInfo, Transcript


class Transcriber(Protocol):
    """A loaded model. Threads may share it if they take turns."""

    @property
    def info(self) -> ModelInfo:
        """Name and so on, as transcripts record it."""
        ...

    def transcribe(
        self,
        recording: Recording,
        essay: Essay | None = None,
        options: TranscribeOptions = TranscribeOptions(),
        *,
        progress: OnProgress | None = None,
        checkpoint: Path | None = None,
    ) -> Transcript:
        """Transcribe a recording with word times.

        Args:
            recording: the audio.
            essay: what it is expected to read. Whisper verifies its words, which keep its spelling, and
                hears freely where the recording departs from it; others may ignore it.
            options: language, prompt and so on.
            progress: told the milliseconds done and in all.
            checkpoint: a file for what is finished; a run that was killed goes on from it. Remove it once
                the transcript is stored. Others may ignore it.

        Raises:
            AudioError: no audio.
            SettingsError: a language that the model does not know.
            StorageError: the checkpoint cannot be written.
        """
        ...
