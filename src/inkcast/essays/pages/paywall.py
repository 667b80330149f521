"""Tell a preview for those who do not pay from a whole page."""

from __future__ import annotations

from itertools import islice

from lxml.html import HtmlElement

from inkcast.essays.boilerplate import is_paywall

# What Substack, Ghost, Medium, Beehiiv and membership plugins of WordPress call the wall.
_NAMES = ("paywall", "upgrade-cta", "meteredContent", "members-only", "subscribers-only", "restrict-content")
_XPATH = " or ".join(f"contains(@{at}, '{name}')" for name in _NAMES for at in ("class", "data-testid"))
_MAX_WALLS = 20
_MAX_SENTENCES = 100


def has_paywall(root: HtmlElement, html: str) -> bool:
    """Whether a page says, in an element made for it, that the rest is for those who pay.

    Args:
        root: the page.
        html: its source; looking for a name there first is a hundred times faster.
    """
    if not any(name in html for name in _NAMES):
        return False
    walls = root.xpath(f"//*[{_XPATH}]")[:_MAX_WALLS]
    return any(
        is_paywall(" ".join(text.split()))
        for wall in walls
        for text in islice(wall.itertext(), _MAX_SENTENCES)
    )
