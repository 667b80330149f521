"""Which episodes of a feed a command is about: by date, by title, so many, in which order."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import click

from inkcast.cli.shared_options import Function
from inkcast.feeds.episode import Episode

Order = Literal["newest", "oldest"]


@dataclass(frozen=True, slots=True)
class Selection:
    """Conditions that all have to hold; the first ``limit`` episodes that meet them are taken.

    ``since`` and ``before`` are in UTC, ``before`` excluded: an episode without a date meets neither.
    ``match`` ignores case.
    """

    limit: int | None = None
    since: datetime | None = None
    match: str = ""
    before: datetime | None = None
    order: Order = "newest"

    def of(self, episodes: Iterable[Episode]) -> list[Episode]:
        """The selected ones of ``episodes``, which are newest first, in the wanted order."""
        selected = [episode for episode in episodes if self._takes(episode)]
        return (selected[::-1] if self.order == "oldest" else selected)[: self.limit]

    def _takes(self, episode: Episode) -> bool:
        published = episode.published
        if self.since and (published is None or published < self.since):
            return False
        if self.before and (published is None or published >= self.before):
            return False
        return self.match.casefold() in episode.title.casefold()


def selection_options(function: Function) -> Function:
    """Add ``--limit``, ``--since``, ``--until``, ``--match``, ``--order``; the command gets ``selection``."""

    @functools.wraps(function)
    def command(
        *args: Any,
        limit: int | None,
        since: datetime | None,
        until: datetime | None,
        match: str,
        order: Order,
        **rest: Any,
    ) -> Any:
        if since and until and until < since:
            raise click.UsageError("--until is before --since: no episode matches.")
        after_last_day = until + timedelta(days=1) if until else None
        selection = Selection(limit, _in_utc(since), match, _in_utc(after_last_day), order)
        return function(*args, selection=selection, **rest)

    day = click.DateTime(["%Y-%m-%d"])
    options = (
        click.option(
            "--limit", type=click.IntRange(min=1), metavar="N", help="Only the first N, in the order below."
        ),
        click.option(
            "--since", type=day, metavar="YYYY-MM-DD", help="Only what was published on that day or later."
        ),
        click.option(
            "--until", type=day, metavar="YYYY-MM-DD", help="Only what was published on that day or before."
        ),
        click.option("--match", default="", metavar="TEXT", help="Only titles that contain TEXT."),
        click.option(
            "--order",
            type=click.Choice(["newest", "oldest"]),
            default="newest",
            show_default=True,
            help="Which come first.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command  # type: ignore[return-value]


def _in_utc(day: datetime | None) -> datetime | None:
    return day.replace(tzinfo=UTC) if day else None
