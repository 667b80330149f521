import re
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from inkcast.errors import LibraryError, StorageError
from inkcast.feeds.identity import Traits
from inkcast.files import write_text
from inkcast.library.store.catalogue import Catalogue, NewEpisode
from inkcast.library.store.record import StepRecord, StoredFile
from inkcast.library.store.schema import VERSION
from inkcast.library.store.status import status_of

DATA = Path(__file__).parents[1] / "data" / "catalogues"
MAY = datetime(2026, 5, 13, 8, tzinfo=UTC)
FILE = StoredFile("Trains.wav", 1234, 1_779_000_000_123_456_789, "ab" * 32)
STEP = StepRecord("download", "done", "key", "result", "", 1, 0.5, MAY, (FILE, replace(FILE, name="b")))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "catalogue.sqlite"


@pytest.fixture
def catalogue(path):
    with Catalogue(path) as catalogue:
        yield catalogue


@pytest.fixture
def show(catalogue):
    show = catalogue.put_feed("address", "https://example.org/feed", "Slow ways", "Slow ways")
    catalogue.put_episodes(
        show, [NewEpisode(Traits("t", "Trains", MAY), "Trains"), NewEpisode(Traits("b", "Boats"), "Boats")]
    )
    return show


def test_a_step_reads_back_as_it_was_recorded(path, catalogue, show):
    catalogue.record(show, "t", STEP)
    failed = replace(STEP, step="essay", state="failed", key="", files=(), reason="It rains. Wait.")
    catalogue.record(show, "t", failed)
    with Catalogue(path) as again:
        assert again.steps(show, "t") == {"download": STEP, "essay": failed}
        assert again.steps(show, "b") == {}


@pytest.mark.parametrize("text", ["", "Trains\r\nand slow ways\n", "schön \ud800"])
def test_a_file_that_was_just_written_need_not_be_read(text, tmp_path):
    path = write_text(tmp_path / "Trains.txt", text)
    assert StoredFile.of(path, tmp_path, text) == StoredFile.of(path, tmp_path)


def test_a_step_replaces_what_was_known_of_it(catalogue, show):
    catalogue.record(show, "t", STEP)
    once_more = replace(STEP, key="other", files=(FILE,))
    catalogue.record(show, "t", once_more)
    assert catalogue.steps(show, "t") == {"download": once_more}


def test_an_outline_says_how_far_an_episode_is(catalogue, show):
    assert catalogue.outlines(show) == {}
    catalogue.record(show, "t", STEP)
    assert catalogue.outlines(show) == {"t": "begun"}
    for name in ("essay", "transcribe", "align", "publish"):
        catalogue.record(show, "t", replace(STEP, step=name, files=()))
    catalogue.record(show, "b", replace(STEP, state="failed", files=()))
    assert catalogue.outlines(show) == {"t": "complete", "b": "failed"}
    catalogue.redo(show, "t", ["align"])
    assert catalogue.outlines(show)["t"] == "begun"


def test_an_episode_keeps_its_folder_when_its_title_changes(catalogue, show):
    catalogue.put_episodes(show, [NewEpisode(Traits("t", "Night trains", MAY), "Night trains")])
    assert catalogue.episode_folders(show) == {"t": "Trains", "b": "Boats"}
    again = catalogue.put_feed("address", "https://example.org/feed", "Slower ways", "Slower ways")
    assert (again.id, again.title, again.folder) == (show.id, "Slower ways", "Slow ways")


def test_the_status_counts_each_episode_once(catalogue, show):
    for step in ("download", "transcribe", "publish"):
        catalogue.record(show, "t", replace(STEP, step=step, files=(FILE,)))
    catalogue.record(show, "b", replace(STEP, files=()))
    (status,) = status_of(catalogue)
    assert (status.done, status.failed, status.pending, status.size) == (1, 0, 1, 3 * FILE.size)
    for step in ("essay", "align"):
        catalogue.record(show, "t", replace(STEP, step=step, state="failed", reason=step, attempts=3))
    (status,) = status_of(catalogue)
    assert (status.done, status.failed, status.pending) == (0, 1, 1)
    assert {
        (failure.guid, failure.step, failure.reason, failure.attempts) for failure in status.failures
    } == {
        ("t", "essay", "essay", 3),
        ("t", "align", "align", 3),
    }


def test_an_interrupted_record_leaves_the_one_before(path, catalogue, show, monkeypatch):
    catalogue.record(show, "t", STEP)
    broken = replace(STEP, key="new", files=(replace(FILE, size="many"), replace(FILE, sha256=None)))
    with pytest.raises(LibraryError):
        catalogue.record(show, "t", broken)
    assert catalogue.steps(show, "t") == {"download": STEP}


def test_a_newer_catalogue_is_refused_untouched(path):
    with Catalogue(path):
        pass
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {VERSION + 1}")
    db.close()
    before = path.read_bytes()
    with pytest.raises(LibraryError, match="newer Inkcast") as caught:
        Catalogue(path)
    assert "Update Inkcast" in caught.value.hint
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_another_programs_database_is_refused_untouched(path):
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE bookmarks (url)")
    db.close()
    before = path.read_bytes()
    with pytest.raises(LibraryError, match="not made by Inkcast"):
        Catalogue(path)
    assert path.read_bytes() == before


def test_a_damaged_catalogue_is_one_line_that_says_what_to_do(path):
    path.write_bytes(b"This is no database. " * 400)
    with pytest.raises(LibraryError, match="is damaged") as caught:
        Catalogue(path)
    assert "backup" in caught.value.hint
    assert "\n" not in str(caught.value)


def test_a_full_disk_is_said_and_nothing_is_lost(path, catalogue, show):
    catalogue.record(show, "t", STEP)
    pages = catalogue._db.execute("PRAGMA page_count").fetchone()[0]
    catalogue._db.execute(f"PRAGMA max_page_count = {pages}")  # SQLite's own way to run out of space
    with pytest.raises(StorageError, match="the disk is full"):
        catalogue.record(show, "b", replace(STEP, reason="long " * 50_000))
    assert catalogue.steps(show, "t") == {"download": STEP}
    assert catalogue.steps(show, "b") == {}


def test_a_folder_in_place_of_the_catalogue_is_said(path):
    path.mkdir()
    with pytest.raises(StorageError, match="Cannot use"):
        Catalogue(path)


def test_a_copy_in_memory_knows_all_and_changes_nothing(path, catalogue, show):
    catalogue.record(show, "t", STEP)
    with Catalogue(path, in_memory=True) as copy:
        assert copy.steps(show, "t") == {"download": STEP}
        copy.record(show, "b", STEP)
        copy.put_feed("other", "https://example.net", "Other", "Other")
    assert catalogue.steps(show, "b") == {}
    assert len(status_of(catalogue)) == 1


def test_a_copy_of_nothing_makes_no_file(path):
    with Catalogue(path, in_memory=True) as copy:
        assert status_of(copy) == ()
    assert list(path.parent.iterdir()) == []


ROWS = """
INSERT INTO feeds VALUES (1, 'address', 'https://example.org/feed', 'Slow ways', 'Slow ways');
INSERT INTO episodes (id, feed, guid, title, published, folder)
VALUES (7, 1, 't', 'Trains', '2026-05-13T08:00:00+00:00', 'Trains');
INSERT INTO steps (episode, step, state, key, result, reason, attempts, seconds, finished_at)
VALUES (7, 'download', 'done', 'key', 'result', '', 1, 0.5, '2026-05-13T08:00:00+00:00');
"""


def make_version(path, version):
    """A catalogue with an episode, as the Inkcast of that version made it.

    A new version needs its file: what ``sqlite3 catalogue.sqlite .schema`` says of a new one, and pragmas.
    """
    tables = (DATA / f"version-{version}.sql").read_text()
    db = sqlite3.connect(path)
    db.executescript(f"PRAGMA journal_mode = WAL; {tables} {ROWS}")
    db.close()


@pytest.fixture(params=range(1, VERSION))
def old(path, request):
    """A library of an earlier version."""
    make_version(path, request.param)
    return path


def test_an_older_catalogue_is_brought_up_to_date_and_keeps_all(old):
    for _ in range(2):
        with Catalogue(old) as catalogue:
            (status,) = status_of(catalogue)
            assert catalogue.steps(status.feed, "t") == {"download": replace(STEP, files=())}
            assert catalogue.episode_traits(status.feed) == (Traits("t", "Trains", MAY),)
            assert catalogue.feed_address("address") == "address"
            assert catalogue.rows("PRAGMA user_version") == [(VERSION,)]
    with Catalogue(old) as catalogue:
        traits = Traits("t", "Trains", MAY, "audio", "link")
        catalogue.put_episodes(status.feed, [NewEpisode(traits, "Trains")])
        assert catalogue.episode_traits(status.feed) == (traits,)


def schema_of(path):
    """Type, name, table and SQL of all in a catalogue, without comments and spaces."""
    with sqlite3.connect(path) as db:
        rows = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
    db.close()
    return {(*row, re.sub(r"--.*|\s+", "", sql or "")) for *row, sql in rows}


@pytest.mark.parametrize("version", range(1, VERSION + 1))
def test_a_new_catalogue_has_the_schema_of_one_that_was_upgraded(version, path, tmp_path):
    make_version(path, version)
    new = tmp_path / "new.sqlite"
    for each in (path, new):
        with Catalogue(each):
            pass
    assert schema_of(path) == schema_of(new)


def test_a_catalogue_of_this_version_is_opened_without_a_change(path):
    make_version(path, VERSION)
    before = path.read_bytes()
    with Catalogue(path) as catalogue:
        assert catalogue.rows("PRAGMA user_version") == [(VERSION,)]
        (show,) = catalogue.feeds()
        assert catalogue.steps(show, "t") == {"download": replace(STEP, files=())}
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_whatever_happens_to_its_steps_an_episode_is_no_longer_up_to_date(catalogue, show):
    def keys():
        return dict(catalogue.rows("SELECT guid, settled FROM episodes"))

    def mark():
        catalogue.mark_up_to_date(show, {"t": "key", "b": "key"})
        assert keys() == {"t": "key", "b": "key"}

    for act in (
        lambda: catalogue.record(show, "t", STEP),
        lambda: catalogue.record(show, "t", STEP),
        lambda: catalogue.redo(show, "t", ["download"]),
        lambda: catalogue._db.execute("DELETE FROM steps"),
    ):
        mark()
        act()
        assert keys() == {"t": "", "b": "key"}


def test_looking_at_an_older_catalogue_leaves_it_as_it_is(old):
    before = old.read_bytes()
    with Catalogue(old, in_memory=True) as copy:
        assert len(copy.episode_traits(status_of(copy)[0].feed)) == 1
    assert old.read_bytes() == before


def test_a_feed_is_found_by_every_address_that_led_to_it(catalogue, show):
    other = catalogue.put_feed("other", "https://other.example", "Other", "Other")
    catalogue.put_addresses(show, ["address", "moved", "other"])
    assert catalogue.feed_address("moved") == catalogue.feed_address("address") == "address"
    assert catalogue.feed_address("other") == "other"  # a feed of its own stays one
    catalogue.put_addresses(other, ["moved"])
    assert catalogue.feed_address("moved") == "address"
    assert catalogue.feed_address("unknown") is None
