"""The reader page as a document: nothing lost, nothing let in, everything well-formed."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree, html
from mutagen.id3 import APIC, ID3, TALB, TDRC, TPE1

from inkcast.alignment.alignment import Extra
from inkcast.cli import app
from inkcast.errors import PublishError
from inkcast.essays.essay import Block, Essay, Mark
from inkcast.publish.pages.inline_html import Layer, Point, weave
from inkcast.publish.pages.masthead import NO_MASTHEAD, Masthead
from inkcast.publish.pages.reader import reader_page
from inkcast.publish.pages.recording_tags import masthead_of_recording
from tests.support import example
from tests.support.alignments import PASSED, align, essay_of

HOSTILE = (
    "</script><script>alert(1)</script> <img src=x onerror=alert(1)> <!-- ]]> &amp; \" ' ${title} $title"
)


def parse(essay: Essay, **options: object) -> html.HtmlElement:
    return html.document_fromstring(reader_page(essay, align(essay, **options), "a.mp3"))  # type: ignore[arg-type]


def texts(page: html.HtmlElement, path: str) -> list[str]:
    return [element.text_content().strip() for element in page.xpath(path)]


# Structure -------------------------------------------------------------------------------------------


def test_every_kind_of_block_has_its_element() -> None:
    page = parse(
        essay_of(
            Block("heading", "Part one", level=1, anchor="one"),
            Block("paragraph", "Some text."),
            Block("heading", "A detail", level=2),
            Block("quote", "First."),
            Block("quote", "Second."),
            Block("code", "x = 1\n  y < 2"),
            Block("caption", "A chart.", (Mark("image", 0, 0, "https://x.example/a.png", "bars"),)),
            Block("footnote", "A note.", ordinal=1, anchor="footnote-1"),
            Block("boilerplate", "Subscribe."),
        )
    )
    assert texts(page, "//article//h1") == ["Small labs"]
    assert texts(page, "//article//h2") == ["Part one"]
    assert page.xpath("//h2/@id") == ["one"]
    assert texts(page, "//article//h3") == ["A detail"]
    assert texts(page, "//blockquote/p") == ["First.", "Second."] and len(page.xpath("//blockquote")) == 1
    assert texts(page, "//pre/code") == ["x = 1\n  y < 2"]
    assert texts(page, "//figure/figcaption") == ["A chart."]
    assert page.xpath("//figure/img/@alt") == ["bars"]
    assert texts(page, "//div[@id='footnote-1']/p") == ["A note."]
    assert texts(page, "//p[@class='boilerplate']") == ["Subscribe."]


def test_lists_nest_and_keep_their_numbers() -> None:
    items = [("a", 1, 0), ("b", 2, 3), ("c", 2, 4), ("d", 9, 0), ("e", 1, 0), ("f", 1, 1)]
    page = parse(essay_of(*(Block("list_item", text, level=n, ordinal=o) for text, n, o in items)))
    (article,) = page.xpath("//article")
    assert texts(article, "./ul/li/p") == ["a", "e"]
    assert texts(article, "./ul/li/ol/li/p") == ["b", "c"]
    assert article.xpath("./ul/li/ol/li/@value") == ["3", "4"]
    assert texts(article, "./ul/li/ol/li/ul/li/p") == ["d"]
    assert texts(article, "./ol/li/p") == ["f"]


def test_a_list_that_begins_deep() -> None:
    page = parse(essay_of(Block("list_item", "deep", level=3), Block("list_item", "top", level=1)))
    assert texts(page, "//article/ul/li/p") == ["deep", "top"]


def test_marks() -> None:
    text = "We show their work in GPT now"
    marks = (
        Mark("strong", 3, 18),
        Mark("emphasis", 8, 13),
        Mark("link", 22, 25, 'https://x.example/?a=1&b="2"'),
        Mark("strikethrough", 26, 29),
    )
    page = parse(essay_of(Block("paragraph", text, marks)))
    assert texts(page, "//article/p") == [text]
    assert texts(page, "//strong") == ["show their work"]
    assert texts(page, "//strong//em") == ["their"]
    assert page.xpath("//article/p/a/@href") == ['https://x.example/?a=1&b="2"']
    assert texts(page, "//del") == ["now"]


def test_footnotes_lead_there_and_back() -> None:
    page = parse(
        essay_of(
            Block("paragraph", "Shown.", (Mark("link", 6, 6, "#fn1", "*"),)),
            Block("footnote", "Costly.", ordinal=1, anchor="fn1"),
        )
    )
    (marker,) = page.xpath("//sup/a")
    (footnote,) = page.xpath("//*[@id='fn1']")
    (back,) = footnote.xpath("./a[@class='label']")
    assert (marker.text, marker.get("href")) == ("*", "#fn1")
    assert (back.text, back.get("href")) == ("*", "#" + marker.get("id"))


def test_a_link_to_an_anchor_that_is_elsewhere() -> None:
    block = Block("paragraph", "see there", (Mark("link", 4, 9, "#far"),))
    assert parse(essay_of(block)).xpath("//article/p/a") == []
    page = parse(essay_of(block, source="https://x.example/p/labs"))
    assert page.xpath("//article/p/a/@href") == ["https://x.example/p/labs#far"]


def test_images_stand_where_they_stood() -> None:
    marks = tuple(Mark("image", at, at, f"https://x.example/{at}.png") for at in (0, 4, 9))
    page = parse(essay_of(Block("paragraph", "see this.", marks)))
    assert page.xpath("//article/p/preceding-sibling::figure/img/@src") == ["https://x.example/0.png"]
    assert page.xpath("//article/p//img/@src") == ["https://x.example/4.png"]
    assert page.xpath("//article/p/following-sibling::figure/img/@src") == ["https://x.example/9.png"]


def test_speakers_are_named_where_they_begin() -> None:
    page = parse(essay_of(*(Block("paragraph", "Yes.", speaker=name) for name in ("Ada", "Ada", "<Bo>"))))
    assert texts(page, "//p[@class='speaker']") == ["Ada", "<Bo>"]


def test_many_notes_at_a_block_are_one_for_each_who_says_them() -> None:
    essay = essay_of(Block("paragraph", "So we went there and it was cold and wet.", speaker="Bo"))
    said = [(3, "um", "Bo"), (4, "mhm", "Ada"), (5, "uh", "Bo"), (6, "right", "Ada"), (7, "er", "Bo")]
    extra = tuple(Extra(at, text, at * 400 + 310, at * 400 + 390, name) for at, text, name in said)
    page = parse(essay, extra=extra)
    assert texts(page, "//aside/p") == [
        "Also said um · uh · er", "Also said by Ada mhm", "Also said by Ada right",
    ]  # fmt: skip
    assert page.xpath("//aside[1]//span/@data-m") == ["1510", "2310", "3110"]
    assert page.xpath("//aside/@data-voice") == ["1", "2", "2"]
    assert len(page.xpath("//span[@class='caret']")) == 6, "each at its place, one in the legend"


# Words -----------------------------------------------------------------------------------------------


def test_times_unspoken_text_and_extra_speech() -> None:
    essay = essay_of(Block("paragraph", "One two three four."), Block("paragraph", "Never read."))
    page = parse(
        essay,
        unspoken=(3, 4, 6, 7),
        extra=(
            Extra(-1, "Hello <all>.", 0, 100),
            Extra(3, "deux", 1_300, 1_600),
            Extra(5, "Five.", 3_000, 3_500),
        ),
    )
    first, second = page.xpath("//article/p")
    assert [(s.text, s.get("data-m"), s.get("data-d")) for s in first.xpath(".//span[@data-m]")] == [
        ("One", "800", "300"),
        ("four.", "2000", "300"),
    ]
    assert texts(first, ".//span[@class='unspoken']") == ["two three"]
    assert second.get("class") == "unspoken"
    assert texts(page, "//aside//span") == ["Hello <all>.", "deux", "Five."]
    assert len(first.xpath(".//span[@class='caret']")) == 2
    assert [(a.text, a.get("href")) for a in page.xpath("//article/a[@class='time']")] == [("0:00", "#t=0")]
    assert first.text_content() == "One two three four."


def test_a_lone_dash_is_not_marked_as_unspoken() -> None:
    page = parse(essay_of(Block("paragraph", "One – two three.")), unspoken=(3, 5))
    assert texts(page, "//article/p//span[@class='unspoken']") == ["three."]


def test_an_alignment_of_another_text_is_refused() -> None:
    essay = essay_of(Block("paragraph", "One two three."))
    other = essay_of(Block("paragraph", "One too three."))
    with pytest.raises(PublishError, match="not of this text"):
        reader_page(other, align(essay), "a.mp3")
    with pytest.raises(PublishError, match="not of this text"):
        reader_page(replace(essay, blocks=essay.blocks[:1]), align(essay), "a.mp3")


def test_nothing_spoken_and_nothing_at_all() -> None:
    essay = essay_of(Block("paragraph", "Never read."))
    assert parse(essay, unspoken=(0, 1, 2, 3)).xpath("//span[@data-m]") == []
    empty = Essay("", ())
    assert texts(parse(empty), "//h1") == ["Essay"]


def test_titles_and_headings_look_like_such_whoever_reads_them() -> None:
    blocks = (Block("heading", "Not read"), Block("heading", "Half read"), Block("paragraph", "Text."))
    page = parse(essay_of(*blocks), unspoken=(0, 1, 2, 3, 4))
    assert texts(page, "//h1[@class='unread'] | //h2[@class='unread']") == ["Small labs", "Not read"]
    assert page.xpath("//*[@class='unspoken']") == []


def test_the_masthead_says_whose_it_is() -> None:
    essay = essay_of(Block("paragraph", "Text."))
    whose = Masthead(
        "<i>Show</i>",
        "A & B",
        datetime(2026, 5, 9, tzinfo=UTC),
        "data:image/jpeg;base64,AA==",
        "../index.html",
    )
    page = html.document_fromstring(reader_page(essay, align(essay), "a.mp3", masthead=whose))
    assert texts(page, "//p[@class='masthead']/a[@href='../index.html']") == ["<i>Show</i>"]
    assert texts(page, "//p[@class='byline']") == ["A & B · 9 May 2026 · 1:00"]
    assert page.xpath("//img[@class='cover']/@src") == ["data:image/jpeg;base64,AA=="]
    assert parse(essay).xpath("//p[@class='masthead']") == []
    machine = html.document_fromstring(
        reader_page(essay, align(essay), "a.mp3", masthead=Masthead(transcribed=True))
    )
    (legend,) = texts(machine, "//p[@class='legend']")
    assert "Transcribed by machine" in legend and "%" not in legend


def test_a_failed_audit_is_said() -> None:
    essay = essay_of(Block("paragraph", "Text."))
    failed = replace(PASSED, passed=False, problems=("Half of the <speech> is missing.",))
    assert "Half of the <speech> is missing." in texts(parse(essay, audit=failed), "//*[@class='notice']")[0]
    assert parse(essay).xpath("//*[@class='notice']") == []


# Trust -----------------------------------------------------------------------------------------------


def test_no_text_becomes_markup() -> None:
    marks = (
        Mark("link", 0, 9, "javascript:alert(1)"),
        Mark("link", 10, 18, " java\tscript:alert(1)"),
        Mark("link", 20, 24, "data:text/html,<script>alert(1)</script>"),
        Mark("image", 0, 0, "javascript:alert(1)", HOSTILE),
        Mark("image", 5, 5, 'https://x.example/"onerror="alert(1)', HOSTILE),
        Mark("link", 30, 30, '#"><script>alert(1)</script>', HOSTILE),
    )
    blocks = [
        Block(kind, HOSTILE, marks, 1, 1, '"><script>alert(1)</script>', HOSTILE)  # type: ignore[arg-type]
        for kind in (
            "paragraph",
            "heading",
            "list_item",
            "quote",
            "caption",
            "footnote",
            "boilerplate",
            "code",
        )
    ]
    essay = Essay(HOSTILE, tuple(blocks), 'https://x.example/"><script>', '"><script>')
    failed = replace(PASSED, passed=False, problems=(HOSTILE,))
    page = html.document_fromstring(
        reader_page(essay, align(essay, extra=(Extra(2, HOSTILE, 0, 9),), audit=failed), '"><script>.mp3')
    )
    assert len(page.xpath("//script")) == 1 and page.xpath("//head/script")
    assert page.xpath("//@onerror") == []
    assert not [
        href
        for href in page.xpath("//body//@href | //body//@src")
        if re.match(r"\s*(javascript|data):", href)
    ]
    assert texts(page, "//title") == [HOSTILE]
    assert page.get("lang") == "en"
    visible = [re.sub(r"\s", "", text) for text in texts(page, "//li/p")]
    assert visible and all(re.sub(r"\s", "", HOSTILE) in text for text in visible)


def test_the_policy_allows_exactly_the_page_s_own_script_and_style() -> None:
    page = reader_page(essay_of(), align(essay_of()), "a.mp3")
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', page)
    for name in ("script", "style"):
        (content,) = re.findall(f"<{name}>(.*?)</{name}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';") and "unsafe" not in policy
    assert not re.search(r'\son\w+="|\sstyle="', page)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("a b#1?.mp3", "a%20b%231%3F.mp3"),
        ("100%.mp3", "100%25.mp3"),
        ("../media/é.mp3", "../media/%C3%A9.mp3"),
        ("https://x.example/a.mp3?u=1&v=2", "https://x.example/a.mp3?u=1&v=2"),
        ("javascript:alert(1)", "javascript%3Aalert%281%29"),
    ],
)
def test_audio_addresses(given: str, expected: str) -> None:
    page = html.document_fromstring(reader_page(essay_of(), align(essay_of()), given))
    assert page.xpath("//audio/@src") == [expected]


def test_inline_audio() -> None:
    page = html.document_fromstring(reader_page(essay_of(), align(essay_of()), "a.wav", inline_audio=b"RIFF"))
    media_type, data = page.xpath("//audio/@src")[0].removeprefix("data:").split(";base64,")
    assert media_type in ("audio/x-wav", "audio/wav", "audio/vnd.wave")
    assert base64.b64decode(data) == b"RIFF"


def test_the_command_puts_the_recording_into_the_page(tmp_path: Path) -> None:
    subtitles, out = tmp_path / "a.vtt", tmp_path / "out"
    cues = [
        f"00:00:{line['start']:06.3f} --> 00:00:{line['end']:06.3f}\n{line['spoken']}\n"
        for line in example.sentences()
        if line["end"] < 60
    ]
    subtitles.write_text("WEBVTT\n\n" + "\n".join(cues), encoding="utf-8")
    arguments = [
        "align",
        example.AUDIO,
        example.PAGE,
        "--transcript",
        subtitles,
        "--out",
        out,
        "--inline-audio",
    ]
    CliRunner().invoke(app.inkcast, [str(argument) for argument in arguments])
    page = html.document_fromstring((out / example.AUDIO.with_suffix(".html").name).read_text("utf-8"))
    data = page.xpath("//audio/@src")[0].removeprefix("data:audio/mpeg;base64,")
    assert base64.b64decode(data) == example.AUDIO.read_bytes()


# Structure of the reader ------------------------------------------------------------------------------


def test_contents_name_the_parts_and_their_times() -> None:
    essay = essay_of(
        Block("heading", "One", level=2),
        Block("paragraph", "is read."),
        Block("heading", "Two <b>", level=2),
        Block("paragraph", "is not."),
    )
    page = parse(essay, unspoken=(5, 6, 7, 8))
    assert [link.get("href") for link in page.xpath("//ol[@class='contents']//a")] == ["#t=0", "#t=0"]
    assert texts(page, "//ol[@class='contents']/li") == ["Small labs 0:00", "One 0:00", "Two <b> not read"]
    assert page.xpath("//button[contains(@class, 'open-contents')]/@hidden") == []
    assert parse(essay_of()).xpath("//button[contains(@class, 'open-contents')]/@hidden") == [""]


def test_paragraphs_of_one_second_share_no_address() -> None:
    page = parse(essay_of(*(Block("paragraph", word) for word in ("a", "b", "c", "d"))))
    assert [link.get("id") for link in page.xpath("//a[@class='time']")] == ["t=0", None, "t=1", None, "t=2"]


def test_sentences_begin_where_they_are_first_heard() -> None:
    block = Block("paragraph", "Dr. No came. He saw. It went on, e.g. so. End")
    page = parse(essay_of(block), unspoken=(2 + 5,))
    assert texts(page, "//span[@data-s]") == ["He", "went", "End"]


def test_each_block_has_its_own_direction() -> None:
    page = parse(
        essay_of(Block("paragraph", "English."), Block("quote", "«שלום»"), Block("paragraph", "1 2"))
    )
    assert page.xpath("//article/@dir") == ["ltr"]
    assert page.xpath("//article//p/@dir") == ["rtl"]
    (quote,) = page.xpath("//article//p[@dir]")
    assert quote.text_content() == "«שלום»"


# Recordings ------------------------------------------------------------------------------------------


def test_a_recording_s_own_tags_say_whose_it_is(tmp_path: Path) -> None:
    audio = tmp_path / "a.mp3"
    audio.write_bytes(example.AUDIO.read_bytes())
    assert masthead_of_recording(audio) == NO_MASTHEAD
    tags = ID3()
    cover = (example.ROOT / "examples" / "cover.png").read_bytes()
    for frame in (
        TALB(text="Slow Weights"),
        TPE1(text="Mira Holt"),
        TDRC(text="2026-05-19"),
        APIC(data=b"no picture"),
        APIC(data=cover, desc="cover"),
    ):
        tags.add(frame)
    tags.save(audio)
    found = masthead_of_recording(audio)
    assert (found.show, found.author) == ("Slow Weights", "Mira Holt")
    assert found.published == datetime(2026, 5, 19, tzinfo=UTC)
    picture = base64.b64decode(found.cover.removeprefix("data:image/jpeg;base64,"))
    assert picture.startswith(b"\xff\xd8") and len(picture) < 20_000
    audio.write_bytes(b"ID3" + b"\xff" * 100)
    assert masthead_of_recording(audio) == NO_MASTHEAD


# Weaving ---------------------------------------------------------------------------------------------


@st.composite
def woven(draw: st.DrawFn) -> tuple[str, list[Layer], list[Point]]:
    text = draw(st.text(st.sampled_from("ab <&>c"), min_size=1, max_size=20))
    place = st.integers(0, len(text))
    spans = draw(
        st.lists(st.tuples(place, place).map(sorted).filter(lambda span: span[0] < span[1]), max_size=6)
    )
    layers = [Layer(start, end, f'<s i="{i}">', "</s>") for i, (start, end) in enumerate(spans)]
    points = [Point(at, "<p/>") for at in draw(st.lists(place, max_size=3))]
    return text, layers, points


@given(woven())
def test_weave_nests_and_covers(case: tuple[str, list[Layer], list[Point]]) -> None:
    text, layers, points = case
    root = etree.fromstring(f"<x>{weave(text, layers, points)}</x>")
    assert "".join(root.itertext()) == text
    assert len(root.findall(".//p")) == len(points)
    for i, layer in enumerate(layers):
        covered = "".join("".join(element.itertext()) for element in root.iterfind(f".//s[@i='{i}']"))
        assert covered == text[layer.start : layer.end]
