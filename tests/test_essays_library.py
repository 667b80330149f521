"""Where the essay comes from: in the library by itself, on the command line as the user says."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from inkcast.cli.essay import part_options
from inkcast.cli.inputs import read_text
from inkcast.download.client import open_client
from inkcast.essays.part import Part
from inkcast.feeds.rss import parse_feed
from inkcast.library.steps import Outcome, Tools, Work, fetch_essay
from inkcast.settings import Settings
from shows import TRAINS, Ears, feed, item, page, write_show

PAGES = Path(__file__).parent / "pages"
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
        text = read_text(essay, client, part)
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
