"""The example, guided by its essay and without it, against the exact times of what was said."""

from __future__ import annotations

import warnings
from itertools import pairwise
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein
from whisper.normalizers import EnglishTextNormalizer

from inkcast.errors import SettingsError
from inkcast.speech.guided.draft import word_key
from inkcast.speech.segments import in_order, segments_of, spaced
from inkcast.speech.transcript import TranscriptWord
from tests.support.example import AUDIO, JFK, engine, essay, free, guided, hear, sentences

real = [pytest.mark.model, pytest.mark.usefixtures("tiny_en")]


def words_of(transcript) -> list[TranscriptWord]:
    return [word for segment in transcript.segments for word in segment.words]


def error_rate(wanted: list[str], found: list[str]) -> float:
    """Word error rate: Levenshtein distance over the number of wanted words."""
    return Levenshtein.distance(wanted, found) / len(wanted)


def keys(text: str) -> list[str]:
    return [key for word in text.split() if (key := word_key(word))]


def published() -> list[dict]:
    return [sentence for sentence in sentences() if sentence["published"]]


def places() -> list[list[int]]:
    """For each published sentence that is read, the indices of its words in the essay."""
    essay_keys = [word_key(word.text) for word in essay().words()]
    found, start = [], 0
    for sentence in published():
        wanted = keys(sentence["published"])
        start = next(i for i in range(start, len(essay_keys)) if essay_keys[i : i + len(wanted)] == wanted)
        found.append(list(range(start, start + len(wanted))))
        start += len(wanted)
    return found


# Guided ----------------------------------------------------------------------------------------------


class TestGuided:
    pytestmark = real

    def test_it_says_what_was_said_as_the_essay_spells_it(self):
        wanted = [key for line in sentences() for key in keys(line["published"] or line["spoken"])]
        assert error_rate(wanted, keys(guided().text)) <= 0.05
        assert "$2-10T" in guided().text
        assert "pytest" in guided().text

    def test_every_sentence_that_was_read_is_verified(self):
        verified = {word.essay_word for word in words_of(guided())}
        for sentence, indices in zip(published(), places(), strict=True):
            assert len(verified.intersection(indices)) >= 0.6 * len(indices), sentence["published"]
        everything = {index for indices in places() for index in indices}
        assert len(verified & everything) >= 0.97 * len(everything)

    def test_nothing_else_is(self):
        """Not the subtitle, caption, footnote and boilerplate, not the skipped sentence and paragraph."""
        read = {index for indices in places() for index in indices}
        words = list(essay().words())
        verified = [word.essay_word for word in words_of(guided()) if word.essay_word is not None]
        assert [words[index].text for index in verified if index not in read] == []
        assert "curve will bend" not in guided().text
        assert "tiny budgets" not in guided().text

    def test_verified_words_are_the_essays_and_in_order(self):
        words = list(essay().words())
        verified = [word for word in words_of(guided()) if word.essay_word is not None]
        assert all(word.text == f" {words[word.essay_word].text}" for word in verified)
        assert all(a.essay_word < b.essay_word for a, b in pairwise(verified))

    def test_ad_libs_are_heard_and_known_to_be_none_of_the_essay(self):
        for line in sentences():
            if line["published"]:
                continue
            start, end = line["start"] * 1000, line["end"] * 1000
            there = [word for word in words_of(guided()) if start - 200 <= word.start_ms < end]
            assert all(word.essay_word is None for word in there)
            assert error_rate(keys(line["spoken"]), keys("".join(word.text for word in there))) <= 0.35

    def test_sentences_start_when_they_do(self):
        starts = {word.essay_word: word.start_ms for word in words_of(guided())}
        errors = [
            abs(starts[indices[0]] - sentence["start"] * 1000)
            for sentence, indices in zip(published(), places(), strict=True)
            if indices[0] in starts
        ]
        assert len(errors) >= 15
        assert median(errors) < 150
        assert max(errors) < 600

    def test_every_word_lies_in_its_sentence(self):
        time_of = {
            index: (sentence["start"] * 1000, sentence["end"] * 1000)
            for sentence, indices in zip(published(), places(), strict=True)
            for index in indices
        }
        for word in words_of(guided()):
            if word.essay_word is not None:
                start, end = time_of[word.essay_word]
                assert start - 300 <= word.start_ms <= word.end_ms <= end + 300, word

    def test_the_whole_recording_is_accounted_for(self):
        assert guided().duration_ms == pytest.approx(87_258, abs=40)
        assert guided().failed == ()


# Free ------------------------------------------------------------------------------------------------


class TestFree:
    pytestmark = real

    def test_it_says_what_was_said(self):
        with warnings.catch_warnings(action="ignore", category=ResourceWarning):
            normal = EnglishTextNormalizer()  # leaves a file open
        wanted = normal(" ".join(line["spoken"] for line in sentences())).split()
        assert error_rate(wanted, normal(free().text).split()) <= 0.2

    def test_it_knows_nothing_of_an_essay(self):
        assert all(word.essay_word is None for word in words_of(free()))

    def test_nothing_is_dropped(self):
        """Every sentence has words in its time; none lie where nobody speaks for a second."""
        for line in sentences():
            start, end = line["start"] * 1000, line["end"] * 1000
            n_words = sum(start - 300 <= word.start_ms <= end for word in words_of(free()))
            assert n_words >= 0.5 * len(line["spoken"].split())
        assert free().duration_ms == guided().duration_ms

    def test_sentences_start_when_they_do(self):
        starts = [word.start_ms for word in words_of(free())]
        errors = [min(abs(start - line["start"] * 1000) for start in starts) for line in sentences()]
        assert median(errors) < 150


@pytest.mark.model
@pytest.mark.usefixtures("tiny_en")
def test_progress_goes_from_nothing_to_all():
    calls = []
    heard = hear(JFK, engine(), language="en", progress=lambda done, total: calls.append((done, total)))
    assert calls
    assert [done for done, _ in calls] == sorted(done for done, _ in calls)
    assert calls[-1] == (heard.duration_ms, 11_000)


@pytest.mark.model
@pytest.mark.usefixtures("tiny_en")
@pytest.mark.parametrize(
    ("language", "reason"),
    [
        ("de", "The model tiny.en understands English only"),
        ("German", "understands English only"),
        ("xx", "Whisper does not know the language 'xx'"),
        ("", "does not know the language"),
    ],
)
def test_a_language_that_is_not_to_be_had(language, reason):
    with pytest.raises(SettingsError, match=reason):
        hear(AUDIO, engine(), language=language)


# Order and segments ----------------------------------------------------------------------------------

WORDS = st.lists(
    st.builds(
        TranscriptWord,
        text=st.sampled_from([" a", " b.", " long", " end?", " “so.”", "'s", " c,"]),
        start_ms=st.integers(0, 60_000),
        end_ms=st.integers(0, 60_000),
        probability=st.floats(0, 1),
        essay_word=st.none() | st.integers(0, 100),
    ),
    max_size=40,
)


@settings(deadline=None)
@given(WORDS)
def test_times_in_order_neither_overlap_nor_vanish(words):
    ordered = in_order(words)
    assert [(w.text, w.probability, w.essay_word) for w in ordered] == [
        (w.text, w.probability, w.essay_word) for w in words
    ]
    assert all(word.start_ms < word.end_ms for word in ordered)
    assert all(a.end_ms <= b.start_ms for a, b in pairwise(ordered))


@settings(deadline=None)
@given(WORDS)
def test_times_that_are_in_order_stay_as_they_are(words):
    time = 0
    proper = []
    for word in words:
        length = abs(word.end_ms - word.start_ms) + 1
        start = time + word.start_ms % 700
        time = start + length
        proper.append(TranscriptWord(word.text, start, time, word.probability, word.essay_word))
    assert in_order(proper) == proper


@settings(deadline=None)
@given(WORDS)
def test_segments_are_the_words_in_pieces(words):
    ordered = in_order(words)
    segments = segments_of(ordered)
    assert [word for segment in segments for word in segment.words] == ordered
    for segment in segments:
        assert segment.text == "".join(word.text for word in segment.words)
        assert (segment.start_ms, segment.end_ms) == (segment.words[0].start_ms, segment.words[-1].end_ms)
        assert len(segment.words) == 1 or segment.end_ms - segment.start_ms <= 20_000
        assert all(b.start_ms - a.end_ms < 1000 for a, b in pairwise(segment.words))
    assert all(a.end_ms <= b.start_ms for a, b in pairwise(segments))


def timed(*words: tuple[str, int, int]) -> list[TranscriptWord]:
    return [TranscriptWord(text, start, end, 1.0) for text, start, end in words]


@pytest.mark.parametrize(
    ("words", "texts"),
    [
        (timed((" One.", 0, 500), (" Two", 900, 1300)), [" One.", " Two"]),
        (timed((" One", 0, 500), (" two", 900, 1300)), [" One two"]),
        (timed((" Dr.", 0, 500), (" Two", 600, 1300)), [" Dr. Two"]),  # no pause, no end
        (timed((" “One.”", 0, 500), (" Two", 900, 1300)), [" “One.”", " Two"]),
        (timed((" One", 0, 500), (" two", 1500, 1900)), [" One", " two"]),
        ([], []),
    ],
)
def test_sentences_and_pauses_end_segments(words, texts):
    assert [segment.text for segment in segments_of(words)] == texts


def test_a_word_behind_a_dash_has_a_space_where_something_else_was_said_before_it():
    words = [(" night—", 6), ("By", 7), (" lake—", 8), (" well", None), ("and", 9), ("ly", None)]
    heard = [TranscriptWord(text, 0, 1, 1.0, place) for text, place in words]
    assert "".join(word.text for word in spaced(heard)) == " night—By lake— well andly"


def test_speech_without_a_pause_is_cut_after_twenty_seconds():
    words = timed(*((" so", i * 500, i * 500 + 450) for i in range(100)))
    assert [len(segment.words) for segment in segments_of(words)] == [40, 40, 20]
