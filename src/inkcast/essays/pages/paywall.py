"""Tell a preview for those who do not pay from a whole page."""

from __future__ import annotations

import re
from itertools import islice

from lxml.html import HtmlElement

from inkcast.essays.boilerplate import is_paywall

# What Substack, Ghost, Medium, Beehiiv and membership plugins of WordPress call the wall.
_NAMES = ("paywall", "upgrade-cta", "meteredContent", "members-only", "subscribers-only", "restrict-content")
# JSON-LD of schema.org, which search engines ask for. A whole page that somebody paid for says it, too.
_NOT_FREE = re.compile(r'"isAccessibleForFree"\s*:\s*"?(?i:false)')
_MAX_WALL_WORDS = 80
_MAX_WALLS = 20
_MAX_SENTENCES = 100


def has_paywall(root: HtmlElement, html: str) -> bool:
    """Whether a page says, in an element made for it, that the rest is for those who pay.

    Args:
        root: the page.
        html: its source; looking for a name there first is a hundred times faster.
    """
    names = [name for name in _NAMES if name in html]
    if not names:
        return False
    claims = " or ".join(f"contains(@{at}, '{name}')" for name in names for at in ("class", "data-testid"))
    walls = root.xpath(f"//*[{claims}]")[:_MAX_WALLS]
    is_free = not walls or _NOT_FREE.search(html) is None
    return any(_is_wall(wall, is_free) for wall in walls)


def _is_wall(wall: HtmlElement, is_free: bool) -> bool:
    """Whether an element with such a name is a wall: it says so, or is Substack's on a page that is not free.

    Newspapers call whole texts a paywall, and leave walls in whole pages for a script to show.
    """
    texts = list(islice(wall.itertext(), _MAX_SENTENCES))
    if any(is_paywall(" ".join(text.split())) for text in texts):
        return True
    is_substacks = wall.get("data-testid") == "paywall" and not is_free
    return is_substacks and 0 < sum(len(text.split()) for text in texts) <= _MAX_WALL_WORDS
