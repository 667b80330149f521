"""Names put into transcript, essay and alignment, and told."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from inkcast.alignment.alignment import Alignment
from inkcast.alignment.name_voices import DOUBT, NameEvidence, Names, name_voices, voices_of
from inkcast.alignment.said_by import said_by
from inkcast.essays.essay import Essay
from inkcast.speech.transcript import Segment, Transcript

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Named:
    """An episode with its names: see ``put_names``."""

    transcript: Transcript
    essay: Essay
    alignment: Alignment


def put_names(
    title: str,
    transcript: Transcript,
    essay: Essay,
    alignment: Alignment,
    evidence: NameEvidence,
) -> Named:
    """Find who speaks, write it everywhere, and log how it is known.

    Args:
        title: the recording's, for the log.
        transcript: what was heard.
        essay: as it was aligned.
        alignment: of both; one that cannot be trusted proves nothing of its labels.
        evidence: what else is known.
    """
    trusted = alignment if alignment.audit.passed else None
    names = name_voices(transcript, essay, trusted, evidence)
    tell_names(title, names)
    return Named(
        name_transcript(transcript, names),
        name_essay(essay, names),
        name_alignment(alignment, essay, transcript, names),
    )


def put_names_of_transcript(title: str, transcript: Transcript, evidence: NameEvidence) -> Transcript:
    """The same for a recording without a text."""
    names = name_voices(transcript, evidence=evidence)
    tell_names(title, names)
    return name_transcript(transcript, names)


def tell_names(title: str, names: Names) -> None:
    """One line in the log for each voice that has a name, and for what was stated in vain."""
    for voice in names.voices:
        if voice.name:
            _LOG.info("%s: %s is %s: %s.", title, voice.label, voice.name, voice.evidence)
    for what in names.unused:
        voices = (f"{voice.label}: {voice.name or 'no name'}" for voice in names.voices)
        _LOG.warning(
            "%s: nobody is called %s (%s).", title, what, ", ".join(voices) or "no voices were told apart"
        )


def name_transcript(transcript: Transcript, names: Names) -> Transcript:
    """Words, segments and voices with the names; what has none is "Speaker 1" and so on."""
    if not names.voices:
        return transcript
    shown = {voice.speaker: voice.shown for voice in names.voices}
    found = {voice.speaker: voice for voice in names.voices}
    voices = []
    for voice in transcript.voices or voices_of(transcript):
        named = found[voice.speaker]
        voices.append(replace(voice, speaker=named.shown, known_by=named.known_by, evidence=named.evidence))
    segments = tuple(_renamed(segment, shown) for segment in transcript.segments)
    return replace(transcript, segments=segments, voices=tuple(voices))


def _renamed(segment: Segment, shown: Mapping[str, str]) -> Segment:
    speakers = {segment.speaker, *(word.speaker for word in segment.words)}
    if all(shown.get(speaker, speaker) == speaker for speaker in speakers):
        return segment
    words = tuple(replace(word, speaker=shown.get(word.speaker, word.speaker)) for word in segment.words)
    return replace(segment, words=words, speaker=shown.get(segment.speaker, segment.speaker))


def nameless(transcript: Transcript) -> Transcript:
    """The transcript as it was before its voices were named; names that came with it stay."""
    voices = voices_of(transcript)
    shown = {
        voice.speaker: f"Speaker {number}" if len(voices) > 1 else ""
        for number, voice in enumerate(voices, 1)
        if voice.known_by not in ("", "transcript")
    }
    if not shown:
        return transcript
    segments = tuple(_renamed(segment, shown) for segment in transcript.segments)
    blank = [
        replace(voice, speaker=shown[voice.speaker], known_by="", evidence="")
        if voice.speaker in shown
        else voice
        for voice in transcript.voices
    ]
    return replace(transcript, segments=segments, voices=tuple(blank))


def name_essay(essay: Essay, names: Names) -> Essay:
    """The essay with its labels as they are to be read."""
    blocks = (
        replace(block, speaker=names.labels.get(block.speaker, block.speaker)) for block in essay.blocks
    )
    return replace(essay, blocks=tuple(blocks)) if names.labels else essay


def name_alignment(alignment: Alignment, essay: Essay, transcript: Transcript, names: Names) -> Alignment:
    """The alignment with a speaker for each block and passage, as far as they are known.

    A block keeps the label that the text has for it; one without gets the voice that says most of it.

    Args:
        alignment: of the two.
        essay: as it was aligned, with its own labels.
        transcript: as ``names`` were found for it.
        names: of both.
    """
    shown = {voice.speaker: voice.shown for voice in names.voices}
    timed = [
        (word.block, (word.start_ms, word.end_ms))
        for word in alignment.words
        if word.start_ms is not None and word.end_ms is not None
    ]
    shares: list[Counter[str]] = [Counter() for _ in essay.blocks]
    speakers = said_by(transcript, [span for _, span in timed])
    for (at, (start, end)), speaker in zip(timed, speakers, strict=True):
        shares[at][speaker] += end - start
    blocks = []
    for aligned, block, share in zip(alignment.blocks, essay.blocks, shares, strict=True):
        label = names.labels.get(block.speaker, block.speaker)
        speaker = share.most_common(1)[0][0] if share else ""
        blocks.append(replace(aligned, speaker=label or shown.get(speaker, speaker)))
    extra = tuple(
        replace(one, speaker=shown.get(speaker, speaker))
        for one, speaker in zip(
            alignment.extra,
            said_by(transcript, [(one.start_ms, one.end_ms) for one in alignment.extra]),
            strict=True,
        )
    )
    known = (problem for problem in alignment.audit.problems if not problem.startswith(DOUBT))
    audit = replace(alignment.audit, problems=(*known, *names.doubts))
    return replace(alignment, blocks=tuple(blocks), extra=extra, audit=audit)
