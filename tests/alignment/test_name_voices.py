"""Who the voices of a recording are: by statement, by the text's labels, by sound, by elimination."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkcast.alignment.align import align
from inkcast.alignment.alignment import Alignment
from inkcast.alignment.name_voices import (
    KnownVoice,
    NameEvidence,
    Names,
    is_short_for,
    name_voices,
    voices_of,
)
from inkcast.alignment.put_names import name_alignment, name_essay, name_transcript, nameless
from inkcast.alignment.said_by import said_by
from inkcast.essays.essay import Block, Essay
from inkcast.speech.transcript import Segment, Transcript, TranscriptWord, Voice

WORDS = (
    "tide clock harbour pebble rope anchor gull mast compass island ferry keeper storm barrel kettle window"
)
ANN, BOB, CYD = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
Turn = tuple[str, str]
"""The label that the text has for it, and the voice that says it."""


def talk(
    turns: Sequence[Turn],
    embeddings: Mapping[str, tuple[float, ...]] | None = None,
    *,
    length: int = 12,
    listed: bool = True,
) -> tuple[Transcript, Essay, Alignment]:
    """A recording of turns of so many words each, its text, and the alignment of both."""
    chance, at, known = random.Random(7), 0, WORDS.split()
    segments, blocks = [], []
    for label, voice in turns:
        texts = [f"{chance.choice(known)}{chance.choice(known)}" for _ in range(length)]
        words = tuple(
            TranscriptWord(f" {text}", at + 400 * n, at + 400 * n + 300, 0.9, speaker=voice)
            for n, text in enumerate(texts)
        )
        at = words[-1].end_ms + 600
        segments.append(
            Segment(words[0].start_ms, words[-1].end_ms, "".join(w.text for w in words), words, voice)
        )
        if label != "(not in the text)":
            blocks.append(Block("paragraph", " ".join(texts), speaker=label))
    speakers = list(dict.fromkeys(voice for _, voice in turns))
    voices = tuple(Voice(one, 10_000, (embeddings or {}).get(one, ())) for one in speakers)
    transcript = Transcript("en", tuple(segments), at, voices=voices if listed else ())
    essay = Essay("Talk", tuple(blocks), "talk.md", "en")
    return transcript, essay, align(transcript, essay)


def interview(*labels: str, rounds: int = 3) -> list[Turn]:
    """The labels in turns, each with a voice of its own."""
    return [(label, f"Speaker {n}") for _ in range(rounds) for n, label in enumerate(labels, 1)]


def shown(names: Names) -> list[str]:
    return [voice.shown for voice in names.voices]


def known_by(names: Names) -> list[str]:
    return [voice.known_by for voice in names.voices]


def test_names_of_the_text_come_to_voices_blocks_and_extra_speech() -> None:
    turns = interview("Ann Elm", "Bob Fir")
    turns[2:2] = [("(not in the text)", "Speaker 2")]
    transcript, essay, alignment = talk([("", "Speaker 1"), *turns, ("", "Speaker 2")])
    names = name_voices(transcript, essay, alignment)
    assert shown(names) == ["Ann Elm", "Bob Fir"]
    assert known_by(names) == ["text", "text"]
    assert names.doubts == ()
    named = name_alignment(alignment, essay, transcript, names)
    assert [block.speaker for block in named.blocks] == ["Ann Elm", *["Ann Elm", "Bob Fir"] * 3, "Bob Fir"]
    assert [extra.speaker for extra in named.extra] == ["Bob Fir"]
    heard = name_transcript(transcript, names)
    assert [segment.speaker for segment in heard.segments[:4]] == ["Ann Elm", "Ann Elm", "Bob Fir", "Bob Fir"]
    assert {word.speaker for segment in heard.segments for word in segment.words} == {"Ann Elm", "Bob Fir"}
    assert [voice.evidence for voice in heard.voices] == ["100% of its words are labelled so in the text"] * 2
    assert Transcript.from_json(heard.to_json()) == heard
    assert name_essay(essay, names) == essay


def test_named_once_more_nothing_changes_and_names_can_be_taken_back() -> None:
    transcript, essay, alignment = talk(interview("Ann", "Bob"))
    names = name_voices(transcript, essay, alignment)
    heard = name_transcript(transcript, names)
    again = name_voices(heard, essay, alignment)
    assert name_transcript(heard, again) == heard
    once = name_alignment(alignment, essay, transcript, names)
    assert name_alignment(once, essay, heard, again) == once
    assert nameless(heard) == transcript
    # Without the text, what is known stays.
    assert name_transcript(heard, name_voices(heard)) == heard


def test_labels_in_another_order_and_roles_are_matched_by_what_is_said() -> None:
    turns = [("Guest", "Speaker 1"), ("Host", "Speaker 2")] * 3
    assert shown(name_voices(*talk(turns))) == ["Guest", "Host"]


def test_two_labels_of_one_person_are_one_and_two_microphones_too() -> None:
    turns = [
        ("Nathan Lambert", "Speaker 1"),
        ("Bob Fir", "Speaker 2"),
        ("Nathan", "Speaker 1"),
        ("Bob Fir", "Speaker 2"),
        ("NL", "Speaker 3"),
        ("Nathan Lambert", "Speaker 3"),
        ("Bob Fir", "Speaker 2"),
        ("Nathan", "Speaker 1"),
    ]
    transcript, essay, alignment = talk(turns)
    names = name_voices(transcript, essay, alignment)
    assert shown(names) == ["Nathan Lambert", "Bob Fir", "Nathan Lambert"]
    assert "two microphones" in names.voices[2].evidence
    named = name_alignment(alignment, essay, transcript, names)
    assert {block.speaker for block in named.blocks} == {"Nathan Lambert", "Bob Fir"}
    assert {block.speaker for block in name_essay(essay, names).blocks} == {"Nathan Lambert", "Bob Fir"}
    heard = name_transcript(transcript, names)
    assert len(heard.voices) == 3
    assert shown(name_voices(heard, essay, alignment)) == ["Nathan Lambert", "Bob Fir"]


@pytest.mark.parametrize(
    ("one", "other", "is_short"),
    [
        ("Nathan", "Nathan Lambert", True),
        ("NL", "Nathan Lambert", True),
        ("N.L.", "Nathan Lambert", True),
        ("NATHAN LAMBERT", "Nathan Lambert", True),
        ("Dr. Lambert", "Dr. Nathan Lambert", True),
        ("Nathan Lambert", "Nathan", False),
        ("Nathan", "Jonathan Lambert", False),
        ("N", "Nathan", False),
        ("Ann", "Ann", False),
    ],
)
def test_short_names(one: str, other: str, is_short: bool) -> None:
    assert is_short_for(one, other) is is_short


def test_one_label_for_two_people_names_both_and_says_so() -> None:
    turns = [
        ("Hosts", "Speaker 1"),
        ("Guest", "Speaker 2"),
        ("Hosts", "Speaker 3"),
        ("Guest", "Speaker 2"),
    ] * 2
    names = name_voices(*talk(turns))
    assert shown(names) == ["Hosts", "Guest", "Hosts"]
    assert "two people under one label" in names.voices[0].evidence


def test_labels_that_contradict_the_voices_stand_and_name_nobody() -> None:
    chance = random.Random(3)
    labels = ["Ann"] * 10 + ["Bob"] * 10
    chance.shuffle(labels)
    turns = [(label, f"Speaker {1 + n % 2}") for n, label in enumerate(labels)]
    transcript, essay, alignment = talk(turns)
    names = name_voices(transcript, essay, alignment)
    assert shown(names) == ["Speaker 1", "Speaker 2"]
    (doubt,) = names.doubts
    assert "contradict each other" in doubt
    named = name_alignment(alignment, essay, transcript, names)
    assert [block.speaker for block in named.blocks] == labels
    assert named.audit.problems == (doubt,)
    assert named.audit.passed
    assert name_alignment(named, essay, transcript, names).audit.problems == (doubt,)


def test_a_few_wrong_labels_are_no_contradiction() -> None:
    turns = interview("Ann", "Bob", rounds=10)
    turns[3] = ("Ann", "Speaker 2")
    names = name_voices(*talk(turns))
    assert shown(names) == ["Ann", "Bob"]
    assert "90%" in names.voices[1].evidence


def test_ten_speakers() -> None:
    labels = [f"{first} Elm" for first in ("Al", "Bo", "Cy", "Di", "Ed", "Fay", "Gus", "Hal", "Ida", "Jo")]
    assert shown(name_voices(*talk(interview(*labels, rounds=2)))) == labels


def test_fewer_voices_or_labels_than_the_text_has() -> None:
    one_voice = name_voices(*talk([("Ann", ""), ("Bob", "")] * 3))
    assert shown(one_voice) == [""]
    assert "only one voice" in one_voice.doubts[0]
    one_label = name_voices(*talk([("Ann", "Speaker 1"), ("Ann", "Speaker 2")] * 3))
    assert shown(one_label) == ["Speaker 1", "Speaker 2"]
    assert "one label, Ann, for 2 voices" in one_label.doubts[0]
    one_turn = name_voices(*talk([("", "Speaker 1"), ("Ann", "Speaker 2"), ("", "Speaker 1")]))
    assert (shown(one_turn), one_turn.doubts) == (["Speaker 1", "Ann"], ())
    merged = name_voices(
        *talk([("Ann", "Speaker 1"), ("Bob", "Speaker 2"), ("Cyd", "Speaker 2")] * 3, length=30)
    )
    assert shown(merged)[0] == "Ann"
    assert merged.doubts


def test_no_labels_and_no_evidence_give_numbers() -> None:
    names = name_voices(*talk([("", "Speaker 1"), ("", "Speaker 2")] * 2))
    assert shown(names) == ["Speaker 1", "Speaker 2"]
    assert known_by(names) == ["", ""]
    transcript, essay, alignment = talk([("", "")] * 2)
    assert name_transcript(transcript, name_voices(transcript, essay, alignment)) == transcript


@pytest.mark.parametrize("what", ["A", "a:", "Speaker 1", "speaker 1", "1"])
def test_a_stated_name_is_that_of_label_and_voice(what: str) -> None:
    transcript, essay, alignment = talk([("", "Speaker 1"), *interview("A", "B")])
    names = name_voices(transcript, essay, alignment, NameEvidence({what: " Ann  Elm "}))
    assert shown(names) == ["Ann Elm", "B"]
    assert known_by(names) == ["stated", "text"]
    assert names.unused == ()
    assert name_essay(essay, names).blocks[1].speaker == "Ann Elm"
    named = name_alignment(alignment, essay, transcript, names)
    assert [block.speaker for block in named.blocks] == ["Ann Elm", *["Ann Elm", "B"] * 3]
    # What was stated once is not to be stated again.
    heard = name_transcript(transcript, names)
    again = name_voices(heard, essay, alignment)
    assert (shown(again), again.labels) == (shown(names), names.labels)


def test_a_number_that_is_a_label_of_the_text_is_that_label() -> None:
    turns = [("Speaker 2", "Speaker 1"), ("Speaker 1", "Speaker 2")] * 3
    names = name_voices(*talk(turns), NameEvidence({"Speaker 1": "Ann", "2": "Bob"}))
    assert shown(names) == ["Bob", "Ann"]
    assert names.labels == {"Speaker 2": "Bob", "Speaker 1": "Ann"}


def test_a_stated_label_needs_no_voices_and_what_is_not_there_is_told() -> None:
    transcript, essay, alignment = talk([("Host", ""), ("Guest", "")] * 3, listed=False)
    names = name_voices(
        transcript, essay, alignment, NameEvidence({"host": "Ann", "Speaker 9": "Bob", "1": " "})
    )
    assert name_essay(essay, names).blocks[0].speaker == "Ann"
    assert name_alignment(alignment, essay, transcript, names).blocks[0].speaker == "Ann"
    assert names.unused == ("Speaker 9", "1")
    assert names.voices == ()


def test_a_voice_of_other_recordings_is_known_and_the_rest_by_elimination() -> None:
    transcript, essay, alignment = talk(
        [("", "Speaker 1"), ("", "Speaker 2")] * 2, {"Speaker 1": BOB, "Speaker 2": (0.8, 0.6, 0.0)}
    )
    known = (KnownVoice("Ann Elm", ANN, "4 episodes that it reads alone"),)
    names = name_voices(transcript, essay, alignment, NameEvidence(voices=known))
    assert shown(names) == ["Speaker 1", "Ann Elm"]
    assert names.voices[1].evidence == (
        "it sounds like Ann Elm (0.80), known from 4 episodes that it reads alone"
    )
    people = ("Ann Elm", "Bob Fir")
    names = name_voices(transcript, essay, alignment, NameEvidence(voices=known, people=people))
    assert shown(names) == ["Bob Fir", "Ann Elm"]
    assert known_by(names) == ["elimination", "voice"]
    assert "by elimination" in names.voices[0].evidence
    # Two who are left are not dealt out.
    for people in (("Ann Elm", "Bob Fir", "Cyd Oak"), ("Ann Elm",), ()):
        names = name_voices(transcript, essay, alignment, NameEvidence(voices=known, people=people))
        assert shown(names) == ["Speaker 1", "Ann Elm"]
    names = name_voices(transcript, essay, alignment, NameEvidence(people=("Ann Elm", "Bob Fir")))
    assert shown(names) == ["Speaker 1", "Speaker 2"]


def test_a_stated_name_leaves_one_for_the_other_and_may_be_a_short_form() -> None:
    transcript, _, _ = talk([("", "Speaker 1"), ("", "Speaker 2")], {"Speaker 1": ANN, "Speaker 2": BOB})
    evidence = NameEvidence({"2": "Bob"}, people=("Ann Elm", "Bob Fir"))
    assert shown(name_voices(transcript, evidence=evidence)) == ["Ann Elm", "Bob"]
    known = (KnownVoice("Ann Elm", ANN, "an interview"),)
    evidence = NameEvidence({"Ann Elm": "Ann", "Bob": "Bobby"}, known)
    names = name_voices(transcript, evidence=evidence)
    assert shown(names) == ["Ann", "Speaker 2"]
    assert names.unused == ("Bob",)


def test_what_is_unlike_is_nobody_and_each_voice_is_taken_once() -> None:
    transcript, _, _ = talk(
        [("", "Speaker 1"), ("", "Speaker 2")], {"Speaker 1": (0.6, 0.8, 0.0), "Speaker 2": (0.8, 0.6, 0.0)}
    )
    known = (KnownVoice("Ann Elm", ANN, "x"), KnownVoice("Cyd Oak", CYD, "x"))
    assert shown(name_voices(transcript, evidence=NameEvidence(voices=known))) == ["Speaker 1", "Ann Elm"]
    other = (KnownVoice("Ann Elm", (1.0, 0.0), "another model"),)
    assert shown(name_voices(transcript, evidence=NameEvidence(voices=other))) == ["Speaker 1", "Speaker 2"]


def test_labels_whose_voices_are_known_to_be_each_others_are_doubted() -> None:
    sounds = {"Speaker 1": ANN, "Speaker 2": BOB}
    known = (KnownVoice("Bob Fir", BOB, "x"), KnownVoice("Ann Elm", ANN, "x"))
    right = name_voices(*talk(interview("Ann Elm", "Bob Fir"), sounds), NameEvidence(voices=known))
    assert right.doubts == ()
    wrong = name_voices(*talk(interview("Bob Fir", "Ann Elm"), sounds), NameEvidence(voices=known))
    assert shown(wrong) == ["Bob Fir", "Ann Elm"]
    assert "in the right order?" in wrong.doubts[0]


def test_a_transcript_that_came_with_names_keeps_them() -> None:
    transcript, _, _ = talk([("", "Ann Elm"), ("", "SPEAKER_01"), ("", "B")], listed=False)
    names = name_voices(transcript)
    assert shown(names) == ["Ann Elm", "Speaker 2", "Speaker 3"]
    assert known_by(names) == ["transcript", "", ""]
    heard = name_transcript(transcript, names)
    assert [voice.speech_ms for voice in heard.voices] == [3600] * 3
    assert Transcript.from_json(heard.to_json()) == heard


def test_names_with_markup_and_controls_stay_one_line() -> None:
    transcript, _, _ = talk([("", "Speaker 1"), ("", "Speaker 2")])
    evidence = NameEvidence({"1": "<b>Ann</b>\n\x07 Elm", "2": "\x00 "}, people=("\t",))
    assert shown(name_voices(transcript, evidence=evidence)) == ["<b>Ann</b> Elm", "Speaker 2"]
    evidence = NameEvidence({"1": "\u202eAnn\u2028Elm", "2": "علی\u200cرضا"})
    assert shown(name_voices(transcript, evidence=evidence)) == ["Ann Elm", "علی\u200cرضا"]


def test_a_word_beside_a_turn_is_of_the_nearest() -> None:
    transcript, _, _ = talk([("", "Speaker 1"), ("", "Speaker 2")], length=2)
    # 0-300 and 400-700 by the first, 1300-1600 and 1700-2000 by the second
    spans = [(0, 300), (710, 720), (690, 1290), (1200, 1250), (2600, 2700), (600, 1500)]
    assert said_by(transcript, spans) == ["Speaker 1", "Speaker 1", "Speaker 1", "Speaker 2", "", "Speaker 2"]


@given(
    st.lists(
        st.tuples(st.sampled_from(["", "Ann", "Bob", "Host:"]), st.sampled_from(["", "1", "2", "3"])),
        min_size=1,
        max_size=8,
    )
)
def test_any_labels_and_voices_give_names(turns: list[Turn]) -> None:
    transcript, essay, alignment = talk(turns, length=6)
    names = name_voices(transcript, essay, alignment)
    named = name_alignment(alignment, essay, transcript, names)
    assert all(
        block.speaker == (label or block.speaker)
        for block, (label, _) in zip(named.blocks, turns, strict=True)
    )
    heard = name_transcript(transcript, names)
    assert Transcript.from_json(heard.to_json()) == heard
    assert replace(named, blocks=alignment.blocks, extra=alignment.extra, audit=alignment.audit) == alignment


def test_what_two_say_beside_the_text_are_two_passages() -> None:
    aside = "(not in the text)"
    turns = [("Ann", "Speaker 1"), (aside, "Speaker 1"), (aside, "Speaker 2"), ("Bob", "Speaker 2")]
    _, _, alignment = talk(turns)
    assert [extra.speaker for extra in alignment.extra] == ["Speaker 1", "Speaker 2"]


def test_two_names_that_are_stated_the_other_way_round_are_swapped_once() -> None:
    spoken = talk(interview("Ann Elm", "Bob Fir"))
    names = name_voices(*spoken, NameEvidence({"Ann Elm": "Bob Fir", "Bob Fir": "Ann Elm"}))
    assert shown(names) == ["Bob Fir", "Ann Elm"]
    assert names.labels == {"Ann Elm": "Bob Fir", "Bob Fir": "Ann Elm"}
    chain = name_voices(*spoken, NameEvidence({"1": "Bob", "2": "Ann", "Bob": "Ann"}))
    assert shown(chain) == ["Bob", "Ann"]
    assert chain.labels == {"Ann Elm": "Bob", "Bob Fir": "Ann"}


def test_a_voice_and_its_label_have_one_name_whatever_is_stated_of_both() -> None:
    names = name_voices(*talk(interview("Ann Elm", "Bob Fir")), NameEvidence({"1": "Zed", "Ann Elm": "Yan"}))
    assert names.voices[0].name == names.labels["Ann Elm"] == "Zed"


def test_nobody_is_left_where_a_role_may_be_that_person() -> None:
    transcript, essay, alignment = talk(
        [("Host", "Speaker 1"), ("Guest", "Speaker 2"), ("", "Speaker 3")] * 3
    )
    names = name_voices(transcript, essay, alignment, NameEvidence(people=("Ann Elm",)))
    assert shown(names) == ["Host", "Guest", "Speaker 3"]


@pytest.mark.parametrize("joint", ["Ann Elm and Bob Fir", "Ann Elm & Bob Fir", "Ann Elm, Bob Fir"])
def test_two_who_speak_at_once_are_no_longer_name_of_one(joint: str) -> None:
    lines = [*interview("Ann Elm", "Bob Fir"), (joint, "Speaker 1")]
    assert shown(name_voices(*talk(lines))) == ["Ann Elm", "Bob Fir"]


def test_what_another_text_said_of_a_voice_is_forgotten() -> None:
    transcript, essay, alignment = talk(interview("Ann Elm", "Bob Fir"))
    voices = [replace(voice, known_by="text", evidence="x") for voice in voices_of(transcript)]
    before = replace(transcript, voices=tuple(voices))
    without = replace(essay, blocks=tuple(replace(block, speaker="") for block in essay.blocks))
    assert shown(name_voices(before, without, alignment)) == ["Speaker 1", "Speaker 2"]
    assert shown(name_voices(before, essay, alignment)) == ["Ann Elm", "Bob Fir"]


def test_a_voice_is_called_what_the_transcript_calls_it() -> None:
    transcript, _, _ = talk([("", "SPEAKER_00"), ("", "SPEAKER_01")])
    names = name_voices(transcript, evidence=NameEvidence({"SPEAKER_01": "Zoe"}))
    assert (shown(names), names.unused) == (["Speaker 1", "Zoe"], ())
