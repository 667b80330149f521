"""The place of a correction, in the essay it was made for and in what became of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkcast.corrections.correction import Anchor
from inkcast.corrections.find_anchor import ANY, Place, anchor_at, find_anchor, words_of
from inkcast.essays.essay import Block
from tests.support.alignments import align, essay_of

TEXT = """Small boats are for patient people. A small boat leaks, and the owner repairs the same plank each
spring. The weather is fine, and the boat stays where it is. The weather is fine again—nobody sails."""
NEW = "Harbours are expensive these days, which explains a lot about boats and their owners, too."


def texts_of(*paragraphs: str) -> list[str]:
    essay = essay_of(*(Block("paragraph", " ".join(text.split())) for text in paragraphs))
    return [word.text for word in essay.words()]


def anchor_of(words: str, nth: int = 0) -> Anchor:
    """As the editor makes it."""
    alignment = align(essay_of(Block("paragraph", " ".join(TEXT.split()))))
    texts, wanted = [word.text for word in alignment.words], words_of(words)
    starts = [at for at in range(len(texts)) if texts[at : at + len(wanted)] == wanted]
    return anchor_at(alignment, starts[nth], starts[nth] + len(wanted))


def found(anchor: Anchor, texts: list[str]) -> str | None:
    place = find_anchor(anchor, texts)
    return None if place is None else " ".join(texts[place.first : place.stop])


@given(st.data())
def test_any_words_are_found_in_their_own_essay(data):
    """However often they are repeated."""
    words = data.draw(st.lists(st.sampled_from(["the", "boat", "Is,", "fine—", "—", "3.5"]), min_size=1))
    alignment = align(essay_of(Block("paragraph", " ".join(words))))
    first = data.draw(st.integers(0, len(alignment.words)))
    stop = data.draw(st.integers(first, len(alignment.words)))
    anchor = anchor_at(alignment, first, stop)
    place = find_anchor(anchor, [word.text for word in alignment.words])
    assert place is not None and (place.first, place.stop) == (first, stop)
    starts = [alignment.words[at].start_ms for at in place.around if at is not None]
    assert starts == [ms for ms in (*anchor.before_ms, *anchor.after_ms)]


@pytest.mark.parametrize("words", ["weather", "repairs the same plank", "The weather is fine", "again—"])
@pytest.mark.parametrize("place", ["before", "behind", "within"])
def test_a_new_paragraph_or_sentence_does_not_matter(words, place):
    anchor = anchor_of(words, 1 if words == "weather" else 0)
    at = TEXT.index("The weather is fine,")
    text = {"before": f"{NEW} {TEXT}", "behind": f"{TEXT} {NEW}", "within": f"{TEXT[:at]}{NEW} {TEXT[at:]}"}
    texts = texts_of(text[place])
    assert found(anchor, texts) == words
    if words == "weather":  # the second one
        assert find_anchor(anchor, texts).first == len(texts_of(text[place].partition("fine again")[0])) - 2


def test_words_that_were_mended_are_found():
    text = TEXT.replace("the owner repairs the same plank each", "the owner mends the very same planck each")
    assert found(anchor_of("repairs the same plank"), texts_of(text)) == "mends the very same planck"
    assert found(anchor_of("and the owner repairs"), texts_of(text)) == "and the owner mends"


@pytest.mark.parametrize("words", ["leaks,", "repairs the same plank", "again—"])
def test_words_that_are_gone_are_not_found_elsewhere(words):
    at = TEXT.index(words)
    texts = texts_of(TEXT[:at] + "else " * len(words.split()) + TEXT[at + len(words) :])
    assert find_anchor(anchor_of(words), texts) is None
    assert find_anchor(anchor_of(words), texts_of(NEW)) is None
    assert find_anchor(anchor_of(words), []) is None


def test_words_alone_are_enough_if_they_are_there_once():
    """As somebody writes an entry by hand."""
    texts = texts_of(TEXT)
    assert found(Anchor("same plank"), texts) == "same plank"
    assert found(Anchor("the weather is fine"), texts) is None
    assert found(Anchor("the weather is fine", after="again"), texts) == "The weather is fine"
    assert find_anchor(Anchor("the weather is fine", after="again"), texts).first > 25
    assert find_anchor(Anchor(), texts) is None


def test_many_words_are_written_by_their_ends():
    alignment = align(essay_of(Block("paragraph", " ".join(TEXT.split()))))
    anchor = anchor_at(alignment, 4, 35)
    assert f" {ANY} " in anchor.words and len(anchor.words.split()) == 17
    assert find_anchor(anchor, [word.text for word in alignment.words]) == Place(
        4, 35, (0, 1, 2, 3, *range(35, 39))
    )
    texts = texts_of(TEXT.replace("the same plank", "one and the same old plank"))
    place = find_anchor(anchor, texts)
    assert (place.first, place.stop) == (4, 38)


def test_a_place_between_words_is_found():
    alignment = align(essay_of(Block("paragraph", " ".join(TEXT.split()))))
    anchor = anchor_at(alignment, 8, 8)
    assert find_anchor(anchor, texts_of(TEXT)) == Place(8, 8, (4, 5, 6, 7, 8, 9, 10, 11))
    assert find_anchor(anchor, texts_of(f"{NEW} {TEXT}")).first == 8 + len(NEW.split())


def test_what_is_repeated_everywhere_takes_no_time():
    words = ["the"] * 3_000
    assert find_anchor(Anchor("the", "the the", "the", at_word=1_000), words).first == 1_000
