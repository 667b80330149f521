"""OpenDocument texts, as LibreOffice writes them (OASIS OpenDocument 1.3, part 3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from inkcast.errors import EssayError
from inkcast.essays.assemble import assemble, cut_title
from inkcast.essays.documents.archive import Archive
from inkcast.essays.documents.style_names import STYLE_KINDS
from inkcast.essays.essay import Block, BlockKind, Essay, MarkKind
from inkcast.essays.inline import InlineText
from inkcast.essays.links import safe_link

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_P, _H, _NOTE, _ITEM = f"{_TEXT}p", f"{_TEXT}h", f"{_TEXT}note", f"{_TEXT}list-item"
_SPACES = frozenset(f"{_TEXT}{name}" for name in ("s", "tab", "line-break"))
# Comments, deleted text of tracked changes, tables of contents and what forms ask for.
_UNSEEN = frozenset(
    {f"{_OFFICE}annotation", f"{_OFFICE}annotation-end", f"{_OFFICE}forms"}
    | {f"{_TEXT}{name}" for name in ("tracked-changes", "note-citation", "table-of-content", "ruby-text")}
    | {f"{_TEXT}{name}" for name in ("alphabetical-index", "illustration-index", "table-index")}
)
_MOST_PARENTS = 20
_MAX_PARAGRAPHS = 100_000


def read_odt(data: bytes, source: str) -> Essay:
    """Read an essay from an OpenDocument text. Raises EssayError."""
    archive = Archive(data, source, "an OpenDocument text")
    manifest = "META-INF/manifest.xml"
    if manifest in archive and b"encryption-data" in archive.read(manifest):
        raise EssayError(f"{source} is protected by a password.", "Save it without one.")
    content = archive.read_xml("content.xml")
    styles = dict(_styles(archive.read_xml("styles.xml"))) if "styles.xml" in archive else {}
    styles |= dict(_styles(content))
    body = content.find(f"{_OFFICE}body")
    if len(content.findall(f".//{_P}")) > _MAX_PARAGRAPHS:
        raise EssayError(f"{source} has more paragraphs than an essay.", "Is it the right file?")
    reader = _Reader(styles)
    title, blocks = cut_title(reader.read(content if body is None else body))
    return assemble(title, blocks, source)


@dataclass(frozen=True, slots=True)
class _Style:
    name: str
    parent: str
    marks: tuple[MarkKind, ...]


def _styles(root: etree._Element) -> Iterator[tuple[str, _Style]]:
    for style in root.iter(f"{_STYLE}style"):
        # A space in a style's name is written as its code.
        key = style.get(f"{_STYLE}name", "")
        name = style.get(f"{_STYLE}display-name", key).replace("_20_", " ").casefold()
        yield key, _Style(name, style.get(f"{_STYLE}parent-style-name", ""), _marks_of(style))


def _marks_of(style: etree._Element) -> tuple[MarkKind, ...]:
    properties = style.find(f"{_STYLE}text-properties")
    if properties is None or style.get(f"{_STYLE}family") != "text":
        return ()
    position = properties.get(f"{_STYLE}text-position", "")
    height = position.split("%")[0].split()[0] if position.strip() else ""
    raised = height == "super" or (height.isdecimal() and height != "0")
    line = properties.get(f"{_STYLE}text-line-through-style", "none")
    found: dict[MarkKind, bool] = {
        "strong": properties.get(f"{_FO}font-weight", "") in ("bold", "600", "700", "800", "900"),
        "emphasis": properties.get(f"{_FO}font-style", "") in ("italic", "oblique"),
        "strikethrough": line != "none",
        "superscript": raised,
        "subscript": height == "sub" or height.startswith("-"),
    }
    return tuple(kind for kind, is_set in found.items() if is_set)


class _Reader:
    """One pass over the body; each element is looked at once, however deep it lies."""

    def __init__(self, styles: dict[str, _Style]) -> None:
        self._styles = styles
        self._blocks: list[Block] = []
        self._notes: list[Block] = []
        self._lines: list[InlineText] = []
        self._open: list[int] = []
        self._depth = 0
        self._n_notes = 0
        self._note = ""
        self._is_first = False

    def read(self, body: etree._Element) -> list[Block]:
        """The paragraphs of the body, those of tables and text boxes too, and then the notes."""
        walk = etree.iterwalk(body, events=("start", "end"))
        skipped: etree._Element | None = None
        for event, element in walk:
            if event == "start" and element.tag in _UNSEEN:
                skipped = element
                walk.skip_subtree()
            elif event == "start":
                self._enter(element)
                self._write(element.text)
            else:
                if element is skipped:
                    skipped = None
                else:
                    self._leave(element)
                self._write(element.tail)
        return self._blocks + self._notes

    def _write(self, text: str | None) -> None:
        if text and self._lines:
            self._lines[-1].write(text)

    def _enter(self, element: etree._Element) -> None:
        tag = element.tag
        if tag in (_P, _H):
            self._lines.append(InlineText())
        elif tag == f"{_TEXT}list":
            self._depth += 1
        elif tag == _ITEM:
            self._is_first = True
        elif tag == _NOTE:
            self._n_notes += 1
            self._note = f"footnote-{self._n_notes}"
            if self._lines:
                citation = element.findtext(f"{_TEXT}note-citation") or str(self._n_notes)
                self._lines[-1].add_point("link", f"#{self._note}", citation.strip())
        elif tag in _SPACES:
            self._write(" ")
        elif tag in (f"{_TEXT}a", f"{_TEXT}span") and self._lines:
            self._open_marks(element)

    def _open_marks(self, element: etree._Element) -> None:
        line, kinds = self._lines[-1], self._marks(element.get(f"{_TEXT}style-name", ""))
        marks: list[tuple[MarkKind, str]] = [(kind, "") for kind in kinds]
        if element.tag == f"{_TEXT}a" and (target := safe_link(element.get(_HREF, ""), "")):
            marks = [("link", target)]
        wanted = [mark for mark in marks if not line.is_marked(mark[0])]
        for kind, address in wanted:
            line.open(kind, address)
        self._open.append(len(wanted))

    def _leave(self, element: etree._Element) -> None:
        tag = element.tag
        if tag in (_P, _H):
            self._add(element, self._lines.pop())
        elif tag == f"{_TEXT}list":
            self._depth -= 1
        elif tag == _NOTE:
            self._note = ""
        elif tag in (f"{_TEXT}a", f"{_TEXT}span") and self._lines:
            for _ in range(self._open.pop()):
                self._lines[-1].close()

    def _add(self, element: etree._Element, line: InlineText) -> None:
        text, marks = line.take()
        if not text:
            return
        if self._note:
            is_new = not self._notes or self._notes[-1].anchor != self._note
            ordinal, anchor = (self._n_notes, self._note) if is_new else (0, "")
            self._notes.append(Block("footnote", text, marks, ordinal=ordinal, anchor=anchor))
            return
        kind, level = self._kind(element)
        self._blocks.append(Block(kind, text, marks, level))

    def _kind(self, element: etree._Element) -> tuple[BlockKind, int]:
        if element.tag == _H:
            level = element.get(f"{_TEXT}outline-level", "1")
            return "heading", min(max(int(level) if level.isdecimal() else 1, 1), 6)
        for style in self._chain(element.get(f"{_TEXT}style-name", "")):
            if style.name in STYLE_KINDS:
                return STYLE_KINDS[style.name]
        if self._depth and self._is_first:
            self._is_first = False
            return "list_item", self._depth
        return "paragraph", 0

    def _marks(self, name: str) -> list[MarkKind]:
        return list(dict.fromkeys(kind for style in self._chain(name) for kind in style.marks))

    def _chain(self, name: str) -> Iterator[_Style]:
        """A style and those that it builds on."""
        for _ in range(_MOST_PARENTS):
            style = self._styles.get(name)
            if style is None:
                return
            yield style
            name = style.parent
