"""What befalls a library over the years: feeds that fail, clocks that go wrong, disks that refuse."""

import errno
import json
import os
import sqlite3
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from inkcast.download.client import open_client
from inkcast.download.enclosure import RESERVE_BYTES
from inkcast.errors import StorageError
from inkcast.library.executors.local_executor import LocalExecutor
from inkcast.library.steps.episode_steps import Tools
from inkcast.library.steps.pipeline import back_off
from inkcast.library.store import sidecar
from inkcast.library.store.catalogue import Catalogue
from inkcast.library.store.schema import FILE_NAME
from inkcast.library.store.status import status_of
from inkcast.library.subscriptions import Subscriptions
from inkcast.library.sync import Plan, plan_sync, sync
from inkcast.settings import Settings
from tests.support.crowd import Crowd
from tests.support.servers import serve, serve_folder
from tests.support.shows import TRAINS, feed, item, page, tone, write_show

TRAINS_STEM = "2026-05-13 Trains"
BOATS_STEM = "2026-05-20 Boats"
TRAINS_ITEM = item("trains", "Trains", 13, link=None)
BOATS_ITEM = item("boats", "Boats", 20, link=None)
ALL = {"download", "essay", "transcribe", "align", "publish"}


def write_talks(folder, title="Slow ways"):
    """Two short episodes without essays, and the path of their feed: nothing to align takes no time."""
    folder.mkdir()
    for slug, hertz in (("trains", 220), ("boats", 330)):
        (folder / f"{slug}.wav").write_bytes(tone(1, hertz))
    path = folder / "feed.xml"
    path.write_bytes(feed(BOATS_ITEM, TRAINS_ITEM, title=title))
    return path


@pytest.fixture
def show(tmp_path):
    """The path of the feed, a local file."""
    return write_talks(tmp_path / "show")


@pytest.fixture
def run(library, ears):
    """Sync feeds, or dry_run it."""

    def run(*sources, act=sync, jobs=2, feeds=None, use_published=False, **rest):
        with open_client(allow_private=True) as client:
            tools = Tools(client, Settings(model="ears"), ears)
            executor = {"executor": LocalExecutor(tools, jobs)} if act is sync else {}
            plan = Plan([str(source) for source in sources], **rest)
            subscriptions = Subscriptions(client, feeds, use_published=use_published)
            return act(plan, library, tools, subscriptions=subscriptions, **executor)

    return run


def states(summary):
    return {result.title: result.state for result in summary.episodes}


def steps_of(library, guid="trains"):
    with Catalogue(library / FILE_NAME) as catalogue:
        (status, *_) = status_of(catalogue)
        return catalogue.steps(status.feed, guid)


def files_of(library):
    """The date and bytes of every file but the catalogue."""
    return {
        path.relative_to(library): (path.stat().st_mtime_ns, path.read_bytes())
        for path in library.rglob("*")
        if path.is_file() and not path.name.startswith("catalogue.")
    }


def forget_catalogue(library):
    for path in library.glob("catalogue.*"):
        path.unlink()


def change(library, sql, *values):
    with sqlite3.connect(library / FILE_NAME) as db:
        db.execute(sql, values)
    db.close()


# --- feeds ---


def test_an_episode_that_leaves_its_feed_is_kept(show, run, library):
    run(show)
    before = files_of(library)
    show.write_bytes(feed(BOATS_ITEM))
    assert states(run(show)) == {"Boats": "unchanged"}
    assert files_of(library) == before
    with Catalogue(library / FILE_NAME) as catalogue:
        (status,) = status_of(catalogue)
    assert (status.done, status.failed, status.pending) == (2, 0, 0)
    show.write_bytes(feed(TRAINS_ITEM, BOATS_ITEM))
    assert set(states(run(show)).values()) == {"unchanged"}
    assert files_of(library) == before


@pytest.mark.parametrize("jobs", [1, 4])
@pytest.mark.parametrize("slow", [False, True], ids=["at once", "slow"])
def test_an_episode_of_several_feeds_is_downloaded_once(slow, jobs, tmp_path, run, library):
    write_talks(tmp_path / "show")
    audio = (tmp_path / "show" / "trains.wav").read_bytes()

    def send(handler):
        time.sleep(0.5 * slow)
        handler.reply(200, audio, media_type="audio/wav")

    routes = {"/trains.wav": send}
    for name in ("one", "two", "three"):
        data = feed(
            item(f"{name}-trains", "Trains", 13, link=None, audio=f"trains.wav?for={name}"), title=name
        )
        routes[f"/{name}.xml"] = lambda handler, data=data: handler.reply(200, data)
    with serve(routes) as site:
        feeds = [f"{site.url}/{name}.xml" for name in ("one", "two", "three")]
        planned = run(*feeds, act=plan_sync)
        assert [result.state for result in planned.episodes] == ["planned"] * 3
        summary = run(*feeds, jobs=jobs)
        assert [request.path for request in site.requests if "wav" in request.path] == ["/trains.wav?for=one"]
    assert [(result.feed, result.state) for result in summary.episodes] == [
        ("one", "done"),
        ("two", "done"),
        ("three", "done"),
    ]
    copies = [path.read_bytes() for path in library.rglob("*.wav")]
    assert copies == [audio] * 3


def test_where_files_have_one_name_only_the_second_episode_gets_a_copy(tmp_path, run, library, monkeypatch):
    write_talks(tmp_path / "show")

    def link(*args, **rest):
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", link)
    (tmp_path / "show" / "other.xml").write_bytes(
        feed(item("other", "Trains", 13, link=None, audio="trains.wav"), title="Other")
    )
    with serve_folder(tmp_path / "show") as site:
        assert not run(f"{site.url}/feed.xml", f"{site.url}/other.xml").failed
        assert [request.path for request in site.requests].count("/trains.wav") == 1
    first, second = library.rglob(f"{TRAINS_STEM}.wav")
    assert first.read_bytes() == second.read_bytes()
    assert not first.samefile(second)


def test_one_of_two_feeds_downloads_what_the_other_could_not(tmp_path, run):
    audio = write_talks(tmp_path / "show").with_name("trains.wav").read_bytes()
    routes = {
        "/trains.wav": lambda handler: (
            handler.reply(200, audio, media_type="audio/wav") if "two" in handler.path else handler.reply(403)
        )
    }
    for name in ("one", "two"):
        data = feed(item("trains", "Trains", 13, link=None, audio=f"trains.wav?for={name}"), title=name)
        routes[f"/{name}.xml"] = lambda handler, data=data: handler.reply(200, data)
    with serve(routes) as site:
        summary = run(f"{site.url}/one.xml", f"{site.url}/two.xml", jobs=4)
    assert [result.state for result in summary.episodes] == ["failed", "done"]


def test_a_feed_that_is_down_for_a_day_loses_nothing(tmp_path, run, library):
    write_talks(tmp_path / "one")
    other = write_talks(tmp_path / "two", "Other ways")
    with serve_folder(tmp_path) as site:
        feeds = [f"{site.url}/one/feed.xml", f"{site.url}/two/feed.xml"]
        run(*feeds)
        before = files_of(library)
        (tmp_path / "one" / "feed.xml").rename(tmp_path / "away.xml")
        other.write_bytes(
            other.read_bytes().replace(
                b"</channel>", item("x", "New", 27, link=None, audio="boats.wav").encode() + b"</channel>"
            )
        )
        summary = run(*feeds)
        assert summary.failed
        (problem,) = summary.feed_problems
        assert problem.source == feeds[0]
        assert "answers 404" in problem.reason
        assert states(summary) == {"New": "done", "Boats": "unchanged", "Trains": "unchanged"}
        assert {path: file for path, file in files_of(library).items() if path in before} == before
        (tmp_path / "away.xml").rename(tmp_path / "one" / "feed.xml")
        assert not run(*feeds).failed
    assert {path: file for path, file in files_of(library).items() if path in before} == before


# --- clocks, and when to try again ---


def test_a_failure_waits_longer_each_time():
    minutes = [back_off(attempts).total_seconds() / 60 for attempts in range(1, 9)]
    assert minutes == [1, 10, 60, 360, 1440, 1440, 1440, 1440]


def test_what_failed_is_tried_when_it_is_due_and_not_before(tmp_path, run, library):
    write_talks(tmp_path / "show")
    with serve_folder(tmp_path / "show") as site:
        (tmp_path / "show" / "trains.wav").rename(tmp_path / "away.wav")
        url = f"{site.url}/feed.xml"
        before = datetime.now(UTC).replace(microsecond=0)
        run(url, patience=timedelta(0))
        first = steps_of(library)["download"]
        assert before <= first.finished_at <= datetime.now(UTC)
        # Seconds are enough for the catalogue's date of an end, the other one is exact.
        assert timedelta(0) <= first.next_attempt - first.finished_at - back_off(1) < timedelta(seconds=1)
        asked = [request.path for request in site.requests].count("/trains.wav")
        assert states(run(url, patience=timedelta(0))) == {"Boats": "unchanged", "Trains": "failed"}
        assert steps_of(library)["download"] == first
        assert [request.path for request in site.requests].count("/trains.wav") == asked
        # A minute is within the patience of somebody who starts a sync by hand.
        run(url, patience=timedelta(minutes=2))
        second = steps_of(library)["download"]
        assert (second.attempts, second.state) == (2, "failed")
        run(url, patience=timedelta(minutes=2))
        assert steps_of(library)["download"] == second  # the next wait is ten minutes
        (tmp_path / "away.wav").rename(tmp_path / "show" / "trains.wav")
        change(
            library, "UPDATE steps SET next_attempt = ? WHERE state = 'failed'", datetime.now(UTC).isoformat()
        )
        assert not run(url, patience=timedelta(0)).failed
    assert steps_of(library)["download"].attempts == 3


@pytest.mark.parametrize(("ahead", "attempts"), [(timedelta(hours=20), 1), (timedelta(days=400), 2)])
def test_a_clock_that_was_set_back_puts_nothing_off_for_years(ahead, attempts, tmp_path, run, library):
    write_talks(tmp_path / "show").with_name("trains.wav").unlink()
    with serve_folder(tmp_path / "show") as site:
        run(f"{site.url}/feed.xml")
        wrong = (datetime.now(UTC) + ahead).isoformat()
        change(
            library, "UPDATE steps SET finished_at = ?, next_attempt = ? WHERE state = 'failed'", wrong, wrong
        )
        run(f"{site.url}/feed.xml")
    assert steps_of(library)["download"].attempts == attempts


def test_a_clock_that_was_set_back_redoes_nothing(show, run, library, ears):
    run(show)
    later = time.time() + 400 * 86_400
    wrong = datetime.fromtimestamp(later, UTC).isoformat()
    for path in library.rglob("*"):
        if path.is_file() and not path.name.startswith("catalogue."):
            os.utime(path, (later, later))
    change(library, "UPDATE steps SET finished_at = ?", wrong)
    change(
        library,
        "UPDATE files SET mtime_ns = ?",
        (library / "Slow ways" / TRAINS_STEM / "episode.json").stat().st_mtime_ns,
    )
    assert set(states(run(show)).values()) == {"unchanged"}
    assert len(ears.heard) == 2


# --- disks ---


def refuse(monkeypatch, code, name):
    """The disk refuses to write files of that name."""
    real = sidecar.write_text

    def write_text(path, text):
        if name in str(path):
            raise StorageError(f"Cannot write {path}: {os.strerror(code)}.") from OSError(code, "no")
        return real(path, text)

    monkeypatch.setattr(sidecar, "write_text", write_text)


def test_an_episode_whose_sidecar_cannot_be_written_fails_alone(show, run, library, monkeypatch):
    with monkeypatch.context() as patched:
        refuse(patched, errno.EACCES, BOATS_STEM)
        summary = run(show)
    assert states(summary) == {"Boats": "failed", "Trains": "done"}
    (problem,) = summary.episodes[0].problems
    assert problem.step == "publish"
    assert "episode.json: Permission denied" in problem.reason
    assert problem.next_attempt is not None
    record = steps_of(library, "boats")["publish"]
    assert (record.state, record.attempts) == ("failed", 1)
    assert states(run(show)) == {"Boats": "done", "Trains": "unchanged"}
    assert (library / "Slow ways" / BOATS_STEM / "episode.json").is_file()
    assert steps_of(library, "boats")["publish"].state == "done"


def test_a_sidecar_on_a_full_disk_stops_all(show, run, library, monkeypatch):
    with monkeypatch.context() as patched:
        refuse(patched, errno.ENOSPC, "episode.json")
        with pytest.raises(StorageError, match="No space left"):
            run(show)
    assert "publish" not in steps_of(library, "boats")
    assert states(run(show)) == {"Boats": "done", "Trains": "done"}


@pytest.mark.parametrize(("free", "stops"), [(RESERVE_BYTES - 1, True), (RESERVE_BYTES + 9000, False)])
def test_a_disk_that_is_nearly_full_stops_all_but_a_large_file_only_itself(
    free, stops, show, run, library, monkeypatch
):
    (show.parent / "trains.wav").write_bytes(tone(0.5))  # 8,044 bytes; the other one has 16,044
    with monkeypatch.context() as patched:
        patched.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=free))
        if stops:
            with pytest.raises(StorageError, match="No space left"):
                run(show)
        else:
            assert states(run(show)) == {"Boats": "failed", "Trains": "done"}
    assert not run(show).failed


@pytest.mark.skipif(os.name == "nt" or not Path("/dev/shm").is_dir(), reason="there is no second disk")
def test_the_library_may_be_on_another_disk_than_the_folder_for_temporary_files(
    show, run, library, monkeypatch
):
    if Path("/dev/shm").stat().st_dev == library.parent.stat().st_dev:
        pytest.skip("there is no second disk")
    monkeypatch.setenv("TMPDIR", "/dev/shm")
    monkeypatch.setattr("tempfile.tempdir", None)
    assert not run(show).failed
    assert set(states(run(show)).values()) == {"unchanged"}


# --- a lost catalogue ---


def test_a_lost_catalogue_is_made_from_the_folders_and_nothing_is_redone(tmp_path, run, library, ears):
    write_show(tmp_path / "show")
    with serve_folder(tmp_path / "show") as site:
        run(f"{site.url}/feed.xml")
        before, records = files_of(library), steps_of(library)
        forget_catalogue(library)
        asked = len(site.requests)
        assert set(states(run(f"{site.url}/feed.xml")).values()) == {"unchanged"}
        assert [request.path for request in site.requests[asked:]] == ["/feed.xml"]
    assert files_of(library) == before
    assert len(ears.heard) == 2
    again = steps_of(library)
    assert again.keys() == records.keys() == ALL
    for name, record in records.items():
        assert (again[name].key, again[name].result, again[name].files) == (
            record.key,
            record.result,
            record.files,
        )


def test_a_half_copied_library_without_its_catalogue_is_completed(tmp_path, run, library, ears):
    show = write_show(tmp_path / "show")
    run(show)
    before = {path: data for path, (_, data) in files_of(library).items()}
    forget_catalogue(library)
    folder = library / "Slow ways" / TRAINS_STEM
    transcript = folder / f"{TRAINS_STEM}.transcript.json"
    transcript.write_bytes(transcript.read_bytes()[:100])
    (folder / f"{TRAINS_STEM}.vtt").unlink()
    sidecar = library / "Slow ways" / BOATS_STEM / "episode.json"
    sidecar.write_bytes(sidecar.read_bytes()[:200])
    summary = run(show)
    # A transcript that was cut off may also be one that somebody is editing: it is not overwritten.
    assert states(summary) == {"Boats": "done", "Trains": "failed"}
    problems = summary.episodes[1].problems
    assert [problem.step for problem in problems] == ["align", "publish"]
    assert all(f"Cannot read {transcript}" in problem.reason for problem in problems)
    assert "Delete it" in problems[0].reason
    transcript.unlink()
    assert states(run(show)) == {"Boats": "unchanged", "Trains": "done"}
    assert {path: data for path, (_, data) in files_of(library).items()} == before


def test_episodes_that_failed_are_tried_again_after_the_catalogue_was_lost(tmp_path, run, library):
    show = write_show(tmp_path / "show")
    (show.parent / "boats.html").unlink()
    assert states(run(show)) == {"Boats": "failed", "Trains": "done"}
    forget_catalogue(library)
    (show.parent / "boats.html").write_bytes(page("Boats", TRAINS))
    (show.parent / "boats.wav").write_bytes(tone(0.3 * len(TRAINS.split())))
    assert states(run(show)) == {"Boats": "done", "Trains": "unchanged"}


# --- what a feed may want ---


def test_no_more_downloads_at_once_than_were_asked_for(tmp_path, run):
    audio = write_talks(tmp_path / "show").with_name("trains.wav").read_bytes()
    crowd = Crowd(3)

    def send(handler):
        with crowd.enter():
            pass
        handler.reply(200, audio, media_type="audio/wav")

    routes = {f"/{n}.wav": send for n in range(8)}
    items = [item(str(n), f"Number {n}", 1 + n, link=None, audio=f"{n}.wav") for n in range(8)]
    routes["/feed.xml"] = lambda handler: handler.reply(200, feed(*items))
    with serve(routes) as site:
        assert not run(f"{site.url}/feed.xml", jobs=3).failed
    assert crowd.most == 3


def test_a_feed_gets_what_it_wants_and_the_others_do_not(tmp_path, show, run, ears, library):
    other = write_show(tmp_path / "other")
    other.write_bytes(other.read_bytes().replace(b"Slow ways", b"Other ways"))
    feed_settings = {
        "model": "base",
        "language": "de",
        "vocabulary": ["OLMo", "Nathan"],
        "prompt": "A talk.",
        "boilerplate": ["weather is FINE"],
        "readings": {"MoE": ["mixture of experts"]},
        "name": "{title} of {date}",
    }
    summary = run(show, other, feeds={"Other ways": feed_settings}, jobs=1)
    assert {result.folder.relative_to(library).as_posix() for result in summary.episodes} == {
        f"Slow ways/{BOATS_STEM}",
        f"Slow ways/{TRAINS_STEM}",
        "Other ways/Boats of 2026-05-20",
        "Other ways/Trains of 2026-05-13",
    }
    by_folder = dict(zip(ears.heard, ears.settings, strict=True))
    settings = by_folder["Boats of 2026-05-20.wav"]
    assert (settings.model, settings.language) == ("base", "de")
    assert settings.transcribe_options().said_before == "OLMo, Nathan. A talk."
    assert settings.readings == {"MoE": ["mixture of experts"]}
    assert by_folder[f"{BOATS_STEM}.wav"] == Settings(model="ears")
    (essay,) = library.rglob("*Boats*.essay.json")

    def kinds():
        return [block["kind"] for block in json.loads(essay.read_text())["blocks"]]

    assert kinds() == ["title", "boilerplate"]
    assert set(states(run(show, other, feeds={"Other ways": feed_settings})).values()) == {"unchanged"}
    # Without its feed_settings it is done again, in the folder that it has.
    again = run(other)
    assert {(result.folder.parent.name, result.state) for result in again.episodes} == {
        ("Other ways", "done")
    }
    assert kinds() == ["title", "paragraph"]


def vtt(*starts):
    cues = zip(starts, ("Night trains are coming", "back, and nobody planned it."), strict=True)
    times = ((f"00:{start:02}.000 --> 00:{start + 3:02}.000", text) for start, text in cues)
    return "\n\n".join(("WEBVTT", *map("\n".join, times)))


@pytest.mark.parametrize(
    ("seconds", "starts", "fits"),
    [
        pytest.param(6, (0, 3), True, id="fits"),
        pytest.param(3, (0, 3), False, id="is of another cut"),
        pytest.param(6, (0, 0), False, id="has half of it twice"),
    ],
)
def test_the_publishers_transcript_is_taken_where_it_fits(
    seconds, starts, fits, tmp_path, run, ears, library
):
    show = write_show(tmp_path / "show")
    (show.parent / "trains.wav").write_bytes(tone(seconds))
    (show.parent / "trains.vtt").write_text(vtt(*starts))
    link = '<podcast:transcript url="trains.vtt" type="text/vtt"/>'
    data = feed(item("trains", "Trains", 13, link=None, extra=link))
    show.write_bytes(data.replace(b"<rss ", b'<rss xmlns:podcast="https://podcastindex.org/namespace/1.0" '))
    assert not run(show, use_published=True).failed
    assert len(ears.heard) == (not fits)
    text = (library / "Slow ways" / TRAINS_STEM / f"{TRAINS_STEM}.txt").read_text()
    assert ("Night trains are coming back" in text) is fits
    assert set(states(run(show, use_published=True)).values()) == {"unchanged"}
