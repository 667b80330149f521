"""What ``inkcast sync --dry-run`` plans, against sums done by hand."""

import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from inkcast.cli.app import inkcast
from tests.support.shows import Ears, feed, item, tone

ITUNES = b'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'


@pytest.fixture(autouse=True)
def _folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda name: tmp_path / "config")
    monkeypatch.setattr("inkcast.cli.libraries.sync.lazy_transcriber", Ears)


def sync(*options):
    return CliRunner().invoke(inkcast, ["sync", "feed.xml", "--library", "library", *options])


def write_feed(*items):
    Path("feed.xml").write_bytes(feed(*items).replace(b"<rss ", b"<rss " + ITUNES + b" "))


def lasting(slug, day, duration="", length=0):
    extra = f"<itunes:duration>{duration}</itunes:duration>" if duration else ""
    text = item(slug, slug.title(), day, link=None, extra=extra)
    return text.replace('length="0"', f'length="{length}"')


def test_the_estimate_is_the_sum_at_the_speed_so_far():
    Path("done.wav").write_bytes(tone(1))
    write_feed(lasting("done", 13))
    assert sync().exit_code == 0
    with sqlite3.connect("library/catalogue.sqlite") as db:
        # 100 s of audio heard in 10 s, 20,000 bytes a second; the steps around it took 3 s.
        db.execute("UPDATE steps SET seconds = 10, audio_ms = 100000 WHERE step = 'transcribe'")
        db.execute("UPDATE steps SET seconds = 3, state = 'done' WHERE step = 'publish'")
        db.execute("UPDATE files SET size = 2000000 WHERE step = 'download'")
    db.close()
    write_feed(lasting("long", 20, "10:00", 5_000_000), lasting("unknown", 19))
    result = sync("--dry-run")
    assert result.exit_code == 0
    assert result.stdout == "download    Long\ndownload    Unknown\n"
    # 10 minutes, and as much again for the one that does not say: 1,200 s / 10 + 2 * 3 s.
    # 5 MB, and 600 s * 20,000 bytes.
    assert result.stderr == (
        "About 20:00 of audio, 17 MB, 2:06 of work at the speed so far.\n2 to do, 0 unchanged.\n"
    )


def test_without_a_speed_there_is_no_time_and_without_a_length_no_estimate():
    write_feed(lasting("long", 20, "1:00:00"))
    result = sync("--dry-run")
    assert result.stderr == "About 1:00:00 of audio, 58 MB.\n1 to do, 0 unchanged.\n"
    write_feed(lasting("unknown", 20))
    assert sync("--dry-run").stderr == "1 to do, 0 unchanged.\n"
    assert not Path("library").exists()
