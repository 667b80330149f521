"""Lists of subscriptions (OPML), as podcast players export them.

Source: OPML 2.0 (opml.org/spec2.opml), "subscription lists".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from inkcast.errors import FeedError
from inkcast.feeds.address import resolve
from inkcast.feeds.markup import clean

_PROLOG = re.compile(rb"\A(?:\xef\xbb\xbf)?(?>\s|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^<>\[]*>)*+", re.DOTALL)
_BARE_AMPERSAND = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});)")
_FEED_SCHEME = re.compile(r"\A(?:feed|podcast|itpc|pcast):(?://)?(?:(?=https?://)|(?P<bare>))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OpmlFeed:
    """A subscription; ``url`` is an address, or the path of a file beside a local list."""

    title: str
    url: str


def is_opml(data: bytes) -> bool:
    """Whether ``data`` begins like a list of subscriptions."""
    prolog = _PROLOG.match(data[:65536])
    rest = data[prolog.end() if prolog else 0 :][:6].lower()
    return rest[:5] == b"<opml" and rest[5:] in (b" ", b">", b"\t", b"\n", b"\r")


def read_opml(data: bytes, source: str) -> tuple[OpmlFeed, ...]:
    """Read a list of subscriptions, whatever folders they are in; each feed once.

    Args:
        data: the file.
        source: where it came from, an http(s) URL or a path.
    Raises:
        FeedError: it is no such list, names no feeds, or is a local file that points outside its folder.
    """
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        tree = etree.fromstring(_BARE_AMPERSAND.sub(b"&amp;", clean(data, source)), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _unreadable(source) from error
    if tree is None or str(tree.tag).rpartition("}")[2].lower() != "opml":
        raise _unreadable(source)
    feeds: dict[str, OpmlFeed] = {}
    for outline in tree.iter("{*}outline"):
        attributes = {str(name).lower(): str(value) for name, value in outline.attrib.items()}
        url = resolve(_FEED_SCHEME.sub(_as_web, attributes.get("xmlurl", "").strip()), source)
        if url:
            title = " ".join((attributes.get("title") or attributes.get("text") or "").split())
            feeds.setdefault(url, OpmlFeed(title or url, url))
    if not feeds:
        raise FeedError(f"The list {source} names no feeds.", "Export your subscriptions as OPML again.")
    return tuple(feeds.values())


def _as_web(match: re.Match[str]) -> str:
    """``feed:https://a`` is ``https://a``, and ``feed://a`` is a web address too."""
    return "https://" if match["bare"] is not None else ""


def _unreadable(source: str) -> FeedError:
    return FeedError(f"{source} is not a list of feeds (OPML).", "Export your subscriptions as OPML again.")
