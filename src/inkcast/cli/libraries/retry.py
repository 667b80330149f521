"""``inkcast retry``: what failed, once more and at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from inkcast.cli.connection import connect
from inkcast.cli.libraries.executors import MakeExecutor, executor_options
from inkcast.cli.libraries.interrupt import Interrupt
from inkcast.cli.libraries.library_options import library_option, use_published_option
from inkcast.cli.libraries.sync import finish, report_result
from inkcast.cli.progress import Reporter
from inkcast.cli.shared_options import json_option, settings_options, verbosity_options
from inkcast.download.fetch_feed import expand_opml
from inkcast.library.executors.prefetch import DOWNLOADS
from inkcast.library.retry import Retry, retry
from inkcast.library.steps.episode_steps import Tools
from inkcast.library.steps.models_on_demand import lazy_transcriber
from inkcast.library.store.record import STEPS, StepName
from inkcast.library.subscriptions import Subscriptions
from inkcast.library.sync import EpisodeResult
from inkcast.settings import Settings


@click.command()
@click.argument("episodes", metavar="[EPISODE]...", nargs=-1)
@library_option()
@click.option("--failed", is_flag=True, help="Every episode that failed; so it is without EPISODE, too.")
@click.option(
    "--from",
    "first",
    type=click.Choice(STEPS),
    help="Redo the named episodes from this step on, even if they are complete.",
)
@click.option(
    "--feed",
    "feeds",
    multiple=True,
    metavar="FEED",
    help="The address of a private feed, or a list of feeds (OPML): the library stores no secrets.",
)
@use_published_option
@executor_options
@json_option
@settings_options
@verbosity_options
@click.pass_context
def command(
    ctx: click.Context,
    episodes: tuple[str, ...],
    library: Path,
    failed: bool,
    first: StepName | None,
    feeds: tuple[str, ...],
    use_published: bool,
    make_executor: MakeExecutor,
    as_json: bool,
    settings: Settings,
) -> None:
    """Retry at once what failed, or the episodes that you name.

    EPISODE is a title, a guid or a folder, as 'inkcast status' and 'inkcast sync --json' print them. They
    are tried now, whenever their next attempt was due. All else is as with 'inkcast sync', also the exit
    status.

    \b
    Examples:
      inkcast retry --library podcasts
      inkcast retry "Night trains" --from transcribe --model base --library podcasts
    """  # fmt: skip
    if episodes and failed:
        raise click.UsageError("Either name episodes, or give --failed.")
    if first and not episodes:
        raise click.UsageError("--from needs an EPISODE.")
    table: dict[str, Any] = dict((ctx.default_map or {}).get("feeds", {}))
    with (
        connect(allow_private=settings.allow_private, addresses=feeds) as client,
        Reporter() as reporter,
        Interrupt() as interrupt,
    ):

        def report(result: EpisodeResult) -> None:
            if not as_json:
                report_result(result)

        tools = Tools(client, settings, lazy_transcriber(), reporter.task, interrupt.stop)
        # A feed is read by the name that its settings go by.
        addresses = (*table, *expand_opml(client, feeds))
        summary = retry(
            Retry(episodes, first, addresses),
            library,
            tools,
            subscriptions=Subscriptions(client, table, use_published=use_published),
            executor=make_executor(tools, DOWNLOADS),
            on_result=report,
        )
    finish(ctx, summary, as_json, interrupt)
