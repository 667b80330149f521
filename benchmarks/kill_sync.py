"""``kill -9`` in the middle of ``inkcast sync``, again and again: is anything lost, or done twice?

    python benchmarks/kill_sync.py [--kills 50] [--episodes 30] [--seed 1] [--keep FOLDER]

A local server has a feed of short recordings (sentences of the example, in another order) and their
essays. One sync is left alone. Another one's process group is killed at random moments: while it starts,
downloads, hears, aligns, writes; then it is let finish. It is right if

- every file is equal to that of the undisturbed sync, byte for byte, and there is no other file;
- what the catalogue once knew to be done was never done or downloaded again;
- the catalogue passes ``PRAGMA integrity_check`` after each kill, and ``inkcast library check`` in the end.

Prints what the kills met and a verdict; exit 1 if anything is wrong. Needs the weights of tiny.en.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import wave
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from inkcast.audio.decode import read_samples
from inkcast.library.store.catalogue import Catalogue
from inkcast.library.store.record import StepRecord
from inkcast.library.store.schema import FILE_NAME

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT))

from tests.support.servers import Handler, Site, serve  # noqa: E402
from tests.support.shows import feed, page  # noqa: E402

RATE = 16_000
EXAMPLE = ROOT / "examples" / "what-small-labs-are-for"
LENGTH_S = (3.0, 8.0)
PIECE = 8192
"""Bytes that the server sends every hundredth of a second: a download takes as long as hearing it."""

Records = dict[tuple[str, str], StepRecord]
"""By guid and step."""


@dataclass
class Report:
    """What the kills met, and what was wrong after them."""

    kills: int = 0
    met: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    resumed: int = 0
    undisturbed_s: float = 0.0
    disturbed_s: float = 0.0

    def require(self, condition: bool, problem: str) -> None:
        """Take down a problem unless the condition holds."""
        if not condition:
            self.problems.append(problem)


def write_show(folder: Path, n_episodes: int, seed: int, longest_s: float = LENGTH_S[1]) -> dict[str, Path]:
    """Recordings, essays and their feed; gives each file by its path on the server."""
    folder.mkdir(parents=True, exist_ok=True)
    samples = read_samples(EXAMPLE.with_suffix(".mp3"))
    sentences = json.loads(EXAMPLE.with_suffix(".truth.json").read_text(encoding="utf-8"))["sentences"]
    readings = [sentence for sentence in sentences if sentence["published"]]
    pairs = [(one, other) for one in readings for other in readings if one is not other]
    random.Random(seed).shuffle(pairs)
    chosen = [pair for pair in pairs if LENGTH_S[0] <= sum(map(_length_s, pair)) <= longest_s][:n_episodes]
    items, first = [], datetime(2026, 1, 1, 8, tzinfo=UTC)
    for number, pair in enumerate(chosen):
        pause = np.zeros(RATE // 4, np.float32)
        cuts = [samples[int(s["start"] * RATE) : int(s["end"] * RATE)] for s in pair]
        _write_wav(folder / f"{number}.wav", np.concatenate([pause, cuts[0], pause, cuts[1], pause]))
        text = " ".join(sentence["published"] for sentence in pair)
        (folder / f"{number}.html").write_bytes(page(f"Episode {number}", text))
        published = (first + timedelta(days=number)).strftime("%d %b %Y %H:%M:%S GMT")
        items.append(
            f"<item><guid isPermaLink='false'>{number}</guid><title>Episode {number}</title>"
            f"<link>{number}.html</link><pubDate>{published}</pubDate>"
            f"<enclosure url='{number}.wav' type='audio/wav' length='0'/></item>"
        )
    (folder / "feed.xml").write_bytes(feed(*items, title="Sentences"))
    return {f"/{path.name}": path for path in folder.iterdir()}


def _length_s(sentence: dict[str, float]) -> float:
    return sentence["end"] - sentence["start"]


def _write_wav(path: Path, samples: np.ndarray) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())


def send_slowly(handler: Handler, path: Path) -> None:
    """Serve a recording with ranges, a piece at a time; pages and the feed at once."""
    data = path.read_bytes()
    if path.suffix != ".wav":
        handler.reply_file(path)
        return
    wanted = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
    start = int(wanted[1]) if wanted else 0
    handler.send_response(206 if start else 200)
    if start:
        handler.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
    handler.send_header("Content-Type", "audio/wav")
    handler.send_header("ETag", f'"{path.stem}"')
    handler.send_header("Connection", "close")
    handler.send_header("Content-Length", str(len(data) - start))
    handler.end_headers()
    for at in range(start, len(data), PIECE):
        handler.wfile.write(data[at : at + PIECE])
        time.sleep(0.01)


@dataclass(frozen=True)
class Sync:
    """``inkcast sync`` of the served feed, as a process in a group of its own."""

    site: Site
    library: Path

    def start(self) -> subprocess.Popen[bytes]:
        """Start it."""
        options = ["--library", str(self.library), "--allow-private", "--model", "tiny.en", "--quiet"]
        command = [sys.executable, "-m", "inkcast", "sync", f"{self.site.url}/feed.xml", *options]
        log = (self.library.parent / f"{self.library.name}.log").open("ab")
        with log:
            return subprocess.Popen(
                command, cwd=self.library.parent, stdout=log, stderr=log, start_new_session=True
            )

    def finish(self) -> int:
        """Let it run to its end; gives its exit status."""
        return self.start().wait()

    def kill_after(self, seconds: float, *, from_start: bool) -> bool:
        """Kill it that long after its start, or after it asked for the feed; False if it was through."""
        asked = len(self.site.requests)
        process = self.start()
        while not from_start and process.poll() is None and len(self.site.requests) == asked:
            time.sleep(0.005)
        try:
            process.wait(seconds)
            return False
        except subprocess.TimeoutExpired:
            if os.name == "posix":
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
            process.wait()
            return True


def records_of(library: Path) -> Records:
    """All that the catalogue knows to be done."""
    path = library / FILE_NAME
    if not path.exists():
        return {}
    with Catalogue(path, in_memory=True) as catalogue:
        return {
            (guid, name): step
            for show in catalogue.feeds()
            for guid in catalogue.episode_folders(show)
            for name, step in catalogue.steps(show, guid).items()
        }


def integrity(library: Path) -> str:
    """What SQLite finds wrong with a catalogue; "ok" if nothing."""
    if not (library / FILE_NAME).exists():
        return "ok"
    with closing(sqlite3.connect(library / FILE_NAME)) as db:
        foreign = db.execute("PRAGMA foreign_key_check").fetchall()
        return str(foreign[0] if foreign else db.execute("PRAGMA integrity_check").fetchone()[0])


def files_of(library: Path) -> dict[str, bytes]:
    """Every file but the catalogue, by its path in the library."""
    return {
        path.relative_to(library).as_posix(): path.read_bytes()
        for path in library.rglob("*")
        if path.is_file() and not path.name.startswith("catalogue.")
    }


def timeless(records: Records) -> Records:
    """The records without what a clock says."""
    return {
        key: replace(
            step,
            seconds=0.0,
            finished_at=datetime.min,
            files=tuple(replace(file, mtime_ns=0) for file in step.files),
        )
        for key, step in records.items()
    }


def what_was_cut(library: Path) -> Iterator[str]:
    """The steps whose beginnings lie in the library."""
    names = [path.name for path in library.rglob("*") if path.is_file()] if library.exists() else []
    if any(name.endswith((".wav.part", ".wav.part.json", ".wav.lock")) for name in names):
        yield "a download"
    if any(name.endswith(".partial.jsonl") for name in names):
        yield "a transcription"
    if any(re.fullmatch(r"\.[0-9a-f]{12}\.part", name) for name in names):
        yield "a file"


@dataclass(frozen=True)
class Moments:
    """When to kill: a tenth while Python starts, a quarter while the model loads, the others at work.

    ``load_s`` and ``work_s`` are what an undisturbed sync takes after it has asked for the feed.
    """

    load_s: float
    work_s: float

    @classmethod
    def of(cls, records: Records) -> Moments:
        """Judge by what an undisturbed sync took down: the first transcription waits for the model."""
        seconds = [step.seconds for (_, name), step in records.items() if name == "transcribe"]
        load_s = max(seconds) - statistics.median(seconds)
        made = ("transcribe", "align", "publish")
        return cls(load_s, sum(step.seconds for (_, name), step in records.items() if name in made) - load_s)

    def draw(self, chance: random.Random, left: float) -> tuple[str, float]:
        """Where the next kill comes, and after how many seconds; ``left`` is the share of the work."""
        kind = chance.choices(("starting", "loading", "working"), (10, 25, 65))[0]
        if kind == "working":
            return kind, self.load_s + chance.uniform(0, 1.6 * left * self.work_s)
        return kind, chance.uniform(0, 0.5 if kind == "starting" else self.load_s)


def disturb(sync: Sync, report: Report, kills: int, alone: Records, chance: random.Random) -> None:
    """Kill a sync at random moments all along its work, and look what is there after each kill."""
    done: Records = {}
    asked_when_done: dict[tuple[str, str], int] = {}
    moments = Moments.of(alone)
    for number in range(kills):
        # What is left, in as many parts as there are kills left, and one for the last run.
        left = (1 - len(done) / len(alone)) / (kills - number + 1)
        kind, moment = moments.draw(chance, left)
        if not sync.kill_after(moment, from_start=kind == "starting"):
            break
        report.kills += 1
        report.met.update({f"while {kind}", *(f"in {what}" for what in what_was_cut(sync.library))})
        report.require(integrity(sync.library) == "ok", f"kill {number}: the catalogue is damaged")
        now = records_of(sync.library)
        for key, step in done.items():
            report.require(now.get(key) == step, f"kill {number}: {key} was done again")
        for key in now.keys() - done.keys():
            asked_when_done[key] = len(sync.site.requests)
        done = now
    report.require(sync.finish() == 0, f"the last sync failed, see {sync.library}.log")
    final = records_of(sync.library)
    for key, step in done.items():
        report.require(final.get(key) == step, f"the last sync did {key} again")
    for (guid, name), count in asked_when_done.items():
        path = {"download": f"/{guid}.wav", "essay": f"/{guid}.html"}.get(name)
        late = [request.path for request in sync.site.requests[count:]]
        report.require(path not in late, f"{path} was fetched again after it was there")
    report.resumed = sum("range" in request.headers for request in sync.site.requests)


def compare(alone: Path, killed: Path, report: Report) -> None:
    """Hold the disturbed library against the other one."""
    expected, found = files_of(alone), files_of(killed)
    for name in sorted(expected.keys() | found.keys()):
        if name not in expected or name not in found:
            report.problems.append(f"only in the {'killed' if name in found else 'undisturbed'} one: {name}")
        else:
            report.require(found[name] == expected[name], f"differs: {name}")
    same = timeless(records_of(alone)) == timeless(records_of(killed))
    report.require(same, "the catalogues know different things")
    report.require(integrity(killed) == "ok", "the catalogue is damaged")
    command = [sys.executable, "-m", "inkcast", "library", "check", "--library", str(killed)]
    check = subprocess.run(command, capture_output=True, text=True)
    report.require(check.returncode == 0, f"library check: {check.stdout}{check.stderr}")


def run(folder: Path, kills: int, n_episodes: int, seed: int) -> Report:
    """Sync a show twice, once undisturbed and once killed again and again; ``folder`` is empty."""
    report = Report()
    files = write_show(folder / "show", n_episodes, seed)
    routes = {
        path: lambda handler: send_slowly(handler, files[handler.path.partition("?")[0]]) for path in files
    }
    with serve(routes) as site:
        began = time.monotonic()
        alone, killed = Sync(site, folder / "alone"), Sync(site, folder / "killed")
        report.require(alone.finish() == 0, f"the undisturbed sync failed, see {alone.library}.log")
        report.undisturbed_s = time.monotonic() - began
        records = records_of(alone.library)
        report.require(len(records) == 5 * n_episodes, f"{len(records)} steps for {n_episodes} episodes")
        site.requests.clear()
        began = time.monotonic()
        disturb(killed, report, kills, records, random.Random(seed))
        report.disturbed_s = time.monotonic() - began
        compare(alone.library, killed.library, report)
    return report


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--episodes", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="leave both libraries there; must be empty")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = run(arguments.keep or Path(folder), arguments.kills, arguments.episodes, arguments.seed)
    met = ", ".join(f"{count} {what}" for what, count in report.met.most_common())
    print(f"undisturbed: {report.undisturbed_s:.1f} s; killed and restarted: {report.disturbed_s:.1f} s")
    print(f"kills: {report.kills} ({met}); downloads that went on: {report.resumed}")
    report.require(report.kills == arguments.kills, "the sync was through before the last kill")
    for problem in report.problems:
        print(f"WRONG: {problem}")
    print("verdict:", "wrong" if report.problems else "nothing lost, nothing done twice")
    sys.exit(bool(report.problems))


if __name__ == "__main__":
    main()
