"""``inkcast sync``: feeds into a library."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import click

from inkcast.cli.connection import connect
from inkcast.cli.options import json_option, settings_options, verbosity_options
from inkcast.cli.output import on_one_line, print_json, verbosity
from inkcast.cli.progress import Reporter, Update
from inkcast.cli.selection import Selection, selection_options
from inkcast.download.feed import expand_opml
from inkcast.library.steps import Tools
from inkcast.library.sync import EpisodeResult, Summary, rehearse, sync
from inkcast.library.transcriber import lazy_transcriber
from inkcast.settings import Settings


@click.command()
@click.argument("feeds", metavar="FEED...", nargs=-1, required=True)
@click.option(
    "--library",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="DIR",
    help="The folder that holds the episodes and what is known of them; made when missing.",
)
@selection_options
@click.option("--dry-run", is_flag=True, help="Only say which episodes would be worked on.")
@json_option
@settings_options
@verbosity_options
@click.pass_context
def command(
    ctx: click.Context,
    feeds: tuple[str, ...],
    library: Path,
    selection: Selection,
    dry_run: bool,
    as_json: bool,
    settings: Settings,
) -> None:
    """Take each new episode of a feed through every step.

    FEED is an address or a file, or a list of feeds (OPML). Each episode gets a folder in the library
    with its audio, transcript, alignment, subtitles and page; the page's path is printed. What is there
    already is not made again, unless what it was made from has changed. One episode that fails does not
    stop the others; the exit status is 1 then, and the next sync tries it again.
    """  # fmt: skip
    with connect(allow_private=settings.allow_private, addresses=feeds) as client, Reporter() as reporter:

        def task(label: str) -> AbstractContextManager[Update]:
            return reporter.task(on_one_line(label))

        sources = expand_opml(client, feeds)
        tools = Tools(client, settings, lazy_transcriber(settings), task)
        if dry_run:
            summary = rehearse(sources, library, tools, choose=selection.of)
        else:
            report = _ignore if as_json else _report
            summary = sync(sources, library, tools, choose=selection.of, on_result=report)
    if as_json:
        print_json(_to_json(summary))
    elif dry_run:
        _print_plan(summary)
    _print_problems(summary, dry_run)
    if summary.failed:
        ctx.exit(1)


def _ignore(result: EpisodeResult) -> None:
    pass


def _report(result: EpisodeResult) -> None:
    """One line as an episode ends: its page, else its subtitles; or its problems."""
    for problem in result.problems:
        text = f"Error: {result.title}: {problem.step}: {problem.reason}"
        click.echo(on_one_line(text), err=True)
    if result.state == "done" and result.files:
        click.echo(result.folder / result.files[0])


def _print_plan(summary: Summary) -> None:
    for episode in summary.episodes:
        if episode.state == "planned":
            click.echo(f"{episode.next_step:10}  {on_one_line(episode.title)}")


def _print_problems(summary: Summary, dry_run: bool) -> None:
    for problem in summary.feed_problems:
        click.echo(f"Error: {on_one_line(problem.reason)}", err=True)
    if verbosity() < 0 or not summary.episodes:
        return
    first = f"{summary.count('planned')} to do" if dry_run else f"{summary.count('done')} done"
    counts = [first, f"{summary.count('unchanged')} complete before"]
    if summary.count("failed"):
        counts.append(f"{summary.count('failed')} failed")
    click.echo(", ".join(counts) + ".", err=True)


def _to_json(summary: Summary) -> dict[str, Any]:
    return {
        "done": summary.count("done"),
        "unchanged": summary.count("unchanged"),
        "planned": summary.count("planned"),
        "failed": summary.count("failed"),
        "episodes": [
            {
                "feed": episode.feed,
                "guid": episode.guid,
                "title": episode.title,
                "state": episode.state,
                "folder": str(episode.folder),
                "files": list(episode.files),
                "problems": [
                    {"step": problem.step, "reason": problem.reason} for problem in episode.problems
                ],
                "next_step": episode.next_step,
            }
            for episode in summary.episodes
        ],
        "feed_problems": [
            {"source": problem.source, "reason": problem.reason} for problem in summary.feed_problems
        ],
    }
