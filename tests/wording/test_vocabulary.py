"""Names as an archive writes them, and which of them something heard may be."""

from __future__ import annotations

import pytest

from inkcast.essays.essay import Block, Essay
from inkcast.wording.vocabulary import Vocabulary, count_names, key_of, names_of


def names(*texts: str) -> set[str]:
    return set(names_of(count_names(Essay("", (Block("paragraph", text),))) for text in texts))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("We met Olmo there, and Olmo’s friends.", {"Olmo"}),
        ("Tea is old. Coffee is not.", set()),  # a sentence's beginning proves nothing
        ("He said: “Tea is old.”", set()),
        ("They brew Tea here and tea there.", set()),  # written small, too
        ("DeepSeek is a lab.", {"DeepSeek"}),  # no plain word is written so
        ("Ai2 runs it on an iPhone.", {"Ai2", "iPhone"}),
        ("I’m sure that I said so.", set()),
        ("We use Opus 4.5 now.", {"Opus", "Opus 4.5"}),
        ("We had Olmo 5 times.", {"Olmo"}),
        ("See the (RLVR) part.", {"RLVR"}),
        ("Now HuggingFace; once Hugging Face, then Hugging Face.", {"Hugging", "Face"}),
    ],
)
def test_what_is_a_name(text: str, found: set[str]) -> None:
    assert names(text) == found


def test_titles_prove_nothing() -> None:
    essay = Essay("", (Block("title", "How Tea Is Made"), Block("heading", "And Coffee Too")))
    assert names_of([count_names(essay)]) == ()


def test_a_name_is_written_as_it_is_most_often() -> None:
    assert names("We ran OLMo.", "We ran Olmo and Olmo.") == {"Olmo"}


def test_frequent_names_come_first_and_the_order_of_texts_does_not_count() -> None:
    texts = ["We saw Ada and Bob.", "Then Bob came.", "It was Bob and Cyd."]
    counts = [count_names(Essay("", (Block("paragraph", text),))) for text in texts]
    assert names_of(counts) == names_of(counts[::-1]) == ("Bob", "Ada", "Cyd")


VOCABULARY = Vocabulary(("Anthropic", "OpenAI", "GPT 5.4", "Olmo", "Ai2", "Queequeg", "AI"))


@pytest.mark.parametrize(
    ("heard", "name"),
    [("entropic", "Anthropic"), ("in thropic", "Anthropic"), ("almo", "Olmo"), ("Quiquiig", "Queequeg")],
)
def test_names_are_found_by_how_they_sound(heard: str, name: str) -> None:
    assert VOCABULARY.alike(key_of(heard), 0.6)[0][1] == name


@pytest.mark.parametrize("heard", ["table", "olmos", "I", "", "…"])
def test_others_are_not(heard: str) -> None:
    assert VOCABULARY.alike(key_of(heard), 0.6) == []


@pytest.mark.parametrize(
    ("heard", "written"),
    [("open AI", "OpenAI"), ("AI 2", "Ai2"), ("GPT-5.4", "GPT 5.4"), ("GPT-54", None), ("open", None)],
)
def test_the_same_letters_are_the_same_name(heard: str, written: str | None) -> None:
    assert VOCABULARY.written(key_of(heard)) == written


def test_versions_stand_behind_a_name_as_the_archive_has_them() -> None:
    assert VOCABULARY.with_version("GPT-6") == "GPT 6"
    assert VOCABULARY.with_version("Olmo-3") is None
    assert VOCABULARY.with_version("GPT-like") is None
