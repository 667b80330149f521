"""Titles and headings that nobody reads, and those that are read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inkcast.essays.essay import Block, Essay
from inkcast.speech.decoding.window import Window
from inkcast.speech.engines.tokenizer import Tokenizer
from inkcast.speech.guided.draft import Draft, word_key
from inkcast.speech.guided.judge import JudgedWord
from inkcast.speech.guided.unread import likeliest, may_be_unread
from tests.support.example import JFK, engine, hear

TEXT = "And so, my fellow Americans, ask not what your country can do for you,"
REST = "ask what you can do for your country."
N_TEXT = len(TEXT.split())

# What one comparison says, with probabilities and places that were planted ----------------------------


def draft_of(*blocks: str) -> Draft:
    kinds = ("title", "heading", "paragraph")[-len(blocks) :]
    pairs = zip(kinds, blocks, strict=True)
    return Draft(Essay("", tuple(Block(kind, text) for kind, text in pairs)), Tokenizer(51_864, "en"))


def window_of(judged: list[JudgedWord]) -> Window:
    length = judged[-1].end_ms
    return Window(0, length, np.ones(length // 10, np.bool_), None, length // 10)


def judged_as(words, probabilities: list[float], lengths_ms: list[int]) -> list[JudgedWord]:
    time, judged = 0, []
    for word, probability, length in zip(words, probabilities, lengths_ms, strict=True):
        judged.append(JudgedWord(word, time, time + length, probability, probability))
        time += length
    return judged


def choose(draft: Draft, judged: list[JudgedWord], without: dict[frozenset[int], list[JudgedWord]]):
    """The blocks that are found unread."""
    window = window_of(judged)
    runs = may_be_unread(judged, draft.headings, window)
    best = likeliest(judged, runs, [without[run] for run in runs], window)
    return runs[best] if best is not None else None


BODY = "the quick brown fox jumps over the lazy dog and then it sleeps in the sun"


def test_a_title_that_takes_its_time_from_the_first_sentence_was_not_read():
    draft = draft_of("Water", BODY)
    judged = judged_as(draft.words, [1e-5, 0.003, *[0.9] * 15], [300, 0, *[300] * 15])
    other = judged_as(draft.words[1:], [0.7, *[0.9] * 15], [300] * 16)
    assert choose(draft, judged, {frozenset({0}): other}) == {0}


def test_no_second_pass_is_made_where_a_title_was_read():
    draft = draft_of("Water", BODY)
    judged = judged_as(draft.words, [0.1, 0.3, *[0.9] * 15], [300] * 17)
    assert may_be_unread(judged, draft.headings, window_of(judged)) == []


def test_a_misheard_title_that_the_next_words_do_not_explain_was_read():
    draft = draft_of("Nantucket", BODY)
    judged = judged_as(draft.words, [1e-5, 0.5, *[0.9] * 15], [900, *[300] * 16])
    other = judged_as(draft.words[1:], [0.9] * 16, [1200, *[300] * 15])
    assert choose(draft, judged, {frozenset({0}): other}) is None


def test_of_two_headings_that_which_was_read_stays():
    draft = draft_of("Water", "Second part", BODY)
    body = [0.9] * 15
    judged = judged_as(draft.words, [1e-5, 0.003, 0.9, 0.9, *body], [300, 0, 300, 300, *[300] * 15])
    without_title = judged_as(draft.words[1:], [0.8, 0.9, 0.9, *body], [300] * 18)
    without_both = judged_as(draft.words[3:], [0.001, *body], [900, *[300] * 15])
    without = {frozenset({0}): without_title, frozenset({0, 1}): without_both, frozenset({1}): without_title}
    assert choose(draft, judged, without) == {0}


def test_a_title_that_is_the_first_words_of_the_text_was_said_once():
    draft = draft_of("The quick brown fox jumps over", BODY)
    judged = judged_as(draft.words, [*[0.9] * 6, 1e-4, *[0.9] * 15], [*[300] * 6, 300, *[0] * 5, *[300] * 10])
    other = judged_as(draft.words[6:], [0.9] * 16, [300] * 16)
    assert choose(draft, judged, {frozenset({0}): other}) == {0}


def test_a_first_word_that_a_welcome_also_begins_with_says_nothing_of_the_title():
    draft = draft_of("Water", BODY)
    judged = judged_as(draft.words, [1e-5] * 17, [1400, *[0] * 16])
    other = judged_as(draft.words[1:], [0.5, *[1e-5] * 15], [1400, *[0] * 15])
    assert choose(draft, judged, {frozenset({0}): other}) is None


def test_what_lies_behind_the_last_words_of_a_window_is_left_to_the_next():
    draft = draft_of("Water", "Second part", BODY)
    judged = judged_as(draft.words[:3], [0.9, 1e-5, 1e-5], [300, 0, 0])
    judged[1:] = [replace(word, end_ms=word.end_ms + 10) for word in judged[1:]]
    assert may_be_unread(judged, draft.headings, window_of(judged)) == []


# What a recording says --------------------------------------------------------------------------------


def spoken(*blocks: tuple[str, str]) -> list[tuple[int, int]]:
    """Essay word and start of what is verified in the clip, guided by the blocks."""
    transcript = hear(JFK, engine(), Essay("", tuple(Block(kind, text) for kind, text in blocks)))
    words = [word for segment in transcript.segments for word in segment.words]
    return [(word.essay_word, word.start_ms) for word in words if word.essay_word is not None]


@pytest.mark.model
@pytest.mark.parametrize("heading", ["Water", "A Speech to the Nation", "And so"])
def test_who_reads_no_heading_loses_no_word_to_it(tiny_en, heading):
    text, rest = ("paragraph", TEXT), ("paragraph", REST)
    plain = spoken(text, rest)
    n_words = len(heading.split())
    before = spoken(("title", heading), text, rest)
    assert [word for word, _ in before] == [word + n_words for word, _ in plain]
    between = spoken(text, ("heading", heading), rest)
    assert [word for word, _ in between] == [word + n_words * (word >= N_TEXT) for word, _ in plain]
    for found in (before, between):
        assert max(abs(start - at) for (_, start), (_, at) in zip(found, plain, strict=True)) <= 200


@pytest.mark.model
@pytest.mark.parametrize("n_words", [5, 13])
def test_who_reads_the_title_is_heard_to(tiny_en, n_words):
    words = f"{TEXT} {REST}".split()
    found = spoken(("title", " ".join(words[:n_words])), ("paragraph", " ".join(words[n_words:])))
    assert [word for word, _ in found] == list(range(len(words)))
    assert word_key(words[0]) == "and"
