"""Pages that pile thousands of marks on a letter: what reads them would sort the marks for minutes."""

from __future__ import annotations

from lxml import etree
from lxml.html import HtmlElement

from inkcast.unicode_forms import with_few_marks

# As many characters that are not ASCII as ``with_few_marks`` leaves marks, as ASCII shows them.
_MAY_BE_MARKS = b"?" * 30


def thin_out_marks(root: HtmlElement) -> None:
    """Leave no letter of a page's text more marks than any language writes."""
    # Looked for in the whole text first, ten times faster than with a pattern or element by element.
    text = etree.tostring(root, method="text", encoding="unicode")
    if _MAY_BE_MARKS not in text.encode("ascii", errors="replace"):
        return
    for element in root.iter():
        for name in ("text", "tail"):
            text = getattr(element, name)
            if text and not text.isascii() and (thinned := with_few_marks(text)) != text:
                setattr(element, name, thinned)
