"""``inkcast retry``: what failed once more, at once, and what the user names."""

import json
import os
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from inkcast.cli.app import inkcast
from inkcast.library.store.catalogue import Catalogue
from tests.support.servers import serve_folder
from tests.support.shows import Ears, feed, item, tone, write_show

LIBRARY = Path("library")
BOATS, TRAINS = "2026-05-20 Boats", "2026-05-13 Trains"


@pytest.fixture(autouse=True)
def ears(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda name: tmp_path / "config")
    ears = Ears()
    for module in ("sync", "retry"):
        monkeypatch.setattr(f"inkcast.cli.libraries.{module}.lazy_transcriber", lambda: ears)
    return ears


def run(*args, command="retry"):
    arguments = [command, *map(str, args), "--library", str(LIBRARY)]
    return CliRunner().invoke(inkcast, arguments, prog_name="inkcast")


@pytest.fixture
def show(tmp_path):
    """A feed whose newer episode has no audio yet, in a library."""
    show = write_show(tmp_path / "show")
    (show.parent / "boats.wav").write_bytes(b"")
    assert run(show, command="sync").exit_code == 1
    return show


def steps(guid):
    with Catalogue(LIBRARY / "catalogue.sqlite", in_memory=True) as catalogue:
        return catalogue.steps(catalogue.feeds()[0], guid)


def test_what_failed_is_not_made_to_wait(show, ears):
    good = (show.parent / "trains.wav").read_bytes()
    audio = show.parent / "boats.wav"
    audio.write_bytes(bytes(len(good)))
    for _ in range(4):  # the next attempt is an hour away then
        assert run().exit_code == 1
    assert steps("boats")["download"].attempts == 5
    date = audio.stat().st_mtime_ns
    audio.write_bytes(good)
    os.utime(audio, ns=(date, date))  # a local file that has changed would be tried at once
    waiting = run(show, command="sync")
    assert (waiting.exit_code, waiting.stderr.splitlines()[-1]) == (1, "0 done, 1 unchanged, 1 failed.")
    heard = list(ears.heard)

    result = run("--failed")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{LIBRARY / 'Slow ways' / BOATS / BOATS}.html\n"
    assert result.stderr.splitlines() == ["Boats: 100 % read, audit passed.", "1 done, 0 unchanged."]
    assert ears.heard == [*heard, f"{BOATS}.wav"]
    again = run()
    assert (again.exit_code, again.stdout) == (0, "")


def test_what_waits_for_a_change_is_tried_all_the_same(show, ears):
    ears.says = "Nothing of the kind was ever written down by anybody in this house."
    run("Trains", "--from", "transcribe")
    before = steps("trains")["align"]
    assert (before.state, before.next_attempt) == ("failed", None)
    run(show, command="sync")
    assert steps("trains")["align"].attempts == before.attempts
    run()
    assert steps("trains")["align"].attempts == before.attempts + 1


@pytest.mark.parametrize(
    ("first", "redone"),
    [
        ("publish", ["publish"]),
        ("align", ["align", "publish"]),
        ("transcribe", ["transcribe", "align", "publish"]),
        ("download", ["download", "essay", "transcribe", "align", "publish"]),
    ],
)
def test_a_named_episode_is_done_again_from_a_step_on(show, first, redone):
    before = steps("trains")
    result = run("trains", "--from", first, "--json")
    assert result.exit_code == 0
    (episode,) = json.loads(result.stdout)["episodes"]
    assert (episode["guid"], episode["state"]) == ("trains", "done")
    after = steps("trains")
    # Files are written anew, so their dates tell.
    changed = [step for step in after if after[step].files != before[step].files]
    assert sorted(changed) == sorted(redone)
    assert {step: record.key for step, record in after.items()} == {
        step: record.key for step, record in before.items()
    }


@pytest.mark.parametrize(
    "name", ["trains", "TRAINS", f"library/Slow ways/{TRAINS}", f"Slow ways/{TRAINS}/"], ids=str
)
def test_an_episode_goes_by_its_guid_its_title_and_its_folder(show, name):
    result = run(name, "--json")
    (episode,) = json.loads(result.stdout)["episodes"]
    assert (episode["guid"], episode["state"]) == ("trains", "unchanged")


def test_a_complete_episode_without_a_step_is_left_alone(show, ears):
    before = steps("trains")
    result = run("trains")
    assert (result.exit_code, result.stderr) == (0, "0 done, 1 unchanged.\n")
    assert steps("trains") == before


def test_an_old_result_stays_when_the_new_attempt_fails(show, ears):
    """A step that is done again replaces nothing before it has worked."""
    page = LIBRARY / "Slow ways" / TRAINS / f"{TRAINS}.html"
    before = page.read_bytes()
    (show.parent / "trains.wav").unlink()
    assert run("trains", "--from", "download").exit_code == 1
    assert page.read_bytes() == before
    assert page.with_suffix(".wav").is_file()
    (show.parent / "trains.wav").write_bytes(page.with_suffix(".wav").read_bytes())
    assert run().exit_code == 1  # the other has still no audio
    assert steps("trains")["download"].state == "done"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["Trans"], "No episode of library has the guid, folder or title 'Trans'. Did you mean 'Trains'?"),
        (["Trains", "zzz"], "'zzz'. See what failed: inkcast status --library library."),
    ],
)
def test_a_name_that_is_nobodys_stops_before_anything_is_done(show, arguments, words):
    before = steps("trains"), steps("boats")
    result = run(*arguments, "--from", "publish")
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert words in result.stderr
    assert (steps("trains"), steps("boats")) == before


def test_a_title_that_two_episodes_share_is_not_guessed_at(show):
    show.write_bytes(feed(item("boats", "Trains", 20), item("trains", "Trains", 13)))
    run(show, command="sync")
    result = run("Trains")
    assert result.exit_code == 1
    assert "'Trains' matches 2 episodes. Name a folder: " in result.stderr
    assert str(LIBRARY / "Slow ways" / BOATS) in result.stderr


def test_an_episode_that_left_its_feed_is_said_and_kept(show):
    show.write_bytes(feed(item("trains", "Trains", 13)))
    result = run("--json")
    assert result.exit_code == 1
    (episode,) = json.loads(result.stdout)["episodes"]
    assert (episode["guid"], episode["state"]) == ("boats", "failed")
    assert episode["problems"][0]["reason"] == "The feed no longer has this episode."
    assert "Error: Boats: download: The feed no longer has this episode." in run().stderr


def test_a_feed_that_cannot_be_read_is_one_line(show):
    show.unlink()
    result = run()
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "No such file" in result.stderr
    assert "no longer has" not in result.stderr


def test_a_private_feed_has_to_be_named_unless_the_settings_do(tmp_path):
    write_show(tmp_path / "show")
    (tmp_path / "show" / "boats.wav").write_bytes(b"")
    with serve_folder(tmp_path / "show") as site:
        address = f"{site.url}/feed.xml?token=c3VwZXJzZWNyZXQ"
        run(address, "--allow-private", command="sync")
        result = run("--allow-private")
        assert result.exit_code == 1
        assert (
            "The address of Slow ways contains a secret, which is not stored. Give it: --feed ADDRESS."
            in (result.stderr)
        )
        (tmp_path / "show" / "boats.wav").write_bytes(tone(20))
        named = run("--allow-private", "--feed", address)
        assert named.exit_code == 0, named.stderr
        run("boats", "--from", "publish", "--allow-private")
        Path("inkcast.toml").write_text(
            f'[feeds."{address}"]\nlanguage = "en"\n[feeds."Other"]\nmodel = "x"\n'
        )
        assert run("boats", "--allow-private").exit_code == 0
    dump = b"".join(path.read_bytes() for path in LIBRARY.rglob("*") if path.is_file())
    assert b"c3VwZXJzZWNyZXQ" not in dump


def test_settings_of_a_feed_hold_by_the_name_that_they_go_by(show):
    Path("inkcast.toml").write_text('[feeds."show/feed.xml"]\nmodel = "other"\n')
    run("show/feed.xml", command="sync")
    key = steps("trains")["transcribe"].key
    run("trains", "--from", "publish")
    assert steps("trains")["transcribe"].key == key


@pytest.mark.parametrize("arguments", [["Trains", "--failed"], ["--from", "align"], ["--from", "sleep", "x"]])
def test_what_cannot_be_meant_is_wrong_usage(arguments):
    assert run(*arguments).exit_code == 2


def test_where_there_is_no_library_none_is_made():
    result = run()
    assert (result.exit_code, result.stdout) == (1, "")
    assert "There is no library in library." in result.stderr
    assert not LIBRARY.exists()


def test_nothing_failed_is_nothing_to_do(show):
    with sqlite3.connect(LIBRARY / "catalogue.sqlite") as db:
        db.execute("DELETE FROM steps WHERE state = 'failed'")
    db.close()
    result = run("--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["episodes"] == []
