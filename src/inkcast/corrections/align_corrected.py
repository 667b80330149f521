"""Transcript, essay and corrections to the time of every word."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace

from inkcast.alignment.align import align, aligner_for, audited
from inkcast.audio.recording import Recording
from inkcast.corrections.apply import Corrected, apply
from inkcast.corrections.correction import Correction
from inkcast.essays.essay import Essay
from inkcast.options import AlignOptions
from inkcast.speech.transcript import Transcript


def align_corrected(
    transcript: Transcript,
    essay: Essay,
    recording: Recording | None = None,
    options: AlignOptions = AlignOptions(),
    corrections: Sequence[Correction] = (),
) -> Corrected:
    """Align, then apply corrections; the audit is of what comes of both.

    Args:
        transcript, essay, recording, options: see ``align``; the essay as published.
        corrections: in their order.

    Raises:
        AlignmentError, AudioError, SettingsError: see ``align``.
    """
    with aligner_for(transcript, essay, options) if recording else nullcontext() as aligner:
        found = Corrected(essay, align(transcript, essay, recording, options, aligner))
        if not corrections:
            return found
        done = apply(corrections, found, recording, aligner)
    return replace(done, alignment=audited(done.alignment, done.essay, transcript, recording))
