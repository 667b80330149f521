"""Plain text: paragraphs, a title that may be one, bullets."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkcast.errors import EssayError
from inkcast.essays.plaintext import read_plaintext


def shape(text: str) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in read_plaintext(text, "notes/river.txt").blocks]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_paragraphs_stand_between_blank_lines(end: str) -> None:
    text = "On rivers\n\nAll rivers\nrun  to the\tsea.\n \n\nThe end.\n".replace("\n", end)
    assert shape(text) == [
        ("title", "On rivers"),
        ("paragraph", "All rivers run to the sea."),
        ("paragraph", "The end."),
    ]


@pytest.mark.parametrize(
    "first",
    [
        "It was a dark night.",
        "Is it?",
        "“Come in,” she said,",
        "- a bullet",
        "Two\nlines",
        "A line of so many words that nobody would think of it as a title of anything at all",
    ],
)
def test_a_first_line_like_any_other_is_no_title(first: str) -> None:
    essay = read_plaintext(f"{first}\n\nThen more.", "notes/river.txt")
    assert essay.title == "river"
    assert "title" not in [block.kind for block in essay.blocks]


def test_a_single_line_is_text() -> None:
    assert shape("Ask not what your country can do") == [("paragraph", "Ask not what your country can do")]


def test_long_lines_are_paragraphs_of_their_own() -> None:
    long = "word " * 40 + "end."
    assert shape(f"{long}\nshort one.\n{long}") == [
        ("paragraph", long),
        ("paragraph", "short one."),
        ("paragraph", long),
    ]


def test_bullets_are_list_items() -> None:
    assert shape("He said:\n\n- one\n  goes on\n* two\n\n• three") == [
        ("paragraph", "He said:"),
        ("list_item", "one goes on"),
        ("list_item", "two"),
        ("list_item", "three"),
    ]


def test_dashes_inside_a_text_are_words() -> None:
    assert shape("One - two.\n\n—Three.") == [("paragraph", "One - two."), ("paragraph", "—Three.")]


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_gives_sound_words(text: str) -> None:
    try:
        essay = read_plaintext(text, "t.txt")
    except EssayError:
        return
    for word in essay.words():
        assert essay.blocks[word.block].text[word.char_start : word.char_end] == word.text
    assert all(block.text == " ".join(block.text.split()) for block in essay.blocks)


@settings(deadline=None)
@given(st.lists(st.lists(st.from_regex(r"[^\W_]+[,.]?", fullmatch=True), min_size=1), min_size=1, max_size=5))
def test_every_word_survives(paragraphs: list[list[str]]) -> None:
    text = "\n\n".join(" ".join(words) for words in paragraphs)
    assert [word.text for word in read_plaintext(text, "t.txt").words()] == text.split()
