"""A feed with transcripts and chapters added to its items; every other byte stays as it is.

The tags are put into the text of the feed. A parser that reads and writes XML would change its quotes,
entities and CDATA, and would have to be kept from loading what the feed names.

Source: https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md
"""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import quoteattr

from inkcast.errors import PublishError
from inkcast.feeds.episode import ChaptersLink, TranscriptLink
from inkcast.publish.words import clean_text

NAMESPACE = "https://podcastindex.org/namespace/1.0"
CHAPTERS_TYPE = "application/json+chapters"
AI_PURPOSE = "ai-content"
AI_TEXT = "The transcript was written by a machine."
"""``podcast:txt`` for what no person has written."""

# What does not end takes the rest of the feed: looked for again and again, its end would cost quadratic time.
_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[(?P<cdata>.*?)(?:\]\]>|\Z)|<!DOCTYPE[^\[<>]*+(?:\[.*?(?:\]\s*>|\Z)|>)"
    r"|<\?.*?(?:\?>|\Z)"
    r"|<(?P<close>/?)(?P<name>[\w:.-]+)(?P<attributes>(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+)>",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"([\w:.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_ENCODING = re.compile(rb"""\A(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["']""")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FEEDS = ("rss", "feed", "rdf:RDF")
_ITEMS = ("item", "entry")


@dataclass(frozen=True, slots=True)
class EpisodeLinks:
    """What to add to one item; addresses as listeners' apps find them.

    ``by_machine``: a machine wrote the transcripts, without an essay to read along.
    """

    transcripts: tuple[TranscriptLink, ...] = ()
    chapters: ChaptersLink | None = None
    by_machine: bool = False


@dataclass(slots=True)
class _Item:
    """An item of the feed: where it ends, what it is known by and what it links to already."""

    guid: str = ""
    audio: list[str] = field(default_factory=list)
    transcripts: set[str] = field(default_factory=set)
    has_chapters: bool = False
    says_by_machine: bool = False
    end: int = 0


def add_links(feed: bytes, links: Mapping[str, EpisodeLinks]) -> bytes:
    """Copy a feed and add ``podcast:transcript`` and ``podcast:chapters``.

    A transcript whose address the item has already is not added again, and chapters only to items
    without any, so that running it twice changes nothing.

    Args:
        feed: RSS or Atom in any encoding that Python knows.
        links: by the address of an item's audio, or by its ``guid`` (in Atom ``id``).
    Raises:
        PublishError: the bytes are no feed, or none of its items is in ``links``.
    """
    text, encoding = _decoded(feed)
    root, items = _scan(text)
    if root is None:
        raise PublishError("This is not an RSS or Atom feed.", "Give the feed's own bytes.")
    wanted = [(item, found) for item in items if (found := _links_of(item, links)) is not None]
    if links and not wanted:
        raise PublishError("The feed has none of these episodes.", "Is it the right feed?")
    prefix = _declared(root)
    insertions = {item.end: _tags(item, found, prefix) for item, found in wanted}
    if any(insertions.values()) and prefix is None:
        insertions[root.end() - 1] = f' xmlns:podcast="{NAMESPACE}"'
    pieces, last = [], 0
    for place in sorted(insertions):
        pieces += [text[last:place], insertions[place]]
        last = place
    return "".join((*pieces, text[last:])).encode(encoding, errors="surrogateescape")


def _decoded(feed: bytes) -> tuple[str, str]:
    """The text, byte order mark included, and the codec that turns it back into the same bytes."""
    encoding = next((name for mark, name in _BOMS if feed.startswith(mark)), None)
    declared = _ENCODING.match(feed)
    if encoding is None and declared:
        encoding = declared[1].decode("ascii")
    try:
        codec = codecs.lookup(encoding or "utf-8")
        text = feed.decode(codec.name, errors="surrogateescape")
        if text.encode(codec.name, errors="surrogateescape") == feed:
            return text, codec.name
    except (LookupError, UnicodeError, TypeError):
        pass
    # A wrong declaration: Latin-1 takes and gives back every byte, and what is added is ASCII.
    return feed.decode("latin-1"), "latin-1"


def _scan(text: str) -> tuple[re.Match[str] | None, list[_Item]]:
    root: re.Match[str] | None = None
    items: list[_Item] = []
    item: _Item | None = None
    for token in _TOKEN.finditer(text):
        name = token["name"]
        if name is None:
            continue
        if root is None:
            root = token if name in _FEEDS and not token["close"] else None
        elif name in _ITEMS and not token["attributes"].endswith("/"):
            if token["close"] and item is not None:
                item.end = token.start()
                items.append(item)
            item = None if token["close"] else _Item()
        elif item is not None and not token["close"]:
            _note(item, token, text)
    return root, items


def _note(item: _Item, tag: re.Match[str], text: str) -> None:
    name = tag["name"]
    attributes = {m[1]: _unescaped(m[2] or m[3] or "") for m in _ATTRIBUTE.finditer(tag["attributes"])}
    if name in ("guid", "id"):
        item.guid = item.guid or _content(text, tag.end())
    elif name == "enclosure" or (name == "link" and attributes.get("rel") == "enclosure"):
        item.audio.append(attributes.get("url") or attributes.get("href", ""))
    elif name == "podcast:transcript":
        item.transcripts.add(attributes.get("url", ""))
    elif name == "podcast:chapters":
        item.has_chapters = True
    elif name == "podcast:txt" and attributes.get("purpose") == AI_PURPOSE:
        item.says_by_machine = True


def _content(text: str, start: int) -> str:
    """The text of an element that has no elements in it."""
    return "".join(_text_parts(text, start)).strip()


def _text_parts(text: str, start: int) -> Iterator[str]:
    for token in _TOKEN.finditer(text, start):
        yield _unescaped(text[start : token.start()])
        if token["name"] is not None:
            return
        yield token["cdata"] or ""
        start = token.end()


def _unescaped(text: str) -> str:
    return html.unescape(text).strip()


def _links_of(item: _Item, links: Mapping[str, EpisodeLinks]) -> EpisodeLinks | None:
    """By the audio first: some feeds give one guid to several items."""
    return next((links[name] for name in (*item.audio, item.guid) if name in links), None)


def _declared(root: re.Match[str]) -> str | None:
    """The address that the feed's own ``podcast:`` stands for, None if it is not declared."""
    declared = {m[1]: m[2] or m[3] or "" for m in _ATTRIBUTE.finditer(root["attributes"])}
    return declared.get("xmlns:podcast")


def _tags(item: _Item, links: EpisodeLinks, declared: str | None) -> str:
    """The new tags; with a declaration of their own where the feed's prefix stands for something else."""
    is_ours = declared is None or "podcast" in declared.lower()
    own = {} if is_ours else {"xmlns:podcast": NAMESPACE}
    tags = [
        _tag("transcript", own | _transcript_attributes(link))
        for link in links.transcripts
        if link.url not in item.transcripts
    ]
    if links.chapters and not item.has_chapters:
        media_type = links.chapters.media_type or CHAPTERS_TYPE
        tags.append(_tag("chapters", own | {"url": links.chapters.url, "type": media_type}))
    if links.by_machine and not item.says_by_machine:
        opening = _tag("txt", own | {"purpose": AI_PURPOSE}).replace("/>\n", ">")
        tags.append(f"{opening}{AI_TEXT}</podcast:txt>\n")
    return "".join(tags)


def _transcript_attributes(link: TranscriptLink) -> dict[str, str]:
    required = {"url": link.url, "type": link.media_type or "text/vtt"}
    optional = {"language": link.language, "rel": link.rel}
    return required | {name: value for name, value in optional.items() if value}


def _tag(name: str, attributes: Mapping[str, str]) -> str:
    """A tag in ASCII, which every encoding of feeds can hold."""
    values = "".join(f" {key}={quoteattr(clean_text(value))}" for key, value in attributes.items())
    return f"<podcast:{name}{values}/>\n".encode("ascii", errors="xmlcharrefreplace").decode("ascii")
