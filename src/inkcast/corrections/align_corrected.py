"""Transcript, essay and corrections to the time of every word."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace

from inkcast.alignment.align import align, aligner_for, audited, summarise_blocks
from inkcast.alignment.alignment import AlignedWord, Alignment
from inkcast.alignment.carry_over import carried_over
from inkcast.audio.recording import Recording
from inkcast.corrections.apply import Corrected, apply, place_of
from inkcast.corrections.correction import Correction
from inkcast.corrections.name_corrected import stated_voices
from inkcast.essays.essay import Essay
from inkcast.on_progress import OnProgress, tell_nobody
from inkcast.options import AlignOptions
from inkcast.speech.transcript import Transcript

_OF_THE_ESSAY = ("wording", "speaker", "voice")


def align_corrected(
    transcript: Transcript,
    essay: Essay,
    recording: Recording | None = None,
    options: AlignOptions = AlignOptions(),
    corrections: Sequence[Correction] = (),
    progress: OnProgress = tell_nobody,
) -> Corrected:
    """Align, then apply corrections; the audit is of what comes of both.

    Args:
        transcript, essay, recording, options, progress: see ``align``; the essay as published.
        corrections: in their order.

    Raises:
        AlignmentError, AudioError, SettingsError: see ``align``.
    """
    with aligner_for(transcript, essay, options) if recording else nullcontext() as aligner:
        found = Corrected(essay, align(transcript, essay, recording, options, aligner, progress))
        if not corrections:
            return found
        done = apply(corrections, found, recording, aligner)
    # Before voices have names, nobody can tell here whose they are.
    named = stated_voices(corrections, done, transcript)
    done = replace(done, lost=tuple(one for one in done.lost if one.correction not in named))
    return replace(done, alignment=audited(done.alignment, done.essay, transcript, recording))


def respelled(old: Alignment, essay: Essay, corrections: Sequence[Correction]) -> Corrected | None:
    """Carry an alignment over to an essay whose spelling was mended; nothing is heard.

    Args:
        old: what ``align_corrected`` gave for the essay as it was, with the same corrections.
        essay: as published now.
        corrections: in their order.

    Returns:
        None if the essay has to be aligned again.
    """
    unread = tuple(
        AlignedWord(word.text, word.block, word.char_start, word.char_end, "unspoken", None, None, 0.0)
        for word in essay.words()
    )
    blank = Corrected(essay, replace(old, words=unread, blocks=summarise_blocks(essay, unread), extra=()))
    texts = apply([one for one in corrections if one.kind in _OF_THE_ESSAY], blank)
    alignment = carried_over(old, texts.essay)
    # What has no place any more has to be taken back; a voice of the recording is none of the essay.
    lost = [one for one in texts.lost if one.correction.kind != "voice"]
    if alignment is None or lost or any(not place_of(one, alignment) for one in _others(corrections)):
        return None
    return Corrected(texts.essay, alignment)


def _others(corrections: Sequence[Correction]) -> list[Correction]:
    return [one for one in corrections if one.kind not in _OF_THE_ESSAY]
