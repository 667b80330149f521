"""Where the essay comes from: in the library by itself, on the command line as the user says."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from inkcast.api import read_essay
from inkcast.cli.essay_part import part_options
from inkcast.download.client import open_client
from inkcast.essays.part import Part
from inkcast.feeds.rss import parse_feed
from inkcast.library.steps.episode_steps import Outcome, Tools, Work, fetch_essay
from inkcast.library.store.record import StoppedError
from inkcast.library.subscriptions import Subscriptions
from inkcast.library.sync import Plan, sync
from inkcast.settings import Settings
from tests.support.servers import serve
from tests.support.shows import BOATS, TRAINS, Ears, feed, item, page, tone, write_show

PAGES = Path(__file__).parents[1] / "data" / "pages"
WALL = "<p>This post is for paid subscribers</p>"


@pytest.fixture
def fetch(tmp_path):
    """Run the step on the only episode of a feed; gives the outcome and the essay's JSON."""

    def run(extra: str, html: bytes) -> tuple[Outcome, dict]:
        write_show(tmp_path / "show")
        (tmp_path / "show" / "trains.html").write_bytes(html)
        data = feed(item("trains", "Trains", 13, extra=extra))
        (episode,) = parse_feed(data, str(tmp_path / "show" / "feed.xml")).episodes
        folder = tmp_path / "episode"
        folder.mkdir()
        with open_client(allow_private=True) as client:
            outcome = fetch_essay(Work(episode, folder, Tools(client, Settings(), Ears())))
        return outcome, json.loads(outcome.files[0].read_text("utf-8")) if outcome.files else {}

    return run


def test_the_page_is_taken_where_the_feed_has_a_preview(fetch):
    paragraphs = "".join(f"<p>{TRAINS}</p>" for _ in range(6))
    extra = f"<content:encoded><![CDATA[{paragraphs}{WALL}]]></content:encoded>"
    outcome, essay = fetch(extra, page("Trains", TRAINS))
    assert outcome.state == "done"
    assert essay["source"].endswith("trains.html")
    assert essay["chosen"].startswith("the episode's page (not the text in the feed: ")
    assert "paid subscribers" in essay["chosen"] or "teaser" in essay["chosen"]


def test_the_feeds_text_is_taken_where_it_is_whole(fetch):
    paragraphs = "".join(f"<p>{TRAINS}</p>" for _ in range(6))
    extra = f"<content:encoded><![CDATA[{paragraphs}]]></content:encoded>"
    _, essay = fetch(extra, b"")
    assert essay["chosen"] == "the text in the feed"


def test_notes_on_a_page_are_not_taken_for_the_essay(fetch):
    duration = (
        '<itunes:duration xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">45:00</itunes:duration>'
    )
    outcome, _ = fetch(duration, page("Trains", TRAINS))
    assert (outcome.state, outcome.files) == ("skipped", ())
    assert "the episode's page: a teaser or notes: " in outcome.reason and "45 minutes" in outcome.reason


@click.command()
@click.argument("essay")
@part_options
def echo(essay: str, part: Part) -> None:
    """Print an essay's title and length."""
    with open_client() as client:
        text = read_essay(essay, part, client)
    click.echo(f"{text.title} {len(text.blocks)}")


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (["show.html", "--episode", "five maps of one valley"], "Five maps of one valley"),
        (
            ["show.txt", "--episode", "The ferry that waits", "--episode-date", "2026-03-26"],
            "The ferry that waits",
        ),
        (["ghost.html"], "A census of benches"),
    ],
)
def test_the_command_line_chooses_the_text(arguments: list[str], printed: str) -> None:
    result = CliRunner().invoke(echo, [str(PAGES / arguments[0]), *arguments[1:]])
    assert result.exit_code == 0, result.output
    assert result.stdout.rpartition(" ")[0] == printed


@pytest.mark.parametrize(
    "arguments",
    [["--chapter", "1", "--episode", "x"], ["--episode-date", "2026-03-26"], ["--episode-date", "x"]],
)
def test_options_that_make_no_sense_are_wrong_usage(arguments: list[str]) -> None:
    assert CliRunner().invoke(echo, [str(PAGES / "show.html"), *arguments]).exit_code == 2


# --- the recording decides ---

# Long enough for the feed's text of a recording of half a minute, and about something else.
NOTES = f"<p>{BOATS}</p>" * 5


@pytest.fixture
def sync_show(tmp_path):
    """Sync a show of one episode, "Trains", with its page; gives the summary and the episode's folder."""

    def run(extra: str, ears: Ears):
        show = tmp_path / "show" / "feed.xml"
        if not show.exists():
            write_show(show.parent).write_bytes(feed(item("trains", "Trains", 13, extra=extra)))
        with open_client(allow_private=True) as client:
            tools = Tools(client, Settings(model="ears"), ears)
            summary = sync(Plan([str(show)]), tmp_path / "library", tools)
        return summary, tmp_path / "library" / "Slow ways" / "2026-05-13 Trains"

    return run


def essay_of(folder: Path) -> dict:
    (path,) = folder.glob("*.essay.json")
    return json.loads(path.read_text("utf-8"))


def content(html: str) -> str:
    return f"<content:encoded><![CDATA[{html}]]></content:encoded>"


def test_the_recording_decides_between_the_feeds_text_and_the_page(sync_show):
    ears = Ears(says=f"trains {TRAINS.lower()}")
    summary, folder = sync_show(content(NOTES), ears)
    assert not summary.failed
    essay = essay_of(folder)
    assert essay["source"].endswith("trains.html")
    assert essay["chosen"] == (
        "the episode's page, 100% of which is in the recording "
        "(not the text in the feed: the recording has 0% of its words)"
    )
    alignment = json.loads((folder / "2026-05-13 Trains.alignment.json").read_text("utf-8"))
    assert alignment["audit"]["passed"] and alignment["audit"]["coverage"] == 1
    assert "Night trains" in (folder / "2026-05-13 Trains.txt").read_text("utf-8")
    assert (folder / "2026-05-13 Trains.html").exists()
    assert len(ears.heard) == 1
    again, _ = sync_show(content(NOTES), ears)
    assert again.count("unchanged") == 1 and len(ears.heard) == 1


def transcript_at(address: str) -> str:
    space = 'xmlns:podcast="https://podcastindex.org/namespace/1.0"'
    return f'<podcast:transcript {space} url="{address}" type="text/vtt"/>'


def subtitles(text: str) -> str:
    words = text.split()
    lines = [" ".join(words[at : at + 7]) for at in range(0, len(words), 7)]
    cues = (f"00:{at:02}.000 --> 00:{at + 1:02}.000\n{line}" for at, line in enumerate(lines))
    return "WEBVTT\n\n" + "\n\n".join(cues) + "\n"


@pytest.mark.parametrize(
    ("said", "chosen"),
    [
        (
            TRAINS,
            "the episode's page, 99% of which is in the recording "
            "(not the text in the feed: the recording has 0% of its words)",
        ),
        ("Nachtzüge kommen wieder, und niemand hat es geplant. " * 6, "the text in the feed"),
        (None, "the text in the feed"),
    ],
    ids=["of one text", "in another language", "gone"],
)
def test_the_publishers_transcript_is_a_witness(fetch, tmp_path, said, chosen):
    """It tells which text was read before anything is heard; one that knows neither tells nothing."""
    (tmp_path / "show").mkdir()
    if said:
        (tmp_path / "show" / "trains.vtt").write_text(subtitles(said), "utf-8")
    outcome, essay = fetch(content(NOTES) + transcript_at("trains.vtt"), page("Trains", TRAINS))
    assert (outcome.state, essay["chosen"]) == ("done", chosen)


def test_a_run_that_is_to_stop_waits_for_no_transcript():
    busy = {"/a.vtt": lambda handler: handler.reply(503, headers={"Retry-After": "60"})}
    with serve(busy) as site, open_client(allow_private=True) as client:
        data = feed(item("trains", "Trains", 13, extra=content(NOTES) + transcript_at(f"{site.url}/a.vtt")))
        (episode,) = parse_feed(data, f"{site.url}/feed").episodes
        tools = Tools(client, Settings(), Ears())
        tools.stop.set()
        with pytest.raises(StoppedError):
            fetch_essay(Work(episode, PAGES, tools))


def test_where_no_text_is_in_the_recording_the_first_stays_and_fails(sync_show):
    summary, folder = sync_show(content(NOTES), Ears(says="Nothing of this is written " * 30))
    assert [problem.step for problem in summary.episodes[0].problems] == ["align"]
    assert essay_of(folder)["chosen"] == "the text in the feed"


def test_a_text_that_somebody_corrected_is_not_replaced(sync_show):
    ears = Ears(says=f"Trains {TRAINS}")
    _, folder = sync_show("", ears)
    assert len(ears.heard) == 1
    essay = essay_of(folder)
    essay["blocks"] = [{**block, "text": BOATS, "marks": []} for block in essay["blocks"]]
    (folder / "2026-05-13 Trains.essay.json").write_text(json.dumps(essay), "utf-8")
    summary, _ = sync_show("", ears)
    assert len(ears.heard) == 1, "what is said does not change with what a person writes"
    assert [problem.step for problem in summary.episodes[0].problems] == ["align"]
    assert essay_of(folder)["blocks"] == essay["blocks"]


# --- a show's page ---


def show_page_feed(url: str) -> bytes:
    """The feed of the five episodes of ``show.html``, with audio of no particular kind."""
    items = [item(f"e{day.isoformat()}", title, day.day, link=None, audio="/a.wav") for title, day in FIVE]
    dated = [
        entry.replace(f"{day.day:02} May 2026", f"{day:%d %b %Y}")
        for entry, (_, day) in zip(items, FIVE, strict=True)
    ]
    return feed(
        *dated, item("new", "A new one", 30, link=f"{url}/new.html", audio="/a.wav"), title="Tidal Desk"
    )


FIVE = (
    ("The ferry that waits", date(2026, 3, 26)),
    ("Why my grandmother salted the snow", date(2026, 3, 19)),
    ("A short defence of long queues", date(2026, 3, 12)),
    ("Five maps of one valley", date(2026, 3, 5)),
    ("The ferry that waits, again", date(2026, 2, 26)),
)


@pytest.mark.parametrize("name", ["show.html", "show.txt"])
def test_a_show_page_gives_each_episode_of_a_feed_its_essay(tmp_path, name):
    routes: dict = {
        "/a.wav": lambda handler: handler.reply(200, tone(20), media_type="audio/wav"),
        f"/{name}": lambda handler: handler.reply_file(PAGES / name),
        "/new.html": lambda handler: handler.reply(200, page("A new one", TRAINS), media_type="text/html"),
    }
    library, ears = tmp_path / "library", Ears()
    with serve(routes) as site, open_client(allow_private=True) as client:
        routes["/feed"] = lambda handler: handler.reply(200, show_page_feed(site.url))
        feed_settings = {f"{site.url}/feed": {"essay": f"{site.url}/{name}"}}
        tools = Tools(client, Settings(model="ears"), ears)
        summary = sync(
            Plan([f"{site.url}/feed"]), library, tools, subscriptions=Subscriptions(client, feed_settings)
        )
    assert not summary.failed and summary.count("done") == 6
    asked = [request.path for request in site.requests]
    assert asked.count(f"/{name}") == 1, "once for all episodes"
    for title, day in FIVE:
        essay = essay_of(library / "Tidal Desk" / f"{day} {title}")
        expected = read_essay(PAGES / name, Part(episode=title, published=day))
        assert [block["text"] for block in essay["blocks"]] == [block.text for block in expected.blocks]
        assert essay["chosen"] == "the show's page"
    new = essay_of(library / "Tidal Desk" / "2026-05-30 A new one")
    assert new["chosen"].startswith("the episode's page (not the show's page: ")
    assert "has no episode 'A new one' of 2026-05-30" in new["chosen"]
