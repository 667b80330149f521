"""Forced alignment of single stretches of audio: what cannot be aligned gives None, never a crash."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inkcast.alignment.pocketsphinx_search import WordSearch
from inkcast.audio.decode import SAMPLE_RATE, Samples, read_samples

RECORDING = Path(__file__).parents[2] / "examples" / "what-small-labs-are-for.mp3"


@pytest.fixture(scope="module")
def clip() -> tuple[list[str], Samples]:
    """The third sentence, with 0.2 s of silence on both sides."""
    sentence: dict[str, Any] = json.loads(RECORDING.with_suffix(".truth.json").read_text("utf-8"))[
        "sentences"
    ][2]
    start, end = (round(SAMPLE_RATE * sentence[edge]) for edge in ("start", "end"))
    margin = SAMPLE_RATE // 5
    return sentence["published"].split(), read_samples(RECORDING)[start - margin : end + margin]


def test_money_is_found_as_it_was_read(clip: tuple[list[str], Samples]) -> None:
    words, samples = clip
    assert "$2-10T," in words
    found = WordSearch(words).align(words, samples)
    assert found is not None
    spans = [span for span in found if span is not None]
    assert len(spans) == len(words)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    start, end = spans[words.index("$2-10T,")]
    # "two to ten trillion dollars"
    assert 1200 < end - start < 2200


def test_optional_words_are_left_out_where_they_are_not_said(clip: tuple[list[str], Samples]) -> None:
    words, samples = clip
    longer = [*words[:4], "constitutional", *words[4:]]
    found = WordSearch(longer).align(longer, samples, optional=[4, 5])
    assert found is not None
    assert found[4] is None
    assert found[5] is not None


@pytest.mark.parametrize("samples", [0, 1, 800, 48_000])
def test_silence_fits_no_words(samples: int) -> None:
    words = ["hello", "world"] * 10
    assert WordSearch(words).align(words, np.zeros(samples, np.float32)) is None


def test_endless_words_are_refused_and_the_next_are_found(clip: tuple[list[str], Samples]) -> None:
    words, samples = clip
    aligner = WordSearch([*words, "a" * 5000])
    assert aligner.align(["a" * 5000], samples) is None
    assert aligner.align(words, samples) is not None


def test_no_words() -> None:
    assert WordSearch([]).align([], np.zeros(SAMPLE_RATE, np.float32)) is None
