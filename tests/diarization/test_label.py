"""Words and segments get the voices that are heard there."""

from __future__ import annotations

import json

import numpy as np
import pytest

from inkcast.diarization.diarize import Diarization
from inkcast.diarization.label import label_speakers, lone_speaker
from inkcast.diarization.turns import frame_at
from inkcast.speech.transcript import Segment, Transcript, TranscriptWord


def heard(length_ms: int, *spans: tuple[int, int, int], n_voices: int = 2) -> Diarization:
    """Voices (index, start, end) that are heard for certain."""
    activity = np.zeros((frame_at(length_ms) + 1, n_voices), np.float32)
    for voice, start, end in spans:
        activity[frame_at(start) : frame_at(end), voice] = 1
    return Diarization(activity, np.eye(n_voices, 192, dtype=np.float32))


def transcript(*words: tuple[str, int, int], **segment: object) -> Transcript:
    said = tuple(TranscriptWord(f" {text}", start, end, 0.9) for text, start, end in words)
    text = "".join(word.text for word in said)
    return Transcript("en", (Segment(words[0][1] - 50, words[-1][2] + 50, text, said),), 10_000)


TURNS = [[(0, 2_000)], [(2_000, 4_000)], [(5_000, 6_000)]]


def test_a_segment_ends_where_another_speaker_begins() -> None:
    spoken = transcript(("Why", 100, 400), ("so?", 500, 900), ("Mhm.", 1_000, 1_300), ("I", 1_400, 1_600))
    result = label_speakers(spoken, heard(3_000, (1, 0, 950), (0, 950, 1_350), (1, 1_350, 3_000)), TURNS)
    parts = [(part.speaker, part.text, part.start_ms, part.end_ms) for part in result.segments]
    assert parts == [
        ("Speaker 1", " Why so?", 50, 900),
        ("Speaker 2", " Mhm.", 1_000, 1_300),
        ("Speaker 1", " I", 1_400, 1_650),
    ]
    assert {word.speaker for word in result.segments[0].words} == {"Speaker 1"}
    assert result.text == spoken.text
    assert [(voice.speaker, voice.speech_ms) for voice in result.voices] == [
        ("Speaker 1", 2_000),
        ("Speaker 2", 2_000),
    ]
    assert result.voices[0].embedding[1] == 1 and result.voices[1].embedding[0] == 1


def test_a_word_that_no_voice_is_heard_at_is_by_whom_spoke_last() -> None:
    spoken = transcript(("One", 100, 400), ("two", 5_000, 5_200), ("three", 6_000, 6_300))
    result = label_speakers(spoken, heard(9_000, (0, 0, 1_000), (1, 5_900, 9_000)), TURNS)
    assert [word.speaker for part in result.segments for word in part.words] == [
        "Speaker 1",
        "Speaker 1",
        "Speaker 2",
    ]


def test_one_voice_has_no_label_and_a_voice_without_words_is_none() -> None:
    spoken = transcript(("La", 100, 400), ("la", 500, 900))
    result = label_speakers(spoken, heard(9_000, (2, 0, 1_000), (0, 4_000, 9_000), n_voices=3), TURNS)
    assert result.segments == spoken.segments
    assert [voice.speaker for voice in result.voices] == [""]


def test_segments_without_words_and_words_beyond_the_end() -> None:
    spoken = Transcript(
        "en", (Segment(0, 900, " A"), Segment(1_000, 1_900, " B"), Segment(99_000, 99_500, " C"))
    )
    result = label_speakers(spoken, heard(2_000, (0, 0, 950), (1, 950, 2_000)), TURNS)
    assert [part.speaker for part in result.segments] == ["Speaker 1", "Speaker 2", "Speaker 2"]


@pytest.mark.parametrize("n_voices", [1, 2])
def test_json_has_whisperx_keys_and_is_read_back(n_voices: int) -> None:
    spoken = transcript(("Why", 100, 400), ("so?", 1_000, 1_400))
    found = heard(2_000, (0, 0, 900), (n_voices - 1, 900, 2_000), n_voices=n_voices)
    result = label_speakers(spoken, found, TURNS)
    data = json.loads(json.dumps(result.to_json()))
    if n_voices == 2:
        assert [segment["speaker"] for segment in data["segments"]] == ["Speaker 1", "Speaker 2"]
        assert [segment["words"][0]["speaker"] for segment in data["segments"]] == ["Speaker 1", "Speaker 2"]
    assert Transcript.from_json(data) == result


def test_a_lone_speaker_is_known_by_voice_and_has_no_name() -> None:
    spoken = transcript(("Why", 100, 400))
    result = lone_speaker(spoken, np.eye(1, 192, dtype=np.float32)[0])
    assert result.segments == spoken.segments
    assert [(voice.speaker, voice.speech_ms, voice.turns) for voice in result.voices] == [("", 400, ())]
