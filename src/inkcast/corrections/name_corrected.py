"""Names for the voices of an essay that was aligned and corrected; a correction may name one, too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from inkcast.alignment.name_voices import NameEvidence, voices_of
from inkcast.alignment.put_names import Named, put_names
from inkcast.alignment.said_by import said_by
from inkcast.corrections.apply import Corrected, place_of
from inkcast.corrections.correction import Correction
from inkcast.speech.transcript import Transcript

_OF_VOICES: frozenset[str] = frozenset({"voice"})


def name_corrected(
    title: str,
    transcript: Transcript,
    corrected: Corrected,
    corrections: Sequence[Correction],
    evidence: NameEvidence,
) -> Named:
    """Find who speaks, and write it everywhere: see ``put_names``.

    Args:
        title, transcript, evidence: see there.
        corrected: essay and alignment with all corrections.
        corrections: in their order.
    """
    said = stated_voices(corrections, corrected, transcript)
    stated = {**evidence.stated, **{label: correction.text for correction, label in said.items()}}
    evidence = replace(evidence, stated=stated)
    return put_names(title, transcript, corrected.essay, corrected.alignment, evidence)


def stated_voices(
    corrections: Sequence[Correction], corrected: Corrected, transcript: Transcript
) -> dict[Correction, str]:
    """Which voice ("Speaker 2") a correction of a voice is about, where the text has no label for it.

    Args:
        corrections: in their order.
        corrected: what came of them.
        transcript: whose words the voices say.
    """
    labels = {voice.speaker: f"Speaker {number}" for number, voice in enumerate(voices_of(transcript), 1)}
    found = {}
    for correction in corrections:
        place = place_of(correction, corrected.alignment) if correction.kind in _OF_VOICES else None
        words = corrected.alignment.words[place.first : place.stop] if place else ()
        if any(corrected.essay.blocks[word.block].speaker for word in words):
            continue  # the label has the name by now
        spans = [
            (word.start_ms, word.end_ms)
            for word in words
            if word.start_ms is not None and word.end_ms is not None
        ]
        shares = Counter(said_by(transcript, spans))
        speaker = shares.most_common(1)[0][0] if shares else ""
        if labels.get(speaker):
            found[correction] = labels[speaker]
    return found
