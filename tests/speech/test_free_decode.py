"""The safety nets of free decoding, with an engine that says what it is told to."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whisper.utils import compression_ratio as whisper_compression_ratio

from inkcast.speech.decoding.free_decode import compression_ratio, decode_windows, is_looping, without_loop
from inkcast.speech.decoding.window import Window
from inkcast.speech.engines.engine import Hypothesis, Verification
from inkcast.speech.engines.tokenizer import Tokenizer
from inkcast.speech.models.traits import ModelTraits
from inkcast.speech.transcript import ModelInfo

TOKENIZER = Tokenizer(51_864, "en")
GOOD = " Ask not what your country can do for you."
LOOP = " and so on and so forth" * 12


class ScriptedEngine:
    """Gives each attempt's hypotheses as planned; every token lasts 200 ms."""

    info = ModelInfo("scripted", "test", "cpu", "float32")
    traits = ModelTraits()
    n_mels = 80

    def __init__(self, *attempts: list[Hypothesis]) -> None:
        self._attempts = attempts
        self.n_attempts = len(attempts)
        self.options = []

    def decode(self, features, tokenizer, options):
        self.options.append(options)
        return self._attempts[len(self.options) - 1]

    def verify(self, features, tokenizer, texts, n_frames):
        return [
            Verification(np.full(len(text), 0.5, np.float32), np.arange(len(text) + 1) * 10) for text in texts
        ]


def said(text: str, logprob: float = -0.3, silence: float = 0.0) -> Hypothesis:
    return Hypothesis(tuple(TOKENIZER.encode(text)), logprob, silence)


def window(start_ms: int = 0, length_ms: int = 20_000) -> Window:
    return Window(start_ms, start_ms + length_ms, np.ones(length_ms // 10, np.bool_), None, length_ms // 10)


def text_of(heard) -> str:
    return "".join(word.text for word in heard.words)


def test_what_passes_the_first_time_is_taken():
    engine = ScriptedEngine([said(GOOD)], [said(" never asked")])
    (heard,) = decode_windows(engine, TOKENIZER, [window(5000)])
    assert text_of(heard) == GOOD
    assert heard.failed == ""
    assert len(engine.options) == 1
    assert [word.text for word in heard.words][:3] == [" Ask", " not", " what"]
    assert (heard.words[0].start_ms, heard.words[0].end_ms) == (5000, 5200)
    assert heard.words[-1].text == " you."
    assert heard.words[-1].end_ms == 5000 + 200 * 9  # the full stop takes no time
    assert heard.words[0].probability == pytest.approx(0.5)


def test_what_nobody_can_say_in_its_time_is_made_up(monkeypatch):
    """ "Come on." in 40 ms, behind the last word of a window that is cut off."""
    engine = ScriptedEngine([said(" Ask not what. Come on.")])
    starts = np.array([0, 10, 20, 30, 30, 31, 32, 32])
    verify = [Verification(np.array([0.9, 0.9, 0.9, 0.9, 0.4, 0.4, 0.4], np.float32), starts)]
    monkeypatch.setattr(engine, "verify", lambda *_: verify)
    (heard,) = decode_windows(engine, TOKENIZER, [window(0, 1000)])
    assert text_of(heard) == " Ask not what."


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (said(LOOP), "repeats itself"),
        (said(" no" * 30), "repeats itself"),
        (said(GOOD, logprob=-1.2), "not sure"),
        (Hypothesis(tuple(range(1000, 1200)), -0.3, 0.0), "does not come to an end"),
    ],
)
def test_what_fails_a_check_is_tried_again_and_never_passed_off_as_speech(bad, reason):
    again = ScriptedEngine([bad], [said(GOOD)])
    (heard,) = decode_windows(again, TOKENIZER, [window()])
    assert (text_of(heard), heard.failed) == (GOOD, "")
    assert len(again.options) == 2
    never = ScriptedEngine([bad], [bad], [bad])
    (heard,) = decode_windows(never, TOKENIZER, [window()])
    assert heard.words == ()
    assert reason in heard.failed
    assert len(never.options) == 3


def test_silence_is_no_failure():
    engine = ScriptedEngine([said(" Thank you.", logprob=-1.4, silence=0.9)], [said(GOOD)])
    (heard,) = decode_windows(engine, TOKENIZER, [window()])
    assert (heard.words, heard.failed) == ((), "")
    assert len(engine.options) == 1


def test_quiet_words_that_the_model_is_sure_of_are_speech():
    engine = ScriptedEngine([said(GOOD, logprob=-0.2, silence=0.9)])
    (heard,) = decode_windows(engine, TOKENIZER, [window()])
    assert text_of(heard) == GOOD


def test_of_a_batch_only_the_failed_are_replaced():
    engine = ScriptedEngine([said(GOOD), said(LOOP)], [said(" Better now.")])
    first, second = decode_windows(engine, TOKENIZER, [window(0), window(20_000)])
    assert (text_of(first), text_of(second)) == (GOOD, " Better now.")
    assert second.words[0].start_ms == 20_000


@given(st.text(max_size=400))
def test_compression_ratio_is_whispers(text):
    wanted = whisper_compression_ratio(text) if text else 0.0
    assert compression_ratio(text) == pytest.approx(wanted)


def test_loops_compress_well_and_speech_does_not():
    assert compression_ratio(LOOP) > 2.4 > compression_ratio(GOOD * 2)
    assert compression_ratio("a" * 1000) == 1000 / len(zlib.compress(b"a" * 1000))


@pytest.mark.parametrize(
    ("tokens", "looping"),
    [
        ((1, 2, 3), False),
        ((5, 5, 5, 5), False),  # "no no no no" is speech
        ((1, 2, 1, 2, 1, 2, 1, 2), False),
        ((9, 1, 2, 3, 1, 2, 3, 1, 2, 3), False),
        ((9, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3), True),
        ((7,) * 10, True),
        ((8, *(1, 2) * 10), True),
        ((*(1, 2, 3) * 4, 9), False),  # it came out of the loop
        (tuple(range(24)) * 4, True),
        (tuple(range(100)), False),
    ],
)
def test_a_loop_is_a_phrase_said_four_times(tokens, looping):
    assert is_looping(tokens) is looping


@settings(deadline=None)
@given(
    head=st.lists(st.integers(100, 120), max_size=12),
    phrase=st.lists(st.integers(0, 60), min_size=3, max_size=24),
    times=st.integers(4, 8),
)
def test_every_loop_is_found(head, phrase, times):
    assert is_looping((*head, *phrase * times))


@settings(deadline=None)
@given(
    head=st.lists(st.integers(100, 120), max_size=12, unique=True),
    phrase=st.lists(st.integers(0, 60), min_size=4, max_size=24, unique=True),
    times=st.integers(2, 6),
    rest=st.integers(0, 23),
)
def test_a_loop_is_cut_after_the_phrase_was_said_once(head, phrase, times, rest):
    tokens = [*head, *phrase * times, *phrase[: rest % len(phrase)]]
    assert without_loop(tokens) == [*head, *phrase]


@given(st.lists(st.integers(0, 10**6), unique=True, min_size=1, max_size=200))
def test_what_does_not_repeat_is_kept(tokens):
    assert without_loop(tokens) == tokens
    assert not is_looping(tuple(tokens))


def test_no_words_are_no_loop():
    engine = ScriptedEngine([said("", silence=0.3)], [said("", silence=0.3)])
    (heard,) = decode_windows(engine, TOKENIZER, [window()])
    assert (heard.words, heard.failed) == ((), "")
