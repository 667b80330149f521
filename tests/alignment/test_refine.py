"""Refinement of word times by sound, against a recording whose sentence times are known exactly."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from inkcast.alignment.align import align
from inkcast.alignment.alignment import Alignment
from inkcast.alignment.heard_words import HeardWord
from inkcast.alignment.refine import refine
from inkcast.alignment.self_trained.self_trained_aligner import SelfTrainedAligner
from inkcast.alignment.timing import Placed, divide
from inkcast.audio.recording import Recording
from inkcast.essays.essay import Block, Essay
from inkcast.speech.transcript import Segment, Transcript, TranscriptWord
from inkcast.wording.verbalize import first_reading

RECORDING = Path(__file__).parents[2] / "examples" / "what-small-labs-are-for.mp3"
Sentences = list[dict[str, Any]]
Word = tuple[str, int, int]


@pytest.fixture(scope="module")
def sentences() -> Sentences:
    found: Sentences = json.loads(RECORDING.with_suffix(".truth.json").read_text("utf-8"))["sentences"]
    return found


@pytest.fixture(scope="module")
def recording() -> Iterator[Recording]:
    with Recording(RECORDING) as opened:
        yield opened


def crude_words(sentence: dict[str, Any], error_ms: int = 0) -> list[Word]:
    """Its words, their times guessed from their letters."""
    words = sentence["spoken"].split()
    start, end = start_of(sentence), end_of(sentence)
    spans = divide(start, end, [len(word) + 1 for word in words])
    return [
        (word, first + error_ms, last + error_ms) for word, (first, last) in zip(words, spans, strict=True)
    ]


def start_of(sentence: dict[str, Any]) -> int:
    return round(1000 * sentence["start"])


def end_of(sentence: dict[str, Any]) -> int:
    return round(1000 * sentence["end"])


def place(words: Sequence[Word]) -> list[Placed]:
    return [Placed(index, start, end, "spoken", 0.9) for index, (_, start, end) in enumerate(words)]


def texts(words: Sequence[Word]) -> list[str]:
    return [word for word, _, _ in words]


def hear(words: Sequence[Word]) -> list[HeardWord]:
    return [HeardWord(word, start, end, 0.9) for word, start, end in words]


def refined(
    placed: Sequence[Placed], words: Sequence[str], extra: Sequence[HeardWord], recording: Recording
) -> list[Placed]:
    sizes = [sum(map(len, first_reading(word))) for word in words]
    return refine(placed, words, sizes, extra, recording, SelfTrainedAligner("en"))


def assert_apart(placed: Sequence[Placed]) -> None:
    assert all(word.start_ms < word.end_ms for word in placed)
    assert all(word.end_ms <= following.start_ms for word, following in pairwise(placed))


def test_finds_where_sentences_begin_and_end(sentences: Sentences, recording: Recording) -> None:
    lines = [crude_words(sentence, (-1) ** index * 120) for index, sentence in enumerate(sentences)]
    words = [word for line in lines for word in line]
    placed = refined(place(words), texts(words), [], recording)
    assert [word.word for word in placed] == list(range(len(words)))
    assert_apart(placed)
    starts, ends, at = [], [], 0
    for sentence, line in zip(sentences, lines, strict=True):
        starts.append(abs(placed[at].start_ms - start_of(sentence)))
        at += len(line)
        ends.append(abs(placed[at - 1].end_ms - end_of(sentence)))
    assert median(starts) < 20 and max(starts) < 60
    assert median(ends) < 25 and max(ends) < 80


def test_a_first_word_that_was_stretched_over_the_pause_before_it(
    sentences: Sentences, recording: Recording
) -> None:
    before, after = crude_words(sentences[3]), crude_words(sentences[4])
    after[0] = (after[0][0], before[-1][2], after[0][2])
    words = before + after
    placed = refined(place(words), texts(words), [], recording)
    assert abs(placed[len(before)].start_ms - start_of(sentences[4])) < 60
    assert abs(placed[len(before) - 1].end_ms - end_of(sentences[3])) < 80


def test_words_are_not_stretched_over_speech_that_the_essay_lacks(
    sentences: Sentences, recording: Recording
) -> None:
    before, lacking, after = (crude_words(sentence) for sentence in sentences[6:9])
    words = before + after
    placed = refined(place(words), texts(words), hear(lacking), recording)
    assert placed[len(before) - 1].end_ms < start_of(sentences[7])
    assert placed[len(before)].start_ms > end_of(sentences[7])


def test_heard_words_that_nobody_said_do_not_spoil_the_others(
    sentences: Sentences, recording: Recording
) -> None:
    words = crude_words(sentences[-1])
    end = words[-1][2]
    ghosts = [HeardWord("Thank", end + 10, end + 60, 0.2), HeardWord("you.", end + 70, end + 90, 0.2)]
    placed = refined(place(words), texts(words), ghosts, recording)
    assert abs(placed[0].start_ms - start_of(sentences[-1])) < 60
    assert abs(placed[-1].end_ms - end_of(sentences[-1])) < 80


def test_an_inferred_word_stays_only_if_it_sounds(sentences: Sentences, recording: Recording) -> None:
    before, after = crude_words(sentences[3]), crude_words(sentences[4])
    unsaid = ("constitution", before[-1][2] + 10, after[0][1] - 10)
    words = [*before, unsaid, *after]
    inferred = place(words)
    for index in (2, len(before)):
        inferred[index] = replace(inferred[index], status="interpolated")
    placed = refined(inferred, texts(words), [], recording)
    assert [word.word for word in placed] == [word.word for word in inferred if word.word != len(before)]
    assert placed[2].status == "interpolated"


def test_silent_symbols_lie_between_their_neighbours(sentences: Sentences, recording: Recording) -> None:
    words = crude_words(sentences[3])
    words[3:3] = [("—", words[3][1], words[3][1] + 1)]
    placed = refined(place(words), texts(words), [], recording)
    assert [word.word for word in placed] == list(range(len(words)))
    assert_apart(placed)


def test_words_that_are_not_in_the_recording_keep_their_times(
    sentences: Sentences, recording: Recording
) -> None:
    words = [(f"unpronounceability{'s' * 9}", start, end) for _, start, end in crude_words(sentences[3])]
    placed = refined(place(words), texts(words), [], recording)
    assert [(word.start_ms, word.end_ms) for word in placed] == [(start, end) for _, start, end in words]


def test_without_words_or_beyond_the_recording(recording: Recording) -> None:
    assert refined([], [], [], recording) == []
    beyond = [Placed(0, 10_000_000, 10_000_500, "spoken", 0.9)]
    assert refined(beyond, ["hello"], [], recording) == beyond


def aligned(sentence: dict[str, Any], language: str, recording: Recording | None) -> Alignment:
    words = crude_words(sentence, 150)
    line = tuple(TranscriptWord(f" {word}", start, end, 0.9) for word, start, end in words)
    transcript = Transcript(
        language, (Segment(words[0][1], words[-1][2], sentence["spoken"], line),), words[-1][2]
    )
    essay = Essay("Title", (Block("paragraph", sentence["spoken"]),), "essay.md", language)
    return align(transcript, essay, recording)


@pytest.mark.parametrize("language", ["en", "en-GB", "es", "xx"])
def test_align_refines_every_language(sentences: Sentences, recording: Recording, language: str) -> None:
    """Where there is no dictionary, letters do: here they are read as another language has them."""
    sentence = sentences[3]
    crude = aligned(sentence, language, None).words
    found = aligned(sentence, language, recording).words
    assert crude[0].start_ms == start_of(sentence) + 150
    assert found[0].start_ms is not None and abs(found[0].start_ms - start_of(sentence)) < 60
    assert found[-1].end_ms is not None and abs(found[-1].end_ms - end_of(sentence)) < 80
    assert [word.status for word in found] == [word.status for word in crude]


def test_two_words_heard_in_the_pause_before_them(sentences: Sentences, recording: Recording) -> None:
    before, after = crude_words(sentences[3]), crude_words(sentences[4])
    pause = before[-1][2]
    after[:2] = [(after[0][0], pause - 60, pause + 60), (after[1][0], pause + 60, pause + 200)]
    words = before + after
    placed = refined(place(words), texts(words), [], recording)
    assert abs(placed[len(before)].start_ms - start_of(sentences[4])) < 60
    assert abs(placed[len(before) - 1].end_ms - end_of(sentences[3])) < 80


@pytest.mark.parametrize("word", ["it", "a", "an", "and", "the", "he", "in", "is", "at", "or"])
def test_a_pause_that_was_heard_and_written_stays_where_it_is(
    sentences: Sentences, recording: Recording, word: str
) -> None:
    before, after = crude_words(sentences[3]), crude_words(sentences[4])
    start = after[0][1]
    after[:1] = [(word, start, start + 40), (after[0][0], start + 40, after[0][2])]
    words = before + after
    placed = refined(place(words), texts(words), [], recording)
    assert placed[len(before)].start_ms > end_of(sentences[3])
