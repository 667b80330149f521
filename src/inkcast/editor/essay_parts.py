"""An essay as the editor's page shows it: in parts, which corrections replace one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from inkcast.alignment.alignment import Alignment
from inkcast.essays.essay import Essay
from inkcast.publish.pages.essay_html import blocks_html, extra_html, make_article

_RUNS = ("list_item", "quote")
"""Blocks of these kinds that follow each other are one part."""


@dataclass(frozen=True, slots=True)
class Part:
    """HTML of a part, and what it was made of."""

    html: str
    made_of: tuple[object, ...]


def essay_parts(essay: Essay, alignment: Alignment, known: Sequence[Part] = ()) -> tuple[Part, ...]:
    """The essay's parts, words numbered; the first is what is said before it.

    Images are left out: the page loads nothing from other places.

    Args:
        essay: that was aligned.
        alignment: of that essay.
        known: as they were, to be made again only where they change.
    """
    article = make_article(_without_images(essay), alignment, is_numbered=True)
    kinds = [block.kind for block in essay.blocks]
    runs = groupby(range(len(kinds)), key=lambda at: kinds[at] if kinds[at] in _RUNS else at)
    places = [(), *(tuple(run) for _, run in runs)]
    parts = []
    for number, own in enumerate(places):
        extras = [pair for at in own or (-1,) for pair in article.extras.get(at, ())]
        made_of = (
            [article.essay.blocks[at] for at in own],
            # Whether the speaker is another one.
            article.names[max(0, own[0] - 1) : own[-1] + 1] if own else None,
            [list(article.words.get(at, ())) for at in own],
            [(one, at, one in article.instead) for one, at in extras],
            [at in article.addresses for at in own],
        )
        if number < len(known) and known[number].made_of == made_of:
            parts.append(known[number])
        elif own:
            parts.append(Part(blocks_html(article, own[0], own[-1] + 1), made_of))
        else:
            parts.append(Part("".join(extra_html(article, extra) for extra, _ in extras), made_of))
    return tuple(parts)


def word_names(alignment: Alignment) -> tuple[str, ...]:
    """Each word's name in the page: its block, and which one of that it is."""
    names = []
    for block, run in groupby(alignment.words, key=lambda word: word.block):
        names += [f"{block}.{number}" for number, _ in enumerate(run)]
    return tuple(names)


def _without_images(essay: Essay) -> Essay:
    blocks = (
        replace(block, marks=tuple(mark for mark in block.marks if mark.kind != "image"))
        for block in essay.blocks
    )
    return replace(essay, blocks=tuple(blocks))
