"""Sentences that a reader begins, breaks off and begins again."""

from __future__ import annotations

import numpy as np
import pytest

from inkcast.audio.decode import SAMPLE_RATE, read_samples
from inkcast.essays.essay import Block, Essay
from inkcast.speech.decoding.window import Window
from inkcast.speech.engines.tokenizer import Tokenizer
from inkcast.speech.guided.draft import Draft
from inkcast.speech.guided.judge import JudgedWord
from inkcast.speech.guided.restarts import begins_amiss, said_twice, surplus
from inkcast.speech.segments import last_tries
from inkcast.speech.transcript import TranscriptWord
from tests.support.example import JFK, JFK_SAYS, engine, hear
from tests.support.sounds import write_wav

ESSAY = "It rained. The first books were printed in black letter, and followed the old hands closely."
WORDS = Draft(Essay("", (Block("paragraph", ESSAY),)), Tokenizer(51_864, "en")).words


def lengths_with(longer: dict[int, int]) -> list[int]:
    """70 ms a letter, and for some words as much as is said."""
    return [longer.get(i, 70 * len(word.key)) for i, word in enumerate(WORDS)]


def judged_as(lengths_ms: list[int], probability: float = 0.9) -> tuple[list[JudgedWord], Window]:
    """The words one after the other, each all speech."""
    time, judged = 0, []
    for word, length in zip(WORDS, lengths_ms, strict=True):
        judged.append(JudgedWord(word, time, time + length, probability, probability))
        time += length
    return judged, Window(0, time, np.ones(time // 10, np.bool_), None, time // 10)


@pytest.mark.parametrize(
    ("longer", "words"),
    [
        ({}, range(0)),
        ({5: 1400}, range(5, 6)),
        # None of them is too long by itself.
        ({3: 800, 4: 800, 5: 700}, range(3, 6)),
    ],
)
def test_speech_that_is_spread_over_several_words_is_noticed_as_that_of_one(longer, words):
    judged, window = judged_as(lengths_with(longer))
    assert surplus(window, judged) == words


def test_a_sentence_may_be_begun_again_or_its_last_word_said_twice():
    judged, _ = judged_as(lengths_with({}))
    readings = said_twice(judged, range(5, 6), (986,))
    texts = {"".join(word.text for word in reading) for reading in readings}
    rest = " printed in black letter, and followed the old hands closely."
    assert " It rained. The first books were The first books were" + rest in texts
    assert " It rained. The first books were were" + rest in texts
    assert all(
        986 in reading[-1].tokens or any(986 in word.tokens for word in reading) for reading in readings
    )


def test_a_window_begins_amiss_where_its_words_are_improbable_and_too_short_for_what_is_said():
    assert begins_amiss(*judged_as(lengths_with({0: 900}), 0.001))
    assert not begins_amiss(*judged_as(lengths_with({0: 900}), 0.9))
    assert not begins_amiss(*judged_as(lengths_with({}), 0.001))


def test_the_last_try_counts():
    def word(at_s: float, essay_word: int | None) -> TranscriptWord:
        return TranscriptWord(" a", round(1000 * at_s), round(1000 * at_s) + 200, 0.9, essay_word)

    heard = [word(1, 7), word(2, 8), word(3, None), word(4, 7), word(5, 8), word(90, 7)]
    assert [found.essay_word for found in last_tries(heard)] == [None, None, None, 7, 8, 7]


@pytest.mark.model
def test_who_begins_again_is_followed_the_second_time(tiny_en, tmp_path):
    samples = read_samples(JFK)
    begin_ms, broken_off_ms = 2_900, 4_350  # "ask not"
    again, end = begin_ms * SAMPLE_RATE // 1000, broken_off_ms * SAMPLE_RATE // 1000
    twice = write_wav(tmp_path / "twice.wav", np.concatenate([samples[:end], samples[again:]]))
    essay = Essay("", (Block("paragraph", JFK_SAYS),))
    plain, found = (
        [word for segment in hear(path, engine(), essay).segments for word in segment.words]
        for path in (JFK, twice)
    )
    moved = {word.essay_word: word.start_ms for word in found if word.essay_word is not None}
    late_ms = broken_off_ms - begin_ms
    for word in plain:
        if word.essay_word is not None:
            expected = word.start_ms + (late_ms if word.essay_word >= 5 else 0)
            assert abs(moved[word.essay_word] - expected) < 500, word
    assert [word.essay_word for word in found].count(None) >= 2
