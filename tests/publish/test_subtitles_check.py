"""The validator against files written by hand: each defect is found, at its line, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from inkcast.errors import PublishError
from inkcast.publish.checks.check_subtitles import Checked, check_subtitles, subtitle_format
from inkcast.publish.subtitles.limits import CueLimits

LIMITS = CueLimits()

SRT = """1
00:00:01,000 --> 00:00:03,000
Small labs matter,
and so do you.

2
00:00:04,000 --> 00:00:06,000
<i>Truly.</i>

"""
VTT = """WEBVTT - an episode
Kind: captions

STYLE
::cue(u) { color: yellow }

REGION
id:r width:40%

NOTE a comment
over two lines

first
00:01.000 --> 00:00:03.000 align:start position:10%
<v.loud Ada &amp; Bo>Small <00:00:02.000>labs &lt;3 <i>you</i> &#8211; R&amp;D</v>

NOTE

00:00:04.000 --> 00:00:06.000
<v Bo>One > none
"""
ASS = """[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname
Style: Default,Arial

[Events]
Format: Layer, Start, End, Style, Name, Text
Dialogue: 0,0:00:01.00,0:00:03.00,Default,Ada,{\\k20}Small, {\\k30}fine\\Nlabs \\{sic\\}
Dialogue: 0,0:00:04.00,0:00:06.00,Default,,Truly.
"""
SOUND = {"srt": SRT, "vtt": VTT, "ass": ASS}


def check(text: str | bytes, format_name: str, limits: CueLimits = LIMITS) -> Checked:
    data = text if isinstance(text, bytes) else text.encode()
    return check_subtitles(data, format_name, limits)


def found(text: str | bytes, format_name: str, limits: CueLimits = LIMITS) -> list[tuple[int, str]]:
    return [(problem.line, problem.kind) for problem in check(text, format_name, limits).problems]


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_file_has_no_problem(name):
    assert check(SOUND[name], name) == Checked(name, 2, ())
    assert check(SOUND[name].replace("\n", "\r\n"), name) == Checked(name, 2, ())
    assert check(SOUND[name].replace("\n", "\r"), name) == Checked(name, 2, ())


def test_a_byte_order_mark_is_part_of_webvtt_but_not_of_subrip():
    assert found("\ufeff" + VTT, "vtt") == found("\ufeff" + ASS, "ass") == []
    assert found("\ufeff" + SRT, "srt") == [(1, "bom")]


def test_webvtt_may_be_empty_subrip_may_not():
    assert found("WEBVTT\n", "vtt") == []
    assert found("", "srt") == [(1, "empty")]
    assert found("", "vtt") == [(1, "signature")]


DEFECTS = {
    "no UTF-8": ("srt", SRT.encode().replace(b"labs", b"l\xe4bs"), 3, "encoding"),
    "UTF-16": ("vtt", VTT.encode("utf-16"), 1, "encoding"),
    "mark inside": ("srt", SRT.replace("Truly", "\ufeffTruly"), 8, "bom"),
    "line ends": ("srt", SRT.replace("\n", "\r\n", 3), 1, "line ends"),
    "control": ("srt", SRT.replace("Small", "Sm\x07all"), 3, "control"),
    "NUL": ("vtt", VTT.replace("One", "O\x00ne"), 20, "control"),
    "line separator": ("vtt", VTT.replace("One", "O\u2028ne"), 20, "control"),
    "direction": ("srt", SRT.replace("Small", "\u202eSmall"), 3, "direction"),
    "direction closed first": ("srt", SRT.replace("Small", "\u2069Sm\u2066all"), 3, "direction"),
    "no number": ("srt", SRT.replace("\n\n2\n", "\n\n"), 6, "number"),
    "wrong number": ("srt", SRT.replace("\n\n2\n", "\n\n3\n"), 6, "number"),
    "number with more": ("srt", SRT.replace("\n\n2\n", "\n\n#2\n"), 6, "number"),
    "from nought": ("srt", SRT.replace("1\n00", "0\n00", 1).replace("\n2\n", "\n1\n"), 1, "number"),
    "points": ("srt", SRT.replace("04,000", "04.000"), 7, "comma"),
    "short hours": ("srt", SRT.replace("00:00:04", "0:00:04"), 7, "time"),
    "coordinates": ("srt", SRT.replace("06,000", "06,000 X1:10"), 7, "time"),
    "no spaces": ("srt", SRT.replace(" --> 00:00:06", "-->00:00:06"), 7, "time"),
    "srt ends early": ("srt", SRT.replace("00:00:06", "00:00:03"), 7, "time"),
    "srt ends at once": ("srt", SRT.replace("00:00:06", "00:00:04"), 7, "time"),
    "srt without text": ("srt", SRT + "3\n00:00:07,000 --> 00:00:08,000\n\n", 11, "empty"),
    "srt empty line": ("srt", SRT.replace("matter,\nand", "matter,\n\nand"), 5, "syntax"),
    "srt arrow": ("srt", SRT.replace("Truly", "a --> b"), 8, "arrow"),
    "srt open tag": ("srt", SRT.replace("</i>", ""), 8, "tag"),
    "srt closing tag": ("srt", SRT.replace("<i>", ""), 8, "tag"),
    "srt overlap": ("srt", SRT.replace("00:00:03", "00:00:05"), 7, "overlap"),
    "srt order": ("srt", SRT.replace("00:00:04", "00:00:00"), 7, "order"),
    "signature": ("vtt", VTT.replace("WEBVTT - an", "WebVTT - an"), 1, "signature"),
    "signature glued": ("vtt", VTT.replace("WEBVTT - an", "WEBVTT- an"), 1, "signature"),
    "header text": ("vtt", VTT.replace("Kind: captions", "captions"), 2, "signature"),
    "no line after the header": ("vtt", "WEBVTT\n00:01.000 --> 00:03.000\nHi you.\n", 2, "signature"),
    "arrow in note": ("vtt", VTT.replace("a comment", "a --> b"), 10, "arrow"),
    "late style": ("vtt", VTT + "\nSTYLE\n::cue { color: red }\n", 22, "syntax"),
    "id twice": ("vtt", VTT.replace("NOTE\n\n00", "NOTE\n\nfirst\n00"), 19, "id"),
    "vtt comma": ("vtt", VTT.replace("04.000", "04,000"), 19, "time"),
    "vtt seconds": ("vtt", VTT.replace("00:04.000", "00:4.000"), 19, "time"),
    "vtt short hours": ("vtt", VTT.replace("00:00:04", "0:00:04"), 19, "time"),
    "vtt ends at once": ("vtt", VTT.replace("00:00:06", "00:00:04"), 19, "time"),
    "unknown setting": ("vtt", VTT.replace("align:start", "align:middle"), 14, "setting"),
    "setting twice": ("vtt", VTT.replace("align:start", "align:start align:end"), 14, "setting"),
    "vtt arrow": ("vtt", VTT.replace("One >", "One -->"), 20, "arrow"),
    "ampersand": ("vtt", VTT.replace("R&amp;D", "R&D"), 15, "escape"),
    "unknown reference": ("vtt", VTT.replace("R&amp;D", "R&nonsense;D"), 15, "escape"),
    "less than": ("vtt", VTT.replace("&lt;3", "<3"), 15, "escape"),
    "script": ("vtt", VTT.replace("One", "<script>One"), 20, "escape"),
    "vtt open tag": ("vtt", VTT.replace("</i>", ""), 15, "tag"),
    "vtt closing tag": ("vtt", VTT.replace("One", "One</b>"), 20, "tag"),
    "voice of nobody": ("vtt", VTT.replace("<v Bo>", "<v>"), 20, "tag"),
    "word time too early": ("vtt", VTT.replace("<00:00:02.000>", "<00:00:01.000>"), 15, "word time"),
    "word time too late": ("vtt", VTT.replace("<00:00:02.000>", "<00:00:03.000>"), 15, "word time"),
    "word times fall": ("vtt", VTT.replace("you", "<00:00:01.500>you"), 15, "word time"),
    "vtt empty line": ("vtt", VTT.replace("One > none\n", "One\n\nthree > none\n"), 22, "syntax"),
    "vtt without text": ("vtt", VTT + "\n00:07.000 --> 00:08.000\n", 22, "empty"),
    "vtt overlap": ("vtt", VTT.replace("00:00:03", "00:00:05"), 19, "overlap"),
    "no styles": ("ass", ASS.replace("[V4+ Styles]", "[V4 Styles]"), 1, "section"),
    "ass time": ("ass", ASS.replace("0:00:04.00", "0:00:04.000"), 11, "time"),
    "ass ends at once": ("ass", ASS.replace("0:00:06.00", "0:00:04.00"), 11, "time"),
    "ass style": ("ass", ASS.replace("Default,,", "Fancy,,"), 11, "style"),
    "ass brace": ("ass", ASS.replace("Truly", "{Truly"), 11, "tag"),
    "ass fields": ("ass", ASS.replace("Default,,Truly.", "Default"), 11, "syntax"),
    "ass without text": ("ass", ASS.replace("Truly.", "{\\an8}"), 11, "empty"),
    "long line": ("srt", SRT.replace("Truly.", "m" * 43).replace("06,", "08,"), 7, "line length"),
    "wide line": ("srt", SRT.replace("Truly.", "文" * 22).replace("06,", "08,"), 7, "line length"),
    "three lines": ("srt", SRT.replace("matter,", "matter,\nthey\n"[:-1]), 2, "lines"),
    "too long": ("srt", SRT.replace("00:00:06,000", "00:00:11,001"), 7, "too long"),
    "no gap": ("srt", SRT.replace("00:00:03,000", "00:00:03,918"), 7, "gap"),
}  # fmt: skip
MORE = {  # what follows from the defect, so that it is found as well
    "UTF-16": {"signature", "control", "syntax", "line ends", "line length", "too fast", "lines"},
    "direction closed first": set(),
    "srt order": {"gap"},
}


@pytest.mark.parametrize("name", DEFECTS)
def test_each_defect_is_found_where_it_is(name):
    format_name, text, line, kind = DEFECTS[name]
    problems = found(text, format_name)
    assert (line, kind) in problems
    others = {other for _, other in problems if other != kind}
    assert others <= MORE.get(name, set())
    assert not check(text, format_name).passed
    if not others:
        assert problems == [(line, kind)], "one defect, one problem"


@pytest.mark.parametrize(
    ("end", "next_start", "kinds", "avoidable"),
    [
        ("01,500", "04,000", ["too short"], True),
        ("01,500", "01,583", ["too short"], False),
        ("01,500", "01,600", ["too short"], True),
        ("01,833", "04,000", [], True),
        ("01,832", "04,000", ["too short"], True),
    ],
)
def test_a_cue_is_only_too_short_if_it_could_stay(end, next_start, kinds, avoidable):
    text = f"1\n00:00:01,000 --> 00:00:{end}\nYes.\n\n2\n00:00:{next_start} --> 00:00:06,000\nNo.\n"
    checked = check(text, "srt")
    assert [problem.kind for problem in checked.problems] == kinds
    assert all(problem.avoidable == avoidable for problem in checked.problems)
    assert checked.passed is (not kinds or not avoidable)


@pytest.mark.parametrize(
    ("end", "next_start", "fast", "avoidable"),
    [
        ("03,000", "03,083", False, True),  # 40 characters in 2 s: just right
        ("02,999", "03,082", True, False),
        ("02,999", "03,083", True, True),
        ("02,999", "09,000", True, True),
    ],
)
def test_a_cue_is_only_too_fast_if_it_could_stay(end, next_start, fast, avoidable):
    text = f"1\n00:00:01,000 --> 00:00:{end}\n{'m' * 40}\n\n2\n00:00:{next_start} --> 00:00:12,000\nNo.\n"
    problems = check(text, "srt", CueLimits(max_ms=20_000)).problems
    assert [(problem.kind, problem.avoidable) for problem in problems] == [("too fast", avoidable)] * fast


def test_the_last_cue_could_always_stay_until_the_longest_time():
    text = "1\n00:00:01,000 --> 00:00:03,000\nHello to you all out there in the world and here.\n"
    limits = CueLimits(max_chars=80, max_cps=10)
    (problem,) = check(text, "srt", limits).problems
    assert problem.avoidable and problem.kind == "too fast"
    (problem,) = check(text, "srt", CueLimits(max_chars=80, max_cps=10, max_ms=2_000)).problems
    assert not problem.avoidable


def test_a_word_highlighted_step_by_step_is_one_cue():
    steps = ["<u>Yes</u> I do", "Yes <u>I</u> do", "Yes I <u>do</u>"]
    text = "WEBVTT\n\n" + "".join(
        f"00:01.{at}00 --> 00:01.{at + 3}00\n{step}\n\n" for at, step in zip((0, 3, 6), steps, strict=True)
    )
    assert found(text, "vtt") == []
    assert found(text.replace("--> 00:01.600", "--> 00:01.590"), "vtt") != [], "a hole between the steps"


def test_a_text_that_is_said_again_is_another_cue():
    limits = CueLimits(gap_ms=0, max_ms=2_000)
    twice = "WEBVTT\n\n00:01.000 --> 00:02.500\n{}\n\n00:02.500 --> 00:04.000\n{}\n"
    assert found(twice.format("No, no.", "No, no."), "vtt", limits) == []
    assert found(twice.format("No, <u>no.</u>", "<u>No,</u> no."), "vtt", limits) == []
    assert found(twice.format("<u>No,</u> no.", "No, <u>no.</u>"), "vtt", limits) == [(3, "too long")]


def test_hundredths_of_a_second_are_forgiven_in_ass():
    limits = CueLimits(min_ms=2_005, gap_ms=1_005, max_cps=1_000)
    assert found(ASS, "ass", limits) == []
    assert {kind for _, kind in found(SRT, "srt", limits)} == {"too short", "gap"}


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.SRT", b"", "srt"), ("a.vtt", b"", "vtt"), ("a.ssa", b"", "ass"),
        ("a.txt", b"\xef\xbb\xbfWEBVTT\n", "vtt"), ("a", b"[Script Info]\n", "ass"),
        ("a", b"1\n0 --> 1", "srt"),
    ],
)  # fmt: skip
def test_the_format_is_told_by_name_or_content(name, data, expected):
    assert subtitle_format(Path(name), data) == expected


def test_what_is_no_subtitle_file_is_refused():
    with pytest.raises(PublishError, match=r"page\.html is not a subtitle file"):
        subtitle_format(Path("page.html"), b"<!doctype html>")
