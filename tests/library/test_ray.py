"""Jobs on a Ray cluster: a real one on this machine, real processes that really die, real Whisper once."""

from __future__ import annotations

import importlib
import importlib.util
import json
import secrets
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from inkcast.cli.app import inkcast
from inkcast.download.client import open_client
from inkcast.errors import LibraryError, ModelError
from inkcast.library.executors.ray_executor import LIVES, STARTS, Cluster, RayExecutor, _init
from inkcast.library.steps.episode_steps import Tools
from inkcast.library.store.catalogue import Catalogue
from inkcast.library.store.schema import FILE_NAME
from inkcast.library.subscriptions import Subscriptions
from inkcast.library.sync import Plan, Summary, sync
from inkcast.settings import Settings
from tests.support.far_ears import far_ears
from tests.support.servers import serve_folder
from tests.support.shows import BOATS, TRAINS, Ears, feed, item, tone, write_show

TWO = Cluster(workers=2)
ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "benchmarks"))
kill_sync = importlib.import_module("kill_sync")


@pytest.fixture(scope="module")
def ray() -> Iterator[None]:
    """Ray, with a password of our own, as a user's clusters have one."""
    if importlib.util.find_spec("ray") is None:
        pytest.skip('missing: Ray (pip install "inkcast[ray]")')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_AUTH_MODE", "token")
        patch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        yield


@pytest.fixture(scope="module")
def address(ray: None) -> Iterator[str]:
    """A cluster of four cores, for ``--ray-address``; Ray's own start is the longest part of each test."""
    command = [sys.executable, "-m", "tests.support.far_ears"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:
        address = process.stdout.readline().strip()
        assert address, process.stderr.read()
        yield address
        process.communicate("\n", timeout=60)


class Far:
    """A library that workers of the cluster make; ``folder`` tells their ears what to do."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder = folder
        self.library = folder / "library"
        self.tools: Tools | None = None
        self.drawn = self.ended = self.most_open = 0
        self._address = address

    def sync(self, *sources: object, cluster: Cluster = TWO, **feed_settings: object) -> Summary:
        with open_client(allow_private=True) as client:
            tools = self.tools = Tools(client, Settings(model="ears"), Ears())
            cluster = replace(cluster, address=self._address)
            self.executor = RayExecutor(tools, 2, cluster, far_ears(self.folder))
            plan = Plan([str(source) for source in sources])
            return sync(
                plan,
                self.library,
                tools,
                subscriptions=Subscriptions(client, **feed_settings),
                executor=self,
                on_result=self._count,
            )

    def run(self, jobs, on_record):
        """See ``Executor``; counts the jobs."""
        return self.executor.run(self._counted(jobs), on_record)

    def _counted(self, jobs):
        for job in jobs:
            self.drawn += 1
            self.most_open = max(self.most_open, self.drawn - self.ended)
            yield job

    def _count(self, result: object) -> None:
        self.ended += 1

    def heard(self) -> list[list[str]]:
        """Name, process and what was at the checkpoint, of each recording that was heard."""
        path = self.folder / "heard"
        return [line.split("|") for line in path.read_text().splitlines()] if path.exists() else []

    def steps(self, guid: str):
        with Catalogue(self.library / FILE_NAME) as catalogue:
            (feed,) = catalogue.feeds()
            return catalogue.steps(feed, guid)


@pytest.fixture
def far(tmp_path: Path, address: str) -> Far:
    return Far(tmp_path, address)


@pytest.fixture
def show(tmp_path: Path) -> Path:
    return write_show(tmp_path / "show")


def states(summary: Summary) -> dict[str, str]:
    return {result.title: result.state for result in summary.episodes}


# --- the same as here ---


@pytest.mark.model
def test_a_local_cluster_makes_the_same_files(tmp_path: Path, tiny_en: Path, ray: None) -> None:
    """The command as typed, with real Whisper; relative paths, and nothing on stdout but pages."""
    kill_sync.write_show(tmp_path / "show", 4, seed=3)
    options = ["--allow-private", "--model", "tiny.en"]
    here = ["sync", "show/feed.xml", "--library", "here", *options]
    there = ["sync", "show/feed.xml", "--library", "there", *options, "--executor", "ray", "--workers", "2"]
    for arguments in (here, there):
        command = [sys.executable, "-m", "inkcast", *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        said = [line for line in done.stderr.splitlines() if not line.endswith(" %")]
        assert (done.returncode, said[-1]) == (0, "4 done, 0 unchanged.")
        assert {Path(line).suffix for line in done.stdout.splitlines()} == {".html"}
        assert len(done.stdout.splitlines()) == 4
    files = kill_sync.files_of(tmp_path / "here")
    assert len(files) == 4 * 10 + 1, "and the show.json"
    assert kill_sync.files_of(tmp_path / "there") == files
    records = kill_sync.records_of(tmp_path / "here")
    assert len(records) == 4 * 5
    assert kill_sync.timeless(kill_sync.records_of(tmp_path / "there")) == kill_sync.timeless(records)


def test_what_is_complete_needs_no_cluster(far: Far, show: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    far.sync(show)
    assert sorted(name for name, *_ in far.heard()) == ["2026-05-13 Trains.wav", "2026-05-20 Boats.wav"]
    ray = importlib.import_module("ray")
    monkeypatch.setattr(ray, "init", lambda **options: pytest.fail("Ray was started"))
    assert states(far.sync(show)) == {"Boats": "unchanged", "Trains": "unchanged"}


def test_each_worker_takes_many_jobs_and_few_are_drawn_ahead(far: Far, tmp_path: Path) -> None:
    items = []
    for number in range(16):
        (tmp_path / f"{number}.wav").write_bytes(tone(1 + number / 10))
        items.append(item(str(number), f"Episode {number}", number + 1, link=None))
    (tmp_path / "feed.xml").write_bytes(feed(*items))
    summary = far.sync(tmp_path / "feed.xml")
    assert Counter(result.state for result in summary.episodes) == {"done": 16}
    assert [result.title for result in summary.episodes] == [f"Episode {15 - i}" for i in range(16)]
    assert set(Counter(name for name, *_ in far.heard()).values()) == {1}
    assert len({process for _, process, _ in far.heard()}) <= 2
    # Two are fetched and four wait, each worker has one and its last one has not been told of.
    assert far.most_open <= 2 + 4 + 2 + 2


def test_what_workers_warn_of_is_said_here(far: Far, show: Path, caplog) -> None:
    (far.folder / "warns").touch()
    assert states(far.sync(show)) == {"Boats": "done", "Trains": "done"}
    warned = [record.getMessage() for record in caplog.records if "a noise" in record.getMessage()]
    assert sorted(warned) == ["2026-05-13 Trains: a noise.", "2026-05-20 Boats: a noise."]


def test_of_two_texts_the_one_that_was_read_is_found_although_workers_have_no_network(
    far: Far, tmp_path: Path
) -> None:
    notes = f"<content:encoded><![CDATA[{f'<p>{BOATS}</p>' * 5}]]></content:encoded>"
    write_show(tmp_path / "show").write_bytes(feed(item("trains", "Trains", 13, extra=notes)))
    (far.folder / "says").write_text(TRAINS, "utf-8")
    with serve_folder(tmp_path / "show") as site:
        assert states(far.sync(f"{site.url}/feed.xml")) == {"Trains": "done"}
        assert states(far.sync(f"{site.url}/feed.xml")) == {"Trains": "unchanged"}
    (essay,) = far.library.rglob("*.essay.json")
    assert json.loads(essay.read_text("utf-8"))["source"] == f"{site.url}/trains.html"
    assert len(far.heard()) == 1


# --- processes that die ---


def test_a_worker_that_dies_is_replaced_and_its_episode_goes_on(far: Far, show: Path, caplog) -> None:
    (far.folder / "kill-Boats").write_text("1")
    assert states(far.sync(show)) == {"Boats": "done", "Trains": "done"}
    boats = [line for line in far.heard() if "Boats" in line[0]]
    assert [left for *_, left in boats] == ["", "half of it"]
    assert boats[0][1] != boats[1][1]
    assert {step.attempts for step in far.steps("boats").values()} == {1}
    assert "Boats: its worker died" in caplog.text


def test_an_episode_that_kills_its_workers_is_given_up_and_tried_another_day(far: Far, show: Path) -> None:
    (far.folder / "kill-Boats").write_text("1000")
    summary = far.sync(show)
    assert states(summary) == {"Boats": "failed", "Trains": "done"}
    (problem,) = summary.episodes[0].problems
    assert problem.step == "transcribe"
    assert problem.reason.startswith(f"{LIVES} workers died with it, the last one")
    assert "fewer workers" in problem.reason
    assert sum("Boats" in name for name, *_ in far.heard()) == LIVES
    record = far.steps("boats")["transcribe"]
    assert (record.state, record.attempts) == ("failed", 1)
    assert record.next_attempt and record.next_attempt > record.finished_at
    (far.folder / "kill-Boats").unlink()
    assert states(far.sync(show)) == {"Boats": "done", "Trains": "unchanged"}


# --- the end of a run ---


def test_a_stop_ends_the_workers_where_nothing_is_lost(far: Far, show: Path) -> None:
    (far.folder / "wait").touch()

    def stop() -> None:
        while len(far.heard()) < 2:
            threading.Event().wait(0.02)
        assert far.tools
        far.tools.stop.set()

    stopper = threading.Thread(target=stop)
    stopper.start()
    summary = far.sync(show)
    stopper.join()
    assert (summary.stopped, summary.episodes) == (True, [])
    assert set(far.steps("boats")) == set(far.steps("trains")) == {"download", "essay"}
    assert len(list(far.library.rglob("*.partial.jsonl"))) == 2
    (far.folder / "wait").unlink()
    assert states(far.sync(show)) == {"Boats": "done", "Trains": "done"}
    assert [left for *_, left in far.heard()] == ["", "", "half of it", "half of it"]


def test_a_missing_model_on_the_workers_stops_all(far: Far, show: Path) -> None:
    (far.folder / "no-model").touch()
    with pytest.raises(ModelError, match="not installed") as caught:
        far.sync(show)
    assert caught.value.hint == "Run: inkcast models pull x"
    assert set(far.steps("boats")) == {"download", "essay"}


# --- the network is asked from here ---


def vtt(text: str, step_ms: int) -> bytes:
    cues = [
        f"00:{i * step_ms // 60000:02}:{i * step_ms % 60000 / 1000:06.3f} --> "
        f"00:{(i + 1) * step_ms // 60000:02}:{(i + 1) * step_ms % 60000 / 1000:06.3f}\n{word}\n"
        for i, word in enumerate(text.split())
    ]
    return ("WEBVTT\n\n" + "\n".join(cues)).encode()


def test_a_publishers_transcript_is_asked_for_once_and_by_nobody_but_us(far: Far, tmp_path: Path) -> None:
    """One fits and is taken, the other does not and the worker hears for itself."""
    folder = tmp_path / "show"
    write_show(folder)
    space = 'xmlns:podcast="https://podcastindex.org/namespace/1.0"'
    link = f'<podcast:transcript {space} url="{{}}" type="text/vtt"/>'
    items = [
        item("boats", "Boats", 20, extra=link.format("boats.vtt")),
        item("trains", "Trains", 13, extra=link.format("trains.vtt")),
    ]
    (folder / "feed.xml").write_bytes(feed(*items))
    (folder / "boats.vtt").write_bytes(vtt("Boats " + BOATS, 300))
    (folder / "trains.vtt").write_bytes(vtt("Trains " + TRAINS, 900))
    with serve_folder(folder) as site:
        summary = far.sync(f"{site.url}/feed.xml", use_published=True)
        asked = Counter(request.path for request in site.requests)
    assert states(summary) == {"Boats": "done", "Trains": "done"}
    assert [name for name, *_ in far.heard()] == ["2026-05-13 Trains.wav"]
    assert (asked["/boats.vtt"], asked["/trains.vtt"]) == (1, 1)


# --- what can be wrong with a cluster ---


def test_without_ray_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    show = write_show(tmp_path / "show")
    done = CliRunner().invoke(
        inkcast, ["sync", str(show), "--library", str(tmp_path / "l"), "--executor", "ray"]
    )
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: Ray is not installed")
    assert 'pip install "inkcast[ray]"' in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "l").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--workers", "2"], "need --executor ray"),
        (["--ray-address", "head:6379"], "need --executor ray"),
        (["--executor", "ray", "--ray-address", "ray://head:10001"], "is not HOST:PORT"),
        (["--executor", "ray", "--workers", "0"], "--workers"),
        (["--executor", "ray", "--gpus-per-worker", "-1"], "--gpus-per-worker"),
    ],
)
def test_options_that_make_no_sense_are_refused(arguments: list[str], words: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(inkcast, ["sync", "feed.xml", "--library", str(tmp_path / "l"), *arguments])
    assert done.exit_code == 2
    assert words in done.stderr


def test_a_cluster_without_room_says_so(far: Far, show: Path) -> None:
    with pytest.raises(LibraryError, match="has room for a worker, which needs 2 cores and 8 GPU"):
        far.sync(show, cluster=Cluster(gpus_per_worker=8))
    assert far.heard() == []


def test_a_cluster_that_does_not_answer_is_named(ray: None, show: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
    with pytest.raises(LibraryError, match=f"Cannot reach the Ray cluster {address}: .*refused") as caught:
        Far(tmp_path, address).sync(show)
    assert "ray status" in caught.value.hint


def test_a_start_that_takes_ray_too_long_is_tried_again_and_nothing_of_it_stays(caplog) -> None:
    """As on a busy machine; whatever else fails, fails at once."""
    ended = []

    class Node:
        def __init__(self, problem: str) -> None:
            raise RuntimeError(problem)

        def kill_all_processes(self, **options: bool) -> None:
            ended.append(self)

    late = "The current node timed out during startup."
    outcomes = [
        lambda: Node(late),
        lambda: "joined",
        lambda: Node("no such node"),
        *[lambda: Node(late)] * STARTS,
    ]
    ray = SimpleNamespace(init=lambda **options: outcomes.pop(0)(), shutdown=lambda: None)
    assert _init(ray, {}, STARTS) == "joined"
    assert len(ended) == 1 and "trying once more" in caplog.text
    with pytest.raises(RuntimeError, match="no such node"):
        _init(ray, {}, STARTS)
    with pytest.raises(RuntimeError, match="timed out"):
        _init(ray, {}, STARTS)
    assert not outcomes
