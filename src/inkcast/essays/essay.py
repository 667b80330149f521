"""The essay as published: typed blocks of text with their inline markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from inkcast.essays.links import safe_image, safe_link
from inkcast.essays.punctuation import spoken_parts
from inkcast.shape import checked

BlockKind = Literal[
    "title", "heading", "paragraph", "list_item", "quote", "caption", "footnote", "boilerplate", "code"
]
SELDOM_READ: frozenset[BlockKind] = frozenset({"caption", "footnote", "boilerplate", "code"})
"""What readers aloud pass over, as a rule: no sign of another text where it is not heard."""

MarkKind = Literal["link", "emphasis", "strong", "code", "superscript", "subscript", "strikethrough", "image"]

_MOST_LEVELS = 1000
_RUN = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Mark:
    """Inline markup over ``text[start:end]`` of a block.

    ``target`` is the address of a link or image: http(s), mailto or ``#anchor`` for a link, http(s)
    or a relative path for an image; never anything that a browser would run.

    Two marks stand for what readers see but the text must not contain, so ``start == end``:
    an ``image``, with its alternative text in ``title``, and a footnote's marker, a ``link`` with the
    marker ("1") in ``title`` and ``#`` + the footnote block's anchor in ``target``.
    """

    kind: MarkKind
    start: int
    end: int
    target: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of text of one kind.

    Attributes:
        kind: what it is; some kinds are usually not read aloud.
        text: plain text, never empty, single spaces, no line breaks (``code`` keeps its own).
        marks: inline markup, outer before inner, by start.
        level: a heading's level 1-6; a list item's depth from 1; else 0.
        ordinal: an ordered list item's or a footnote's number, else 0.
        anchor: the block's id in its page (``footnote-1``), which links ``#footnote-1`` point to.
        speaker: who says it, in an interview.
    """

    kind: BlockKind
    text: str
    marks: tuple[Mark, ...] = ()
    level: int = 0
    ordinal: int = 0
    anchor: str = ""
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class EssayWord:
    """One word, with the signs around it: ``essay.blocks[block].text[char_start:char_end] == text``."""

    text: str
    block: int
    char_start: int
    char_end: int


@dataclass(frozen=True, slots=True)
class Essay:
    """A published text in reading order; footnotes stand where the page has them.

    The title is the first block too when the text is known to carry one; ``title`` falls back to the
    name of the file. ``language`` is a BCP 47 tag as the page states it, or empty. ``chosen`` says why
    this source was taken and not another, where there was a choice.
    """

    title: str
    blocks: tuple[Block, ...]
    source: str = ""
    language: str = ""
    chosen: str = ""

    @property
    def is_interview(self) -> bool:
        """Whether two or more speak in it."""
        return len({block.speaker for block in self.blocks if block.speaker}) > 1

    def words(self) -> Iterator[EssayWord]:
        """Every word, in order: what stands between white space, or on one side of a long dash."""
        for index, block in enumerate(self.blocks):
            for run in _RUN.finditer(block.text):
                for first, last in spoken_parts(run[0]):
                    yield EssayWord(run[0][first:last], index, run.start() + first, run.start() + last)

    def to_json(self) -> dict[str, Any]:
        """A JSON object that ``from_json`` reads back."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Essay:
        """Read what ``to_json`` wrote, or somebody else: its addresses are let through as a page's are.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: the object is not of that shape.
        """
        blocks = tuple(
            Block(**{**block, "marks": tuple(filter(_is_safe, (Mark(**mark) for mark in block["marks"])))})
            for block in data["blocks"]
        )
        essay = cls(data["title"], blocks, data["source"], data["language"], data.get("chosen", ""))
        for block in checked(essay).blocks:
            if not block.text or any(not 0 <= m.start <= m.end <= len(block.text) for m in block.marks):
                raise ValueError(f"a mark outside of {block.text[:30]!r}")
            if not 0 <= block.level <= _MOST_LEVELS:
                raise ValueError(f"level {block.level}")
        return essay


def _is_safe(mark: Mark) -> bool:
    """Whether a mark's address is one that every reader of pages would have kept."""
    if mark.kind == "link":
        return bool(safe_link(mark.target, ""))
    return mark.kind != "image" or bool(safe_image(mark.target, ""))
