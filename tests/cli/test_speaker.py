"""Who speaks, from the command line to the files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from inkcast.cli import app
from tests.support.example import JFK

TURNS = [
    ("Kennedy", "And so, my fellow Americans,"),
    ("Guest", "ask not what your country can do for you,"),
    ("Kennedy", "ask what you can do"),
    ("Guest", "for your country."),
]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A recording, its text as an interview, and a transcript that tells two voices apart."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda name: tmp_path / "config")
    shutil.copy(JFK, "talk.flac")
    lines = [f"{name} [00:0{n}]: {text}" for n, (name, text) in enumerate(TURNS)]
    Path("talk.txt").write_text("A speech\n\n" + "\n\n".join(lines))
    words = [
        {"word": f" {word}", "speaker": f"Speaker {1 + (name == 'Guest')}"}
        for name, text in TURNS
        for word in f"Well, {text}".split()
    ]
    for n, word in enumerate(words):
        word |= {"start": 0.4 + 0.4 * n, "end": 0.75 + 0.4 * n}
    text = "".join(word["word"] for word in words)
    heard = {
        "language": "en",
        "segments": [{"start": 0.4, "end": words[-1]["end"], "text": text, "words": words}],
        "speakers": [{"speaker": f"Speaker {n}", "duration": 5.0, "embedding": []} for n in (1, 2)],
    }
    Path("heard.json").write_text(json.dumps(heard))


def align(*args):
    command = [
        "align",
        "talk.flac",
        "talk.txt",
        "--transcript",
        "heard.json",
        "--no-refine",
        "-o",
        "out",
        *args,
    ]
    return CliRunner().invoke(app.inkcast, command, prog_name="inkcast")


def read(suffix):
    return json.loads(Path(f"out/talk.{suffix}.json").read_text("utf-8"))


def test_the_labels_of_the_text_name_the_voices():
    done = align()
    assert done.exit_code == 0, done.stderr
    assert "talk.flac: Speaker 2 is Guest: 100% of its words are labelled so in the text." in done.stderr
    aligned, heard = read("alignment"), read("transcript")
    spoken = [(block["speaker"], block["text"]) for block in aligned["blocks"] if block["status"] == "spoken"]
    assert spoken == TURNS
    assert all(block["start_ms"] is not None for block in aligned["blocks"][1:])
    assert [extra["speaker"] for extra in aligned["extra"]] == [name for name, _ in TURNS]
    assert [word["speaker"] for word in heard["segments"][0]["words"]][:7] == ["Kennedy"] * 6 + ["Guest"]
    assert [(one["speaker"], one["known_by"]) for one in heard["speakers"]] == [
        ("Kennedy", "text"),
        ("Guest", "text"),
    ]


def test_stated_names_are_in_every_file_and_in_the_json():
    done = align(
        "--speaker", "1=John F. Kennedy", "--speaker", "guest=Ann Elm", "--speaker", "Bob=B", "--json"
    )
    assert done.exit_code == 0, done.stderr
    said = json.loads(done.stdout)
    assert [one["speaker"] for one in said["speakers"]] == ["John F. Kennedy", "Ann Elm"]
    assert "nobody is called Bob (Speaker 1: John F. Kennedy, Speaker 2: Ann Elm)." in done.stderr
    assert [block["speaker"] for block in read("alignment")["blocks"][1:3]] == ["John F. Kennedy", "Ann Elm"]
    assert [block["speaker"] for block in read("essay")["blocks"][1:3]] == [
        "Kennedy",
        "Guest",
    ]  # as published
    assert "<v Ann Elm>" in Path("out/talk.vtt").read_text("utf-8")
    assert "John F. Kennedy" in Path("out/talk.html").read_text("utf-8")
