"""Pronunciations, against the dictionary and literal phones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkcast.alignment.lexicon import dictionary, known, pronounce, sound_out
from inkcast.alignment.self_trained.phone_model import seed


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("“Hello,”", "HH AH L OW"),
        ("We’ll", "W IY L"),
        ("GPUs", "JH IY P IY Y UW EH S"),
        ("RLHF", "AA R EH L EY CH EH F"),
        ("AI", "EY AY"),
        ("us", "AH S"),
        ("kneecapped.", "N IY K AE P T"),
        ("Tülu", "T UW L UW"),
        ("Naïve", "N AY IY V"),
        ("Qwen", "K W EH N"),
        ("Qwen", "K Y UW W EH N"),
    ],
)
def test_words_of_one_part(word: str, phones: str) -> None:
    (forms,) = pronounce(word)
    assert phones in forms


@pytest.mark.parametrize("word", ["—", "", "…", "“”", "😀"])
def test_what_has_no_sound(word: str) -> None:
    assert pronounce(word) == ()


def test_a_range_of_money_has_a_part_that_may_be_silent() -> None:
    two, to, ten, trillion, dollars = pronounce("$2-10T")
    assert "T UW" in two and "T EH N" in ten
    assert {"", "T UW"} <= set(to)
    assert "T R IH L Y AH N" in trillion
    assert "D AA L ER Z" in dollars


def test_each_word_of_the_dictionary_is_found_in_it() -> None:
    assert all(known(word) == tuple(forms) for word, *forms in (line.split("\t") for line in dictionary()))
    assert known("") == known("zzz") == known("\U0010ffff") == known("\t") == ()


PHONES = {phone for line in dictionary() for phone in line.split()[1:]}


def test_the_model_knows_every_phone_of_the_dictionary() -> None:
    assert set(seed().phones) == PHONES


@given(st.text(alphabet=st.characters(exclude_categories=["Z", "C"]), max_size=30))
def test_any_word_gives_phones_of_the_model(word: str) -> None:
    for forms in pronounce(word):
        assert any(forms)
        assert {phone for form in forms for phone in form.split()} <= PHONES


def test_spelling_rules_come_near_the_dictionary() -> None:
    wrong = total = 0
    for line in dictionary()[::200]:
        word, form, *_ = line.split("\t")
        phones = form.split()
        if word.isalpha() and len(word) > 3:
            wrong += distance(phones, sound_out(word).split())
            total += len(phones)
    assert wrong / total < 0.25


def distance(wanted: list[str], got: list[str]) -> int:
    row = list(range(len(got) + 1))
    for i, phone in enumerate(wanted, 1):
        previous, row[0] = row[0], i
        for j, other in enumerate(got, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (phone != other))
    return row[-1]
