"""Transcript and essay to the time of every word."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace

from inkcast.alignment.aligners import open_aligner
from inkcast.alignment.alignment import AlignedBlock, AlignedWord, Alignment, AudioFacts, Extra, Status
from inkcast.alignment.audit import audit
from inkcast.alignment.confirm import confirm
from inkcast.alignment.forced_aligner import ComparesTexts
from inkcast.alignment.heard_words import HeardWord, hear
from inkcast.alignment.refine import refine
from inkcast.alignment.timing import Placed, place, without_strays
from inkcast.audio.recording import Recording
from inkcast.errors import AlignmentError
from inkcast.essays.essay import Essay
from inkcast.options import AlignOptions
from inkcast.speech.transcript import Transcript
from inkcast.wording.match import Heard, Match, match
from inkcast.wording.normal import split
from inkcast.wording.verbalize import first_reading
from inkcast.wording.written import written_words


def align(
    transcript: Transcript,
    essay: Essay,
    recording: Recording | None = None,
    options: AlignOptions = AlignOptions(),
) -> Alignment:
    """Find for every word of the essay when it is spoken, whether it is, and what else was said.

    An essay that belongs to another recording gives an alignment whose audit says so.

    Args:
        transcript: of any tool; words that guided transcription verified are taken as they are.
        essay: the published text.
        recording: what the transcript's times belong to: its pauses, and its sound, which refines the times
            of words. Without it the transcript's own times stand.
        options: spoken forms of words, and how to refine.

    Raises:
        AlignmentError: there is no word on one of the two sides.
        AudioError: the recording cannot be read.
        SettingsError: there is no such aligner.
    """
    source = recording.source if recording else ""
    texts = [word.text for word in essay.words()]
    heard = [_checked(word, texts) for word in hear(transcript)]
    written = written_words(essay)
    _refuse_nothing(heard, written, essay, source)
    language = transcript.language or essay.language or "en"
    spoken = [Heard(word.text, 1 - word.probability, word.essay_word) for word in heard]
    sizes = [sum(map(len, first_reading(word, language))) for word in written]
    matches = match(written, spoken, language, options.readings)
    blocks = [word.block for word in essay.words()]
    matches = without_strays(matches, heard, written, blocks)
    with open_aligner(language, options) if recording else nullcontext() as aligner:
        if recording and isinstance(aligner, ComparesTexts):
            matches = confirm(matches, heard, written, sizes, recording, aligner)
        placed = place(matches, heard, written, sizes, blocks)
        if recording and aligner:
            claimed = {index for found in matches for index in found.heard}
            others = [word for index, word in enumerate(heard) if index not in claimed]
            placed = refine(placed, written, sizes, others, recording, aligner)
    words = _words(essay, placed)
    extra = _extra(heard, matches)
    speech = recording.speech if recording else ()
    return Alignment(
        audio=AudioFacts(recording.sha256 if recording else "", transcript.duration_ms, source),
        model=transcript.model,
        blocks=summarise_blocks(essay, words),
        words=words,
        extra=extra,
        audit=audit(essay, words, extra, heard, transcript.failed, speech),
        language=essay.language or transcript.language,
    )


def _checked(word: HeardWord, texts: Sequence[str]) -> HeardWord:
    """Without its place in the essay, if another word stands there: the essay may have changed since."""
    if word.essay_word is None:
        return word
    known = 0 <= word.essay_word < len(texts) and split(word.text) == split(texts[word.essay_word])
    return word if known else replace(word, essay_word=None)


def _refuse_nothing(heard: Sequence[HeardWord], written: Sequence[str], essay: Essay, source: str) -> None:
    if not heard:
        raise AlignmentError(
            f"The transcript of {source or 'the recording'} has no words with times.",
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
