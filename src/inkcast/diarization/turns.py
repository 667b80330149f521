"""When each voice speaks, to the hundredth of a second."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from inkcast.audio.recording import Recording
from inkcast.audio.spans import Span, joined
from inkcast.audio.stream import SAMPLES_PER_MS
from inkcast.audio.vad import levels, speech_mask, speech_spans, true_stretches
from inkcast.diarization.diarize import Diarization
from inkcast.diarization.listen import FRAME_S
from inkcast.diarization.speaker_segmentation import FIRST_SAMPLE, HEARD, STEP_SAMPLES

# NIST's evaluations take shorter pauses for part of a turn.
_PAUSE_MS = 300
_SHORTEST_MS = 100
# docs/speakers.md: measured on readers whose words have times.
_SPEECH_SHARE = 0.4
_MARGIN_MS = 20


def voice_turns(diarization: Diarization, recording: Recording) -> list[list[Span]]:
    """For each voice, when it speaks, in ms; pauses of less than 0.3 s are part of a turn.

    The network hears a turn with the breath before it and the pauses in it; what is loud in it is speech.

    Raises:
        AudioError: the recording cannot be decoded.
    """
    return [
        [span for start, end in _rough(activity) for span in _loud(recording, start, end)]
        for activity in diarization.activity.T
    ]


def frame_at(ms: float) -> int:
    """The frame of ``Diarization.activity`` at a time."""
    return max(0, round((ms * SAMPLES_PER_MS - FIRST_SAMPLE) / STEP_SAMPLES))


def _rough(activity: NDArray[np.float32]) -> Iterator[Span]:
    frames = true_stretches(activity > HEARD)
    spans = joined(((_edge_ms(first), _edge_ms(end)) for first, end in frames), _PAUSE_MS - 1)
    return (span for span in spans if span[1] - span[0] >= _SHORTEST_MS)


def _edge_ms(frame: int) -> int:
    """Where a frame begins."""
    return round(1000 * (frame - 0.5) * FRAME_S + FIRST_SAMPLE / SAMPLES_PER_MS)


def _loud(recording: Recording, start_ms: int, end_ms: int) -> Iterator[Span]:
    level = levels(recording.read(start_ms, end_ms))
    for start, end in speech_spans(speech_mask(level, _SPEECH_SHARE), _PAUSE_MS):
        if end - start >= _SHORTEST_MS:
            yield max(0, start_ms + start - _MARGIN_MS), start_ms + end + _MARGIN_MS
