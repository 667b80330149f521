"""Which source has the essay that was read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from inkcast.errors import EssayError
from inkcast.essays.candidates import Candidate, choose, objection
from inkcast.essays.essay import SELDOM_READ, Block, BlockKind, Essay

MINUTE = 60_000
WHOLE, TEASER = 1200, 80


def essay(n_words: int, name: str, ending: str = "end.") -> Essay:
    return Essay(name, (Block("paragraph", " ".join(["word"] * (n_words - 1) + [ending])),), name)


def test_the_first_whole_text_wins_and_later_ones_are_not_fetched() -> None:
    def candidates() -> Iterator[Candidate]:
        yield Candidate("content", essay(TEASER, "feed"))
        yield Candidate("link", essay(WHOLE, "page"))
        raise AssertionError("asked for more than was needed")

    chosen = choose(candidates(), 10 * MINUTE)
    assert chosen.source == "page"
    assert chosen.chosen == (
        "the episode's page (not the text in the feed: a teaser or notes: 80 words for 10 minutes)"
    )
    assert Essay.from_json(chosen.to_json()) == chosen


def test_a_teaser_is_never_the_essay() -> None:
    teasers = [
        Candidate("content", essay(TEASER, "feed")),
        Candidate("link", problem="it shows only a preview"),
        Candidate("show page", essay(TEASER, "show", "and …")),
    ]
    with pytest.raises(EssayError) as caught:
        choose(teasers, 10 * MINUTE)
    for said in ("the text in the feed: a teaser", "only a preview", "the show's page: a teaser"):
        assert said in caught.value.message


def test_without_a_length_only_dots_tell_a_teaser() -> None:
    assert objection(Candidate("content", essay(TEASER, "feed")), None) == ""
    assert "ends in" in objection(Candidate("content", essay(TEASER, "feed", "and …")), None)
    assert objection(Candidate("content", essay(WHOLE, "feed", "and …")), None) == ""


def test_coverage_decides_where_it_is_known() -> None:
    one = Candidate("content", essay(WHOLE, "feed"), coverage=0.7)
    two = Candidate("link", essay(WHOLE, "page"), coverage=0.97)
    chosen = choose([one, two], 10 * MINUTE)
    assert (chosen.source, chosen.chosen) == (
        "page",
        "the episode's page, 97% of which is in the recording",
    )
    wrong = Candidate("content", essay(WHOLE, "feed"), coverage=0.04)
    fresh = Candidate("link", essay(WHOLE, "page"))
    assert choose([wrong, fresh], 10 * MINUTE).chosen == (
        "the episode's page (not the text in the feed: the recording has 4% of its words)"
    )


def test_a_text_that_is_nearly_all_in_the_recording_needs_no_other() -> None:
    def candidates() -> Iterator[Candidate]:
        yield Candidate("content", essay(WHOLE, "feed"), coverage=0.93)
        raise AssertionError("the page was asked for")

    assert choose(candidates(), 10 * MINUTE).source == "feed"


@pytest.mark.parametrize("kind", sorted(SELDOM_READ))
def test_what_is_seldom_read_does_not_make_a_teaser_an_essay(kind: BlockKind) -> None:
    blocks = (Block("paragraph", "Short."), Block(kind, "word " * WHOLE))
    assert objection(Candidate("link", Essay("t", blocks)), 10 * MINUTE)


def test_no_source_at_all() -> None:
    with pytest.raises(EssayError, match="No source of the essay"):
        choose([], None)


def test_records_of_older_versions_are_read() -> None:
    old = essay(3, "feed").to_json()
    del old["chosen"]
    assert Essay.from_json(old).chosen == ""
