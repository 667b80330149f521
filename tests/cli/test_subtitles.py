"""``inkcast subtitles``: from everything that carries times, under any limits."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from inkcast.alignment.alignment import Alignment
from inkcast.cli import app
from inkcast.essays.essay import Block, Essay
from inkcast.publish.subtitles.formats import write_transcript
from inkcast.speech.transcript import Segment, Transcript, TranscriptWord
from tests.support.alignments import align_at

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
ALIGNMENT = align_at(
    Essay("", (Block("paragraph", TEXT),)),
    [times(i) for i in range(len(TEXT.split()))],
    source="talk.mp3",
    duration_ms=8000,
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
    [(b"\x00\xff\xfe", "not text"), (b"prose\n" * 9, "talk.json"), (b'{"a": 1}', "neither a transcript nor")],
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


def test_wrong_usage_is_exit_2(tmp_path):
    path = source(tmp_path, "transcript")
    for args in (
        (),
        (tmp_path,),
        (path, "--format", "docx"),
        (path, "--preset", "disney"),
        (path, "--max-chars", "many"),
        (path, "--max-chars", "0"),
        (path, "--max-lines", "0"),
        (path, "--max-cps", "0"),
        (path, "--word-times", "--highlight"),
        (path, "--word-times", "--format", "srt,txt"),
        (path, "--highlight", "--format", "tsv"),
        ("--check",),
        ("--check", path, "--format", "srt"),
        ("--check", path, "--highlight"),
        ("--check", path, "--out", tmp_path),
    ):
        done = run(*args)
        assert done.exit_code == 2
        assert "Usage: inkcast subtitles" in done.stderr
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


def test_json_of_an_alignment_stays_an_alignment(tmp_path):
    out = tmp_path / "out"
    run(source(tmp_path, "alignment"), "--format", "json", "--out", out)
    written = json.loads((out / "talk.alignment.json").read_text(encoding="utf-8"))
    assert Alignment.from_json(written) == ALIGNMENT


# Names ---------------------------------------------------------------------------------------------


def test_several_files_at_once(tmp_path):
    first = source(tmp_path, "transcript")
    second = first.with_name("other.transcript.json")
    second.write_bytes(first.read_bytes())
    done = run(first, second, "--format", "vtt,srt", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == [
        {"file": str(file), "files": [str(tmp_path / f"{stem}.{name}") for name in ("vtt", "srt")]}
        for file, stem in ((first, "talk"), (second, "other"))
    ]


@pytest.mark.parametrize(
    ("names", "format", "out", "reason"),
    [
        (("a.transcript.json", "a.alignment.json"), "vtt", None, "would both become"),
        (("a.json", "a.srt"), "vtt", None, "would both become"),
        (("a.json", "A.srt"), "vtt", None, "would both become"),
        (("one/a.json", "two/a.json"), "vtt", "out", "would both become"),
        (("a.json", "a.srt"), "srt,txt", None, "a.srt would be replaced by subtitles of"),
        (("one/a.json", "out/a.vtt"), "vtt", "out", "a.vtt would be replaced by subtitles of"),
        (("a.json", "sub/../a.json"), "vtt", None, "given twice"),
    ],
)
def test_nothing_is_written_where_names_collide(tmp_path, names, format, out, reason):
    transcript, alignment = source(tmp_path, "transcript"), source(tmp_path, "alignment")
    srt = source(tmp_path, "srt")
    vtt = source(tmp_path, "vtt")
    contents = {".srt": srt.read_bytes(), ".vtt": vtt.read_bytes()}
    (tmp_path / "x" / "sub").mkdir(parents=True)
    paths = [tmp_path / "x" / name for name in names]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        other = alignment if "alignment" in path.name else transcript
        path.write_bytes(contents.get(path.suffix, other.read_bytes()))
    before = {path: path.read_bytes() for path in (tmp_path / "x").rglob("*") if path.is_file()}
    done = run(*paths, "--format", format, *(("--out", tmp_path / "x" / out) if out else ()))
    assert done.exit_code == 1
    assert reason in done.stderr
    assert {path: path.read_bytes() for path in (tmp_path / "x").rglob("*") if path.is_file()} == before


def test_one_file_that_cannot_be_read_keeps_all_from_being_written(tmp_path):
    path = source(tmp_path, "transcript")
    (tmp_path / "bad.json").write_text("{}")
    assert run(path, tmp_path / "bad.json").exit_code == 1
    assert sorted(item.name for item in tmp_path.iterdir()) == ["bad.json", path.name]


# Looks ---------------------------------------------------------------------------------------------


def text_lines(path: Path) -> list[str]:
    skip = re.compile(r"\d+|.* --> .*|WEBVTT|")
    return [line for line in path.read_text(encoding="utf-8").splitlines() if not skip.fullmatch(line)]


def test_the_podcast_preset_has_limits_of_its_own_for_each_format(tmp_path):
    run(source(tmp_path, "alignment"), "--format", "srt,vtt", "--preset", "podcast")
    assert max(map(len, text_lines(tmp_path / "talk.srt"))) <= 32
    assert 42 < max(map(len, text_lines(tmp_path / "talk.vtt"))) <= 65
    run(source(tmp_path, "alignment"), "--preset", "podcast", "--max-chars", "20")
    assert max(map(len, text_lines(tmp_path / "talk.vtt"))) <= 20


def test_word_times(tmp_path):
    run(source(tmp_path, "alignment"), "--word-times")
    text = (tmp_path / "talk.vtt").read_text(encoding="utf-8")
    assert "\nA <00:00:01.350>result <00:00:01.700>that" in text
    assert text.count("<") + text.count(" --> ") == len(TEXT.split()), "every word but a cue's first"


def test_highlight(tmp_path):
    run(source(tmp_path, "alignment"), "--highlight", "--format", "srt,vtt")
    for name, point in (("srt", ","), ("vtt", ".")):
        text = (tmp_path / f"talk.{name}").read_text(encoding="utf-8")
        assert text.count("<u>") == text.count("</u>") == text.count(" --> ") == len(TEXT.split())
        assert f"00:00:01{point}350 --> 00:00:01{point}700\nA <u>result</u> that" in text


@pytest.mark.parametrize("option", ["--word-times", "--highlight"])
def test_words_without_times_of_their_own_are_not_marked(tmp_path, option):
    done = run(source(tmp_path, "srt"), option, "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert "have no times of their own" in done.stderr
    assert not (tmp_path / "out").exists()


# Check ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("option", [(), ("--word-times",), ("--highlight",)])
@pytest.mark.parametrize("preset", ["netflix", "bbc", "podcast", "apple"])
def test_what_is_written_passes_the_check(tmp_path, option, preset):
    done = run(source(tmp_path, "alignment"), "--format", "srt,vtt,ass", "--preset", preset, *option)
    assert done.exit_code == 0, done.stderr
    done = run("--check", *done.stdout.splitlines(), "--preset", preset)
    assert done.exit_code == 0
    assert done.stdout == ""
    assert done.stderr.count(" 0 problems") == 3


def test_problems_are_listed_by_line(tmp_path):
    path = source(tmp_path, "srt")
    good = run("--check", path)
    assert (good.exit_code, good.stdout) == (0, "")
    path.write_text(path.read_text().replace("1\n00:00:01,000", "7\n00:00:01.000", 1))
    done = run("--check", path)
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        f"{path}:1: number 7 where 1 is expected",
        f"{path}:2: a point in the time, where SubRip has a comma",
        f"{path}:{path.read_text().split(chr(10)).index('2', 3) + 1}: number 2 where 8 is expected",
    ]
    assert "3 problems" in done.stderr
    assert run("--check", path, "-q").stderr == ""


def test_problems_as_json(tmp_path):
    sound, bad = source(tmp_path, "vtt"), tmp_path / "bad.srt"
    bad.write_text("1\n00:00:01,000 --> 00:00:01,500\nToo short.\n")
    done = run("--check", "--json", sound, bad)
    assert done.exit_code == 1
    first, second = json.loads(done.stdout)
    assert (first["file"], first["format"], first["passed"], first["problems"]) == (
        str(sound),
        "vtt",
        True,
        [],
    )
    assert (second["cues"], second["passed"]) == (1, False)
    (problem,) = second["problems"]
    assert (problem["line"], problem["kind"], problem["avoidable"]) == (2, "too short", True)


def test_limits_that_speech_leaves_no_time_for_are_no_problems(tmp_path):
    path = tmp_path / "a.srt"
    path.write_text("1\n00:00:01,000 --> 00:00:01,417\nQuick.\n\n2\n00:00:01,500 --> 00:00:03,000\nYes.\n")
    done = run("--check", path)
    assert (done.exit_code, done.stdout) == (0, "")
    assert "1 limits that the speech leaves no time to keep" in done.stderr
    assert f"{path}:2: shown for 0.42 s" in run("--check", path, "-v").stdout


def test_a_check_keeps_the_limits_that_it_is_told(tmp_path):
    path = source(tmp_path, "srt")
    assert run("--check", path).exit_code == 0
    done = run("--check", path, "--max-chars", "10")
    assert done.exit_code == 1
    assert "(limit 10)" in done.stdout


@pytest.mark.parametrize(
    ("name", "reason"), [("none.srt", "Cannot read"), ("page.html", "is not a subtitle file")]
)
def test_what_cannot_be_checked_is_an_error(tmp_path, name, reason):
    (tmp_path / "page.html").write_text("<!doctype html>")
    done = run("--check", tmp_path / name)
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: ") and reason in done.stderr
