"""Speakers as the commands and a library give them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from inkcast.cli import app
from tests.support.shows import feed, item

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


INTERVIEW = """<!doctype html><html lang="en"><title>What is asked</title><body>
<h1 class="post-title">What is asked</h1><div class="available-content"><div class="body markup">
<p><strong>John Kennedy</strong> [00:00:00]: So, my fellow Americans, ask not what your country can do for
you.</p>
<p><strong>Ann Elm</strong> [00:00:08]: Analysts value the frontier labs at $2-10T, depending on whom you
ask.</p>
<p><strong>John Kennedy</strong> [00:00:14]: Ask what you can do for your country.</p>
<p><strong>Ann Elm</strong> [00:00:17]: Against that, a team of thirty people with 40,000 borrowed GPU hours
looks like a rounding error.</p>
</div></div></body></html>"""


def test_an_interview_goes_from_its_page_to_subtitles_reader_and_search(
    conversation: tuple[Path, Truth], tmp_path: Path
) -> None:
    path, truth = conversation
    (tmp_path / "talk.html").write_text(INTERVIEW, encoding="utf-8")
    (tmp_path / "talk.wav").write_bytes(path.read_bytes())
    (tmp_path / "feed.xml").write_bytes(feed(item("talk", "What is asked", 3)))
    library = tmp_path / "library"
    run("sync", str(tmp_path / "feed.xml"), "--library", str(library), "--model", "tiny.en")
    (page,) = library.glob("*/*/*.html")
    alignment = json.loads(page.with_suffix(".alignment.json").read_text("utf-8"))
    assert alignment["audit"]["passed"], alignment["audit"]
    turns = [block for block in alignment["blocks"] if block["kind"] == "paragraph"]
    assert [block["speaker"] for block in turns] == ["John Kennedy", "Ann Elm"] * 2
    for block, (start, end, _) in zip(turns, truth, strict=True):
        assert start - 100 <= block["start_ms"] < block["end_ms"] <= end + 100
    transcript = json.loads(page.with_suffix(".transcript.json").read_text("utf-8"))
    assert {voice["speaker"]: voice["known_by"] for voice in transcript["speakers"]} == {
        "John Kennedy": "text",
        "Ann Elm": "text",
    }
    vtt = page.with_suffix(".vtt").read_text("utf-8")
    assert (
        "<v John Kennedy>" in vtt and "<v Ann Elm>" in vtt and "00:00:08" not in vtt.replace("00:00:08.", "")
    )
    assert "Ann Elm" in page.read_text("utf-8")
    assert "whom you ask" in run("search", 'speaker:"ann elm" ask', "--library", str(library))
    nothing = CliRunner().invoke(
        app.inkcast, ["search", "speaker:elm country", "--library", str(library)], catch_exceptions=False
    )
    assert "Ann Elm" not in nothing.output
