"""Pages that pile thousands of marks on a letter: what reads them would sort the marks for minutes."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from inkcast.unicode_forms import with_few_marks

# As many as ``with_few_marks`` leaves; hardly any text has so many, and most of a page is quickly seen.
_MAY_BE_MARKS = re.compile(r"[^\x00-\x7f]{30}")


def thin_out_marks(root: HtmlElement) -> None:
    """Leave no letter of a page's text more marks than any language writes."""
    if not any(_MAY_BE_MARKS.search(text) for text in root.itertext() if not text.isascii()):
        return
    for element in root.iter():
        for name in ("text", "tail"):
            text = getattr(element, name)
            if text and not text.isascii() and (thinned := with_few_marks(text)) != text:
                setattr(element, name, thinned)
