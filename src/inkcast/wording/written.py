"""The words of an essay as readings want them: with what markup alone tells of how they are said."""

from __future__ import annotations

import re

from inkcast.essays.essay import Block, Essay
from inkcast.unicode_forms import normalized

_RAISED_NUMBER = re.compile(r"[-−]?\d+\Z")
_EXPONENT = re.compile(r"(?<=[0-9)])[⁺⁻]?[⁰¹²³⁴-⁹]+")


def written_words(essay: Essay) -> list[str]:
    """Each word of ``Essay.words()``, a number that is raised marked: "10²⁶" as "10^26"."""
    raised = [_raised_numbers(block) for block in essay.blocks]
    words = []
    for word in essay.words():
        text = _EXPONENT.sub(lambda found: "^" + normalized("NFKC", found[0]), word.text)
        for place in raised[word.block]:
            if word.char_start < place < word.char_end:
                at = place - word.char_end
                text = f"{text[:at]}^{text[at:]}"
        words.append(text)
    return words


def _raised_numbers(block: Block) -> list[int]:
    return [
        mark.start
        for mark in block.marks
        if mark.kind == "superscript" and _RAISED_NUMBER.match(block.text[mark.start : mark.end])
    ]
