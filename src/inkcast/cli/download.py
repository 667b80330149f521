"""``inkcast download``: a feed's audio."""

from __future__ import annotations

import logging
from pathlib import Path

import click
import httpx

from inkcast.cli.options import allow_private_option, verbosity_options
from inkcast.cli.output import on_one_line
from inkcast.cli.progress import Reporter
from inkcast.cli.selection import Selection, selection_options
from inkcast.download.client import open_client
from inkcast.download.enclosure import download
from inkcast.download.feed import fetch_feed
from inkcast.download.naming import file_stem, file_suffix, unique_stems
from inkcast.errors import DownloadError
from inkcast.feeds.episode import Enclosure, Feed
from inkcast.feeds.rss import require_audio

_LOG = logging.getLogger(__name__)


@click.command()
@click.argument("feed")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="DIR",
    help="Where the audio files go; files that are there already are not downloaded again.",
)
@selection_options
@click.option("--dry-run", is_flag=True, help="Only print the files that would be downloaded.")
@allow_private_option
@verbosity_options
@click.pass_context
def command(
    ctx: click.Context, feed: str, out: Path, selection: Selection, dry_run: bool, allow_private: bool
) -> None:
    """Download a feed's audio, and print the path of each file.

    FEED is an address or a file. An interrupted download goes on where it stopped. One episode that
    fails does not stop the others; the exit status is 1 then.
    """  # fmt: skip
    with open_client(allow_private=allow_private) as client, Reporter() as reporter:
        targets = _targets(require_audio(fetch_feed(client, feed).feed), out, selection)
        missing = [(path, enclosure) for path, enclosure in targets if not path.exists()]
        _LOG.info("%d of %d files are there already.", len(targets) - len(missing), len(targets))
        failed = 0
        for path, enclosure in missing:
            if not dry_run and not _download(client, enclosure, path, reporter):
                failed += 1
                continue
            click.echo(path)
    if failed:
        click.echo(f"Error: {failed} of {len(missing)} downloads failed. Run the command again.", err=True)
        ctx.exit(1)


def _targets(feed: Feed, out: Path, selection: Selection) -> list[tuple[Path, Enclosure]]:
    """The selected episodes' files; each is named as if all of the feed were downloaded."""
    episodes = feed.episodes
    stems = unique_stems(
        [file_stem(episode.title, episode.published) for episode in episodes],
        [episode.guid for episode in episodes],
    )
    stem_of = dict(zip((episode.guid for episode in episodes), stems, strict=True))
    return [
        (out / f"{stem_of[episode.guid]}{file_suffix(enclosure.url, enclosure.media_type)}", enclosure)
        for episode in selection.of(episodes)
        if (enclosure := episode.enclosure)
    ]


def _download(client: httpx.Client, enclosure: Enclosure, path: Path, reporter: Reporter) -> bool:
    try:
        with reporter.task(on_one_line(path.stem)) as progress:
            download(client, enclosure.url, path, progress=progress)
    except DownloadError as error:
        _LOG.error("%s", error)
        return False
    return True
