"""``inkcast episodes`` and ``inkcast download``, against a real server."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from inkcast.cli.app import inkcast
from inkcast.cli.selection import Selection
from inkcast.feeds.episode import Episode
from servers import serve

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


@pytest.mark.parametrize("flag", ["--since=yesterday", "--limit=0", "--limit=x"])
def test_flags_that_make_no_sense_are_wrong_usage(flag, tmp_path):
    assert run("download", "feed.xml", "--out", str(tmp_path), flag).exit_code == 2
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
