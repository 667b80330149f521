"""What one teacher-forced pass says about a draft, with probabilities and places that were planted."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from inkcast.essays.essay import Block, Essay
from inkcast.speech.decoding.window import Window
from inkcast.speech.engines.engine import Verification
from inkcast.speech.engines.tokenizer import Tokenizer
from inkcast.speech.guided.draft import Draft
from inkcast.speech.guided.judge import JudgedWord, excess_speech_ms, followed, judge, spread, without_skipped
from inkcast.speech.models.traits import ModelTraits

TOKENIZER = Tokenizer(51_864, "en")
SENTENCE = "the quick brown fox jumps over the lazy dog and then it sleeps in the warm sun all day"
START_MS = 10_000


TRAITS = ModelTraits()


def draft_words(text: str):
    return Draft(Essay("", (Block("paragraph", text),)), TOKENIZER).words


def window(length_ms: int, silent: tuple[tuple[int, int], ...] = ()) -> Window:
    """Speech from start to end but for the given stretches (ms from its start)."""
    mask = np.ones(length_ms // 10, np.bool_)
    for start, end in silent:
        mask[start // 10 : end // 10] = False
    return Window(START_MS, START_MS + length_ms, mask, None, length_ms // 10)


def judged_words(
    probabilities: list[float], lengths_ms: list[int] | None = None, text: str = SENTENCE
) -> tuple[list[JudgedWord], Window]:
    """Words with a probability and a length each, one after another; and their window."""
    words = draft_words(text)[: len(probabilities)]
    lengths = lengths_ms or [300] * len(words)
    time = START_MS
    judged = []
    for word, probability, length in zip(words, probabilities, lengths, strict=True):
        judged.append(JudgedWord(word, time, time + length, probability, probability))
        time += length
    return judged, window(max(time - START_MS, 10))


# judge -----------------------------------------------------------------------------------------------


def test_words_get_their_tokens_places_and_probabilities():
    words = draft_words("Plain unfathomableness. End")
    n_tokens = [len(word.tokens) for word in words]
    assert n_tokens[0] == 1 and n_tokens[1] > 3 and n_tokens[2] == 1
    last = sum(n_tokens) - 1
    probabilities = np.full(sum(n_tokens), 0.5, np.float32)
    probabilities[0], probabilities[2], probabilities[last] = 0.9, 0.02, 0.3
    probabilities[last - 1] = 1e-9  # the full stop, which is not judged
    starts = np.arange(sum(n_tokens) + 1) * 10  # a token every 200 ms
    plain, long, end = judge(words, Verification(probabilities, starts), window(5000), bias_ms=60)
    assert (plain.start_ms, plain.end_ms) == (START_MS, START_MS + 140)  # the bias cannot lead out of it
    assert plain.probability == pytest.approx(0.9)
    n_letters = n_tokens[1] - 1
    assert long.start_ms == START_MS + 140
    assert long.end_ms == START_MS + 140 + 200 * n_letters  # the full stop is silent
    assert long.weakest == pytest.approx(0.02)
    assert long.probability == pytest.approx((0.02 * 0.5 ** (n_letters - 1)) ** (1 / n_letters))
    assert end.start_ms == START_MS + 140 + 200 * n_tokens[1]
    assert end.probability == pytest.approx(0.3)
    assert [word.word.text for word in (plain, long, end)] == [" Plain", " unfathomableness.", " End"]


def test_tokens_before_the_draft_are_skipped():
    words = draft_words("one two")
    probabilities = np.array([0.1, 0.1, 0.7, 0.8], np.float32)
    judged = judge(words, Verification(probabilities, np.array([0, 5, 10, 20, 30])), window(1000), 0, skip=2)
    assert [word.probability for word in judged] == pytest.approx([0.7, 0.8])
    assert [(word.start_ms, word.end_ms) for word in judged] == [(10_200, 10_400), (10_400, 10_600)]


def test_an_impossible_word_has_a_logarithm_all_the_same():
    verification = Verification(np.zeros(1, np.float32), np.array([0, 5]))
    (word,) = judge(draft_words("one"), verification, window(1000), 0)
    assert 0 < word.probability < 1e-6
    assert math.isfinite(math.log(word.probability))
    assert word.is_doubtful(TRAITS)


def test_a_second_look_goes_where_it_could_refute_a_word():
    words = draft_words("plain unfathomableness")
    n_letters = len(words[1].content)
    assert n_letters > 1
    starts = np.arange(0, 50 * (n_letters + 2), 50)

    def doubts(*weakest):
        probabilities = np.array([weakest[0]] + [weakest[1]] * n_letters, np.float32)
        return [
            word.is_doubtful(TRAITS)
            for word in judge(words, Verification(probabilities, starts), window(9000), 0)
        ]

    assert doubts(0.003, 0.0002) == [False, False]
    assert doubts(0.002, 0.0001) == [True, True]


def test_an_improbable_word_without_time_is_doubtful():
    words = draft_words("unfathomableness")
    tokens = len(words[0].tokens)
    probabilities = np.full(tokens, 0.0005, np.float32)
    for frames, doubtful in ((1, True), (20, False)):
        verification = Verification(probabilities, np.arange(tokens + 1) * frames)
        assert [word.is_doubtful(TRAITS) for word in judge(words, verification, window(9000), 0)] == [
            doubtful
        ]


def test_times_never_leave_the_window():
    words = draft_words("one two")
    verification = Verification(np.ones(2, np.float32), np.array([0, 30, 90]))
    for bias in (-500, 500):
        judged = judge(words, verification, window(1000), bias)
        times = [time for word in judged for time in (word.start_ms, word.end_ms)]
        assert all(START_MS <= time <= START_MS + 1000 for time in times)


# followed --------------------------------------------------------------------------------------------


def test_a_reader_who_follows_is_followed_to_the_end():
    judged, heard = judged_words([0.9] * 15)
    assert followed(judged, heard) == 15


@pytest.mark.parametrize("place", [1, 7, 10])
def test_one_replaced_word_is_not_the_end(place):
    judged, heard = judged_words([1e-6 if i == place else 0.9 for i in range(15)])
    assert followed(judged, heard) == 15


@pytest.mark.parametrize("at", [1, 4, 10])
def test_a_departure_ends_it(at):
    judged, heard = judged_words([0.9] * at + [1e-6] * (18 - at))
    assert followed(judged, heard) == at


def test_words_beyond_the_audio_are_not_followed():
    """They are squeezed into its last moment, however probable the model finds them."""
    judged, heard = judged_words([0.9] * 8 + [0.05] * 8, [300] * 8 + [0] * 8)
    assert followed(judged, heard) == 8


def test_words_without_time_are_no_evidence():
    """A model that has lost its place finds a word now and then, and piles the others up."""
    judged, heard = judged_words([0.9] * 8 + [0.2] * 6 + [0.9], [300] * 8 + [0] * 6 + [300])
    assert followed(judged, heard) == 8


def test_who_departs_at_once_is_not_followed():
    judged, heard = judged_words([1e-6] * 12)
    assert followed(judged, heard) == 0
    assert followed([], heard) == 0


def test_it_does_not_end_on_a_doubtful_word():
    judged, heard = judged_words([0.9] * 6 + [0.02] + [1e-6] * 8)
    assert followed(judged, heard) == 6


def test_seconds_of_other_speech_in_a_word_end_it():
    judged, heard = judged_words([0.9] * 12, [300] * 5 + [5000] + [300] * 6)
    assert followed(judged, heard) == 5


def test_a_long_pause_in_a_word_is_no_speech():
    lengths = [300] * 5 + [5000] + [300] * 6
    judged, _ = judged_words([0.9] * 12, lengths)
    assert followed(judged, window(sum(lengths), silent=((1800, 6500),))) == 12


# without_skipped -------------------------------------------------------------------------------------


def test_a_skipped_sentence_is_left_out():
    judged, _ = judged_words([0.9] * 5 + [1e-5] * 5 + [0.9] * 5, [300] * 5 + [10] * 5 + [300] * 5)
    assert without_skipped(judged) == judged[:5] + judged[10:]


def test_words_with_time_to_be_said_are_not_skipped():
    judged, _ = judged_words([0.9] * 5 + [1e-5] * 5 + [0.9] * 5)
    assert without_skipped(judged) == judged


def test_one_or_two_short_words_are_no_skip():
    judged, _ = judged_words([0.9] * 5 + [1e-5] * 2 + [0.9] * 5, [300] * 5 + [10] * 2 + [300] * 5)
    assert without_skipped(judged) == judged


def test_a_skip_at_either_end_is_left_out():
    judged, _ = judged_words([1e-5] * 4 + [0.9] * 5 + [1e-5] * 4, [10] * 4 + [300] * 5 + [10] * 4)
    assert without_skipped(judged) == judged[4:9]
    assert without_skipped([]) == []


# room ------------------------------------------------------------------------------------------------


def test_room_is_speech_that_the_letters_do_not_explain():
    (word,), _ = judged_words([0.9], [3000], text="dog")
    assert excess_speech_ms(window(3000), word) > 1500
    assert excess_speech_ms(window(3000, silent=((300, 3000),)), word) < 0
    (number,), _ = judged_words([0.9], [3000], text="1,234")
    assert excess_speech_ms(window(3000), number) < excess_speech_ms(window(3000), word)


# the last words before a pause -------------------------------------------------------------------------

PAUSE_MS = 500


def before_a_pause(text, probabilities, lengths_ms):
    """Words of which those without a length lie at the end of the window, which ends in a pause."""
    judged, _ = judged_words(probabilities, lengths_ms, text)
    spoken = sum(lengths_ms)
    whole = window(spoken + PAUSE_MS, silent=((spoken, spoken + PAUSE_MS),))
    end = whole.end_ms
    return [
        word if word.end_ms > word.start_ms else replace(word, start_ms=end, end_ms=end) for word in judged
    ], whole


@pytest.mark.parametrize(
    ("text", "probabilities", "lengths_ms", "wanted"),
    [
        # Lost before the pause, where the text has a stop: they were said.
        (
            "we read in the paper. The crazy",
            [0.9, 0.9, 0.9, 0.9, 0.8, 0.04, 1e-5],
            [300, 300, 600, 0, 0, 0, 0],
            5,
        ),
        # After the stop it goes on behind the pause, however likely the next word is.
        ("we read the paper. The crazy", [0.9, 0.9, 0.9, 0.9, 0.9, 1e-5], [300, 300, 300, 600, 0, 0], 4),
        # Nobody says that much in the time.
        (
            "we read in extraordinarily unfathomable. The",
            [0.9, 0.9, 0.9, 0.9, 0.9, 1e-5],
            [300, 300, 300, 0, 0, 0],
            3,
        ),
        # What is not likely was not said.
        (
            "we read in the paper. The crazy",
            [0.9, 0.9, 0.9, 0.9, 0.2, 0.04, 1e-5],
            [300, 300, 600, 0, 0, 0, 0],
            3,
        ),
        # No stop: nothing speaks for one border or the other.
        ("we read in the paper that is", [0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9], [300, 300, 600, 0, 0, 0, 0], 3),
    ],
)
def test_a_window_that_ends_in_a_pause_ends_at_a_stop(text, probabilities, lengths_ms, wanted):
    judged, whole = before_a_pause(text, probabilities, lengths_ms)
    assert followed(judged, whole) == wanted


def test_a_word_that_is_found_in_the_pause_after_a_stop_belongs_to_the_next_window():
    judged, whole = before_a_pause("we read the paper. The crazy", [0.9] * 5, [300, 300, 300, 600, 0])
    judged[-1] = replace(judged[-1], start_ms=whole.end_ms - 200)
    assert followed(judged, whole) == 4


def test_where_a_window_ends_in_speech_nothing_is_taken_from_it_or_added():
    judged, _ = judged_words([0.9] * 5, [300, 300, 600, 0, 0], "we read in the paper.")
    assert followed(judged, window(1200)) == 3


def test_words_that_were_found_in_a_pause_share_the_speech_before_it():
    judged, whole = before_a_pause("we read in the paper.", [0.9] * 5, [300, 300, 600, 0, 0])
    words = spread(judged, whole)
    assert words[:2] == judged[:2]
    times = [(word.start_ms - START_MS, word.end_ms - START_MS) for word in words[2:]]
    assert times == [(600, 720), (720, 900), (900, 1200)]  # 2, 3 and 5 letters
    assert [word.word for word in words] == [word.word for word in judged]


def test_so_do_words_that_were_found_at_the_end_of_a_pause_inside_a_window():
    judged, _ = judged_words([0.9] * 6, [300, 300, 1100, 0, 0, 300], "we read in the paper. The")
    whole = window(2000, silent=((1200, 1700),))
    times = [(word.start_ms - START_MS, word.end_ms - START_MS) for word in spread(judged, whole)]
    assert times == [(0, 300), (300, 600), (600, 720), (720, 900), (900, 1200), (1700, 2000)]
    # Without a stop, or without a pause, nobody knows where they belong.
    judged, _ = judged_words([0.9] * 6, [300, 300, 1100, 0, 0, 300], "we read in the paper that")
    assert spread(judged, whole) == judged
    judged, _ = judged_words([0.9] * 6, [300, 300, 1100, 0, 0, 300], "we read in the paper. The")
    assert spread(judged, window(2000)) == judged


def test_words_with_time_of_their_own_keep_it():
    judged, whole = before_a_pause("we read the paper.", [0.9] * 4, [300, 300, 300, 600])
    assert spread(judged, whole) == judged
    assert spread([], whole) == []
