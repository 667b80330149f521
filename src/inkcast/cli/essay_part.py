"""Options that say which text of the essay's file or page is meant."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

import click

from inkcast.essays.part import Part

Function = TypeVar("Function", bound=Callable[..., Any])


def part_options(function: Function) -> Function:
    """Add ``--chapter``, ``--episode``, ``--episode-date``, ``--select``: the command's ``part: Part``."""

    @functools.wraps(function)
    def command(
        *args: Any, chapter: str, episode: str, episode_date: datetime | None, select: str, **rest: Any
    ) -> Any:
        published: date | None = episode_date.date() if episode_date else None
        if chapter and episode:
            raise click.UsageError("--chapter is for books and --episode for show pages: give one of them.")
        if published and not episode:
            raise click.UsageError("--episode-date needs --episode.")
        if select and (chapter or episode):
            raise click.UsageError("--select is for pages with one text: leave the other option out.")
        return function(*args, part=Part(chapter, episode, published, select), **rest)

    options = (
        click.option(
            "--chapter",
            default="",
            metavar="N|TITLE|all",
            help="The chapter, if the essay is in an EPUB of several, or all of them.",
        ),
        click.option(
            "--episode",
            default="",
            metavar="TITLE",
            help="The episode, if the essay is on a podcast's page that has the texts of many.",
        ),
        click.option(
            "--episode-date",
            type=click.DateTime(["%Y-%m-%d"]),
            metavar="DATE",
            help="That episode's date (2026-03-05), if several have its title.",
        ),
        click.option(
            "--select",
            default="",
            metavar="CSS",
            help='The element of the page that holds the essay, as a CSS selector ("div.story").',
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command  # type: ignore[return-value]
