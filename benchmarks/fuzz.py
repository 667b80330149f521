"""Feeds, pages and files that nobody would write: does each end in a result or a clear error, and soon?

    python benchmarks/fuzz.py feeds 10000 [--start 0]
    python benchmarks/fuzz.py pages 10000
    python benchmarks/fuzz.py shows 10000
    python benchmarks/fuzz.py transcripts 10000     JSON of any tool, with our own alignments
    python benchmarks/fuzz.py subtitles 10000
    python benchmarks/fuzz.py records 10000         episode.json
    python benchmarks/fuzz.py feeds 0 --hostile

Mutation number n of a kind is the same document each time. Prints the counts, the slowest document and
the most memory; exit 1 if anything but an InkcastError came out, or a document took too much of the
processor or of the memory.
"""

# ruff: noqa: E501 - documents to start from

from __future__ import annotations

import argparse
import copy
import json
import logging
import random
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from inkcast.errors import InkcastError
from inkcast.essays.part import Part
from inkcast.essays.read import parse_essay
from inkcast.feeds.opml import is_opml, read_opml
from inkcast.feeds.rss import parse_feed
from inkcast.library.store.sidecar import read_sidecar
from inkcast.publish.subtitles.transcript_files import read_speech

MAX_SECONDS = 2.0
MAX_MEGABYTES = 500

_TESTS = Path(__file__).parents[1] / "tests" / "data"
_PAGE = b"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>On weirs</title></head><body>
<nav><a href="/">Home</a></nav><article><h1 class="post-title">On weirs</h1><div class="available-content">
<div class="body markup"><p>A weir keeps <em>nothing</em> for long, and <a href="/w?a=1&b=2">everything</a>
for a while.<a class="footnote-anchor" id="footnote-anchor-1" href="#footnote-1">1</a></p><h2>Water</h2>
<blockquote><p>It is &ldquo;only&rdquo; water.</p></blockquote><ul><li>One</li><li>Two<ol><li>Three</li></ol>
</li></ul><figure><img src="w.png" alt="A weir"><figcaption>The weir</figcaption></figure><pre><code>a &lt; b
</code></pre><table><tr><td>1</td><td>2</td></tr></table><div class="footnote"><a class="footnote-number"
id="footnote-1">1</a><div class="footnote-content"><p>Or so they say.</p></div></div></div></div></article>
<script>var x = "<p>";</script></body></html>"""
_MARKDOWN = (
    b"# On weirs\n\nA *weir* keeps [nothing](w.md) for long.[^1]\n\n> Water\n\n- a\n- b\n\n[^1]: Or so.\n"
)
_TOKENS = (
    *(b"<", b">", b"&", b'"', b"'", b"/>", b"</", b"<!", b"<?", b"\0", b"\r", b"\xff\xfe", b"\xef\xbb\xbf"),
    *(
        b"<![CDATA[",
        b"]]>",
        b"<!--",
        b"-->",
        b"<!DOCTYPE x [",
        b'<!ENTITY a "&a;">',
        b"]>",
        b"&a;",
        b"&nbsp;",
    ),
    *(b"&#0;", b"&#xD800;", b"&#x110000;", b"&#99999999999;", b"&#x;", b"&#;", b"\xc0\x80", b"\xed\xa0\x80"),
    *(b"<item>", b"</item>", b"<entry>", b"</channel>", b"<podcast:transcript url='x'>", b"xmlns:a=''"),
    *(b'xml:base="http://[::1"', b' href="http://["', b' url="//"', b' url="file:///etc/passwd"'),
    *(b"<guid>", b"<pubDate>Thu, 99 Foo 99999 99:99:99 +9999</pubDate>", b"<itunes:duration>9e99"),
    *(b"<content type='application/octet-stream'>", b"<content type='xhtml'><div>", b"<svg>", b"<math>"),
    *(b"<psc:chapter start='99:99:99'/>", b"<media:content url='x' fileSize='-1'/>", b"<georss:point>x y z"),
    *(b"<textarea>", b"<table><td>", b"<template>", b"<a href='javascript:'>", b"[x](<", b"```", b"\n---\n"),
)
_WORD = {"word": " Water", "start": 0.5, "end": 0.9, "probability": 0.9}
_TRANSCRIPTS: tuple[object, ...] = (
    {"language": "en", "text": " Water", "segments": [{"start": 0.5, "end": 0.9, "text": " Water", "words": [_WORD]}]},
    {"version": "1.0.0", "segments": [{"speaker": "Ann", "startTime": 0.5, "endTime": 0.9, "body": "Water"}]},
    {"transcription": [{"offsets": {"from": 500, "to": 900}, "text": " Water"}]},
    {"segments": [{"start": 0.5, "end": 1.9, "text": "2 weirs", "words": [{"word": "2"}, _WORD]}], "word_segments": []},
    {"results": {"channels": [{"alternatives": [{"transcript": "Water", "words": [_WORD]}]}]}},
    {"words": [{"text": "Water", "start": 500, "end": 900, "confidence": 0.9, "speaker": "A"}]},
    {
        "audio": {"sha256": "0" * 64, "duration_ms": 2000, "source": "a.mp3"},
        "model": {"name": "m", "engine": "e", "device": "cpu", "compute_type": "int8"},
        "blocks": [{"kind": "paragraph", "text": "Water", "start_ms": 5, "end_ms": 9, "status": "spoken", "speaker": ""}],
        "words": [
            {"text": "Water", "block": 0, "char_start": 0, "char_end": 5, "status": "spoken", "start_ms": 5,
             "end_ms": 9, "confidence": 0.9}
        ],
        "extra": [{"after_word": 0, "text": "well", "start_ms": 9, "end_ms": 12}],
        "audit": {"speech_ms": 9, "accounted_ms": 9, "coverage": 1.0, "verified_share": 1.0, "passed": True,
                  "problems": []},
        "language": "en",
        "version": 1,
    },
)  # fmt: skip
_SUBTITLES = (
    b"WEBVTT\n\nSTYLE\n::cue { color: red }\n\n1\n00:00.500 --> 00:00.900 align:start\n<v Ann>Water</v>\n",
    b"1\r\n00:00:00,500 --> 00:00:00,900 X1:1 X2:2\r\n<i>Water</i>\r\n\r\n2\r\n00:00:01,000 --> 00:00:02,000\r\nand more\r\n",
    b"WEBVTT\nKind: captions\n\n00:00:00.000 --> 00:00:02.000\n \nwater<00:00:00.500><c> runs</c>\n\n00:00:02.000 --> 00:00:02.010\nwater runs\n \n",
)
_STEP = {"state": "done", "key": "k", "result": "r", "reason": "", "attempts": 1, "seconds": 0.5,
         "finished_at": "2026-05-13T08:00:00+00:00", "next_attempt": None, "audio_ms": 0,
         "files": [{"name": "a.mp3", "size": 3, "mtime_ns": 4, "sha256": "0" * 64}]}  # fmt: skip
_RECORD = {
    "episode": {"guid": "a", "title": "Weirs", "published": "2026-05-13T08:00:00+00:00", "folder": "weirs",
                "audio": "a", "link": "b"},
    "feed": {"address": "a", "source": "https://fuzz.example/feed", "title": "Water", "folder": "water"},
    "steps": {"download": _STEP, "transcribe": _STEP},
}  # fmt: skip
_VALUES: tuple[object, ...] = (
    *(
        None,
        True,
        0,
        -1,
        1.5,
        1e308,
        -1e308,
        10**18,
        10**40,
        float("nan"),
        float("inf"),
        "",
        "x",
        "\0",
        "\ud800",
    ),
    *(
        "../../etc/passwd",
        "/etc/passwd",
        "a" * 70_000,
        "1e9",
        "<script>",
        [],
        [[]],
        {},
        {"a": {}},
        [None],
        [1, "2"],
    ),
)
_TWISTED_SHARE = 0.7
_ENCODINGS = ("utf-8", "utf-16", "utf-32-be", "latin-1", "shift_jis", "gb18030", "utf-7", "cp037", "koi8-r")
_CODECS = (b"idna", b"punycode", b"undefined", b"utf-7", b"rot13", b"unicode_escape", b"hz", b"x", b"utf-16")


def read_feed(data: bytes) -> None:
    """Read a feed, or a list of them if it is one."""
    source = "https://fuzz.example/feed"
    read_opml(data, source) if is_opml(data) else parse_feed(data, source)


def read_page(data: bytes) -> None:
    """Read an essay."""
    parse_essay(data, "https://fuzz.example/p/weirs")


def read_show(data: bytes) -> None:
    """Read an episode's essay from a page that has those of several."""
    part = Part(episode="The ferry that waits", published=date(2026, 3, 26))
    parse_essay(data, "https://fuzz.example/shows/tidal-desk", part=part)


def read_file(read: Callable[[Path], object], data: bytes) -> None:
    """Read what stands in a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "episode.json"
        path.write_bytes(data)
        read(path)


@dataclass(frozen=True)
class Kind:
    """Documents to start from, and what reads them."""

    seeds: tuple[bytes, ...]
    read: Callable[[bytes], None]


def kinds() -> dict[str, Kind]:
    """What can be tried."""
    feeds = tuple(path.read_bytes() for path in sorted((_TESTS / "feeds").iterdir()))
    pages = tuple(path.read_bytes() for path in sorted((_TESTS / "pages").glob("*.html")))
    shows = tuple(path.read_bytes() for path in sorted((_TESTS / "pages").glob("show.*")))
    return {
        "feeds": Kind(feeds, read_feed),
        "pages": Kind((_PAGE, _MARKDOWN, *pages), read_page),
        "shows": Kind(shows, read_show),
        "transcripts": Kind(
            tuple(json.dumps(each).encode() for each in _TRANSCRIPTS), partial(read_file, read_speech)
        ),
        "subtitles": Kind(_SUBTITLES, partial(read_file, read_speech)),
        "records": Kind((json.dumps(_RECORD).encode(),), partial(read_file, read_sidecar)),
    }


def mutation(seeds: tuple[bytes, ...], number: int) -> bytes:
    """The document with that number."""
    rng = random.Random(number)
    data = bytearray(rng.choice(seeds))
    if data[:1] == b"{" and rng.random() < _TWISTED_SHARE:
        return _twisted(rng, bytes(data))
    for _ in range(rng.choice((1, 1, 2, 3, 5, 8, 30))):
        _change(rng, data, seeds)
    if rng.random() < 0.1:
        data = bytearray(data.decode("utf-8", "replace").encode(rng.choice(_ENCODINGS), "replace"))
    return bytes(data)


def _twisted(rng: random.Random, data: bytes) -> bytes:
    """JSON that is still JSON, with a few values that nobody would write."""
    whole = json.loads(data)
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        place: Any = whole
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = rng.choice(keys)
            if isinstance(place[key], dict | list) and place[key] and rng.random() < 0.8:
                place = place[key]
                continue
            place[key] = copy.deepcopy(rng.choice(_VALUES))
            break
    return json.dumps(whole).encode("utf-8", "surrogatepass")


def _change(rng: random.Random, data: bytearray, seeds: tuple[bytes, ...]) -> None:
    start = rng.randrange(len(data) + 1)
    end = min(len(data), start + rng.choice((1, 4, 20, 100, 1000)))
    choice = rng.randrange(9)
    if choice == 0:
        data[start:end] = rng.randbytes(end - start)
    elif choice == 1:
        del data[start:end]
    elif choice == 2:
        data[start:start] = data[start:end] * rng.choice((1, 2, 50))
    elif choice in (3, 4, 5):
        data[start:start] = rng.choice(_TOKENS) * rng.choice((1, 1, 1, 2, 40))
    elif choice == 6:
        other = rng.choice(seeds)
        cut = rng.randrange(len(other))
        data[start:end] = other[cut : cut + rng.choice((50, 500, 5000))]
    elif choice == 7:
        del data[start if rng.random() < 0.3 else end :]
    else:
        data[0:0] = b'<?xml version="1.0" encoding="%s"?>' % rng.choice(_CODECS)


def hostile(kind: str, part: int = 1) -> Iterator[tuple[str, bytes]]:
    """Documents made to exhaust whatever reads them, each with its name; ``part`` times smaller."""
    if kind != "feeds":
        head, tail, item = (
            b"<html><body><article><h1>T</h1>",
            b"</article></body></html>",
            b"<p>Some words.</p>",
        )
    else:
        head, tail = b'<rss version="2.0"><channel><title>T</title>', b"</channel></rss>"
        item = b'<item><title>a</title><guid>g</guid><enclosure url="1.mp3" type="audio/mpeg"/></item>'
    bomb = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 30))
    whole = head + item + b"%s" + tail
    yield "billion laughs", b'<!DOCTYPE x [<!ENTITY l0 "lol">%s]>' % bomb + whole % b"<p>&l29;</p>"
    yield (
        "quadratic blowup",
        b'<!DOCTYPE x [<!ENTITY a "%s">]>' % (b"a" * (100_000 // part))
        + whole % (b"&a;" * (100_000 // part)),
    )
    yield "external entity", b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///dev/zero">]>' + whole % b"<p>&a;</p>"
    yield "external document type", b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">' + whole % b""
    yield "100,000 nested tags", whole % (b"<div>" * (100_000 // part))
    yield (
        "100,000 nested and closed tags",
        whole % (b"<div>" * (100_000 // part) + b"</div>" * (100_000 // part)),
    )
    yield "100,000 nested lists", whole % (b"<ul><li>" * (50_000 // part))
    yield "100,000 nested quotes in Markdown", b"> " * (100_000 // part) + b"x"
    yield "50 MB attribute", whole % (b'<item><enclosure url="%s"/></item>' % (b"a" * (50_000_000 // part)))
    yield "50 MB attribute without end", whole % (b'<a href="' + b"a" * (50_000_000 // part))
    yield "50 MB text", whole % (b"<title>" + b"a b " * (12_500_000 // part) + b"</title>")
    yield "20 MB word", whole % (b"<p>" + b"a" * (20_000_000 // part) + b"</p>")
    yield "64 MB of zeros", bytes(64 * 1024 * 1024 // part)
    yield "0.9 MB name of an attribute", whole % (b"<podcast:transcript " + b"a" * (900_000 // part) + b"/>")
    for name, token, count in (
        ("<", b"<", 1_000_000),
        ("comments without end", b"<!--", 500_000),
        ("sections without end", b"<![CDATA[", 500_000),
        ("sections", b"<![CDATA[]]>", 500_000),
        ("instructions without end", b"<?", 500_000),
        ("declarations", b"<!DOCTYPE x [", 300_000),
        ("quotes without end", b'<a b="', 150_000),
        ("attributes", b" a='b'", 1_000_000),
        ("bare ampersands", b"&a", 1_000_000),
        ("references", b"&lt;p&gt;", 1_000_000),
        ("items", b"<item>", 100_000),
        ("brackets", b"[", 1_000_000),
        ("stars", b"*a_", 300_000),
        ("backticks", b"`a``", 300_000),
        ("line ends", b"\r\n", 5_000_000),
        ("spaces", b" ", 20_000_000),
    ):
        yield f"{count:,} {name}", whole % (token * (count // part))
        yield f"nothing but {count:,} {name}", token * (count // part)
    for codec in _CODECS:
        text = b"x-" * (200_000 // part) + b"a"
        yield f"encoding {codec.decode()}", b'<?xml version="1.0" encoding="%s"?>' % codec + whole % text


@dataclass
class Report:
    """What came out of many documents."""

    documents: int = 0
    refused: int = 0
    slowest: tuple[float, str] = (0.0, "")
    failures: list[str] = field(default_factory=list)

    def try_out(self, name: str, data: bytes, read: Callable[[bytes], None]) -> None:
        """Read one document, and take down how that went."""
        started = time.process_time()
        try:
            read(data)
        except InkcastError as error:
            self.refused += 1
            if not error.hint or "\n" in str(error):
                self.failures.append(f"{name}: no clear error: {error!r}")
        except Exception:
            self.failures.append(f"{name}: {traceback.format_exc(limit=-4)}")
        seconds = time.process_time() - started
        self.documents += 1
        self.slowest = max(self.slowest, (seconds, name))
        if seconds > MAX_SECONDS:
            self.failures.append(f"{name}: {seconds:.1f} s")


def peak_megabytes() -> float:
    """The most memory that this process has had; 0 where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kind", choices=list(kinds()))
    parser.add_argument("count", type=int)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--hostile", action="store_true", help="the documents that are made to exhaust, too")
    arguments = parser.parse_args()
    warnings.simplefilter("error")
    logging.disable(logging.WARNING)
    kind, report = kinds()[arguments.kind], Report()
    for number in range(arguments.start, arguments.start + arguments.count):
        report.try_out(f"mutation {number}", mutation(kind.seeds, number), kind.read)
    for name, data in hostile(arguments.kind) if arguments.hostile else ():
        report.try_out(name, data, kind.read)
        if peak_megabytes() > MAX_MEGABYTES:
            report.failures.append(f"{name}: {peak_megabytes():.0f} MB")
            break
    seconds, name = report.slowest
    print("\n".join(report.failures))
    print(
        f"{report.documents} {arguments.kind}: {report.refused} refused, {len(report.failures)} failures; "
        f"slowest {seconds:.2f} s ({name}); at most {peak_megabytes():.0f} MB"
    )
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
