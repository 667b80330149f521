"""Rich Text Format (Microsoft, RTF Specification 1.9.1): paragraphs, styles, lists, links and footnotes.

The libraries that there are give plain text, and so lose headings and footnotes.
"""

# ruff: noqa: SIM905 - thirty names in quotes and commas are harder to read than thirty words

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from inkcast.errors import EssayError
from inkcast.essays.assemble import assemble, cut_title
from inkcast.essays.documents.style_names import STYLE_KINDS
from inkcast.essays.essay import Block, BlockKind, Essay, MarkKind
from inkcast.essays.inline import InlineText
from inkcast.essays.links import safe_link

_TOKEN = re.compile(
    r"\\(?P<word>[A-Za-z]{1,32})(?P<number>-?\d{1,10})? ?|\\'(?P<hex>[0-9A-Fa-f]{2})|\\(?P<sign>[^A-Za-z])"
    r"|(?P<brace>[{}])|[\r\n]+|(?P<text>[^\\{}\r\n]+)"
)
_HYPERLINK = re.compile(r"\s*HYPERLINK\s+\"?([^\s\"]+)", re.IGNORECASE)
_UNREAD_FIELD = re.compile(r"\s*(?:TOC|INDEX|PAGE|NUMPAGES)\b", re.IGNORECASE)
_HEADING = re.compile(r"heading ?([1-6])")
# Backslashes, braces and line ends: Word makes about one of them for each word, at 3 microseconds.
_MAX_SIGNS = 500_000
# Paragraphs and marks, each at 15 microseconds; a long novel has 20,000.
_MAX_PIECES = 60_000
_MAX_BYTES = 8 * 1024 * 1024
_MAX_DEPTH = 1000

_CHARACTERS = {
    "tab": " ", "line": " ", "emspace": " ", "enspace": " ", "qmspace": " ", "emdash": "—", "endash": "–",
    "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•",
    "~": "\xa0", "_": "\u2011", "{": "{", "}": "}", "\\": "\\", "\t": " ",
}  # fmt: skip
_ENDS_PARAGRAPH = frozenset(("par", "sect", "page", "cell", "nestcell", "row", "nestrow", "\n", "\r"))
# Destinations that the specification does not mark as ones to pass over when unknown.
_UNSEEN = frozenset(
    "colortbl info pict header headerl headerr headerf footer footerl footerr footerf listtext pntext object "
    "annotation atnid atnauthor xe tc txe rxe private bkmkstart bkmkend ftnsep ftnsepc ftncn aftnsep "
    "aftnsepc aftncn nonshppict do falt panose".split()
)
_TOGGLES: dict[str, MarkKind] = {"b": "strong", "i": "emphasis", "strike": "strikethrough"}
_RAISED: dict[str, MarkKind] = {
    "super": "superscript", "up": "superscript", "sub": "subscript", "dn": "subscript",
}  # fmt: skip
_MARK_ORDER: tuple[MarkKind, ...] = ("strong", "emphasis", "strikethrough", "superscript", "subscript")
# Of \fcharset, as Windows numbers them.
_CODE_PAGES = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gbk", 136: "big5", 161: "cp1253",
    162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874",
    238: "cp1250",
}  # fmt: skip
_MACHINES = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}


def read_rtf(data: bytes, source: str) -> Essay:
    """Read an essay from an RTF file. Raises EssayError."""
    text = data.decode("latin-1")
    if sum(map(text.count, "\\{}\n")) > _MAX_SIGNS:
        raise _too_much(source)
    title, blocks = cut_title(_Reader(source).read(text))
    return assemble(title, blocks, source)


def _too_much(source: str) -> EssayError:
    return EssayError(f"{source} has more markup than an essay.", "Save it as plain text, or as a Word file.")


_Destination = Literal["text", "fonts", "styles", "instruction", "nowhere"]


class _State(NamedTuple):
    """What holds until the group ends: where text goes, how it looks, and what its paragraph is."""

    destination: _Destination = "text"
    marks: frozenset[MarkKind] = frozenset()
    link: str = ""
    font: int = 0
    is_hidden: bool = False
    n_fallback: int = 1
    style: int = 0
    outline: int = -1
    is_item: bool = False
    depth: int = 0
    in_note: bool = False


class _Reader:
    def __init__(self, source: str) -> None:
        self._source = source
        self._state = _State()
        self._groups: list[_State] = []
        self._encoding = "cp1252"
        self._code_pages: dict[int, str] = {}
        self._styles: dict[int, tuple[str, int]] = {}
        self._style_name = ""
        self._instruction = ""
        self._bytes = bytearray()
        self._units = bytearray()
        self._n_skipped = 0
        self._is_optional = False
        self._line, self._note = InlineText(), InlineText()
        self._open: dict[int, list[tuple[MarkKind, str]]] = {id(self._line): [], id(self._note): []}
        self._blocks: list[Block] = []
        self._notes: list[Block] = []
        self._n_notes = self._last_note = self._n_pieces = self._n_bytes = 0

    def read(self, text: str) -> list[Block]:
        """The paragraphs, and then the footnotes."""
        position = 0
        while match := _TOKEN.search(text, position):
            position = match.end()
            kind, value = match.lastgroup, match[0]
            if kind == "text":
                self._take_bytes(value.encode("latin-1"))
            elif kind == "hex":
                self._take_bytes(bytes.fromhex(match["hex"]))
            elif kind == "brace":
                self._group(value)
                if not self._groups:
                    break  # what comes after the document is none of it
            elif kind == "sign":
                self._sign(match["sign"])
            elif kind is not None:
                number = int(match["number"]) if match["number"] else None
                if match["word"] == "bin":
                    position += max(0, number or 0)
                else:
                    self._word(match["word"], number)
        self._end_run()
        self._end_paragraph()
        return self._blocks + self._notes

    def _take_bytes(self, data: bytes) -> None:
        """Text in the font's encoding; what only old readers need, behind a ``\\u``, is passed over."""
        self._is_optional = False
        if self._state.destination == "nowhere":
            return
        self._n_bytes += len(data)
        if self._n_bytes > _MAX_BYTES:
            raise _too_much(self._source)
        n_skipped = min(self._n_skipped, len(data))
        self._n_skipped -= n_skipped
        if len(data) > n_skipped:
            self._flush(units=True)
            self._bytes += data[n_skipped:]

    def _flush(self, *, units: bool = False) -> None:
        """Write what has come together: as bytes, or else, with ``units``, as UTF-16."""
        if units and self._units:
            data, self._units = bytes(self._units), bytearray()
            self._write(data.decode("utf-16-le", errors="replace"))
        elif not units and self._bytes:
            data, self._bytes = bytes(self._bytes), bytearray()
            encoding = self._code_pages.get(self._state.font, self._encoding)
            self._write(data.decode(encoding, errors="replace"))

    def _group(self, brace: str) -> None:
        self._end_run()
        if brace == "{":
            if len(self._groups) >= _MAX_DEPTH:
                raise EssayError(f"{self._source} nests its groups too deeply.", "Save it as plain text.")
            self._groups.append(self._state)
        elif self._groups:
            inner, self._state = self._state, self._groups.pop()
            if inner.in_note and not self._state.in_note:
                self._end_note()

    def _end_run(self) -> None:
        if self._units or self._bytes:
            self._flush(units=True)
            self._flush()
        self._n_skipped, self._is_optional = 0, False

    def _sign(self, sign: str) -> None:
        self._end_run()
        if sign == "*":
            self._is_optional = True
        elif sign in _ENDS_PARAGRAPH:
            self._end_paragraph()
        elif sign in _CHARACTERS:
            self._write(_CHARACTERS[sign])

    def _word(self, word: str, number: int | None) -> None:
        if word == "u":
            self._flush()
            self._units += ((number or 0) & 0xFFFF).to_bytes(2, "little")
            self._n_skipped, self._is_optional = self._state.n_fallback, False
            return
        if word == "uc":  # it may stand between the halves of a character
            self._state = self._state._replace(n_fallback=min(max(number or 0, 0), 9))
            return
        is_optional = self._is_optional
        self._end_run()
        state = self._state
        if state.destination == "nowhere":
            return
        if word in _ENDS_PARAGRAPH:
            self._end_paragraph()
        elif word in _CHARACTERS:
            self._write(_CHARACTERS[word])
        elif not self._open_destination(word) and not self._format(word, number) and is_optional:
            self._state = self._state._replace(destination="nowhere")

    def _open_destination(self, word: str) -> bool:
        """Whether the word says where the text of this group goes."""
        state = self._state
        found: dict[str, _Destination] = {
            "fonttbl": "fonts",
            "stylesheet": "styles",
            "fldinst": "instruction",
        }
        if word in found:
            self._instruction = "" if word == "fldinst" else self._instruction
            self._state = state._replace(destination=found[word])
        elif word in _UNSEEN:
            self._state = state._replace(destination="nowhere")
        elif word == "fldrslt":
            link = _HYPERLINK.match(self._instruction)
            is_unread = _UNREAD_FIELD.match(self._instruction)
            target = safe_link(link[1], "") if link else ""
            self._state = state._replace(
                link=target or state.link, destination="nowhere" if is_unread else "text"
            )
        elif word == "footnote" and not state.in_note:
            self._n_notes += 1
            number = str(self._n_notes)
            self._line.add_point("link", f"#footnote-{number}", number)
            self._state = _State(in_note=True)
        else:
            return False
        return True

    def _format(self, word: str, number: int | None) -> bool:
        """Whether the word is about how text looks."""
        state, is_on = self._state, number != 0
        if word in _TOGGLES:
            mark = frozenset((_TOGGLES[word],))
            self._state = state._replace(marks=state.marks | mark if is_on else state.marks - mark)
        elif word in _RAISED or word == "nosupersub":
            raised = frozenset((_RAISED[word],)) if word in _RAISED and is_on else frozenset[MarkKind]()
            self._state = state._replace(marks=state.marks - frozenset(_RAISED.values()) | raised)
        elif word == "plain":
            self._state = state._replace(marks=frozenset(), is_hidden=False)
        elif word in ("v", "deleted"):
            self._state = state._replace(is_hidden=is_on)
        elif word == "f":
            self._state = state._replace(font=number or 0)
        elif word == "fcharset" and state.destination == "fonts":
            self._code_pages[state.font] = _CODE_PAGES.get(number or 0, self._encoding)
        elif word == "ansicpg" or word in _MACHINES:
            self._encoding = _MACHINES.get(word) or _code_page(number)
        else:
            return self._format_paragraph(word, number or 0)
        return True

    def _format_paragraph(self, word: str, number: int) -> bool:
        """Whether the word is about what the paragraph is."""
        state = self._state
        if word == "pard":
            self._state = state._replace(style=0, outline=-1, is_item=False, depth=0)
        elif word == "s":
            self._state = state._replace(style=number)
        elif word == "outlinelevel":
            self._state = state._replace(outline=number)
        elif word == "ls":
            self._state = state._replace(is_item=number > 0)
        elif word == "ilvl":
            self._state = state._replace(depth=min(max(number, 0), 8))
        else:
            return False
        return True

    def _write(self, text: str) -> None:
        state = self._state
        if state.destination == "styles":
            self._style_name += text
            if text.rstrip().endswith(";"):
                self._styles[state.style] = self._style_name.strip(" ;").casefold(), state.outline
                self._style_name = ""
        elif state.destination == "instruction":
            self._instruction += text
        elif state.destination == "text" and not state.is_hidden:
            line = self._note if state.in_note else self._line
            self._mark(line)
            line.write(text)

    def _mark(self, line: InlineText) -> None:
        """Close the marks that have ended, and those inside them, and open what is missing."""
        wanted: list[tuple[MarkKind, str]] = [("link", self._state.link)] if self._state.link else []
        wanted += [(kind, "") for kind in _MARK_ORDER if kind in self._state.marks]
        is_open = self._open[id(line)]
        if wanted == is_open:
            return
        self._count()
        n_same = 0
        while n_same < min(len(wanted), len(is_open)) and wanted[n_same] == is_open[n_same]:
            n_same += 1
        for _ in is_open[n_same:]:
            line.close()
        for kind, target in wanted[n_same:]:
            line.open(kind, target)
        self._open[id(line)] = wanted

    def _count(self) -> None:
        self._n_pieces += 1
        if self._n_pieces > _MAX_PIECES:
            raise _too_much(self._source)

    def _end_paragraph(self) -> None:
        state = self._state
        if state.destination != "text":
            return
        if state.in_note:
            self._end_note()
            return
        text, marks = self._line.take()
        if text:
            self._count()
            kind, level = self._kind(state)
            if kind == "heading":  # its look says no more than that
                marks = tuple(mark for mark in marks if mark.kind != "strong")
            self._blocks.append(Block(kind, text, marks, level))

    def _end_note(self) -> None:
        text, marks = self._note.take()
        if text:
            self._count()
            is_new, self._last_note = self._last_note != self._n_notes, self._n_notes
            ordinal, anchor = (self._n_notes, f"footnote-{self._n_notes}") if is_new else (0, "")
            self._notes.append(Block("footnote", text, marks, ordinal=ordinal, anchor=anchor))

    def _kind(self, state: _State) -> tuple[BlockKind, int]:
        name, outline = self._styles.get(state.style, ("", -1))
        outline = state.outline if state.outline >= 0 else outline
        heading = _HEADING.fullmatch(name)
        if heading:
            return "heading", int(heading[1])
        if name in STYLE_KINDS:
            return STYLE_KINDS[name]
        if 0 <= outline < 6:
            return "heading", outline + 1
        return ("list_item", state.depth + 1) if state.is_item else ("paragraph", 0)


def _code_page(number: int | None) -> str:
    """The name of a code page; Western European for one that Python does not know."""
    name = f"cp{number}"
    try:
        b"x".decode(name)
    except LookupError:
        return "cp1252"
    return name
