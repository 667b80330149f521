"""Exponents as characters: "10²⁶" and not "1026", which is another number wherever markup is lost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from inkcast.essays.essay import Block, Mark

_DIGITS = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_RAISED = re.compile(r"[0-9+\-−=()n]*[0-9n][0-9+\-−=()n]*")
# "3<sup>1</sup>/<sub>2</sub>"
_FRACTIONS = {
    "1/2": "½", "1/3": "⅓", "2/3": "⅔", "1/4": "¼", "3/4": "¾", "1/5": "⅕", "1/8": "⅛", "3/8": "⅜",
    "5/8": "⅝", "7/8": "⅞",
}  # fmt: skip
_UNDER = re.compile(r"[/⁄][0-9]{1,3}")
# A number, or a letter at which no abbreviation ends, as in "1<sup>e</sup>" and "N<sup>o</sup>".
_OTHER_EXPONENT = re.compile(r"[-−+]?\w*\d[\w.,/+\-−]*|[ijkmxyz]")
_BASE = re.compile(r"(?:[0-9)]|(?<![^\W\d_])[^\W\d_])\Z")
_LONGEST = 12

Change = tuple[int, int, str]


def write_superscripts(block: Block) -> Block:
    """The block with raised numbers as raised characters, or behind a "^" where Unicode lacks them.

    Marks of footnotes are to be taken out before. What is raised otherwise (1st) stays a mark.
    """
    changes: list[Change] = []
    written: list[Mark] = []
    for mark in block.marks:
        if mark.kind == "superscript" and block.kind != "code":
            change = _change(block.text, mark.start, mark.end)
            if change and (not changes or change[0] >= changes[-1][1]):
                changes.append(change)
                written.append(mark)
    return _changed(replace(block, marks=tuple(mark for mark in block.marks if mark not in written)), changes)


def raised(base: str, text: str) -> str:
    """What stands raised behind ``base``, as characters; as it is where it is no exponent."""
    change = _change(base + text, len(base), len(base) + len(text))
    return text if change is None else change[2]


def _change(text: str, start: int, end: int) -> Change | None:
    before, inside = text[:start][-2:], text[start:end]
    if not before or before[-1].isspace() or len(inside) > _LONGEST:
        return None
    under = _UNDER.match(text, end)
    if inside.isdecimal() and under and not text[under.end() : under.end() + 1].isdigit():
        fraction = text[start : under.end()].replace("⁄", "/")
        gap = " " if before[-1].isdigit() else ""
        return start, under.end(), _FRACTIONS.get(fraction) or gap + fraction
    if _RAISED.fullmatch(inside) and (any(map(str.isdigit, inside)) or _BASE.search(before)):
        return start, end, inside.translate(_DIGITS)
    if _OTHER_EXPONENT.fullmatch(inside) and _BASE.search(before):
        return start, end, f"^{inside}"
    return None


def _changed(block: Block, changes: Sequence[Change]) -> Block:
    """The block with pieces of its text replaced; positions within a piece move to its start."""
    if not changes:
        return block
    pieces, at, shifts = [], 0, []
    for start, end, new in changes:
        pieces += [block.text[at:start], new]
        shifts.append((start, end, len(new) - (end - start)))
        at = end

    def moved(position: int) -> int:
        shift = 0
        for start, end, longer in shifts:
            if position >= end:
                shift += longer
            elif position > start:
                return start + shift
        return position + shift

    marks = (replace(mark, start=moved(mark.start), end=moved(mark.end)) for mark in block.marks)
    kept = tuple(mark for mark in marks if mark.start < mark.end or mark.kind in ("link", "image"))
    return replace(block, text="".join((*pieces, block.text[at:])), marks=kept)
