"""Transcripts as other programs write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from inkcast.errors import PublishError
from inkcast.publish.subtitles.transcript_files import read_transcript
from inkcast.publish.words import spoken_words
from inkcast.speech.transcript import Transcript


def read(tmp_path: Path, data: Any) -> Transcript:
    path = tmp_path / "a.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return read_transcript(path)


def words(transcript: Transcript) -> list[tuple[str, int, int]]:
    return [(word.text, word.start_ms, word.end_ms) for it in transcript.segments for word in it.words]


SAID = [(" High", 500, 800), (" tide.", 900, 1400), (" Low", 2000, 2300)]
LISTS: dict[str, Any] = {
    "words of Deepgram": {
        "metadata": {"duration": 3.0},
        "results": {
            "channels": [
                {
                    "alternatives": [
                        {
                            "transcript": "high tide low",
                            "words": [
                                {"word": "high", "punctuated_word": "High", "start": 0.5, "end": 0.8},
                                {"word": "tide", "punctuated_word": "tide.", "start": 0.9, "end": 1.4},
                                {
                                    "word": "low",
                                    "punctuated_word": "Low",
                                    "start": 2.0,
                                    "end": 2.3,
                                    "speaker": 1,
                                },
                            ],
                        }
                    ]
                }
            ]
        },
    },
    "words of AssemblyAI": {
        "text": "High tide. Low",
        "audio_duration": 3,
        "words": [
            {"text": "High", "start": 500, "end": 800, "confidence": 0.9, "speaker": "A"},
            {"text": "tide.", "start": 900, "end": 1400, "confidence": 0.9, "speaker": "A"},
            {"text": "Low", "start": 2000, "end": 2300, "confidence": 0.9, "speaker": "B"},
        ],
    },
    "words beside the segments": {
        "duration": 3.0,
        "segments": [{"start": 0.5, "end": 2.3, "text": " High tide. Low"}],
        "words": [
            {"word": "High", "start": 0.5, "end": 0.8},
            {"word": "tide.", "start": 0.9, "end": 1.4},
            {"word": "Low", "start": 2.0, "end": 2.3},
        ],
    },
    "tokens of whisper.cpp": {
        "result": {"language": "en"},
        "transcription": [
            {
                "offsets": {"from": 500, "to": 2300},
                "text": " High tide. Low",
                "tokens": [
                    {"text": "[_BEG_]", "offsets": {"from": 0, "to": 0}},
                    {"text": " Hi", "offsets": {"from": 500, "to": 600}, "p": 0.9},
                    {"text": "gh", "offsets": {"from": 600, "to": 800}, "p": 0.9},
                    {"text": " tide", "offsets": {"from": 900, "to": 1300}, "p": 0.9},
                    {"text": ".", "offsets": {"from": 1300, "to": 1400}, "p": 0.9},
                    {"text": " Low", "offsets": {"from": 2000, "to": 2300}, "p": 0.9},
                ],
            }
        ],
    },
    "words without spaces": {
        "segments": [
            {
                "start": 0.5,
                "end": 2.3,
                "text": " High tide. Low",
                "words": [
                    {"word": "High", "start": 0.5, "end": 0.8, "score": 0.9},
                    {"word": "tide.", "start": 0.9, "end": 1.4},
                    {"word": "Low", "start": 2.0, "end": 2.3},
                ],
            }
        ]
    },
}


@pytest.mark.parametrize("kind", LISTS)
def test_words_keep_their_times(tmp_path: Path, kind: str) -> None:
    found = read(tmp_path, LISTS[kind])
    assert words(found) == SAID
    assert found.text == "High tide. Low"


def test_words_in_a_list_keep_their_speakers(tmp_path: Path) -> None:
    for kind, names in (
        ("Deepgram", ["", "", "Speaker 1"]),
        ("AssemblyAI", ["Speaker A"] * 2 + ["Speaker B"]),
    ):
        (own,) = (data for name, data in LISTS.items() if kind in name)
        found = read(tmp_path, own)
        assert [word.speaker for segment in found.segments for word in segment.words] == names
        assert [segment.speaker for segment in found.segments] == [names[0], names[2]]


def test_whisperx_names_the_speaker_of_each_word(tmp_path: Path) -> None:
    items = [
        {"word": "Tell", "start": 0.0, "end": 0.3, "score": 0.9, "speaker": "SPEAKER_00"},
        {"word": "me."},  # it could not be timed
        {"word": "Gladly.", "start": 0.9, "end": 1.4, "score": 0.9, "speaker": "SPEAKER_01"},
    ]
    segment = {"start": 0.0, "end": 1.4, "text": " Tell me. Gladly.", "speaker": "SPEAKER_00", "words": items}
    found = read(tmp_path, {"segments": [segment], "language": "en"})
    assert [word.speaker for word in found.segments[0].words] == ["SPEAKER_00", "", "SPEAKER_01"]
    spoken = [(word.text, word.speaker) for word in spoken_words(found)]
    assert spoken == [("Tell", "SPEAKER_00"), ("me.", "SPEAKER_00"), ("Gladly.", "SPEAKER_01")]
    # Its own writers want each of these, of ours as of theirs.
    ours = found.to_json()["segments"][0]
    assert ours.keys() >= {"start", "end", "text", "words", "speaker"}
    assert all(word.keys() >= {"word", "start", "end"} for word in ours["words"])
    assert [word.get("speaker") for word in ours["words"]] == ["SPEAKER_00", None, "SPEAKER_01"]


def test_words_without_times_are_put_between_those_that_have_some(tmp_path: Path) -> None:
    items = [{"word": "In"}, {"word": "1998", "start": 1.0, "end": 1.5}, {"word": "a"}, {"word": "bbb"}]
    items.append({"word": "came.", "start": 2.5, "end": 3.0})
    segment = {"start": 0.0, "end": 3.0, "text": "In 1998 a bbb came.", "words": items}
    found = words(read(tmp_path, {"segments": [segment]}))
    assert [text for text, _, _ in found] == [" In", " 1998", " a", " bbb", " came."]
    assert [(start, end) for _, start, end in found] == [
        (0, 1000), (1000, 1500), (1500, 1833), (1833, 2500), (2500, 3000),
    ]  # fmt: skip


def test_our_own_and_everybodys_podcast_json(tmp_path: Path) -> None:
    segments = [
        {"speaker": "Ann", "startTime": 0.5, "endTime": 1.4, "body": "High tide."},
        {"startTime": 2, "endTime": 2.3, "body": "Low"},
    ]
    found = read(tmp_path, {"version": "1.0.0", "segments": segments})
    assert [(it.start_ms, it.end_ms, it.text, it.speaker) for it in found.segments] == [
        (500, 1400, " High tide.", "Ann"),
        (2000, 2300, " Low", ""),
    ]


ROLLING = """WEBVTT
Kind: captions

00:00:00.500 --> 00:00:01.600 align:start position:0%
 
The<00:00:00.700><c> river</c><00:00:01.000><c> came</c>

00:00:01.600 --> 00:00:01.610 align:start position:0%
The river came
 

00:00:01.610 --> 00:00:03.600 align:start position:0%
The river came
up<00:00:01.900><c> in</c><00:00:02.500><c> the</c>

00:00:03.600 --> 00:00:03.610 align:start position:0%
up in the
 

00:00:04.200 --> 00:00:06.000 align:start position:0%
up in the
night.
"""


def test_captions_that_roll_are_counted_once(tmp_path: Path) -> None:
    found = read(tmp_path, ROLLING)
    assert found.text == "The river came up in the night."
    assert words(found)[:4] == [
        (" The", 500, 700), (" river", 700, 1000), (" came", 1000, 1600), (" up", 1610, 1900),
    ]  # fmt: skip
    rows = ["One two", "three four", "five six", "seven.", "Eight."]
    srt = "".join(
        f"{n + 1}\n00:00:0{n},000 --> 00:00:0{n + 1},000 X1:40 X2:600 Y1:20 Y2:50\n"
        + "\n".join(rows[max(0, n - 1) : n + 1])
        + "\n\n"
        for n in range(5)
    )
    assert read(tmp_path, srt).text == "One two three four five six seven. Eight."


def test_what_is_said_twice_stays_twice(tmp_path: Path) -> None:
    lines = ["No.", "No.", "It was the tide.", "No.", "No.", "Nobody saw it."]
    cues = "".join(f"{n}\n00:00:0{n},000 --> 00:00:0{n + 1},000\n{line}\n\n" for n, line in enumerate(lines))
    assert read(tmp_path, cues).text == " ".join(lines)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (
            {"text": "No times.", "language": "en"},
            "no words with times; it has language, text",
        ),
        ({"results": {"transcripts": []}}, "channels"),
        ({"segments": [{"text": "no times"}]}, "start"),
        ("<html><body>High tide.</body></html>", "no line of times"),
    ],
)
def test_what_cannot_be_used_says_why(tmp_path: Path, data: Any, why: str) -> None:
    with pytest.raises(PublishError, match=why) as caught:
        read(tmp_path, data)
    assert caught.value.hint
