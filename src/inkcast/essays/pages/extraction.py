"""Tell the article's blocks from the rest of a page: a judge's verdict, mended by where the blocks stand.

The judge is trafilatura (Barbaresi 2021, https://aclanthology.org/2021.acl-demo.15). It looks at the whole
page, whatever its elements are called, but loses captions, quotations and leads, joins the markers of notes
to words, and takes teasers along. So the text is ours, it decides block by block, and then the tree does:
what stands beside the article's paragraphs belongs to them, and what stands apart and is short does not.
The numbers below were chosen on every second page of the sets that ``benchmarks/extraction.py`` reads.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

import trafilatura
from lxml import etree
from lxml.html import HtmlElement

from inkcast.essays.assemble import same_words
from inkcast.essays.boilerplate import is_linked
from inkcast.essays.essay import Block
from inkcast.essays.pages.html import Place
from inkcast.essays.pages.masks import count_words

# Only an application with logging of its own wants to hear what trafilatura discards.
logging.getLogger("trafilatura").addHandler(logging.NullHandler())

# trafilatura's passes over the tree are not all linear: above this the page's own structure must do.
_MAX_CHARACTERS = 2_000_000
_MAX_ELEMENTS = 50_000
# Words: a label, a date or a button has fewer than running text, and most headings have than a lead.
_SHORT = 10
_LEAD = 20
# Of the article's running text, inside the element that is taken for its body.
_BODY_SHARE = 0.85
# Steps from a block up to one that stands beside running text: a quotation's paragraph, an item of a list.
_NEAR = 2
# Paragraphs of running text that a teaser has at most.
_CARD = 2
# Teasers that make a list of them.
_LIST = 3
_SHINGLE = 4
_PICTURE = re.compile(r"caption|image|img|photo|figure|gallery|credit|video|slide", re.IGNORECASE)
_WORD = re.compile(r"\w+")


def verdict_on(root: HtmlElement) -> str:
    """What the judge takes for the article's text; empty for no article, or a page too large for it."""
    if root.xpath("count(//*)") > _MAX_ELEMENTS or root.xpath("string-length(/)") > _MAX_CHARACTERS:
        return ""
    try:
        text = trafilatura.extract(root, include_comments=False, include_tables=True)
    except (RecursionError, ValueError, TypeError, AttributeError, etree.LxmlError):
        return ""  # it met HTML that it was not made for
    return text or ""


def blocks_of_article(
    root: HtmlElement, places: Sequence[Place], verdict: str, title: str
) -> tuple[Block, ...]:
    """Those blocks that belong to the article.

    Args:
        root: the page.
        places: all blocks of the page, and where they stand.
        verdict: the text that the judge takes for the article's.
        title: the page's; it is no part of the body.

    Returns:
        The blocks in reading order; none if the verdict holds none of them.
    """
    held = _Verdict(verdict)
    judged = [held.holds(place.block.text) for place in places]
    running = [i for i, place in enumerate(places) if judged[i] and _is_running(place.block)]
    cards = _cards(places, title)
    apart = [i for i in running if _parent_of(places[i].element) not in cards]
    if 2 * _length(places, apart) < _length(places, running):
        cards = set()  # the page is a list, and nothing else
    else:
        running = apart
    running = running or [i for i, is_held in enumerate(judged) if is_held]
    if not running:
        return ()
    body = _Body(root, [places[i] for i in running])
    titles = {i for i, place in enumerate(places) if _is_title(place.block.text, title)}
    first = max((i for i in titles if i < running[0]), default=len(places))
    kept = []
    for index, place in enumerate(places):
        where = _Where(
            is_before=index < running[0],
            is_after=index > running[-1],
            is_inside=body.holds(place.element),
            is_in_card=_parent_of(place.element) in cards,
            distance=partial(body.distance, place.element),
            follows_title=index > first,
        )
        if index in titles and (place.block.kind == "heading" or where.is_before or where.is_after):
            continue
        if judged[index]:
            is_kept = _stays(place.block, where)
        else:
            is_kept = _belongs(place.block, where) and not _is_unmarked_caption(place)
        if is_kept:
            kept.append(place.block)
    return tuple(_without_loose_ends(kept))


def share_held(text: str, blocks: Iterable[Block]) -> float:
    """How much of a text stands in the blocks, from 0 to 1, by its runs of four words."""
    held = set(_shingles(_words("\n".join(block.text for block in blocks))))
    shingles = list(_shingles(_words(text)))
    return sum(map(held.__contains__, shingles)) / max(1, len(shingles))


@dataclass(frozen=True, slots=True)
class _Where:
    """How a block stands to the article's running text."""

    is_before: bool
    is_after: bool
    is_inside: bool
    is_in_card: bool
    distance: Callable[[], int]
    follows_title: bool


def _stays(block: Block, where: _Where) -> bool:
    """Whether a block that the judge took is the article's."""
    n_words = count_words(block.text)
    is_outer = where.is_before or where.is_after
    if is_linked(block) and (is_outer or (n_words >= _SHORT and block.kind in ("paragraph", "heading"))):
        return False  # a teaser
    if where.is_in_card:
        return False
    if where.is_inside:
        return True
    if is_outer and block.kind == "heading" and n_words < _LEAD:
        return False
    return n_words >= _SHORT or where.distance() <= _NEAR


def _belongs(block: Block, where: _Where) -> bool:
    """Whether a block that the judge left out is the article's all the same."""
    n_words = count_words(block.text)
    if block.kind == "footnote":
        return True
    if where.is_before:
        if block.kind == "caption":
            return where.is_inside and where.follows_title
        is_lead = where.follows_title and n_words >= _LEAD and block.kind in ("paragraph", "quote", "heading")
        is_first = where.is_inside and not where.distance() and _is_running(block) and n_words > _LEAD
        return (is_lead or is_first) and not is_linked(block)
    if where.is_after or not where.is_inside:
        return False
    if block.kind in ("caption", "code"):
        return True
    if block.kind in ("quote", "list_item"):
        return where.distance() <= _NEAR
    # A long heading that the judge left out is a teaser's.
    is_whole = n_words >= _SHORT if block.kind == "paragraph" else n_words < _SHORT
    return not where.distance() and is_whole and not is_linked(block)


def _is_unmarked_caption(place: Place) -> bool:
    """Whether a paragraph stands in something named like a picture."""
    if place.block.kind != "paragraph":
        return False
    around = islice(place.element.iterancestors(), _NEAR)
    return any(_PICTURE.search(element.get("class", "")) for element in (place.element, *around))


def _is_title(text: str, title: str) -> bool:
    return 0 < len(text) < 2 * len(title) and same_words(text, title)


def _length(places: Sequence[Place], indexes: Iterable[int]) -> int:
    return sum(len(places[index].block.text) for index in indexes)


def _cards(places: Sequence[Place], title: str) -> set[HtmlElement | None]:
    """The elements that hold a heading that leads elsewhere and hardly anything else: lists of teasers."""
    parents = [_parent_of(place.element) for place in places]
    running = Counter(
        parent for parent, place in zip(parents, places, strict=True) if _is_running(place.block)
    )
    headed = (
        parent
        for parent, place in zip(parents, places, strict=True)
        if place.block.kind == "heading" and is_linked(place.block)
        if not _is_title(place.block.text, title)
    )
    cards = {parent for parent in headed if running[parent] <= _CARD}
    return cards if len(cards) >= _LIST else set()


def _is_running(block: Block) -> bool:
    is_text = block.kind in ("paragraph", "quote", "list_item")
    return is_text and count_words(block.text) >= _SHORT and not is_linked(block)


def _without_loose_ends(blocks: list[Block]) -> list[Block]:
    """Without headings and lines with a colon at the end, which announce what is not there."""
    end = len(blocks)
    while end and _announces(blocks[end - 1]):
        end -= 1
    return blocks[:end]


def _announces(block: Block) -> bool:
    is_line = block.kind == "heading" or (block.kind == "paragraph" and block.text.endswith(":"))
    return is_line and count_words(block.text) < _LEAD


class _Body:
    """The innermost element that holds nearly all of the running text, and the parents of its paragraphs."""

    def __init__(self, root: HtmlElement, places: Sequence[Place]) -> None:
        self._parents = {_parent_of(place.element) for place in places}
        held: dict[HtmlElement, int] = {}
        for place in places:
            held[place.element] = held.get(place.element, 0) + len(place.block.text)
        # From the leaves up, and so in linear time.
        for element in reversed(list(root.iter())):
            parent = element.getparent()
            if parent is not None and element in held:
                held[parent] = held.get(parent, 0) + held[element]
        least = _BODY_SHARE * held[root]
        body: HtmlElement | None = root
        while body is not None:
            inside = body
            body = next((child for child in body if held.get(child, 0) >= least), None)
        own = {place.element for place in places}
        around = inside.getparent() if inside in own else inside
        self._inside = set((root if around is None else around).iter())

    def holds(self, element: HtmlElement) -> bool:
        """Whether an element stands in the body."""
        return element in self._inside

    def distance(self, element: HtmlElement) -> int:
        """How many steps an element is from one that stands beside running text, at most ``_NEAR + 1``."""
        place: HtmlElement | None = _unwrapped(element)
        steps = 0
        while steps <= _NEAR and place is not None and place.getparent() not in self._parents:
            place, steps = place.getparent(), steps + 1
        return steps


def _parent_of(element: HtmlElement) -> HtmlElement | None:
    """What an element's like stand in: for an item of a list, what the list stands in."""
    if element.tag == "li" and element.getparent() is not None:
        element = element.getparent()
    parent: HtmlElement | None = _unwrapped(element).getparent()
    return parent


def _unwrapped(element: HtmlElement) -> HtmlElement:
    """The element with the wrappers that hold nothing else."""
    for _ in range(_NEAR):
        parent = element.getparent()
        if parent is None or len(parent) > 1:
            break
        element = parent
    return element


class _Verdict:
    """What the judge took for the article, ready to be asked about single blocks."""

    def __init__(self, text: str) -> None:
        words = _words(text)
        self._line = f" {' '.join(words)} "
        self._shingles = set(_shingles(words))

    def holds(self, text: str) -> bool:
        """Whether the text is there, give or take a few words."""
        words = _words(text)
        if len(words) < 2 * _SHINGLE:
            return bool(words) and f" {' '.join(words)} " in self._line
        found = sum(map(self._shingles.__contains__, _shingles(words)))
        return 2 * found > len(words) - _SHINGLE


def _shingles(words: list[str]) -> Iterable[tuple[str, ...]]:
    return zip(*(words[i:] for i in range(_SHINGLE)), strict=False)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
