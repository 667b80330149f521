"""Written and spoken forms of numbers, symbols, names and abbreviations meet."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkcast.wording import numbers
from inkcast.wording.match import Heard, match
from inkcast.wording.verbalize import parts

SPOKEN_FORMS = Path(__file__).parents[1] / "data" / "spoken_forms.txt"


def _rows() -> list[tuple[str, list[str], list[str]]]:
    """Written form, what it may be said as, and what it may not."""
    rows = []
    for line in SPOKEN_FORMS.read_text(encoding="utf-8").splitlines()[1:]:
        written, _, rest = line.partition(" = ")
        good, _, bad = rest.partition(" ! ") if not rest.startswith("! ") else ("", "", rest[2:])
        rows.append((written, [form.strip() for form in good.split(";")], bad.split(";")))
    return rows


def can_say(written: str, said: str, language: str = "en") -> bool:
    """Whether some choice of a reading for each part gives exactly these keys."""
    keys = tuple(said.split())
    ends = {0}
    for options in parts(written, language):
        ends = {
            end + len(option) for end in ends for option in options if keys[end : end + len(option)] == option
        }
    return len(keys) in ends


ROWS = _rows()


@pytest.mark.parametrize(("written", "forms", "misses"), ROWS, ids=[row[0] for row in ROWS])
def test_written_forms_are_said_so_and_not_otherwise(
    written: str, forms: list[str], misses: list[str]
) -> None:
    assert [form for form in forms if not can_say(written, form)] == []
    assert [form for form in misses if can_say(written, form)] == []


@pytest.mark.parametrize(("written", "forms"), [row[:2] for row in ROWS if row[1] != [""]])
def test_what_was_said_is_the_written_word_and_nothing_but_it(written: str, forms: list[str]) -> None:
    essay = ["melodious", "gherkins", written, "outlast", "porcelain"]
    for form in forms:
        heard = ["melodious", "gherkins", *form.split(), "outlast", "porcelain"]
        matches = match(essay, [Heard(word) for word in heard])
        assert [(found.essay, found.heard) for found in matches] == [
            (0, range(1)),
            (1, range(1, 2)),
            (2, range(2, len(heard) - 2)),
            (3, range(len(heard) - 2, len(heard) - 1)),
            (4, range(len(heard) - 1, len(heard))),
        ], form


def test_the_table_is_large() -> None:
    assert len({row[0] for row in ROWS}) >= 200


# Whisper writes digits where people say words, and seldom the same way as the essay.
BOTH = [
    ("worth $2-10T soon", "worth $2 to $10 trillion soon"),
    ("worth $2-10T soon", "worth two to ten trillion dollars soon"),
    ("worth $2 to $10 trillion soon", "worth two to ten trillion dollars soon"),
    ("grew 25% there", "grew 25 percent there"),
    ("grew twenty five percent there", "grew 25% there"),
    ("at (~Google 25%, Meta 11%).", "at about Google 25 percent, meta eleven percent."),
    ("with GPT 5.5 now", "with GPT five point five now"),
    ("with GPT-5.5 now", "with G P T 5.5 now"),
    ("with GPT five five now", "with GPT 5.5 now"),
    ("a 40,000 word text", "a 40 thousand word text"),
    ("in 2026 we", "in twenty twenty six we"),
    ("made 2X gains", "made twice gains"),
    ("made 2X gains", "made 2 times gains"),
    ("a 12+ month wait", "a 12 plus month wait"),
    ("about 5-6 months", "about five to six months"),
    ("for $5/month today", "for 5 dollars a month today"),
    ("Qwen 3.5/3.6 models", "Qwen 3.5, 3.6 models"),
    ("large margins, i.e. profit", "large margins, that is profit"),
    ("open & closed", "open and closed"),
    ("growing R&D costs", "growing R and D costs"),
    ("the 3rd of May", "the third of May"),
    ("on May 26 we", "on May twenty sixth we"),
    ("it’s over, isn’t it", "it is over, is not it"),
    ("the U.S. labs", "the US labs"),
    ("see Chapter IV there", "see chapter four there"),
    ("by OpenAI and others", "by open AI and others"),
    ("seven hundred and five people", "705 people"),
]


@pytest.mark.parametrize(("essay", "heard"), BOTH)
def test_either_writing_is_matched_whole(essay: str, heard: str) -> None:
    written, spoken = essay.split(), heard.split()
    matches = match(written, [Heard(word) for word in spoken])
    assert [found.essay for found in matches] == list(range(len(written)))
    assert {index for found in matches for index in found.heard} == set(range(len(spoken)))


def test_another_number_is_another_word() -> None:
    matches = match(["it", "grew", "25%", "there"], [Heard(word) for word in ("it", "grew", "60%", "there")])
    assert [found.essay for found in matches] == [0, 1, 3]


def test_unspaced_scripts_are_compared_by_character() -> None:
    assert parts("你好世界", "zh") == ((("你", "好", "世", "界"),),)


@given(st.text(max_size=30), st.sampled_from(["en", "de", "ar", "zh", "xx", ""]))
@settings(deadline=None)
def test_any_text_has_readings_of_clean_keys(text: str, language: str) -> None:
    for options in parts(text, language):
        assert options
        assert all(key and key == key.strip() for reading in options for key in reading)


SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def _value(words: tuple[str, ...]) -> int:
    """Read number words back, independently of how they were made."""
    small = {word: value for value, word in enumerate(SMALL)}
    tens = {word: 10 * value for value, word in enumerate(TENS, 2)}
    scales = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
    total = current = 0
    for word in words:
        if word in scales:
            total, current = total + current * scales[word], 0
        elif word == "hundred":
            current *= 100
        elif word != "and":
            current += small.get(word, tens.get(word, 0))
    return total + current


@given(st.integers(min_value=0, max_value=10**15 - 1), st.booleans())
@settings(deadline=None)
def test_cardinals_read_back(value: int, with_and: bool) -> None:
    assert _value(numbers.cardinal(value, with_and)) == value


@given(st.integers(min_value=0, max_value=10**15 - 1))
@settings(deadline=None)
def test_a_number_is_matched_with_its_words(value: int) -> None:
    essay = ["they", "counted", f"{value:,}", "stars"]
    heard = ["they", "counted", *numbers.cardinal(value), "stars"]
    matches = match(essay, [Heard(word) for word in heard])
    assert [found.essay for found in matches] == [0, 1, 2, 3]
    assert matches[2].heard == range(2, len(heard) - 1)
