"""Feeds that have not changed: their servers are asked that, and nothing is parsed."""

import json
import sqlite3
from datetime import timedelta

import pytest

from inkcast.download.client import open_client
from inkcast.library import subscriptions
from inkcast.library.steps.episode_steps import Tools
from inkcast.library.store.catalogue import Catalogue
from inkcast.library.store.record import STEPS
from inkcast.library.store.schema import FILE_NAME
from inkcast.library.store.status import status_of
from inkcast.library.subscriptions import Subscriptions
from inkcast.library.sync import Plan, plan_sync, sync
from inkcast.settings import Settings
from tests.support.servers import serve
from tests.support.shows import feed, item, tone

TRAINS = item("trains", "Trains", 13, link=None)
BOATS = item("boats", "Boats", 20, link=None)
STEM = "2026-05-20 Boats"


class Server:
    """A feed that keeps to RFC 9110, and two recordings; ``data`` may change."""

    def __init__(self, *items, etag=True):
        self.data = feed(*items)
        self.etag = etag
        self.routes = {"/feed.xml": self.send_feed}
        for slug, hertz in (("trains", 220), ("boats", 330)):
            self.routes[f"/{slug}.wav"] = lambda handler, hertz=hertz: handler.reply(
                200, tone(1, hertz), media_type="audio/wav"
            )

    def send_feed(self, handler):
        etag = f'"{hash(self.data):x}"'
        headers = {"ETag": etag} if self.etag else {}
        same = self.etag and handler.headers.get("If-None-Match") == etag
        handler.reply(304 if same else 200, b"" if same else self.data, headers=headers)


@pytest.fixture
def server():
    return Server(BOATS, TRAINS)


@pytest.fixture
def parsed(monkeypatch):
    """Lists the feeds that were parsed."""
    sources, real = [], subscriptions._store_feed

    def store(title, addresses, catalogue):
        sources.append(addresses[0])
        return real(title, addresses, catalogue)

    monkeypatch.setattr(subscriptions, "_store_feed", store)
    return sources


@pytest.fixture
def run(library, ears):
    def run(url, act=sync, feeds=None, told=None, use_published=False, **rest):
        with open_client(allow_private=True) as client:
            tools = Tools(client, Settings(model=ears.model), ears)
            subscriptions = Subscriptions(client, feeds, use_published=use_published)
            more = {"on_result": told.append} if told is not None else {}
            return act(Plan([url], **rest), library, tools, subscriptions=subscriptions, **more)

    return run


def states(summary):
    return {result.title: result.state for result in summary.episodes}


def asked(site):
    """Each request since the last look: its path, and whether it had a condition."""
    requests = [(r.path, "if-none-match" in r.headers) for r in site.requests]
    site.requests.clear()
    return requests


def change(library, sql):
    with sqlite3.connect(library / FILE_NAME) as db:
        db.execute(sql)
    db.close()


def only(title):
    return lambda episodes: [episode for episode in episodes if episode.title == title]


@pytest.mark.parametrize("etag", [True, False], ids=["304", "the same bytes"])
def test_a_second_sync_parses_nothing_and_says_the_same(etag, run, library, parsed):
    server = Server(BOATS, TRAINS, etag=etag)
    with serve(server.routes) as site:
        first = run(f"{site.url}/feed.xml")
        asked(site)
        parsed.clear()
        told = []
        second = run(f"{site.url}/feed.xml", told=told)
        assert asked(site) == [("/feed.xml", etag)]
    assert parsed == []
    assert states(second) == {"Boats": "unchanged", "Trains": "unchanged"}
    assert told == second.episodes
    for before, after in zip(first.episodes, second.episodes, strict=True):
        assert (after.feed, after.guid, after.folder, after.files) == (
            *(before.feed, before.guid, before.folder, before.files),
        )


def test_a_changed_feed_is_read_and_only_what_is_new_is_done(server, run, parsed, ears):
    server.data = feed(TRAINS)
    with serve(server.routes) as site:
        run(f"{site.url}/feed.xml")
        asked(site)
        server.data = feed(BOATS, TRAINS)
        assert states(run(f"{site.url}/feed.xml")) == {"Boats": "done", "Trains": "unchanged"}
        assert asked(site) == [("/feed.xml", True), ("/boats.wav", False)]
        run(f"{site.url}/feed.xml")
        assert asked(site) == [("/feed.xml", True)]
        # An episode that has left its feed is no longer spoken of.
        server.data = feed(BOATS)
        for _ in range(2):
            assert states(run(f"{site.url}/feed.xml")) == {"Boats": "unchanged"}
    assert len(parsed) == 3
    assert len(ears.heard) == 2


def remove_a_file(library):
    (library / "Slow ways" / STEM / f"{STEM}.vtt").unlink()


def edit_a_file(library):
    path = library / "Slow ways" / STEM / f"{STEM}.transcript.json"
    data = json.loads(path.read_text())
    data["text"] = "Nobody wrote that down."
    path.write_text(json.dumps(data))


def redo(library):
    with Catalogue(library / FILE_NAME) as catalogue:
        catalogue.redo(status_of(catalogue)[0].feed, "boats", STEPS[2:3])


def lose_the_catalogue(library):
    for path in library.glob("catalogue.*"):
        path.unlink()


@pytest.mark.parametrize(
    ("happen", "state"),
    [
        (remove_a_file, "done"),
        (edit_a_file, "done"),
        (redo, "done"),
        (lose_the_catalogue, "unchanged"),
    ],
)
def test_what_happens_to_an_episode_has_its_feed_read(happen, state, server, run, library, parsed):
    with serve(server.routes) as site:
        run(f"{site.url}/feed.xml")
        run(f"{site.url}/feed.xml")
        assert len(parsed) == 1
        happen(library)
        asked(site)
        assert states(run(f"{site.url}/feed.xml")) == {"Boats": state, "Trains": "unchanged"}
        assert asked(site)[0] == ("/feed.xml", False)
        assert len(parsed) == 2
        run(f"{site.url}/feed.xml")
        assert len(parsed) == 2


SETTINGS = {
    "another model": (lambda run, ears, url: (setattr(ears, "model", "base"), run(url))[1], "done"),
    "feed_settings of the feed": (
        lambda run, ears, url: run(url, feeds={"Slow ways": {"language": "de"}}),
        "done",
    ),
    "the publisher's transcripts": (lambda run, ears, url: run(url, use_published=True), "unchanged"),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_other_settings_have_the_feed_read(name, server, run, ears, parsed):
    act, state = SETTINGS[name]
    with serve(server.routes) as site:
        run(f"{site.url}/feed.xml")
        parsed.clear()
        for expected in (state, "unchanged"):
            assert set(states(act(run, ears, f"{site.url}/feed.xml")).values()) == {expected}
    assert len(parsed) == 1


def test_a_text_that_is_a_file_is_looked_at(server, run, parsed, tmp_path):
    text = tmp_path / "texts.md"
    text.write_text("# Boats\n\nNothing.\n")
    feed_settings = {"Slow ways": {"essay": str(text)}}
    with serve(server.routes) as site:
        for _ in range(2):
            run(f"{site.url}/feed.xml", feeds=feed_settings, patience=timedelta(0))
        assert len(parsed) == 1
        text.write_text("# Boats\n\nNothing at all.\n")
        run(f"{site.url}/feed.xml", feeds=feed_settings, patience=timedelta(0))
        assert len(parsed) == 2


def test_a_selection_may_be_another_one(server, run, ears, parsed):
    with serve(server.routes) as site:
        url = f"{site.url}/feed.xml"
        assert states(run(url, choose=only("Trains"))) == {"Trains": "done"}
        assert states(run(url, choose=only("Trains"))) == {"Trains": "unchanged"}
        assert states(run(url, choose=only("nothing"))) == {}
        assert len(parsed) == 1
        assert states(run(url)) == {"Boats": "done", "Trains": "unchanged"}
        assert states(run(url, choose=lambda episodes: episodes[::-1])) == {
            "Trains": "unchanged",
            "Boats": "unchanged",
        }
        assert len(parsed) == 2
    assert len(ears.heard) == 2


def test_what_failed_is_said_again_and_tried_when_it_is_due(server, run, library, parsed):
    audio = server.routes.pop("/boats.wav")
    with serve(server.routes) as site:
        url = f"{site.url}/feed.xml"
        first = run(url, patience=timedelta(0))
        again = run(url, patience=timedelta(0))
        assert len(parsed) == 1
        assert again.failed
        assert states(again) == {"Boats": "failed", "Trains": "unchanged"}
        assert again.episodes[0].problems == first.episodes[0].problems
        server.routes["/boats.wav"] = audio
        change(library, "UPDATE steps SET next_attempt = '2026-01-01T00:00:00+00:00' WHERE state = 'failed'")
        assert states(run(url, patience=timedelta(0))) == {"Boats": "done", "Trains": "unchanged"}


def test_a_run_that_was_cut_short_leaves_the_rest_to_the_next(server, run, ears, parsed):
    ears.failure = KeyboardInterrupt()
    with serve(server.routes) as site:
        url = f"{site.url}/feed.xml"
        with pytest.raises(KeyboardInterrupt):
            run(url)
        ears.failure = None
        assert states(run(url)) == {"Boats": "done", "Trains": "done"}
        assert len(parsed) == 2


def test_a_dry_run_asks_for_the_whole_feed_and_remembers_nothing(server, run, library, parsed):
    with serve(server.routes) as site:
        url = f"{site.url}/feed.xml"
        assert states(run(url, act=plan_sync)) == {"Boats": "planned", "Trains": "planned"}
        assert not library.exists()
        run(url)
        assert states(run(url, act=plan_sync)) == {"Boats": "unchanged", "Trains": "unchanged"}
        assert len(parsed) == 3


def test_a_feed_that_moved_while_it_stayed_the_same_is_known_by_both_addresses(server, run, library):
    with serve(server.routes) as site:
        run(f"{site.url}/feed.xml")
        server.routes["/new.xml"] = server.routes["/feed.xml"]
        server.routes["/feed.xml"] = lambda handler: handler.reply(301, headers={"Location": "/new.xml"})
        assert set(states(run(f"{site.url}/feed.xml")).values()) == {"unchanged"}
        assert set(states(run(f"{site.url}/new.xml")).values()) == {"unchanged"}
    with Catalogue(library / FILE_NAME) as catalogue:
        assert len(catalogue.feeds()) == 1


def test_marks_hold_no_address_and_no_body(server, run, library):
    secret = "c0ffee-5ecret"
    server.data = feed(item("trains", "Trains", 13, link=None, audio=f"trains.wav?token={secret}"))
    with serve(server.routes) as site:
        for _ in range(2):
            assert not run(f"{site.url}/feed.xml?key={secret}").failed
    for path in library.rglob("*"):
        assert path.is_dir() or secret.encode() not in path.read_bytes(), path
