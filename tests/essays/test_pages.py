"""Pages of many makes, block by block against what a person reads in them: ``tests/pages``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inkcast.errors import EssayError
from inkcast.essays.read import parse_essay

PAGES = Path(__file__).parents[1] / "data" / "pages"
NAMES = sorted(path.stem for path in PAGES.glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_a_page_gives_what_a_reader_sees(name: str) -> None:
    expected = [(*block, "")[:3] for block in json.loads((PAGES / f"{name}.json").read_text("utf-8"))]
    essay = parse_essay((PAGES / f"{name}.html").read_bytes(), "https://e.example/essay", "text/html")
    assert [(block.kind, block.text, block.speaker) for block in essay.blocks] == expected
    # A note can be reached from its marker.
    anchors = {block.anchor for block in essay.blocks if block.kind == "footnote"}
    targets = {mark.target.removeprefix("#") for block in essay.blocks for mark in block.marks if mark.title}
    assert anchors <= targets


def test_there_are_pages() -> None:
    assert len(NAMES) >= 12


@pytest.mark.parametrize(
    "wall",
    [
        '<div class="paywall"><h2>This post is for paid subscribers</h2></div>',
        '<aside class="gh-post-upgrade-cta"><h2>This post is for paying subscribers only</h2></aside>',
        '<aside class="gh-post-upgrade-cta"><h2>This post is for subscribers only</h2></aside>',
        '<div data-testid="paywall"><h2>Subscribe to Tidal Desk to keep reading this post</h2></div>',
        '<div class="members-only-message">This content is for members only.</div>',
        '<div class="meteredContent"><h2>Create an account to read the full story.</h2></div>',
    ],
)
@pytest.mark.parametrize("body", ["gh-content", "entry-content", "x"])
def test_a_preview_is_told_from_a_whole_page(wall: str, body: str) -> None:
    html = f'<main><h1>T</h1><div class="{body}"><p>It begins.</p>{wall}</div></main>'
    with pytest.raises(EssayError, match="only a preview"):
        parse_essay(html.encode(), "https://e.example/p", "text/html")
