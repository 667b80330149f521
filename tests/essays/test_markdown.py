"""Markdown goes the same way as HTML."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkcast.errors import EssayError
from inkcast.essays.documents.markdown import read_markdown
from inkcast.essays.essay import Block, Mark

ESSAY = """---
title: Ignored
---
# On *rivers*

*2026-06-02*

All rivers run — [some](https://a.example/b) run **fast**, `x < y`.[^1] $2-10T, ~25%,
a hard-wrapped line.

## 1. Deltas

* They spread.
* They end:
    1. here
    2. there

> Said “someone”.

![A river](river.png)

    code  here

[^1]: A note
    that goes on.
"""


def test_every_kind_of_block() -> None:
    essay = read_markdown(ESSAY, "rivers.md")
    assert essay.title == "On rivers"
    assert essay.blocks == (
        Block("title", "On rivers"),
        Block("boilerplate", "2026-06-02", (Mark("emphasis", 0, 10),)),
        Block(
            "paragraph",
            "All rivers run — some run fast, x < y. $2-10T, ~25%, a hard-wrapped line.",
            (
                Mark("link", 17, 21, "https://a.example/b"),
                Mark("strong", 26, 30),
                Mark("code", 32, 37),
                Mark("link", 38, 38, "#fn1", "1"),
            ),
        ),
        Block("heading", "1. Deltas", level=2),
        Block("list_item", "They spread.", level=1),
        Block("list_item", "They end:", level=1),
        Block("list_item", "here", level=2, ordinal=1),
        Block("list_item", "there", level=2, ordinal=2),
        Block("quote", "Said “someone”."),
        Block("code", "code  here", (Mark("image", 0, 0, "river.png", "A river"),)),
        Block("footnote", "A note that goes on.", ordinal=1, anchor="fn1"),
    )


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# One\n\nText.", "One"),
        ("One\n===\n\nText.", "One"),
        ('---\ntitle: "One: two"\ndate: 2026-01-01\n---\n\nText.', "One: two"),
        ("## Two\n\nText.", "stem"),
        ("Text.\n\n# Later", "stem"),
    ],
)
def test_the_title_opens_the_text_or_is_the_files_name(text: str, title: str) -> None:
    essay = read_markdown(text, "folder/stem.md")
    assert essay.title == title
    assert [block.kind for block in essay.blocks].count("title") == (title != "stem")


@pytest.mark.parametrize("date", ["*2026-06-02*", "_May 19, 2026_", "2 June 2026", "*19.5.2026*"])
def test_a_date_below_the_title_is_boilerplate(date: str) -> None:
    kinds = [block.kind for block in read_markdown(f"# T\n\n{date}\n\nIt was 2026.", "t.md").blocks]
    assert kinds == ["title", "boilerplate", "paragraph"]


def test_no_year_in_the_text_is_mistaken_for_a_list_or_a_date() -> None:
    blocks = read_markdown("# T\n\n2026-05-19 was a Tuesday.\n\n2025 was simpler.\n", "t.md").blocks
    assert [block.kind for block in blocks] == ["title", "paragraph", "paragraph"]


def test_raw_html_is_as_untrusted_as_a_page() -> None:
    text = """Text <b onclick="x()">bold</b> <script>alert(1)</script>
[a](javascript:alert(1)) <a href="javascript:x">b</a>

<div onload="x()"><p>inside</p><iframe src="https://e.example/"></iframe></div>
"""
    blocks = read_markdown(text, "t.md").blocks
    assert [block.text for block in blocks] == ["Text bold [a](javascript:alert(1)) b", "inside"]
    assert [mark for block in blocks for mark in block.marks] == [Mark("strong", 5, 9)]


@pytest.mark.parametrize("text", ["", "\n\n", "---\ntitle: x\n---\n", "<!-- x -->", "# Title alone"])
def test_no_words_is_an_error(text: str) -> None:
    with pytest.raises(EssayError, match="no words"):
        read_markdown(text, "t.md")


_PLAIN_WORDS = st.lists(st.from_regex(r"[A-Za-zé“”’$%&;,.]*[a-z]", fullmatch=True), min_size=1, max_size=12)


@settings(deadline=None)
@given(st.lists(_PLAIN_WORDS, min_size=1, max_size=6))
def test_every_word_of_the_source_is_a_word_of_the_essay(paragraphs: list[list[str]]) -> None:
    source = "\n\n".join(" ".join(words) for words in paragraphs)
    essay = read_markdown(source, "t.md")
    expected = [word for words in paragraphs for word in words]
    if not re.search(r"&\w+;", source):
        assert [word.text for word in essay.words()] == expected


_MARKUP = st.sampled_from(
    [
        *"#*_`>[]()!<&-+~^|\\:1. \n\t",
        "\n\n",
        "[^1]",
        "\n[^1]: ",
        "](",
        "**",
        "```\n",
        "<b>",
        "</p>",
        "- ",
        "---\n",
        "é",
    ]
)


@settings(deadline=None)
@given(st.lists(st.one_of(_MARKUP, st.text(max_size=5)), max_size=40).map("".join))
def test_any_markdown_gives_sound_words(text: str) -> None:
    try:
        essay = read_markdown(text, "t.md")
    except EssayError:
        return
    for word in essay.words():
        assert essay.blocks[word.block].text[word.char_start : word.char_end] == word.text
    for block in essay.blocks:
        assert all(0 <= mark.start <= mark.end <= len(block.text) for mark in block.marks)
        assert not any(
            mark.target.lower().lstrip().startswith(("javascript:", "data:")) for mark in block.marks
        )
