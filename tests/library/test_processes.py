"""``inkcast sync`` as processes: two at once, stopped, killed, and for ever. Only the ears are false."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from inkcast.library.store.catalogue import Catalogue
from inkcast.library.store.schema import FILE_NAME
from inkcast.library.store.status import status_of
from tests.support.servers import Handler, serve, serve_folder
from tests.support.shows import feed, item, tone

BOATS, TRAINS = Path("Slow ways", "2026-05-20 Boats"), Path("Slow ways", "2026-05-13 Trains")
WINDOWS = 5
HANG_S = 60
"""Longer than anything here takes: who waits for it hangs."""

# Hears each recording in windows that it keeps at the checkpoint, as the real ones do. If it is "slow", each
# takes until a file named "go" is there, and the windows of a recording are no more than the file says.
SCRIPT = f"""
import sys, time
from pathlib import Path
import inkcast.cli.libraries.sync
from inkcast.cli import app
from tests.support.shows import Ears

go = Path("go")

class SlowEars(Ears):
    def __call__(self, recording, essay, checkpoint, progress, *rest):
        heard = checkpoint.read_text().count("\\n") if checkpoint.exists() else 0
        for window in range(heard, {WINDOWS}):
            print("window", recording.path.stem[11:], window, flush=True)
            while sys.argv[1] == "slow" and not (go.exists() and window < int(go.read_text() or {WINDOWS})):
                time.sleep(0.01)
            with checkpoint.open("a") as stream:
                stream.write("heard\\n")
            progress(window + 1, {WINDOWS})
        return super().__call__(recording, essay, checkpoint, progress, *rest)

inkcast.cli.libraries.sync.lazy_transcriber = SlowEars
app.inkcast(sys.argv[2:])
"""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")


@pytest.fixture
def show(tmp_path: Path) -> Path:
    """The path of a feed with two short episodes."""
    folder = tmp_path / "show"
    folder.mkdir()
    for slug, hertz in (("trains", 220), ("boats", 330)):
        (folder / f"{slug}.wav").write_bytes(tone(1, hertz))
    items = (item("boats", "Boats", 20, link=None), item("trains", "Trains", 13, link=None))
    (folder / "feed.xml").write_bytes(feed(*items))
    return folder / "feed.xml"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return tmp_path / "library"


@contextmanager
def started(
    source: Path | str, library: Path, *options: str, slow: bool = False
) -> Iterator[subprocess.Popen[str]]:
    """A sync that is as slow as it is told to be; it does not outlive the block."""
    arguments = ["sync", str(source), "--library", str(library), "--allow-private", *options]
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, "slow" if slow else "quick", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=library.parent,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit status, and what it still says on stdout and stderr."""
    out, err = process.communicate(timeout=HANG_S)
    return process.returncode, out, err


def sync(source: Path | str, library: Path) -> tuple[int, str, str]:
    with started(source, library) as process:
        return finish(process)


def windows(text: str) -> list[tuple[str, int]]:
    lines = (line.split() for line in text.splitlines() if line.startswith("window"))
    return [(title, int(number)) for _, title, number in lines]


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + HANG_S
    while not condition():
        assert time.monotonic() < end, "it hangs"
        time.sleep(0.01)


def assert_complete(library: Path) -> None:
    """Every file is there that a sync makes, and none besides."""
    with Catalogue(library / FILE_NAME) as catalogue:
        (status,) = status_of(catalogue)
        assert (status.done, status.failed, status.pending) == (2, 0, 0)
        assert catalogue.rows("PRAGMA integrity_check") == [("ok",)]
    found = {path.relative_to(library) for path in library.rglob("*") if path.is_file()}
    ends = (".wav", ".transcript.json", ".vtt", ".srt", ".txt", ".tsv")
    expected = {folder / f"{folder.name}{end}" for folder in (BOATS, TRAINS) for end in ends}
    expected |= {BOATS / "episode.json", TRAINS / "episode.json", BOATS.parent / "show.json"}
    assert {path for path in found if not path.name.startswith("catalogue.")} == expected


def test_a_second_sync_says_that_another_one_is_at_work(show: Path, library: Path) -> None:
    with started(show, library, "--jobs", "1", slow=True) as first:
        assert first.stdout and first.stdout.readline() == "window Boats 0\n"
        status, out, err = sync(show, library)
        assert (status, out) == (1, "")
        assert err.startswith(f"Error: Another run is working on the library {library}. ")
        assert err.count("\n") == 1
        library.with_name("go").touch()
        status, out, _ = finish(first)
    assert status == 0
    assert windows(out) == [("Boats", n) for n in range(1, WINDOWS)] + [("Trains", n) for n in range(WINDOWS)]
    assert_complete(library)


def test_of_two_that_start_in_the_same_moment_one_makes_the_library(show: Path, library: Path) -> None:
    with (
        started(show, library, slow=True) as one,
        started(show, library, slow=True) as other,
    ):
        wait_until(lambda: one.poll() is not None or other.poll() is not None)
        library.with_name("go").touch()
        ends = sorted([finish(one), finish(other)])
    assert [status for status, _, _ in ends] == [0, 1]
    assert "Another run is working on the library" in ends[1][2]
    assert_complete(library)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_sync_ends_after_its_window_and_goes_on_there(
    number: signal.Signals, show: Path, library: Path
) -> None:
    go = library.with_name("go")
    go.write_text("1")
    with started(show, library, "--jobs", "1", slow=True) as process:
        assert process.stdout and process.stderr
        begun = process.stdout.readline() + process.stdout.readline()
        process.send_signal(number)
        while "Stopping after this window" not in process.stderr.readline():
            assert process.poll() is None
        go.write_text("")
        status, out, err = finish(process)
    assert status == 128 + number
    assert "Stopped. Run the same command to go on." in err
    assert "Traceback" not in err
    before = windows(begun + out)
    assert before == [("Boats", 0), ("Boats", 1)]
    kept = library / BOATS / f"{BOATS.name}.partial.jsonl"
    assert kept.read_text() == "heard\n" * len(before)
    status, out, _ = sync(show, library)
    assert status == 0
    everything = [(title, n) for title in ("Boats", "Trains") for n in range(WINDOWS)]
    assert sorted(before + windows(out)) == everything
    assert_complete(library)


def test_a_second_signal_ends_it_at_once_and_its_lock_holds_nobody_up(show: Path, library: Path) -> None:
    with started(show, library, slow=True) as process:
        assert process.stdout and process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.stderr
        while "Stopping after" not in process.stderr.readline():
            pass
        process.send_signal(signal.SIGINT)
        assert finish(process)[0] == -signal.SIGINT
    assert (library / "catalogue.lock").exists()
    assert sync(show, library)[0] == 0
    assert_complete(library)


def test_a_signal_is_heard_while_a_server_says_nothing(show: Path, library: Path) -> None:
    over = threading.Event()

    def hang(handler: Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        over.wait(HANG_S)

    routes = {
        "/feed.xml": lambda handler: handler.reply(200, show.read_bytes()),
        "/boats.wav": hang,
        "/trains.wav": hang,
    }
    with serve(routes) as site:
        with started(f"{site.url}/feed.xml", library) as process:
            wait_until(lambda: len(site.requests) == 3)
            process.terminate()
            status, _, err = finish(process)
        over.set()
        assert status == 128 + signal.SIGTERM
        assert "Traceback" not in err
        for name in ("boats", "trains"):
            routes[f"/{name}.wav"] = lambda handler, name=name: handler.reply_file(
                show.parent / f"{name}.wav"
            )
        assert sync(f"{site.url}/feed.xml", library)[0] == 0
    assert_complete(library)


def test_watching_takes_what_is_new_and_ends_when_told(show: Path, library: Path) -> None:
    whole = show.read_bytes()
    show.write_bytes(feed(item("boats", "Boats", 20, link=None)))
    with (
        serve_folder(show.parent) as site,
        started(f"{site.url}/feed.xml", library, "--watch", "1s") as process,
    ):
        wait_until((library / BOATS / "episode.json").is_file)
        show.write_bytes(whole)
        wait_until((library / TRAINS / "episode.json").is_file)
        rounds = len(site.requests)
        wait_until(lambda: len(site.requests) >= rounds + 2)
        process.terminate()
        status, out, err = finish(process)
    assert status == 128 + signal.SIGTERM
    assert windows(out) == [(title, n) for title in ("Boats", "Trains") for n in range(WINDOWS)]
    assert "1 done, 0 unchanged." in err
    assert "1 done, 1 unchanged." in err
    assert "0 done, 2 unchanged." in err
    assert_complete(library)
