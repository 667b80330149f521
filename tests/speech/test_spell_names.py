"""Misheard names become the vocabulary's, by the model's own judgement; what was right stays."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from inkcast.audio.decode import stream_samples
from inkcast.audio.stream import SampleStream
from inkcast.speech.decoding.spell_names import spell_names
from inkcast.speech.transcript import TranscriptWord
from inkcast.wording.vocabulary import Vocabulary
from tests.support.example import JFK, engine, hear

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def words(tiny_en) -> list[TranscriptWord]:
    transcript = hear(JFK, engine())
    return [word for segment in transcript.segments for word in segment.words]


def spelled(words, *names: str) -> str:
    ear = engine()
    stream = SampleStream(stream_samples(JFK))
    found = spell_names(ear, ear.tokenizer("en"), stream, words, Vocabulary(names))
    assert all(a.start_ms <= a.end_ms <= b.start_ms + 1 for a, b in pairwise(found))
    return "".join(word.text for word in found)


def misheard(words, said: str, heard: str, probability: float = 0.4) -> list[TranscriptWord]:
    """The words with one of them heard otherwise, perhaps as several."""
    at = next(i for i, word in enumerate(words) if said in word.text)
    parts = heard.split()
    length = (words[at].end_ms - words[at].start_ms) // len(parts)
    start = words[at].start_ms
    new = [
        TranscriptWord(f" {part}", start + n * length, start + (n + 1) * length, probability)
        for n, part in enumerate(parts)
    ]
    return [*words[:at], *new, *words[at + 1 :]]


@pytest.mark.parametrize("heard", ["Amerigans,", "a Merrigans,", "Uhmericans,"])
def test_a_name_that_was_misheard(words, heard):
    text = spelled(misheard(words, "Americans", heard), "Americans", "Armenia")
    assert " Americans," in text and text.split()[4] == "Americans,"


def test_a_name_that_was_not_said_is_not_put_in(words):
    changed = misheard(words, "Americans", "Amerigans,")
    assert "Amerigans" in spelled(changed, "Olmo", "Armenia")


def test_nothing_that_was_right_is_touched(words):
    doubtful = [replace(word, probability=0.4) for word in words]
    names = ("Amerigo", "Fell", "Asch", "Watt", "Coventry", "Kandu", "Fourier", "Mai", "Andes", "Knott")
    assert spelled(doubtful, *names) == "".join(word.text for word in words)


def test_what_is_sure_is_not_looked_at(words):
    sure = misheard(words, "Americans", "Amerigans,", 0.95)
    assert "Amerigans" in spelled(sure, "Americans")


def test_spelling_needs_no_ear(words):
    changed = misheard(words, "country", "open AI's", 0.9)
    assert " OpenAI's" in spelled(changed, "OpenAI")
    assert " GPT 5.5," in spelled(misheard(words, "country", "GPT-5.5,", 0.9), "GPT 5.4")


def test_words_of_an_essay_are_not_looked_at(words):
    verified = [
        replace(word, essay_word=n) for n, word in enumerate(misheard(words, "Americans", "Amerigans,"))
    ]
    assert "Amerigans" in spelled(verified, "Americans")


def test_without_names_or_words_nothing_happens(words):
    assert spelled(words) == "".join(word.text for word in words)
    assert spelled([], "Olmo") == ""
