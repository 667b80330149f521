"""What other programs read of a page: search engines, and whoever shows a card for a link.

Sources: Open Graph protocol (ogp.me), X's cards, schema.org through JSON-LD.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Head:
    """A page as others show it; addresses are whole (https://…), and empty where the page has none.

    Attributes:
        title: without the site's name, which is ``site``.
        description: a sentence or two.
        kind: as Open Graph has it.
        address: the one that stands for all others of the page.
        image: a picture; ``wide`` if it is a card of 1200 by 630 pixels, else it is square.
        audio: the recording.
        published: ISO 8601.
        author: of the text.
        data: what schema.org knows it as.
    """

    title: str
    site: str
    description: str = ""
    kind: Literal["website", "article"] = "website"
    address: str = ""
    image: str = ""
    wide: bool = False
    audio: str = ""
    published: str = ""
    author: str = ""
    data: Mapping[str, Any] | None = None

    @property
    def json_ld(self) -> Markup:
        """``data``, safe inside of a ``script``."""
        text = json.dumps(self.data, ensure_ascii=False, separators=(",", ":"))
        return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))
