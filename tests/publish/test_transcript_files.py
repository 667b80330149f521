"""Transcripts and alignments are read back by what they hold; everything else is refused in one line."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inkcast.alignment.alignment import AlignedBlock, AlignedWord, Alignment, AudioFacts, Audit, Extra
from inkcast.errors import PublishError
from inkcast.publish.subtitles.formats import write_transcript
from inkcast.publish.subtitles.transcript_files import read_speech, read_transcript
from inkcast.speech.transcript import Gap, ModelInfo, Segment, Transcript, TranscriptWord

MODEL = ModelInfo("tiny.en", "ctranslate2", "cpu", "int8")
WORDS = (
    TranscriptWord(" Größe", 500, 900, 0.9, 0),
    TranscriptWord(" & more.", 950, 1400, 0.5),
)
TRANSCRIPT = Transcript(
    "en", (Segment(500, 1400, " Größe & more.", WORDS),), 2000, MODEL, (Gap(1400, 2000, "noise"),)
)
ALIGNMENT = Alignment(
    AudioFacts("0" * 64, 2000, "a.mp3"),
    MODEL,
    (AlignedBlock("paragraph", "Größe gone", 500, 900, "spoken", "Ann"),),
    (
        AlignedWord("Größe", 0, 0, 5, "spoken", 500, 900, 0.9),
        AlignedWord("gone", 0, 6, 10, "unspoken", None, None, 0.0),
    ),
    (Extra(1, "& more.", 950, 1400),),
    Audit(900, 900, 0.5, 0.5, False, ("Half is missing.",)),
)


@pytest.mark.parametrize("speech", [TRANSCRIPT, ALIGNMENT], ids=["transcript", "alignment"])
def test_what_was_written_is_read_back(tmp_path, speech):
    (path,) = write_transcript(speech, tmp_path, "a", ("json",))
    assert read_speech(path) == speech
    # The name says nothing.
    assert read_speech(path.rename(tmp_path / "b.txt")) == speech


@pytest.mark.parametrize("name", ["srt", "vtt"])
def test_subtitles_are_read_back_as_cues(tmp_path, name):
    (path,) = write_transcript(TRANSCRIPT, tmp_path, "a", (name,))
    found = read_transcript(path)
    assert " ".join(found.text.split()) == "Größe & more."
    assert (found.segments[0].start_ms, found.segments[-1].end_ms) == (500, 1400)


def test_whispers_own_json_is_read(tmp_path):
    path = tmp_path / "whisper.json"
    data = {
        "text": " Hi there.",
        "language": "en",
        "segments": [
            {
                "id": 0, "seek": 0, "start": 0.5, "end": 1.25, "text": " Hi there.", "tokens": [1],
                "words": [
                    {"word": " Hi", "start": 0.5, "end": 0.8, "probability": 0.7},
                    {"word": " there.", "start": 0.8, "end": 1.25, "probability": 0.6},
                ],
            },
            {"id": 1, "start": 2.0, "end": 3.0, "text": " No words."},
        ],
    }  # fmt: skip
    path.write_text("\ufeff" + json.dumps(data), encoding="utf-8")
    found = read_transcript(path)
    assert found.text == "Hi there. No words."
    assert found.duration_ms == 3000
    assert [(word.text, word.start_ms, word.probability) for word in found.segments[0].words] == [
        (" Hi", 500, 0.7),
        (" there.", 800, 0.6),
    ]


def test_an_alignment_is_no_transcript(tmp_path):
    (path,) = write_transcript(ALIGNMENT, tmp_path, "a", ("json",))
    with pytest.raises(PublishError, match=r"is an alignment, not a transcript.*\.transcript\.json"):
        read_transcript(path)


BAD = {
    "no text": b"\xff\xfe\x00\x01" * 10,
    "prose": b"Nothing but words.\n" * 20,
    "cut": b'{"language": "en", "segments": [',
    "no segments": b'{"language": "en"}',
    "segments of nothing": b'{"segments": [1, 2]}',
    "segments without times": b'{"segments": [{"text": "a"}]}',
    "times that are none": b'{"segments": [{"start": "soon", "end": 1, "text": "a"}]}',
    "segments that are none": b'{"segments": 5}',
    "endless": b'{"segments": [{"start": Infinity, "end": NaN, "text": "a"}]}',
    "text that is none": b'{"segments": [{"start": 0, "end": 1, "text": 5}]}',
    "words that are none": b'{"segments": [{"start": 0, "end": 1, "text": "", "words": [{"word": 5, "start": 0, "end": 1}]}]}',  # noqa: E501
    "bottomless": b'{"segments": ' + b"[" * 100_000,
    "alignment of nothing": b'{"audit": {}}',
    "newer alignment": json.dumps({**ALIGNMENT.to_json(), "version": 99}).encode(),
    "alignment with more": json.dumps({**ALIGNMENT.to_json(), "audio": {"sha256": "", "x": 1}}).encode(),
    "a list": b"[1, 2]",
    "a page": b"<!DOCTYPE html><html><body>Not found</body></html>",
}


@pytest.mark.parametrize("name", BAD)
def test_anything_else_is_refused_in_one_line(tmp_path, name):
    path = tmp_path / "a.json"
    path.write_bytes(BAD[name])
    with pytest.raises(PublishError) as caught:
        read_speech(path)
    assert str(path) in caught.value.message
    assert caught.value.hint
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(PublishError, match="Cannot read"):
            read_speech(path)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.one_of(
        st.binary(max_size=80),
        st.text(max_size=80).map(str.encode),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["segments", "words", "start", "end", "text", "audit"]), inner
                )
            ),
            max_leaves=8,
        ).map(
            lambda value: json.dumps({"segments": value} if not isinstance(value, dict) else value).encode()
        ),
    )
)
def test_no_bytes_lead_to_another_error(tmp_path, data):
    path = tmp_path / "a.json"
    path.write_bytes(data)
    try:
        read_speech(path)
    except PublishError as error:
        assert "\n" not in error.hint
