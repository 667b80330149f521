"""Footnotes without links: a raised "1" or a "[1]" in the text, and below it a paragraph that begins so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from inkcast.essays.essay import Block, Mark
from inkcast.essays.speakers import cut

_NUMBER = re.compile(r"\[?([1-9]\d?)\]?")
_PLAIN = re.compile(r"\[?([1-9]\d?)[\].)]?\s")
_BRACKETED = re.compile(r"\[([1-9]\d?)\]")


@dataclass(frozen=True, slots=True)
class _Sign:
    """A number at ``blocks[block].text[start:end]``."""

    number: int
    block: int
    start: int
    end: int


def mark_bare_notes(blocks: Sequence[Block]) -> list[Block]:
    """The blocks with such notes as footnotes, and points in the text that lead to them.

    Only where the numbers are those of notes and nothing else, 1, 2, 3 and so on, each once in the text and
    once at the start of a paragraph after it: "m²" and "[sic]" stay.
    """
    marked = list(blocks)
    signs = [sign for index, block in enumerate(blocks) for sign in _signs(block, index)]
    notes = [sign for sign in signs if sign.start == 0]
    markers = [sign for sign in signs if sign.start > 0]
    numbers = [sign.number for sign in notes]
    if not notes or numbers != list(range(1, len(notes) + 1)) or numbers != [one.number for one in markers]:
        return marked
    if markers[-1].block >= notes[0].block:
        return marked
    for note in notes:
        block = cut(blocks[note.block], 0, note.end)
        anchor = block.anchor or f"note-{note.number}"
        marked[note.block] = replace(block, kind="footnote", level=0, ordinal=note.number, anchor=anchor)
    for marker, note in reversed(list(zip(markers, notes, strict=True))):
        block = cut(marked[marker.block], marker.start, marker.end)
        target = f"#{marked[note.block].anchor}"
        point = Mark("link", marker.start, marker.start, target, str(marker.number))
        marks = sorted((*block.marks, point), key=lambda mark: (mark.start, -mark.end))
        marked[marker.block] = replace(block, marks=tuple(marks))
    return marked


def _signs(block: Block, index: int) -> list[_Sign]:
    """The numbers of a block that may be notes', in order."""
    if block.kind == "footnote" and not block.anchor:
        match = _PLAIN.match(block.text)
        return [_Sign(int(match[1]), index, 0, match.end())] if match else []
    if block.kind not in ("paragraph", "list_item", "quote"):
        return []
    raised = [(mark.start, mark.end) for mark in block.marks if mark.kind == "superscript"]
    bracketed = [match.span() for match in _BRACKETED.finditer(block.text)]
    signs = []
    for start, end in sorted({*raised, *bracketed}):
        match = _NUMBER.fullmatch(block.text[start:end])
        before, behind = block.text[:start][-1:], block.text[end : end + 1]
        if match and not behind.isalnum() and (before or behind):
            start -= before == " " and behind in ("", " ")
            signs.append(_Sign(int(match[1]), index, start, end))
    return signs
