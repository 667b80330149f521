"""Subtitles: every limit holds for every input, and an independent reader agrees on the result."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pysubs2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkcast.alignment.alignment import Alignment, Extra
from inkcast.errors import PublishError
from inkcast.essays.essay import Block, Essay
from inkcast.publish.passage import passage_between
from inkcast.publish.sentences import essay_sentences
from inkcast.publish.subtitles.cues import Cue, make_cues
from inkcast.publish.subtitles.formats import SubtitleStyle, transcript_texts, write_transcript
from inkcast.publish.subtitles.limits import CueLimits, clusters, text_width
from inkcast.publish.subtitles.srt import parse_srt, write_srt
from inkcast.publish.subtitles.vtt import parse_vtt, write_vtt
from inkcast.publish.words import clean_text, spoken_words
from inkcast.speech.transcript import Segment, Transcript, TranscriptWord
from tests.support.alignments import Times, align_at
from tests.support.voices import read_back, written

LIMITS = CueLimits()
STYLE = SubtitleStyle()


def render(speech, name, style):
    return transcript_texts(speech, Path(), "heard", (name,), style)[Path(f"heard.{name}")]


def timed(text: str, start_ms: int = 0, word_ms: int = 300, speaker: str = "") -> Segment:
    """A segment whose words last ``word_ms`` each."""
    words = tuple(
        TranscriptWord(f" {word}", start_ms + i * word_ms, start_ms + (i + 1) * word_ms, 0.9)
        for i, word in enumerate(text.split())
    )
    return Segment(start_ms, words[-1].end_ms if words else start_ms, f" {text}", words, speaker)


def aligned(blocks: list[tuple[str, list[Times]]], extra: tuple[Extra, ...] = ()) -> Alignment:
    """An alignment from each block's text and its words' times, None where unspoken."""
    essay = Essay("", tuple(Block("paragraph", text) for text, _ in blocks))
    return align_at(essay, [time for _, times in blocks for time in times], extra=extra)


def lines_of(text: str, limits: CueLimits = LIMITS) -> list[tuple[str, ...]]:
    return [cue.lines for cue in make_cues(spoken_words(Transcript("en", (timed(text),))), limits)]


# Every invariant, for every input --------------------------------------------------------------------

TEXT = st.text(
    st.one_of(
        st.sampled_from(list("abcdefgh ABC .,?!:;-—'\"&<>()12")),
        st.characters(codec="utf-8"),
    ),
    max_size=120,
)
TIME = st.integers(-5_000, 100_000)


@st.composite
def segments(draw: st.DrawFn) -> Segment:
    text = draw(TEXT)
    words: tuple[TranscriptWord, ...] = ()
    if draw(st.booleans()):
        words = tuple(TranscriptWord(f" {w}", draw(TIME), draw(TIME), 1.0) for w in text.split())
        words = tuple(w for w in words if draw(st.integers(0, 9)))
    speaker = draw(st.sampled_from(["", "", "Ada", "Nathan Lambert", "A & <B>", "x" * 60]))
    return Segment(draw(TIME), draw(TIME), text, words, speaker)


TRANSCRIPTS = st.lists(segments(), max_size=6).map(lambda s: Transcript("en", tuple(s), 100_000))
ANY_LIMITS = st.builds(
    CueLimits,
    max_chars=st.integers(1, 60),
    max_lines=st.integers(1, 4),
    max_cps=st.floats(1, 50),
    min_ms=st.integers(0, 2_000),
    max_ms=st.integers(2_000, 10_000),
    gap_ms=st.integers(0, 500),
)


def check(cues: tuple[Cue, ...], limits: CueLimits) -> None:
    for cue in cues:
        assert 0 <= cue.start_ms < cue.end_ms <= cue.start_ms + limits.max_ms
        assert 1 <= len(cue.lines) <= limits.max_lines
        for line in (cue.label + cue.lines[0], *cue.lines[1:]):
            assert 0 < text_width(line) <= max(limits.max_chars, 2 if len(clusters(line)) == 1 else 0)
        for line in cue.lines:
            assert line == line.strip() and not re.search(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e]", line)
    for cue, following in pairwise(cues):
        assert cue.end_ms + limits.gap_ms <= following.start_ms


@settings(max_examples=150, deadline=None)
@given(TRANSCRIPTS, ANY_LIMITS)
def test_limits_hold_for_any_transcript(transcript: Transcript, limits: CueLimits) -> None:
    cues = make_cues(spoken_words(transcript), limits)
    check(cues, limits)
    said = sorted("".join(clean_text(segment.text).split()) for segment in transcript.segments)
    shown = "".join("".join(cue.lines) for cue in cues).replace(" ", "")
    # What somebody throws in stands in brackets.
    assert bare(shown) == bare("".join(said)), "every character once"


def bare(text: str) -> list[str]:
    return sorted(character for character in text if character not in "()")


@settings(max_examples=100, deadline=None)
@given(TRANSCRIPTS)
def test_vtt_is_valid_and_reads_back(transcript: Transcript) -> None:
    cues = make_cues(spoken_words(transcript), LIMITS)
    text = write_vtt(cues)
    header, *blocks = text.removesuffix("\n\n").split("\n\n") if cues else [text.strip()]
    assert header == "WEBVTT"
    assert len(blocks) == len(cues)
    for block in blocks:
        times, *payload = block.split("\n")
        assert re.fullmatch(r"\d\d:[0-5]\d:[0-5]\d\.\d{3} --> \d\d:[0-5]\d:[0-5]\d\.\d{3}", times)
        assert payload and "-->" not in "".join(payload)
        shown = re.sub(r"<v [^<>\n]+>([^<>]*)</v>", r"\1", "\n".join(payload))
        assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", shown)
    # A "word" such as &amp; is text like any other: it comes back as it went.
    assert read_back(parse_vtt(text), cues) == written(cues)


@settings(max_examples=100, deadline=None)
@given(TRANSCRIPTS)
def test_srt_reads_back_here_and_in_pysubs2(transcript: Transcript) -> None:
    cues = make_cues(spoken_words(transcript), LIMITS)
    text = write_srt(cues)
    expected = [(c.start_ms, c.end_ms) for c in cues]
    assert [(s.start_ms, s.end_ms) for s in parse_srt(text).segments] == expected
    theirs = pysubs2.SSAFile.from_string(text, format_="srt", keep_unknown_html_tags=True)
    assert [(event.start, event.end) for event in theirs] == expected
    if not re.search(r"[{}\\]", text):  # codes of ASS, which pysubs2 does not tell from text
        shown = [e.plaintext.replace("\u2060", "") for e in theirs]
        assert shown == [c.label + "\n".join(c.lines) for c in cues]


@given(st.text(st.sampled_from(list("01:,.->\n \ufeffabc<v>/&;NOTEWBVT")), max_size=80))
def test_readers_never_crash(text: str) -> None:
    for parse in (parse_srt, parse_vtt):
        try:
            transcript = parse(text)
        except PublishError:
            continue
        assert all(segment.text.strip() for segment in transcript.segments)


# What a reader of subtitles sees ---------------------------------------------------------------------


def test_breaks_at_sentences_then_clauses() -> None:
    text = (
        "The lab was small. It had twelve people, two of them part-time, and one machine that ran all night. "
        "Nobody minded."
    )
    cues = lines_of(text)
    assert cues[0] == ("The lab was small.",)
    assert cues[-1] == ("Nobody minded.",)
    assert cues[1][-1].endswith(","), "a long sentence parts at its commas"


@pytest.mark.parametrize(
    "together",
    ["Nathan Lambert", "GPT 5.5", "May 2026", "40 million", "Dr. Ada Lovelace", "the model"],
)
def test_names_and_numbers_stay_on_one_line(together: str) -> None:
    for n_before in range(12):
        text = " ".join(["quite"] * n_before + [together] + ["and then something else happened there"] * 2)
        lines = [line for cue in lines_of(text) for line in cue]
        assert any(together in line for line in lines), lines


def test_abbreviations_do_not_end_sentences() -> None:
    words = spoken_words(Transcript("en", (timed("Ask Dr. Who, e.g. J. R. Smith, no. 5 etc. Fine."),)))
    text = render(Transcript("en", (timed("Mr. Bo left. He ran."),)), "txt", STYLE)
    assert len(words) == 11
    assert text == "Mr. Bo left. He ran.\n"


def test_two_lines_are_balanced() -> None:
    (lines,) = lines_of("we never really thought about it that way before now")
    assert len(lines) == 2
    assert abs(len(lines[0]) - len(lines[1])) <= 10


def test_a_cue_stays_in_the_silence_that_follows_but_not_over_it() -> None:
    transcript = Transcript("en", (timed("Yes indeed.", 0, 100), timed("Then nothing.", 9_000, 100)))
    first, second = make_cues(spoken_words(transcript), LIMITS)
    assert first.end_ms == LIMITS.min_ms
    assert second.start_ms == 9_000


def test_one_word_for_minutes_does_not_stay_for_minutes() -> None:
    words = (TranscriptWord(" So", 0, 298_800, 1.0), TranscriptWord(" yes", 298_800, 299_000, 1.0))
    cues = make_cues(spoken_words(Transcript("en", (Segment(0, 299_000, " So yes", words),))), LIMITS)
    assert [(cue.start_ms, cue.text) for cue in cues] == [(0, "So"), (298_800, "yes")]
    assert cues[0].end_ms <= 7_000


def test_one_wrong_time_does_not_move_the_others() -> None:
    segment = timed("one two three four five six")
    words = (
        *segment.words[:2],
        replace(segment.words[2], start_ms=900_000, end_ms=900_100),
        *segment.words[3:],
    )
    starts = [w.start_ms for w in spoken_words(Transcript("en", (replace(segment, words=words),)))]
    assert starts[:2] + starts[3:] == [0, 300, 900, 1200, 1500]
    assert 600 <= starts[2] <= 900


def test_segments_without_words_are_spread_by_length() -> None:
    whisper_json = {"language": "en", "segments": [{"start": 10.0, "end": 20.0, "text": " ab abcdefgh"}]}
    ab, rest = spoken_words(Transcript.from_json(whisper_json))
    assert (ab.start_ms, rest.end_ms) == (10_000, 20_000)
    assert ab.end_ms == rest.start_ms == 12_500


def test_words_that_a_tool_could_not_time_are_kept() -> None:
    whisperx = {
        "segments": [
            {
                "start": 0.0,
                "end": 2.0,
                "text": " In 2014 we paid £13.60 then.",
                "words": [
                    {"word": "In", "start": 0.0, "end": 0.2},
                    {"word": "2014"},
                    {"word": "we", "start": 0.8, "end": 0.9},
                    {"word": "paid", "start": 0.9, "end": 1.2},
                    {"word": "£13.60"},
                    {"word": "then.", "start": 1.8, "end": 2.0},
                ],
            }
        ]
    }
    words = spoken_words(Transcript.from_json(whisperx))
    assert [w.text for w in words] == ["In", "2014", "we", "paid", "£13.60", "then."]
    assert [w.start_ms for w in words] == [0, 200, 800, 900, 1200, 1800]


def test_chinese_words_are_joined_without_spaces() -> None:
    words = tuple(
        TranscriptWord(c, i * 200, i * 200 + 200, 1.0) for i, c in enumerate("小实验室也很重要。" * 6)
    )
    text = "".join(w.text for w in words)
    cues = make_cues(spoken_words(Transcript("zh", (Segment(0, 99_000, text, words),))), LIMITS)
    assert "".join(cue.text for cue in cues) == text
    assert max(len(line) for cue in cues for line in cue.lines) <= 21, "wide characters take two columns"
    assert "".join(s.text.strip() for s in parse_srt(write_srt(cues)).segments) == text


def test_speakers() -> None:
    transcript = Transcript(
        "en",
        (
            timed("Welcome to the show.", 0, speaker="Ada <AI>"),
            timed("Let us begin right away with the first question.", 3_000, speaker="Ada <AI>"),
            timed("Thanks.", 8_000, speaker="Bo"),
        ),
    )
    cues = make_cues(spoken_words(transcript), LIMITS)
    srt, vtt = write_srt(cues), write_vtt(cues)
    assert srt.count("Ada <\u2060AI>: ") == 1 and srt.count("Bo: Thanks.") == 1
    assert "<v Ada &lt;AI&gt;>Welcome to the show.</v>" in vtt and "<v Bo>Thanks.</v>" in vtt
    assert [s.speaker for s in parse_vtt(vtt).segments] == [cue.speaker for cue in cues]
    assert render(transcript, "txt", STYLE).startswith("Ada <AI>: Welcome to the show.\n\nLet us")


def test_a_word_longer_than_the_line_is_cut() -> None:
    address = "https://example.org/" + "a" * 80
    cues = lines_of(f"see {address} there")
    assert "".join(line for cue in cues for line in cue).replace(" ", "") == f"see{address}there"
    assert max(len(line) for cue in cues for line in cue) == 42


def test_markup_and_arrows_in_speech() -> None:
    text = "use <b> & --> {here}"
    vtt = write_vtt(make_cues(spoken_words(Transcript("en", (timed(text),))), LIMITS))
    assert html.unescape(vtt.split("\n")[3]) == text
    srt = write_srt(make_cues(spoken_words(Transcript("en", (timed(text),))), LIMITS))
    assert srt.count("-->") == 1 and "use <\u2060b> & -\u2060-\u2060> {here}" in srt


# Alignments ------------------------------------------------------------------------------------------


def test_an_alignment_speaks_the_essay_and_what_it_lacks() -> None:
    alignment = aligned(
        [
            ("Small labs matter.", [(5_000, 5_300), (5_300, 5_600), (5_600, 6_000)]),
            ("Nobody read this.", [None, None, None]),
            ("They are good at it.", [(7_000, 7_200), (7_200, 7_400), None, (7_900, 8_000), (8_000, 8_200)]),
        ],
        extra=(Extra(-1, "Hello\tand welcome.", 0, 1_500), Extra(7, "great", 7_400, 7_900)),
    )
    assert [cue.text for cue in make_cues(spoken_words(alignment), LIMITS)] == [
        "Hello and welcome.",
        "Small labs matter.",
        "They are great at it.",
    ]
    assert render(alignment, "txt", STYLE) == (
        "Hello and welcome.\n\nSmall labs matter.\n\nThey are great at it.\n"
    )


def test_words_on_both_sides_of_a_dash_keep_it_between_them() -> None:
    alignment = aligned(
        [
            ("Up by night—By morning—gone.", [(0, 200), (200, 400), (400, 700), (1_700, 1_900), None, None]),
            ("Rain--nothing else.", [(5_000, 5_300), (5_900, 6_100), (6_100, 6_300)]),
            ("A hen—or two—left.", [(9_000, 9_200), None, (9_400, 9_600), None, (9_800, 9_900)]),
        ],
        extra=(Extra(10, "so", 9_200, 9_300),),
    )
    assert [word.text for word in alignment.words[2:5]] == ["night—", "By", "morning—"]
    assert [word.start_ms for word in spoken_words(alignment)][:4] == [0, 200, 400, 1_700]
    assert render(alignment, "txt", STYLE) == ("Up by night—By\n\nRain--nothing else.\n\nA so or left.\n")
    assert [sentence.text for sentence in essay_sentences(alignment)] == [
        "Up by night—By morning—gone.",
        "Rain--nothing else.",
        "A hen—or two—left.",
    ]
    assert passage_between(alignment, 4_000, 6_050).text == "Rain--nothing"


def test_sections_read_in_another_order_come_in_the_order_of_speech() -> None:
    alignment = aligned(
        [
            ("Read last.", [(20_000, 20_300), (20_300, 20_600)]),
            ("Read first.", [(3_000, 3_300), (3_300, 3_600)]),
            ("Read second.", [(9_000, 9_300), (9_300, 9_600)]),
        ],
        extra=(Extra(-1, "Intro.", 0, 900), Extra(1, "Outro.", 25_000, 25_900)),
    )
    cues = make_cues(spoken_words(alignment), LIMITS)
    assert [cue.text for cue in cues] == ["Intro.", "Read first.", "Read second.", "Read last.", "Outro."]


def test_an_alignment_without_a_spoken_word() -> None:
    alignment = aligned([("Never read.", [None, None])])
    assert make_cues(spoken_words(alignment), LIMITS) == ()
    assert [render(alignment, name, STYLE) for name in ("srt", "vtt", "txt", "tsv")] == [
        "",
        "WEBVTT\n\n",
        "",
        "start\tend\ttext\n",
    ]


# Reading what others write ---------------------------------------------------------------------------


def test_parse_srt_of_a_publisher() -> None:
    text = (
        "\ufeff1\r\n00:00:01,000 --> 00:00:02,500\r\n<i>Hello</i>\r\nthere\r\n\r\n"
        "3\r\n1:05.5 --> 01:07 X1:10\r\n{\\an8}No hours\r\n\r\nafter an empty line\r\n\r\n"
        "00:02:00,000 --> 00:02:01,000\r\nno number, 2026\r\n"
    )
    assert [(s.start_ms, s.end_ms, s.text) for s in parse_srt(text).segments] == [
        (1_000, 2_500, " Hello there"),
        (65_500, 67_000, " No hours after an empty line"),
        (120_000, 121_000, " no number, 2026"),
    ]


def test_parse_vtt_of_a_publisher() -> None:
    text = (
        "WEBVTT - Episode\nKind: captions\n\nNOTE 00:00:00.000 --> 00:00:01.000\nnot a cue\n\n"
        "STYLE\n::cue { color: red }\n\nintro\n00:01.000 --> 00:03.000 align:start position:0%\n"
        "<v.loud Ada B.>R&amp;D &lt;x&gt; <b>now</b></v>\n<v Bo>Yes.</v>\n\n"
        "01:00:00.000 --> 01:00:02.000\nso<01:00:00.500><c> we</c><01:00:01.000><c> go</c>\n"
    )
    first, second, third = parse_vtt(text).segments
    assert (first.speaker, first.text, first.start_ms) == ("Ada B.", " R&D <x> now", 1_000)
    assert (second.speaker, second.text, second.end_ms) == ("Bo", " Yes.", 3_000)
    assert third.text == " so we go"
    assert [(w.text, w.start_ms, w.end_ms) for w in third.words] == [
        (" so", 3_600_000, 3_600_500),
        (" we", 3_600_500, 3_601_000),
        (" go", 3_601_000, 3_602_000),
    ]


@pytest.mark.parametrize(
    ("payload", "turns"),
    [
        ("<v Bob>Yes.</v> No, I don't think so.", [("Bob", " Yes."), ("", " No, I don't think so.")]),
        (
            "<v Ann>First <v Bob>inside</v> after</v> beyond",
            [("Ann", " First"), ("Bob", " inside"), ("Ann", " after"), ("", " beyond")],
        ),
        ("<v Ann>One <v Bob>two", [("Ann", " One"), ("Bob", " two")]),
        ("</v>Hm.</v> So", [("", " Hm."), ("", " So")]),
    ],
)
def test_behind_the_end_of_a_voice_nobody_is_known(payload, turns):
    read = parse_vtt(f"WEBVTT\n\n00:00.000 --> 00:04.000\n{payload}\n")
    assert [(segment.speaker, segment.text) for segment in read.segments] == turns


@pytest.mark.parametrize("parse", [parse_srt, parse_vtt])
def test_a_web_page_is_no_subtitle_file(parse: object) -> None:
    with pytest.raises(PublishError, match="This is no"):
        parse("<!doctype html><title>Not found</title>")  # type: ignore[operator]


# Files -----------------------------------------------------------------------------------------------


def test_write_transcript_writes_every_format(tmp_path: Path) -> None:
    transcript = Transcript("en", (timed("Hello there."), timed("And\tgoodbye.", 5_000)), 9_000)
    paths = write_transcript(transcript, tmp_path / "new", "ep.1")
    assert [path.name for path in paths] == [
        "ep.1.srt",
        "ep.1.vtt",
        "ep.1.txt",
        "ep.1.tsv",
        "ep.1.transcript.json",
    ]
    srt, vtt, txt, tsv, transcript_json = [path.read_bytes().decode() for path in paths]
    assert srt.startswith("1\n00:00:00,000 --> 00:00:00,833\nHello there.\n\n2\n00:00:05,000 --> ")
    assert vtt.startswith("WEBVTT\n\n00:00:00.000 --> 00:00:00.833\nHello there.\n\n")
    assert txt == "Hello there.\n\nAnd goodbye.\n"
    assert tsv == "start\tend\ttext\n0\t833\tHello there.\n5000\t5833\tAnd goodbye.\n"
    assert Transcript.from_json(json.loads(transcript_json)) == transcript


def test_an_alignment_is_written_under_its_own_name(tmp_path: Path) -> None:
    (path,) = write_transcript(aligned([("Hi.", [(0, 300)])]), tmp_path, "ep", ["json"])
    assert path.name == "ep.alignment.json"
    assert Alignment.from_json(json.loads(path.read_text())).words[0].text == "Hi."


def test_an_unknown_format_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(PublishError, match="no format 'docx'"):
        write_transcript(Transcript("en", ()), tmp_path / "new", "ep", ["srt", "docx"])
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("wrong", [{"max_chars": 0}, {"max_lines": 0}, {"max_cps": 0.0}, {"gap_ms": -1}])
def test_impossible_limits_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(PublishError, match=next(iter(wrong))):
        CueLimits(**wrong)


def test_no_cue_stays_after_the_end_of_the_recording():
    words = spoken_words(Transcript("en", (timed("Come on."),)))
    end = words[-1].end_ms
    (free,) = make_cues(words, LIMITS)
    assert free.end_ms > end + 50
    for duration_ms, shown in ((end + 50, end + 50), (end - 50, end), (end + 60_000, free.end_ms)):
        assert make_cues(words, LIMITS, duration_ms)[0].end_ms == shown
