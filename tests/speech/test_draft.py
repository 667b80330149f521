"""The essay as a draft: written as Whisper writes, and searchable from anywhere."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from inkcast.essays.essay import Block, Essay
from inkcast.speech.engines.tokenizer import Tokenizer
from inkcast.speech.guided.draft import Draft, Match, as_whisper_writes, word_key

TOKENIZER = Tokenizer(51_864, "en")
# 90 words, no pair of them twice.
ENDINGS = "len son ter mon dal fer gus hop jin kal pew qua rin sul vex"
WORDS = [first + last for first in ("ba", "ke", "mi", "no", "ru", "ta") for last in ENDINGS.split(" ")]


def draft_of(*blocks: str | tuple[str, str]) -> Draft:
    """A draft of paragraphs, or of (kind, text) blocks."""
    pairs = [("paragraph", block) if isinstance(block, str) else block for block in blocks]
    return Draft(Essay("", tuple(Block(kind, text) for kind, text in pairs)), TOKENIZER)


def keys(text: str) -> list[str]:
    return [word_key(word) for word in text.split()]


@pytest.mark.parametrize(
    ("published", "written"),
    [
        ("10²⁶,", " 10 to the 26,"),
        ("10⁻³", " 10 to the minus 3"),
        ("5²", " 5 squared"),
        ("m²", " m2"),
        ("claim¹.", " claim."),
        ("claim.[4]", " claim."),
        ("[4].", ""),
        ("[4]x", " 4x"),
        ("word", " word"),
        ("don’t", " don't"),
        ("‘tis", " 'tis"),
        ("“Quoted,”", " Quoted,"),
        ('"plain"', " plain"),
        ("«guillemets»", " guillemets"),
        ("(aside)", " aside"),
        ("[sic]", " sic"),
        ("~25%", " 25%"),
        ("*starred*", " starred"),
        ("$2-10T,", " $2-10T,"),
        ("state-of-the-art", " state-of-the-art"),
        ("now—or", " now or"),
        ("2020–2023", " 2020 2023"),
        ("end.Next", " end. Next"),
        ("5.5", " 5.5"),
        ("U.S.", " U.S."),
        ("—", ""),
        ("…", ""),
        ("&", ""),
        ("", ""),
        ("naïve", " naïve"),
        ("“…and", " …and"),
    ],
)
def test_words_are_written_as_whisper_writes_them(published, written):
    assert as_whisper_writes(published) == written


def test_powers_are_said_in_words_where_the_words_are_known():
    assert (as_whisper_writes("10²⁶", "de"), as_whisper_writes("claim¹", "de")) == (" 1026", " claim")


@given(st.text(max_size=30).filter(lambda text: not any(char.isspace() for char in text)))
def test_any_word_is_written_with_a_leading_space_and_its_letters(word):
    written = as_whisper_writes(word)
    assert written == "" or (written.startswith(" ") and written.strip())
    if any(char.isalnum() for char in word):
        assert word_key(written) == word_key(word)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Don’t!", "dont"),
        ("don't", "dont"),
        ("$2-10T,", "210t"),
        ("naïve", "naive"),
        ("10²⁶", "1026"),
        ("—", ""),
        ("Straße", "strasse"),
        ("ＧＰＵ", "gpu"),
    ],
)
def test_keys_are_what_spellings_share(text, key):
    assert word_key(text) == key


def test_a_draft_word_knows_where_it_stands():
    draft = draft_of("One — “two” three.", ("heading", "Four (five)"))
    assert [word.text for word in draft.words] == [" One", " “two”", " three.", " Four", " (five)"]
    assert [word.essay_word for word in draft.words] == [0, 2, 3, 4, 5]
    assert [word.place for word in draft.words] == [0, 1, 2, 3, 4]
    assert [word.block for word in draft.words] == [0, 0, 0, 1, 1]
    assert [word.key for word in draft.words] == ["one", "two", "three", "four", "five"]
    assert len(draft) == 5


@settings(deadline=None)
@given(st.lists(st.text(max_size=8), max_size=12))
def test_tokens_are_those_of_the_written_word(texts):
    blocks = [Block("paragraph", text) for text in texts]
    essay = Essay("", tuple(blocks))
    words = list(essay.words())
    for word in Draft(essay, TOKENIZER).words:
        assert word.text == f" {words[word.essay_word].text}"
        assert TOKENIZER.decode(word.tokens) == as_whisper_writes(words[word.essay_word].text)
        assert word.content
        assert set(word.content) <= set(range(len(word.tokens)))


def test_only_letters_and_digits_are_judged():
    (word,) = draft_of("end.").words
    assert [TOKENIZER.decode([word.tokens[i]]) for i in word.content] == [" end"]


# What comes next -------------------------------------------------------------------------------------

SEEN = draft_of(
    "The first paragraph ends.",
    ("caption", "Figure one shows nothing."),
    ("code", "print(1)"),
    ("heading", "A heading"),
    ("footnote", "A long note."),
    ("boilerplate", "Subscribe now."),
    "The end.",
)


def test_captions_and_the_like_are_passed_over():
    ahead = SEEN.ahead(1, 100)
    assert "".join(word.text for word in ahead) == " first paragraph ends. A heading The end."


def test_who_reads_a_caption_is_followed_through_it():
    place = next(word.place for word in SEEN.words if word.text == " one")
    text = "".join(word.text for word in SEEN.ahead(place, 100))
    assert text == " one shows nothing. A heading The end."


def test_no_more_is_ahead_than_was_asked_for():
    for budget in range(30):
        ahead = SEEN.ahead(0, budget)
        assert sum(len(word.tokens) for word in ahead) <= budget
    assert SEEN.ahead(0, 0) == []
    assert SEEN.ahead(len(SEEN), 100) == []
    assert draft_of().ahead(0, 100) == []


# Finding the place -----------------------------------------------------------------------------------

LONG = draft_of(" ".join(WORDS[:40]), ("caption", " ".join(WORDS[40:50])), " ".join(WORDS[50:]))


@settings(deadline=None)
@given(first=st.integers(0, len(WORDS) - 8), length=st.integers(8, 30), expected=st.integers(0, len(WORDS)))
def test_any_eight_words_are_found_from_anywhere(first, length, expected):
    heard = keys(" ".join(WORDS[first : first + length]))
    match = LONG.find(heard, expected)
    assert match is not None
    assert (match.first_heard, match.first_place) == (0, first)
    assert (match.last_heard, match.last_place) == (len(heard) - 1, first + len(heard) - 1)
    assert match.matched == len(heard)


@settings(deadline=None)
@given(
    before=st.integers(0, 6),
    first=st.integers(0, len(WORDS) - 12),
    wrong=st.sets(st.integers(2, 9), max_size=2),
    expected=st.integers(0, len(WORDS)),
)
def test_it_is_found_after_other_words_and_through_misheard_ones(before, first, wrong, expected):
    assume(not any(i + 1 in wrong or i + 2 in wrong for i in wrong))
    there = keys(" ".join(WORDS[first : first + 12]))
    heard = ["zzz"] * before + [f"xx{i}" if i in wrong else key for i, key in enumerate(there)]
    match = LONG.find(heard, expected)
    assert match is not None
    assert match.first_place - match.first_heard == first - before
    assert (match.last_heard, match.last_place) == (before + 11, first + 11)
    assert match.matched == 12 - len(wrong)


@pytest.mark.parametrize(
    ("heard", "last"),
    [
        ("balen bason bater bamon {} badal bafer bagus bahop", (8, 7)),  # a word put in
        ("balen bason bater badal bafer bagus bahop", (6, 7)),  # a word left out
        ("balen bason bater ba mon badal bafer bagus bahop", (8, 7)),  # a word heard as two
        ("balen bason bater bamonbadal bafer bagus bahop", (6, 7)),  # two heard as one
    ],
)
def test_the_match_goes_on_after_a_slip(heard, last):
    match = LONG.find(keys(heard.replace("{}", "well")), 0)
    assert (match.first_heard, match.first_place) == (0, 0)
    assert (match.last_heard, match.last_place) == last


def test_what_the_essay_does_not_contain_is_not_found():
    assert LONG.find(keys("this was never in the essay that was published at all"), 0) is None
    assert LONG.find(keys(" ".join(reversed(WORDS))), 0) is None
    assert LONG.find([], 0) is None
    assert LONG.find(["balen"], 0) is None
    assert draft_of().find(keys("balen bason"), 0) is None


def test_two_words_are_enough_where_they_are_expected_and_too_few_elsewhere():
    heard = keys(f"zzz {WORDS[60]} {WORDS[61]}")
    assert LONG.find(heard, 58).first_place == 60
    assert LONG.find(heard, 0).first_place == 60
    assert LONG.find(heard, 70) is None


def test_a_phrase_that_stands_everywhere_is_found_only_where_it_is_expected():
    draft = draft_of(*(f"in the last few {word} there was" for word in WORDS))
    heard = keys("in the last few")
    size = 7
    assert draft.find(heard, 30 * size).first_place == 30 * size
    assert draft.find(heard, 30 * size + 1).first_place in (30 * size, 31 * size)


def test_of_repeated_passages_the_next_one_is_taken():
    chorus = " ".join(WORDS[:12])
    draft = draft_of(chorus, " ".join(WORDS[20:40]), chorus, " ".join(WORDS[50:80]), chorus)
    heard = keys(chorus)
    found = {expected: draft.find(heard, expected).first_place for expected in (0, 20, 32, 60, 74)}
    assert found == {0: 0, 20: 32, 32: 32, 60: 74, 74: 74}


def test_sections_in_another_order_are_found():
    sections = [" ".join(WORDS[start : start + 30]) for start in (0, 30, 60)]
    draft = draft_of(*sections)
    assert draft.find(keys(sections[2]), 30).first_place == 60
    assert draft.find(keys(sections[1]), 90).first_place == 30


def test_a_few_misheard_words_do_not_hide_where_the_match_begins():
    said = "so fund the people who publish they are slow they are few and they are how the rest of us learn"
    draft = draft_of("Nobody argues for tiny budgets.", said)
    heard = keys("so fun the people who gamble their slow their few and they are how the rest of us learn")
    match = draft.find(heard, expected=0)
    assert match is not None
    assert (match.first_heard, match.first_place) == (0, 5)


def test_words_of_another_passage_are_not_taken_for_the_beginning():
    draft = draft_of(" ".join(WORDS))
    heard = keys(" ".join(WORDS[:4] + WORDS[60:75]))
    match = draft.find(heard, expected=60)
    assert match is not None
    assert (match.first_heard, match.first_place) == (4, 60)


@pytest.mark.parametrize(
    ("before", "first_place", "begin"),
    [
        # The sentence's first words were misheard, one of them as two, two of them as one.
        (["core"], 4, 3),
        (["for", "fife"], 5, 3),
        (["floor", "fi", "if"], 5, 3),
        (["forfive"], 5, 3),
        (["nineten"], 10, 7),
        # What is heard before a sentence's first word is a breath, or the end of the sentence before.
        (["cough"], 3, 3),
        (["dot"], 11, 11),
        (["oh", "well"], 7, 7),
        # In the middle of a sentence its own first word tells.
        (["five", "zicks"], 6, 4),
        (["thirteen", "four", "teen"], 14, 12),
        # Nothing tells: as many words as were heard.
        (["wine", "tent"], 17, 15),
        ([], 14, 14),
    ],
)
def test_a_reader_of_whom_nothing_is_known_is_sought_where_sentences_begin(before, first_place, begin):
    draft = draft_of(
        "One two three. Four five six seven",
        "Eight “nine ten eleven.” (Twelve.) Thirteen fourteen fifteen sixteen seventeen eighteen",
    )
    heard = [*before, *(word.key for word in draft.words[first_place:])]
    match = Match(len(before), first_place, len(heard) - 1, len(draft) - 1, len(draft) - first_place, 40)
    assert draft.begin(heard, match) == begin
