"""Word files: Office Open XML (ECMA-376), its paragraphs, styles, lists and footnotes."""

from __future__ import annotations

import re

from lxml import etree

from inkcast.essays.assemble import assemble, cut_title
from inkcast.essays.documents.archive import Archive
from inkcast.essays.documents.style_names import STYLE_KINDS
from inkcast.essays.essay import Block, BlockKind, Essay, MarkKind
from inkcast.essays.inline import InlineText
from inkcast.essays.links import safe_link

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_P, _RUN = f"{_W}p", f"{_W}r"
_DOCUMENT = "word/document.xml"
_HEADING = re.compile(r"heading ?([1-6])")
_MARKS: dict[str, MarkKind] = {"b": "strong", "i": "emphasis", "strike": "strikethrough"}
_VERTICAL: dict[str, MarkKind] = {"superscript": "superscript", "subscript": "subscript"}
# Deleted text of tracked changes, field codes, and drawings' fallbacks are not what readers see.
_UNSEEN = frozenset(f"{_W}{name}" for name in ("del", "moveFrom", "instrText", "delText", "txbxContent"))


def read_docx(data: bytes, source: str) -> Essay:
    """Read an essay from a Word file. Raises EssayError."""
    archive = Archive(data, source, "a Word file")
    reader = _Reader(_style_names(archive), _links(archive))
    blocks = reader.read(archive.read_xml(_DOCUMENT))
    if "word/footnotes.xml" in archive:
        blocks += reader.read_notes(archive.read_xml("word/footnotes.xml"))
    title, blocks = cut_title(blocks)
    return assemble(title, blocks, source)


def _style_names(archive: Archive) -> dict[str, str]:
    """Style ids, which depend on the language of Word, to style names, which for built-in ones do not."""
    if "word/styles.xml" not in archive:
        return {}
    styles = archive.read_xml("word/styles.xml").iter(f"{_W}style")
    names = ((style.get(f"{_W}styleId", ""), style.find(f"{_W}name")) for style in styles)
    return {key: name.get(f"{_W}val", "").casefold() for key, name in names if name is not None}


def _links(archive: Archive) -> dict[str, str]:
    path = "word/_rels/document.xml.rels"
    if path not in archive:
        return {}
    return {item.get("Id", ""): item.get("Target", "") for item in archive.read_xml(path)}


class _Reader:
    def __init__(self, styles: dict[str, str], links: dict[str, str]) -> None:
        self._styles = styles
        self._links = links

    def read(self, root: etree._Element) -> list[Block]:
        """The paragraphs of the body, those of tables and content controls too.

        Each element is looked at once, however deep it lies: a run belongs to the paragraph next to it.
        """
        blocks: list[Block] = []
        lines: list[InlineText] = []
        walk = etree.iterwalk(root, events=("start", "end"), tag=(_P, _RUN, *_UNSEEN))
        for event, element in walk:
            if element.tag == _P:
                if event == "start":
                    lines.append(InlineText())
                elif block := self._block(element, lines.pop()):
                    blocks.append(block)
            elif event == "start":
                if element.tag == _RUN and lines:
                    self._write_run(element, lines[-1])
                walk.skip_subtree()
        return blocks

    def read_notes(self, root: etree._Element) -> list[Block]:
        """Footnotes: number 0 and below are separators of Word's own."""
        blocks = []
        for note in root.iterfind(f"{_W}footnote"):
            number = note.get(f"{_W}id", "")
            if number.isdecimal() and note.get(f"{_W}type") is None:
                for index, block in enumerate(self.read(note)):
                    anchor = "" if index else f"footnote-{number}"
                    ordinal = 0 if index else int(number)
                    blocks.append(Block("footnote", block.text, block.marks, ordinal=ordinal, anchor=anchor))
        return blocks

    def _block(self, paragraph: etree._Element, line: InlineText) -> Block | None:
        text, marks = line.take()
        if not text:
            return None
        kind, level = self._kind(paragraph)
        return Block(kind, text, marks, level)

    def _kind(self, paragraph: etree._Element) -> tuple[BlockKind, int]:
        properties = paragraph.find(f"{_W}pPr")
        style = properties.find(f"{_W}pStyle") if properties is not None else None
        key = style.get(f"{_W}val", "") if style is not None else ""
        name = self._styles.get(key, key.casefold())
        if heading := _HEADING.fullmatch(name):
            return "heading", int(heading[1])
        if name in STYLE_KINDS:
            return STYLE_KINDS[name]
        numbering = properties.find(f"{_W}numPr") if properties is not None else None
        if numbering is not None:
            level = numbering.find(f"{_W}ilvl")
            depth = level.get(f"{_W}val", "") if level is not None else ""
            return "list_item", int(depth) + 1 if re.fullmatch("[0-8]", depth) else 1
        return ("list_item", 1) if name.startswith("list ") else ("paragraph", 0)

    def _write_run(self, run: etree._Element, line: InlineText) -> None:
        target = self._link_of(run)
        marks = _marks_of(run)
        if target:
            line.open("link", target)
        for kind in marks:
            line.open(kind)
        for child in run:
            if child.tag == f"{_W}t":
                line.write(child.text or "")
            elif child.tag in (f"{_W}br", f"{_W}tab", f"{_W}cr"):
                line.write(" ")
            elif child.tag == f"{_W}footnoteReference":
                number = child.get(f"{_W}id", "")
                line.add_point("link", f"#footnote-{number}", number)
        for _ in marks:
            line.close()
        if target:
            line.close()

    def _link_of(self, run: etree._Element) -> str:
        parent = run.getparent()
        if parent is None or parent.tag != f"{_W}hyperlink":
            return ""
        return safe_link(self._links.get(parent.get(f"{_R}id", ""), ""), "")


def _marks_of(run: etree._Element) -> list[MarkKind]:
    properties = run.find(f"{_W}rPr")
    if properties is None:
        return []
    marks = [
        kind
        for name, kind in _MARKS.items()
        if (switch := properties.find(f"{_W}{name}")) is not None
        and switch.get(f"{_W}val", "true") not in ("false", "0", "off")
    ]
    vertical = properties.find(f"{_W}vertAlign")
    if vertical is not None and vertical.get(f"{_W}val", "") in _VERTICAL:
        marks.append(_VERTICAL[vertical.get(f"{_W}val", "")])
    return marks
