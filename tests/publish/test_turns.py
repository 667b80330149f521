"""Conversations: whose turn it is, and what somebody else says inside it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import markdown_it
import pytest
import tgt
from lxml import html

from inkcast.alignment.alignment import Extra
from inkcast.essays.essay import Block, Essay
from inkcast.publish.conversation import talks
from inkcast.publish.exports.audacity import write_labels
from inkcast.publish.exports.markdown_export import write_markdown
from inkcast.publish.exports.podcast_json import write_podcast_json
from inkcast.publish.exports.textgrid import write_textgrid
from inkcast.publish.pages.embed import write_embed
from inkcast.publish.pages.reader import reader_page
from inkcast.publish.pages.report import report_page
from inkcast.publish.site.spoken import transcript_as_essay
from inkcast.publish.subtitles.formats import SubtitleStyle, transcript_texts, write_transcript
from inkcast.publish.subtitles.transcript_files import read_alignment, read_transcript
from inkcast.publish.subtitles.vtt import parse_vtt
from inkcast.publish.words import SpokenWord, clean_text, spoken_words
from inkcast.speech.transcript import Voice
from tests.support.alignments import align
from tests.support.conversations import HOSTILE_NAMES, TURNS, WORD_MS, interview, talk

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


def test_brackets_are_not_put_around_brackets():
    vtt = rendered(LISTENING, "vtt")
    again = rendered(parse_vtt(vtt), "vtt")
    assert again.count("(mhm,)") == 1 and "((" not in again


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
        [("A", "I had one more of them."), ("B", "And the boot?"), ("A", "Is still in the mud, I hope.")],
        [("A", "Yes."), ("B", "No."), ("A", "Yes."), ("B", "No.")],
        [("A", "I went there every day."), ("B", "And what was it like?"), ("A", "It was cold and wet.")],
        [("A", "I went there every day."), ("B", "Right."), ("C", "It was cold and wet there, too.")],
        [("A", "I went there every day."), ("B", "Right.")],
        [("", "I went there every day."), ("B", "Right."), ("", "It was cold and wet there, too.")],
    ],
    ids=[
        "an answer",
        "a question",
        "a quarrel",
        "too long",
        "before a third",
        "the end",
        "nobody knows whose turn",
    ],
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


def test_what_is_thrown_in_between_two_paragraphs_belongs_to_the_first():
    essay, alignment = interview(TURNS, Extra(30, "wow", 12_320, 12_390, "Ada Brown"))
    assert essay.blocks[2].text.endswith("it was.")
    assert thrown_in(alignment) == [("wow", "Ada Brown", "Bo Chen")]
    shown = rendered(alignment, "txt").split("\n\n")
    assert shown[2].endswith("how deep it was. (wow)") and shown[3].startswith("It was deeper")
    longer = interview(TURNS, Extra(30, "Now that is a long time", 12_320, 12_390, "Ada Brown"))[1]
    assert "Ada Brown: Now that is a long time\n\nBo Chen: It was deeper" in rendered(longer, "txt")


def test_a_paragraph_of_its_own_is_a_turn():
    blocks = [("Bo", "We trained it on all of that."), ("Ada", "Right."), ("Bo", "And it was not enough.")]
    essay = Essay("", tuple(Block("paragraph", text, speaker=name) for name, text in blocks))
    assert thrown_in(align(essay)) == []


def test_a_name_too_long_for_its_line_is_cut():
    name = "Professor Hieronymus Bartholomew Wigglesworth"
    srt = rendered(talk((name, "Extraordinarily good, all of it.")), "srt")
    assert "Professor Hieronymus Bar…: Extraordinarily" in srt
    assert all(len(line) <= 42 for line in srt.splitlines())


# What else is made of a conversation ----------------------------------------------------------------


def test_who_talks_how_much():
    words = spoken_words(LISTENING)
    nathan, ada = talks(words)
    assert (nathan.speaker, nathan.n_words, nathan.n_turns) == ("Nathan Lambert", 15, 1)
    assert (ada.speaker, ada.n_words, ada.n_turns) == ("Ada", 7, 1), "what is thrown in is no turn"
    assert nathan.talk_ms == 15 * WORD_MS and ada.talk_ms == 7 * WORD_MS
    late = talk(("Ada", "One."), ("Ada", "Two."), ("Bo", "Three."), pause_ms=5_000)
    assert [each.talk_ms for each in talks(spoken_words(late))] == [2 * WORD_MS, WORD_MS], (
        "silence is no talk"
    )


def test_a_textgrid_has_a_tier_for_each_speaker(tmp_path):
    _, alignment = interview(TURNS, Extra(6, "Right.", 2_720, 2_790, "Bo Chen"))
    path = tmp_path / "a.TextGrid"
    path.write_text(write_textgrid(alignment), encoding="utf-8")
    grid = tgt.io.read_textgrid(str(path))
    assert grid.get_tier_names() == ["sentences", "words", "Ada Brown", "Bo Chen"]
    ada, bo = (
        [(one.start_time, one.text) for one in grid.get_tier_by_name(n)] for n in ("Ada Brown", "Bo Chen")
    )
    assert ada == [
        (0.4, "Welcome to the show about harbours."),
        (2.8, "How did you come to study mud?"),
        (17.6, "And the boot?"),
    ]
    assert bo[0] == (2.72, "Right.") and bo[1] == (5.6, "By accident.") and len(bo) == 6
    assert "Right." not in " ".join(text for _, text in ada)


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_hostile_names_keep_files_whole(tmp_path, name):
    _, alignment = interview([(name, "I am here."), ("Bo", "So am I, and for longer.")])
    shown = clean_text(name)
    path = tmp_path / "a.TextGrid"
    path.write_text(write_textgrid(alignment), encoding="utf-8")
    assert tgt.io.read_textgrid(str(path)).get_tier_names() == ["sentences", "words", shown, "Bo"]
    assert [line.split("\t")[2] for line in write_labels(alignment).splitlines()][1] == f"{shown}: I am here."
    assert [segment.get("speaker") for segment in json.loads(write_podcast_json(alignment))["segments"]] == [
        None, shown, "Bo",
    ]  # fmt: skip
    vtt = rendered(alignment, "vtt")
    assert [segment.speaker for segment in parse_vtt(vtt).segments] == ["", shown, "Bo"]
    page = html.document_fromstring(report_page(alignment, "a.mp3"))
    assert page.xpath("//section[@aria-labelledby='speakers']//tbody/tr/th//text()") == [shown, "Bo"]
    rest = markdown_it.MarkdownIt().render(write_markdown(alignment, "a.mp3"))
    assert f"{shown}: I am here." in " ".join(html.document_fromstring(rest).text_content().split())


def test_names_stand_where_turns_begin():
    _, alignment = interview()
    markdown = write_markdown(alignment, "a.mp3")
    assert [line.split("**")[1] for line in markdown.splitlines() if "**" in line] == [
        "Ada Brown:", "Bo Chen:", "Ada Brown:", "Bo Chen:",
    ]  # fmt: skip
    card = html.document_fromstring(write_embed(alignment, "a.mp3"))
    assert card.xpath("//strong/text()") == ["Ada Brown:", "Bo Chen:", "Ada Brown:", "Bo Chen:"]


def test_whoever_reads_a_heading_is_not_named_in_it():
    _, alignment = interview()
    blocks = tuple(replace(block, speaker=block.speaker or "Ada Brown") for block in alignment.blocks)
    read = replace(alignment, blocks=blocks)
    assert write_markdown(read, "a.mp3") == write_markdown(alignment, "a.mp3")


def test_the_report_says_who_talks_how_much():
    _, alignment = interview(TURNS, Extra(6, "Right.", 2_720, 2_790, "Bo Chen"))
    page = html.document_fromstring(report_page(alignment, "a.mp3"))
    rows = page.xpath("//section[@aria-labelledby='speakers']//tbody/tr")
    assert [[cell.text_content() for cell in row] for row in rows] == [
        ["Ada Brown", "0:06", "26.7 %", "16", "2", "157"],
        ["Bo Chen", "0:16", "73.2 %", "43", "2", "155"],
    ]
    (kind,) = page.xpath("//li[@id='d1']/p[@class='kind']")
    assert kind.text_content() == "Also said by Bo Chen"


def test_without_a_conversation_the_report_is_as_ever():
    _, alignment = interview([("Ada", "I talk."), ("Ada", "To myself.")])
    page = html.document_fromstring(report_page(alignment, "a.mp3"))
    assert not page.xpath("//section[@aria-labelledby='speakers']")


def test_a_transcript_alone_becomes_turns():
    essay, alignment = transcript_as_essay(LISTENING, "Told")
    assert [(block.speaker, block.text) for block in essay.blocks] == [
        (
            "Nathan Lambert",
            "So we trained the model on everything that we had, (mhm,) and it was not enough.",
        ),
        ("Ada", "Why do you think that was?"),
    ]
    page = html.document_fromstring(reader_page(essay, alignment, "a.mp3"))
    assert page.xpath("//p[@class='speaker']//text()") == ["Nathan Lambert", "Ada"]
    assert page.xpath("//div[@class='turn']/@data-voice") == ["1", "2"]


def test_alignment_json_keeps_who_says_what(tmp_path):
    _, alignment = interview(TURNS, Extra(6, "Right.", 2_720, 2_790, "Bo Chen"))
    (path,) = write_transcript(alignment, tmp_path, "a", ("json",))
    read = read_alignment(path)
    assert read == alignment
    voices = (Voice("Nathan Lambert", 4_500, (0.6, 0.8)), Voice("Ada", 2_100, (0.8, -0.6)))
    heard = replace(LISTENING, voices=voices)
    (path,) = write_transcript(heard, tmp_path, "a", ("json",))
    assert read_transcript(path) == heard
