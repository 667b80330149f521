"""``inkcast align`` on the example with the real model, and on what does not belong together."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import weakref
from pathlib import Path

import av
import numpy as np
import pytest
from click.testing import CliRunner

import inkcast
from inkcast.cli import app
from inkcast.cli.inputs import load_model_for
from inkcast.speech.models import model_catalog
from tests.support.example import AUDIO, JFK, JFK_SAYS, PAGE, STEM, guided, sentences
from tests.support.servers import serve_folder
from tests.support.sounds import write_wav

pytestmark = pytest.mark.model

SUFFIXES = ["html", "vtt", "srt", "txt", "tsv", "alignment.json", "transcript.json", "essay.json"]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tiny_en, tmp_path, monkeypatch):
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr("platformdirs.user_config_path", lambda name: tmp_path / "config")


@pytest.fixture(scope="module")
def heard(tiny_en, tmp_path_factory) -> Path:
    """What guided transcription makes of the example, as a file."""
    path = tmp_path_factory.mktemp("heard") / "heard.transcript.json"
    path.write_text(json.dumps(guided().to_json()), encoding="utf-8")
    return path


def run(*args):
    command = ["align", "--model", "tiny.en", *map(str, args)]
    return CliRunner().invoke(app.inkcast, command, prog_name="inkcast")


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def assert_one_line(result, reason: str) -> None:
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: ")
    assert reason in line


def test_the_whole_job_without_ffmpeg_on_the_path(tmp_path):
    """In a process of its own, whose PATH is empty: every file of the contract, and nothing else."""
    out = tmp_path / "out"
    command = [
        sys.executable,
        "-m",
        "inkcast",
        "align",
        "--model",
        "tiny.en",
        "-q",
        AUDIO,
        PAGE,
        "--out",
        out,
    ]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PATH": ""})
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.splitlines() == [str(out / f"{STEM}.{suffix}") for suffix in SUFFIXES]
    assert files_in(out) == sorted(f"{STEM}.{suffix}" for suffix in SUFFIXES)
    data = json.loads((out / f"{STEM}.alignment.json").read_text(encoding="utf-8"))
    assert data["model"]["name"] == "tiny.en"
    assert data["audit"]["passed"] is True
    page = (out / f"{STEM}.html").read_text(encoding="utf-8")
    relative = Path(os.path.relpath(AUDIO, out)).as_posix()
    assert f'src="{relative}"' in page


def test_the_alignment_is_as_published(tmp_path, heard):
    """Every key of the format, and what it must mean: spans in blocks, times in order, extra speech."""
    done = run(AUDIO, PAGE, "--out", tmp_path, "--transcript", heard)
    assert done.exit_code == 0, done.stderr
    data = json.loads((tmp_path / f"{STEM}.alignment.json").read_text(encoding="utf-8"))
    assert data["version"] == 1
    keys = {"version", "audio", "language", "model", "blocks", "words", "extra", "audit", "digest"}
    assert set(data) == keys
    assert data["audio"] == {
        "sha256": hashlib.sha256(AUDIO.read_bytes()).hexdigest(),
        "duration_ms": pytest.approx(87_258, abs=40),
        "source": str(AUDIO),
    }
    assert set(data["model"]) == {"name", "engine", "device", "compute_type"}
    kinds = {block["kind"] for block in data["blocks"]}
    assert kinds >= {"title", "heading", "paragraph", "list_item", "quote", "caption", "footnote"}
    ends = 0
    for word in data["words"]:
        assert set(word) == {
            "text", "block", "char_start", "char_end", "status", "start_ms", "end_ms", "confidence"
        }  # fmt: skip
        block = data["blocks"][word["block"]]
        assert block["text"][word["char_start"] : word["char_end"]] == word["text"]
        assert (word["start_ms"] is None) == (word["end_ms"] is None) == (word["status"] == "unspoken")
        if word["start_ms"] is not None:
            assert ends - 1 <= word["start_ms"] < word["end_ms"] <= data["audio"]["duration_ms"]
            ends = word["end_ms"]
    assert [word["text"] for word in data["words"]] == [
        word for block in data["blocks"] for word in block["text"].split()
    ]
    text = " ".join(extra["text"] for extra in data["extra"])
    assert "welcome back" in text
    assert "older than the student" in text
    assert all(-1 <= extra["after_word"] < len(data["words"]) for extra in data["extra"])
    assert set(data["audit"]) == {
        "speech_ms", "accounted_ms", "coverage", "verified_share", "passed", "problems"
    }  # fmt: skip
    unspoken = " ".join(word["text"] for word in data["words"] if word["status"] == "unspoken")
    assert "None of this is an argument for tiny budgets." in unspoken
    assert "That curve will bend." in unspoken


def test_one_line_says_what_became_of_it_and_then_comes_the_page(tmp_path, heard):
    done = run(AUDIO, PAGE, "--out", tmp_path, "--transcript", heard)
    (verdict,) = done.stderr.splitlines()
    assert re.fullmatch(r"8\d % read, 2 passages added, (\d times inferred, )?audit passed\.", verdict)
    assert done.stdout.splitlines()[0] == str(tmp_path / f"{STEM}.html")
    assert run(AUDIO, PAGE, "--out", tmp_path, "--transcript", heard, "-q").stderr == ""


def test_json_is_printed_instead_of_paths(tmp_path, heard):
    done = run(AUDIO, PAGE, "--out", tmp_path, "--transcript", heard, "--json")
    data = json.loads(done.stdout)
    assert set(data) == {"audio", "files", "audit", "lost"}
    assert data["audit"]["passed"] is True
    assert data["files"] == [str(tmp_path / f"{STEM}.{suffix}") for suffix in SUFFIXES]


def test_a_publishers_subtitles_will_do(tmp_path):
    """Subtitles end before the recording does, and say nothing of the model."""
    cues = [
        f"{i}\n{stamp(line['start'])} --> {stamp(line['end'])}\n{line['published'] or line['spoken']}\n"
        for i, line in enumerate(sentences(), start=1)
    ]
    (tmp_path / "talk.srt").write_text("\n".join(cues), encoding="utf-8")
    done = run(AUDIO, PAGE, "--out", tmp_path / "out", "--transcript", tmp_path / "talk.srt")
    assert done.exit_code == 0, done.stderr
    data = json.loads((tmp_path / "out" / f"{STEM}.alignment.json").read_text(encoding="utf-8"))
    assert data["model"] is None
    assert data["audio"]["duration_ms"] == pytest.approx(87_258, abs=40)
    assert data["audit"]["coverage"] > 0.8
    starts = {word["text"]: word["start_ms"] for word in data["words"]}
    assert starts["Evaluation"] == pytest.approx(56_089, abs=120)


def stamp(seconds: float) -> str:
    return f"00:{int(seconds) // 60:02}:{seconds % 60:06.3f}".replace(".", ",")


def test_an_essay_of_another_recording_is_written_and_not_trusted(tmp_path):
    done = run(JFK, PAGE, "--out", tmp_path / "out", "-q")
    assert_one_line(done, "cannot be trusted")
    assert "jfk.flac" in done.stderr
    data = json.loads((tmp_path / "out" / "jfk.alignment.json").read_text(encoding="utf-8"))
    assert data["audit"]["passed"] is False
    assert data["audit"]["problems"]
    assert data["audit"]["coverage"] < 0.1
    # What was said is not lost for that.
    assert "fellow Americans" in (tmp_path / "out" / "jfk.txt").read_text(encoding="utf-8")
    assert files_in(tmp_path / "out") == sorted(f"jfk.{suffix}" for suffix in SUFFIXES)


# Bad input ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("notes.mp3", b"Nothing but notes.\n" * 50, "not an audio file"),
        ("empty.mp3", b"", "empty file"),
        ("page.mp3", b"<!DOCTYPE html><html></html>", "web page"),
        ("mute.wav", None, "no audio"),
        ("none.mp3", ..., "There is no file"),
    ],
)
@pytest.mark.parametrize("given", [False, True], ids=["to transcribe", "with a transcript"])
def test_what_is_no_audio_leaves_nothing_behind(tmp_path, heard, name, data, reason, given):
    path = tmp_path / name
    if data is None:
        write_wav(path, np.zeros(0, np.float32))
    elif data is not ...:
        path.write_bytes(data)
    option = ("--transcript", heard) if given else ()
    done = run(path, PAGE, "--out", tmp_path / "out", *option)
    assert_one_line(done, reason)
    assert done.stdout == ""
    assert files_in(tmp_path / "out") == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [(b"", "empty"), (b" \n\n", "empty"), (b"# \n---\n", "no"), (None, "Check the path")],
)
def test_what_is_no_essay_leaves_nothing_behind(tmp_path, text, reason):
    if text is not None:
        (tmp_path / "essay.md").write_bytes(text)
    done = run(JFK, tmp_path / "essay.md", "--out", tmp_path / "out")
    assert_one_line(done, reason)
    assert "essay.md" in done.stderr
    assert files_in(tmp_path / "out") == []


def test_a_transcript_that_is_none(tmp_path):
    (tmp_path / "t.json").write_text('{"segments": 5}')
    for name in ("t.json", "none.json"):
        done = run(JFK, PAGE, "--out", tmp_path / "out", "--transcript", tmp_path / name)
        assert_one_line(done, name)
    assert files_in(tmp_path / "out") == []


def test_a_missing_model_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(model_catalog, "models_folders", lambda: (tmp_path / "models",))
    assert_one_line(run(JFK, PAGE, "--out", tmp_path / "out", "--model", "large-v2"), "inkcast models pull")
    assert files_in(tmp_path / "out") == []


def test_a_folder_below_a_file_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert_one_line(run(JFK, PAGE, "--out", tmp_path / "file" / "out"), "choose another folder")


def test_corrections_beside_the_results_are_applied_and_stay(tmp_path, heard):
    path = tmp_path / f"{STEM}.corrections.toml"
    path.write_text(
        "[[correction]]\nkind = 'wording'\nwords = 'tiny budgets'\ntext = 'small budgets'\n"
        "[[correction]]\nkind = 'not read'\nwords = 'nowhere at all'\n"
    )
    text = path.read_text()
    done = run(AUDIO, PAGE, "--out", tmp_path, "--transcript", heard, "--json")
    assert done.exit_code == 0, done.stderr
    (lost,) = json.loads(done.stdout)["lost"]
    assert lost in done.stderr and "“nowhere at all”" in lost
    for suffix in ("html", "corrected-essay.json", "alignment.json"):
        assert "small budgets" in (tmp_path / f"{STEM}.{suffix}").read_text(encoding="utf-8")
    assert "tiny budgets" in (tmp_path / f"{STEM}.essay.json").read_text(encoding="utf-8")
    assert path.read_text() == text
    path.unlink()
    assert run(AUDIO, PAGE, "--out", tmp_path, "--transcript", heard).exit_code == 0
    assert not list(tmp_path.glob("*corrected*"))


def test_a_result_that_was_mended_is_kept(tmp_path, heard):
    """Each time; what is the same, or only set otherwise, is no reason to keep anything."""
    for _ in range(2):
        done = run(AUDIO, PAGE, "--out", tmp_path, "--transcript", heard, "--json")
        assert done.stderr == ""
    path = tmp_path / f"{STEM}.transcript.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")), indent=7), encoding="utf-8")
    assert run(AUDIO, PAGE, "--out", tmp_path, "--transcript", heard, "--json").stderr == ""
    mended = path.read_text(encoding="utf-8").replace("older", "elder")
    path.write_text(mended, encoding="utf-8")
    for _ in range(2):
        done = run(AUDIO, PAGE, "--out", tmp_path, "--transcript", heard, "--json")
        kept = [file for file in tmp_path.iterdir() if ".edited" in file.name]
        assert [file.name for file in kept] == [f"{STEM}.transcript.edited.json"]
    assert kept[0].read_text(encoding="utf-8") == mended
    path.write_text(mended.replace("elder", "eldest"), encoding="utf-8")
    done = run(AUDIO, PAGE, "--out", tmp_path, "--transcript", heard, "--json")
    assert (
        f"{path} was changed by somebody: what it was is kept as {STEM}.transcript.edited-2.json."
        in done.stderr
    )


def test_a_full_disk_leaves_whole_files_or_none(tmp_path):
    """The page, with the recording in it, is larger than any file may grow; what was there is not lost."""
    resource = pytest.importorskip("resource", reason="only Unix can limit the size of files")
    out = tmp_path / "out"
    out.mkdir()
    (out / "jfk.html").write_text("older")
    noise = np.random.default_rng(1).normal(0, 0.1, 48_000 * 8)
    audio = write_wav(tmp_path / "jfk.wav", noise.astype(np.float32), rate=48_000)
    (tmp_path / "jfk.txt").write_text(JFK_SAYS)
    (tmp_path / "jfk.srt").write_text(f"1\n00:00:00,300 --> 00:00:07,500\n{JFK_SAYS}\n")

    def full_disk():
        resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))

    given = [audio, tmp_path / "jfk.txt", "--transcript", tmp_path / "jfk.srt", "--inline-audio"]
    command = [sys.executable, "-m", "inkcast", "align", *given, "--out", out]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=full_disk)
    assert done.returncode == 1
    *_, line = done.stderr.splitlines()  # on a busy machine, progress stands before it
    assert line.startswith(f"Error: Cannot write {out / 'jfk.html'}")
    assert (out / "jfk.html").read_text() == "older"
    for path in out.iterdir():
        assert path.name.removeprefix("jfk.") in SUFFIXES
        if path.suffix == ".json":
            json.loads(path.read_text(encoding="utf-8"))


def test_the_recording_is_opened_once(tmp_path, monkeypatch):
    opened, real = [], av.open
    monkeypatch.setattr(av, "open", lambda *args, **options: opened.append(args) or real(*args, **options))
    (tmp_path / "jfk.txt").write_text(JFK_SAYS)
    done = run(JFK, tmp_path / "jfk.txt", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.stderr
    assert [args[0] for args in opened if "selftest" not in args[0]] == [str(JFK)]


def test_the_model_is_given_back_before_words_are_aligned(tmp_path, monkeypatch):
    loaded, alive = [], []

    def load(*args):
        model = load_model_for(*args)
        loaded.append(weakref.ref(model.engine))
        return model

    def align(*args, **options):
        alive.extend(model() for model in loaded)
        return inkcast.align(*args, **options)

    monkeypatch.setattr("inkcast.cli.recordings.align.load_model_for", load)
    monkeypatch.setattr("inkcast.cli.recordings.align.align", align)
    (tmp_path / "jfk.txt").write_text(JFK_SAYS)
    done = run(JFK, tmp_path / "jfk.txt", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.stderr
    assert alive == [None]


def test_a_secret_in_an_address_is_not_published(tmp_path):
    """Paid feeds carry a token in every address."""
    (tmp_path / "essay.txt").write_text(JFK_SAYS)
    with serve_folder(JFK.parent) as site:
        address = f"{site.url}/jfk.flac?token=s3cret"
        done = run(address, tmp_path / "essay.txt", "--out", tmp_path / "out", "--allow-private")
    assert done.exit_code == 0, done.stderr
    data = json.loads((tmp_path / "out" / "jfk.alignment.json").read_text(encoding="utf-8"))
    assert data["audio"]["source"] == address.replace("s3cret", "***")
    assert all(b"s3cret" not in path.read_bytes() for path in (tmp_path / "out").iterdir())


@pytest.mark.parametrize("args", [(), ("a.mp3",), ("a.mp3", "b.md", "--out", "o", "--x")])
def test_wrong_usage_is_exit_2(args):
    done = run(*args)
    assert done.exit_code == 2
    assert "Usage: inkcast align" in done.stderr
