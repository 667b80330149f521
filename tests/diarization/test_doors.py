"""Speakers as the commands and a library give them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from inkcast.cli import app

pytestmark = pytest.mark.usefixtures("speaker_networks", "tiny_en")

Truth = list[tuple[int, int, str]]


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app.inkcast, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_conversation_is_transcribed_with_speakers(
    conversation: tuple[Path, Truth], tmp_path: Path
) -> None:
    path, truth = conversation
    run("transcribe", str(path), "-o", str(tmp_path), "--model", "tiny.en", "--format", "json,vtt,srt,txt")
    data = json.loads((tmp_path / "two.transcript.json").read_text("utf-8"))
    says = {"jfk": "Speaker 1"}
    for segment in data["segments"]:
        middle_ms = 500 * (segment["start"] + segment["end"])
        who = next((who for start, end, who in truth if start <= middle_ms < end), None)
        if who:
            assert segment["speaker"] == says.get(who, "Speaker 2"), segment
    assert {voice["speaker"] for voice in data["speakers"]} == {"Speaker 1", "Speaker 2"}
    vtt = (tmp_path / "two.vtt").read_text("utf-8")
    assert vtt.count("<v Speaker 1>") >= 2 and vtt.count("<v Speaker 2>") >= 2
    text = (tmp_path / "two.txt").read_text("utf-8")
    assert text.startswith("Speaker 1: ") and text.count("Speaker 2: ") == 2


def test_who_does_not_want_to_know_is_not_told(conversation: tuple[Path, Truth], tmp_path: Path) -> None:
    options = ("--model", "tiny.en", "--format", "json", "--speakers", "off")
    run("transcribe", str(conversation[0]), "-o", str(tmp_path), *options)
    assert "speaker" not in (tmp_path / "two.transcript.json").read_text("utf-8")


@pytest.mark.parametrize("wanted", ["0", "-1", "many", "2.5", ""])
def test_a_number_of_speakers_that_makes_no_sense(wanted: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(app.inkcast, ["transcribe", str(tmp_path / "no.mp3"), "--speakers", wanted])
    assert result.exit_code == 2
    assert "auto, off or a number from 1 on" in result.output
