"""A few of the documents that benchmarks/fuzz.py makes; run it for many more."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from inkcast.errors import FeedError, InkcastError
from inkcast.feeds.rss import parse_feed

sys.path.append(str(Path(__file__).resolve().parents[2] / "benchmarks"))
fuzz = importlib.import_module("fuzz")


@pytest.mark.parametrize("kind", fuzz.kinds())
def test_broken_documents_give_a_result_or_a_clear_error(kind: str) -> None:
    documents, report = fuzz.kinds()[kind], fuzz.Report()
    for number in range(300):
        data = fuzz.mutation(documents.seeds, number)
        assert data == fuzz.mutation(documents.seeds, number)
        report.try_out(f"mutation {number}", data, documents.read)
    wrong = [failure for failure in report.failures if not failure.endswith(" s")]
    assert not wrong, "\n".join(wrong)
    assert 0 < report.refused < report.documents == 300


SMALL = list(fuzz.hostile("feeds", part=100))


@pytest.mark.parametrize(("name", "data"), SMALL, ids=[name for name, _ in SMALL])
def test_hostile_feeds_give_a_result_or_a_clear_error(name: str, data: bytes) -> None:
    try:
        fuzz.read_feed(data)
    except InkcastError as error:
        assert error.hint


FIRST = '<rss version="2.0"><channel><title>T</title><item><title>a</title><guid>g</guid></item>'


@pytest.mark.parametrize(
    "more",
    [
        "<b/>" * 250_000,
        "<item/>" * 25_000,
        "&lt;" * 1_000_001,
        f'<item><enclosure url="{"a" * 1_000_001}"/></item>',
        f"<item><enclosure url='{'a>' * 500_001}'/></item>",
        f"<{'a' * 1_000_001}",
        f"<item><title>{'a ' * 4_000_001}</title></item>",
        f"<item><title><![CDATA[{'a ' * 4_000_001}]]></title></item>",
        f"<item><title><![CDATA[{'<p>' * 100_001}]]></title></item>",
        "<title><![CDATA[<p><p><p><p><p><p><p><p><p><p><p>]]></title>" * 91_000,
    ],
    ids=[
        *("tags", "items", "references", "attribute", "attribute with brackets", "tag", "text", "section"),
        *("tags of a section", "tags of all sections"),
    ],
)
def test_more_markup_than_a_podcast_can_have_is_refused(more: str) -> None:
    with pytest.raises(FeedError, match="more markup"):
        parse_feed(f"{FIRST}{more}</channel></rss>".encode(), "https://a.example/feed")


def test_markup_inside_sections_is_not_counted_and_long_text_is_no_tag() -> None:
    section = f"<itunes:keywords><![CDATA[{'< &' * 99_990}]]></itunes:keywords>"
    text = f"<itunes:summary>{'word ' * 300_000}</itunes:summary>"
    (episode,) = parse_feed(
        f"{FIRST.removesuffix('</item>')}{section}{text}</item></channel></rss>".encode(),
        "https://a.example/feed",
    ).episodes
    assert episode.guid == "g"


@pytest.mark.parametrize(
    "chapters",
    ['<psc:chapter title="no start"/>', '<psc:chapters/><psc:chapter start="0:00"/>', "<psc:chapter/>"],
)
def test_chapters_that_feedparser_fails_on_cost_only_themselves(chapters: str) -> None:
    declaration = ' xmlns:psc="http://podlove.org/simple-chapters">'
    data = FIRST.replace(">", declaration, 1).replace("</item>", f"{chapters}</item>")
    (episode,) = parse_feed(f"{data}</channel></rss>".encode(), "https://a.example/feed").episodes
    assert episode.title == "a"


@pytest.mark.parametrize("codec", ["idna", "undefined", "punycode", "unicode_escape", "rot13", "no such"])
def test_an_encoding_that_is_none_is_no_hindrance(codec: str) -> None:
    data = f'<?xml version="1.0" encoding="{codec}"?>{FIRST}</channel></rss>'
    (episode,) = parse_feed(data.encode(), "https://a.example/feed").episodes
    assert episode.title == "a"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_wide_encodings_are_read_with_and_without_their_mark(encoding: str) -> None:
    data = f'<?xml version="1.0" encoding="{encoding}"?>{FIRST.replace("a</", "é</")}</channel></rss>'
    (episode,) = parse_feed(data.encode(encoding), "https://a.example/feed").episodes
    assert episode.title == "é"


@pytest.mark.parametrize("reference", ["&#99999999999;", "&#x110000;", "&#x100000;", "&#xd800", "&#55296"])
def test_a_reference_to_no_character_is_no_crash(reference: str) -> None:
    data = FIRST.replace("a</", f"a{reference} b & c</") + "</channel></rss>"
    (episode,) = parse_feed(data.encode(), "https://a.example/feed").episodes
    assert episode.title == "a� b & c"
