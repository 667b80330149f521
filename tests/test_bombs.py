"""Small files that unpack to a lot: a clear error, or the text, within 2 s and 300 MB."""

from __future__ import annotations

import gzip
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from inkcast.download.client import fetch_bytes
from inkcast.download.fetch_feed import fetch_feed
from inkcast.errors import DownloadError, InkcastError
from inkcast.essays.read import parse_essay
from tests.support.books import docx, epub, odt, paragraph

HERE = Path(__file__).parents[1]
MAX_SECONDS = 5.0  # of processor time, which a busy machine draws out; a bomb that goes off takes minutes
MAX_MEGABYTES = 300
ADDRESS = "https://a.example/feed"


def nested_tables() -> bytes:
    row = "<w:tbl><w:tr><w:tc>"
    inside = "".join(paragraph("a") for _ in range(8000))
    return docx(row * 80 + inside + "</w:tc></w:tr></w:tbl>" * 80)


def nested_paragraphs() -> bytes:
    return docx("<w:p>" * 200 + "<w:r><w:t>a</w:t></w:r>" * 20_000 + "</w:p>" * 200)


def contents_backwards() -> bytes:
    body = "".join(f"<h2 id='c{n}'>a</h2><p>b c</p>" for n in range(20_000))
    links = "".join(f"<li><a href='a.xhtml#c{n}'>a</a></li>" for n in reversed(range(3000)))
    return epub({"a.xhtml": body}, f"<ol>{links}</ol>")


BOMBS: dict[str, Callable[[], tuple[bytes, str]]] = {
    "elements in Word": lambda: (docx("<w:p/>" * 1_000_000), "a.docx"),
    "attributes in Word": lambda: (docx("<w:p " + 'a="" ' * 700_000 + "/>"), "a.docx"),
    "text in Word": lambda: (docx(paragraph("a" * 9_000_000)), "a.docx"),
    "just small enough in Word": lambda: (docx("<w:p/>" * 400_000), "a.docx"),
    "deep XML in Word": lambda: (docx("<w:p>" * 500_000), "a.docx"),
    "tables in tables": lambda: (nested_tables(), "a.docx"),
    "paragraphs in paragraphs": lambda: (nested_paragraphs(), "a.docx"),
    "elements in an ODT": lambda: (odt("<text:p/>" * 1_000_000), "a.odt"),
    "just small enough in an ODT": lambda: (odt("<text:p>a</text:p>" * 99_000), "a.odt"),
    "text in an ODT": lambda: (odt(f"<text:p>{'a' * 9_000_000}</text:p>"), "a.odt"),
    "deep XML in an ODT": lambda: (odt("<text:span>" * 400_000), "a.odt"),
    "groups in RTF": lambda: (b"{\\rtf1" + b"{" * 1_000_000, "a.rtf"),
    "groups inside groups in RTF": lambda: (b"{\\rtf1" + b"{" * 100_000, "a.rtf"),
    "just small enough in RTF": lambda: (b"{\\rtf1" + b"{\\b a\\par}" * 29_000 + b"{\\b}" * 100_000, "a.rtf"),
    "text in RTF": lambda: (b"{\\rtf1" + b" a" * 4_500_000, "a.rtf"),
    "elements in an EPUB": lambda: (epub({"a.xhtml": "<b/>" * 2_000_000}, "<ol/>"), "a.epub"),
    "entries of a book": lambda: (epub({"a.xhtml": "a"}, "<li><a href='a.xhtml'/></li>" * 99_000), "b.epub"),
    "contents that point backwards": lambda: (contents_backwards(), "a.epub"),
    "lists inside lists": lambda: ("\n".join(" " * 2 * n + "- a" for n in range(1500)).encode(), "a.md"),
    "quotes inside quotes": lambda: (b">" * 70_000 + b" a", "a.md"),
    "elements inside elements": lambda: (b"<html><body>" + b"<div>" * 150_000, "a.html"),
    "attributes": lambda: (b"<html><p " + b" ".join(b"a%d" % n for n in range(30_000)) + b">a", "a.html"),
    "attributes with values": lambda: (b"<p " + b" ".join(b"a%d='>'" % n for n in range(30_000)), "a.html"),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_an_essay_or_a_clear_error(name: str) -> None:
    data, source = BOMBS[name]()
    started = time.process_time()
    try:
        parse_essay(data, source)
    except InkcastError as error:
        assert error.hint
        assert "\n" not in str(error)
    assert time.process_time() - started < MAX_SECONDS


MEASURE = """
import re, sys
from pathlib import Path
from tests.test_bombs import BOMBS
from inkcast.errors import InkcastError
from inkcast.essays.read import parse_essay
made = [bomb() for name, bomb in BOMBS.items()]
for data, source in made:
    try:
        parse_essay(data, source)
    except InkcastError:
        pass
# Not ru_maxrss, which a process inherits from the one that started it.
print(int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="others measure memory otherwise")
def test_no_bomb_takes_much_memory() -> None:
    run = subprocess.run(
        [sys.executable, "-c", MEASURE],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
    )
    assert int(run.stdout) < MAX_MEGABYTES


@pytest.mark.parametrize(
    "encoding", ["gzip, gzip", "GZIP,gzip,gzip", "br", "zstd", "gzip, br", "deflate, gzip"]
)
def test_an_answer_that_is_compressed_twice_is_not_unpacked(encoding: str) -> None:
    body = gzip.compress(gzip.compress(bytes(50_000_000), 9), 9)
    for read in (fetch_bytes, fetch_feed):
        with (
            httpx.Client(transport=httpx.MockTransport(lambda _: answer(body, encoding))) as http,
            pytest.raises(DownloadError, match="compressed in a way"),
        ):
            read(http, ADDRESS, sleep=lambda _: pytest.fail("waited"))


def answer(body: bytes, encoding: str) -> httpx.Response:
    return httpx.Response(200, headers={"Content-Encoding": encoding}, stream=httpx.ByteStream(body))


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("identity", bytes), ("utf-8", bytes)],
)
def test_an_answer_that_is_compressed_once_or_not_is_read(
    encoding: str, pack: Callable[[bytes], bytes]
) -> None:
    with httpx.Client(transport=httpx.MockTransport(lambda _: answer(pack(b"<rss/>"), encoding))) as http:
        assert fetch_bytes(http, ADDRESS).data == b"<rss/>"
