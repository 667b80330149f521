"""``inkcast status``: how far a library is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from inkcast.cli.options import json_option, verbosity_options
from inkcast.cli.output import on_one_line, print_json
from inkcast.errors import LibraryError
from inkcast.library.catalogue import Catalogue
from inkcast.library.schema import FILE_NAME
from inkcast.library.status import FeedStatus, status_of


@click.command()
@click.option(
    "--library",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="DIR",
    help="The folder that 'inkcast sync' made.",
)
@json_option
@verbosity_options
def command(library: Path, as_json: bool) -> None:
    """Tell what is done in a library, and what failed and why."""
    path = library / FILE_NAME
    if not path.is_file():
        raise LibraryError(
            f"There is no library in {library}.", f"Make one: inkcast sync FEED --library {library}"
        )
    with Catalogue(path, in_memory=True) as catalogue:
        feeds = status_of(catalogue)
    if as_json:
        print_json(_to_json(feeds))
    else:
        for feed in feeds:
            _print(feed)


def _print(status: FeedStatus) -> None:
    counts = f"{status.done} done, {status.failed} failed, {status.pending} to do"
    click.echo(f"{on_one_line(status.feed.title)}: {counts}, {status.size / 1e6:,.1f} MB")
    for failure in status.failures:
        tried = f" (tried {failure.attempts} times)" if failure.attempts > 1 else ""
        click.echo("  " + on_one_line(f"{failure.title}: {failure.step}{tried}: {failure.reason}"))


def _to_json(feeds: tuple[FeedStatus, ...]) -> dict[str, Any]:
    return {
        "done": sum(status.done for status in feeds),
        "failed": sum(status.failed for status in feeds),
        "pending": sum(status.pending for status in feeds),
        "bytes": sum(status.size for status in feeds),
        "feeds": [
            {
                "title": status.feed.title,
                "source": status.feed.source,
                "folder": status.feed.folder,
                "done": status.done,
                "failed": status.failed,
                "pending": status.pending,
                "bytes": status.size,
                "failures": [
                    {
                        "guid": failure.guid,
                        "title": failure.title,
                        "step": failure.step,
                        "reason": failure.reason,
                        "attempts": failure.attempts,
                        "failed_at": failure.finished_at,
                    }
                    for failure in status.failures
                ],
            }
            for status in feeds
        ],
    }
