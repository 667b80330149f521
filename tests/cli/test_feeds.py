"""``inkcast episodes`` and ``inkcast download``, against a real server."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from inkcast.cli.app import inkcast
from inkcast.cli.selection import Selection
from inkcast.feeds.episode import Episode
from tests.support.servers import serve

AUDIO = b"ID3\x04\x00\x00\x00\x00\x00\x00" + (b"\xff\xfb\x90\xc4" + bytes(413)) * 200


def item(number, day, title, extra=""):
    return f"""<item><guid>g{number}</guid><title>{title}</title>
      <pubDate>{day} Mar 2024 10:00:00 GMT</pubDate>
      <enclosure url="{number}.mp3" type="audio/mpeg" length="1"/>{extra}</item>"""


def feed(*items):
    return (
        '<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel>'
        f"<title>Show</title>{''.join(items)}</channel></rss>"
    ).encode()


FEED = feed(
    item(
        3,
        "Fri, 08",
        "Trains &amp; time",
        "<itunes:duration>1:02:03</itunes:duration><link>https://example.org/three</link>",
    ),
    item(2, "Thu, 07", "Boats"),
    item(1, "Wed, 06", "Trains"),
)


@pytest.fixture(autouse=True)
def _folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda name: tmp_path / "config")


@pytest.fixture
def site():
    def audio(handler):
        handler.reply(200, AUDIO, media_type="audio/mpeg")

    routes = {"/feed": lambda handler: handler.reply(200, FEED), "/1.mp3": audio, "/3.mp3": audio}
    with serve(routes) as site:  # 2.mp3 is missing
        yield site


def run(*args):
    return CliRunner().invoke(inkcast, args, prog_name="inkcast")


def paths_of(site):
    return [request.path for request in site.requests]


def test_episodes_are_lines_newest_first(site):
    result = run("episodes", f"{site.url}/feed", "--allow-private")
    assert result.exit_code == 0
    titles = [line.split("  ")[-1] for line in result.stdout.splitlines()]
    assert titles == ["Trains & time", "Boats", "Trains"]
    assert result.stdout.startswith("2024-03-08   1:02:03  on its page")


def test_episodes_as_json_read_back(site):
    result = run("episodes", f"{site.url}/feed", "--allow-private", "--json", "--limit", "1")
    (data,) = json.loads(result.stdout)
    episode = Episode.from_json(data)
    assert (episode.guid, episode.title, episode.duration_ms) == ("g3", "Trains & time", 3_723_000)
    assert episode.enclosure.url == f"{site.url}/3.mp3"
    assert episode.link == "https://example.org/three"


def test_without_allow_private_this_machine_is_off_limits(site):
    result = run("episodes", f"{site.url}/feed")
    assert result.exit_code == 1
    assert "--allow-private" in result.stderr
    assert site.requests == []


def test_a_title_cannot_speak_to_the_terminal(site, tmp_path):
    path = tmp_path / "feed.xml"
    path.write_bytes(feed(item(1, "Wed, 06", "Red\x1b[31m\nalert")))
    assert run("episodes", str(path)).stdout.endswith("  Red[31m alert\n")


def test_one_failure_does_not_stop_the_others_and_is_exit_1(site, tmp_path):
    out = tmp_path / "out"
    result = run("download", f"{site.url}/feed", "--out", str(out), "--allow-private")
    assert result.exit_code == 1
    names = ["2024-03-08 Trains & time.mp3", "2024-03-06 Trains.mp3"]
    assert result.stdout.splitlines() == [str(out / name) for name in names]
    assert (out / names[0]).read_bytes() == AUDIO
    assert "/2.mp3" in result.stderr
    assert "1 of 3 downloads failed" in result.stderr


def test_what_is_there_is_not_downloaded_again(site, tmp_path):
    arguments = (
        "download",
        f"{site.url}/feed",
        "--out",
        str(tmp_path),
        "--allow-private",
        "--match",
        "TRAINS",
    )
    first = run(*arguments)
    assert first.exit_code == 0
    assert sorted(paths_of(site)) == ["/1.mp3", "/3.mp3", "/feed"]
    second = run(*arguments)
    assert (second.exit_code, second.stdout) == (0, "")
    assert paths_of(site)[3:] == ["/feed"]


def test_a_dry_run_names_the_same_files_and_makes_none(site, tmp_path):
    arguments = ("download", f"{site.url}/feed", "--out", str(tmp_path / "out"), "--allow-private")
    chosen = ("--match", "trains", "--since", "2024-03-07")
    dry = run(*arguments, *chosen, "--dry-run")
    assert dry.exit_code == 0
    assert not (tmp_path / "out").exists()
    assert paths_of(site) == ["/feed"]
    assert (
        run(*arguments, *chosen).stdout == dry.stdout == f"{tmp_path / 'out'}/2024-03-08 Trains & time.mp3\n"
    )


def test_a_name_does_not_depend_on_what_else_is_selected(tmp_path):
    path = tmp_path / "feed.xml"
    path.write_bytes(feed(item(2, "Wed, 06", "Same"), item(1, "Wed, 06", "Same")))
    arguments = ("download", str(path), "--out", str(tmp_path / "out"), "--dry-run")
    both = run(*arguments).stdout.splitlines()
    assert len(set(both)) == 2
    assert run(*arguments, "--limit", "1").stdout.splitlines() == both[:1]


def test_order_and_until_choose_from_either_end(site, tmp_path):
    arguments = ("download", f"{site.url}/feed", "--out", str(tmp_path), "--allow-private", "--dry-run")

    def titles(*flags):
        return [line.split(" ", 1)[1] for line in run(*arguments, *flags).stdout.splitlines()]

    assert titles("--order", "oldest", "--limit", "2") == ["Trains.mp3", "Boats.mp3"]
    assert titles("--until", "2024-03-07") == ["Boats.mp3", "Trains.mp3"]
    assert titles("--since", "2024-03-07", "--until", "2024-03-07") == ["Boats.mp3"]


def test_a_template_names_files_and_folders(site, tmp_path):
    arguments = (
        "download",
        f"{site.url}/feed",
        "--out",
        str(tmp_path),
        "--allow-private",
        "--match",
        "trains",
    )
    result = run(*arguments, "--name", "{podcast}/{year}/{index} {title}")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        str(tmp_path / "Show" / "2024" / name) for name in ("003 Trains & time.mp3", "001 Trains.mp3")
    ]
    assert run(*arguments).stdout == "", "another template does not fetch them again"


def test_an_unknown_field_lists_the_known_ones(site, tmp_path):
    result = run("download", f"{site.url}/feed", "--out", str(tmp_path), "--name", "{titel}")
    assert result.exit_code == 2 and site.requests == []
    said = " ".join(result.stderr.split())
    assert "unknown field {titel}" in said
    assert "Known fields: {date}, {year}, {month}, {day}, {title}, {podcast}, {index}, {guid}." in said


def test_json_tells_how_each_file_fared(site, tmp_path):
    out = tmp_path / "out"
    arguments = ("download", f"{site.url}/feed", "--out", str(out), "--allow-private", "--json")
    planned = json.loads(run(*arguments, "--dry-run").stdout)
    assert {key: planned[key] for key in ("downloaded", "present", "planned", "failed")} == {
        "downloaded": 0, "present": 0, "planned": 3, "failed": 0,
    }  # fmt: skip
    assert not out.exists()
    result = run(*arguments)
    data = json.loads(result.stdout)
    assert result.exit_code == 1 and (data["downloaded"], data["failed"]) == (2, 1)
    first, second, _ = data["episodes"]
    assert first == {
        "guid": "g3",
        "title": "Trains & time",
        "state": "downloaded",
        "file": str(out / "2024-03-08 Trains & time.mp3"),
        "size": len(AUDIO),
        "sha256": hashlib.sha256(AUDIO).hexdigest(),
        "reason": "",
    }
    assert (second["state"], second["size"]) == ("failed", None) and "answers 404" in second["reason"]
    (kept,) = json.loads((out / ".inkcast-downloads.json").read_text("utf-8")).values()
    assert {entry["sha256"] for entry in kept.values()} == {first["sha256"]}
    assert json.loads(run(*arguments).stdout)["present"] == 2


def test_a_limit_on_size(site, tmp_path):
    arguments = (
        "download",
        f"{site.url}/feed",
        "--out",
        str(tmp_path),
        "--allow-private",
        "--match",
        "trains",
    )
    (tmp_path / "inkcast.toml").write_text('max_size = "5 kB"\n')
    result = run(*arguments)
    assert result.exit_code == 1 and "is larger than 5,000 bytes" in result.stderr
    assert run(*arguments, "--max-size", "1 MiB").exit_code == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows sends interrupts to whole consoles")
def test_an_interrupt_ends_at_once_and_the_next_run_goes_on(tmp_path):
    half, body = threading.Event(), AUDIO * 20

    def slow(handler):
        headers = {"ETag": '"v1"'}
        if "Range" in handler.headers:
            start = int(handler.headers["Range"][6:-1])
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
            handler.reply(206, body[start:], media_type="audio/mpeg", headers=headers)
            return
        handler.reply(200, body[: len(body) // 2], headers=headers, length=len(body))
        half.wait(60)

    routes = {"/feed": lambda h: h.reply(200, feed(item(1, "Wed, 06", "Trains"))), "/1.mp3": slow}
    with serve(routes) as site:
        command = [
            sys.executable,
            "-m",
            "inkcast",
            "download",
            f"{site.url}/feed",
            "--out",
            str(tmp_path / "out"),
        ]
        command.append("--allow-private")
        part = tmp_path / "out" / "2024-03-06 Trains.mp3.part"
        with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
            while process.poll() is None and not (part.exists() and part.stat().st_size):
                time.sleep(0.02)
            process.send_signal(signal.SIGINT)
            assert process.stderr.read().endswith(b"Stopped.\n")
        assert process.returncode == 130 and not half.is_set()
        half.set()
        subprocess.run(command, check=True, capture_output=True)
        assert "range" in site.requests[-1].headers
    assert part.with_suffix("").read_bytes() == body


@pytest.mark.parametrize(
    "flags",
    [
        ("--since=yesterday",),
        ("--limit=0",),
        ("--limit=x",),
        ("--until=2024-02-30",),
        ("--since=2024-03-02", "--until=2024-03-01"),
        ("--order=random",),
        ("--jobs=0",),
        ("--jobs=99",),
        ("--max-size=0",),
        ("--max-size=big",),
        ("--name=same",),
    ],
)
def test_flags_that_make_no_sense_are_wrong_usage(flags, tmp_path):
    assert run("download", "feed.xml", "--out", str(tmp_path), *flags).exit_code == 2
    assert run("download", "feed.xml").exit_code == 2


def test_a_feed_that_is_not_there_is_one_line(tmp_path):
    result = run("episodes", str(tmp_path / "none.xml"))
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1


def test_a_day_begins_at_midnight_utc_and_dateless_episodes_are_not_recent():
    def at(*when):
        return Episode("g", "T", datetime(*when, tzinfo=UTC))

    episodes = [at(2024, 3, 6, 0, 0), at(2024, 3, 5, 23, 59), Episode("g", "T")]
    assert Selection(since=datetime(2024, 3, 6, tzinfo=UTC)).of(episodes) == episodes[:1]
    assert Selection().of(episodes) == episodes
    assert Selection(limit=2).of(episodes) == episodes[:2]
    assert Selection(before=datetime(2024, 3, 6, tzinfo=UTC)).of(episodes) == episodes[1:2]
    assert Selection(limit=2, order="oldest").of(episodes) == [episodes[2], episodes[1]]


FEEDS = Path(__file__).parents[1] / "data" / "feeds"


@pytest.fixture
def fixtures():
    """The files of tests/feeds on a server, a feed with an older page, and a web page."""

    def link_to_older(handler):
        link = b'<link xmlns="http://www.w3.org/2005/Atom" rel="next" href="older"/><item>'
        handler.reply(200, FEED.replace(b"<item>", link, 1))

    routes = {
        f"/{path.name}": lambda handler, path=path: handler.reply_file(path) for path in FEEDS.iterdir()
    } | {
        "/paged": link_to_older,
        "/older": lambda handler: handler.reply(200, feed(item(0, "Tue, 05", "Older"))),
        "/page": lambda handler: handler.reply(200, b"<!doctype html><html><body>Hi</body></html>"),
    }
    with serve(routes) as site:
        yield site


@pytest.mark.parametrize(
    ("name", "titles"),
    [
        ("substack.xml", ["What the weir keeps", "A post without a voice"]),
        ("substack-podcast.xml", ["A wall that is walked over", "The last ferry"]),
        ("atom.xml", ["Zweite Notiz", "Erste Notiz"]),
        ("paged", ["Trains & time", "Boats", "Trains", "Older"]),
        ("podcasting.xml", ["High water", "Low water"]),
        ("podcasting-broken.xml", ["Three", "Two", "One"]),
        ("broken.xml", ["Bare & ampersand here", "Cut off"]),
    ],
)
def test_every_kind_of_feed_is_listed_the_same_as_text_and_as_json(fixtures, name, titles):
    arguments = ("episodes", f"{fixtures.url}/{name}", "--allow-private")
    as_text, as_json = run(*arguments), run(*arguments, "--json")
    assert (as_text.exit_code, as_json.exit_code) == (0, 0)
    assert as_text.stderr.count("is cut off") == as_text.stderr.count("\n") == ("broken" in name)
    assert [line.split("  ")[-1] for line in as_text.stdout.splitlines()] == titles
    assert [episode["title"] for episode in json.loads(as_json.stdout)] == titles


def test_a_substack_feed_says_which_posts_have_a_voice(fixtures):
    result = run("episodes", f"{fixtures.url}/substack.xml", "--allow-private")
    voiced, silent = result.stdout.splitlines()
    assert voiced == "2026-05-10      6:52  on its page  What the weir keeps"
    assert silent.startswith("2026-05-02  no audio")


def test_json_shows_transcripts_and_chapters(fixtures):
    result = run("episodes", f"{fixtures.url}/podcasting.xml", "--allow-private", "--json", "--limit", "1")
    (episode,) = json.loads(result.stdout)
    assert [link["type"] for link in episode["transcripts"]] == [
        "text/vtt",
        "application/x-subrip",
        "application/json",
    ]
    assert episode["transcripts"][1]["url"] == f"{fixtures.url}/2.srt"
    assert episode["chapters"]["type"] == "application/json+chapters"
    assert episode["chapter_marks"][1] == {
        "start_ms": 187_000,
        "title": "The moon",
        "link": "https://tides.example/moon",
    }


@pytest.mark.parametrize(
    ("name", "words"),
    [("page", "is a web page, not a feed"), ("subscriptions.opml", "inkcast sync"), ("none", "404")],
)
def test_what_is_no_feed_is_one_line_that_says_what_to_do(fixtures, name, words):
    result = run("episodes", f"{fixtures.url}/{name}", "--allow-private")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1 and words in result.stderr
