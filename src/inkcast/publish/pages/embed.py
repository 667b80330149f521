"""The essay as a card to paste into a blog, or to show in a frame: click a word to hear it.

It brings its own style and script, and loads nothing but the recording. The player stays in sight while the
text scrolls. Where a blog takes scripts out, text, player and links to the times stay.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from inkcast.alignment.alignment import AlignedBlock, AlignedWord, Alignment
from inkcast.publish.conversation import block_labels
from inkcast.publish.language_tag import language_tag
from inkcast.publish.pages.audio_address import audio_address
from inkcast.publish.pages.inline_html import direction_of
from inkcast.publish.pages.template import render, text_html
from inkcast.publish.sentences import essay_title, length_ms

_TAGS = {"title": "h2", "heading": "h3", "quote": "blockquote", "code": "pre"}


@dataclass(frozen=True, slots=True)
class _Block:
    """A block; ``start_ms`` is None if nobody reads it."""

    tag: str
    direction: str
    start_ms: int | None
    bullet: str
    speaker: str
    text: Markup


def write_embed(alignment: Alignment, address: str) -> str:
    """An HTML fragment; several of them may stand in one page.

    Args:
        alignment: of the essay.
        address: of the recording as the blog finds it: an http(s) address, or a path.
    """
    words: defaultdict[int, list[AlignedWord]] = defaultdict(list)
    for word in alignment.words:
        words[word.block].append(word)
    blocks = [
        _block(block, label, words[index])
        for index, (block, label) in enumerate(zip(alignment.blocks, block_labels(alignment), strict=True))
        if block.kind != "boilerplate" or _start_ms(words[index]) is not None
    ]
    heading = blocks.pop(0) if alignment.blocks and alignment.blocks[0].kind == "title" else None
    return render(
        "publish/pages/embed.html",
        language=language_tag(alignment.language),
        title=essay_title(alignment) or "Essay",
        heading=heading.text if heading else "",
        direction=heading.direction if heading else "",
        duration_ms=length_ms(alignment),
        audio=audio_address(address),
        blocks=blocks,
    )


def _start_ms(words: Sequence[AlignedWord]) -> int | None:
    return min((word.start_ms for word in words if word.start_ms is not None), default=None)


def _block(block: AlignedBlock, speaker: str, words: Sequence[AlignedWord]) -> _Block:
    return _Block(
        _TAGS.get(block.kind, "p"),
        direction_of(block.text),
        _start_ms(words),
        "• " if block.kind == "list_item" else "",
        speaker,
        Markup("".join(_words(words)).lstrip(" ")),
    )


def _words(words: Sequence[AlignedWord]) -> Iterator[Markup]:
    for before, word in zip((None, *words), words, strict=False):
        text = text_html(word.text)
        if not text:
            continue
        if not word.follows(before):
            yield Markup(" ")
        if word.start_ms is None:
            yield text
        else:
            yield Markup(f'<span data-m="{word.start_ms}" data-e="{word.end_ms}">{text}</span>')
