"""Transcript and essay to the time of every word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from inkcast.alignment.alignment import AlignedBlock, AlignedWord, Alignment, AudioFacts, Extra, Status
from inkcast.alignment.audit import audit
from inkcast.alignment.confirm import confirm
from inkcast.alignment.heard_words import HeardWord, hear
from inkcast.alignment.process_pool import ProcessPool
from inkcast.alignment.refine import refine
from inkcast.alignment.timing import Placed, place
from inkcast.errors import AlignmentError
from inkcast.essays.essay import Essay
from inkcast.speech.transcript import Transcript
from inkcast.wording.match import Heard, Match, match
from inkcast.wording.verbalize import first_reading
from inkcast.wording.written import written_words


def align(
    transcript: Transcript,
    essay: Essay,
    audio: AudioFacts,
    speech: Sequence[tuple[int, int]] = (),
    audio_path: Path | None = None,
    readings: Mapping[str, Sequence[str]] | None = None,
) -> Alignment:
    """Find for every word of the essay when it is spoken, whether it is, and what else was said.

    An essay that belongs to another recording gives an alignment whose audit says so.

    Args:
        transcript: of any tool; words that guided transcription verified are taken as they are.
        essay: the published text.
        audio: the recording that the transcript's times belong to.
        speech: stretches of the audio that hold speech, (start_ms, end_ms); without them the
            transcript's own words stand in.
        audio_path: the recording, to refine the times of English words by their sound.
        readings: further spoken forms of written words (``Settings.readings``).

    Raises:
        AlignmentError: there is no word on one of the two sides.
        AudioError: the recording cannot be read.
    """
    heard = hear(transcript)
    written = written_words(essay)
    _refuse_nothing(heard, written, essay, audio)
    language = transcript.language or essay.language or "en"
    spoken = [Heard(word.text, 1 - word.probability, word.essay_word) for word in heard]
    sizes = [sum(map(len, first_reading(word, language))) for word in written]
    matches = match(written, spoken, language, readings)
    blocks = [word.block for word in essay.words()]
    if audio_path is not None and language.startswith("en"):
        with ProcessPool() as pool:
            matches = confirm(matches, heard, written, sizes, audio_path, pool.map)
            placed = place(matches, heard, written, sizes, blocks)
            claimed = {index for found in matches for index in found.heard}
            others = [word for index, word in enumerate(heard) if index not in claimed]
            placed = refine(placed, written, others, audio_path, speech, pool.map)
    else:
        placed = place(matches, heard, written, sizes, blocks)
    words = _words(essay, placed)
    extra = _extra(heard, matches)
    return Alignment(
        audio=audio,
        model=transcript.model,
        blocks=summarise_blocks(essay, words),
        words=words,
        extra=extra,
        audit=audit(essay, words, extra, heard, transcript.failed, speech),
        language=essay.language or transcript.language,
    )


def _refuse_nothing(
    heard: Sequence[HeardWord], written: Sequence[str], essay: Essay, audio: AudioFacts
) -> None:
    if not heard:
        raise AlignmentError(
            f"The transcript of {audio.source or 'the recording'} has no words with times.",
            "Transcribe it again, with word times.",
        )
    if not written:
        raise AlignmentError(
            f"The essay {essay.source or essay.title} has no words.", "Give another file or address."
        )


def _words(essay: Essay, placed: Sequence[Placed]) -> tuple[AlignedWord, ...]:
    at = {item.word: item for item in placed}
    words = []
    for index, word in enumerate(essay.words()):
        item = at.get(index)
        words.append(
            AlignedWord(
                text=word.text,
                block=word.block,
                char_start=word.char_start,
                char_end=word.char_end,
                status=item.status if item else "unspoken",
                start_ms=item.start_ms if item else None,
                end_ms=item.end_ms if item else None,
                confidence=item.confidence if item else 0.0,
            )
        )
    return tuple(words)


def _extra(heard: Sequence[HeardWord], matches: Sequence[Match]) -> tuple[Extra, ...]:
    """Runs of heard words that no essay word claims, each with the essay word heard before it."""
    owner = {index: found.essay for found in matches for index in found.heard}
    extra: list[Extra] = []
    run: list[HeardWord] = []
    after = -1

    def close() -> None:
        if run:
            end = max(max(word.end_ms for word in run), run[0].start_ms + 1)
            extra.append(Extra(after, " ".join(word.text for word in run), run[0].start_ms, end))
            run.clear()

    for index, word in enumerate(heard):
        if index in owner:
            close()
            after = owner[index]
        else:
            run.append(word)
    close()
    return tuple(extra)


def summarise_blocks(essay: Essay, words: Sequence[AlignedWord]) -> tuple[AlignedBlock, ...]:
    """Each block's status is what most of its words are; its times span those that are spoken."""
    members: list[list[AlignedWord]] = [[] for _ in essay.blocks]
    for word in words:
        members[word.block].append(word)
    blocks = []
    for block, own in zip(essay.blocks, members, strict=True):
        placed = [word for word in own if word.status != "unspoken"]
        status: Status = "unspoken"
        if 2 * len(placed) > len(own):
            status = "spoken" if any(word.status == "spoken" for word in placed) else "interpolated"
        blocks.append(
            AlignedBlock(
                kind=block.kind,
                text=block.text,
                start_ms=min((word.start_ms for word in placed if word.start_ms is not None), default=None),
                end_ms=max((word.end_ms for word in placed if word.end_ms is not None), default=None),
                status=status,
                speaker=block.speaker,
            )
        )
    return tuple(blocks)
