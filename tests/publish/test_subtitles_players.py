"""What was written is what others read: pysubs2, and the FFmpeg that comes with PyAV."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import av
import pysubs2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkcast.publish.checks.check_subtitles import check_subtitles
from inkcast.publish.subtitles.ass import write_ass
from inkcast.publish.subtitles.cues import Cue, make_cues
from inkcast.publish.subtitles.formats import FORMATS
from inkcast.publish.subtitles.highlight import WordMarks
from inkcast.publish.subtitles.limits import preset_limits
from inkcast.publish.subtitles.srt import parse_srt, write_srt
from inkcast.publish.subtitles.vtt import parse_vtt, write_vtt
from inkcast.publish.words import SpokenWord
from tests.support.voices import read_back, written

Shown = list[tuple[int, int, str]]

HOSTILE = [
    "<script>alert(1)</script>", "<b>", "</i>", "<", ">", "-->", "--", "a-->b", "&", "&amp;", "&lt;b&gt;",
    "{\\an8}", "\\N", "C:\\new", "\\h", "WEBVTT", "NOTE", "STYLE", "1", "2026", "Ada:",
    "Dialogue:", "[Events]", "{", "}", "<v", "<c.red>", "<font", "color=red>", "50%", "#1", "“so”", "naïve",
    "שלום", "مرحبا", "小实验室，", "👩\u200d👩\u200d👧", "e\u0301", "x" * 90, "<!--", "{b}", "|", "a|b", ",,",
    "\\", "'", '"',
]  # fmt: skip


def ffmpeg(text: str, format_name: str) -> Shown:
    """Demuxed and decoded; FFmpeg's own form of text is ASS."""
    if format_name not in av.formats_available:
        pytest.skip(f"missing: FFmpeg's {format_name} reader in this PyAV")
    shown = []
    with av.open(io.BytesIO(text.encode()), format=format_name) as container:
        (stream,) = container.streams.subtitles
        for packet in container.demux(stream):
            if not packet.size:
                continue
            start_ms = round(packet.pts * packet.time_base * 1000)
            end_ms = start_ms + round(packet.duration * packet.time_base * 1000)
            (rect,) = stream.codec_context.decode2(packet)
            shown.append((start_ms, end_ms, rect.ass.decode().split(",", 8)[8]))
    return shown


def from_ass(text: str) -> str:
    """Text of an ASS event: codes go, escapes are undone, as libass does it."""
    text = re.sub(r"(?<!\\)\{[^}]*\}", "", text.replace("\\{{}", "\\{"))
    text = re.sub(r"\\N\s*", "\n", text)
    return re.sub(r"\\([{}])", r"\1", text).replace("\u2060", "")


def expected(cues: Sequence[Cue], label: bool = False, resolution_ms: int = 1) -> Shown:
    return [
        (
            cue.start_ms - cue.start_ms % resolution_ms,
            cue.end_ms - cue.end_ms % resolution_ms,
            (cue.label if label else "") + "\n".join(cue.lines),
        )
        for cue in cues
    ]


@st.composite
def cue_lists(draw: st.DrawFn, texts: Sequence[str], speakers: Sequence[str]) -> tuple[Cue, ...]:
    words, now, speaker = [], draw(st.integers(0, 40_000)), ""
    for place, text in enumerate(draw(st.lists(st.sampled_from(texts), min_size=1, max_size=30))):
        length_ms = draw(st.integers(100, 700))
        if place % 9 == 0:
            speaker = draw(st.sampled_from(speakers))
        thrown_in = bool(speaker) and draw(st.integers(0, 5)) == 0
        word = SpokenWord(text, now, now + length_ms, speaker)
        words.append(replace(word, speaker="D & co.", inside=speaker) if thrown_in else word)
        now += length_ms + draw(st.sampled_from([0, 0, 10, 500, 4_000]))
    return make_cues(words, preset_limits(draw(st.sampled_from(["netflix", "bbc", "podcast"])), "vtt"))


@settings(max_examples=150, deadline=None)
@given(cue_lists(HOSTILE, ["", "Ada", "Bo & <C>, {D}"]))
def test_srt(cues: tuple[Cue, ...]) -> None:
    text = write_srt(cues)
    theirs = pysubs2.SSAFile.from_string(text, format_="srt", keep_unknown_html_tags=True)
    assert [(e.start, e.end, e.text.replace("\\N", "\n").replace("\u2060", "")) for e in theirs] == [
        (a, b, t.replace("\\N", "\n")) for a, b, t in expected(cues, label=True)
    ]
    # FFmpeg hands braces and backslashes through to ASS, where they are codes.
    assert [(a, b, from_ffmpeg_srt(t)) for a, b, t in ffmpeg(text, "srt")] == [
        (a, b, from_ffmpeg_srt(t.replace("\n", "\\N"))) for a, b, t in expected(cues, label=True)
    ]
    assert [(s.start_ms, s.end_ms) for s in parse_srt(text).segments] == [
        (c.start_ms, c.end_ms) for c in cues
    ]


def from_ffmpeg_srt(text: str) -> str:
    return re.sub(r"\s*\\N\s*", "\n", text.replace("\u2060", "")).strip()


@settings(max_examples=150, deadline=None)
@given(cue_lists(HOSTILE, ["", "Ada", "Bo & <C>, {D}"]))
def test_vtt(cues: tuple[Cue, ...]) -> None:
    text = write_vtt(cues)
    theirs = pysubs2.SSAFile.from_string(text, format_="vtt")
    assert [
        (e.start, e.end, html.unescape(re.sub(r"<[^>]*>", "", e.text.replace("\\N", "\n")))) for e in theirs
    ] == [(a, b, t.replace("\\N", "\n")) for a, b, t in expected(cues)]
    assert [(a, b, from_ass(t)) for a, b, t in ffmpeg(text, "webvtt")] == expected(cues)
    assert read_back(parse_vtt(text), cues) == written(cues)


@settings(max_examples=150, deadline=None)
@given(cue_lists(HOSTILE, ["", "Ada", "Bo & <C>, {D}"]))
def test_ass(cues: tuple[Cue, ...]) -> None:
    text = write_ass(cues)
    theirs = pysubs2.SSAFile.from_string(text, format_="ass")
    assert [(e.start, e.end, from_ass(e.text)) for e in theirs] == expected(cues, resolution_ms=10)
    assert [(a, b, from_ass(t)) for a, b, t in ffmpeg(text, "ass")] == expected(cues, resolution_ms=10)


@pytest.mark.parametrize(("writer", "name"), [(write_srt, "srt"), (write_vtt, "webvtt"), (write_ass, "ass")])
def test_times_in_the_text_are_text(writer: Callable[[Sequence[Cue]], str], name: str) -> None:
    """Not for pysubs2, which takes any line that holds two times for a line of times."""
    texts = ["<00:00:01.000>", "00:00:01,000", "-->", "00:00:02.000"]
    words = [SpokenWord(text, i * 500, i * 500 + 500) for i, text in enumerate(texts)]
    cues = make_cues(words, preset_limits("podcast", "vtt"))
    (shown,) = ffmpeg(writer(cues), name)
    assert from_ass(shown[2]) == " ".join(texts)


PLAIN = [text for text in HOSTILE if not re.search(r"[{}\\<>&]", text)]


@pytest.mark.parametrize("format_name", ["srt", "vtt", "ass"])
@pytest.mark.parametrize("marks", ["timed", "highlighted"])
@settings(max_examples=40, deadline=None)
@given(cues=cue_lists(PLAIN, ["", "Ada", "Bo, Jr"]))
def test_marked_words_are_still_the_same_text(
    format_name: str, marks: WordMarks, cues: tuple[Cue, ...]
) -> None:
    text = FORMATS[format_name].write(cues, marks)
    steps = [
        (e.start, e.end, re.sub(r"<\d\d:[^>]*>|\u2060", "", e.plaintext))
        for e in pysubs2.SSAFile.from_string(text, format_=format_name)
    ]
    whole: Shown = []
    for start_ms, end_ms, shown in steps:
        starts_a_cue = any(start_ms == cue.start_ms - cue.start_ms % 10 for cue in cues) or not whole
        if starts_a_cue or whole[-1][1:] != (start_ms, shown):
            whole.append((start_ms, end_ms, shown))
        else:
            whole[-1] = (whole[-1][0], end_ms, shown)
    if format_name != "ass":
        whole = [(a - a % 10, b - b % 10, t) for a, b, t in whole]
    assert whole == expected(cues, label=format_name == "srt", resolution_ms=10)


def test_karaoke_lasts_as_long_as_its_cue() -> None:
    texts = ["Small", "labs", "can", "do", "much"]
    words = [SpokenWord(text, i * 333, i * 333 + 333) for i, text in enumerate(texts)]
    (event,) = pysubs2.SSAFile.from_string(write_ass(make_cues(words, preset_limits("bbc", "ass")), "timed"))
    lengths = [int(length) for length in re.findall(r"\{\\k(\d+)\}", event.text)]
    assert lengths[:2] == [33, 33]
    assert sum(lengths) * 10 == event.end - event.start
    assert event.plaintext == "Small labs can do much"


def test_of_many_words_without_times_none_is_lit() -> None:
    known = [
        SpokenWord("Labs", 0, 400),
        SpokenWord("like", 400, 700),
        SpokenWord("Ai2", 700, 900, timed=False),
    ]
    unknown = [
        SpokenWord(text, 900 + i * 200, 1_100 + i * 200, timed=i == 0) for i, text in enumerate("abcd")
    ]
    last = SpokenWord("matter.", 1_700, 2_200)
    (cue,) = make_cues([*known, *unknown, last], preset_limits("netflix", "srt"))
    text = write_srt([cue], "highlighted")
    assert re.findall(r"^[^\d\n].*$", text, re.MULTILINE) == [
        "<u>Labs</u> like Ai2 a b c d matter.",
        "Labs <u>like Ai2</u> a b c d matter.",
        "Labs like Ai2 a b c d matter.",
        "Labs like Ai2 a b c d <u>matter.</u>",
    ]
    assert check_subtitles(text.encode(), "srt", preset_limits("netflix", "srt")).problems == ()


def test_stretches_without_light_that_follow_each_other_are_one() -> None:
    words = [SpokenWord(text, i * 200, i * 200 + 200, timed=i in (0, 4)) for i, text in enumerate("abcdefgh")]
    limits = preset_limits("netflix", "srt")
    text = write_srt(make_cues(words, limits), "highlighted")
    assert text.splitlines() == ["1", "00:00:00,000 --> 00:00:01,600", "a b c d e f g h", ""]
    assert check_subtitles(text.encode(), "srt", limits).problems == ()
