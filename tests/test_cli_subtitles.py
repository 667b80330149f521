"""``inkcast subtitles``: from everything that carries times, under any limits."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from inkcast.alignment.alignment import AlignedBlock, AlignedWord, Alignment, AudioFacts, Audit
from inkcast.cli import app
from inkcast.publish.formats import write_transcript
from inkcast.speech.transcript import Segment, Transcript, TranscriptWord

TEXT = "A result that nobody can repeat is a rumour, said the friend who runs such a lab."


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda name: tmp_path / "config")


def times(index: int) -> tuple[int, int]:
    return 1000 + 350 * index, 1330 + 350 * index


TRANSCRIPT = Transcript(
    "en",
    (
        Segment(
            1000,
            times(len(TEXT.split()) - 1)[1],
            f" {TEXT}",
            tuple(TranscriptWord(f" {word}", *times(i), 0.9) for i, word in enumerate(TEXT.split())),
        ),
    ),
    8000,
)
ALIGNMENT = Alignment(
    AudioFacts("0" * 64, 8000, "talk.mp3"),
    None,
    (AlignedBlock("paragraph", TEXT, *(1000, 6930), "spoken"),),
    tuple(
        AlignedWord(match[0], 0, match.start(), match.end(), "spoken", *times(i), 0.9)
        for i, match in enumerate(re.finditer(r"\S+", TEXT))
    ),
    (),
    Audit(6000, 6000, 1.0, 1.0, True, ()),
)


def run(*args):
    return CliRunner().invoke(app.inkcast, ["subtitles", *map(str, args)], prog_name="inkcast")


def source(folder: Path, kind: str) -> Path:
    speech = ALIGNMENT if kind == "alignment" else TRANSCRIPT
    (path,) = write_transcript(speech, folder, "talk", (kind if kind in ("srt", "vtt") else "json",))
    return path


@pytest.mark.parametrize("kind", ["transcript", "alignment", "srt", "vtt"])
@pytest.mark.parametrize(("name", "arrow"), [("srt", ",330 --> "), ("vtt", ".330 --> ")])
def test_subtitles_are_made_of_everything_that_has_times(tmp_path, kind, name, arrow):
    out = tmp_path / "out"
    done = run(source(tmp_path, kind), "--format", name, "--out", out)
    assert done.exit_code == 0, done.stderr
    assert done.stdout == f"{out / f'talk.{name}'}\n"
    text = (out / f"talk.{name}").read_text(encoding="utf-8")
    assert "00:00:01" in text
    lines = [line for line in text.splitlines() if line and "-->" not in line and not line.isdigit()]
    spoken = re.sub(r"<[^>]*>", "", " ".join(line for line in lines if line != "WEBVTT"))
    assert spoken.split() == TEXT.split()


@pytest.mark.parametrize("kind", ["transcript", "alignment", "vtt"])
def test_limits_are_kept(tmp_path, kind):
    path = source(tmp_path, kind)
    out = tmp_path / "out"
    assert run(path, "--format", "srt", "--max-chars", 16, "--max-lines", 1, "--out", out).exit_code == 0
    blocks = (out / "talk.srt").read_text(encoding="utf-8").strip().split("\n\n")
    assert len(blocks) >= 5
    for block in blocks:
        _, _, *lines = block.splitlines()
        assert len(lines) == 1
        assert len(lines[0]) <= 16


def test_beside_the_file_unless_told_otherwise(tmp_path):
    path = source(tmp_path, "alignment")
    done = run(path, "--format", "vtt,srt")
    assert done.stdout.splitlines() == [str(tmp_path / "talk.vtt"), str(tmp_path / "talk.srt")]


def test_names_with_dots_keep_them(tmp_path):
    path = source(tmp_path, "transcript").rename(tmp_path / "talk.no.5.transcript.json")
    assert run(path).stdout == f"{tmp_path / 'talk.no.5.vtt'}\n"


def test_a_settings_file_does_not_disturb(tmp_path):
    (tmp_path / "inkcast.toml").write_text('model = "tiny.en"\n')
    assert run(source(tmp_path, "transcript")).exit_code == 0


@pytest.mark.parametrize(("kind", "format"), [("vtt", "vtt"), ("srt", "vtt,srt"), ("transcript", "json")])
def test_a_file_is_not_replaced_by_what_is_made_of_it(tmp_path, kind, format):
    path = source(tmp_path, kind)
    before = path.read_bytes()
    done = run(path, "--format", format, "--max-chars", 10)
    assert done.exit_code == 1
    assert "Give another folder" in done.stderr
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == [path.name]
    assert run(path, "--format", format, "--out", tmp_path / "out").exit_code == 0


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"\x00\xff\xfe", "no text"), (b"prose\n" * 9, "talk.json"), (b'{"a": 1}', "neither a transcript nor")],
)
def test_what_has_no_times_is_refused_in_one_line(tmp_path, data, reason):
    path = tmp_path / "talk.json"
    path.write_bytes(data)
    done = run(path)
    assert done.exit_code == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: ")
    assert reason in line
    assert [item.name for item in tmp_path.iterdir()] == ["talk.json"]


def test_a_missing_file_is_refused(tmp_path):
    done = run(tmp_path / "none.json")
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: Cannot read ")


@pytest.mark.parametrize("option", ["--max-chars", "--max-lines", "--max-cps"])
def test_limits_that_make_no_sense(tmp_path, option):
    done = run(source(tmp_path, "transcript"), option, "0")
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: Subtitle limit")
    assert len(list(tmp_path.iterdir())) == 1


def test_wrong_usage_is_exit_2(tmp_path):
    path = source(tmp_path, "transcript")
    for args in ((), (path, "--format", "docx"), (path, "--max-chars", "many"), (tmp_path,)):
        done = run(*args)
        assert done.exit_code == 2
        assert "Usage: inkcast subtitles" in done.stderr


def test_json_of_an_alignment_stays_an_alignment(tmp_path):
    out = tmp_path / "out"
    run(source(tmp_path, "alignment"), "--format", "json", "--out", out)
    assert json.loads((out / "talk.alignment.json").read_text(encoding="utf-8")) == ALIGNMENT.to_json()
