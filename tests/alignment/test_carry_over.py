"""Spelling that was mended moves nothing; whatever else has changed is aligned again."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from inkcast.alignment.alignment import Extra
from inkcast.alignment.audit import coverage_of
from inkcast.alignment.carry_over import carried_over
from inkcast.essays.essay import Block, Essay
from tests.support.alignments import align, essay_of

TEXT = "The affect of 3 tpyos is small. Nobody reads this aside. It ends here."
REST = Block("paragraph", " ".join(map("".join, product("bdf", "aeo", "lmn", "aei"))))
ESSAY = essay_of(Block("paragraph", TEXT), REST)
WORDS = [word.text for word in ESSAY.words()]
ASIDE = range(WORDS.index("Nobody"), WORDS.index("It"))
OLD = replace(align(ESSAY, unspoken=ASIDE, extra=(Extra(2, "um", 1_120, 1_190),)), language="en")
OLD = replace(OLD, audit=replace(OLD.audit, coverage=round(coverage_of(ESSAY, OLD.words), 4)))


def edited(old: str, new: str, kind: str = "paragraph") -> Essay:
    assert old in TEXT
    return essay_of(Block(kind, TEXT.replace(old, new)), REST)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("tpyos", "typos"),
        ("affect", "effect"),
        ("small.", "small—"),
        ("The affect", "the Effect"),
        ("reads this aside", "mentions these remarks"),
        ("Nobody reads this aside. ", ""),
        (" aside", ""),
        ("affect of", "affect (which somebody added later on) of"),
    ],
)
def test_a_mended_spelling_moves_nothing(old, new):
    essay = edited(old, new)
    done = carried_over(OLD, essay)
    assert done is not None
    assert [word.text for word in done.words] == [word.text for word in essay.words()]
    assert [essay.blocks[word.block].text[word.char_start : word.char_end] for word in done.words] == [
        word.text for word in done.words
    ]
    times = [(word.start_ms, word.end_ms) for word in done.words if word.start_ms is not None]
    assert times == [(word.start_ms, word.end_ms) for word in OLD.words if word.start_ms is not None]
    assert (done.extra, done.audio) == (OLD.extra, OLD.audio)
    assert done.audit == replace(OLD.audit, coverage=round(coverage_of(essay, done.words), 4))
    assert [block.text for block in done.blocks] == [block.text for block in essay.blocks]


def test_voices_stay_with_their_words():
    blocks = (*OLD.blocks[:1], *(replace(block, speaker="Speaker 1") for block in OLD.blocks[1:]))
    old = replace(OLD, blocks=blocks, extra=(replace(OLD.extra[0], speaker="Speaker 2"),))
    labelled = essay_of(Block("paragraph", TEXT.replace("tpyos", "typos")), replace(REST, speaker="Ada"))
    done = carried_over(old, labelled)
    assert done is not None
    assert [block.speaker for block in done.blocks] == ["", "Speaker 1", "Ada"], "what the essay says counts"
    assert done.extra[0].speaker == "Speaker 2"


def test_the_same_essay_is_the_same():
    assert carried_over(OLD, ESSAY) == OLD


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("3", "4"),  # another number
        ("small", "large"),  # another word
        ("ends", ""),  # a word that was heard is gone
        ("of", "of some"),  # one that may have been heard is new
        ("It ends", "Itends"),
    ],
)
def test_another_word_is_aligned_again(old, new):
    assert carried_over(OLD, edited(old, new)) is None


def test_a_new_passage_that_may_have_been_read_is_aligned_again():
    """Where something was heard, or where there is time enough."""
    essay = edited("of 3", "of whatever somebody wrote, and 3")
    assert carried_over(replace(OLD, extra=()), essay) is not None
    said = replace(OLD, extra=(Extra(WORDS.index("of"), "whatever somebody", 1_000, 1_100),))
    assert carried_over(said, essay) is None
    first = WORDS.index("3")
    words = tuple(
        word
        if word.start_ms is None or at < first
        else replace(word, start_ms=word.start_ms + 2_000, end_ms=word.end_ms + 2_000)
        for at, word in enumerate(OLD.words)
    )
    assert carried_over(replace(OLD, words=words, extra=()), essay) is None


def test_an_essay_of_which_less_is_read_is_aligned_again():
    essay = edited("of 3", f"of {'much that nobody has read ' * 5}3")
    assert carried_over(replace(OLD, extra=()), essay) is None


def test_what_may_have_been_said_in_an_unread_place_is_aligned_again():
    said = replace(OLD, extra=(Extra(ASIDE[1], "mentions these", 4_000, 4_400),))
    assert carried_over(said, edited("reads this aside", "mentions these remarks")) is None


def test_another_kind_or_language_is_aligned_again():
    assert carried_over(OLD, edited("tpyos", "typos", "caption")) is None
    assert carried_over(OLD, replace(edited("tpyos", "typos"), language="fr")) is None
