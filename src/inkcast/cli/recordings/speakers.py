"""Who speaks, told after what is said, with progress of its own."""

from __future__ import annotations

from inkcast.audio.recording import Recording
from inkcast.cli.output import on_one_line
from inkcast.cli.progress import Reporter
from inkcast.diarization.find_speakers import find_speakers
from inkcast.essays.essay import Essay
from inkcast.settings import Settings
from inkcast.speech.transcript import Transcript


def with_speakers(
    recording: Recording,
    transcript: Transcript,
    essay: Essay | None,
    settings: Settings,
    reporter: Reporter,
) -> Transcript:
    """The transcript with speakers, as the settings want them. Raises as ``find_speakers`` does."""
    with reporter.task(f"{on_one_line(recording.path.name)}: telling speakers apart") as progress:
        device = settings.device
        return find_speakers(
            recording, transcript, settings.speakers, essay=essay, device=device, progress=progress
        )
