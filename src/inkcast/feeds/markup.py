"""Feed bytes before anything reads them: what serves only attacks is taken out, or the feed is refused.

Feeds are written by strangers. A document of a few megabytes can keep a tolerant parser busy for hours;
these limits are far above every real podcast, and let the worst document cost seconds.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from inkcast.errors import FeedError

MAX_TAGS = 1_000_000
MAX_REFERENCES = 4_000_000
MAX_TAG_BYTES = 1_000_000
"""Of one tag or one attribute: the time that Expat takes grows with the square of it."""

# Comments and instructions may stand before it. Atomic, so that no prolog makes it slow.
_DECLARATIONS = re.compile(
    rb"\A((?:\xef\xbb\xbf)?(?>\s|<\?.*?\?>|<!--.*?-->)*+)<!DOCTYPE[^\[<>]*\[.*?\]\s*>",
    re.DOTALL | re.IGNORECASE,
)
# No character: feedparser decodes the reference all the same, and then fails to encode it.
_LONE_SURROGATES = re.compile(
    rb"&#(?:[xX]0*[dD][89a-fA-F][0-9a-fA-F]{2}"
    rb"|0*(?:55(?:29[6-9]|[3-9][0-9]{2})|56[0-9]{3}|57(?:[0-2][0-9]{2}|3[0-3][0-9]|34[0-3])));"
)
_SECTION = re.compile(rb"<!\[CDATA\[|<!--")
_ENDS = {b"<![CDATA[": b"]]>", b"<!--": b"-->"}
_LONG_TAG = re.compile(
    rb"<[^<>]{%(n)d}|=[\"'](?:(?<=\")[^\"<]{%(n)d}|(?<=')[^'<]{%(n)d})" % {b"n": MAX_TAG_BYTES}
)
_ENCODING = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<\?xml\b[^>]*?(\sencoding\s*=\s*[\"']([^\"'<>]*)[\"'])")


def clean(data: bytes, source: str) -> bytes:
    """Take out declared entities, comments and references to no character.

    Raises:
        FeedError: the document has more markup than any podcast.
    """
    # Entities that a document declares itself serve attacks ("billion laughs"), not podcasts.
    data = _DECLARATIONS.sub(rb"\1", data, count=1)
    data = _without_odd_encoding(data)
    data = _LONE_SURROGATES.sub(b"&#xFFFD;", data)
    parts = list(sections(data))
    outside = [part for part in parts if not part.startswith(b"<![CDATA[")]
    tags = sum(part.count(b"<") for part in outside)
    references = sum(part.count(b"&") for part in outside)
    if tags > MAX_TAGS or references > MAX_REFERENCES or any(map(_LONG_TAG.search, outside)):
        raise FeedError(
            f"The feed {source} has more markup than a podcast can have.", "Check the address in a browser."
        )
    return b"".join(parts)


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


def _without_odd_encoding(data: bytes) -> bytes:
    """Python has codecs that are no encodings of documents, some slow and some with errors of their own."""
    match = _ENCODING.match(data)
    if match is None or _is_encoding(match[2].decode("ascii", errors="replace")):
        return data
    return data[: match.start(1)] + data[match.end(1) :]


def _is_encoding(name: str) -> bool:
    try:
        known = codecs.lookup(name).name
    except (LookupError, ValueError):
        return False
    return known.startswith(("utf-8", "utf-16", "utf-32")) or _speaks_ascii(known)


def _speaks_ascii(name: str) -> bool:
    """Whether markup reads the same in the encoding, and a backslash is only a backslash."""
    markup = b"<?xml version=\"1.0\"?><a b='c'>\\u0041&amp;+AGE-</a>"
    try:
        return markup.decode(name) == markup.decode("ascii")
    except (LookupError, UnicodeError):
        return False
