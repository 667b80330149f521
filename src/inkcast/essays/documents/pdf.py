"""PDF files: lines with places on pages, put together into paragraphs again."""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Any

from pypdf import PageObject, PdfReader

from inkcast.errors import EssayError
from inkcast.essays.assemble import assemble
from inkcast.essays.essay import Block, Essay
from inkcast.essays.inline import drop_invisible
from inkcast.essays.punctuation import ends_in_stop

# Only an application with logging of its own wants to hear of each odd object.
logging.getLogger("pypdf").addHandler(logging.NullHandler())

_MAX_PAGES = 1000
_MAX_CHARACTERS = 4_000_000
# How many lines at the top and bottom of a page may be running heads and page numbers.
_EDGE_LINES = 2
_PAGE_NUMBER = re.compile(r"\W*(?:page\s*)?(?:\d{1,4}|[ivxlc]{1,7})(?:\s*(?:of|/)\s*\d{1,4})?\W*", re.I)
_NUMBERS = re.compile(r"\d+")
_SPACE = re.compile(r"\s+")
_BULLET = re.compile(r"[•◦▪‣·–*-]\s+(?=\S)")
_NOTE = re.compile(r"(\d{1,3})[.)]?\s*(?=\S)")
_MARKER = re.compile(r"[\d,*†‡]{1,6}")
_HYPHENATED = re.compile(r"[^\W\d_]+-[^\W\d_]+")
_WORD = re.compile(r"[^\W\d_]+")
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
_HEADING_RATIO, _NOTE_RATIO = 1.12, 0.9
_MAX_HEADING_WORDS = 25


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of print; places and sizes in points, ``y`` from the bottom of the page."""

    page: int
    x: float
    y: float
    size: float
    text: str


def read_pdf(data: bytes, source: str) -> Essay:
    """Read an essay from a PDF: paragraphs across lines and pages, without running heads.

    Raises:
        EssayError: it is damaged, protected, too long, or has pictures of pages instead of text.
    """
    lines = _without_running_heads(_read_lines(data, source))
    if not lines:
        raise EssayError(
            f"{source} has no text: its pages are pictures, perhaps scans.",
            "Let an OCR program such as ocrmypdf add the text, and give Inkcast that file.",
        )
    size = _body_size(lines)
    notes = [line for line in lines if line.size < _NOTE_RATIO * size]
    body = [line for line in lines if line.size >= _NOTE_RATIO * size]
    hyphenated = {word.casefold() for line in lines for word in _HYPHENATED.findall(line.text)}
    blocks = [_block(paragraph, size, hyphenated) for paragraph in _paragraphs(body)]
    blocks += _notes(notes, hyphenated)
    title = ""
    if len(blocks) > 1 and blocks[0].kind == "heading":
        title = blocks.pop(0).text
    return assemble(title, blocks, source)


def _read_lines(data: bytes, source: str) -> list[_Line]:
    lines: list[_Line] = []
    length = 0
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise EssayError(f"{source} is protected by a password.", "Give a file that is not protected.")
        if len(reader.pages) > _MAX_PAGES:
            raise EssayError(f"{source} has {len(reader.pages)} pages.", "Save the essay's pages alone.")
        for number, page in enumerate(reader.pages):
            lines += _lines_of_page(page, number)
            length = sum(len(line.text) for line in lines)
            if length > _MAX_CHARACTERS:
                raise EssayError(
                    f"{source} contains far more than an essay.", "Save the essay's pages alone."
                )
    except EssayError:
        raise
    except (Exception, RecursionError) as error:
        # pypdf meets damage with whatever its code runs into: KeyError, AttributeError, struct.error …
        reason = str(error) or type(error).__name__
        raise EssayError(
            f"{source} is a damaged PDF: {_SPACE.sub(' ', reason)}.", "Save it again, or as plain text."
        ) from error
    return lines


def _lines_of_page(page: PageObject, number: int) -> list[_Line]:
    """Group what the page prints, in its order, by height; raised note markers are left out."""
    lines: list[_Line] = []
    is_open = False

    def visit(text: str, cm: Any, tm: Any, font: Any, font_size: float) -> None:
        nonlocal is_open
        y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        size = abs(font_size * tm[3] * cm[3]) or abs(font_size)
        for index, piece in enumerate(drop_invisible(text.translate(_LIGATURES)).split("\n")):
            is_open = is_open and index == 0
            if not piece.strip():
                if piece and is_open:
                    lines[-1] = replace(lines[-1], text=lines[-1].text + " ")
                continue
            if is_open and abs(lines[-1].y - y) < 0.6 * max(size, lines[-1].size):
                is_marker = size < 0.85 * lines[-1].size and _MARKER.fullmatch(piece.strip())
                if not is_marker:
                    lines[-1] = replace(lines[-1], text=lines[-1].text + piece)
            else:
                lines.append(_Line(number, x, y, size, piece))
                is_open = True

    page.extract_text(visitor_text=visit)
    return [replace(line, text=_SPACE.sub(" ", line.text).strip()) for line in lines]


def _without_running_heads(lines: Sequence[_Line]) -> list[_Line]:
    """Leave out page numbers, and what stands at the edge of three pages, or of both of two."""
    pages: dict[int, list[_Line]] = {}
    for line in lines:
        pages.setdefault(line.page, []).append(line)
    edges = {page: _edges(own) for page, own in pages.items()}
    seen = Counter(shape for own in edges.values() for shape in {_shape(line) for line in own})
    needed = min(3, max(2, len(pages)))

    def is_running(line: _Line) -> bool:
        if line not in edges[line.page]:
            return False
        is_number = len(pages) > 1 and bool(_PAGE_NUMBER.fullmatch(line.text))
        return is_number or seen[_shape(line)] >= needed

    return [line for line in lines if not is_running(line)]


def _edges(lines: Sequence[_Line]) -> set[_Line]:
    by_height = sorted(lines, key=lambda line: line.y)
    return {*by_height[:_EDGE_LINES], *by_height[-_EDGE_LINES:]}


def _shape(line: _Line) -> str:
    return _NUMBERS.sub("#", line.text.casefold())


def _body_size(lines: Sequence[_Line]) -> float:
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size, 1)] += len(line.text)
    return sizes.most_common(1)[0][0]


def _paragraphs(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    steps = [one.y - two.y for one, two in pairwise(lines) if one.page == two.page]
    down = [step for step in steps if step > 0]
    spacing = median(down) if down else 0.0
    width = median(len(line.text) for line in lines) if lines else 0
    paragraph: list[_Line] = []
    for line in lines:
        if paragraph and _begins(line, paragraph, spacing, width):
            yield paragraph
            paragraph = []
        paragraph.append(line)
    if paragraph:
        yield paragraph


def _begins(line: _Line, paragraph: Sequence[_Line], spacing: float, width: float) -> bool:
    """Whether a line begins a paragraph, judged by size, gap, indent and how the line before ends."""
    before = paragraph[-1]
    if abs(line.size - before.size) > 0.08 * before.size or _BULLET.match(line.text):
        return True
    step = before.y - line.y
    has_ended = ends_in_stop(before.text, colon=True)
    is_short = len(before.text) < 0.7 * width
    is_indented = line.x > before.x + 0.8 * line.size and len(paragraph) != 1
    if line.page == before.page and 0 < step <= 1.35 * spacing:
        return is_indented or (has_ended and is_short)
    # A new page or column, or a gap: only the first two can stand inside a sentence.
    if line.page == before.page and step > 0:
        return True
    begins_large = line.text[:1].isupper()
    return (is_short and begins_large) or (has_ended and (is_indented or is_short or begins_large))


def _block(lines: Sequence[_Line], size: float, hyphenated: set[str]) -> Block:
    text = _join(lines, hyphenated)
    if lines[0].size > _HEADING_RATIO * size and len(text.split()) <= _MAX_HEADING_WORDS:
        return Block("heading", text, level=1 if lines[0].size > 1.6 * size else 2)
    bullet = _BULLET.match(text)
    return Block("list_item", text[bullet.end() :], level=1) if bullet else Block("paragraph", text)


def _notes(lines: Sequence[_Line], hyphenated: set[str]) -> list[Block]:
    """Small print: each number begins a footnote."""
    groups: list[list[_Line]] = []
    for line in lines:
        is_next = bool(_NOTE.match(line.text))
        if groups and not is_next and groups[-1][-1].page == line.page:
            groups[-1].append(line)
        else:
            groups.append([line])
    blocks = []
    for group in groups:
        text = _join(group, hyphenated)
        number = _NOTE.match(text)
        if number:
            blocks.append(Block("footnote", text[number.end() :], ordinal=int(number[1])))
        else:
            blocks.append(Block("caption", text))
    return blocks


def _join(lines: Sequence[_Line], hyphenated: set[str]) -> str:
    """One text of several lines; a word that was parted at a line's end is whole again.

    A hyphen stays where the text has that word with a hyphen elsewhere, inside a line.
    """
    text = lines[0].text
    for line in lines[1:]:
        first = _WORD.match(line.text)
        last = re.search(r"([^\W\d_]+)-$", text[-60:])
        if last and first and first[0][0].islower():
            is_own = f"{last[1]}-{first[0]}".casefold() in hyphenated
            text = (text if is_own else text[:-1]) + line.text
        elif last and first:
            text += line.text
        else:
            text += " " + line.text
    return _SPACE.sub(" ", text).strip()
