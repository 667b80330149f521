"""Which heard words belong to which essay words: whole, edited, reordered and misheard texts."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkcast.wording.match import Heard, Match, match
from inkcast.wording.pieces import name_doubts

VOWELS, CONSONANTS = "aeiou", "bdfgklmnprstvz"


def make_words(count: int, seed: int) -> list[str]:
    """Distinct three-syllable words, so that a right answer is the only one."""
    rng = random.Random(seed)
    words: dict[str, None] = {}
    while len(words) < count:
        words["".join(rng.choice(CONSONANTS) + rng.choice(VOWELS) for _ in range(3))] = None
    return list(words)


def matched(essay: list[str], heard: list[str], **known: float) -> dict[int, list[int]]:
    return {
        found.essay: list(found.heard) for found in match(essay, [Heard(word, **known) for word in heard])
    }


def pairs(essay: str, heard: str, doubt: float = 0.05) -> list[tuple[str, str]]:
    written, spoken = essay.split(), heard.split()
    found = match(written, [Heard(word, doubt) for word in spoken])
    return [(written[item.essay], " ".join(spoken[index] for index in item.heard)) for item in found]


words = st.lists(
    st.text(alphabet="abcdefgh ABC0123456789'’-.$%", min_size=1, max_size=8)
    .map(lambda text: text.replace(" ", ""))
    .filter(lambda text: any(character.isalnum() for character in text)),
    min_size=1,
    max_size=60,
)


@given(words)
@settings(deadline=None)
def test_a_text_matches_itself_word_for_word(text: list[str]) -> None:
    assert matched(text, text) == {index: [index] for index in range(len(text))}


@given(st.integers(0, 10**6), st.data())
@settings(max_examples=60, deadline=None)
def test_insertions_and_deletions_are_found_exactly(seed: int, data: st.DataObject) -> None:
    vocabulary = make_words(160, seed)
    essay, foreign = vocabulary[:120], vocabulary[120:]
    cuts = data.draw(st.lists(st.tuples(st.integers(0, 110), st.integers(1, 10)), max_size=3))
    dropped = {index for start, length in cuts for index in range(start, min(start + length, 120))}
    inserted_at = data.draw(st.lists(st.integers(0, 119), max_size=4, unique=True))
    heard: list[tuple[int, str]] = []
    for index, word in enumerate(essay):
        if index in inserted_at:
            heard.append((-1, foreign.pop()))
        if index not in dropped:
            heard.append((index, word))
    found = matched(essay, [word for _, word in heard])
    for place, (index, _) in enumerate(heard):
        if index >= 0 and _has_neighbour(heard, place):
            assert found.get(index) == [place]
    assert not dropped & found.keys()


def _has_neighbour(heard: list[tuple[int, str]], place: int) -> bool:
    """Whether the word follows or precedes another of its text; a single one may rightly be dropped."""
    index = heard[place][0]
    around = [heard[other][0] for other in (place - 1, place + 1) if 0 <= other < len(heard)]
    return index - 1 in around or index + 1 in around


@given(st.integers(0, 10**6), st.integers(15, 60), st.integers(15, 60))
@settings(max_examples=30, deadline=None)
def test_sections_read_in_another_order_are_found(seed: int, first: int, second: int) -> None:
    essay = make_words(first + second + 40, seed)
    heard = essay[first : first + second] + essay[:first] + essay[first + second :]
    found = matched(essay, heard)
    assert found == {essay.index(word): [place] for place, word in enumerate(heard)}


@given(st.integers(0, 10**6), st.data())
@settings(max_examples=60, deadline=None)
def test_an_edited_text_is_matched_where_it_was_not_edited(seed: int, data: st.DataObject) -> None:
    """Sections moved, cut and put in: every word of a section that stays finds its own place."""
    vocabulary, rng = make_words(300, seed), random.Random(seed)
    # Of letters that the vocabulary has not: nothing misheard.
    foreign = ["".join(rng.choice("chjqwx") + "y" for _ in range(3)) for _ in range(60)]
    sizes = data.draw(st.lists(st.integers(12, 40), min_size=2, max_size=7))
    borders = [sum(sizes[:at]) for at in range(len(sizes) + 1)]
    sections = [list(range(*pair)) for pair in pairwise(borders)]
    order = data.draw(st.permutations(range(len(sections))))
    dropped = data.draw(st.sets(st.sampled_from(range(len(sections))), max_size=len(sections) - 1))
    heard: list[tuple[int, str]] = []
    for place in order:
        heard += [(-1, foreign.pop()) for _ in range(data.draw(st.integers(0, 6)))]
        if place not in dropped:
            heard += [(index, vocabulary[index]) for index in sections[place]]
    found = matched(vocabulary[: borders[-1]], [word for _, word in heard])
    assert found == {index: [place] for place, (index, _) in enumerate(heard) if index >= 0}


@given(st.integers(0, 10**6), st.data())
@settings(max_examples=40, deadline=None)
def test_a_text_of_few_words_is_matched_with_itself(seed: int, data: st.DataObject) -> None:
    """Natural texts repeat themselves: all of these are the same dozen words again and again."""
    rng = random.Random(seed)
    text = [
        rng.choice(["the", "of", "and", "a", "rain", "in", "spain", "falls", "mainly", "on", "plain", "it"])
        for _ in range(120)
    ]
    at, size = data.draw(st.integers(10, 90)), data.draw(st.integers(1, 15))
    heard = text[:at] + text[at + size :]
    found = matched(text, heard)
    # Which "of" of two is which is anyone's guess; that they are matched is not.
    assert len(found) >= len(heard) - 3
    assert all(text[index] == heard[place] for index, (place,) in found.items())


def test_letters_are_heard_by_their_names() -> None:
    assert ("Arcee", "rc") in pairs(
        "models by Google, Arcee AI and others", "models by Google rc AI and others", 0.6
    )


def test_a_doubtful_verified_word_needs_company() -> None:
    read, skipped = "they said no", "and thanks to all who read it"
    essay = f"{read} {skipped} then I gave my all to it".split()
    spoken = ["they", "said", "no", "then", "I", "gave", "my", "all", "to", "it"]
    known = [0, 1, 2, 10, 11, 12, 13, 14, None, None]
    heard = [Heard(word, 0.1, index) for word, index in zip(spoken, known, strict=True)]
    heard[8] = Heard("to", 0.9, 5)
    assert {found.essay: found.heard for found in match(essay, heard)}[15] == range(8, 9)
    heard[8] = Heard("to", 0.1, 5)
    assert {found.essay: found.heard for found in match(essay, heard)}[5] == range(8, 9)


def test_a_verified_word_at_the_edge_goes_to_its_own_sentence() -> None:
    essay = "That is how people understand it. It'll be the place where ideas grow."
    spoken = "That is how people understand it. It'll never be simple, though. "
    spoken += "It will be the place where ideas grow."
    words = spoken.split()
    known = [*range(7), *[None] * 6, *range(7, 13)]
    heard = [Heard(word, 0.1, index) for word, index in zip(words, known, strict=True)]
    found = {item.essay: item.heard for item in match(essay.split(), heard)}
    assert found[6] == range(11, 13)


def test_a_skipped_chapter_stays_unmatched() -> None:
    essay = make_words(4000, 1)
    heard = essay[:500] + essay[3500:]
    assert matched(essay, heard).keys() == {*range(500), *range(3500, 4000)}


def test_common_words_are_not_scattered_over_an_unread_passage() -> None:
    read, unread = make_words(60, 2), make_words(300, 3)
    little = ["the", "of", "and", "a", "to", "in", "is", "that", "it", "for"]
    rng = random.Random(4)
    passage = [word for unread_word in unread for word in (unread_word, rng.choice(little))]
    adlib = [rng.choice([*little, "zzyzx", "quux", "xyzzy"]) for _ in range(60)]
    essay = read[:30] + passage + read[30:]
    found = matched(essay, read[:30] + adlib + read[30:])
    assert {*range(30), *range(630, 660)} <= found.keys()
    assert len(found) <= 60 + 2


def test_another_text_matches_nowhere() -> None:
    assert len(matched(make_words(800, 5), make_words(800, 6))) < 16


def test_long_texts_of_one_word_do_not_blow_up() -> None:
    found = matched(["la"] * 3000, ["la"] * 2500)
    assert len(found) == 2500


def test_a_repeated_passage_goes_where_its_neighbours_are() -> None:
    refrain = ["so", "say", "we", "all", "and", "so", "say", "we", "all", "again"]
    a, b, c = make_words(20, 7), make_words(20, 8), make_words(20, 9)
    essay = a + refrain + b + refrain + c
    found = matched(essay, a + b + refrain + c)
    assert not set(range(20, 30)) & found.keys()
    assert all(found[index] == [index - 10] for index in range(50, 80))


@pytest.mark.parametrize(
    ("essay", "heard", "word", "as_heard"),
    [
        ("we worked on the Olmo models there", "we worked on the Almo models there", "Olmo", "Almo"),
        ("we trained with RLVR last year", "we trained with R L V R last year", "RLVR", "R L V R"),
        ("he was a bellwether of change", "he was a bell weather of change", "bellwether", "bell weather"),
        ("the neolabs will join us", "the neo labs will join us", "neolabs", "neo labs"),
        ("we met half way there again", "we met halfway there again", "half", "halfway"),
        ("all the Qwen models we have", "all the Quen models we have", "Qwen", "Quen"),
        ("a slowly rising tide of change", "a slowly rising tied of change", "tide", "tied"),
    ],
)
def test_what_was_misheard_is_still_found(essay: str, heard: str, word: str, as_heard: str) -> None:
    assert (word, as_heard) in pairs(essay, heard, doubt=0.4)


@pytest.mark.parametrize(
    ("essay", "heard", "word"),
    [
        ("these are public models for all", "these are open models for all", "public"),
        ("they might be good at that", "they will be good at that", "might"),
        ("this is the worst of them", "this is the best of them", "worst"),
        ("it is possible to do so", "it is impossible to do so", "possible"),
        ("few people know of that", "many people know of that", "few"),
        ("the price has increased since then", "the price has decreased since then", "increased"),
    ],
)
def test_what_was_replaced_is_not(essay: str, heard: str, word: str) -> None:
    assert word not in dict(pairs(essay, heard, doubt=0.02))


def test_parts_of_one_heard_word_are_shared_by_letters() -> None:
    found = match(
        ["we", "met", "half", "way", "there"], [Heard(word) for word in ("we", "met", "halfway", "there")]
    )
    half, way = found[2], found[3]
    assert (half.heard, way.heard) == (range(2, 3), range(2, 3))
    assert (half.starts, way.ends) == (0.0, 1.0)
    assert half.ends == way.starts == pytest.approx(4 / 7)


def test_a_cut_sentence_ends_where_sentences_end() -> None:
    essay = "We like rain. It will be fine tomorrow."
    heard = "We like rain. It may snow on us. It will be fine tomorrow."
    found = matched(essay.split(), heard.split())
    assert found[3] == [8]


def test_a_verified_word_outweighs_its_surroundings() -> None:
    essay, heard = make_words(40, 10), [Heard(word) for word in make_words(40, 11)]
    heard[20] = Heard("the", essay_word=7)
    assert [(found.essay, found.heard) for found in match(essay, heard)] == [(7, range(20, 21))]


def test_verified_words_are_taken_as_they_are() -> None:
    essay = ["one", "thing", "and", "one", "more", "thing"]
    heard = [Heard("something", essay_word=5), Heard("else")]
    assert match(essay, heard)[0] == Match(5, range(1), 0.0, 1.0, 1.0)


def test_a_sentence_that_begins_as_one_read_later_does_is_not_stretched_to_it() -> None:
    first, second, third = (["and", "the", *make_words(11, seed), f"end{seed}."] for seed in range(3))
    essay = [*first, *second, *third]
    numbers = list(range(len(essay)))
    # The third is read before the second, and each "and the" was taken for the other's.
    read = [*numbers[:16], *numbers[30:], *numbers[16:30]]
    found = match(essay, [Heard(essay[number], 0.1, number) for number in read])
    assert [len(item.heard) for item in found] == [1] * len(read)


@given(words, words)
@settings(max_examples=60, deadline=None)
def test_matches_are_ordered_and_within_bounds(essay: list[str], heard: list[str]) -> None:
    found = match(essay, [Heard(word) for word in heard])
    assert len({item.essay for item in found}) == len(found)
    for item in found:
        assert 0 <= item.essay < len(essay)
        assert 0 <= item.heard.start < item.heard.stop <= len(heard)
        assert 0.0 <= item.starts <= 1.0 and 0.0 <= item.ends <= 1.0 and 0.0 < item.quality <= 1.0
    assert [item.heard.start for item in found] == sorted(item.heard.start for item in found)


def test_a_name_is_told_from_one_endless_word() -> None:
    words = ["It", "w" * 1_000_000, "iPhone", "NASA", "GPT-4", "Olmo", "plain"]
    assert name_doubts(words) == [0, 0, 1, 1, 1, 1, 0], "and before the sun burns out"
