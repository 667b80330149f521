"""Feed bytes before anything reads them: what serves only attacks is taken out, or the feed is refused.

Feeds are written by strangers. A document of a few megabytes can keep a tolerant parser busy for hours;
these limits are far above every real podcast, and let the worst document cost seconds. The tags that
nothing here reads go as well: they are half of those in a podcast, and each costs feedparser time.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence

from inkcast.errors import FeedError

MAX_TAGS = 250_000
"""Outside of CDATA sections, opening and closing ones, without those that are not read."""
MAX_ITEMS = 25_000
MAX_INNER_TAGS = 1_000_000
"""Inside sections; and as many references outside, which are how others write a tag in a text."""
MAX_TEXT_TAGS = 100_000
"""Of one section."""
MAX_TEXT_BYTES = 8_000_000
"""Of one section, or between two tags."""
MAX_TAG_BYTES = 1_000_000
"""Of one tag or one attribute: the time that Expat takes grows with the square of it."""

# Comments and instructions may stand before it. Atomic, so that no prolog makes it slow.
_DECLARATIONS = re.compile(
    rb"\A((?:\xef\xbb\xbf)?(?>\s|<\?.*?\?>|<!--.*?-->)*+)<!DOCTYPE[^\[<>]*\[.*?\]\s*>",
    re.DOTALL | re.IGNORECASE,
)
# Halves of surrogate pairs, and what lies near the end of Unicode or beyond, where no text is:
# feedparser decodes such references all the same, and fails.
_NO_CHARACTERS = re.compile(
    rb"&#(?:[xX]0*(?:[dD][89a-fA-F][0-9a-fA-F]{2}|[1-9a-fA-F][0-9a-fA-F]{5,})(?![0-9a-fA-F])"
    rb"|0*(?:55(?:29[6-9]|[3-9][0-9]{2})|56[0-9]{3}|57(?:[0-2][0-9]{2}|3[0-3][0-9]|34[0-3])"
    rb"|[1-9][0-9]{6,})(?![0-9]));?"
)
_SECTION = re.compile(rb"<!\[CDATA\[|<!--")
_ENDS = {b"<![CDATA[": b"]]>", b"<!--": b"-->"}
_ITEM = re.compile(rb"<(?:[\w.-]{1,50}:)?(?:item|entry)\b", re.IGNORECASE)
_LONG_TAG = re.compile(
    rb"<[^<>]{%(n)d}|=[\"'](?:(?<=\")[^\"<]{%(n)d}|(?<=')[^'<]{%(n)d})" % {b"n": MAX_TAG_BYTES}
)
_LONG_TEXT = re.compile(rb"<[^<]{%d}" % MAX_TEXT_BYTES)


def _unread(read: bytes) -> re.Pattern[bytes]:
    return re.compile(
        rb"<((?:itunes|googleplay|spotify|acast|omny|rawvoice|slash|wfw|media):(?!(?:%b)\b)[\w.-]{1,50})"
        rb"(?:\s[^<>]*+)?/?(?:(?<=/)>|>[^<]*+</\1\s*>)" % read
    )


_UNREAD = _unread(b"duration|summary|subtitle|content|group")
_UNREAD_IN_CHANNEL = _unread(b"summary|subtitle|author|image")
_FIRST_LINE = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<\?[^\n]*")
_WIDE = (
    *((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32")),
    *((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")),
    *((b"<\0?\0", "utf-16-le"), (b"\0<\0?", "utf-16-be")),
    *((b"<\0\0\0", "utf-32-le"), (b"\0\0\0<", "utf-32-be")),
)
# Python's codecs that no document is in: slow, or with errors of their own.
_NO_ENCODINGS = ("idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "utf-7")
_ENCODING = re.compile(rb"encoding\s*=\s*[\"'](.*?)[\"']", re.IGNORECASE)


def clean(data: bytes, source: str) -> bytes:
    """Take out declared entities, comments, unread tags, references to no character and false encodings.

    Raises:
        FeedError: the document has more markup than any podcast.
    """
    data = _in_utf8(data)
    # Entities that a document declares itself serve attacks ("billion laughs"), not podcasts.
    data = _DECLARATIONS.sub(rb"\1", data, count=1)
    data = _NO_CHARACTERS.sub(b"&#xFFFD;", data)
    parts = list(_without_unread(sections(data)))
    inside = [part for part in parts if _is_section(part)]
    outside = [part for part in parts if not _is_section(part)]
    if _has_too_many_tags(outside) or _has_too_much_text(inside):
        raise FeedError(
            f"The feed {source} has more markup than a podcast can have.", "Check the address in a browser."
        )
    return _FIRST_LINE.sub(_with_known_encoding, b"".join(parts))


def _is_section(part: bytes) -> bool:
    return part.startswith(b"<![CDATA[")


def _has_too_many_tags(parts: Sequence[bytes]) -> bool:
    return (
        sum(part.count(b"<") for part in parts) > MAX_TAGS
        or sum(part.count(b"&") for part in parts) > MAX_INNER_TAGS
        or sum(len(_ITEM.findall(part)) for part in parts) > MAX_ITEMS
        or any(_LONG_TAG.search(part) or _LONG_TEXT.search(part) for part in parts)
    )


def _has_too_much_text(cdata: Sequence[bytes]) -> bool:
    tags = [part.count(b"<") for part in cdata]
    return (
        sum(tags) > MAX_INNER_TAGS
        or max(tags, default=0) > MAX_TEXT_TAGS
        or max(map(len, cdata), default=0) > MAX_TEXT_BYTES
    )


def _without_unread(parts: Iterable[bytes]) -> Iterator[bytes]:
    in_channel = True
    for part in parts:
        if _is_section(part):
            yield part
            continue
        item = _ITEM.search(part) if in_channel else None
        cut = item.start() if item else len(part) if in_channel else 0
        yield _UNREAD_IN_CHANNEL.sub(b"", part[:cut]) + _UNREAD.sub(b"", part[cut:])
        in_channel = in_channel and item is None


def sections(data: bytes) -> Iterator[bytes]:
    """Split into CDATA sections, each whole, and what is between them; without comments.

    A section that does not end is none: its ``<`` stays in the text.
    """
    start = position = 0
    endless: set[bytes] = set()  # searched in vain once: searching again would take quadratic time
    while match := _SECTION.search(data, position):
        opening = match[0]
        end = -1 if opening in endless else data.find(_ENDS[opening], match.end())
        if end < 0:
            endless.add(opening)
            position = match.end()
            continue
        yield data[start : match.start()]
        start = position = end + 3
        if opening == b"<![CDATA[":
            yield data[match.start() : start]
    yield data[start:]


def _in_utf8(data: bytes) -> bytes:
    """What is in UTF-16 or UTF-32: the patterns here, and many tools, read only what speaks ASCII."""
    encoding = next((name for start, name in _WIDE if data.startswith(start)), None)
    if encoding is None:
        return data
    text = data.decode(encoding, errors="replace").encode("utf-8", errors="replace")
    return _FIRST_LINE.sub(lambda line: _ENCODING.sub(b"", line[0]), text)


def _with_known_encoding(line: re.Match[bytes]) -> bytes:
    return _ENCODING.sub(lambda found: found[0] if _is_encoding(found[1]) else b"", line[0])


def _is_encoding(name: bytes) -> bool:
    try:
        return codecs.lookup(name.decode("ascii")).name not in _NO_ENCODINGS
    except (LookupError, ValueError):
        return False
