"""A library from Python: ``inkcast sync`` in one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from inkcast.download.client import open_client
from inkcast.library.steps.episode_steps import Tools
from inkcast.library.steps.models_on_demand import lazy_transcriber
from inkcast.library.sync import EpisodeResult, Plan, Summary, sync
from inkcast.settings import Settings


def sync_library(
    feeds: Sequence[str],
    library: Path | str,
    *,
    settings: Settings = Settings(),
    limit: int | None = None,
    on_result: Callable[[EpisodeResult], None] = lambda result: None,
) -> Summary:
    """Take each new episode of the feeds through every step, and keep its files in a library.

    Args:
        feeds: addresses or paths.
        library: the folder; made when missing.
        settings: model, language and so on.
        limit: only the newest so many of each feed.
        on_result: told about each episode as it ends.

    Returns:
        What became of each episode; what failed stands there with its reason, and is tried again by a later
        call.

    Raises:
        InkcastError: nothing could go on: another run has the library, no model, no space left.
    """
    plan = Plan(tuple(feeds), lambda episodes: episodes[:limit])
    with open_client(allow_private=settings.allow_private) as client:
        tools = Tools(client, settings, lazy_transcriber())
        return sync(plan, Path(library), tools, on_result=on_result)
