"""``inkcast publish``: what it prints, and what it refuses."""

import json
import re
import subprocess
import sys
from urllib.parse import unquote

import feedparser
import pytest
from click.testing import CliRunner

from inkcast.cli.app import inkcast
from inkcast.feeds.rss import parse_feed
from inkcast.files import digest
from tests.support.libraries import Told, write_library
from tests.support.namespace import namespace_problems
from tests.support.servers import serve_folder


@pytest.fixture
def library(tmp_path):
    episodes = [Told("Trains", ("Night trains are coming back.",)), Told("A talk", heard="Nobody wrote it.")]
    return write_library(tmp_path / "library", episodes)


def run(library, out, *args):
    return CliRunner().invoke(
        inkcast, ["publish", "--library", str(library), "--out", str(out), *args], prog_name="inkcast"
    )


def test_it_prints_the_first_page_and_counts(library, tmp_path):
    out = tmp_path / "site"
    result = run(library, out)
    assert (result.exit_code, result.stdout) == (0, f"{out / 'index.html'}\n")
    assert result.stderr == "2 made, 0 unchanged.\n"
    assert run(library, out).stderr == "0 made, 2 unchanged.\n"


def test_json_says_the_same(library, tmp_path):
    out = tmp_path / "site"
    data = json.loads(run(library, out, "--json", "--base-url", "https://x.example/a").stdout)
    assert data["index"] == str(out / "index.html") and (out / "index.html").is_file()
    assert len(data["made"]) == 2 and len(data["without_audio"]) == 1
    assert all((out / path / "index.html").is_file() for path in data["made"])
    assert "https://x.example/a/feed.xml" in (out / "feed.xml").read_text()


def test_a_damaged_episode_is_exit_1_and_stops_no_other(library, tmp_path):
    next(library.rglob("*.alignment.json")).write_text("{")
    result = run(library, tmp_path / "site")
    assert result.exit_code == 1
    assert "Cannot read" in result.stderr and "1 made, 0 unchanged, 1 failed." in result.stderr
    assert (tmp_path / "site" / "index.html").is_file()


@pytest.mark.parametrize(
    "url", ["x.example", "ftp://x.example", "https://x.example/?a=b", "https://me:pw@x.example", "http://["]
)
def test_a_base_url_must_be_an_address(library, tmp_path, url):
    result = run(library, tmp_path / "site", "--base-url", url)
    assert result.exit_code == 2 and "must be an address" in result.stderr
    assert not (tmp_path / "site").exists()


def test_the_library_is_never_taken_for_the_site(library, tmp_path):
    for out in (library, tmp_path):
        result = run(library, out)
        assert result.exit_code == 1 and "contains the library" in result.stderr
    assert run(tmp_path / "nowhere", tmp_path / "site").exit_code == 1
    assert not (tmp_path / "site").exists()


def test_the_title_can_be_given(library, tmp_path):
    run(library, tmp_path / "site", "--title", "My <own> radio")
    assert "<title>My &lt;own&gt; radio</title>" in (tmp_path / "site" / "index.html").read_text()


# The publisher's own feed -------------------------------------------------------------------------------

BASE = "https://listen.example/s/"
FEED = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>Slow ways</title><link>https://slow.example</link>
<item><title>Boats &amp; trains</title><guid isPermaLink="false">{guid}</guid>
<pubDate>Wed, 20 May 2026 00:00:00 GMT</pubDate>
<enclosure url="https://audio.example/a.mp3" length="1" type="audio/mpeg"/></item>
<item><title>Not synced yet</title><guid isPermaLink="false">new</guid>
<pubDate>Thu, 21 May 2026 00:00:00 GMT</pubDate>
<enclosure url="https://audio.example/b.mp3{query}" length="1" type="audio/mpeg"/></item>
</channel></rss>"""


@pytest.fixture
def feed(tmp_path):
    path = tmp_path / "podcast.xml"
    path.write_text(FEED.format(guid=digest("Trains"), query=""), encoding="utf-8")
    return path


def copy_of(library, site, feed, *args):
    return run(library, site, "--base-url", BASE, "--feed-copy", str(feed), *args)


def test_the_publishers_feed_is_copied_with_transcripts(library, tmp_path, feed):
    site = tmp_path / "site"
    result = copy_of(library, site, feed)
    copy = next(site.glob("feeds/*.xml"))
    assert (result.exit_code, result.stdout) == (0, f"{site / 'index.html'}\n{copy}\n")
    data = copy.read_bytes()
    assert namespace_problems(data) == []
    assert not feedparser.parse(data).bozo
    new, trains = parse_feed(data, BASE).episodes
    assert new.transcripts == () and len(trains.transcripts) == 2
    for link in trains.transcripts:
        assert (site / unquote(link.url.removeprefix(BASE))).is_file() and link.language == "en"
    ours = re.compile(r"<podcast:[^<>]*/>\n| xmlns:podcast=\"[^\"]*\"")
    assert ours.sub("", data.decode()).encode() == feed.read_bytes(), "every other byte is the publisher's"
    assert json.loads(copy_of(library, site, feed, "--json").stdout)["feed_copies"] == [str(copy)]
    run(library, site, "--base-url", BASE)
    assert not copy.exists(), "nobody asked for it any more"


def test_a_feed_that_moved_has_the_same_episodes(library, tmp_path, feed):
    feed.write_text(
        FEED.format(guid="of-the-new-host", query="").replace("Boats &amp; trains", "Trains"),
        encoding="utf-8",
    )
    assert copy_of(library, tmp_path / "site", feed).exit_code == 0
    assert next((tmp_path / "site").glob("feeds/*.xml")).read_text().count("<podcast:transcript") == 2


def test_items_that_share_a_guid_are_told_apart(library, tmp_path, feed):
    text = FEED.format(guid=digest("Trains"), query="").replace(">new<", f">{digest('Trains')}<")
    feed.write_text(text, encoding="utf-8")
    assert copy_of(library, tmp_path / "site", feed).exit_code == 0
    new, trains = parse_feed(next((tmp_path / "site").glob("feeds/*.xml")).read_bytes(), BASE).episodes
    assert (new.transcripts, len(trains.transcripts)) == ((), 2)


def test_a_feed_is_fetched_from_its_address(library, tmp_path, feed):
    with serve_folder(feed.parent) as served:
        url = f"{served.url}/podcast.xml"
        assert "--allow-private" in copy_of(library, tmp_path / "site", url).stderr
        assert copy_of(library, tmp_path / "site", url, "--allow-private").exit_code == 0


@pytest.mark.parametrize(
    ("guid", "query", "message"),
    [
        ("unknown", "", "has no episode of"),
        (digest("Trains"), "?token=abc", "is private"),
    ],
)
def test_feeds_that_cannot_be_copied(library, tmp_path, feed, guid, query, message):
    feed.write_text(FEED.format(guid=guid, query=query), encoding="utf-8")
    result = copy_of(library, tmp_path / "site", feed)
    assert result.exit_code == 1 and message in result.stderr
    assert not (tmp_path / "site").exists(), "nothing is begun"


def test_a_copy_needs_an_address_and_each_show_once(library, tmp_path, feed):
    result = run(library, tmp_path / "site", "--feed-copy", str(feed))
    assert result.exit_code == 2 and "--base-url" in result.stderr
    result = copy_of(library, tmp_path / "site", feed, "--feed-copy", str(feed))
    assert result.exit_code == 1 and "same show" in result.stderr


def test_no_torch_is_loaded(library, tmp_path):
    code = (
        "import sys; from inkcast.cli.app import inkcast\n"
        f"inkcast(['publish', '--library', {str(library)!r}, '--out', {str(tmp_path / 'site')!r}],"
        " standalone_mode=False)\nassert not {'torch', 'av', 'numpy', 'httpx'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
