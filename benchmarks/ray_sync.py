"""``inkcast sync --executor ray`` against a local sync, with workers that are killed in the middle.

    python benchmarks/ray_sync.py [--episodes 30] [--workers 2] [--kills 1] [--seed 1] [--keep FOLDER]
    python benchmarks/ray_sync.py --episodes 200 --every 20

The show is that of ``kill_sync.py``. It is synced here, on a Ray cluster that starts by itself, and on one
whose workers get ``kill -9`` while they work. It is right if all three libraries are equal, byte for byte,
times aside, and if ``inkcast library check`` finds nothing. With ``--every`` a worker is killed each so many
seconds until the end, and there is no undisturbed run on Ray.

Prints the times and a verdict; exit 1 if anything is wrong. Needs Ray, the weights of tiny.en, and Linux.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from kill_sync import Report, compare, send_slowly, write_show

from tests.support.servers import Site, serve

LONGEST_S = 10.0
"""Of a recording; there are more than 200 so short."""


def start(site: Site, library: Path, *options: str) -> subprocess.Popen[bytes]:
    """Start a sync; what it says is in a log beside the library."""
    fixed = ["--library", str(library), "--allow-private", "--model", "tiny.en", "--quiet"]
    command = [sys.executable, "-m", "inkcast", "sync", f"{site.url}/feed.xml", *fixed, *options]
    with (library.parent / f"{library.name}.log").open("ab") as log:
        return subprocess.Popen(command, cwd=library.parent, stdout=log, stderr=log)


def workers_of(driver: int) -> list[int]:
    """Process numbers of the workers of a sync that are in the middle of an episode."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            title = (folder / "cmdline").read_bytes()
            raylet = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            parent = Path("/proc", raylet, "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if title.startswith(b"ray::RayWorker.make") and int(parent) == driver:
            found.append(int(folder.name))
    return found


def pages(library: Path) -> int:
    """Episodes that are finished."""
    return len(list(library.rglob("*.html")))


def disturb(
    process: subprocess.Popen[bytes], library: Path, moments: list[int], chance: random.Random
) -> int:
    """Kill a worker as soon as so many episodes are finished; gives how many were killed."""
    killed = 0
    for moment in moments:
        while process.poll() is None and pages(library) < moment:
            time.sleep(0.05)
        while process.poll() is None:
            if workers := workers_of(process.pid):
                time.sleep(chance.uniform(0, 0.2))
                try:
                    os.kill(chance.choice(workers), signal.SIGKILL)
                except ProcessLookupError:
                    continue
                killed += 1
                break
            time.sleep(0.005)
    return killed


def disturb_every(process: subprocess.Popen[bytes], seconds: float, chance: random.Random) -> int:
    """Kill a worker each so many seconds, or as soon after as one works; gives how many were killed."""
    killed, due = 0, time.monotonic() + seconds
    while process.poll() is None:
        time.sleep(0.05)
        if time.monotonic() < due:
            continue
        if workers := workers_of(process.pid):
            with suppress(ProcessLookupError):
                os.kill(chance.choice(workers), signal.SIGKILL)
                killed, due = killed + 1, due + seconds
    return killed


def run(folder: Path, n_episodes: int, workers: int, kills: int, seed: int, every: float | None) -> Report:
    """Sync the show two or three times; ``folder`` is empty."""
    report = Report()
    files = write_show(folder / "show", n_episodes, seed, LONGEST_S)
    n_episodes = sum(path.endswith(".wav") for path in files)
    alone = (0, n_episodes)
    routes = {
        path: lambda handler: send_slowly(handler, files[handler.path.partition("?")[0]]) for path in files
    }
    ray = ("--executor", "ray", "--workers", str(workers))
    runs = [("here", (), []), ("ray", ray, [])]
    runs += [("killed", ray, [n_episodes * (k + 1) // (kills + 1) for k in range(kills)])]
    with serve(routes) as site:
        for name, options, moments in runs[::2] if every else runs:
            began, chance = time.monotonic(), random.Random(seed)
            process = start(site, folder / name, *options)
            if every and name == "killed":
                killed = disturb_every(process, every, chance)
            else:
                killed = disturb(process, folder / name, moments, chance)
            status, log = process.wait(), (folder / f"{name}.log").read_text(encoding="utf-8")
            report.require(bool(every) or killed == len(moments), f"{name}: {killed} workers were killed")
            ended = (status, pages(folder / name))
            alone = ended if name == "here" else alone  # one that the model cannot hear fails everywhere
            report.require(ended == alone, f"{name}: status and pages {ended}, not {alone}: {log[-500:]}")
            took = time.monotonic() - began
            print(
                f"{name:6} {took:6.1f} s, {ended[1]} of {n_episodes} pages, {killed} workers killed",
                flush=True,
            )
    if not report.problems:
        for name, *_ in runs[2:] if every else runs[1:]:
            compare(folder / "here", folder / name, report)
    return report


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--episodes", type=int, default=30)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kills", type=int, default=1)
    parser.add_argument("--every", type=float, help="kill a worker each so many seconds instead")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="leave the libraries there; must be empty")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        options = (
            *(arguments.episodes, arguments.workers, arguments.kills),
            *(arguments.seed, arguments.every),
        )
        report = run(arguments.keep or Path(folder), *options)
    for problem in report.problems:
        print(f"WRONG: {problem}")
    print("verdict:", "wrong" if report.problems else "the same everywhere")
    sys.exit(bool(report.problems))


if __name__ == "__main__":
    main()
