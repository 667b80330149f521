"""Feeds of which nothing was left to do: while they stay as they are, no episode needs a second look.

The catalogue keeps the validators of a feed, never its bytes, which hold addresses with tokens: what is to be
worked on is read from the feed anew. An episode is up to date once all its steps came to an end, under a key
of the feed's bytes and the settings; a change of its steps takes that away.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from inkcast import __version__
from inkcast.corrections.corrections_file import corrections_path
from inkcast.feeds.episode import Episode
from inkcast.feeds.validators import Validators
from inkcast.files import digest
from inkcast.library.steps.pipeline import file_key, is_due
from inkcast.library.store.catalogue import Catalogue, StoredFeed
from inkcast.library.store.record import Problem, is_as_it_was
from inkcast.settings import FeedSettings, Settings


@dataclass(frozen=True, slots=True)
class UpToDate:
    """An episode of which nothing is to be done now; ``folder`` is within the library.

    ``files`` are names of what the last step made, first the one to open.
    """

    guid: str
    title: str
    folder: Path
    files: tuple[str, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class UnchangedFeed:
    """A feed of which nothing is to be done, unless it has changed since ``validators`` were taken down."""

    feed: StoredFeed
    validators: Validators
    episodes: tuple[UpToDate, ...]


def up_to_date_key(validators: Validators, settings: Settings, feed_settings: FeedSettings) -> str:
    """Digest of all that the steps of a feed's episodes depend on, beside their own files."""
    parts = [json.dumps(asdict(part), sort_keys=True, default=list) for part in (settings, feed_settings)]
    text = file_key(feed_settings.essay) if feed_settings.names_a_text else ""
    return digest(__version__, validators.sha256, text, *parts)


def with_corrections(key: str, folder: Path) -> str:
    """The key of an episode whose files are in ``folder``: it has to be looked at when corrections come."""
    path = corrections_path(folder, folder.name)
    return digest(key, file_key(str(path))) if path.exists() else key


def unchanged_feed(
    catalogue: Catalogue,
    library: Path,
    reading: tuple[StoredFeed, Validators],
    key: str,
    choose: Callable[[Sequence[Episode]], Sequence[Episode]],
    due: datetime,
) -> UnchangedFeed | None:
    """Look whether anything is to be done for the chosen episodes of a feed, if it has not changed.

    Args:
        catalogue: the library's.
        library: the folder.
        reading: the feed and its validators.
        key: as of now.
        choose: which episodes; they have only guid, title and date.
        due: what failed and is to be tried again by then is to be done.
    Returns:
        None if something is to be done, or cannot be told without the feed.
    """
    feed, validators = reading
    listed = {episode.guid: episode for episode in catalogue.listed_episodes(feed)}
    candidates = [Episode(one.guid, one.title, one.published) for one in listed.values()]
    chosen = [listed[episode.guid] for episode in choose(candidates)]
    place = library / feed.folder
    if any(one.key != with_corrections(key, place / one.folder) for one in chosen):
        return None
    waiting = catalogue.next_attempts(feed)
    if any(is_due(when, due) for one in chosen for when in waiting.get(one.guid, ())):
        return None
    published = _published(catalogue, feed, {one.guid: str(place / one.folder) for one in chosen})
    if published is None:
        return None
    problems = catalogue.problems(feed)
    episodes = tuple(
        UpToDate(
            one.guid,
            one.title,
            Path(feed.folder, one.folder),
            tuple(published.get(one.guid, ())),
            tuple(problems.get(one.guid, ())),
        )
        for one in chosen
    )
    return UnchangedFeed(feed, validators, episodes)


def _published(
    catalogue: Catalogue, feed: StoredFeed, folders: Mapping[str, str]
) -> dict[str, list[str]] | None:
    """Names of what the last step made, by guid; None if a file of these episodes is not as it was."""
    names: dict[str, list[str]] = {}
    for guid, step, name, size, mtime_ns in catalogue.file_marks(feed):
        if guid not in folders:
            continue
        if not is_as_it_was(folders[guid], name, size, mtime_ns):
            return None
        if step == "publish":
            names.setdefault(guid, []).append(name)
    return names
