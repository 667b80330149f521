"""What the styles of word processors mean, by their English names, which files keep in all languages."""

from __future__ import annotations

from inkcast.essays.essay import BlockKind

STYLE_KINDS: dict[str, tuple[BlockKind, int]] = {
    "title": ("heading", 1),
    "subtitle": ("boilerplate", 0),
    "quote": ("quote", 0),
    "intense quote": ("quote", 0),
    "quotations": ("quote", 0),
    "caption": ("caption", 0),
    "preformatted text": ("code", 0),
    "html preformatted": ("code", 0),
}
"""Of paragraphs, in lower case: the kind of block and its level. Word's names and LibreOffice's."""
