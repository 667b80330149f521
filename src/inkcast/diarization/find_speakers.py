"""From a transcript to one that says who speaks."""

from __future__ import annotations

import logging
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from inkcast.audio.recording import Recording
from inkcast.errors import ModelError
from inkcast.essays.essay import Essay
from inkcast.on_progress import OnProgress, tell_nobody
from inkcast.options import Speakers
from inkcast.speech.models.model_catalog import DIARIZATION, find_entries, installed_at
from inkcast.speech.transcript import Transcript

if TYPE_CHECKING:
    from inkcast.diarization.networks import Networks

_LOG = logging.getLogger(__name__)


def find_speakers(
    recording: Recording,
    transcript: Transcript,
    wanted: Speakers = "auto",
    *,
    essay: Essay | None = None,
    device: str = "auto",
    progress: OnProgress = tell_nobody,
) -> Transcript:
    """Say at each word of a transcript who speaks.

    Whether there is more than one voice, a quick look tells; an interview, as its labels say, needs none.

    Args:
        recording: what was transcribed.
        transcript: what is said in it.
        wanted: how many speak.
        essay: the text of the recording, if there is one.
        device: see ``load_networks``.
        progress: told the windows done and in all.

    Returns:
        The transcript with speakers and voices; as it is where nobody asked, nothing is said, or the
        speakers are known.

    Raises:
        ModelError: a number was wanted, and the networks or torch are not installed.
        AudioError: the recording cannot be decoded.
    """
    is_known = any(segment.speaker for segment in transcript.segments)
    if wanted == "off" or not transcript.segments or (wanted == "auto" and is_known):
        return transcript
    is_interview = essay is not None and essay.is_interview
    if wanted == "auto" and not _is_installed():
        if is_interview:
            _LOG.info("To know who speaks also where the essay does not say it: inkcast models pull speakers")
        return transcript
    from inkcast.diarization.diarize import diarize, lone_voice
    from inkcast.diarization.label import label_speakers, lone_speaker
    from inkcast.diarization.turns import voice_turns

    networks = _networks(device)
    if wanted == 1 or (wanted == "auto" and not is_interview):
        voice = lone_voice(recording, networks, is_known=wanted == 1)
        if voice is not None:
            return lone_speaker(transcript, voice)
    found = diarize(recording, networks, None if wanted == "auto" else wanted, progress)
    if not len(found.embeddings):
        return transcript
    labelled = label_speakers(transcript, found, voice_turns(found, recording))
    if wanted != "auto" and len(labelled.voices) < wanted:
        _LOG.warning(
            "%s: %d speakers were asked for, %d could be told apart.",
            recording.path.name,
            wanted,
            len(labelled.voices),
        )
    return labelled


def _is_installed() -> bool:
    return find_spec("torch") is not None and installed_at(find_entries(DIARIZATION)[0]) is not None


@cache
def _networks(device: str) -> Networks:
    if find_spec("torch") is None:
        needed = "Telling speakers apart needs torch, which is not installed."
        raise ModelError(needed, "Run: pip install torch")
    from inkcast.diarization.networks import load_networks

    return load_networks(device)
