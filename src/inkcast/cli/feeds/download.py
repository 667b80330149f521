"""``inkcast download``: a feed's audio."""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import click
import httpx

from inkcast.audio.whole import require_whole
from inkcast.cli.connection import connect
from inkcast.cli.feeds.parallel import in_parallel
from inkcast.cli.output import print_json
from inkcast.cli.progress import Reporter
from inkcast.cli.selection import Selection, selection_options
from inkcast.cli.shared_options import (
    FILE_OR_ADDRESS,
    allow_private_option,
    json_option,
    max_size_option,
    verbosity_options,
)
from inkcast.download.address_refresh import AddressRefresh
from inkcast.download.download_index import DownloadIndex
from inkcast.download.enclosure import Terms, download, sweep
from inkcast.download.fetch_feed import fetch_feed
from inkcast.download.naming import DEFAULT_TEMPLATE, FIELDS, check_template, episode_stems, file_suffix
from inkcast.errors import DownloadError, SettingsError, redact
from inkcast.feeds.episode import Enclosure, Episode, Feed
from inkcast.feeds.rss import require_audio
from inkcast.files import sha256_of

_LOG = logging.getLogger(__name__)

State = Literal["present", "planned", "downloaded", "failed"]


@dataclass(frozen=True, slots=True)
class _File:
    """An episode's audio: where it is or should be, and how it fared."""

    episode: Episode
    enclosure: Enclosure
    path: Path
    state: State = "planned"
    reason: str = ""
    sha256: str | None = None


def _check_name(ctx: click.Context, param: click.Parameter, value: str) -> str:
    try:
        check_template(value)
    except SettingsError as error:
        raise click.BadParameter(str(error)) from error
    return value


@click.command()
@click.argument("feed", type=FILE_OR_ADDRESS)
@click.option(
    "-o",
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="DIR",
    help="Where the audio files go; what is there is not downloaded again, even under a new title.",
)
@selection_options
@click.option(
    "--name",
    "template",
    default=DEFAULT_TEMPLATE,
    metavar="TEMPLATE",
    show_default=True,
    callback=_check_name,
    help=f"File names, without suffix; a slash makes a folder. Fields: {', '.join(FIELDS)}.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 16),
    default=2,
    metavar="N",
    show_default=True,
    help="Downloads at once; one host gets at most 4.",
)
@max_size_option
@click.option("--dry-run", is_flag=True, help="Only print the files that would be downloaded.")
@json_option
@allow_private_option
@verbosity_options
@click.pass_context
def command(
    ctx: click.Context,
    feed: str,
    out: Path,
    selection: Selection,
    template: str,
    jobs: int,
    max_size: int,
    dry_run: bool,
    as_json: bool,
    allow_private: bool,
) -> None:
    """Download a feed's audio, and print the path of each file.

    FEED is an address or a file. An interrupted download resumes where it stopped. One episode that
    fails does not stop the others; the exit status is 1 then. Passwords come from netrc,
    INKCAST_AUTH_<HOST> or the table [auth] of inkcast.toml.

    \b
    Example:
      inkcast download https://api.substack.com/feed/podcast/48206.rss --limit 3 --out audio
    """  # fmt: skip
    with connect(allow_private=allow_private, addresses=[feed]) as client, Reporter() as reporter:
        offered = require_audio(fetch_feed(client, feed).feed)
        index = DownloadIndex(out, feed)
        files = _files(offered, selection, template, out, index)
        missing = [file for file in files if file.state == "planned"]
        _LOG.info("%d of %d files are there already.", len(files) - len(missing), len(files))
        if not dry_run:
            _keep([file for file in files if file.state == "present"], index)
            run = _Downloads(client, index, AddressRefresh(client, feed), reporter, max_size)
            missing = [_told(file, as_json) for file in run.of(missing, jobs)]
        elif not as_json:
            for file in missing:
                click.echo(file.path)
    if as_json:
        print_json(_to_json([*(file for file in files if file.state == "present"), *missing]))
    failed = sum(file.state == "failed" for file in missing)
    if failed:
        click.echo(f"Error: {failed} of {len(missing)} downloads failed. Run the command again.", err=True)
        ctx.exit(1)


def _files(feed: Feed, selection: Selection, template: str, out: Path, index: DownloadIndex) -> list[_File]:
    """The selected episodes' files; each is named as if all of the feed were downloaded."""
    stems, known = episode_stems(feed, template), index.known_files(feed)
    files = []
    for episode in selection.of(feed.episodes):
        enclosure = episode.enclosure
        if enclosure is None:
            continue
        name = f"{stems[episode.guid]}{file_suffix(enclosure.url, enclosure.media_type)}"
        path = known.get(episode.guid, out / name)
        files.append(_File(episode, enclosure, path, "present" if path.exists() else "planned"))
    return files


def _keep(files: Sequence[_File], index: DownloadIndex) -> None:
    """Take down the files that are there, and tidy up around them."""
    for file in files:
        with suppress(DownloadError):  # another run is about to
            sweep(file.path)
    index.add((file.episode, file.path) for file in files)


class _StoppedError(Exception):
    """Somebody interrupted us."""


@dataclass(frozen=True, slots=True)
class _Downloads:
    """What the downloads of a run share."""

    client: httpx.Client
    index: DownloadIndex
    refresh: AddressRefresh
    reporter: Reporter
    max_size: int

    def of(self, files: Sequence[_File], jobs: int) -> Any:
        """The files, in their order, as each ends."""
        stop = threading.Event()
        tasks: list[Callable[[], _File]] = [functools.partial(self._one, file, stop) for file in files]
        return in_parallel(tasks, jobs, stop)

    def _one(self, file: _File, stop: threading.Event) -> _File:
        episode = file.episode
        terms = Terms(
            self.max_size,
            refresh=lambda: self.refresh.address_of(episode),
            check=lambda path, end: require_whole(path, episode.title, episode.duration_ms, end),
        )

        def sleep(seconds: float) -> None:
            if stop.wait(seconds):
                raise _StoppedError

        try:
            with self.reporter.task(file.path.stem, "bytes") as update:

                def progress(done: int, total: int | None) -> None:
                    if stop.is_set():
                        raise _StoppedError
                    update(done, total)

                download(self.client, file.enclosure.url, file.path, terms, progress=progress, sleep=sleep)
        except DownloadError as error:
            _LOG.error("%s", error)
            return replace(file, state="failed", reason=str(error))
        sha256 = sha256_of(file.path)
        self.index.add([(episode, file.path)], sha256)
        return replace(file, state="downloaded", sha256=sha256)


def _told(file: _File, as_json: bool) -> _File:
    if file.state == "downloaded" and not as_json:
        click.echo(file.path)
    return file


def _to_json(files: Sequence[_File]) -> dict[str, Any]:
    states: tuple[State, ...] = ("downloaded", "present", "planned", "failed")
    counts = {state: sum(file.state == state for file in files) for state in states}
    return counts | {
        "episodes": [
            {
                "guid": redact(file.episode.guid),
                "title": file.episode.title,
                "state": file.state,
                "file": str(file.path),
                "size": file.path.stat().st_size if file.path.is_file() else None,
                "sha256": file.sha256,
                "reason": file.reason,
            }
            for file in files
        ]
    }
