"""``kill -9`` in the middle of a sync with the real model: the benchmark, in small."""

from __future__ import annotations

import importlib
import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "benchmarks"))
kill_sync = importlib.import_module("kill_sync")


@pytest.mark.model
def test_kills_lose_nothing_and_nothing_is_done_twice(tiny_en: Path, tmp_path: Path) -> None:
    # How fast the machine is may change midway: the kills are timed by a sync that nobody disturbed.
    for seed in range(3, 7):
        folder = tmp_path / str(seed)
        folder.mkdir()
        report = kill_sync.run(folder, kills=3, n_episodes=4, seed=seed)
        assert report.problems == []
        if report.kills >= 2:
            break
    assert report.kills >= 2, "each sync was through before the last kill"

    # What the verdict rests on does see a difference.
    alone, killed = folder / "alone", folder / "killed"
    page = next(killed.rglob("*.html"))
    page.write_bytes(page.read_bytes() + b" ")
    (killed / "left over.part").touch()
    kill_sync.compare(alone, killed, report)
    assert len(report.problems) >= 2
    records = kill_sync.records_of(killed)
    key, step = next(iter(records.items()))
    assert kill_sync.timeless(records) != kill_sync.timeless(records | {key: replace(step, attempts=2)})
