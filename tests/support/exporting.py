"""Alignments for tests of exports: of plain texts, and of texts that try to break out."""

from __future__ import annotations

from itertools import count

from inkcast.alignment.alignment import Alignment, Audit, Extra
from inkcast.essays.essay import Block, Essay
from tests.support.alignments import align_at

HOSTILE = (
    "</script><script>window.hacked=1</script>",
    "<img src=x onerror=window.hacked=1>",
    "]]> <![CDATA[ <!-- --> &amp; & &#x41; \"double\" 'single' ``` --> [00:00.01] <00:01.00>",
    "[click](javascript:window.hacked=1) # * _ ~~ | $x$ ![i](http://e.example/x.png) \\ \\\\",
    "\u202eright to left\u202c \u2067isolate \u200f mark שלום עולם",
    "a\x00b \x01\x1b[31m \x85 \ud800 \ufffe \ufeff end",
    "x" * 100_000,
    "1. one 2) two - three + four > five",
    '[1:02] {{ liquid }} ${template} ""quoted""\tTab',
)


def make_alignment(
    blocks: list[tuple[str, str]], *, silent: tuple[int, ...] = (), source: str = "e.mp3"
) -> Alignment:
    """Words of half a second each; blocks in ``silent`` are not read."""
    text = Essay("", tuple(Block(kind, content) for kind, content in blocks))  # type: ignore[arg-type]
    starts = count(1_000, 500)
    times = [None if word.block in silent else (at := next(starts), at + 400) for word in text.words()]
    end_ms = next(starts)
    return align_at(
        text,
        times,
        extra=(Extra(-1, "Hello <b>there</b>.", 200, 900),),
        audit=Audit(end_ms, end_ms, 1.0, 1.0, True, ()),
        source=source,
        duration_ms=end_ms + 1_000,
    )


def essay() -> Alignment:
    """A title, two headed parts, a list, a quotation, code and an unread note."""
    return make_alignment(
        [
            ("title", "On tea"),
            ("paragraph", "Tea is old. It is older than this essay, Dr. Who says."),
            ("heading", "Leaves"),
            ("list_item", "Green."),
            ("list_item", "Black & strong."),
            ("caption", "A cup nobody describes."),
            ("heading", "Water"),
            ("quote", "“Boil it.”"),
            ("code", "boil(water)  # hot\n```\nend"),
            ("footnote", "Not read at all."),
        ],
        silent=(5, 9),
    )


def hostile() -> Alignment:
    """Every hostile text as a block of every kind; the long word only as three of them."""
    kinds = ("title", "heading", "paragraph", "list_item", "quote", "code", "caption", "footnote")
    texts = [HOSTILE[0], *HOSTILE]
    return make_alignment(
        [(kinds[min(n, 1)], text) for n, text in enumerate(texts)]
        + [(kind, text) for text in HOSTILE for kind in kinds[2:] if len(text) < 1_000 or kind == "paragraph"]
    )
