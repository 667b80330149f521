"""Voices that a correction names by the words that they say."""

from __future__ import annotations

from typing import Any

from inkcast.alignment.name_voices import NameEvidence
from inkcast.corrections.apply import Corrected
from inkcast.corrections.correction import Anchor, Correction
from inkcast.corrections.name_corrected import name_corrected, stated_voices
from inkcast.essays.essay import Block
from inkcast.speech.transcript import Segment, Transcript, TranscriptWord, Voice
from tests.support.alignments import align, essay_of

VOICE: Any = "voice"
ESSAY = essay_of(
    Block("paragraph", "How did it begin?"),
    Block("paragraph", "With a pendulum that was broken."),
    Block("paragraph", "And then? What happened in the winter?", speaker="Ann"),
)
ALIGNED = align(ESSAY)
HEARD = Transcript(
    "en",
    tuple(
        Segment(word.start_ms or 0, word.end_ms or 0, f" {word.text}", (
            TranscriptWord(
                f" {word.text}", word.start_ms or 0, word.end_ms or 0, 0.9,
                speaker="Speaker 2" if word.block == 2 else "Speaker 1",
            ),
        ))
        for word in ALIGNED.words
    ),
    voices=(Voice("Speaker 1", 1), Voice("Speaker 2", 1)),
)  # fmt: skip


def test_a_voice_that_no_label_names_is_named_everywhere():
    correction = Correction(VOICE, Anchor("a pendulum", before="With"), "Bob Fir")
    corrected = Corrected(ESSAY, ALIGNED)
    assert stated_voices([correction], corrected, HEARD) == {correction: "Speaker 2"}
    named = name_corrected("Talk", HEARD, corrected, [correction], NameEvidence({"2": "Bo"}))
    assert [block.speaker for block in named.alignment.blocks] == ["Ann", "Ann", "Bob Fir", "Ann"]
    assert [(voice.speaker, voice.known_by) for voice in named.transcript.voices][1] == ("Bob Fir", "stated")


def test_what_has_no_place_no_voice_or_a_label_names_no_voice():
    corrections = [
        Correction(VOICE, Anchor("twelve aeroplane engines"), "Bob Fir"),
        Correction(VOICE, Anchor("then?", before="And"), "Ann Elm"),
        Correction("speaker", Anchor("a pendulum", before="With"), "Bob Fir"),
    ]
    assert stated_voices(corrections, Corrected(ESSAY, ALIGNED), HEARD) == {}
    mute = Transcript("en", (Segment(0, 9000, " With a pendulum"),), 9000)
    with_place = Correction(VOICE, Anchor("a pendulum", before="With"), "Bob Fir")
    assert stated_voices([with_place], Corrected(ESSAY, ALIGNED), mute) == {}
