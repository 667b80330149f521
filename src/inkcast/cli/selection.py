"""Which episodes of a feed a command is about: newest first, by date, by title, so many."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import click

from inkcast.cli.options import Function
from inkcast.feeds.episode import Episode


@dataclass(frozen=True, slots=True)
class Selection:
    """Conditions that all have to hold; the first ``limit`` episodes that meet them are taken.

    ``since`` is in UTC: an episode without a date does not meet it. ``match`` ignores case.
    """

    limit: int | None = None
    since: datetime | None = None
    match: str = ""

    def of(self, episodes: Iterable[Episode]) -> list[Episode]:
        """The selected ones, in their order."""
        return [episode for episode in episodes if self._takes(episode)][: self.limit]

    def _takes(self, episode: Episode) -> bool:
        if self.since and (episode.published is None or episode.published < self.since):
            return False
        return self.match.casefold() in episode.title.casefold()


def selection_options(function: Function) -> Function:
    """Add ``--limit``, ``--since`` and ``--match``; the command gets ``selection: Selection``."""

    @functools.wraps(function)
    def command(*args: Any, limit: int | None, since: datetime | None, match: str, **rest: Any) -> Any:
        in_utc = since.replace(tzinfo=UTC) if since else None
        return function(*args, selection=Selection(limit, in_utc, match), **rest)

    options = (
        click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the newest N of them."),
        click.option(
            "--since",
            type=click.DateTime(["%Y-%m-%d"]),
            metavar="YYYY-MM-DD",
            help="Only what was published on that day or later.",
        ),
        click.option("--match", default="", metavar="TEXT", help="Only titles that contain TEXT."),
    )
    for option in reversed(options):
        command = option(command)
    return command  # type: ignore[return-value]
