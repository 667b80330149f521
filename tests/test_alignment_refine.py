"""Refinement of word times by sound, against a recording whose sentence times are known exactly."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from inkcast.alignment.refine import refine
from inkcast.alignment.timing import Placed, divide
from inkcast.audio.pauses import speech_of

RECORDING = Path(__file__).parent.parent / "examples" / "what-small-labs-are-for.mp3"
TRUTH = RECORDING.with_suffix(".truth.json")
Word = tuple[str, int, int]


@pytest.fixture(scope="module")
def sentences() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(TRUTH.read_text("utf-8"))["sentences"]
    return found


@pytest.fixture(scope="module")
def speech() -> list[tuple[int, int]]:
    return speech_of(RECORDING)


def crude_words(sentence: dict[str, Any], error_ms: int = 0) -> list[Word]:
    """Its words, their times guessed from their letters."""
    words = sentence["spoken"].split()
    start, end = (round(1000 * sentence[edge]) for edge in ("start", "end"))
    spans = divide(start, end, [len(word) + 1 for word in words])
    return [
        (word, begin + error_ms, stop + error_ms) for word, (begin, stop) in zip(words, spans, strict=True)
    ]


def place(words: Sequence[Word]) -> list[Placed]:
    return [Placed(index, start, end, "spoken", 0.9) for index, (_, start, end) in enumerate(words)]


def texts(words: Sequence[Word]) -> list[str]:
    return [word for word, _, _ in words]


def assert_apart(placed: Sequence[Placed]) -> None:
    assert all(word.start_ms < word.end_ms for word in placed)
    assert all(word.end_ms <= following.start_ms for word, following in pairwise(placed))


def test_finds_sentence_edges(sentences: list[dict[str, Any]], speech: list[tuple[int, int]]) -> None:
    errors = [(-1) ** index * 120 for index in range(len(sentences))]
    lines = [crude_words(sentence, error) for sentence, error in zip(sentences, errors, strict=True)]
    words = [word for line in lines for word in line]
    placed = refine(place(words), texts(words), [], RECORDING, speech)
    assert [word.word for word in placed] == list(range(len(words)))
    assert_apart(placed)
    starts, ends, at = [], [], 0
    for sentence, line in zip(sentences, lines, strict=True):
        starts.append(abs(placed[at].start_ms - 1000 * sentence["start"]))
        at += len(line)
        ends.append(abs(placed[at - 1].end_ms - 1000 * sentence["end"]))
    assert median(starts) < 25
    assert median(ends) < 40
    assert sum(error < 70 for error in starts) >= 0.95 * len(starts)
