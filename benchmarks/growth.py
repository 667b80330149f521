"""Short strings, repeated: does any reader of strangers' texts take more than its share of time?

    python benchmarks/growth.py [--readers redact,markdown] [--every 10]

Each reader gets each piece, repeated to 16 KB; where that takes noticeable time, 4, 8, 16 and 32 KB
are measured, and a reader whose time grows much faster than the text fails. The pieces are all strings of two
to four characters that occur in a regular expression of Inkcast, and some that parsers stumble over.
"""

# ruff: noqa: E501 - one reader a line

from __future__ import annotations

import argparse
import ast
import gc
import io
import json
import os
import re
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from inkcast.download import sniff
from inkcast.download.naming import file_stem
from inkcast.errors import InkcastError, redact
from inkcast.essays.documents.pdf import read_pdf
from inkcast.essays.part import Part
from inkcast.essays.read import essay_from_content, parse_essay
from inkcast.feeds.address import canonical_address, resolve
from inkcast.feeds.content import is_whole_essay, plain_text
from inkcast.feeds.opml import is_opml, read_opml
from inkcast.feeds.rss import parse_feed
from inkcast.publish.checks.check_subtitles import check_subtitles
from inkcast.publish.feed_copy import add_links
from inkcast.publish.search.query import parse_query
from inkcast.publish.subtitles.cues import make_cues
from inkcast.publish.subtitles.limits import CueLimits
from inkcast.publish.subtitles.transcript_files import read_speech
from inkcast.publish.words import spoken_words
from inkcast.settings import read_settings
from inkcast.speech.transcript import Segment, Transcript
from inkcast.wording.match import Heard, match, match_closely
from inkcast.wording.verbalize import parts

SIZES = (4096, 8192, 16384)
MOST_GROWTH = 2.5
"""Of time, where the text doubles; 2 is linear."""
FLOOR_S = 0.05
"""What takes less at the largest size is fast enough, however it grows: chance would decide."""
HANGS_S = 2.0

SOURCE = Path(__file__).parents[1] / "src"
NASTY = (
    *("<!---->", "<!--", "-->", "<![CDATA[", "]]>", "<?", "&a;", "&#", "&lt;", "<a ", "<p>", "</p>", "<b><i>"),
    *("<!-- -->", "<!DOCTYPE x [", "='", '="', "<a href='", "<li>", "<ul><li>", "<div>", "<table><td>"),
    *("![", "[", "[](", "[a](", "![[]()", "*a*_b_", "*a_ ", "**", "_a_", "`a``", "> ", "- ", "1. ", "~~a", "[^a]"),
    *("[^1]: a\n", "|a", "|-|\n", "# a\n", "\\", "<a", "<x:", "\n\n", "\r", "\t", "    a\n", "***a", "a**b_c", "[a]: b\n"),
    *("a-a-", "a.a.", "a@a.", "a:a@", "http://", "https://a:", "?a=", "&a=1", "#a=", "/private/", "eyJ", "%41", "~a"),
    *("a", " a", "A ", "1", "1,", "1.", "1/", "1:1:", "$1-", "1-1-", "1e9", "'s", "a'", "()", "((", "{", "{[", "[[", '"'),
    *("00:00:01,000 --> 00:00:02,000\n", "1\n", "WEBVTT\n", "NOTE\n", "<v a>", "<00:00:01.000>", "a\n\n", "{\\an8}"),
    *("\u200b", "\u0301", "\u202e", "ﬁ", "字", "字a", "’", "—", "…", "é", "\ud7ff", "\0", "\x1b[", "…more", "[…]", ", and"),
    *("Ann: a\n", "[00:01] A: ", "Jan 1, 2024\n", "Mon 1 hour ", "3 min ", "play ", "episode 1 ", "a\n"),
)  # fmt: skip


def pieces() -> tuple[str, ...]:
    """What is repeated: the nasty ones, then all from the patterns, by length; the same on each machine."""
    found: set[str] = set()
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _is_pattern(node.func) and node.args:
                for text in _literals(node.args[0]):
                    found |= {text[at : at + n] for n in (2, 3, 4) for at in range(len(text) - n + 1)}
    return (*NASTY, *sorted(found - set(NASTY), key=lambda piece: (len(piece), piece)))


def _is_pattern(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and ast.unparse(function.value) in ("re", "regex")


def _literals(argument: ast.expr) -> Iterator[str]:
    for node in ast.walk(argument):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            text = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
            yield _meant(text.encode("utf-8", "replace").decode())


def _meant(pattern: str) -> str:
    """What stands for what the pattern matches, so far as that is one sign: ``\\s`` is a space."""
    pattern = re.sub(
        r"\\([sdwWbSD])", lambda m: {"s": " ", "d": "1", "w": "a", "W": "-"}.get(m[1], ""), pattern
    )
    return re.sub(r"\(\?(?:P<\w+>|[:=!>]|<[=!])|[()?+*]{2,}|\\(?=\W)", "", pattern)


def _page(
    wrapped: str, text: str, *, source: str = "https://growth.example/p", part: Part | None = None
) -> None:
    parse_essay((wrapped % text).encode("utf-8", "replace"), source, part=part or Part())


def _feed(wrapped: str, text: str) -> None:
    parse_feed((wrapped % text).encode("utf-8", "replace"), "https://growth.example/feed")


_ITEM = "<rss version='2.0' xmlns:podcast='https://podcastindex.org/namespace/1.0'><channel><title>a</title><item>"
_ITEM += "<guid>a</guid>%s</item></channel></rss>"
_SHOW = Part(episode="The ferry that waits", published=date(2026, 3, 26))
_CONTAINER = """<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="b.opf"/></rootfiles></container>"""
_PACKAGE = """<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="a" href="a.xhtml"/>
<item id="n" href="n.xhtml" properties="nav"/></manifest><spine><itemref idref="a"/></spine></package>"""
_NAV = """<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><body>
<nav epub:type="toc"><ol>%s</ol></nav></body></html>"""
_DOCUMENT = """<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>%s
</w:body></w:document>"""


def _zipped(**members: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in members.items():
            file.writestr(name.replace("__", "/").replace("_", "."), content)
    return buffer.getvalue()


def _epub(chapter: str, contents: str) -> None:
    data = _zipped(
        **{"META-INF__container_xml": _CONTAINER, "b_opf": _PACKAGE, "a_xhtml": chapter},
        n_xhtml=_NAV % contents,
    )
    parse_essay(data, "growth.epub")


def _contents(text: str) -> None:
    """Each piece is where an entry points to; the entries go backwards."""
    n = len(text) // 16
    headings = "".join(f"<h2 id='{at}'>a</h2><p>b</p>" for at in range(n))
    links = "".join(f"<li><a href='a.xhtml#{at}'>{text[:4]}</a></li>" for at in reversed(range(n)))
    _epub(f"<html><body>{headings}</body></html>", links.replace("&", "").replace("<!", ""))


def _docx(text: str) -> None:
    parse_essay(_zipped(word__document_xml=_DOCUMENT % text), "growth.docx")


def _odt(text: str) -> None:
    names = 'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    content = f"<a {names}>{text}</a>"
    parse_essay(
        _zipped(mimetype="application/vnd.oasis.opendocument.text", content_xml=content), "growth.odt"
    )


def _pdf(text: str) -> None:
    drawn = b"BT /F1 9 Tf (%s) Tj ET" % re.sub(r"[()\\]", "", text).encode("latin-1", "replace")
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    body = b"".join(b"%d 0 obj%s endobj\n" % (n, part) for n, part in enumerate(objects, 1))
    read_pdf(b"%PDF-1.4\n" + body + b"trailer<</Root 1 0 R/Size 6>>", "growth.pdf")


def _file(read: Callable[[Path], object], text: str) -> None:
    path = Path(tempfile.gettempdir()) / f"inkcast-growth-{os.getpid()}.txt"
    path.write_bytes(text.encode("utf-8", "replace"))
    try:
        read(path)
    finally:
        path.unlink()


def _json(shape: str, text: str) -> None:
    _file(read_speech, shape % json.dumps(text))


def _words(text: str) -> None:
    words = text.split()
    match(words, [Heard(word) for word in words[::-1]])
    match(words, [Heard(word) for word in words])
    match_closely(words[:20], [Heard(word) for word in words[1:20]])


def _readings(text: str) -> None:
    parts.cache_clear()
    for language in ("en", "de"):
        for word in (text, *text.split()[:500]):
            parts(word, language)


def _cues(text: str) -> None:
    make_cues(spoken_words(Transcript("en", (Segment(0, 1_000_000, text),))), CueLimits())


READERS: dict[str, Callable[[str], object]] = {
    "redact": redact,
    "sniff": lambda text: (sniff.describe(text.encode()), sniff.audio_format(text.encode()), sniff.audio_format(b"\xff" + text.encode("latin-1", "replace"))),
    "feed": partial(_feed, "%s"),
    "channel": partial(_feed, "<rss><channel>%s<item><title>a</title></item></channel></rss>"),
    "item": partial(_feed, _ITEM),
    "title": partial(_feed, _ITEM % "<title>%s</title>"),
    "notes": partial(_feed, _ITEM % "<description><![CDATA[%s]]></description>"),
    "tags": partial(_feed, _ITEM % "<podcast:transcript url='%s'/><enclosure url='%s'/>".replace("%s'/>", "a'/>", 1)),
    "json feed": lambda text: parse_feed(json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": text, "items": [{"id": text, "url": text, "title": text, "content_html": text, "date_published": text}]}).encode(), "https://a.example/"),
    "dates": lambda text: _feed(_ITEM % "<pubDate>%s</pubDate>", text.replace("<", "").replace("&", "")),
    "opml": lambda text: (is_opml(text.encode()), read_opml(f"<opml><body>{text}<outline xmlUrl='https://a.example'/></body></opml>".encode(), "https://a.example/a.opml")),
    "addresses": lambda text: (resolve(text, "https://a.example/"), canonical_address(f"https://a.example/{text}")),
    "content": lambda text: (plain_text(text), is_whole_essay(text, None)),
    "bare page": partial(_page, "%s"),
    "page": partial(_page, "<html><body><article><p>One.</p>%s</article></body></html>"),
    "attribute": partial(_page, "<html><body><article><p>One <a href='%s'>a</a><img src='%s'></p></article></body></html>".replace("%s'>a", "a'>a")),
    "feed's essay": lambda text: essay_from_content(text, "a", "https://a.example/"),
    "show": partial(_page, "Show\n\nThe ferry that waits\nMar 26, 2026\n%s", part=_SHOW),
    "markdown": partial(_page, "# a\n\n%s", source="a.md"),
    "front matter": partial(_page, "---\n%s\n---\na", source="a.md"),
    "plain": partial(_page, "a\n\n%s", source="a.txt"),
    "epub": lambda text: _epub(f"<html><body>{text}</body></html>", "<li><a href='a.xhtml'>a</a></li>"),
    "epub contents": _contents,
    "epub nav": lambda text: _epub("<html><body><p>a</p></body></html>", text),
    "docx": _docx,
    "docx text": lambda text: _docx(f"<w:p><w:r><w:t>{text.replace('<', '').replace('&', '')}</w:t></w:r></w:p>"),
    "odt": _odt,
    "odt text": lambda text: _odt(f"<text:p>{text.replace('<', '').replace('&', '')}</text:p>"),
    "rtf": lambda text: parse_essay(b"{\\rtf1 a" + text.encode("latin-1", "replace"), "growth.rtf"),
    "pdf": _pdf,
    "transcript": partial(_json, '{"language": "en", "segments": [{"start": 0, "end": 9, "text": %s}]}'),
    "raw json": lambda text: _file(read_speech, '{"segments": ' + text),
    "srt": lambda text: _file(read_speech, f"1\n00:00:01,000 --> 00:00:02,000\n{text}"),
    "vtt": lambda text: _file(read_speech, f"WEBVTT\n\n00:01.000 --> 00:02.000\n{text}"),
    "subtitles": lambda text: _file(read_speech, text),
    "settings": lambda text: _file(read_settings, text),
    "settings value": lambda text: _file(read_settings, f"model = {json.dumps(text)}\n"),
    "check srt": lambda text: check_subtitles(f"1\n00:00:01,000 --> 00:00:02,000\n{text}".encode(), "srt", CueLimits()),
    "check vtt": lambda text: check_subtitles(f"WEBVTT\n\n00:01.000 --> 00:02.000\n{text}".encode(), "vtt", CueLimits()),
    "check ass": lambda text: check_subtitles(f"[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,,,0,0,0,,{text}".encode(), "ass", CueLimits()),
    "feed copy": lambda text: add_links(f"<rss><channel><item>{text}</item></channel></rss>".encode(), {}),
    "readings": _readings,
    "match": _words,
    "cues": _cues,
    "query": parse_query,
    "names": file_stem,
}  # fmt: skip
"""Everything that reads a stranger's text."""


@dataclass(frozen=True, slots=True)
class Growth:
    """A reader that takes too long: seconds at each of ``SIZES``, as far as they were measured."""

    reader: str
    piece: str
    seconds: tuple[float, ...]

    def __str__(self) -> str:
        return f"{self.reader} of {self.piece!r}: {', '.join(f'{s:.3f}' for s in self.seconds)} s"


def find_growth(reader: str, piece: str) -> Growth | None:
    """Whether a reader's time grows much faster than the text. None if not."""
    read = READERS[reader]
    first = _seconds(read, piece, SIZES[0], 1)
    if first > HANGS_S:
        return Growth(reader, piece, (first,))
    if first * (SIZES[-1] / SIZES[0]) ** 2 < FLOOR_S:
        return None
    # A slow reader shows it sooner.
    size = SIZES[1] if first > FLOOR_S / 2 else SIZES[-1]
    if _seconds(read, piece, size, 1) < max(FLOOR_S, first * MOST_GROWTH * size / SIZES[1]):
        return None
    # Again, and what is least: other programs can only make it slower.
    for attempts in (2, 8):
        seconds = tuple(_seconds(read, piece, size, attempts) for size in SIZES)
        twice = _seconds(read, piece, 2 * SIZES[-1], attempts)
        if seconds[-1] < FLOOR_S or min(seconds[-1] / seconds[-2], twice / seconds[-1]) < MOST_GROWTH:
            return None
    return Growth(reader, piece, seconds)


def _seconds(read: Callable[[str], object], piece: str, size: int, attempts: int) -> float:
    text = piece * (size // len(piece))
    best = float("inf")
    for _ in range(attempts):
        with _garbage_left():
            started = time.process_time()
            with suppress(InkcastError):
                read(text)
            best = min(best, time.process_time() - started)
        if best > HANGS_S:
            break
    return best


@contextmanager
def _garbage_left() -> Iterator[None]:
    """Without looking for garbage, as ``timeit`` does it: that takes the longer, the more there is of all else."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--readers", default=",".join(READERS), help="some, separated by commas")
    parser.add_argument("--every", type=int, default=1, help="take each so many-th piece")
    options = parser.parse_args(arguments)
    n_failed = 0
    for reader in options.readers.split(","):
        started = time.process_time()
        for piece in pieces()[:: options.every]:
            if found := find_growth(reader, piece):
                n_failed += 1
                print(found, flush=True)
        print(f"{reader}: {time.process_time() - started:.0f} s", flush=True)
    return 1 if n_failed else 0


if __name__ == "__main__":
    sys.exit(main())
