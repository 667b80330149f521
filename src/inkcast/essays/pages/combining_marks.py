"""Pages that pile thousands of marks on a letter: what reads them would sort the marks for minutes."""

from __future__ import annotations

from lxml.html import HtmlElement

from inkcast.unicode_forms import with_few_marks


def thin_out_marks(root: HtmlElement) -> None:
    """Leave no letter of a page's text more marks than any language writes."""
    for element in root.iter():
        for name in ("text", "tail"):
            text = getattr(element, name)
            if text and not text.isascii() and (thinned := with_few_marks(text)) != text:
                setattr(element, name, thinned)
