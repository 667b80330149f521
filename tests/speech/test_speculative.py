"""Sections that are followed side by side give what following them in turn gives."""

from dataclasses import replace
from functools import cache, partial
from itertools import pairwise
from threading import Lock

import numpy as np
import pytest

from inkcast.audio.decode import SAMPLE_RATE, stream_samples
from inkcast.audio.stream import SampleStream
from inkcast.essays.essay import Block
from inkcast.speech.decoding.window import WindowLimits, open_window, window_end
from inkcast.speech.guided import speculative
from inkcast.speech.guided.draft import Draft
from inkcast.speech.guided.guide import Guide, Progress
from inkcast.speech.guided.speculative import cut_sections, follow
from tests.support.example import AUDIO, engine, essay
from tests.support.sounds import bursts


def guide():
    tokenizer = engine().tokenizer("en")
    return Guide(engine(), tokenizer, Draft(essay(), tokenizer))


def chunks(workers, progress=None):
    reader = guide()
    steps = follow(reader, SampleStream(stream_samples(AUDIO)), progress or Progress(), workers)
    return list(reader.settle(steps))


@cache
def alone():
    """What one worker hears, within ``short_sections``."""
    return chunks(1)


@pytest.fixture
def short_sections(monkeypatch):
    """The example lasts a minute and a half: so it has five sections, not two."""
    monkeypatch.setattr(speculative, "_SECTION_LIMITS", WindowLimits(12_000, 20_000))


@pytest.mark.model
def test_the_result_does_not_depend_on_the_workers(tiny_en, short_sections, monkeypatch):
    guessed = []
    join = speculative._SpeculativeReader.join

    def spy(reader, progress):
        guessed.append(reader._set_out_from(reader._section.enter(progress)))
        return join(reader, progress)

    monkeypatch.setattr(speculative._SpeculativeReader, "join", spy)
    assert chunks(3) == alone()
    assert len(guessed) >= 5
    assert sum(guessed) > len(guessed) / 2


@pytest.mark.model
@pytest.mark.parametrize("guess", [None, 3])
def test_a_wrong_guess_of_the_place_changes_nothing(tiny_en, short_sections, monkeypatch, guess):
    def locate(self, recording, time_ms):
        if guess is None:
            return None
        return Progress(time_ms, guess), open_window(self._engine, recording, time_ms, time_ms + 9000)

    monkeypatch.setattr(Guide, "locate", locate)
    assert chunks(2) == alone()


def follow_alone(text, place=0):
    tokenizer = engine().tokenizer("en")
    reader = Guide(engine(), tokenizer, Draft(text, tokenizer))
    return list(reader.follow(SampleStream(stream_samples(AUDIO)), Progress(place=place)))


@pytest.mark.model
def test_readers_who_begin_at_different_words_soon_go_on_alike(tiny_en):
    """Else little of what was heard from a wrong guess would be of use."""
    one, other = follow_alone(essay()), follow_alone(essay(), place=1)
    states = {step.progress for step in one}
    assert len(other) > 5
    assert all(step.progress in states for step in other[2:])


@pytest.mark.model
def test_a_passage_that_is_passed_over_needs_no_second_hearing(tiny_en, monkeypatch):
    hear, heard_again = Guide._hear, []

    def spy(self, recording, time_ms):
        heard_again.append(time_ms)
        return hear(self, recording, time_ms)

    monkeypatch.setattr(Guide, "_hear", spy)
    follow_alone(essay())
    as_published = len(heard_again)
    text = "Nobody ever reads a paragraph of this kind aloud, least of all here, and so it goes. " * 3
    blocks = essay().blocks
    cut = next(i for i, block in enumerate(blocks) if block.kind == "paragraph") + 1
    before = sum(len(block.text.split()) for block in blocks[:cut])
    steps = follow_alone(replace(essay(), blocks=(*blocks[:cut], Block("paragraph", text), *blocks[cut:])))
    words = {word.word.essay_word for step in steps if step.passage for word in step.passage.words}
    assert words.isdisjoint(range(before, before + len(text.split())))
    assert before - 1 in words
    assert before + len(text.split()) in words
    assert len(heard_again) == 2 * as_published


@pytest.mark.model
@pytest.mark.parametrize("workers", [1, 2])
def test_it_goes_on_from_any_window(tiny_en, short_sections, workers):
    whole = alone()
    for done in (len(whole) // 2, len(whole) - 1):
        assert chunks(workers, Progress.after(whole[done - 1])) == whole[done:]


@pytest.mark.model
def test_a_reader_that_hears_nothing_of_the_essay_listens_once_more(tiny_en, short_sections, monkeypatch):
    hear, heard = Guide._hear_begin, []

    def first_is_garbled(self, window, max_tokens):
        heard.append(window.start_ms)
        return ["the"] * max_tokens if window.start_ms == heard[0] else hear(self, window, max_tokens)

    monkeypatch.setattr(Guide, "_hear_begin", first_is_garbled)
    start = [section.start_ms for section in cut_sections(SampleStream(stream_samples(AUDIO)))][2]
    found = guide().locate(SampleStream(stream_samples(AUDIO)), start)
    assert found is not None and heard[0] == start
    progress, window = found
    assert progress.time_ms == window.start_ms == heard[-1] > start
    words = Draft(essay(), engine().tokenizer("en")).words
    following = [word.key for word in words[progress.place : progress.place + 30]]
    heard_there = hear(
        guide(), open_window(engine(), SampleStream(stream_samples(AUDIO)), heard[-1], heard[-1] + 9000), 20
    )
    assert len(set(heard_there) & set(following)) > len(heard_there) / 2


@pytest.mark.model
def test_what_is_looked_at_together_makes_one_chunk(tiny_en, short_sections):
    """Else a run that goes on after a kill would look at other words together."""
    reader = guide()
    steps = list(follow(reader, SampleStream(stream_samples(AUDIO)), Progress(), 1))
    ends = [chunk.time_ms for chunk in reader.settle(steps)]
    waiting = 0
    for step in steps:
        waiting += len(step.passage.doubts) if step.passage else 0
        if not waiting:
            assert step.progress.time_ms in ends, "a window without doubts waits for nothing"
        elif step.progress.time_ms in ends:
            waiting = 0
    assert ends[-1] == steps[-1].progress.time_ms
    assert len(ends) < len(steps)


class OneAtATime:
    """An engine for one thread: openai-whisper's cache hangs on the model."""

    workers = 1

    def __init__(self, engine):
        self._engine = engine
        self._door = Lock()
        self.n_disturbed = 0

    def __getattr__(self, name):
        found = getattr(self._engine, name)
        return partial(self._call, found) if name in ("encode", "decode", "verify") else found

    def _call(self, function, *arguments):
        self.n_disturbed += not self._door.acquire(blocking=False)
        try:
            return function(*arguments)
        finally:
            if self._door.locked():
                self._door.release()


@pytest.mark.model
def test_an_engine_for_one_thread_is_called_by_one_at_a_time(tiny_en, short_sections):
    alone_at_work = OneAtATime(engine())
    tokenizer = engine().tokenizer("en")
    reader = Guide(alone_at_work, tokenizer, Draft(essay(), tokenizer))
    steps = follow(reader, SampleStream(stream_samples(AUDIO)), Progress(), alone_at_work.workers)
    assert list(reader.settle(steps)) == alone()
    assert alone_at_work.n_disturbed == 0


@pytest.mark.model
def test_an_error_in_a_thread_is_not_lost(tiny_en, short_sections, monkeypatch):
    follow_on = Guide.follow

    def fail_later(self, recording, progress, tail_ms=0, first=None):
        if progress.time_ms > 0:
            raise MemoryError("no room")
        return follow_on(self, recording, progress, tail_ms, first)

    monkeypatch.setattr(Guide, "follow", fail_later)
    with pytest.raises(MemoryError, match="no room"):
        chunks(2)


def test_sections_cover_the_recording_and_lead_in_from_the_one_before():
    sound = bursts([(i * 1000, i * 1000 + 700) for i in range(200)], 200_000)
    cut = list(cut_sections(SampleStream([sound])))
    assert cut[0].start_ms == 0
    assert cut[-1].end_ms == 200_000
    assert all(one.end_ms == other.start_ms for one, other in pairwise(cut))
    assert [section.tail_ms for section in cut] == [4000] * (len(cut) - 1) + [0]
    for section in cut:
        recording = section.stream()
        assert recording.start_ms == max(0, section.start_ms - 4000)
        start, end = section.start_ms * SAMPLE_RATE // 1000, section.end_ms * SAMPLE_RATE // 1000
        assert np.array_equal(recording.read(section.start_ms, section.end_ms), sound[start:end])
        assert recording.end_ms(10**9) == section.end_ms


def test_a_recording_without_a_sound_has_no_sections():
    assert list(cut_sections(SampleStream([]))) == []


@pytest.mark.parametrize("length", range(9_000, 40_000, 1_700))
def test_no_window_leaves_a_scrap_behind(length):
    limits = WindowLimits(8_000, 14_000)
    sound = bursts([(at, at + 650) for at in range(0, length - 650, 900)], length)
    start, ends = 0, []
    while start < length:
        start = window_end(SampleStream([sound]), start, limits)
        ends.append(start)
    assert all(4_000 <= end - begin <= 14_000 for begin, end in pairwise([0, *ends]))
