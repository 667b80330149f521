"""Tokens are Whisper's own: openai-whisper's tokenizer and its well-known numbers are the oracle."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whisper.tokenizer import LANGUAGES, get_tokenizer

from inkcast.speech.engines.tokenizer import Tokenizer, language_codes

ENGLISH = Tokenizer(51_864, "en")
GERMAN = Tokenizer(51_865, "de")
TURBO = Tokenizer(51_866, "yue")

TEXTS = [
    "And so, my fellow Americans: ask not what your country can do for you.",
    " $2-10T, ~25 % and GPT 5.5 — “quoted”, don’t",
    "Größe, naïve, 東京 и Москва 🙂",
    "<|endoftext|> is text here",
    "",
]


def test_english_models_have_the_tokens_of_gpt_2():
    oracle = get_tokenizer(False)
    assert ENGLISH.start == (50_257,) == tuple(oracle.sot_sequence)
    assert (ENGLISH.end_of_text, ENGLISH.no_timestamps) == (50_256, 50_362)
    assert ENGLISH.start_of_previous == oracle.sot_prev
    assert ENGLISH.encode(" the") == [262]
    assert not ENGLISH.multilingual


def test_multilingual_models_say_language_and_task():
    oracle = get_tokenizer(True, num_languages=99, language="de", task="transcribe")
    assert GERMAN.start == (50_258, 50_261, 50_359) == tuple(oracle.sot_sequence)
    assert (GERMAN.end_of_text, GERMAN.no_timestamps) == (50_257, 50_363)
    # The rank that some converted models' own tokenizer does not merge.
    assert GERMAN.encode(" the") == [264]
    assert GERMAN.multilingual


def test_large_v3_has_one_language_more():
    oracle = get_tokenizer(True, num_languages=100, language="yue", task="transcribe")
    assert TURBO.start == (50_258, 50_358, 50_360) == tuple(oracle.sot_sequence)
    assert TURBO.no_timestamps == 50_364


@pytest.mark.parametrize("text", TEXTS)
def test_text_becomes_whispers_tokens_and_comes_back(text):
    for ours, oracle in (
        (ENGLISH, get_tokenizer(False)),
        (GERMAN, get_tokenizer(True, num_languages=99, language="de", task="transcribe")),
    ):
        tokens = ours.encode(text)
        assert tokens == oracle.encoding.encode_ordinary(text)
        assert all(token < ours.end_of_text for token in tokens)
        assert ours.decode(tokens) == text


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_comes_back(text):
    for ours in (ENGLISH, GERMAN):
        assert ours.decode(ours.encode(text)) == text
        assert ours.decode(tuple(ours.encode(text))) == text


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_words_are_the_text_in_pieces(text):
    tokens = ENGLISH.encode(text)
    words, word_tokens = ENGLISH.split_words(tokens)
    assert "".join(words) == text
    assert [token for each in word_tokens for token in each] == tokens


def test_words_keep_their_leading_space():
    words, tokens = ENGLISH.split_words(ENGLISH.encode(" Ask not what, Americans?"))
    assert words == [" Ask", " not", " what", ",", " Americans", "?"]
    assert len(tokens) == len(words)


def test_special_tokens_and_timestamps_are_not_text():
    first_timestamp = ENGLISH.no_timestamps + 1
    tokens = [*ENGLISH.start, ENGLISH.no_timestamps, *ENGLISH.encode(" hi"), first_timestamp + 50]
    assert ENGLISH.decode([*tokens, ENGLISH.end_of_text]) == " hi"


def test_an_english_model_is_english_whatever_is_asked():
    assert Tokenizer(51_864, "de").language == "en"
    assert Tokenizer(51_864, "de").start == ENGLISH.start


def test_which_languages_have_spaces():
    assert ENGLISH.spaced
    assert GERMAN.spaced
    assert not Tokenizer(51_865, "ja").spaced
    assert not TURBO.spaced


def test_all_languages_are_known():
    assert language_codes() == LANGUAGES
    assert language_codes()["de"] == "german"


def test_it_comes_without_torch():
    code = (
        "import sys\n"
        "from inkcast.speech.engines.tokenizer import Tokenizer, language_codes\n"
        "print(Tokenizer(51865, 'de').encode(' the'), len(language_codes()), 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[264] 100 False"
