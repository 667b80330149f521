"""Conversations: whose turn it is, and what somebody else says inside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from inkcast.alignment.alignment import Extra
from inkcast.essays.essay import Block, Essay
from inkcast.publish.subtitles.formats import SubtitleStyle, transcript_texts
from inkcast.publish.subtitles.vtt import parse_vtt
from inkcast.publish.words import SpokenWord, spoken_words
from tests.support.alignments import align
from tests.support.conversations import talk

STYLE = SubtitleStyle()


def rendered(speech, name: str) -> str:
    return transcript_texts(speech, Path(), "talk", (name,), STYLE)[Path(f"talk.{name}")]


def thrown_in(speech) -> list[tuple[str, str, str]]:
    return [(word.text, word.speaker, word.inside) for word in spoken_words(speech) if word.inside]


LISTENING = talk(
    ("Nathan Lambert", "So we trained the model on everything that we had,"),
    ("Ada", "mhm,"),
    ("Nathan Lambert", "and it was not enough."),
    ("Ada", "Why do you think that was?"),
)


def test_words_of_one_segment_belong_to_those_who_say_them():
    both = talk(("Ada", "How many did you train?"), ("Bo", "We trained three of them."))
    assert [word.speaker for word in spoken_words(both)] == ["Ada"] * 5 + ["Bo"] * 5
    vtt = rendered(both, "vtt")
    assert "<v Ada>How many did you train?</v>" in vtt and "<v Bo>We trained three of them.</v>" in vtt
    srt = rendered(both, "srt")
    assert "\nAda: How many did you train?\n" in srt and "\nBo: We trained three of them.\n" in srt
    assert rendered(both, "txt") == "Ada: How many did you train?\n\nBo: We trained three of them.\n"
    assert [line.split(",")[4] for line in rendered(both, "ass").splitlines() if "Dialogue" in line] == [
        "Ada",
        "Bo",
    ]


def test_what_a_listener_throws_in_does_not_cut_the_turn_into_pieces():
    assert thrown_in(LISTENING) == [("mhm,", "Ada", "Nathan Lambert")]
    assert rendered(LISTENING, "txt") == (
        "Nathan Lambert: So we trained the model on everything that we had, (mhm,) and it was not enough.\n\n"
        "Ada: Why do you think that was?\n"
    )
    srt = rendered(LISTENING, "srt")
    assert srt.count("Nathan Lambert: ") == 1 and srt.count("Ada: ") == 1 and "(mhm,)" in srt
    segments = parse_vtt(rendered(LISTENING, "vtt")).segments
    assert [(segment.text.strip(), segment.speaker) for segment in segments if "mhm" in segment.text] == [
        ("(mhm,)", "Ada")
    ]


@pytest.mark.parametrize("style", ["timed", "highlighted"])
def test_marked_words_keep_their_voices(style):
    text = transcript_texts(LISTENING, Path(), "talk", ("vtt",), SubtitleStyle(marks=style))[Path("talk.vtt")]
    assert "<v Ada>" in text
    for segment in parse_vtt(text).segments:
        assert ("mhm" in segment.text) <= (segment.speaker == "Ada")


@pytest.mark.parametrize(
    "parts",
    [
        [("A", "Do you think that it is enough?"), ("B", "Yes."), ("A", "Then let us go on with that.")],
        [("A", "Yes."), ("B", "No."), ("A", "Yes."), ("B", "No.")],
        [("A", "I went there every day."), ("B", "And what was it like?"), ("A", "It was cold and wet.")],
        [("A", "I went there every day."), ("B", "Right."), ("C", "It was cold and wet there, too.")],
        [("A", "I went there every day."), ("B", "Right.")],
        [("", "I went there every day."), ("B", "Right."), ("", "It was cold and wet there, too.")],
    ],
    ids=["an answer", "a quarrel", "too long", "before a third", "the end", "nobody knows whose turn"],
)
def test_what_is_a_turn_stays_one(parts):
    assert thrown_in(talk(*parts)) == []


def test_a_listener_breaks_a_long_silence():
    parts = [("A", "I went there every day."), ("B", "Right."), ("A", "It was cold and wet there.")]
    assert thrown_in(talk(*parts)) and not thrown_in(talk(*parts, pause_ms=1_000))


def test_extra_speech_is_said_by_whoever_says_it():
    essay = Essay("", (Block("paragraph", "We trained it, and it was not enough at all.", speaker="Bo"),))
    alignment = align(essay, extra=(Extra(2, "uh huh", 1_150, 1_199, "Ada"), Extra(9, "No.", 4_000, 4_400)))
    assert thrown_in(alignment) == [("uh", "Ada", "Bo"), ("huh", "Ada", "Bo")]
    assert spoken_words(alignment)[-1] == SpokenWord("No.", 4_000, 4_400, "", 1)
    assert "Bo: We trained it, (uh huh) and it was" in rendered(alignment, "txt")


def test_a_paragraph_of_its_own_is_a_turn():
    blocks = [("Bo", "We trained it on all of that."), ("Ada", "Right."), ("Bo", "And it was not enough.")]
    essay = Essay("", tuple(Block("paragraph", text, speaker=name) for name, text in blocks))
    assert thrown_in(align(essay)) == []


def test_a_name_too_long_for_its_line_is_cut():
    name = "Professor Hieronymus Bartholomew Wigglesworth"
    srt = rendered(talk((name, "Extraordinarily good, all of it.")), "srt")
    assert "Professor Hieronymus Bar…: Extraordinarily" in srt
    assert all(len(line) <= 42 for line in srt.splitlines())
