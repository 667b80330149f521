"""``inkcast status``: how far a library is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from inkcast.cli.libraries.library_options import library_option
from inkcast.cli.output import on_one_line, print_json
from inkcast.cli.shared_options import json_option, verbosity_options
from inkcast.files import make_folder, write_text
from inkcast.library.store.catalogue import Catalogue
from inkcast.library.store.listed import finished_episodes
from inkcast.library.store.schema import require_catalogue
from inkcast.library.store.status import (
    FeedStatus,
    Pace,
    counted,
    next_attempt,
    pace_of,
    size_in_words,
    status_of,
    total_of,
)
from inkcast.publish.pages.audio_address import relative_path
from inkcast.timecode import clock


@click.command()
@library_option()
@click.option(
    "--html",
    "page",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write an HTML page, and print its path.",
)
@json_option
@verbosity_options
def command(library: Path, page: Path | None, as_json: bool) -> None:
    """Show what is done in a library, what failed and why, and what a person should look at.

    A later sync tries again what failed; 'inkcast retry' does so at once. Only the catalogue is read:
    'inkcast library check' looks at the files.

    \b
    Examples:
      inkcast status --library podcasts
      inkcast status --library podcasts --html status.html
    """
    if page and as_json:
        raise click.UsageError("--json and --html exclude each other.")
    with Catalogue(require_catalogue(library), in_memory=True) as catalogue:
        if page:
            click.echo(_write_page(page, library, catalogue))
            return
        feeds, pace = status_of(catalogue), pace_of(catalogue)
    now = datetime.now(UTC)
    if as_json:
        print_json(_to_json(feeds, pace))
    else:
        for feed in feeds:
            _print(feed, now)
        _print_total(feeds, pace)


def _write_page(page: Path, library: Path, catalogue: Catalogue) -> Path:
    from inkcast.library.library_site import whole_status_page  # the site's parts take longer than all else

    folder = make_folder(page.parent)
    pages = {
        episode: quote(relative_path(library / episode.file, folder))
        for episode in finished_episodes(catalogue)
    }
    return write_text(page, whole_status_page(library.resolve().name, catalogue, pages))


def _print(status: FeedStatus, now: datetime) -> None:
    click.echo(f"{on_one_line(status.feed.title)}: {_counts([status])}")
    for failure in status.failures:
        tried = f"tried {failure.attempts} times, " if failure.attempts > 1 else ""
        about = f"{failure.title}: {failure.step} ({tried}{next_attempt(failure, now)}): {failure.reason}"
        click.echo("  " + on_one_line(about))
    for episode in status.doubtful:
        if episode.lost:
            click.echo("  " + on_one_line(f"{episode.title}: {episode.lost}"))
    if status.doubtful:
        worst = status.doubtful[0]
        places = sum(episode.doubts for episode in status.doubtful)
        about = f"{counted(places, 'doubtful place')} in {counted(len(status.doubtful), 'episode')}"
        click.echo("  " + on_one_line(f"{about}, most in {worst.title} ({worst.doubts:,})"))


def _print_total(feeds: Sequence[FeedStatus], pace: Pace) -> None:
    if len(feeds) > 1:
        click.echo(f"All {len(feeds)} shows: {_counts(feeds)}")
    if pace.speed:
        heard = f"{clock(pace.audio_ms)} transcribed"
        click.echo(f"Speed: {pace.speed:,.1f} hours of audio an hour ({heard})")


def _counts(feeds: Sequence[FeedStatus]) -> str:
    done, failed, pending, size = total_of(feeds)
    return f"{done:,} done, {failed:,} failed, {pending:,} to do, {size_in_words(size)}"


def _to_json(feeds: Sequence[FeedStatus], pace: Pace) -> dict[str, Any]:
    done, failed, pending, size = total_of(feeds)
    return {
        "done": done,
        "failed": failed,
        "pending": pending,
        "bytes": size,
        "audio_ms": pace.audio_ms,
        "audio_hours_per_hour": round(pace.speed, 2) if pace.speed else None,
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
                        "next_attempt": failure.next_attempt,
                    }
                    for failure in status.failures
                ],
                "doubtful": [
                    {
                        "guid": episode.guid,
                        "title": episode.title,
                        "folder": episode.folder,
                        "doubts": episode.doubts,
                        "lost": episode.lost,
                    }
                    for episode in status.doubtful
                ],
            }
            for status in feeds
        ],
    }
