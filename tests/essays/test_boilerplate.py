"""Chrome that stands among paragraphs and is no essay; and sentences like it that are."""

from __future__ import annotations

import pytest

from inkcast.essays.boilerplate import is_boilerplate, is_credit


@pytest.mark.parametrize(
    "line",
    [
        "5 min read",
        "12-minute read",
        "Reading time: 4 minutes",
        "You have 2 free member-only stories left this month.",
        "Member-only story",
        "Use Up/Down Arrow keys to increase or decrease volume.",
        "Sign up for our newsletter and never miss a walk.",
        "Get the latest stories in your inbox",
        "Follow Ann on Twitter",
        "© 2026 Tidal Desk. All rights reserved.",
        "If you enjoyed this essay, tell a friend.",
        "Have a tip?",
    ],
)
def test_chrome_is_boilerplate(line: str) -> None:
    assert is_boilerplate(line)


@pytest.mark.parametrize(
    "line",
    [
        "It took me five minutes to read the letter, and a year to answer it.",
        "Copyright is older than the novel.",
        "Follow the river until it ends.",
        "Get the latest train if you must.",
        "If you enjoyed being young, you have forgotten it.",
        "Subscribe to no creed, my father said.",
        "A poll of the drowned would be unanimous.",
    ],
)
def test_prose_is_not(line: str) -> None:
    assert not is_boilerplate(line) and not is_credit(line)


@pytest.mark.parametrize(
    "line", ["The weir at dusk. © Ann Author", "Photo by Ann Author", "Ann Author/Getty Images"]
)
def test_a_line_that_says_whose_a_picture_is(line: str) -> None:
    assert is_credit(line)
