"""The report page as a document: every departure found, every figure right, nothing let in."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import replace
from itertools import groupby, pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from inkcast.alignment.alignment import Alignment, Audit, Extra
from inkcast.cli.app import inkcast
from inkcast.essays.essay import Block
from inkcast.publish.pages.charts import axes_of, pace_chart, walk_chart
from inkcast.publish.pages.departures import find_departures
from inkcast.publish.pages.report import report_page
from inkcast.publish.sections import headed_sections, listed_sections, reading_of
from tests.publish.test_reader import HOSTILE
from tests.support.alignments import PASSED, WORD_MS, align, essay_of
from tests.support.browser import write_wav


def alignment_of(*texts: str, kinds: tuple[str, ...] = (), **options: object) -> Alignment:
    """An alignment of the title "Small labs" (words 0 and 1) and one block for each text."""
    kinds = kinds or ("paragraph",) * len(texts)
    blocks = [Block(kind, text) for kind, text in zip(kinds, texts, strict=True)]  # type: ignore[arg-type]
    essay = essay_of(*blocks)
    return align(essay, **options)  # type: ignore[arg-type]


def found(alignment: Alignment) -> list[tuple[str, str, str]]:
    return [
        (d.kind, " ".join(word.text for word in alignment.words[d.first : d.end]), d.said)
        for d in find_departures(alignment)
    ]


def parse(alignment: Alignment, audio: str = "a.mp3") -> html.HtmlElement:
    return html.document_fromstring(report_page(alignment, audio))


# Departures ------------------------------------------------------------------------------------------


def test_what_is_not_read_replaced_and_said_besides() -> None:
    alignment = alignment_of(
        "one two three four five six seven eight",
        unspoken=(4, 7, 8),
        extra=(Extra(-1, "Hello.", 0, 10), Extra(3, "drei", 1_600, 1_900), Extra(9, "Well.", 3_900, 3_950)),
    )
    assert found(alignment) == [
        ("extra", "", "Hello."),
        ("replaced", "three", "drei"),
        ("unspoken", "six seven", ""),
        ("extra", "", "Well."),
    ]
    replaced, unspoken = find_departures(alignment)[1:3]
    assert (replaced.start_ms, replaced.end_ms) == (1_600, 1_900)
    assert (unspoken.start_ms, unspoken.end_ms) == (6 * 400 + 300, 9 * 400), (
        "from the word before to the next"
    )


def test_several_notes_at_one_place_replace_together() -> None:
    extra = (Extra(3, "deux", 1_600, 1_700), Extra(4, "trois", 1_800, 1_900))
    alignment = alignment_of("one two three four", unspoken=(4, 5), extra=extra)
    assert found(alignment) == [("replaced", "three four", "deux trois")]


def test_an_outro_does_not_replace_a_block_that_nobody_reads() -> None:
    alignment = alignment_of(
        "one two",
        "please subscribe now",
        unspoken=(4, 5, 6),
        extra=(Extra(3, "Thanks for listening.", 0, 1),),
    )
    assert found(alignment) == [
        ("extra", "", "Thanks for listening."),
        ("unspoken", "please subscribe now", ""),
    ]


def test_one_word_does_not_replace_a_paragraph() -> None:
    alignment = alignment_of(
        " ".join(["word"] * 30), unspoken=tuple(range(4, 30)), extra=(Extra(3, "Well.", 1_600, 1_700),)
    )
    assert [kind for kind, _, _ in found(alignment)] == ["extra", "unspoken"]


def test_a_lone_dash_is_no_departure_but_what_is_said_there_is() -> None:
    assert found(alignment_of("one – two", unspoken=(3,))) == []
    alignment = alignment_of("one – two", unspoken=(3,), extra=(Extra(2, "dash", 1_100, 1_200),))
    assert found(alignment) == [("extra", "", "dash")]


def test_nothing_read_and_nothing_written() -> None:
    alignment = alignment_of("one", unspoken=(0, 1, 2))
    assert found(alignment) == [("unspoken", "Small labs one", "")]
    empty = replace(alignment, words=(), blocks=(), extra=(Extra(-1, "Hi.", 5, 9),))
    assert found(empty) == [("extra", "", "Hi.")]
    assert "Hi." in report_page(empty, "a.mp3")


@st.composite
def departing(draw: st.DrawFn) -> Alignment:
    words = draw(st.lists(st.sampled_from(["a", "bc", "–", "d."]), min_size=1, max_size=30))
    n_words = len(words) + 2
    unspoken = draw(st.sets(st.integers(0, n_words - 1)))
    places = draw(st.lists(st.integers(-1, n_words - 1), max_size=5, unique=True))
    extra = tuple(Extra(at, f"x{at} y", max(0, at * 400 + 310), max(0, at * 400 + 390)) for at in places)
    cut = draw(st.integers(0, len(words)))
    texts = [text for text in (" ".join(words[:cut]), " ".join(words[cut:])) if text]
    return alignment_of(*texts, unspoken=tuple(unspoken), extra=extra)


@given(departing())
def test_every_departure_is_listed_once_and_nothing_else(alignment: Alignment) -> None:
    departures = find_departures(alignment)
    listed = [i for d in departures for i in range(d.first, d.end)]
    silent = [i for i, word in enumerate(alignment.words) if word.start_ms is None]
    assert len(listed) == len(set(listed)) and set(listed) <= set(silent)
    assert all(not alignment.words[i].text.isalnum() for i in set(silent) - set(listed))
    said = " ".join(d.said for d in departures).split()
    assert sorted(said) == sorted(" ".join(extra.text for extra in alignment.extra).split())
    assert [d.first for d in departures] == sorted(d.first for d in departures)


@given(st.lists(st.integers(8, 20), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_sections_read_in_another_order(lengths: list[int], random: object) -> None:
    """Without the words called moved the rest is in order, and no shorter set of words would do."""
    texts = [" ".join(["word"] * n) for n in lengths]
    essay = alignment_of(*texts)
    blocks = [list(group) for _, group in groupby(essay.words, key=lambda word: word.block)]
    order = list(range(len(blocks)))
    random.shuffle(order)  # type: ignore[attr-defined]
    at, start_of = 0, {}
    for number in order:
        start_of[number] = at
        at += len(blocks[number]) * WORD_MS + 2_000
    words = tuple(
        replace(word, start_ms=start_of[b] + i * WORD_MS, end_ms=start_of[b] + i * WORD_MS + 300)
        for b, block in enumerate(blocks)
        for i, word in enumerate(block)
    )
    departures = find_departures(replace(essay, words=words))
    assert {d.kind for d in departures} <= {"moved"}
    moved = {i for d in departures for i in range(d.first, d.end)}
    rest = [word.start_ms for i, word in enumerate(words) if i not in moved]
    assert rest == sorted(rest)  # type: ignore[type-var]
    kept = [
        sum(len(blocks[b]) for b in chosen)
        for chosen in _subsets(len(blocks))
        if all(start_of[a] < start_of[b] for a, b in pairwise(chosen))
    ]
    assert len(rest) == max(kept)


def _subsets(n: int) -> list[list[int]]:
    return [[i for i in range(n) if bits >> i & 1] for bits in range(2**n)]


def test_a_hair_of_disorder_is_no_other_place() -> None:
    alignment = alignment_of("one two three four")
    words = list(alignment.words)
    words[3] = replace(words[3], start_ms=700, end_ms=790)
    assert found(replace(alignment, words=tuple(words))) == []


# Sections --------------------------------------------------------------------------------------------


def test_sections_go_from_heading_to_heading() -> None:
    alignment = alignment_of(
        "Before it all.", "Part one", "Text.", "Part two", "More text.",
        kinds=("paragraph", "heading", "paragraph", "heading", "paragraph"),
    )  # fmt: skip
    names = [section.name for section in headed_sections(alignment)]
    assert names == ["Small labs", "Part one", "Part two"]
    assert [(s.first, s.end) for s in listed_sections(alignment)] == [(0, 5), (5, 8), (8, 12)]


def test_without_headings_each_block_is_listed() -> None:
    alignment = alignment_of("One two three four five six seven eight nine.", "Ten.")
    names = [section.name for section in listed_sections(alignment)]
    assert names == ["Small labs", "One two three four five six seven eight …", "Ten."]


def test_the_text_before_the_first_heading_is_a_section() -> None:
    alignment = alignment_of("Text.", "Part", "Text.", kinds=("paragraph", "heading", "paragraph"))
    untitled = replace(
        alignment, blocks=(replace(alignment.blocks[0], kind="paragraph"), *alignment.blocks[1:])
    )
    assert [(s.name, s.first, s.end) for s in headed_sections(untitled)] == [("", 0, 3), ("Part", 3, 5)]


def test_how_a_section_was_read() -> None:
    words = alignment_of(" ".join(["word"] * 98), unspoken=tuple(range(50, 75)), word_ms=300).words
    reading = reading_of(words)
    assert reading.spoken == 0.75 and reading.confidence == 0.9
    # 74 steps: 73 of 300 ms and one, over the silent words, that counts as 3 s at most; the last word 225 ms.
    assert reading.read_ms == 73 * 300 + 3_000 + 225
    assert reading.words_per_minute == pytest.approx(75 * 60_000 / reading.read_ms)
    assert reading_of(()).start_ms is None


# Charts ----------------------------------------------------------------------------------------------


def test_the_walk_goes_from_the_first_word_to_the_last() -> None:
    alignment = alignment_of("one two three", unspoken=(2,))  # of 5 words and 60 s
    (path,) = re.findall(r'class="steps" d="([^"]*)"', walk_chart(alignment, (), axes_of(alignment), ""))
    runs = [[tuple(map(float, point.split())) for point in run.split("L")] for run in path.split("M") if run]
    assert [(run[0], run[-1]) for run in runs] == [
        ((0.0, 0.0), (pytest.approx(1000 * 700 / 60_000, abs=0.1), 400.0)),
        ((20.0, 600.0), (pytest.approx(1000 * 1900 / 60_000, abs=0.1), 1000.0)),
    ]


def test_a_book_s_walk_is_no_longer_than_can_be_seen() -> None:
    alignment = alignment_of(" ".join(["word"] * 100_000), word_ms=300)
    assert len(walk_chart(alignment, (), axes_of(alignment), "")) < 60_000


@given(departing())
def test_no_chart_leaves_its_frame(alignment: Alignment) -> None:
    page = parse(replace(alignment, audio=replace(alignment.audio, duration_ms=0)))
    for share in re.findall(r'"(-?[\d.]+)%"', html.tostring(page, encoding="unicode")):
        assert 0 <= float(share) <= 100


def test_the_bars_of_the_pace_hold_every_word() -> None:
    alignment = alignment_of(
        " ".join(["word"] * 148), extra=(Extra(20, "six words more than are written", 0, 1),)
    )
    chart = pace_chart(alignment, axes_of(alignment), "")
    heights = re.findall(r'class="bar( extra)?"[^>]*height="([\d.]+)%"', chart)
    top = 250  # words a minute, unless there are more; 60 s make 6 bars of 10 s
    read = sum(float(height) / 100 * top / 6 for extra, height in heights if not extra)
    besides = sum(float(height) / 100 * top / 6 for extra, height in heights if extra)
    assert read == pytest.approx(150, abs=0.5) and besides == pytest.approx(6, abs=0.1)


@given(st.integers(1, 200 * 3_600_000))
def test_the_clock_has_few_ticks(duration_ms: int) -> None:
    alignment = alignment_of("one")
    alignment = replace(alignment, audio=replace(alignment.audio, duration_ms=duration_ms))
    ticks = pace_chart(alignment, axes_of(alignment), "").count('class="tick"')
    assert 1 <= ticks <= 7


def test_charts_say_in_words_what_they_show() -> None:
    page = parse(alignment_of("one two", unspoken=(2,)))
    walk, confidence, pace = page.xpath("//div[@class='charts']/svg")
    assert all(svg.get("role") == "img" for svg in (walk, confidence, pace))
    assert "1 not read" in walk.get("aria-label")
    assert "90.0 %" in confidence.get("aria-label")


# The page --------------------------------------------------------------------------------------------


def test_the_audit_in_plain_words() -> None:
    alignment = alignment_of("one two", audit=Audit(60_000, 45_000, 0.99996, 0.5, True, ("Look <here>.",)))
    page = parse(alignment)
    figures = {e.findtext("dt"): e.findtext("dd") for e in page.xpath("//dl/div")}
    assert [value for key, value in figures.items() if "of the essay" in key] == ["99.9 %"], (
        "not all is not 100"
    )
    assert [value for key, value in figures.items() if "0:45 of 1:00" in key] == ["75.0 %"]
    assert "The audit passed." in page.text_content() and "Look <here>." in page.text_content()
    failed = parse(replace(alignment, audit=replace(alignment.audit, passed=False)))
    assert "The audit did not pass." in failed.text_content() and "passed." not in failed.text_content()


def test_departures_are_quoted_with_what_is_around_them() -> None:
    alignment = alignment_of(
        "one two three four five", "Subscribe now.", kinds=("paragraph", "boilerplate"),
        unspoken=(4, 7, 8), extra=(Extra(3, "drei", 1_600, 1_900),),
    )  # fmt: skip
    first, second = parse(alignment, "a b.mp3").xpath("//ol/li")
    assert first.xpath("string(./div)") == "… one two three drei four five …"
    assert (first.findtext(".//del"), first.findtext(".//ins")) == ("three", "drei")
    assert "Not read (boilerplate)" in second.text_content()
    (play,) = first.xpath("./a[@class='play']")
    assert play.get("href") == "a%20b.mp3#t=0.4,3.1"
    assert (play.get("data-start"), play.get("data-end"), play.text) == ("400", "3100", "0:01")


def test_a_long_passage_is_all_there_behind_its_beginning() -> None:
    words = [f"word{n}" for n in range(200)]
    alignment = alignment_of("One.", " ".join(words), unspoken=tuple(range(3, 203)))
    (details,) = parse(alignment).xpath("//li//details")
    text = details.text_content()
    assert [word for word in text.split() if word.startswith("word") and word != "words"] == words
    assert "200 words" in text
    assert len(details.xpath("string(./summary)").split()) < 40


def test_no_departure_is_said() -> None:
    assert "word for word" in parse(alignment_of("one two")).text_content()


def test_no_text_becomes_markup_and_nothing_is_asked_of_other_sites() -> None:
    alignment = alignment_of(
        HOSTILE, HOSTILE, kinds=("heading", "paragraph"), unspoken=(4, 5), extra=(Extra(3, HOSTILE, 0, 9),),
        audit=replace(PASSED, passed=False, problems=(HOSTILE,)),
    )  # fmt: skip
    title = replace(alignment.blocks[0], text=HOSTILE)
    alignment = replace(alignment, blocks=(title, *alignment.blocks[1:]))
    page = parse(alignment, '"><script>.mp3')
    assert len(page.xpath("//script")) == 1
    assert page.xpath("//@onerror | //@style") == [] and page.xpath("//img") == []
    addresses = page.xpath("//@src | //@href")
    assert addresses and all(re.match(r"#|data:|%22%3E%3Cscript%3E\.mp3", address) for address in addresses)
    assert page.xpath("string(//h1)") == HOSTILE
    assert HOSTILE in page.xpath("string(//div[@class='notice'])")
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {href[1:] for href in addresses if href.startswith("#")} <= set(ids)


def test_the_signs_of_the_chart_lead_to_the_list() -> None:
    page = parse(alignment_of("one two three", unspoken=(2, 4)))
    signs = page.xpath("//svg[@class='walk']//@data-departure")
    assert [f"d{number}" for number in signs] == page.xpath("//ol/li/@id")


# The command -----------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An alignment in ``out`` of ``episode.wav``, which lies in the folder above, where we are."""
    monkeypatch.chdir(tmp_path)
    alignment = alignment_of("one two", unspoken=(2,), audit=replace(PASSED, passed=False))
    alignment = replace(alignment, audio=replace(alignment.audio, source="episode.wav"))
    write_wav(tmp_path / "episode.wav", 1)
    path = tmp_path / "out" / "episode.alignment.json"
    path.parent.mkdir()
    path.write_text(json.dumps(alignment.to_json()), encoding="utf-8")
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(inkcast, ["report", *map(str, arguments)])


def audio_of(page: Path) -> str:
    (source,) = html.document_fromstring(page.read_text(encoding="utf-8")).xpath("//audio/@src")
    return str(source)


def test_the_page_lies_beside_the_alignment_and_finds_the_recording(file: Path) -> None:
    result = run(file)
    page = file.with_name("episode.report.html")
    assert (result.exit_code, result.stdout) == (0, f"{page}\n"), "a failed audit is shown, not an error"
    assert audio_of(page) == "../episode.wav"
    write_wav(file.with_name("episode.wav"), 1)
    run(file)
    assert audio_of(page) == "episode.wav", "the copy beside the alignment, as in a library"


def test_out_and_audio(file: Path, tmp_path: Path) -> None:
    page = tmp_path / "pages" / "new" / "page.html"
    assert run(file, "--out", page).exit_code == 0
    assert audio_of(page) == "../../episode.wav"
    assert run(file, "--out", page, "--audio", "https://x.example/a.mp3?b=1&c=2").exit_code == 0
    assert audio_of(page) == "https://x.example/a.mp3?b=1&c=2"
    result = run(file, "--out", page, "--audio", "gone.mp3")
    assert result.exit_code == 1 and "There is no file gone.mp3." in result.stderr


def test_a_recording_that_is_gone_is_said(
    file: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "episode.wav").unlink()
    with caplog.at_level(logging.WARNING):
        assert run(file).exit_code == 0
    assert "--audio" in caplog.text


def test_nothing_is_replaced_by_its_report(file: Path, tmp_path: Path) -> None:
    before = file.read_bytes()
    for out in (file, tmp_path / "episode.wav"):
        result = run(file, "--out", out)
        assert result.exit_code == 1 and "would be replaced" in result.stderr
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("block", 7),
        ("block", -1),
        ("block", "0"),
        ("start_ms", "0"),
        ("start_ms", 1.5),
        ("start_ms", -1),
        ("end_ms", None),
        ("confidence", float("nan")),
        ("confidence", None),
        ("text", 5),
    ],
)
def test_a_damaged_alignment_is_refused(file: Path, key: str, value: object) -> None:
    data = json.loads(file.read_text(encoding="utf-8"))
    data["words"][0][key] = value
    file.write_text(json.dumps(data), encoding="utf-8")
    result = run(file)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {file} is neither a transcript nor an alignment")
    assert not file.with_name("episode.report.html").exists()


def test_a_transcript_and_a_missing_file_are_refused(file: Path) -> None:
    transcript = file.with_name("episode.transcript.json")
    transcript.write_text('{"segments": [], "text": "", "language": "en"}', encoding="utf-8")
    assert "is a transcript, not an alignment. Name the .alignment.json" in run(transcript).stderr
    assert "Cannot read" in run(file.with_name("none.json")).stderr
