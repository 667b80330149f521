"""Limits are invariants: for any transcript they hold, or no other cueing would have kept them."""

from __future__ import annotations

import re
from itertools import combinations, pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from inkcast.publish.checks.check_subtitles import check_subtitles
from inkcast.publish.subtitles.breaks import CUT, break_price
from inkcast.publish.subtitles.cues import SILENCE_MS, make_cues
from inkcast.publish.subtitles.formats import FORMATS
from inkcast.publish.subtitles.highlight import WordMarks
from inkcast.publish.subtitles.limits import PRESETS, CueLimits, clusters, preset_limits, text_width
from inkcast.publish.words import SpokenWord, clean_text, spoken_words
from inkcast.speech.transcript import Segment, Transcript, TranscriptWord

WORDS = """
the of and Nathan Lambert GPT 5.5 $2-10T 2026, May Dr. end. (so why? — well, “yes” e.g. <b> --> & {\\an8} </v>
\\N </script> 小实验室也很重要。 東京（とうきょう）へ 👩\u200d👩\u200d👧 e\u0301\u0302 🇩🇪 שלום مرحبا ไทยภาษา
""".split()  # noqa: SIM905 - easier to read
WORD = st.one_of(
    st.text(st.sampled_from("abcdefghijklmnop"), min_size=1, max_size=12),
    st.sampled_from(WORDS),
    st.integers(30, 200).map("x".__mul__),
)


@st.composite
def transcripts(draw: st.DrawFn) -> Transcript:
    """Speech at any pace, from a lecture to words piled upon each other, with pauses and speakers."""
    segments = []
    now = draw(st.integers(0, 5_000))
    for _ in range(draw(st.integers(1, 4))):
        speaker = draw(st.sampled_from(["", "", "Ada", "Bo & <C>"]))
        timed = []
        for text in draw(st.lists(WORD, min_size=1, max_size=25)):
            length = draw(st.sampled_from([0, 25, 80, 150, 250, 400, 400, 900, 9_000]))
            timed.append(TranscriptWord(f" {text}", now, now + length, 0.9))
            now += length + draw(st.sampled_from([0, 0, 0, 0, 60, 400, 1_200, 3_000]))
        text = "".join(word.text for word in timed)
        kept = timed if draw(st.integers(0, 5)) else []
        segments.append(Segment(timed[0].start_ms, now, text, tuple(kept), speaker))
    return Transcript("en", tuple(segments))


def bare(text: str) -> str:
    """Without spaces, and without the brackets around what somebody throws in."""
    return "".join(character for character in text if character not in " ()")


@settings(max_examples=1000, deadline=None)
@given(
    transcripts(),
    st.sampled_from(sorted(PRESETS)),
    st.sampled_from(["ass", "srt", "vtt"]),
    st.sampled_from(["plain", "timed", "highlighted"]),
)
def test_what_is_written_passes_the_check(
    transcript: Transcript, preset: str, format_name: str, marks: WordMarks
) -> None:
    limits = preset_limits(preset, format_name)
    words = spoken_words(transcript)
    cues = make_cues(words, limits)
    shown = bare("".join("".join(cue.lines) for cue in cues))
    assert shown == bare("".join(word.text for word in words)), "every word once, in order"
    assert shown == bare("".join(clean_text(segment.text) for segment in transcript.segments))
    text = FORMATS[format_name].write(cues, marks)
    checked = check_subtitles(text.encode(), format_name, limits)
    assert [problem for problem in checked.problems if problem.avoidable] == []
    assert {problem.kind for problem in checked.problems} <= {"too short", "too fast"}


# No other cueing would do better: the same rules, every cueing tried ------------------------------------


def broken(words: list[SpokenWord], cuts: tuple[int, ...], limits: CueLimits) -> int | None:
    """How many limits this cueing breaks; None where it breaks one that always holds."""
    count = 0
    for first, last in pairwise((0, *cuts, len(words))):
        text = " ".join(word.text for word in words[first:last])
        start_ms = words[first].start_ms
        if len(text) > limits.max_chars or words[last - 1].end_ms - start_ms > limits.max_ms:
            return None
        room_ms = limits.max_ms
        if last < len(words):
            room_ms = min(room_ms, words[last].start_ms - limits.gap_ms - start_ms)
        count += (room_ms < limits.min_ms) + (room_ms * limits.max_cps < len(text) * 1000)
    return count


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 9),
            st.sampled_from([100, 150, 250, 400, 800]),
            st.sampled_from([0, 0, 0, 100, 500, SILENCE_MS]),
        ),
        min_size=4,
        max_size=9,
    ),
    st.integers(20, 40),
)
def test_no_cueing_would_break_fewer_limits(spoken: list[tuple[int, int, int]], max_chars: int) -> None:
    limits = CueLimits(max_chars=max_chars, max_lines=1, bridge_ms=0)
    words, now = [], 0
    for n_letters, length_ms, pause_ms in spoken:
        words.append(SpokenWord("m" * n_letters, now, now + length_ms))
        now += length_ms + pause_ms
    cues = make_cues(words, limits)
    assume(all(cue.start_ms == cue.rows[0][0].start_ms for cue in cues))  # else no cueing is in time
    places = range(1, len(words))
    every = [broken(words, cuts, limits) for n in range(len(words)) for cuts in combinations(places, n)]
    ours = sum(
        (cue.end_ms - cue.start_ms < limits.min_ms)
        + ((cue.end_ms - cue.start_ms) * limits.max_cps < len(cue.text) * 1000)
        for cue in cues
    )
    assert ours == min(count for count in every if count is not None)


def test_a_limit_is_worth_an_awkward_break() -> None:
    hurried = [("We", 400), ("sell", 600), ("it", 500), ("of", 500), ("necessity.", 150), ("Fast.", 150)]
    words, now = [], 0
    for text, length_ms in hurried:
        words.append(SpokenWord(text, now, now + length_ms))
        now += length_ms
    words.append(SpokenWord("Later.", now, now + 400))
    limits = CueLimits(max_chars=20, max_lines=1)
    for cue in make_cues(words, limits)[:-1]:
        assert len(cue.text) * 1000 <= limits.max_cps * (cue.end_ms - cue.start_ms), cue.text
        assert cue.end_ms - cue.start_ms >= limits.min_ms


def test_a_short_pause_is_closed_a_long_one_shown() -> None:
    first = SpokenWord("Small labs matter here.", 0, 1_500)
    for pause_ms, end_ms in ((499, 1_999 - 83), (501, 1_500)):
        cue, _ = make_cues([first, SpokenWord("Truly.", 1_500 + pause_ms, 2_900)], CueLimits())
        assert cue.end_ms == end_ms
    cue, _ = make_cues([first, SpokenWord("Truly.", 2_499, 2_900)], preset_limits("bbc", "srt"))
    assert cue.end_ms == 2_499


# Extremes -----------------------------------------------------------------------------------------------


def stream(texts: list[str], length_ms: int, start_ms: int = 0) -> list[SpokenWord]:
    return [
        SpokenWord(text, start_ms + i * length_ms, start_ms + (i + 1) * length_ms)
        for i, text in enumerate(texts)
    ]


def test_forty_words_in_a_second() -> None:
    limits = CueLimits()
    cues = make_cues([*stream(["word"] * 40, 25), *stream(["later."], 500, 6_000)], limits)
    assert " ".join(cue.text for cue in cues) == "word " * 40 + "later."
    assert all(len(line) <= 42 for cue in cues for line in cue.lines)
    assert all(a.end_ms + limits.gap_ms <= b.start_ms for a, b in pairwise(cues))
    assert all(cue.end_ms - cue.start_ms >= 250 for cue in cues), "nobody sees less"
    assert cues[-2].end_ms - cues[-2].start_ms >= 833, "the silence that follows is lent to the last"


def test_words_that_all_claim_one_moment_share_the_time_that_there_is() -> None:
    pile = tuple(TranscriptWord(f" word{i}", 1_000, 1_000, 0.5) for i in range(30))
    after = TranscriptWord(" after", 21_000, 21_400, 0.9)
    text = "".join(word.text for word in (*pile, after))
    words = spoken_words(Transcript("en", (Segment(1_000, 21_400, text, (*pile, after)),)))
    starts = [word.start_ms for word in words]
    assert starts == sorted(set(starts))
    assert words[29].end_ms == 10_000, "as long as thirty words take"
    assert [word.timed for word in words] == [True] + [False] * 29 + [True]


@pytest.mark.parametrize(("n_chars", "end_ms"), [(5_000, 60_000), (1_000_000, 600)])
def test_one_endless_word(n_chars: int, end_ms: int) -> None:
    """A million characters: what looks at all pairs of its pieces would take hours."""
    word = "".join(chr(97 + i % 26) for i in range(n_chars))
    cues = make_cues([SpokenWord("Look:", 0, 200), SpokenWord(word, 200, end_ms)], CueLimits())
    assert "".join("".join(cue.lines) for cue in cues) == "Look:" + word
    assert all(len(line) <= 42 for cue in cues for line in cue.lines)
    assert all(cue.end_ms - cue.start_ms <= 7_000 for cue in cues)


def test_a_character_is_what_a_reader_sees() -> None:
    assert clusters("e\u0301👩‍👩‍👧🇩🇪") == ["e\u0301", "👩‍👩‍👧", "🇩🇪"]
    widths = {
        "abc": 3,
        "e\u0301": 1,
        "👩‍👩‍👧": 2,
        "🇩🇪": 2,
        "👍🏽": 2,
        "文字": 4,
        "ｱ": 1,
        "शि": 1,
        "\u200f": 0,
        "שלום": 4,
    }
    assert {text: text_width(text) for text in widths} == widths


@pytest.mark.parametrize("cluster", ["e\u0301", "👩‍👩‍👧", "🇩🇪", "शि"])
def test_no_character_is_cut_in_two(cluster: str) -> None:
    cues = make_cues([SpokenWord(cluster * 50, 0, 20_000)], CueLimits(max_chars=7))
    lines = [line for cue in cues for line in cue.lines]
    assert "".join(lines) == cluster * 50
    assert all(set(clusters(line)) == {cluster} and text_width(line) <= 7 for line in lines)


def test_chinese_breaks_between_characters_but_no_line_begins_with_a_mark() -> None:
    text = "小实验室也很重要，因为「开放」的研究需要它们。我们（和你们）都知道这一点！" * 4
    cues = make_cues([SpokenWord(text, 0, 60_000)], CueLimits())
    lines = [line for cue in cues for line in cue.lines]
    assert "".join(lines) == text
    assert max(map(text_width, lines)) <= 42
    assert not [line for line in lines if line[0] in "，。」）！"]
    assert not [line for line in lines if line[-1] in "「（"]
    ends = sum(cue.text[-1] in "，。！" for cue in cues)
    assert ends >= 0.8 * len(cues), "cues end where clauses do"


def test_right_to_left_text_stays_as_it_is() -> None:
    text = "המעבדות הקטנות חשובות מאוד, ואין להן 5,000 מחשבים של OpenAI. זה ברור."
    cues = make_cues(stream(text.split(), 400), CueLimits(max_chars=30))
    assert " ".join(cue.text for cue in cues) == text
    assert not re.search("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", "".join(cue.text for cue in cues))


# Names and numbers --------------------------------------------------------------------------------------

WHOLE = [
    "GPT 5.5", "Llama 3", "May 2026", "Nathan Lambert", "New York Times", "Claude Opus 4.5", "$40 billion",
    "40 000", "J. R. Smith", "U.S. Army", "May 5, 2026", "Figure 3", "iPhone 17 Pro", "5.5 percent", "no. 5",
    "chapter 12", "3 p.m.", "Gemini 3.5 Flash", "Dr. Ada Lovelace", "12 million",
]  # fmt: skip


@pytest.mark.parametrize("whole", WHOLE)
@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.sampled_from(["small", "labs", "often", "quickly", "write", "because", "of"]), max_size=14),
    st.lists(st.sampled_from(["and", "then", "they", "go", "home", "again", "without"]), max_size=14),
    st.sampled_from([90, 250, 400]),
)
def test_no_name_or_number_is_broken(whole: str, before: list[str], after: list[str], length_ms: int) -> None:
    words = stream([*before, *whole.split(), *after], length_ms)
    lines = [line for cue in make_cues(words, CueLimits()) for line in cue.lines]
    assert any(whole in line for line in lines), lines


@pytest.mark.parametrize("pair", ["But Nathan", "In 2026", "labs are", "open models", "it. GPT", "2026. May"])
def test_what_only_looks_like_a_name(pair: str) -> None:
    left, right = (SpokenWord(text, 0, 0) for text in pair.split())
    assert break_price(left, right) < CUT
