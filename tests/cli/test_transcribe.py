"""``inkcast transcribe`` on real audio with the real model, and on everything that is neither."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from click.testing import CliRunner

from inkcast.api import transcribe
from inkcast.audio.recording import Recording
from inkcast.cli import app
from inkcast.speech.models import model_catalog
from tests.support.example import JFK
from tests.support.servers import serve_folder
from tests.support.sounds import write_wav

pytestmark = pytest.mark.model

SAID = "ask not what your country can do for you"
SUFFIXES = ["srt", "vtt", "transcript.json", "txt", "tsv"]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tiny_en, tmp_path, monkeypatch):
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr("platformdirs.user_config_path", lambda name: tmp_path / "config")


def run(*args):
    command = ["transcribe", "--model", "tiny.en", *map(str, args)]
    return CliRunner().invoke(app.inkcast, command, prog_name="inkcast")


def inkcast(*args, **extra):
    command = [sys.executable, "-m", "inkcast", "transcribe", "--model", "tiny.en", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, **extra)


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def assert_one_line(result, reason: str) -> None:
    assert result.exit_code == 1
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: ")
    assert reason in line


def test_every_format_is_made_and_printed(tmp_path):
    done = run(JFK, "--out", tmp_path / "out")
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [str(tmp_path / "out" / f"jfk.{suffix}") for suffix in SUFFIXES]
    assert files_in(tmp_path / "out") == sorted(f"jfk.{suffix}" for suffix in SUFFIXES)
    assert SAID in (tmp_path / "out" / "jfk.txt").read_text()


def test_the_json_is_whispers(tmp_path):
    run(JFK, "--out", tmp_path, "--format", "json")
    data = json.loads((tmp_path / "jfk.transcript.json").read_text())
    assert data["language"] == "en"
    assert SAID in data["text"]
    assert data["text"] == "".join(segment["text"] for segment in data["segments"]).strip()
    assert data["duration"] == pytest.approx(11, abs=0.01)
    assert data["model"] == {
        "name": "tiny.en",
        "engine": "ctranslate2",
        "device": "cpu",
        "compute_type": "int8",
    }
    for index, segment in enumerate(data["segments"]):
        assert segment["id"] == index
        assert segment["text"] == "".join(word["word"] for word in segment["words"])
        assert segment["start"] == segment["words"][0]["start"]
        assert segment["end"] == segment["words"][-1]["end"]
    words = [word for segment in data["segments"] for word in segment["words"]]
    assert all(0 <= word["start"] < word["end"] <= 11.01 for word in words)
    assert all(0 <= word["probability"] <= 1 for word in words)
    starts = {word["word"].strip().strip(",.").lower(): word["start"] for word in reversed(words)}
    assert starts["ask"] == pytest.approx(3.3, abs=0.2)  # after the long pause of the recording


def test_without_ffmpeg_or_any_other_program(tmp_path):
    done = inkcast(JFK, "--out", tmp_path / "out", env={**os.environ, "PATH": ""})
    assert done.returncode == 0, done.stderr
    assert SAID in (tmp_path / "out" / "jfk.txt").read_text()


def test_one_that_fails_does_not_stop_the_others(tmp_path):
    page = tmp_path / "page.mp3"
    page.write_text("<!doctype html><html><body>Not found</body></html>")
    mute = write_wav(tmp_path / "mute.wav", np.zeros(0, np.float32))
    out = tmp_path / "out"
    done = run(page, tmp_path / "none.mp3", mute, JFK, "--out", out, "--format", "txt", "-q")
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [str(out / "jfk.txt")]
    assert files_in(out) == ["jfk.txt"]
    first, second, third, last = done.stderr.splitlines()
    assert "page.mp3" in first and "web page" in first
    assert "none.mp3" in second
    assert "mute.wav" in third
    assert last == "Error: 3 of 4 recordings failed."


def test_json_tells_what_became_of_each(tmp_path):
    done = run(tmp_path / "none.mp3", JFK, "--out", tmp_path, "--format", "txt", "--json")
    assert done.exit_code == 1
    failed, made = json.loads(done.stdout)
    assert failed["audio"] == str(tmp_path / "none.mp3")
    assert "There is no file" in failed["error"]
    assert made == {"audio": str(JFK), "files": [str(tmp_path / "jfk.txt")]}


def test_two_of_one_name_are_refused_before_any_work(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    one = shutil.copy(JFK, tmp_path / "a" / "talk.flac")
    two = shutil.copy(JFK, tmp_path / "b" / "Talk.flac")
    done = run(one, two, "--out", tmp_path / "out")
    assert_one_line(done, "talk.flac")
    assert files_in(tmp_path / "out") == []


def test_an_address_is_downloaded_first(tmp_path):
    out = tmp_path / "out"
    with serve_folder(JFK.parent) as site:
        done = run(f"{site.url}/jfk.flac?token=abc", "--out", out, "--format", "txt", "--allow-private")
        assert done.exit_code == 0, done.stderr
        assert files_in(out) == ["jfk.flac", "jfk.txt"]
        failed = run(f"{site.url}/none.flac", "--out", out, "--allow-private")
    assert_one_line(failed, "404")
    assert files_in(out) == ["jfk.flac", "jfk.txt"]


# Bad input ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("notes.mp3", b"Nothing but notes.\n" * 50, "not an audio file"),
        ("empty.mp3", b"", "empty file"),
        ("page.mp3", b"<!DOCTYPE html><html></html>", "web page"),
        ("mute.wav", None, "no audio"),
    ],
)
def test_what_is_no_audio_leaves_nothing_behind(tmp_path, name, data, reason):
    path = tmp_path / name
    if data is None:
        write_wav(path, np.zeros(0, np.float32))
    else:
        path.write_bytes(data)
    assert_one_line(run(path, "--out", tmp_path / "out"), reason)
    assert files_in(tmp_path / "out") == []


def test_a_missing_file_and_a_folder(tmp_path):
    assert_one_line(run(tmp_path / "none.mp3", "--out", tmp_path / "out"), "There is no file")
    assert_one_line(run(tmp_path, "--out", tmp_path / "out"), "There is no recording in")
    assert files_in(tmp_path / "out") == []


def test_a_missing_model_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(model_catalog, "models_folders", lambda: (tmp_path / "models",))
    done = run(JFK, "--out", tmp_path / "out", "--model", "large-v2")
    assert_one_line(done, "inkcast models pull large-v2")
    assert files_in(tmp_path / "out") == []


def test_an_unknown_model_and_an_essay_that_is_none(tmp_path):
    assert_one_line(run(JFK, "--out", tmp_path / "out", "--model", "tony.en"), "Did you mean tiny.en")
    (tmp_path / "essay.md").write_text(" \n")
    assert_one_line(run(JFK, "--out", tmp_path / "out", "--essay", tmp_path / "essay.md"), "is empty")
    assert files_in(tmp_path / "out") == []


def test_languages_that_the_model_or_whisper_does_not_know(tmp_path):
    out = tmp_path / "out"
    assert_one_line(run(JFK, "--out", out, "--language", "de"), "understands English only")
    assert_one_line(run(JFK, "--out", out, "--language", "xx"), "does not know the language")
    assert files_in(out) == []


def test_a_folder_below_a_file_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert_one_line(run(JFK, "--out", tmp_path / "file" / "out"), "choose another folder")
    assert (tmp_path / "file").read_text() == "in the way"


@pytest.mark.parametrize(
    "limit",
    [0, 200],
)
def test_a_full_disk_leaves_whole_files_or_none(tmp_path, limit):
    """No file may grow beyond ``limit`` bytes. Finished windows are kept for the next run."""
    resource = pytest.importorskip("resource", reason="only Unix can limit the size of files")
    out = tmp_path / "out"
    out.mkdir()
    (out / "jfk.vtt").write_text("older")

    def full_disk():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = inkcast(JFK, "--out", out, "--format", "json", "-q", preexec_fn=full_disk, env=env)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: Cannot write ")
    assert (out / "jfk.vtt").read_text() == "older"
    assert {path.name for path in out.iterdir()} <= {"jfk.vtt", "jfk.partial.jsonl"}


@pytest.mark.parametrize(
    "args",
    [
        (),
        ("a.mp3", "--out", "out", "--format", "docx"),
        ("a.mp3", "--essay", "b.md", "--format", "html"),
        ("a.mp3", "--out", "out", "--engine", "gpt"),
        ("a.mp3", "--out", "out", "--device", "abacus"),
        ("a.mp3", "--out", "out", "--nonsense"),
    ],
)
def test_wrong_usage_is_exit_2(args):
    done = run(*args)
    assert done.exit_code == 2
    assert "Usage: inkcast transcribe" in done.stderr
    assert done.stdout == ""


def two_tracks(folder: Path) -> Path:
    """Silence, and the clip."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", "anullsrc=r=16000:d=11"]
    path = folder / "two.m4a"
    subprocess.run([*command, "-i", JFK, "-map", "0:a", "-map", "1:a", "-t", "11", path], check=True)
    return path


def test_another_track_is_heard_and_shares_no_unfinished_work(tmp_path):
    path, checkpoint = two_tracks(tmp_path), tmp_path / "unfinished.jsonl"
    said = {}
    for track in (1, 2, None):
        with Recording(path, track=track) as recording:
            said[track] = transcribe(recording, "tiny.en", checkpoint=checkpoint).text
    assert SAID not in said[1] and SAID in said[2] and said[None] == said[1]
    done = run(path, "--out", tmp_path / "out", "--format", "txt", "--track", "2")
    assert done.exit_code == 0
    assert SAID in (tmp_path / "out" / "two.txt").read_text()
    assert_one_line(run(path, "--out", tmp_path / "out", "--track", "3"), "has 2 audio tracks")


def test_what_is_lost_of_a_damaged_recording_is_said_without_being_asked(tmp_path):
    path = tmp_path / "jfk.mp3"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", JFK, "-b:a", "64k", path]
    subprocess.run(command, check=True)
    data = path.read_bytes()
    path.write_bytes(data[:8_000] + bytes(16_000) + data[24_000:])
    done = inkcast(path, "--out", tmp_path / "out", "--format", "json")
    assert done.returncode == 0
    assert re.search(r"jfk.mp3: 2.[01] s of its sound are missing .* silence: 0:0[01]-0:03", done.stderr)
    segments = json.loads((tmp_path / "out" / "jfk.transcript.json").read_text())["segments"]
    assert segments[-1]["end"] == pytest.approx(10.6, abs=0.5)
