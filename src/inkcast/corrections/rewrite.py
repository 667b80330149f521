"""Another wording for some words of an essay: text and markup of their paragraph."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby, islice

from inkcast.essays.essay import Essay, Mark


def rewritten(essay: Essay, words: range, text: str) -> Essay | None:
    """The essay with ``text`` in place of some words; markup over them stays.

    Args:
        essay: as it is.
        words: indexes in ``Essay.words()``, at least one.
        text: any; its white space becomes single spaces.

    Returns:
        None if the words are not of one block, or if nothing of it would be left.
    """
    where = _where(essay, words)
    if where is None:
        return None
    at, start, end = where
    block = essay.blocks[at]
    text = " ".join(text.split())
    if not text and block.text[end : end + 1] == " ":
        end += 1
    elif not text and block.text[:start].endswith(" "):
        start -= 1
    whole = block.text[:start] + text + block.text[end:]
    if not whole.strip():
        return None

    def moved(place: int) -> int:
        if place <= start:
            return place
        return place + len(text) - (end - start) if place >= end else min(place, start + len(text))

    marks = tuple(_moved(mark, moved(mark.start), moved(mark.end)) for mark in block.marks)
    kept = tuple(new for old, new in zip(block.marks, marks, strict=True) if _is_kept(old, new))
    changed = replace(block, text=whole, marks=kept)
    title = whole if block.kind == "title" and essay.title == block.text else essay.title
    return replace(essay, title=title, blocks=(*essay.blocks[:at], changed, *essay.blocks[at + 1 :]))


def written_at(essay: Essay, words: range) -> str:
    """How some words are written in their block; a line for each block if they are of several."""
    known = list(islice(essay.words(), words.start, words.stop))
    lines = []
    for block, own in groupby(known, key=lambda word: word.block):
        line = list(own)
        lines.append(essay.blocks[block].text[line[0].char_start : line[-1].char_end])
    return "\n".join(lines)


def _where(essay: Essay, words: range) -> tuple[int, int, int] | None:
    """Block, start and end of some words; None if they are not of one block."""
    known = list(islice(essay.words(), words.start, words.stop))
    if not known or known[0].block != known[-1].block:
        return None
    return known[0].block, known[0].char_start, known[-1].char_end


def _moved(mark: Mark, start: int, end: int) -> Mark:
    return replace(mark, start=start, end=end)


def _is_kept(old: Mark, new: Mark) -> bool:
    """Whether there still is text under a mark; an image and a footnote's marker never had any."""
    return old.start == old.end or new.start < new.end
