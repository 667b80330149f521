"""``inkcast sync``: feeds into a library."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from inkcast.cli.connection import connect
from inkcast.cli.libraries.executors import MakeExecutor, executor_options
from inkcast.cli.libraries.interrupt import Interrupt
from inkcast.cli.libraries.library_options import library_option, use_published_option
from inkcast.cli.output import on_one_line, print_json, tell, verbosity
from inkcast.cli.progress import Reporter
from inkcast.cli.selection import Selection, selection_options
from inkcast.cli.shared_options import FILE_OR_ADDRESS, json_option, settings_options, verbosity_options
from inkcast.cli.verdicts import tell_verdict_of
from inkcast.download.fetch_feed import expand_opml
from inkcast.feeds.address import is_web_address
from inkcast.library.executors.prefetch import DOWNLOADS
from inkcast.library.steps.episode_steps import Tools
from inkcast.library.steps.models_on_demand import lazy_transcriber
from inkcast.library.store.catalogue import Catalogue
from inkcast.library.store.schema import FILE_NAME
from inkcast.library.store.status import Pace, pace_of
from inkcast.library.subscriptions import Subscriptions
from inkcast.library.sync import SOON, EpisodeResult, Plan, Summary, plan_sync, sync
from inkcast.publish.episode_files import ALIGNMENT, PAGE
from inkcast.settings import Settings
from inkcast.timecode import clock

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _parse_interval(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    if value is None:
        return None
    match = re.fullmatch(r"(\d{1,6})([smhd])", value.strip())
    if match is None or int(match[1]) == 0:
        raise click.BadParameter(f"{value!r} is not a time such as 30m, 1h or 1d.")
    return float(int(match[1]) * _UNITS[match[2]])


@click.command()
@click.argument("sources", metavar="[FEED]...", nargs=-1, type=FILE_OR_ADDRESS)
@library_option("The folder of the episodes and their catalogue; created if missing.")
@selection_options
@click.option(
    "--dry-run", is_flag=True, help="Only show which episodes would be processed, and at what cost."
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 16),
    default=DOWNLOADS,
    metavar="N",
    show_default=True,
    help="Episodes to download at the same time.",
)
@click.option(
    "--watch",
    metavar="TIME",
    callback=_parse_interval,
    help="Keep running: look for new episodes every 30m, 1h, 1d...",
)
@use_published_option
@executor_options
@json_option
@settings_options
@verbosity_options
@click.pass_context
def command(
    ctx: click.Context,
    sources: tuple[str, ...],
    library: Path,
    selection: Selection,
    dry_run: bool,
    jobs: int,
    watch: float | None,
    use_published: bool,
    make_executor: MakeExecutor,
    as_json: bool,
    settings: Settings,
) -> None:
    """Download, transcribe, align and publish each new episode of a feed.

    FEED is an address or a file, or a list of feeds (OPML); without one, the feeds of inkcast.toml. Each
    episode gets a folder in the library with its audio, transcript, alignment, subtitles and page; the page's
    path is printed. What is there already is not made again, unless its inputs have changed. One episode that
    fails does not stop the others; the exit status is 1 then, and a later sync tries it again: after a
    minute, ten minutes, an hour, six hours, a day. Ctrl-C stops after the window that is being transcribed, a
    second one at once.
    Settings of a single feed are in inkcast.toml, under [feeds."ADDRESS OR TITLE"].

    \b
    Examples:
      inkcast sync https://example.com/feed.xml --library podcasts --since 2026-01-01
      inkcast sync subscriptions.opml --library podcasts --watch 1h
    """  # fmt: skip
    table = dict((ctx.default_map or {}).get("feeds", {}))
    sources = sources or _feeds_of(table)
    run: Callable[[], Summary]
    with (
        connect(allow_private=settings.allow_private, addresses=sources) as client,
        Reporter() as reporter,
        Interrupt() as interrupt,
    ):
        feeds = expand_opml(client, sources)
        tools = Tools(client, settings, lazy_transcriber(), reporter.task, interrupt.stop)
        subscriptions = Subscriptions(client, table, use_published=use_published)
        if dry_run:
            summary = plan_sync(Plan(feeds, selection.of), library, tools, subscriptions=subscriptions)
        else:
            report = _ignore if as_json else report_result
            patience = timedelta(0) if watch else SOON
            plan = Plan(feeds, selection.of, patience)
            executor = make_executor(tools, jobs)

            def run() -> Summary:
                return sync(
                    plan, library, tools, subscriptions=subscriptions, executor=executor, on_result=report
                )

            summary = _watch(run, watch, as_json, interrupt) if watch else run()
    if dry_run and not as_json:
        _print_plan(summary, _pace(library))
    finish(ctx, summary, as_json, interrupt, dry_run=dry_run)


def _feeds_of(table: dict[str, Any]) -> tuple[str, ...]:
    """The feeds of ``inkcast.toml`` that go by an address or a path, not by their title."""
    sources = tuple(name for name in table if is_web_address(name) or Path(name).is_file())
    if not sources:
        raise click.UsageError(
            "Which feed? Name its address or file, here or in inkcast.toml, which 'inkcast init' makes."
        )
    return sources


def _watch(run: Callable[[], Summary], every_s: float, as_json: bool, interrupt: Interrupt) -> Summary:
    """Sync until somebody stops it; each round but the last is told of here."""
    while True:
        began = time.monotonic()
        summary = run()
        rest = every_s - (time.monotonic() - began)
        if summary.stopped or interrupt.stop.is_set():
            return summary
        _tell(summary, as_json)
        if interrupt.stop.wait(max(0.0, rest)):
            return Summary()


def _tell(summary: Summary, as_json: bool, *, dry_run: bool = False) -> None:
    if as_json:
        print_json(_to_json(summary))
    _print_problems(summary, dry_run)


def finish(
    ctx: click.Context, summary: Summary, as_json: bool, interrupt: Interrupt, *, dry_run: bool = False
) -> None:
    """Print what a sync did, and exit with the status that says how it ended."""
    _tell(summary, as_json, dry_run=dry_run)
    if interrupt.status:
        click.echo("Stopped. Run the same command to go on.", err=True)
        ctx.exit(interrupt.status)
    if summary.failed:
        ctx.exit(1)


def _pace(library: Path) -> Pace:
    with Catalogue(library / FILE_NAME, in_memory=True) as catalogue:
        return pace_of(catalogue)


def _ignore(result: EpisodeResult) -> None:
    pass


def report_result(result: EpisodeResult) -> None:
    """Lines as an episode ends: how its essay is read and its page, else its subtitles; or its problems."""
    for problem in result.problems:
        text = f"Error: {result.title}: {problem.step}: {problem.reason}"
        tell(on_one_line(text))
    if result.state == "done" and result.files:
        # Only what passed its audit has a page.
        if Path(result.files[0]).suffix == PAGE:
            tell_verdict_of(result.folder / f"{result.folder.name}{ALIGNMENT}", result.title)
        click.echo(result.folder / result.files[0])


def _print_plan(summary: Summary, pace: Pace) -> None:
    planned = [episode for episode in summary.episodes if episode.state == "planned"]
    for episode in planned:
        click.echo(f"{episode.next_step:10}  {on_one_line(episode.title)}")
    if verbosity() < 0 or not planned:
        return
    lengths = [episode.duration_ms for episode in planned if episode.duration_ms]
    if not lengths:
        return
    # Those whose length the feed does not say are taken for average ones.
    audio_ms = sum(lengths) * len(planned) // len(lengths)
    size = sum(episode.size or _size(episode, audio_ms // len(planned), pace) for episode in planned)
    words = [f"About {clock(audio_ms)} of audio", f"{size / 1e6:,.0f} MB"]
    if pace.speed:
        seconds = audio_ms / 1000 / pace.speed + pace.other_s * len(planned)
        words.append(f"{clock(int(seconds * 1000))} of work at the speed so far")
    click.echo(", ".join(words) + ".", err=True)


def _size(episode: EpisodeResult, average_ms: int, pace: Pace) -> int:
    # 128 kbit/s, until there is something to judge by.
    return int((episode.duration_ms or average_ms) / 1000 * (pace.bytes_per_s or 16_000))


def _print_problems(summary: Summary, dry_run: bool) -> None:
    for problem in summary.feed_problems:
        tell(f"Error: {on_one_line(problem.reason)}")
    if verbosity() < 0 or not summary.episodes:
        return
    first = f"{summary.count('planned')} to do" if dry_run else f"{summary.count('done')} done"
    counts = [first, f"{summary.count('unchanged')} unchanged"]
    if summary.count("failed"):
        counts.append(f"{summary.count('failed')} failed")
    tell(", ".join(counts) + ".")


def _to_json(summary: Summary) -> dict[str, Any]:
    return {
        "stopped": summary.stopped,
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
                    {
                        "step": problem.step,
                        "reason": problem.reason,
                        "next_attempt": problem.next_attempt.isoformat() if problem.next_attempt else None,
                    }
                    for problem in episode.problems
                ],
                "next_step": episode.next_step,
            }
            for episode in summary.episodes
        ],
        "feed_problems": [
            {"source": problem.source, "reason": problem.reason} for problem in summary.feed_problems
        ],
    }
