"""Collect the text of one block and the marks over it."""

from __future__ import annotations

from dataclasses import dataclass

from inkcast.essays.essay import Mark, MarkKind

# Soft hyphens, zero-width spaces, byte-order marks and control characters: never seen, never said, and
# inside words. Zero-width joiners stay: some scripts and many emoji need them.
_INVISIBLE = dict.fromkeys([*range(0x09), *range(0x0E, 0x1C), 0x7F, 0xAD, 0x200B, 0x2060, 0xFEFF])


def drop_invisible(text: str) -> str:
    """``text`` without the characters that readers cannot see."""
    return text.translate(_INVISIBLE)


@dataclass(slots=True)
class _OpenMark:
    kind: MarkKind
    target: str
    start: int
    order: int


class InlineText:
    """The block that is being written: whitespace collapsed, marks by character position.

    A mark that is still open when the block is taken goes on in the next one, as a link around
    several paragraphs does.
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._space_pending = False
        self._open: list[_OpenMark] = []
        self._closed: list[tuple[int, Mark]] = []
        self._images: list[Mark] = []
        self._opened = 0

    @property
    def is_empty(self) -> bool:
        """Whether no text has been written since the last ``take``."""
        return self._length == 0

    def write(self, text: str) -> None:
        """Append text; runs of whitespace become one space."""
        text = drop_invisible(text)
        if not text:
            return
        words = " ".join(text.split())
        self._space_pending = self._space_pending or text[0].isspace()
        if words:
            if self._space_pending and self._length:
                self._append(" ")
            self._append(words)
            self._space_pending = text[-1].isspace()

    def write_verbatim(self, text: str) -> None:
        """Append text of a code block as it is."""
        self._append(drop_invisible(text))

    def is_marked(self, kind: MarkKind) -> bool:
        """Whether a mark of that kind is open here."""
        return any(mark.kind == kind for mark in self._open)

    def open(self, kind: MarkKind, target: str = "") -> None:
        """Start a mark here."""
        self._opened += 1
        self._open.append(_OpenMark(kind, target, self._length, self._opened))

    def close(self) -> None:
        """End the mark that was opened last."""
        self._close(self._open.pop())

    def add_point(self, kind: MarkKind, target: str, title: str) -> None:
        """Put a mark without text here: an image or a footnote's marker."""
        mark = Mark(kind, self._length, self._length, target, title)
        if kind == "image" and not self._length:
            self._images.append(mark)
        else:
            self._opened += 1
            self._closed.append((self._opened, mark))

    def take(self) -> tuple[str, tuple[Mark, ...]]:
        """Hand over the block's text and marks and start the next one.

        Images that came before any text wait for the next block that has some: a figure's image
        goes with its caption.
        """
        if not self._length:  # as at most borders of blocks
            self._space_pending = False
            self._closed.clear()
            return "", ()
        for mark in self._open:
            self._close(mark)
        raw = "".join(self._pieces)
        lead = len(raw) - len(raw.lstrip("\n"))
        text = raw.strip("\n").rstrip()
        marks: tuple[Mark, ...] = ()
        if text.strip():
            marks = (*self._images, *self._tidy_marks(text, lead))
            self._images = []
        else:
            text = ""
        self._pieces, self._length, self._space_pending, self._closed = [], 0, False, []
        for mark in self._open:
            mark.start = 0
        return text, marks

    def take_images(self) -> tuple[Mark, ...]:
        """The images that no block came after."""
        images, self._images = tuple(self._images), []
        return images

    def _append(self, piece: str) -> None:
        self._pieces.append(piece)
        self._length += len(piece)

    def _close(self, mark: _OpenMark) -> None:
        if mark.start < self._length:
            self._closed.append((mark.order, Mark(mark.kind, mark.start, self._length, mark.target)))

    def _tidy_marks(self, text: str, lead: int) -> list[Mark]:
        """Marks inside ``text``, without the spaces at their ends; outer before inner."""
        tidy: list[tuple[int, Mark]] = []
        for order, mark in self._closed:
            start = min(max(mark.start - lead, 0), len(text))
            end = min(max(mark.end - lead, start), len(text))
            is_point = mark.start == mark.end
            inside = text[start:end]
            start += len(inside) - len(inside.lstrip())
            end = start + len(inside.strip())
            if is_point or start < end:
                tidy.append((order, Mark(mark.kind, start, end, mark.target, mark.title)))
        tidy.sort(key=lambda item: (item[1].start, -item[1].end, item[0]))
        return [mark for _, mark in tidy]
