"""``import inkcast``: light to import, and the same results as the commands."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import inkcast
from inkcast.cli.app import inkcast as command
from tests.support.example import AUDIO, JFK, JFK_SAYS, PAGE, ROOT, STEM, engine, guided

HEAVY = {"torch", "numpy", "httpx", "av", "click", "lxml", "ctranslate2", "jinja2", "rich"}


def test_importing_it_loads_nothing_heavy():
    code = "import sys, inkcast; inkcast.InkcastError; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stdout.split())


def test_the_command_for_files_at_hand_loads_nothing_of_the_web_nor_what_is_needed_later():
    code = "import sys, inkcast.cli.recordings.align; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    later = {"ctranslate2", "numba", "jinja2", "mutagen", "unicode_rbnf", "torch"}
    assert not {"httpx", "urllib.request", "inkcast.download.naming", *later} & set(done.stdout.split())


def test_every_public_name_is_there_and_no_other():
    assert inkcast.__all__ == sorted(inkcast.__all__)
    assert {name for name in inkcast.__all__ if getattr(inkcast, name) is None} == set()
    assert set(inkcast.__all__) <= set(dir(inkcast))
    with pytest.raises(AttributeError, match="no attribute 'alignn'"):
        inkcast.alignn  # noqa: B018


def test_star_gives_what_it_lists():
    names: dict[str, object] = {}
    exec("from inkcast import *", names)
    assert set(inkcast.__all__) <= set(names)


class Model:
    """Hears the example as it was heard once in this session."""

    info = None

    def __init__(self):
        self.asked = []

    def transcribe(self, recording, essay=None, options=None, *, progress=None, checkpoint=None):
        self.asked.append((recording.path, essay.title if essay else None, options))
        return guided()


@pytest.mark.model
def test_align_gives_the_files_of_the_command(tmp_path, tiny_en):
    model = Model()
    result = inkcast.align(AUDIO, PAGE, model)
    made = result.write(tmp_path / "api")
    assert model.asked == [(AUDIO, result.essay.title, inkcast.TranscribeOptions())]
    assert result.alignment.audit.passed and result.alignment.audio.source == str(AUDIO)
    transcript = tmp_path / "api" / f"{STEM}.transcript.json"
    run = CliRunner().invoke(
        command, ["align", str(AUDIO), str(PAGE), "--out", str(tmp_path / "cli"), "--transcript", transcript]
    )
    assert run.exit_code == 0, run.stderr
    assert [path.name for path in made] == [Path(line).name for line in run.stdout.splitlines()]
    for path in made:
        assert path.read_bytes() == (tmp_path / "cli" / path.name).read_bytes(), path.name


def test_what_may_go_wrong_is_one_kind_of_error(tmp_path):
    for call in (
        lambda: inkcast.load_model("tinny"),
        lambda: inkcast.load_model("tiny.en", engine="gpt"),
        lambda: inkcast.read_essay(tmp_path / "none.md"),
        lambda: inkcast.read_feed(tmp_path / "none.xml"),
        lambda: inkcast.align(tmp_path / "none.mp3", PAGE, Model()),
        lambda: inkcast.TranscribeOptions(beam_size=0),
        lambda: inkcast.TranscribeOptions(guided_window_ms=(9_000, 5_000)),
        lambda: inkcast.align(AUDIO, PAGE, Model(), align_options=inkcast.AlignOptions(aligner="none")),
    ):
        with pytest.raises(inkcast.InkcastError) as caught:
            call()
        assert caught.value.message


@pytest.mark.model
def test_second_looks_are_one_field(tiny_en, monkeypatch):
    from inkcast.speech.guided import guide
    from inkcast.speech.whisper_transcriber import WhisperTranscriber

    doubts = []
    real = guide.recheck
    monkeypatch.setattr(
        guide,
        "recheck",
        lambda engine, tokenizer, passages: (
            doubts.extend(doubt for passage in passages for doubt in passage.doubts),
            real(engine, tokenizer, passages),
        )[1],
    )
    model = WhisperTranscriber(engine())
    inkcast.transcribe(AUDIO, model, essay=PAGE, options=inkcast.TranscribeOptions(second_looks=False))
    assert doubts == []
    inkcast.transcribe(AUDIO, model, essay=PAGE)
    assert doubts


@pytest.mark.model
def test_the_code_in_the_documentation_runs(tmp_path, tiny_en):
    """All of it, one block after the other, each in a program of its own; four of five hear a clip."""
    shutil.copy(JFK, tmp_path / "episode.mp3")
    (tmp_path / "essay.html").write_text(f"<p>{JFK_SAYS}</p>")
    for file in (ROOT / "examples").iterdir():
        shutil.copy(file, tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "python.md").read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 5
    # In one process, so that torch and the rest are imported once.
    program = "\n".join(f"exec({block!r}, {{}})" for block in blocks)
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    first = done.stdout.splitlines()[0].split()
    assert first[0].isdigit() and first[1] == "True"
    assert f"2026-05-19 {'What small labs are for'}" in done.stdout
    assert {"episode.html", "episode.vtt", "episode.srt"} <= {
        path.name for path in (tmp_path / "out").iterdir()
    }
    assert len(list((tmp_path / "podcasts").glob("*/*/*.html"))) == 1
