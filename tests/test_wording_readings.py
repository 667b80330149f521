"""Written and spoken forms of numbers, symbols, names and abbreviations meet."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkcast.wording import numbers
from inkcast.wording.match import Heard, match
from inkcast.wording.readings import readings

SAID = [
    ("$2-10T", "two to ten trillion dollars"),
    ("$2-10T", "two to ten trillion dollar"),
    ("$2-10T", "two to ten trillion"),
    ("$5/month", "five dollars a month"),
    ("$5/month", "five dollars per month"),
    ("$2000/month", "two thousand dollars a month"),
    ("$10", "ten dollars"),
    ("$1,500", "fifteen hundred dollars"),
    ("$1.2B", "one point two billion dollars"),
    ("$3M", "three million dollars"),
    ("€20", "twenty euros"),
    ("£7.50", "seven point fifty pounds"),
    ("5.5", "five point five"),
    ("5.5", "five five"),
    ("3.5/3.6", "three point five three point six"),
    ("3.5/3.6", "three point five slash three point six"),
    ("3.10", "three point ten"),
    ("0.5", "point five"),
    (".5", "point five"),
    ("1.2.3", "one point two point three"),
    ("2X", "two x"),
    ("2X", "two times"),
    ("2x", "twice"),
    ("10x", "ten times"),
    ("~25%", "about twenty five percent"),
    ("25%,", "twenty five percent"),
    ("25%", "twenty five per cent"),
    ("100%", "a hundred percent"),
    ("40,000", "forty thousand"),
    ("1,000,000", "a million"),
    ("1,234", "one thousand two hundred and thirty four"),
    ("105", "one hundred and five"),
    ("105", "one oh five"),
    ("350", "three fifty"),
    ("2026.", "twenty twenty six"),
    ("2026", "two thousand and twenty six"),
    ("2005", "two thousand five"),
    ("1999", "nineteen ninety nine"),
    ("1905", "nineteen oh five"),
    ("1900", "nineteen hundred"),
    ("2000", "two thousand"),
    ("1455,", "fourteen fifty five"),
    ("1990s", "nineteen nineties"),
    ("'90s", "nineties"),
    ("2010s", "twenty tens"),
    ("3rd", "third"),
    ("21st", "twenty first"),
    ("12th", "the twelfth"),
    ("26", "twenty sixth"),
    ("12+", "twelve plus"),
    ("12+", "more than twelve"),
    ("12+", "twelve or more"),
    ("5-6", "five to six"),
    ("5–6", "five six"),
    ("70B", "seventy billion"),
    ("70B", "seventy b"),
    ("10:30", "ten thirty"),
    ("9:05", "nine oh five"),
    ("-5", "minus five"),
    ("#3", "number three"),
    ("<5", "less than five"),
    ("20°C", "twenty degrees celsius"),
    ("007", "zero zero seven"),
    ("i.e.", "that is"),
    ("(i.e.", "i e"),
    ("e.g.", "for example"),
    ("etc.).", "et cetera"),
    ("vs.", "versus"),
    ("&", "and"),
    ("R&D", "r and d"),
    ("Dr.", "doctor"),
    ("U.S.", "u s"),
    ("U.S.", "united states"),
    ("RLVR", "r l v r"),
    ("GPT-OSS", "gpt oss"),
    ("GPT-4o", "gpt four o"),
    ("OpenAI", "open ai"),
    ("(Ai2),", "ai two"),
    ("H100", "h one hundred"),
    ("Z.ai", "z dot ai"),
    ("safety.Mythos", "safety mythos"),
    ("post-training", "post training"),
    ("AI—the", "ai the"),
    ("don’t", "dont"),
    ("don’t", "do not"),
    ("that’ll", "that will"),
    ("can't", "can not"),
    ("it’s", "it is"),
    ("II", "two"),
    ("II", "the second"),
    ("Sept.", "september"),
    ("“Tülu", "tulu"),
    ("www.example.org/join", "www dot example dot org slash join"),
]


@pytest.mark.parametrize(("written", "said"), SAID)
def test_a_written_form_has_the_spoken_one_among_its_readings(written: str, said: str) -> None:
    assert tuple(said.split()) in readings(written)


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


def test_other_languages_get_the_written_form_only() -> None:
    assert readings("25%", "de") == (("25",),)
    assert readings("i.e.", "fr") == (("i", "e"),)


def test_unspaced_scripts_are_compared_by_character() -> None:
    assert readings("你好世界", "zh") == (("你", "好", "世", "界"),)


@given(st.text(max_size=30))
@settings(deadline=None)
def test_any_text_has_readings_of_clean_keys(text: str) -> None:
    found = readings(text)
    assert found
    assert all(key and key == key.strip() for reading in found for key in reading)


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
