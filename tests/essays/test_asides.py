"""What stands beside and between an essay's paragraphs: side notes, polls, other stories, posts."""

from __future__ import annotations

import pytest

from inkcast.essays.essay import Essay, Mark
from inkcast.essays.read import essay_from_content, parse_essay

TEXT = (
    "The harbour keeps its own time and nobody argues with it, not even the moon, which has tried for years.",
    "Whoever comes late waits on the quay with the others, and hears the three stories that the pilots tell.",
    "Nobody planned the breakwater, which grew where ballast was thrown away by captains in a hurry.",
    "The lamp at its end is lit by hand each evening, by a man who has better things to do.",
)
ADDRESS = "https://a.example/essay"


@pytest.fixture(params=["page", "feed"])
def read(request: pytest.FixtureRequest):  # type: ignore[no-untyped-def]
    """Read an essay in whose first paragraph, or behind it, something stands."""

    def read(inside: str = "", behind: str = "") -> Essay:
        texts = [f"{TEXT[0]}{inside} It goes on.", *TEXT[1:]]
        first, *rest = (f"<p>{text}</p>" for text in texts)
        body = "".join((first, behind, *rest))
        if request.param == "feed":
            return essay_from_content(body, "", ADDRESS)
        page = f"<html><body><article><h1>T</h1>{body}</article></body></html>"
        essay = parse_essay(page.encode(), ADDRESS, "text/html")
        return Essay("", essay.blocks[1:])

    return read


def others(essay: Essay) -> list[tuple[str, str]]:
    """What is none of the paragraphs."""
    paragraphs = {f"{TEXT[0]} It goes on.", *TEXT[1:]}
    found = [(block.kind, block.text) for block in essay.blocks if block.text not in paragraphs]
    assert len(essay.blocks) == len(found) + len(paragraphs)
    return found


@pytest.mark.parametrize(
    "note",
    [
        '<label for="sn" class="margin-toggle sidenote-number"></label><input type="checkbox" id="sn" '
        'class="margin-toggle"/><span class="sidenote">Years, <i>not</i> days.</span>',
        '<label for="mn" class="margin-toggle">&#8853;</label><input type="checkbox" id="mn" '
        'class="margin-toggle"/><span class="marginnote">Years, <i>not</i> days.</span>',
        '<sup class="ref">1</sup><small class="sidenote"><sup>1</sup> Years, <i>not</i> days.</small>',
    ],
    ids=["Tufte's side notes", "Tufte's margin notes", "small"],
)
def test_a_side_note_is_a_footnote_behind_its_paragraph(read, note: str) -> None:  # type: ignore[no-untyped-def]
    essay = read(note)
    assert others(essay) == [("footnote", "Years, not days.")]
    text, aside = essay.blocks[:2]
    assert text.marks == (Mark("link", len(TEXT[0]), len(TEXT[0]), f"#{aside.anchor}", "1"),)
    assert (aside.ordinal, [mark.kind for mark in aside.marks]) == (1, ["emphasis"])


def test_side_notes_of_one_paragraph_stay_in_order(read) -> None:  # type: ignore[no-untyped-def]
    essay = read(' <span class="sidenote">One.</span> and<span class="sidenote">Two.</span>')
    assert [(block.kind, block.text, block.ordinal) for block in essay.blocks[:3]] == [
        ("paragraph", f"{TEXT[0]} and It goes on.", 0),
        ("footnote", "One.", 1),
        ("footnote", "Two.", 2),
    ]


@pytest.mark.parametrize("start", ["<sup>1</sup> ", "1 ", "[1] ", "1. "])
def test_an_aside_of_a_note_is_what_its_number_says(read, start: str) -> None:  # type: ignore[no-untyped-def]
    essay = read("<sup>1</sup>", f'<aside class="footnote"><p>{start}Years, not days.</p></aside>')
    assert others(essay) == [("footnote", "Years, not days.")]
    assert (essay.blocks[1].ordinal, essay.blocks[0].marks[0].title) == (1, "1")


def test_a_number_that_starts_a_note_and_is_none_stays(read) -> None:  # type: ignore[no-untyped-def]
    essay = read(behind='<aside class="sidenote"><p>7 ships, to be exact.</p></aside>')
    assert others(essay) == [("footnote", "7 ships, to be exact.")]


@pytest.mark.parametrize(
    "chrome",
    [
        '<div class="wp-block-polldaddy-poll"><p>Should it be lit again?</p><ul><li>Yes</li></ul></div>',
        '<div class="poll"><h4>Should it be lit again?</h4><ul><li>Yes</li></ul><p>41 votes</p></div>',
        '<div class="related-story"><p>Another: <a href="/x">How the harbour lost its lamp</a></p></div>',
        '<aside class="related"><h3>More</h3><ul><li><a href="/x">How it lost a lamp</a></li></ul></aside>',
        '<div class="recommended-reading"><a href="/x"><h5>How it lost a lamp</h5><p>A storm.</p></a></div>',
    ],
)
def test_polls_and_other_stories_are_no_text(chrome: str) -> None:
    page = "".join(f"<p>{text}</p>" for text in (f"{TEXT[0]} It goes on.", *TEXT[1:]))
    page = page.replace("</p>", f"</p>{chrome}", 1)
    essay = parse_essay(f"<article><h1>T</h1>{page}</article>".encode(), ADDRESS, "text/html")
    assert others(Essay("", essay.blocks[1:])) == []


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ('Read more: <a href="/x">How the other harbour lost its lamp</a>', "boilerplate"),
        ('<strong>Related story: <a href="/x">How the other harbour lost it</a></strong>', "boilerplate"),
        ('You may also like: <a href="/x">How the other harbour lost its lamp</a>', "boilerplate"),
        ('Read more: there is <a href="/x">one</a> more book on lamps that I can think of.', "paragraph"),
        ('<a href="/x">How the other harbour lost its lamp</a> is a book.', "paragraph"),
    ],
)
def test_a_line_that_points_to_another_story_is_boilerplate(line: str, kind: str) -> None:
    (block,) = essay_from_content(f"<p>{line}</p>", "", ADDRESS).blocks
    assert block.kind == kind


SUBSTACKS = """<div class="tweet" data-attrs="{}" data-component-name="Twitter2ToDOM">
  <a class="tweet-link-top" href="https://twitter.example/a/1"><div class="tweet-header"><img src="/a.jpg">
  <span class="tweet-author-name">Ann Pilot</span></div></a><div class="tweet-text">The lamp is out.</div>
  <div class="tweet-footer"><p class="tweet-date">9:41 PM</p></div></div>"""
EMBEDDED = """<blockquote class="twitter-tweet"><p lang="en" dir="ltr">The lamp is out.</p>&mdash; Ann Pilot
  (@annpilot) <a href="https://twitter.example/a/1">May 5, 2026</a></blockquote>
  <script async src="https://twitter.example/widgets.js"></script>"""


@pytest.mark.parametrize(
    ("post", "found"),
    [
        (SUBSTACKS, [("quote", "The lamp is out.")]),
        (EMBEDDED, [("quote", "The lamp is out."), ("quote", "— Ann Pilot (@annpilot) May 5, 2026")]),
    ],
    ids=["Substack", "embed"],
)
def test_a_post_of_a_network_is_a_quotation(read, post: str, found: list[tuple[str, str]]) -> None:  # type: ignore[no-untyped-def]
    assert others(read(behind=post)) == found
