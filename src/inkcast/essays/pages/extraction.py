"""Tell the article's blocks from the rest of a page that names neither; trafilatura is the judge.

trafilatura (Barbaresi 2021, https://aclanthology.org/2021.acl-demo.15) finds articles better than any
other extractor, but loses captions and joins the markers of notes to words. So the text is ours, and its
verdict decides block by block.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from itertools import pairwise

import trafilatura
from lxml import etree
from lxml.html import HtmlElement

from inkcast.essays.assemble import same_words
from inkcast.essays.essay import Block

# Only an application with logging of its own wants to hear what trafilatura discards.
logging.getLogger("trafilatura").addHandler(logging.NullHandler())

# trafilatura's passes over the tree are not all linear: above this the page's own structure must do.
_MAX_CHARACTERS = 2_000_000
_MAX_ELEMENTS = 50_000
_MIN_WORDS = 25
# It loses whole paragraphs that stand outside of <p>; widgets say less than this.
_MIN_LOST_WORDS = 15
_SHINGLE = 4
_WORD = re.compile(r"\w+")
# What it drops from inside an article, but belongs there.
_KEPT_INSIDE = ("caption", "quote", "code", "heading", "footnote")


def blocks_of_article(root: HtmlElement, blocks: Sequence[Block], title: str) -> tuple[Block, ...]:
    """Those of ``blocks`` that belong to the article.

    Args:
        root: the page, without what is known to stand around articles.
        blocks: all that it holds. They come back whole when no article is found in them.
        title: the page's; an article begins at the heading that has it.
    """
    blocks = _from_title(blocks, title)
    verdict = _Verdict(_article_text(root))
    kept = [index for index, block in enumerate(blocks) if verdict.holds(block.text)]
    if sum(len(_WORD.findall(blocks[index].text)) for index in kept) < _MIN_WORDS:
        return tuple(blocks)
    kept = _before_links(blocks, kept)
    inside = set(kept)
    start = 0 if blocks[0].kind == "heading" and same_words(blocks[0].text, title) else kept[0]
    inside.update(index for index in range(start, kept[-1]) if _belongs_inside(blocks[index]))
    inside.update(_notes_after(blocks, kept[-1]))
    return tuple(blocks[index] for index in sorted(inside))


def _from_title(blocks: Sequence[Block], title: str) -> Sequence[Block]:
    for index, block in enumerate(blocks):
        if title and block.kind == "heading" and same_words(block.text, title):
            return blocks[index:]
    return blocks


def _before_links(blocks: Sequence[Block], kept: list[int]) -> list[int]:
    """Cut at the first list of links that the extractor left out: what follows is the page's again.

    Only in the last tenth of the words, so that a list inside the article ends nothing.
    """
    n_words = sum(len(blocks[index].text.split()) for index in kept)
    seen = 0
    for position, (one, two) in enumerate(pairwise(kept)):
        seen += len(blocks[one].text.split())
        gap = [block for block in blocks[one + 1 : two] if block.kind != "footnote"]
        links = sum(_is_mostly_links(block) for block in gap)
        if links >= 2 and 2 * links > len(gap) and seen >= 0.9 * n_words:
            return kept[: position + 1]
    return kept


class _Verdict:
    """What the extractor took for the article, ready to be asked about single blocks."""

    def __init__(self, text: str) -> None:
        words = _words(text)
        self._line = f" {' '.join(words)} "
        self._shingles = {tuple(words[i : i + _SHINGLE]) for i in range(len(words) - _SHINGLE + 1)}

    def holds(self, text: str) -> bool:
        """Whether the text is there, give or take a few words."""
        words = _words(text)
        if len(words) < 2 * _SHINGLE:
            return bool(words) and f" {' '.join(words)} " in self._line
        shingles = [tuple(words[i : i + _SHINGLE]) for i in range(len(words) - _SHINGLE + 1)]
        return 2 * sum(shingle in self._shingles for shingle in shingles) >= len(shingles)


def _article_text(root: HtmlElement) -> str:
    if sum(1 for _ in root.iter()) > _MAX_ELEMENTS:
        return ""
    html = etree.tostring(root, encoding="unicode", method="html")
    if len(html) > _MAX_CHARACTERS:
        return ""
    try:
        text = trafilatura.extract(html, include_comments=False, include_tables=True)
    except (RecursionError, ValueError, TypeError, AttributeError, etree.LxmlError):
        return ""  # it met HTML that it was not made for
    return text or ""


def _notes_after(blocks: Sequence[Block], last: int) -> list[int]:
    notes = []
    for index in range(last + 1, len(blocks)):
        if blocks[index].kind != "footnote":
            break
        notes.append(index)
    return notes


def _belongs_inside(block: Block) -> bool:
    """Whether a block that the extractor left out, between others that it did not, is text all the same."""
    is_text = block.kind in _KEPT_INSIDE or len(block.text.split()) >= _MIN_LOST_WORDS
    return is_text and not _is_mostly_links(block)


def _is_mostly_links(block: Block) -> bool:
    linked = sum(mark.end - mark.start for mark in block.marks if mark.kind == "link")
    return 2 * linked > len(block.text)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
