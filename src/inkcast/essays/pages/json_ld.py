"""What a page tells search engines in JSON-LD (schema.org): its article's text, where it gives it away."""

from __future__ import annotations

import json
from collections.abc import Iterator

from lxml.html import HtmlElement

_MOST_SCRIPTS = 20
_MAX_CHARACTERS = 2_000_000
_MAX_ITEMS = 10_000


def article_body(root: HtmlElement) -> str:
    """The longest ``articleBody`` of the page that is free, plain text or HTML; empty if there is none."""
    bodies = (body for text in _scripts(root) for body in _bodies(text))
    return max(bodies, key=len, default="")


def _scripts(root: HtmlElement) -> Iterator[str]:
    scripts = root.xpath("//script[contains(@type, 'ld+json')]")[:_MOST_SCRIPTS]
    texts = (script.text or "" for script in scripts)
    return (text for text in texts if "articleBody" in text and len(text) <= _MAX_CHARACTERS)


def _bodies(text: str) -> Iterator[str]:
    try:
        waiting: list[object] = [json.loads(text, strict=False)]
    except (ValueError, RecursionError):
        return
    for _ in range(_MAX_ITEMS):
        if not waiting:
            return
        item = waiting.pop()
        if isinstance(item, list):
            waiting += item
        elif isinstance(item, dict):
            waiting += item.values()
            body = item.get("articleBody")
            is_free = str(item.get("isAccessibleForFree", True)).casefold() != "false"
            if isinstance(body, str) and is_free:
                yield body
