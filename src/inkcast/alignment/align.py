"""Transcript and essay to the time of every word."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

from rapidfuzz.distance import Levenshtein

from inkcast.alignment.aligners import open_aligner
from inkcast.alignment.alignment import AlignedBlock, AlignedWord, Alignment, AudioFacts, Extra, Status
from inkcast.alignment.audit import audit
from inkcast.alignment.confirm import confirm
from inkcast.alignment.forced_aligner import ComparesTexts, ForcedAligner
from inkcast.alignment.heard_words import HeardWord, hear
from inkcast.alignment.refine import refine
from inkcast.alignment.timing import Placed, place, without_strays
from inkcast.audio.recording import Recording
from inkcast.errors import AlignmentError
from inkcast.essays.essay import Essay
from inkcast.on_progress import OnProgress, tell_nobody
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
    aligner: ForcedAligner | None = None,
    progress: OnProgress = tell_nobody,
) -> Alignment:
    """Find for every word of the essay when it is spoken, whether it is, and what else was said.

    An essay that belongs to another recording gives an alignment whose audit says so.

    Args:
        transcript: of any tool; words that guided transcription verified are taken as they are.
        essay: the published text.
        recording: what the transcript's times belong to: its pauses, and its sound, which refines the times
            of words. Without it the transcript's own times stand.
        options: spoken forms of words, and how to refine.
        aligner: that of ``aligner_for``, if it is open already.
        progress: told how many words the aligner has sought, and how many there are.

    Raises:
        AlignmentError: there is no word on one of the two sides.
        AudioError: the recording cannot be read.
        SettingsError: there is no such aligner.
    """
    source = recording.source if recording else ""
    texts = [word.text for word in essay.words()]
    heard = _seated(hear(transcript), texts)
    written = written_words(essay)
    _refuse_nothing(heard, written, essay, source)
    language = _language(transcript, essay)
    spoken = [Heard(word.text, 1 - word.probability, word.essay_word) for word in heard]
    sizes = [sum(map(len, first_reading(word, language))) for word in written]
    matches = match(written, spoken, language, options.readings)
    blocks = [word.block for word in essay.words()]
    matches = without_strays(matches, heard, written, blocks)
    with nullcontext(aligner) if aligner or not recording else open_aligner(language, options) as aligner:
        if recording and isinstance(aligner, ComparesTexts):
            matches = confirm(matches, heard, written, sizes, recording, aligner)
        placed = place(matches, heard, written, sizes, blocks)
        if recording and aligner:
            claimed = {index for found in matches for index in found.heard}
            others = [word for index, word in enumerate(heard) if index not in claimed]
            placed = refine(placed, written, sizes, others, recording, aligner, progress)
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


def aligner_for(
    transcript: Transcript, essay: Essay, options: AlignOptions = AlignOptions()
) -> AbstractContextManager[ForcedAligner | None]:
    """The aligner that ``align`` would open. Raises SettingsError."""
    return open_aligner(_language(transcript, essay), options)


def _language(transcript: Transcript, essay: Essay) -> str:
    return transcript.language or essay.language or "en"


def audited(
    alignment: Alignment, essay: Essay, transcript: Transcript, recording: Recording | None = None
) -> Alignment:
    """An alignment that was changed, with what is to be said of it now. Raises AudioError."""
    speech = recording.speech if recording else ()
    facts = audit(essay, alignment.words, alignment.extra, hear(transcript), transcript.failed, speech)
    return replace(alignment, audit=facts)


def _seated(heard: Sequence[HeardWord], texts: Sequence[str]) -> list[HeardWord]:
    """Heard words with their places in the essay, which may have been edited since they were verified.

    A word that stands where it stood keeps its place; if one does not, the essay as it was is laid over the
    essay as it is. What is another word now has no place any more.
    """
    keys = [split(text) for text in texts]
    old = {word.essay_word: split(word.text) for word in heard if word.essay_word is not None}
    if all(0 <= at < len(keys) and keys[at] == key for at, key in old.items()):
        return list(heard)
    # A word that was not verified is like none: it holds the place of whatever is there now.
    line = [old.get(at, ("\0",)) for at in range(max(old) + 1)] if min(old) >= 0 else []
    moved = {
        step.src_start + at: step.dest_start + at
        for step in Levenshtein.opcodes(line, keys)
        if step.tag == "equal"
        for at in range(step.src_end - step.src_start)
    }
    return [
        word if word.essay_word is None else replace(word, essay_word=moved.get(word.essay_word))
        for word in heard
    ]


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
    """Runs of one voice's words that no essay word claims, each with the essay word heard before it."""
    owner = {index: found.essay for found in matches for index in found.heard}
    extra: list[Extra] = []
    run: list[HeardWord] = []
    after = -1

    def close() -> None:
        if run:
            end = max(max(word.end_ms for word in run), run[0].start_ms + 1)
            text = " ".join(word.text for word in run)
            extra.append(Extra(after, text, run[0].start_ms, end, run[0].speaker))
            run.clear()

    for index, word in enumerate(heard):
        if index in owner:
            close()
            after = owner[index]
        else:
            if run and word.speaker != run[-1].speaker:
                close()
            run.append(word)
    close()
    return tuple(extra)


def summarise_blocks(
    essay: Essay, words: Sequence[AlignedWord], speakers: Sequence[str] | None = None
) -> tuple[AlignedBlock, ...]:
    """Each block's status is what most of its words are; its times span those that are spoken.

    ``speakers`` says who says each block, where more is known than the essay tells.
    """
    speakers = [block.speaker for block in essay.blocks] if speakers is None else speakers
    members: list[list[AlignedWord]] = [[] for _ in essay.blocks]
    for word in words:
        members[word.block].append(word)
    blocks = []
    for block, own, speaker in zip(essay.blocks, members, speakers, strict=True):
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
                speaker=speaker,
            )
        )
    return tuple(blocks)
