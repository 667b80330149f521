"""Voices told apart by the real networks."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inkcast.audio.recording import Recording
from inkcast.diarization.find_speakers import find_speakers
from inkcast.errors import ModelError
from inkcast.essays.essay import Block, Essay
from inkcast.speech.transcript import Segment, Transcript, TranscriptWord
from tests.diarization.conftest import samples_of
from tests.support.example import AUDIO, JFK
from tests.support.sounds import music, write_wav

pytestmark = pytest.mark.usefixtures("speaker_networks")

Truth = list[tuple[int, int, str]]


def as_heard(spans: list[tuple[int, int]]) -> Transcript:
    """A word every half second."""
    words = [
        TranscriptWord(" so", start, start + 400, 0.9)
        for first, last in spans
        for start in range(first + 100, last - 400, 500)
    ]
    text = "".join(word.text for word in words)
    return Transcript(
        "en", (Segment(words[0].start_ms, words[-1].end_ms, text, tuple(words)),), words[-1].end_ms
    )


def found_in(path: Path, transcript: Transcript | None = None, wanted: object = "auto") -> Transcript:
    with Recording(path) as recording:
        spoken = transcript or as_heard([(0, recording.duration_ms)])
        return find_speakers(recording, spoken, wanted)  # type: ignore[arg-type]


def test_two_people_who_take_turns(conversation: tuple[Path, Truth]) -> None:
    path, truth = conversation
    result = found_in(path, as_heard([(start, end) for start, end, _ in truth]))
    said = [(word.start_ms, word.speaker) for part in result.segments for word in part.words]
    names = {"jfk": "Speaker 1", AUDIO.stem: "Speaker 2"}
    expected = [names[next(who for first, end, who in truth if first <= at < end)] for at, _ in said]
    assert [speaker for _, speaker in said] == expected
    for voice, who in zip(result.voices, ("jfk", AUDIO.stem), strict=True):
        inside = sum(
            max(0, min(end, turn_end) - max(start, turn_start))
            for start, end in voice.turns
            for turn_start, turn_end, name in truth
            if name == who
        )
        assert inside > 0.95 * voice.speech_ms
        assert voice.speech_ms > 0.5 * sum(end - start for start, end, name in truth if name == who)
        assert np.linalg.norm(voice.embedding) == pytest.approx(1, abs=1e-3)


def test_a_reader_alone_is_one_voice_without_a_label() -> None:
    result = found_in(JFK)
    assert [voice.speaker for voice in result.voices] == [""]
    assert {part.speaker for part in result.segments} == {""}


def test_the_same_voice_is_known_again_in_another_recording(
    conversation: tuple[Path, Truth], tmp_path: Path
) -> None:
    speaker, reader = found_in(conversation[0]).voices
    alone = write_wav(tmp_path / "alone.wav", samples_of(AUDIO, 60, 75))
    (voice,) = found_in(alone).voices
    assert np.dot(voice.embedding, reader.embedding) > 0.6 > np.dot(voice.embedding, speaker.embedding)


def test_as_many_as_are_wanted(conversation: tuple[Path, Truth]) -> None:
    assert len(found_in(conversation[0], wanted=1).voices) == 1
    assert len(found_in(conversation[0], wanted=2).voices) == 2
    assert 1 <= len(found_in(conversation[0], wanted=9).voices) <= 9


def both_at_once() -> np.ndarray:
    one, other = samples_of(JFK, 0.3, 9), samples_of(AUDIO, 4, 12.7)
    return np.concatenate([one, (one + other[: len(one)]) / 2, other])


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(0, np.float32),
        np.zeros(100, np.float32),
        np.zeros(48_000, np.float32),
        samples_of(JFK, 0.5, 0.9),
        music(12),
        both_at_once(),
        np.random.default_rng(1).standard_normal(96_000).astype(np.float32),
        np.full(32_000, 0.9, np.float32),
    ],
    ids=["empty", "milliseconds", "silence", "a word", "music", "two at once", "noise", "clipped"],
)
def test_whatever_is_heard_makes_sense(sound: np.ndarray, tmp_path: Path) -> None:
    path = write_wav(tmp_path / "sound.wav", np.concatenate([sound, np.zeros(160, np.float32)]))
    spoken = as_heard([(0, 2_000), (5_000, 8_000)])
    for wanted in ("auto", 2):
        result = found_in(path, spoken, wanted)
        assert result.text == spoken.text
        assert len(result.voices) <= 3
        assert all(start < end for voice in result.voices for start, end in voice.turns)


def test_a_caller_on_the_telephone(tmp_path: Path) -> None:
    caller = np.repeat(samples_of(JFK, 0.3, 10.9).reshape(-1, 2).mean(axis=1), 2)
    sound = np.concatenate([samples_of(AUDIO, 4, 14), caller, samples_of(AUDIO, 20, 30)])
    result = found_in(write_wav(tmp_path / "call.wav", sound))
    assert [voice.speaker for voice in result.voices] == ["Speaker 1", "Speaker 2"]


def test_nothing_is_asked_where_nobody_wants_it_or_it_is_known(conversation: tuple[Path, Truth]) -> None:
    spoken = as_heard([(0, 5_000)])
    assert found_in(conversation[0], spoken, "off") is spoken
    known = replace(spoken, segments=(replace(spoken.segments[0], speaker="Ann"),))
    assert found_in(conversation[0], known) is known
    silent = Transcript("en", (), 5_000)
    assert found_in(conversation[0], silent, 2) is silent


def test_without_the_networks(
    conversation: tuple[Path, Truth],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("INKCAST_MODELS", str(tmp_path))
    spoken = as_heard([(0, 5_000)])
    assert found_in(conversation[0], spoken) is spoken
    talk = Essay("", (Block("paragraph", "Hi.", speaker="Ann"), Block("paragraph", "Hi.", speaker="Bo")))
    with Recording(conversation[0]) as recording, caplog.at_level(logging.INFO):
        assert find_speakers(recording, spoken, essay=talk) is spoken
    assert "models pull speakers" in caplog.text
    with Recording(conversation[0]) as recording:
        with pytest.raises(ModelError, match="not installed") as error:
            find_speakers(recording, spoken, 2, device="cpu")
        monkeypatch.setattr("inkcast.diarization.find_speakers.find_spec", lambda name: None)
        with pytest.raises(ModelError, match="needs torch"):
            find_speakers(recording, spoken, 2, device="cpu")
    assert "models pull speakers" in str(error.value)
