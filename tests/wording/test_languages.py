"""Numbers in other languages, digits of other scripts, marks that steer writing."""

from __future__ import annotations

import pytest

from inkcast.essays.essay import Block, Essay, Mark
from inkcast.wording.languages import count
from inkcast.wording.match import Heard, match
from inkcast.wording.written import written_words


def pairs(
    essay: str, heard: str, language: str, extra: dict[str, list[str]] | None = None
) -> list[list[str]]:
    """What was heard for each essay word, in essay order; [] where nothing was."""
    written, spoken = essay.split(), heard.split()
    found = {item.essay: item for item in match(written, [Heard(word) for word in spoken], language, extra)}
    return [
        [spoken[place] for place in found[index].heard] if index in found else []
        for index in range(len(written))
    ]


@pytest.mark.parametrize(
    ("language", "essay", "heard"),
    [
        ("de", "es kamen 25 Leute her", "es kamen fünfundzwanzig Leute her"),
        ("de", "im Jahr 1984 war das", "im Jahr neunzehnhundertvierundachtzig war das"),
        ("de", "rund 2,5 Liter sind drin", "rund zwei Komma fünf Liter sind drin"),
        ("de", "am 3. Mai war das", "am dritten Mai war das"),
        ("de-AT", "es kamen 1.000 Leute her", "es kamen tausend Leute her"),
        ("fr", "il y a 80 personnes ici", "il y a quatre vingts personnes ici"),
        ("fr", "il y a 21 femmes ici", "il y a vingt et une femmes ici"),
        ("es", "vinieron 705 personas ayer", "vinieron setecientas cinco personas ayer"),
        ("es", "vinieron 705 chicos ayer", "vinieron setecientos cinco chicos ayer"),
        ("it", "sono 705 persone qui", "sono settecentocinque persone qui"),
        ("pt", "vieram 22 pessoas ontem", "vieram vinte e duas pessoas ontem"),
        ("pl", "przyszło 21 osób wczoraj", "przyszło dwadzieścia jeden osób wczoraj"),
        ("hi", "वहाँ 21 लोग थे", "वहाँ इक्कीस लोग थे"),
        ("ar", "جاء ٢١ رجلا أمس", "جاء واحد وعشرون رجلا أمس"),
    ],
)
def test_numbers_are_matched_with_their_words(language: str, essay: str, heard: str) -> None:
    found = pairs(essay, heard, language)
    assert [word for words in found for word in words] == heard.split()
    assert all(found)


def test_a_language_without_rules_is_matched_as_written() -> None:
    assert count("25", "xx") == ()
    assert pairs("abc 25 def ghi", "abc 25 def ghi", "xx") == [["abc"], ["25"], ["def"], ["ghi"]]


def test_digits_that_are_no_number_have_no_words() -> None:
    assert count("1.2.3", "de") == ()
    assert count("9" * 40, "de") == ()


@pytest.mark.parametrize(
    ("language", "essay", "heard"),
    [
        ("en", "about ２５ people came here", "about twenty five people came here"),
        ("en", "about ٢٥ people came here", "about 25 people came here"),
        ("en", "about २५ people came here", "about twenty five people came here"),
        ("fa", "در سال ۱۴۰۳ بود", "در سال 1403 بود"),
        ("ar", "نسبة ٢٫٥ في المئة", "نسبة 2.5 في المئة"),
        ("ar", "ذَهَبَ الوَلَدُ إلى المَدرَسَةِ", "ذهب الولد إلى المدرسة"),
        ("he", "שָׁלוֹם לְכֻלָּם וּבָרוּךְ הַבָּא", "שלום לכלם וברוך הבא"),
        ("ar", "\u200fقال\u200f \u202bإن\u202c السلام عليكم", "قال إن السلام عليكم"),
        ("vi", "Việt Nam đẹp lắm", "Việt Nam đẹp lắm"),
        ("hi", "नमस्ते दुनिया कैसे हो", "नमस्ते दुनिया कैसे हो"),
        ("en", "we 🎉👩🏽\u200d🚀 like ☕️ this", "we like this"),
        ("en", "nai\u0308ve cafe\u0301 life here", "naïve café life here"),
    ],
)
def test_scripts_digits_and_marks(language: str, essay: str, heard: str) -> None:
    found = pairs(essay, heard, language)
    assert [word for words in found for word in words] == heard.split()


def test_emoji_alone_are_not_spoken() -> None:
    assert pairs("we 🎉👩🏽\u200d🚀 like ☕️ this", "we like this", "en") == [
        ["we"],
        [],
        ["like"],
        [],
        ["this"],
    ]


def test_a_text_without_spaces_is_matched_by_character() -> None:
    essay = ["今天天气很好，我们去公园散步。", "明天会下雨，我们留在家里看书。"]
    heard = ["今天", "天气", "很好", "我们", "去", "公园", "散步"]
    found = match(essay, [Heard(word) for word in heard], "zh")
    assert [(item.essay, item.heard) for item in found] == [(0, range(7))]


def test_a_users_readings_come_on_top() -> None:
    essay, heard = "the MoE and Ai2 teams met", "the mixture of experts and ai two teams met"
    assert pairs(essay, heard, "en")[1] == []
    found = pairs(essay, heard, "en", {"moe": ["mixture of experts"]})
    assert found[1:4] == [["mixture", "of", "experts"], ["and"], ["ai", "two"]]
    assert pairs(essay, "the MoE and Ai2 teams met", "en", {"MoE": ["mixture of experts"]})[1] == ["MoE"]


def test_a_users_readings_may_be_in_any_language_and_with_digits() -> None:
    assert pairs("die (AfA), sagt er", "die Absetzung für 2 sagt er", "de", {"AfA": ["Absetzung für 2"]})[
        1
    ] == [
        "Absetzung",
        "für",
        "2",
    ]


def test_a_raised_number_is_a_power() -> None:
    text = "about 1026 operations and word1 here"
    marks = (Mark("superscript", 8, 10), Mark("superscript", 30, 31))
    words = written_words(Essay("Powers", (Block("paragraph", text, marks),)))
    assert words == ["about", "10^26", "operations", "and", "word^1", "here"]
    characters = Essay("Powers", (Block("paragraph", "about 10²⁶ and 10⁻³ word¹ m²"),))
    assert written_words(characters) == ["about", "10^26", "and", "10^−3", "word¹", "m²"]
    heard = "about ten to the twenty sixth operations and word here"
    assert pairs(" ".join(words), heard, "en")[1:5] == [
        ["ten", "to", "the", "twenty", "sixth"],
        ["operations"],
        ["and"],
        ["word"],
    ]


def test_raised_letters_are_letters() -> None:
    block = Block("paragraph", "the 26th of May", (Mark("superscript", 6, 8),))
    assert written_words(Essay("Day", (block,))) == ["the", "26th", "of", "May"]
