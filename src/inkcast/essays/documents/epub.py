"""EPUB 2 and 3: one chapter of a book, or all of them (https://www.w3.org/TR/epub-33/)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, islice
from posixpath import dirname, join, normpath
from urllib.parse import unquote

from lxml import etree
from lxml.html import HtmlElement

from inkcast.errors import EssayError
from inkcast.essays.assemble import assemble, drop_repeated_title, letters_of, no_words_error, same_words
from inkcast.essays.documents.archive import Archive
from inkcast.essays.encoding import decode_text
from inkcast.essays.essay import Block, BlockKind, Essay
from inkcast.essays.pages.article import ARTICLE_RULES
from inkcast.essays.pages.html import read_blocks
from inkcast.essays.pages.page_tree import parse_html

_CONTAINER = "META-INF/container.xml"
_NS = {
    "c": "urn:oasis:names:tc:opendocument:xmlns:container",
    "opf": "http://www.idpf.org/2007/opf",
    "dc": "http://purl.org/dc/elements/1.1/",
    "ncx": "http://www.daisy.org/z3986/2005/ncx/",
    "h": "http://www.w3.org/1999/xhtml",
    "epub": "http://www.idpf.org/2007/ops",
}
ALL = "all"
"""In place of a chapter: the whole running text."""

# As our own export calls them.
_OWN_KINDS: dict[str, BlockKind] = {"caption": "caption", "boilerplate": "boilerplate"}
_RULES = replace(ARTICLE_RULES, kinds={**ARTICLE_RULES.kinds, **_OWN_KINDS})
# What publishers put around the text, by the names that EPUB has for it.
_SURROUNDINGS = frozenset(
    {"cover", "titlepage", "halftitlepage", "copyright-page", "colophon", "toc", "landmarks", "loi", "index"}
)
# Title pages, dedications and copyright notices are shorter than this.
_MIN_CHAPTER_WORDS = 100
_MAX_LISTED = 60
_MAX_ENTRIES = 2000
_MAX_BLOCKS = 100_000
_MAX_INNER = 1000
_FIRST_BLOCKS = 3
_FEW_SIGNS = 100


@dataclass(frozen=True, slots=True)
class Chapter:
    """An entry of the table of contents and the text up to the next one that is not inside it.

    The text is ``book[start:end]``; entries may contain one another, and share it.
    """

    title: str
    book: Sequence[Block]
    start: int
    end: int
    n_words: int

    @property
    def blocks(self) -> Sequence[Block]:
        """Its text."""
        return self.book[self.start : self.end]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of the table of contents: what it is called, where it points, how deep it is set."""

    title: str
    path: str
    fragment: str
    depth: int


@dataclass(frozen=True, slots=True)
class _Document:
    """A file of the book; ``is_aside`` if it is no part of the running text."""

    path: str
    blocks: tuple[Block, ...]
    is_aside: bool = False


def read_epub(data: bytes, source: str, chapter: str = "") -> Essay:
    """Read one chapter of a book, or the only text in it, or all of it.

    Args:
        data: the file.
        source: its path or address.
        chapter: the number in the list of chapters, from 1, or the title, or ``ALL``.

    Raises:
        EssayError: it is no EPUB, has no text, or has several chapters and none or no such one is
            chosen; the message lists them.
    """
    archive = Archive(data, source, "an EPUB")
    package_path = _package_path(archive, source)
    package = archive.read_xml(package_path)
    language = (package.findtext(".//dc:language", "", _NS) or "").strip()
    title = package.findtext(".//dc:title", "", _NS) or ""
    documents, entries = _read_book(archive, package, package_path, source)
    if chapter.casefold() == ALL:
        blocks: Sequence[Block] = _running_text(documents, entries, title)
    else:
        chapters = _cut(documents, entries) or [_by_heading(document) for document in documents]
        chosen = _choose([chapter for chapter in chapters if chapter.n_words], chapter, source)
        blocks, title = chosen.blocks, chosen.title or title
    return assemble(title, drop_repeated_title(blocks, title), source, language)


def _package_path(archive: Archive, source: str) -> str:
    root = archive.read_xml(_CONTAINER)
    for rootfile in root.iterfind(".//c:rootfile", _NS):
        if path := rootfile.get("full-path"):
            return path
    raise EssayError(f"{source} cannot be read as an EPUB: it names no package.", "Make the file again.")


def _read_book(
    archive: Archive, package: etree._Element, package_path: str, source: str
) -> tuple[list[_Document], list[_Entry]]:
    """The files of the text in reading order, and the table of contents."""
    items = {item.get("id", ""): item for item in package.iterfind(".//opf:item", _NS)}
    folder = dirname(package_path)
    entries = list(islice(_table_of_contents(archive, package, items, folder), _MAX_ENTRIES))
    fragments: defaultdict[str, set[str]] = defaultdict(set)
    for entry in entries:
        fragments[entry.path].add(entry.fragment)
    asides: dict[str, bool] = {}
    for reference in package.iterfind(".//opf:itemref", _NS):
        if (item := items.get(reference.get("idref", ""))) is not None:
            is_aside = reference.get("linear") == "no" or "nav" in item.get("properties", "").split()
            asides.setdefault(_resolve(folder, item.get("href", ""))[0], is_aside)
    documents: list[_Document] = []
    n_blocks = 0
    for path in filter(archive.__contains__, asides):
        document = _read_document(archive, path, fragments[path], source)
        documents.append(replace(document, is_aside=document.is_aside or asides[path]))
        n_blocks += len(document.blocks)
        if n_blocks > _MAX_BLOCKS:
            raise EssayError(f"{source} has more paragraphs than a book can have.", "Is it the right file?")
    return documents, entries


def _running_text(documents: Sequence[_Document], entries: Sequence[_Entry], title: str) -> list[Block]:
    """All chapters; the table of contents names those that do not say themselves what they are called."""
    listed: defaultdict[str, list[_Entry]] = defaultdict(list)
    for entry in entries:
        listed[entry.path].append(entry)
    first = next((index for index, document in enumerate(documents) if document.path in listed), 0)
    blocks: list[Block] = []
    for index, document in enumerate(documents):
        is_front = index < first and _n_words(document.blocks) < _MIN_CHAPTER_WORDS
        is_cover = all(same_words(block.text, title) for block in document.blocks)
        if not document.is_aside and not is_front and not is_cover:
            blocks += _with_headings(document.blocks, listed[document.path], title)
    return blocks


def _with_headings(blocks: Sequence[Block], entries: Sequence[_Entry], title: str) -> list[Block]:
    """The blocks of a file, before them the titles of its chapters where they are missing."""
    places = {block.anchor: index for index, block in reversed(list(enumerate(blocks)))} | {"": 0}
    known = {letters_of(block.text) for block in blocks if block.kind == "heading"} | {letters_of(title)}
    missing: defaultdict[int, list[Block]] = defaultdict(list)
    for entry in entries:
        start, name = places.get(entry.fragment), letters_of(entry.title)
        if start is None or not name or name in known or not blocks or blocks[start].kind == "heading":
            continue
        enough = 2 * len(entry.title) + _FEW_SIGNS
        first = "".join(block.text[:enough] for block in blocks[start : start + _FIRST_BLOCKS])
        if not letters_of(first[:enough]).startswith(name):
            missing[start].append(Block("heading", entry.title, level=min(1 + entry.depth, 6)))
    return [block for index, own in enumerate(blocks) for block in (*missing[index], own)]


def _table_of_contents(
    archive: Archive, package: etree._Element, items: dict[str, etree._Element], folder: str
) -> Iterator[_Entry]:
    navs = [item for item in items.values() if "nav" in item.get("properties", "").split()]
    for item in navs:
        path = _resolve(folder, item.get("href", ""))[0]
        if path in archive:
            yield from _nav_entries(archive.read_xml(path), path)
            return
    for item in items.values():
        path = _resolve(folder, item.get("href", ""))[0]
        if item.get("media-type") == "application/x-dtbncx+xml" and path in archive:
            yield from _ncx_entries(archive.read_xml(path), path)
            return


def _nav_entries(root: etree._Element, path: str) -> Iterator[_Entry]:
    """EPUB 3: ``<nav epub:type="toc">`` with lists inside lists."""
    navs = [nav for nav in root.iterfind(".//h:nav", _NS) if "toc" in nav.get(f"{{{_NS['epub']}}}type", "")]
    for link in (link for nav in navs[:1] for link in nav.iterfind(".//h:a[@href]", _NS)):
        depth = sum(parent.tag == f"{{{_NS['h']}}}ol" for parent in link.iterancestors())
        yield _Entry(_text(link), *_resolve(dirname(path), link.get("href", "")), depth)


def _ncx_entries(root: etree._Element, path: str) -> Iterator[_Entry]:
    """EPUB 2: ``navPoint`` inside ``navPoint``."""
    tag = f"{{{_NS['ncx']}}}navPoint"
    for point in root.iter(tag):
        label, content = point.find("ncx:navLabel", _NS), point.find("ncx:content", _NS)
        if label is not None and content is not None:
            depth = 1 + sum(parent.tag == tag for parent in point.iterancestors())
            yield _Entry(_text(label), *_resolve(dirname(path), content.get("src", "")), depth)


def _resolve(folder: str, href: str) -> tuple[str, str]:
    path, _, fragment = href.partition("#")
    return normpath(join(folder, unquote(path))), unquote(fragment)


def _text(element: etree._Element) -> str:
    return " ".join("".join(str(piece) for piece in element.itertext()).split())


def _read_document(archive: Archive, path: str, fragments: set[str], source: str) -> _Document:
    text = decode_text(archive.read(path), f"{source}, {path}", "application/xhtml+xml")
    if not text.strip():
        return _Document(path, ())
    root = parse_html(text, source)
    _let_anchors_through(root, fragments - {""})
    return _Document(path, read_blocks(root, _RULES, path), bool(_types_of(root) & _SURROUNDINGS))


def _types_of(root: HtmlElement) -> set[str]:
    """What a file says that it is: its body, or the only element in it."""
    body = next(root.iter("body"), root)
    elements = (body, body[0]) if len(body) == 1 else (body,)
    return {name for element in elements for name in element.get("epub:type", "").split()}


def _let_anchors_through(root: HtmlElement, fragments: set[str]) -> None:
    """Leave the chapter's anchor as the only one before its first word: blocks keep the last they meet."""
    for element in root.iter():
        if element.get("id") not in fragments:
            continue
        for inner in islice(element.iterdescendants(), _MAX_INNER):
            if inner.get("id") and inner.get("id") not in fragments:
                del inner.attrib["id"]
            if (inner.text or "").strip():
                break


def _cut(documents: Sequence[_Document], entries: Sequence[_Entry]) -> list[Chapter]:
    """The text of each entry: from where it points to the next entry that is not inside it."""
    blocks = [block for document in documents for block in document.blocks]
    starts: dict[tuple[str, str], int] = {}
    position = 0
    for document in documents:
        starts[document.path, ""] = position
        for index, block in enumerate(document.blocks):
            if block.anchor:
                starts.setdefault((document.path, block.anchor), position + index)
        position += len(document.blocks)
    known = [
        (entry, starts.get((entry.path, entry.fragment), starts.get((entry.path, "")))) for entry in entries
    ]
    placed = [(entry, start) for entry, start in known if start is not None]
    words = [0, *accumulate(len(block.text.split()) for block in blocks)]
    ends = _ends([(start, entry.depth) for entry, start in placed], len(blocks))
    return [
        Chapter(entry.title, blocks, start, end, words[end] - words[start])
        for (entry, start), end in zip(placed, ends, strict=True)
    ]


def _ends(placed: Sequence[tuple[int, int]], end: int) -> list[int]:
    """Where the next entry begins that is not inside it, for each (start, depth); ``end`` where none does.

    Contents may point backwards: what is next is so in the text.
    """
    ends = [end] * len(placed)
    waiting: list[int] = []
    for index in sorted(range(len(placed)), key=lambda index: placed[index][0]):
        start, depth = placed[index]
        while waiting and placed[waiting[-1]][1] >= depth:
            ends[waiting.pop()] = start
        waiting.append(index)
    return ends


def _by_heading(document: _Document) -> Chapter:
    title = next((block.text for block in document.blocks if block.kind == "heading"), "")
    return Chapter(title, document.blocks, 0, len(document.blocks), _n_words(document.blocks))


def _n_words(blocks: Sequence[Block]) -> int:
    return sum(len(block.text.split()) for block in blocks)


def _choose(chapters: Sequence[Chapter], wanted: str, source: str) -> Chapter:
    if not chapters:
        raise no_words_error(source)
    if not wanted:
        long = [chapter for chapter in chapters if chapter.n_words >= _MIN_CHAPTER_WORDS]
        if len(chapters) == 1 or len(long) == 1:
            return (long or chapters)[0]
        raise EssayError(
            f"{source} has {len(chapters)} chapters: {_list(chapters)}.",
            "Choose one, --chapter N, or --chapter all.",
        )
    if wanted.isdigit():
        if 1 <= int(wanted) <= len(chapters):
            return chapters[int(wanted) - 1]
    else:
        matching = [chapter for chapter in chapters if same_words(chapter.title, wanted)] or [
            chapter for chapter in chapters if wanted.casefold() in chapter.title.casefold()
        ]
        if len(matching) == 1:
            return matching[0]
    raise EssayError(
        f"{source} has no single chapter {wanted!r}; it has {_list(chapters)}.", "Choose one by its number."
    )


def _list(chapters: Sequence[Chapter]) -> str:
    lines = [f"{number} {chapter.title or '(no title)'}" for number, chapter in enumerate(chapters, 1)]
    more = f", and {len(lines) - _MAX_LISTED} more" if len(lines) > _MAX_LISTED else ""
    return ", ".join(lines[:_MAX_LISTED]) + more
