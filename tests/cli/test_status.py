"""``inkcast status``: what a library holds, against the files that are there."""

import json
import re
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from click.testing import CliRunner

from inkcast.cli.app import inkcast
from inkcast.feeds.identity import Traits
from inkcast.library.store.catalogue import Catalogue, NewEpisode
from inkcast.library.store.record import StepRecord
from inkcast.library.store.status import FailedStep, next_attempt, size_in_words
from tests.support.browser import axe_problems, contrast, open_page
from tests.support.shows import Ears, write_show

HEAVY = {"numpy", "torch", "av", "httpx", "feedparser", "lxml", "rich", "jinja2"}


@pytest.fixture(autouse=True)
def _folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda name: tmp_path / "config")
    monkeypatch.setattr("inkcast.cli.libraries.sync.lazy_transcriber", lambda: Ears())


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
    first, second, third = result.stdout.splitlines()
    assert first == "Slow ways: 1 done, 1 failed, 0 to do, 0.4 MB"
    assert re.match(r"  Boats: download \(tried 2 times, next try in (9|10) min\): ", second)
    assert second.endswith("boats.wav is empty. Its publisher has to fix it: try again later.")
    assert re.fullmatch(r"Speed: [\d.,]+ hours of audio an hour \(0:21 transcribed\)", third)


def test_json_agrees_with_the_disk(library):
    status = json.loads(run("status", "--library", str(library), "--json").stdout)
    (show,) = status["feeds"]
    assert (status["done"], status["failed"], status["pending"]) == (1, 1, 0)
    files = [path for path in (library / show["folder"]).rglob("2026-*.*") if path.is_file()]
    assert status["bytes"] == show["bytes"] == sum(path.stat().st_size for path in files)
    (failure,) = show["failures"]
    assert (failure["guid"], failure["step"], failure["attempts"]) == ("boats", "download", 2)
    failed_at, next_attempt = (datetime.fromisoformat(failure[key]) for key in ("failed_at", "next_attempt"))
    assert timedelta(minutes=9, seconds=58) <= next_attempt - failed_at <= timedelta(minutes=10, seconds=2)


def test_the_speed_is_what_the_transcriptions_took(library):
    with sqlite3.connect(library / "catalogue.sqlite") as db:
        db.execute("UPDATE steps SET seconds = 30, audio_ms = 3600000 WHERE step = 'transcribe'")
    db.close()
    status = json.loads(run("status", "--library", str(library), "--json").stdout)
    assert (status["audio_ms"], status["audio_hours_per_hour"]) == (3_600_000, 120)
    assert "Speed: 120.0 hours of audio an hour (1:00:00 transcribed)\n" in (
        run("status", "--library", str(library)).stdout
    )
    run("status", "--library", str(library), "--html", "status.html")
    page = Path("status.html").read_text("utf-8")
    assert ">1:00:00<" in page
    assert ">120.0 h<" in page


def test_times_that_nobody_measured_do_not_count(library):
    """As those of a catalogue that was rebuilt from the folders."""
    with sqlite3.connect(library / "catalogue.sqlite") as db:
        db.execute("UPDATE steps SET seconds = 0")
    db.close()
    assert (
        json.loads(run("status", "--library", str(library), "--json").stdout)["audio_hours_per_hour"] is None
    )
    assert "Speed" not in run("status", "--library", str(library)).stdout


def test_what_is_to_be_done_again_is_to_do(library):
    with sqlite3.connect(library / "catalogue.sqlite") as db:
        db.execute("UPDATE steps SET key = '' WHERE step = 'align'")
    db.close()
    assert run("status", "--library", str(library)).stdout.startswith("Slow ways: 0 done, 1 failed, 1 to do")


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (None, "waits for its input to change"),
        (-5, "next try: now"),
        (9, "next try in 9 min"),
        (89, "next try in 89 min"),
        (300, "next try in 5 h"),
    ],
)
def test_the_next_attempt_in_words(minutes, words):
    now = datetime(2026, 5, 1, tzinfo=UTC)
    when = None if minutes is None else (now + timedelta(minutes=minutes)).isoformat()
    assert next_attempt(FailedStep("g", "T", "align", "", 1, now.isoformat(), when), now) == words


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0.0 MB"), (999_000_000, "999.0 MB"), (10**9, "1.0 GB"), (2_345 * 10**9, "2.3 TB")],
)
def test_sizes_in_words(size, words):
    assert size_in_words(size) == words


def write_hostile(library):
    """Titles and reasons that would be markup."""
    with Catalogue(library / "catalogue.sqlite") as catalogue:
        feed = catalogue.put_feed("x", "https://x.example", "<script>alert(1)</script> & Söhne", "x")
        now = datetime.now(UTC)
        for number in range(23):
            guid = str(number)
            catalogue.put_episodes(feed, [NewEpisode(Traits(guid, f"<img src=x> {guid}", now), guid)])
            step = StepRecord("download", "failed", "k", "", f"</p><b>No</b> {guid}", 3, 1, now, (), now)
            catalogue.record(feed, guid, step)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_can_be_read_by_everybody(dark, library, browser):
    write_hostile(library)
    result = run("status", "--library", str(library), "--html", "pages/status.html")
    assert (result.exit_code, result.stdout) == (0, str(Path("pages", "status.html")) + "\n")
    address = Path("pages/status.html").resolve().as_uri()
    with open_page(browser, address, dark=dark, scripts=False) as page:
        assert page.title() == "library: library status"
        assert page.locator("h1").inner_text() == "library"
        rows = page.locator("tbody tr")
        assert [rows.nth(i).locator("th").inner_text() for i in range(2)] == [
            "Slow ways",
            "<script>alert(1)</script> & Söhne",
        ]
        assert rows.nth(0).locator("td").all_inner_texts()[1:] == ["1", "1", "0", "0.4 MB"]
        assert rows.nth(1).locator("td").all_inner_texts()[1:] == ["0", "23", "0", "0.0 MB"]
        assert page.locator(".failures > li").count() == 24
        finished = page.locator(".pages a").get_attribute("href")
        assert Path("pages", unquote(finished or "")).resolve().suffix == ".html"
        assert Path("pages", unquote(finished or "")).is_file()
        assert page.locator(".failures > li:visible").count() == 21
        page.locator("summary").click()
        assert page.locator(".failures > li:visible").count() == 24
        assert page.locator("img, script, .reason b").count() == 0
        terms, values = (page.locator(f".figures {tag}").all_inner_texts() for tag in ("dt", "dd"))
        assert (
            dict(zip(terms, values, strict=True)).items()
            >= {"done": "1", "failed": "24", "to do": "0"}.items()
        )
        assert min(contrast(page, ".facts"), contrast(page, "td.wrong")) >= 4.5
    with open_page(browser, address, dark=dark, width=390) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert axe_problems(page) == []


def test_the_page_asks_for_nothing_and_runs_nothing(library):
    run("status", "--library", str(library), "--html", "status.html")
    page = Path("status.html").read_text(encoding="utf-8")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)[1]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert not re.search(r"<script|<link rel=.stylesheet|\bstyle=|@import|url\(|\bon\w+=", page)


def test_one_form_at_a_time(library):
    assert run("status", "--library", str(library), "--html", "x.html", "--json").exit_code == 2


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
