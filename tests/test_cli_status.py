"""``inkcast status``: what a library holds, against the files that are there."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from inkcast.cli.app import inkcast
from shows import Ears, write_show

HEAVY = {"numpy", "torch", "av", "httpx", "feedparser", "lxml", "rich"}


@pytest.fixture(autouse=True)
def _folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda name: tmp_path / "config")
    monkeypatch.setattr("inkcast.cli.sync.lazy_transcriber", lambda: Ears())


def run(*args):
    return CliRunner().invoke(inkcast, args, prog_name="inkcast")


@pytest.fixture
def library(tmp_path):
    """One episode done, one failed, twice."""
    show = write_show(tmp_path / "show")
    (tmp_path / "show" / "boats.wav").write_bytes(b"")
    run("sync", str(show), "--library", "library")
    run("sync", str(show), "--library", "library")
    return tmp_path / "library"


def test_it_counts_and_gives_reasons(library):
    result = run("status", "--library", str(library))
    assert result.exit_code == 0
    first, second = result.stdout.splitlines()
    assert first == "Slow ways: 1 done, 1 failed, 0 to do, 0.4 MB"
    assert second.startswith("  Boats: download (tried 2 times): ")
    assert second.endswith("boats.wav is empty. Its publisher has to mend it: try again later.")


def test_json_agrees_with_the_disk(library):
    status = json.loads(run("status", "--library", str(library), "--json").stdout)
    (show,) = status["feeds"]
    assert (status["done"], status["failed"], status["pending"]) == (1, 1, 0)
    files = [path for path in (library / show["folder"]).rglob("2026-*.*") if path.is_file()]
    assert status["bytes"] == show["bytes"] == sum(path.stat().st_size for path in files)
    (failure,) = show["failures"]
    assert (failure["guid"], failure["step"], failure["attempts"]) == ("boats", "download", 2)
    assert failure["failed_at"].startswith("20")


def test_where_there_is_no_library_it_says_so_and_makes_none():
    result = run("status", "--library", "nowhere")
    assert result.exit_code == 1
    assert result.stderr == (
        "Error: There is no library in nowhere. Make one: inkcast sync FEED --library nowhere\n"
    )
    assert not Path("nowhere").exists()


def test_a_damaged_catalogue_is_one_line(library):
    for path in library.glob("catalogue.sqlite*"):
        path.write_bytes(b"rubbish" * 1000)
    result = run("status", "--library", str(library))
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "is damaged" in result.stderr


def test_it_loads_nothing_heavy(library):
    code = (
        "import sys; from inkcast.cli.app import inkcast\n"
        f"inkcast(['status', '--library', {str(library)!r}], standalone_mode=False)\n"
        "print(*{name.split('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stderr.split())
