"""``inkcast episodes``: what a feed offers."""

from __future__ import annotations

from typing import Any

import click

from inkcast.cli.connection import connect
from inkcast.cli.output import on_one_line, print_json
from inkcast.cli.selection import Selection, selection_options
from inkcast.cli.shared_options import FILE_OR_ADDRESS, allow_private_option, json_option, verbosity_options
from inkcast.download.fetch_feed import fetch_feed
from inkcast.errors import redact
from inkcast.feeds.episode import Episode
from inkcast.timecode import clock

_ESSAYS = {"content": "in the feed", "link": "on its page", None: "unknown"}


@click.command()
@click.argument("feed", type=FILE_OR_ADDRESS)
@selection_options
@json_option
@allow_private_option
@verbosity_options
def command(feed: str, selection: Selection, as_json: bool, allow_private: bool) -> None:
    """List a feed's episodes, newest first.

    FEED is an address or a file. Each line has the date, the duration, where the essay's text is,
    and the title. Passwords and tokens in addresses are shown as ***.

    \b
    Examples:
      inkcast episodes https://api.substack.com/feed/podcast/48206.rss
      inkcast episodes https://api.substack.com/feed/podcast/48206.rss --limit 5 --json
    """
    with connect(allow_private=allow_private, addresses=[feed]) as client:
        fetched = fetch_feed(client, feed)
    episodes = selection.of(fetched.feed.episodes)
    if as_json:
        print_json(_hidden([episode.to_json() for episode in episodes]))
    else:
        for episode in episodes:
            click.echo(_line(episode))


def _hidden(data: Any) -> Any:
    """The data with the secrets of all addresses hidden, as they would end in logs and mails."""
    if isinstance(data, str):
        return redact(data, guess=False)
    if isinstance(data, list):
        return [_hidden(value) for value in data]
    if isinstance(data, dict):
        return {key: _hidden(value) for key, value in data.items()}
    return data


def _line(episode: Episode) -> str:
    date = episode.published.date().isoformat() if episode.published else "no date"
    duration = clock(episode.duration_ms) if episode.duration_ms is not None else "?"
    if episode.enclosure is None:
        duration = "no audio"
    essay = _ESSAYS[episode.essay_source]
    return f"{date:10}  {duration:>8}  {essay:11}  {on_one_line(episode.title)}"
