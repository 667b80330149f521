"""``inkcast sync`` as a user runs it: the example with its real model, and everything that goes wrong."""

import json
import os
import subprocess
import sys
from pathlib import Path

import filelock
import pytest
from click.testing import CliRunner

from inkcast.alignment.alignment import Alignment
from inkcast.cli.app import inkcast
from tests.support.shows import BOATS, TRAINS, Ears, feed, item, page, write_show

EXAMPLES = Path(__file__).parents[2] / "examples"
STEM = "2026-05-19 What small labs are for"
ENGINES = {"torch", "ctranslate2", "whisper"}


@pytest.fixture(autouse=True)
def _folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda name: tmp_path / "config")


@pytest.fixture
def ears(monkeypatch):
    ears = Ears()
    monkeypatch.setattr("inkcast.cli.libraries.sync.lazy_transcriber", lambda: ears)
    return ears


@pytest.fixture
def show(tmp_path, ears):
    return write_show(tmp_path / "show")


def run(*args):
    return CliRunner().invoke(inkcast, ["sync", *map(str, args)], prog_name="inkcast")


@pytest.mark.model
def test_the_example_becomes_a_page_and_a_second_sync_loads_no_engine(tiny_en, tmp_path):
    library = tmp_path / "library"
    arguments = (str(EXAMPLES / "feed.xml"), "--library", str(library))
    result = run(*arguments)
    assert result.exit_code == 0, result.stderr
    page = Path(result.stdout.removesuffix("\n"))
    assert page == library / "Slow Weights, read aloud" / STEM / f"{STEM}.html"
    assert "What small labs are for" in page.read_text(encoding="utf-8")

    data = json.loads(page.with_suffix(".alignment.json").read_text(encoding="utf-8"))
    alignment = Alignment.from_json(data)
    assert alignment.audit.passed
    skipped = [word for word in alignment.words if word.text in ("argument", "budgets.")]
    assert [word.status for word in skipped] == ["unspoken", "unspoken"]
    assert "welcome back" in alignment.extra[0].text.lower()
    assert "$2-10T" in page.with_suffix(".vtt").read_text(encoding="utf-8")

    code = (
        "import sys; from inkcast.cli.app import inkcast\n"
        f"inkcast(['sync', *{arguments!r}, '--json'], standalone_mode=False)\n"
        "print(*{name.split('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    again = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    summary = json.loads(again.stdout)
    assert (summary["done"], summary["unchanged"], summary["failed"]) == (0, 1, 0)
    assert not ENGINES & set(again.stderr.split())


def test_each_page_is_a_line_and_the_counts_are_no_data(show, tmp_path):
    result = run(show, "--library", "library")
    assert result.exit_code == 0
    folder = Path("library", "Slow ways")
    assert sorted(result.stdout.splitlines(), reverse=True) == [
        str(folder / stem / f"{stem}.html") for stem in ("2026-05-20 Boats", "2026-05-13 Trains")
    ]
    *verdicts, counts = result.stderr.splitlines()
    assert counts == "2 done, 0 unchanged."
    assert sorted(verdicts) == [f"{title}: 100 % read, audit passed." for title in ("Boats", "Trains")]
    again = run(show, "--library", "library")
    assert (again.exit_code, again.stdout, again.stderr) == (0, "", "0 done, 2 unchanged.\n")
    assert run(show, "--library", "library", "-q").stderr == ""


def test_a_failure_is_a_line_and_exit_1(show):
    (show.parent / "boats.wav").write_bytes(b"<html>Please sign in</html>")
    result = run(show, "--library", "library")
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 1
    *lines, counts = result.stderr.splitlines()
    error, verdict = sorted(lines)
    assert verdict == "Trains: 100 % read, audit passed."
    assert error.startswith("Error: Boats: download: ")
    assert "is a web page, not audio. It may require a login" in error
    assert counts == "1 done, 0 unchanged, 1 failed."
    again = run(show, "--library", "library")
    assert again.exit_code == 1
    assert error in again.stderr


def test_a_doubt_is_seen_without_asking(show, ears):
    ears.says = TRAINS
    (show.parent / "trains.html").write_bytes(page("Trains", TRAINS, BOATS, BOATS.replace("boat", "ship")))
    result = run(show, "--library", "library", "--match", "Trains")
    assert result.exit_code == 0
    assert [line.split(",")[0] for line in result.stderr.splitlines()] == [
        "Trains: 33 % read",
        "Warning: Trains: Only 33% of the essay's words were heard: the recording may contain a part of it.",
        "1 done",
    ]
    assert run(show, "--library", "other", "--match", "Trains", "-q").stderr == ""


def test_json_is_the_only_thing_on_stdout(show):
    (show.parent / "trains.html").unlink()
    result = run(show, "missing.xml", "--library", "library", "--json")
    assert result.exit_code == 1
    summary = json.loads(result.stdout)
    assert (summary["done"], summary["failed"], summary["unchanged"]) == (1, 1, 0)
    boats, trains = summary["episodes"]
    assert (boats["guid"], boats["state"], boats["problems"]) == ("boats", "done", [])
    assert boats["files"][0] == "2026-05-20 Boats.html"
    assert Path(boats["folder"], boats["files"][0]).is_file()
    assert [problem["step"] for problem in trains["problems"]] == ["essay"]
    assert summary["feed_problems"][0]["source"] == "missing.xml"


def test_a_selection_is_a_selection(show, ears):
    assert run(show, "--library", "library", "--match", "TRAIN").exit_code == 0
    assert ears.heard == ["2026-05-13 Trains.wav"]
    run(show, "--library", "library", "--limit", "1")
    assert ears.heard[1:] == ["2026-05-20 Boats.wav"]
    assert run(show, "--library", "library", "--since", "2026-06-01").exit_code == 0


def test_a_dry_run_says_what_would_be_done_and_makes_nothing(show):
    result = run(show, "--library", "library", "--dry-run")
    assert result.exit_code == 0
    assert result.stdout == "download    Boats\ndownload    Trains\n"
    assert result.stderr == "2 to do, 0 unchanged.\n"
    assert not Path("library").exists()


def test_titles_cannot_speak_to_the_terminal(show):
    show.write_bytes(feed(item("trains", "Red\x9b31m", 13, audio="none.wav")))
    assert "\x9b" not in run(show, "--library", "library").stderr


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<!doctype html><html><title>Blog</title></html>", "a web page, not a feed"),
        (b"", "is empty"),
        (feed("<item><title>Text only</title></item>"), "has no audio"),
    ],
)
def test_a_feed_that_is_none_is_one_line(data, words, ears):
    Path("feed.xml").write_bytes(data)
    result = run("feed.xml", "--library", "library")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("Error: ")
    assert words in result.stderr


def test_a_library_that_cannot_be_is_one_line(show):
    Path("file").write_text("in the way")
    result = run(show, "--library", "file/library")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
    assert "choose another folder" in result.stderr
    assert run(show, "--library", "file").exit_code == 2


def test_a_second_run_on_the_same_library_is_told_to_wait(show):
    Path("library").mkdir()
    with filelock.FileLock("library/catalogue.lock"):
        result = run(show, "--library", "library")
    assert result.exit_code == 1
    assert "Another run is working on the library library. Wait for it" in result.stderr


@pytest.mark.parametrize("arguments", [(), ("feed.xml",), ("--library", "library")])
def test_what_is_missing_is_wrong_usage(arguments):
    assert run(*arguments).exit_code == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows sets no limits for a process")
def test_a_file_that_the_system_refuses_to_write_leaves_nothing(show, tmp_path):
    """The kernel's own error in the middle of a file, as a full disk gives it."""
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))\n"
        "from inkcast.cli.app import inkcast; inkcast()"
    )
    arguments = ["sync", str(show), "--library", "library"]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.count("Error: ") == 2
    assert "Cannot write" in done.stderr
    assert "Traceback" not in done.stderr
    names = {path.name for path in Path("library").rglob("*") if path.is_file()}
    assert {name for name in names if not name.startswith("catalogue.")} <= {"show.json"}
    assert run(show, "--library", "library").exit_code == 0


def test_a_list_of_feeds_is_each_of_them_and_a_bad_one_stops_no_other(show, tmp_path):
    missing, text = "gone/feed.xml", "text=''"
    outlines = (
        f"<outline {text}><outline {text} xmlUrl='{missing}'/></outline><outline xmlUrl='show/feed.xml'/>"
    )
    Path("subscriptions.opml").write_text(f"<opml version='2.0'><body>{outlines}</body></opml>")
    result = run("subscriptions.opml", "--library", "library", "--dry-run")
    assert result.exit_code == 1
    assert result.stdout == "download    Boats\ndownload    Trains\n"
    assert f"{tmp_path / missing}: No such file" in result.stderr
    Path("subscriptions.opml").write_text("<opml version='2.0'><body/></opml>")
    result = run("subscriptions.opml", "--library", "library")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "names no feeds" in result.stderr
