"""Take the masks off: an element that claims to be no text, and holds nearly all there is, is a plain div.

Pages put whole essays into forms, headers, dialogs and what scripts would unhide, and call them "comment"
or "paywall". What an element holds says more than its name.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml.html import HtmlElement

from inkcast.essays.pages.html import PageRules, class_names, is_left_out

# Of a page's running text. A twin of the text, for printing or for screen readers, has half.
_MOST = 0.6
# Characters: a page with less has too little to tell its parts by.
_MIN_TEXT = 500
# What stands around articles may claim so by its tag alone.
_AROUND_TAGS = frozenset({"header", "footer", "aside"})
# Never text, however much it holds.
_NO_TEXT_TAGS = frozenset({"script", "style", "head", "title", "meta", "link", "svg", "datalist", "select"})
# Shorter pieces are labels, buttons, dates and names.
_MIN_PIECE = 25
_MASKS = ("class", "id", "role", "hidden", "aria-hidden", "style", "data-component-name", "data-testid")
# Scripts without spaces (Han, kana, Thai, Lao, Khmer, Burmese); their words have two characters or so.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


def take_off_masks(root: HtmlElement, rules: PageRules) -> None:
    """Make plain ``div`` elements of those that are to be left out but hold most of the running text."""
    amounts = running_text(root, lambda _: False)
    most = max(_MOST * amounts.get(root, 0), _MIN_TEXT)
    for element in [element for element, amount in amounts.items() if amount > most]:
        if is_masked(element, rules):
            element.tag = "div"
            for name in _MASKS:
                element.attrib.pop(name, None)


def is_masked(element: HtmlElement, rules: PageRules) -> bool:
    """Whether an element claims to be no text, or to stand around it."""
    return element.tag in _AROUND_TAGS or is_left_out(element, class_names(element), rules)


def running_text(root: HtmlElement, is_outside: Callable[[HtmlElement], bool]) -> dict[HtmlElement, int]:
    """How many characters of running text outside of links each element holds, if it holds any.

    Args:
        root: the page.
        is_outside: whether what an element holds counts for that element alone, not for those around it.
    """
    amounts: dict[HtmlElement, int] = {}
    # From the leaves up, and so in linear time.
    for element in reversed(list(root.iter())):
        if element.tag in _NO_TEXT_TAGS:
            amounts.pop(element, None)
        elif element.tag != "a":
            _add(amounts, element, _length(element.text))
        parent = element.getparent()
        if parent is not None:
            inside = amounts.get(element, 0)
            _add(amounts, parent, _length(element.tail) + (0 if inside and is_outside(element) else inside))
    return amounts


def count_words(text: str) -> int:
    """How many words a text has, by its spaces, and about how many in scripts that set none."""
    return len(text.split()) + len(_UNSPACED.findall(text)) // 2


def _add(amounts: dict[HtmlElement, int], element: HtmlElement, amount: int) -> None:
    if amount:
        amounts[element] = amounts.get(element, 0) + amount


def _length(text: str | None) -> int:
    length = len(text.strip()) if text else 0
    return length if length >= _MIN_PIECE else 0
