"""Feeds into a library, with real files and a real server; only the ears are false."""

import errno
import json
import os
import sqlite3
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import filelock
import pytest

from inkcast.alignment.alignment import Alignment
from inkcast.download.client import open_client
from inkcast.errors import LibraryError, ModelError, StorageError
from inkcast.feeds.rss import parse_feed
from inkcast.files import sha256_of
from inkcast.library.steps.episode_steps import Tools, Work
from inkcast.library.steps.pipeline import process
from inkcast.library.store.catalogue import Catalogue
from inkcast.library.store.schema import FILE_NAME
from inkcast.library.store.status import status_of
from inkcast.library.subscriptions import Subscriptions
from inkcast.library.sync import Plan, plan_sync, sync
from inkcast.publish.subtitles.vtt import parse_vtt
from inkcast.settings import Settings
from tests.support.servers import serve, serve_folder
from tests.support.shows import BOATS, TRAINS, Ears, feed, item, page, tone, write_show

TRAINS_STEM = "2026-05-13 Trains"
ALL = ("download", "essay", "transcribe", "align", "publish")


@pytest.fixture
def show(tmp_path):
    """The path of the feed, a local file."""
    return write_show(tmp_path / "show")


@pytest.fixture
def folder(library):
    return library / "Slow ways" / TRAINS_STEM


@pytest.fixture
def run(library, ears):
    """Sync feeds, or dry_run it."""

    def run(*sources, act=sync, model="ears", feeds=None, **rest):
        ears.model = model
        with open_client(allow_private=True) as client:
            tools = Tools(client, Settings(model=model), ears)
            plan = Plan([str(source) for source in sources], **rest)
            summary = act(plan, library, tools, subscriptions=Subscriptions(client, feeds))
        return summary

    return run


def steps_of(library, guid="trains"):
    with Catalogue(library / FILE_NAME) as catalogue:
        (status, *_) = status_of(catalogue)
        return catalogue.steps(status.feed, guid)


def only(title):
    return {"choose": lambda episodes: [episode for episode in episodes if episode.title == title]}


def leftovers(library):
    """Files that no step and no catalogue would leave."""
    with Catalogue(library / FILE_NAME) as catalogue:
        status = status_of(catalogue)
        known = {
            Path(one.feed.folder, folder, file.name)
            for one in status
            for guid, folder in catalogue.episode_folders(one.feed).items()
            for step in catalogue.steps(one.feed, guid).values()
            for file in step.files
        }
    found = {path.relative_to(library) for path in library.rglob("*") if path.is_file()}
    kept = ("catalogue.", "episode.json", "show.json")
    return {path for path in found - known if not path.name.startswith(kept)}


# --- the journey ---


def test_every_episode_becomes_a_folder_of_finished_files(show, run, library, folder):
    summary = run(show)
    assert [(result.title, result.state) for result in summary.episodes] == [
        ("Boats", "done"),
        ("Trains", "done"),
    ]
    assert not summary.failed
    suffixes = (
        ".alignment.json",
        ".essay.json",
        ".html",
        ".srt",
        ".transcript.json",
        ".tsv",
        ".txt",
        ".vtt",
        ".wav",
    )
    names = sorted(path.name for path in folder.iterdir())
    assert names == [*(TRAINS_STEM + suffix for suffix in suffixes), "episode.json"]
    assert summary.episodes[1].folder == folder
    assert summary.episodes[1].files[0] == TRAINS_STEM + ".html"
    assert leftovers(library) == set()


def test_the_files_belong_to_one_another(show, run, folder):
    run(show)
    stem = folder / TRAINS_STEM
    audio = stem.with_name(TRAINS_STEM + ".wav")
    assert audio.read_bytes() == (show.parent / "trains.wav").read_bytes()
    alignment = Alignment.from_json(json.loads(stem.with_name(TRAINS_STEM + ".alignment.json").read_text()))
    assert alignment.audio.sha256 == sha256_of(audio)
    assert [word.text for word in alignment.words] == ["Trains", *TRAINS.split()]
    html = stem.with_name(TRAINS_STEM + ".html").read_text()
    assert 'src="2026-05-13%20Trains.wav"' in html
    subtitles = parse_vtt(stem.with_name(TRAINS_STEM + ".vtt").read_text())
    assert subtitles.text.split() == ["Trains", *TRAINS.split()]


def test_subtitles_have_the_essays_own_wording(show, run, ears, folder):
    ears.says = "Trains " + TRAINS.lower().replace("aeroplane", "airplane")
    run(show, **only("Trains"))
    text = (folder / f"{TRAINS_STEM}.txt").read_text()
    assert "Night trains are coming back" in text
    assert "I think" in text


def test_a_second_sync_does_nothing(tmp_path, run, ears, library):
    write_show(tmp_path / "show")
    with serve_folder(tmp_path / "show") as site:
        run(f"{site.url}/feed.xml")
        before = {path: path.stat().st_mtime_ns for path in library.rglob("*") if path.parent != library}
        asked, heard = len(site.requests), len(ears.heard)
        summary = run(f"{site.url}/feed.xml")
        assert [request.path for request in site.requests[asked:]] == ["/feed.xml"]
    assert [result.state for result in summary.episodes] == ["unchanged", "unchanged"]
    assert summary.episodes[1].files[0] == TRAINS_STEM + ".html"
    assert len(ears.heard) == heard == 2
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_only_the_chosen_are_worked_on_and_the_others_wait(show, run, ears, library):
    summary = run(show, **only("Trains"))
    assert ears.heard == [f"{TRAINS_STEM}.wav"]
    assert len(summary.episodes) == 1
    with Catalogue(library / FILE_NAME) as catalogue:
        (status,) = status_of(catalogue)
    assert (status.done, status.pending) == (1, 1)


def test_an_essay_in_the_feed_needs_no_page(show, run, folder):
    words = " ".join([TRAINS] * 5)
    content = f"<content:encoded><![CDATA[<p>{words}</p>]]></content:encoded>"
    show.write_bytes(feed(item("trains", "Trains", 13, extra=content)))
    (show.parent / "trains.html").unlink()
    (show.parent / "trains.wav").write_bytes(tone(0.3 * len(words.split())))
    (result,) = run(show).episodes
    assert (result.state, result.problems) == ("done", ())
    essay = json.loads((folder / f"{TRAINS_STEM}.essay.json").read_text())
    assert essay["blocks"][1]["text"] == " ".join(words.split())


def test_images_of_a_local_page_come_with_it(show, run, folder, tmp_path):
    (show.parent / "pictures").mkdir()
    (show.parent / "pictures" / "night train.png").write_bytes(b"PNG")
    (tmp_path / "secret.png").write_bytes(b"secret")
    (show.parent / "away.png").symlink_to(tmp_path / "secret.png")
    sources = (
        "pictures/night%20train.png",
        "away.png",
        "gone.png",
        "%00.png",
        "feed.xml",
        "https://example.org/far.png",
    )
    images = "".join(f'<figure><img src="{source}" alt="A view"></figure>' for source in sources)
    (show.parent / "trains.html").write_bytes(page("Trains", TRAINS, images))
    (result,) = run(show, **only("Trains")).episodes
    assert result.state == "done"
    assert (folder / "pictures" / "night train.png").read_bytes() == b"PNG"
    assert 'src="pictures/night%20train.png"' in (folder / f"{TRAINS_STEM}.html").read_text()
    assert {path.name for path in folder.iterdir() if TRAINS_STEM not in path.name} == {
        "pictures",
        "episode.json",
    }
    assert [result.state for result in run(show, **only("Trains")).episodes] == ["unchanged"]


def test_an_episode_without_an_essay_is_transcribed(show, run, library, folder):
    show.write_bytes(feed(item("trains", "Trains", 13, link=None)))
    (result,) = run(show).episodes
    assert (result.state, result.problems) == ("done", ())
    assert result.files == tuple(TRAINS_STEM + suffix for suffix in (".vtt", ".srt", ".txt", ".tsv"))
    assert "Nobody wrote this down." in (folder / f"{TRAINS_STEM}.txt").read_text()
    steps = steps_of(library)
    assert (steps["essay"].state, steps["align"].state) == ("skipped", "skipped")
    assert [result.state for result in run(show).episodes] == ["unchanged"]


def test_names_of_the_other_essays_and_the_notes_help_where_there_is_none(show, run, ears, folder):
    (show.parent / "boats.html").write_bytes(page("Boats", BOATS, "It was DeepSeek that Ada of Ai2 sailed."))
    show.write_bytes(feed(item("boats", "Boats", 20)))
    run(show)
    notes = "<description>&lt;p>With Zoe of &lt;b>OpenAI&lt;/b>.&lt;/p></description>"
    show.write_bytes(feed(item("talk", "A talk", 21, link=None, audio="trains.wav", extra=notes)))
    run(show)
    assert ears.names == [(), ("Ada", "Ai2", "DeepSeek", "OpenAI", "Zoe")]
    show.write_bytes(feed(item("talk", "A talk", 21, link=None, audio="trains.wav")))
    (edited,) = folder.parent.glob("*/*Boats.essay.json")
    edited.write_text("{}")
    assert [result.state for result in run(show, **only("A talk")).episodes] == ["unchanged"]


# --- what a change redoes ---


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


CHANGES = {
    "nothing": (lambda show, folder: None, ()),
    "the recording": (
        lambda show, folder: (show.parent / "trains.wav").write_bytes(tone(20)),
        ("download", "transcribe", "align", "publish"),
    ),
    "a word of the essay": (
        lambda show, folder: edit(show.parent / "trains.html", "weak", "strong"),
        ("essay", "transcribe", "align", "publish"),
    ),
    "emphasis in the essay": (
        lambda show, folder: edit(show.parent / "trains.html", "weak", "<em>weak</em>"),
        ("essay", "publish"),
    ),
    "the page around the essay": (
        lambda show, folder: edit(show.parent / "trains.html", "</body>", "<footer>Hi</footer></body>"),
        ("essay",),
    ),
    "the episode's title in the feed": (lambda show, folder: edit(show, "Trains", "Night trains"), ()),
    "a lost subtitle file": (lambda show, folder: (folder / f"{TRAINS_STEM}.vtt").unlink(), ("publish",)),
    "a lost transcript": (
        lambda show, folder: (folder / f"{TRAINS_STEM}.transcript.json").unlink(),
        ("transcribe",),  # it comes out the same, so that nothing that follows has changed
    ),
    "a corrected transcript": (
        lambda show, folder: edit(folder / f"{TRAINS_STEM}.transcript.json", '" weak,"', '" week,"'),
        ("transcribe", "align", "publish"),  # the first is only taken down
    ),
    "a corrected essay": (
        lambda show, folder: edit(folder / f"{TRAINS_STEM}.essay.json", "weak", "meek"),
        ("essay", "transcribe", "align", "publish"),  # the first is only taken down
    ),
    "an edited subtitle file": (
        lambda show, folder: edit(folder / f"{TRAINS_STEM}.srt", "weak", "WEAK"),
        (),
    ),
    "the address of the essay is gone from the feed": (
        lambda show, folder: edit(show, "<link>trains.html</link>", ""),
        (),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_redoes_only_what_depends_on_it(change, show, run, library, folder):
    act, expected = CHANGES[change]
    run(show)
    before = steps_of(library)
    act(show, folder)
    srt = (folder / f"{TRAINS_STEM}.srt").read_text()
    (result,) = [result for result in run(show).episodes if result.guid == "trains"]
    after = steps_of(library)
    assert tuple(step for step in ALL if after[step] != before[step]) == expected
    assert result.state == ("done" if expected else "unchanged")
    assert result.folder == folder
    assert {record.state for record in after.values()} == {"done"}
    if "publish" not in expected:
        assert (folder / f"{TRAINS_STEM}.srt").read_text() == srt
    if "corrected" in change:
        assert after[expected[0]].attempts == before[expected[0]].attempts
        assert after[expected[0]].seconds == before[expected[0]].seconds
        assert any(word in path.read_text() for path in folder.glob("*.json") for word in ("week,", "meek,"))
    assert [result.state for result in run(show).episodes] == ["unchanged", "unchanged"]


def test_another_model_hears_again(show, run, library):
    run(show)
    before = steps_of(library)
    run(show, model="base")
    after = steps_of(library)
    assert [step for step in ALL if after[step] != before[step]] == ["transcribe", "align", "publish"]


def test_signed_addresses_that_change_each_time_are_not_fetched_again(tmp_path, run):
    show = write_show(tmp_path / "show")
    with serve_folder(tmp_path / "show") as site:
        for signature in ("one", "two"):
            show.write_bytes(feed(item("trains", "Trains", 13, audio=f"trains.wav?sig={signature}")))
            run(f"{site.url}/feed.xml")
        asked = [request.path for request in site.requests]
    assert [path for path in asked if "wav" in path] == ["/trains.wav?sig=one"]


def test_another_address_of_the_audio_is_fetched_and_the_old_file_goes(tmp_path, run, folder):
    show = write_show(tmp_path / "show")
    run(show)
    (tmp_path / "show" / "trains.wav").rename(tmp_path / "show" / "trains-2.wave")
    show.write_bytes(feed(item("trains", "Trains", 13, audio="trains-2.wave")))
    (result,) = run(show).episodes
    assert result.state == "done"
    assert not (folder / f"{TRAINS_STEM}.wav").exists()
    assert 'src="2026-05-13%20Trains.wave"' in (folder / f"{TRAINS_STEM}.html").read_text()


# --- names ---


def test_episodes_and_feeds_of_one_title_get_folders_of_their_own(tmp_path, run):
    show = write_show(tmp_path / "show")
    twin = write_show(tmp_path / "twin")
    items = [item("boats", "Same", 13), item("trains", "Same", 13)]
    for path in (show, twin):
        path.write_bytes(feed(*items))
    summary = run(show, twin)
    assert not summary.failed
    folders = [result.folder for result in summary.episodes]
    assert len(set(folders)) == 4
    again = run(twin, show)
    assert {result.folder for result in again.episodes} == set(folders)
    assert {result.state for result in again.episodes} == {"unchanged"}


def test_a_newer_episode_of_a_known_title_gets_the_mark(show, run, folder):
    show.write_bytes(feed(item("trains", "Trains", 13)))
    run(show)
    later = feed(item("boats", "Trains", 13)).replace(b"08:00:00", b"09:00:00")
    show.write_bytes(later)  # the old one has left the feed
    (result,) = run(show).episodes
    assert result.folder != folder
    assert result.folder.name.startswith(f"{TRAINS_STEM} #")


def test_no_secret_of_an_address_is_kept(tmp_path, run, library):
    show = write_show(tmp_path / "show")
    secret = "c0ffee-5ecret"
    show.write_bytes(
        feed(
            item(
                "trains", "Trains", 13, audio=f"trains.wav?token={secret}", link=f"trains.html?key={secret}"
            ),
            item("boats", "Boats", 12, audio=f"missing.wav?token={secret}"),
        )
    )
    with serve_folder(tmp_path / "show") as site:
        summary = run(f"{site.url}/feed.xml?token={secret}", f"{site.url}/none.xml?token={secret}")
    assert summary.failed
    assert secret not in repr(summary)
    for path in library.rglob("*"):
        assert path.is_dir() or secret.encode() not in path.read_bytes(), path


# --- episodes and feeds that move ---


def rewritten(show, *changes):
    for old, new in changes:
        edit(show, old, new)


NEW_HOST = "https://new.example/wp"
MOVES = {
    "all guids": [(f">{slug}</guid>", f">{NEW_HOST}/{slug}</guid>") for slug in ("trains", "boats")],
    "guids and titles": [
        (">trains</guid><title>Trains", ">1</guid><title>Night trains"),
        (">boats</guid><title>Boats", ">2</guid><title>Boats at rest"),
    ],
    "guids and queries of the audio": [
        (">trains</guid>", ">1</guid>"),
        (">boats</guid>", ">2</guid>"),
        ("trains.wav", "trains.wav?sig=2"),
        ("boats.wav", "boats.wav?sig=3"),
    ],
}


@pytest.mark.parametrize("move", MOVES)
def test_episodes_that_moved_are_the_same(move, tmp_path, run, ears, library):
    show = write_show(tmp_path / "show")
    with serve_folder(tmp_path / "show") as site:
        before = {result.folder for result in run(f"{site.url}/feed.xml").episodes}
        rewritten(show, *MOVES[move])
        asked, heard = len(site.requests), len(ears.heard)
        again = run(f"{site.url}/feed.xml")
        assert [request.path for request in site.requests[asked:]] == ["/feed.xml"]
    assert {result.folder for result in again.episodes} == before
    assert [result.state for result in again.episodes] == ["unchanged", "unchanged"]
    assert {result.guid for result in again.episodes} == {"boats", "trains"}
    assert len(ears.heard) == heard


def test_a_new_episode_beside_moved_ones_is_new(show, run):
    run(show)
    rewritten(show, *MOVES["all guids"])
    rewritten(show, ("</channel>", item("more", "More", 27, link=None, audio="boats.wav") + "</channel>"))
    states = {result.title: result.state for result in run(show).episodes}
    assert states == {"More": "done", "Boats": "unchanged", "Trains": "unchanged"}


def test_a_feed_that_moved_for_good_is_the_same_by_both_addresses(tmp_path, run, library):
    show = write_show(tmp_path / "show")

    def moved(handler):
        handler.reply(301, headers={"Location": "/feed.xml?token=s3cret"})

    def file(handler):
        handler.reply_file(tmp_path / "show" / handler.path.partition("?")[0].lstrip("/"))

    routes = {"/old": moved} | {f"/{path.name}": file for path in show.parent.iterdir()}
    with serve(routes) as site:
        for address in ("/old", "/old", "/feed.xml?token=s3cret"):
            summary = run(site.url + address)
        assert [result.state for result in summary.episodes] == ["unchanged", "unchanged"]
        with Catalogue(library / FILE_NAME) as catalogue:
            (status,) = status_of(catalogue)
        assert status.feed.source == f"{site.url}/feed.xml?token=***"


def test_the_pages_of_a_feed_are_one_show(tmp_path, run):
    show = write_show(tmp_path / "show")
    older = feed(item("boats", "Boats", 20))
    (tmp_path / "show" / "older.xml").write_bytes(older)
    link = '<link xmlns="http://www.w3.org/2005/Atom" rel="next" href="older.xml"/>'
    show.write_bytes(feed(item("trains", "Trains", 27)).replace(b"<item>", link.encode() + b"<item>"))
    summary = run(show)
    assert [(result.title, result.state) for result in summary.episodes] == [
        ("Trains", "done"),
        ("Boats", "done"),
    ]


# --- failures ---


def test_one_failure_stops_nobody_and_is_tried_again(show, run, library, folder):
    audio = (show.parent / "boats.wav").read_bytes()
    (show.parent / "boats.wav").write_bytes(b"<!doctype html><title>Sign in</title>")
    summary = run(show)
    assert [(result.title, result.state) for result in summary.episodes] == [
        ("Boats", "failed"),
        ("Trains", "done"),
    ]
    (problem,) = summary.episodes[0].problems
    assert problem.step == "download"
    assert "a web page, not audio" in problem.reason
    assert "open it in a browser" in problem.reason
    assert leftovers(library) == set()
    run(show)
    assert steps_of(library, "boats")["download"].attempts == 2
    (show.parent / "boats.wav").write_bytes(audio)
    assert [result.state for result in run(show).episodes] == ["done", "unchanged"]
    record = steps_of(library, "boats")["download"]
    assert (record.state, record.attempts, record.reason) == ("done", 3, "")


@pytest.mark.parametrize("status", [404, 410])
def test_without_its_page_an_episode_is_done_and_made_whole_if_there_is_one_later(
    status, tmp_path, run, library, folder
):
    show = write_show(tmp_path / "show").parent
    there = []

    def reply(handler):
        handler.reply(200 if there else status, b"".join(there), media_type="text/html")

    routes = {
        "/feed.xml": lambda handler: handler.reply(200, (show / "feed.xml").read_bytes()),
        "/trains.wav": lambda handler: handler.reply(
            200, (show / "trains.wav").read_bytes(), media_type="audio/wav"
        ),
        "/trains.html": reply,
    }
    with serve(routes) as site:
        url = f"{site.url}/feed.xml"
        (result,) = run(url, **only("Trains")).episodes
        assert (result.state, result.problems) == ("done", ())
        assert result.files == tuple(TRAINS_STEM + suffix for suffix in (".vtt", ".srt", ".txt", ".tsv"))
        essay = steps_of(library)["essay"]
        assert essay.state == "skipped"
        assert f"{site.url}/trains.html answers {status}" in essay.reason
        assert [result.state for result in run(url, **only("Trains")).episodes] == ["unchanged"]
        assert steps_of(library)["essay"].attempts == 2
        there.append((show / "trains.html").read_bytes())
        (result,) = run(url, **only("Trains")).episodes
    assert (result.state, result.problems) == ("done", ())
    assert result.files[0] == f"{TRAINS_STEM}.html"


def test_a_page_that_stays_away_is_not_asked_for_for_ever(tmp_path, run, library):
    show = write_show(tmp_path / "show").parent
    (show / "trains.html").unlink()
    with serve_folder(show) as site:
        for _ in range(8):
            run(f"{site.url}/feed.xml", patience=timedelta(days=9), **only("Trains"))
        asked = [request.path for request in site.requests if request.path == "/trains.html"]
    assert len(asked) == 6
    essay = steps_of(library)["essay"]
    assert (essay.state, essay.attempts, essay.next_attempt) == ("skipped", 6, None)


def with_text(text, **rest):
    content = f"<content:encoded><![CDATA[<p>{text}</p>]]></content:encoded>"
    return feed(item("trains", "Trains", 13, extra=content, **rest))


def test_the_feeds_short_text_is_the_essay_where_the_page_is_gone(tmp_path, run, library, folder):
    show = write_show(tmp_path / "show")
    (show.parent / "trains.html").unlink()
    show.write_bytes(with_text(TRAINS))
    (show.parent / "trains.wav").write_bytes(tone(60))  # too slow to be surely the whole text
    with serve_folder(show.parent) as site:
        run(f"{site.url}/feed.xml")
    assert steps_of(library)["essay"].state == "done"
    essay = json.loads((folder / f"{TRAINS_STEM}.essay.json").read_text())
    assert essay["blocks"][1]["text"] == " ".join(TRAINS.split())
    assert "the text in the feed (not the episode's page: " in essay["chosen"]


def test_notes_are_no_essay_where_the_page_is_gone(tmp_path, run, library):
    show = write_show(tmp_path / "show")
    (show.parent / "trains.html").unlink()
    show.write_bytes(with_text("We talk about trains."))
    (show.parent / "trains.wav").write_bytes(tone(60))
    with serve_folder(show.parent) as site:
        (result,) = run(f"{site.url}/feed.xml").episodes
    assert (result.state, result.problems) == ("done", ())
    assert "a teaser or notes: 5 words for 1 minutes" in steps_of(library)["essay"].reason


@pytest.mark.parametrize(("seconds", "state"), [(20, "done"), (60, "skipped")])
def test_a_short_text_of_unknown_length_is_the_essay_if_it_fills_the_recording(
    seconds, state, show, run, library
):
    """66 words."""
    show.write_bytes(with_text(TRAINS, link=None))
    (show.parent / "trains.wav").write_bytes(tone(seconds))
    run(show)
    assert steps_of(library)["essay"].state == state


def test_a_feed_of_which_the_text_is_wanted_is_believed(show, run, library):
    show.write_bytes(with_text(TRAINS))
    (show.parent / "trains.wav").write_bytes(tone(60))
    run(show, feeds={str(show): {"essay": "content"}})
    assert steps_of(library)["essay"].state == "done"


def test_a_page_that_is_gone_takes_nothing_away(show, run, library, folder):
    run(show)
    before = {path.name: path.read_bytes() for path in folder.glob(f"{TRAINS_STEM}*")}
    (show.parent / "trains.html").unlink()
    (result,) = run(show, **only("Trains")).episodes
    assert (result.state, [problem.step for problem in result.problems]) == ("failed", ["essay"])
    assert {path.name: path.read_bytes() for path in folder.glob(f"{TRAINS_STEM}*")} == before


def test_another_recordings_essay_is_a_failure_with_a_reason(show, run, ears, library, folder):
    ears.says = BOATS
    (result,) = run(show, **only("Trains")).episodes
    assert result.state == "failed"
    (problem,) = result.problems
    assert problem.step == "align"
    assert "belongs to another recording" in problem.reason
    assert result.files == tuple(TRAINS_STEM + suffix for suffix in (".vtt", ".srt", ".txt", ".tsv"))
    assert "harbour" in (folder / f"{TRAINS_STEM}.txt").read_text()
    alignment = json.loads((folder / f"{TRAINS_STEM}.alignment.json").read_text())
    assert alignment["audit"]["passed"] is False
    # Trying again would come to the same.
    steps = steps_of(library)
    assert [result.state for result in run(show, **only("Trains")).episodes] == ["failed"]
    assert steps_of(library) == steps
    # A page that was made from a better essay would be out of date, and is taken away.
    ears.says = None
    edit(show.parent / "trains.html", "weak", "strong")
    assert [result.state for result in run(show, **only("Trains")).episodes] == ["done"]
    assert (folder / f"{TRAINS_STEM}.html").exists()
    ears.says = BOATS
    edit(show.parent / "trains.html", "strong", "hot " * 40)  # much is new: it is heard again
    assert [result.state for result in run(show, **only("Trains")).episodes] == ["failed"]
    assert not (folder / f"{TRAINS_STEM}.html").exists()
    assert leftovers(library) == set()


def test_silence_gives_empty_subtitles_and_a_reason(show, run, ears, folder):
    ears.says = ""
    (result,) = run(show, **only("Trains")).episodes
    assert [problem.step for problem in result.problems] == ["align"]
    assert "has no words with times" in result.problems[0].reason
    assert (folder / f"{TRAINS_STEM}.vtt").read_text() == "WEBVTT\n\n"


FEEDS = {
    "a web page": (b"<!doctype html><html><title>Blog</title></html>", "is a web page, not a feed"),
    "empty": (b" \n", "is empty"),
    "no feed": (b"\x00\x01\x02", "is not a feed"),
    "no items": (feed(), "has no items"),
    "no audio": (
        b'<rss version="2.0"><channel><item><title>x</title></item></channel></rss>',
        "has no audio",
    ),
}


@pytest.mark.parametrize("kind", FEEDS)
def test_a_feed_that_is_none_stops_no_other(kind, tmp_path, show, run):
    data, words = FEEDS[kind]
    bad = tmp_path / "bad.xml"
    bad.write_bytes(data)
    summary = run(bad, tmp_path / "missing.xml", show)
    assert summary.failed
    assert [result.state for result in summary.episodes] == ["done", "done"]
    first, second = summary.feed_problems
    assert (first.source, second.source) == (str(bad), str(tmp_path / "missing.xml"))
    assert words in first.reason
    assert "No such file" in second.reason


def test_a_defect_in_one_episode_is_shown_and_stops_nobody(show, run, ears, caplog):
    ears.failure = ZeroDivisionError("by zero")
    summary = run(show)
    assert [result.state for result in summary.episodes] == ["failed", "failed"]
    assert "A bug in Inkcast: ZeroDivisionError: by zero" in summary.episodes[0].problems[0].reason
    assert caplog.records[0].exc_info[1] is ears.failure


def test_a_missing_model_stops_all_and_keeps_what_was_downloaded(show, run, ears, library):
    ears.failure = ModelError("Model 'x' is not installed.", "Run: inkcast models pull x")
    with pytest.raises(ModelError):
        run(show)
    (heard,) = ears.heard
    # Whichever was fetched first is the one that the model is wanted for.
    first, second = ("boats", "trains") if "Boats" in heard else ("trains", "boats")
    assert set(steps_of(library, first)) == {"download", "essay"}
    assert set(steps_of(library, second)) <= {"download", "essay"}  # fetched while the model loads
    ears.failure = None
    run(show)
    assert steps_of(library, first)["download"].attempts == 1


def test_an_interrupt_loses_nothing_that_was_done(show, run, ears, library):
    ears.failure = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        run(show, **only("Boats"))
    boats = Path("Slow ways", "2026-05-20 Boats")
    assert leftovers(library) == {boats / "2026-05-20 Boats.partial.jsonl"}
    before = steps_of(library, "boats")
    assert set(before) == {"download", "essay"}
    ears.failure = None
    assert [result.state for result in run(show, **only("Boats")).episodes] == ["done"]
    assert ears.resumed_from == "half of it"
    assert leftovers(library) == set()
    after = steps_of(library, "boats")
    assert (after["download"], after["essay"]) == (before["download"], before["essay"])


@contextmanager
def full_disk(monkeypatch):
    """No file can be written out; the kernel says so at fsync when space was only promised."""

    def fsync(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fsync)
        yield


def test_a_full_disk_stops_all_and_leaves_nothing_half_written(show, run, library, monkeypatch):
    with full_disk(monkeypatch), pytest.raises(StorageError, match="No space left") as caught:
        run(show)
    assert "free some space" in caught.value.hint
    assert set(steps_of(library, "boats")) <= {"download"}
    assert leftovers(library) == set()
    assert [result.state for result in run(show).episodes] == ["done", "done"]


def test_other_trouble_with_the_disk_is_one_episodes(show, run, library):
    (library / "Slow ways").mkdir(parents=True)
    (library / "Slow ways" / TRAINS_STEM).write_text("in the way")
    summary = run(show)
    assert [result.state for result in summary.episodes] == ["done", "failed"]
    assert "Cannot write" in summary.episodes[1].problems[0].reason


def test_a_broken_edit_is_named_and_not_overwritten(show, run, folder):
    run(show)
    path = folder / f"{TRAINS_STEM}.essay.json"
    path.write_text('{"title": "half an edi')
    for _ in range(2):
        (result,) = run(show, **only("Trains")).episodes
        assert [problem.step for problem in result.problems] == ["align"]
        assert f"Cannot read {path}" in result.problems[0].reason
        assert "Delete it" in result.problems[0].reason
    assert path.read_text() == '{"title": "half an edi'
    path.unlink()
    assert [result.state for result in run(show, **only("Trains")).episodes] == ["done"]


# --- the library itself ---


def test_two_runs_do_not_meet(show, run, library):
    run(show)
    with filelock.FileLock(library / "catalogue.lock"), pytest.raises(LibraryError, match="Another run"):
        run(show)
    run(show)


def test_a_library_below_a_file_cannot_be_made(show, run, tmp_path, library):
    library.write_text("a file")
    with pytest.raises(StorageError, match="Cannot write") as caught:
        run(show)
    assert "choose another folder" in caught.value.hint


def test_a_newer_library_is_refused(show, run, library):
    run(show)
    with sqlite3.connect(library / FILE_NAME) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(LibraryError, match="newer Inkcast"):
        run(show)


def test_a_dry_run_tells_what_a_sync_would_do_and_touches_nothing(show, run, ears, library, folder):
    planned = run(show, act=plan_sync)
    assert [(result.title, result.state, result.next_step) for result in planned.episodes] == [
        ("Boats", "planned", "download"),
        ("Trains", "planned", "download"),
    ]
    assert not library.exists()
    run(show)
    (folder / f"{TRAINS_STEM}.vtt").unlink()
    planned = run(show, act=plan_sync)
    assert [result.next_step for result in planned.episodes] == [None, "publish"]
    assert not (folder / f"{TRAINS_STEM}.vtt").exists()
    assert len(ears.heard) == 2


def test_each_step_is_announced_before_it_runs(show, library):
    (episode,) = parse_feed(feed(item("trains", "Trains", 13)), str(show)).episodes
    with open_client() as client:
        events = list(process(Work(episode, library / "Trains", Tools(client, Settings(), Ears())), {}))
    assert events[::2] == list(ALL)
    assert [record.step for record in events[1::2]] == list(ALL)
