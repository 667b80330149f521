"""Feeds of which nothing was left to do: while they stay as they are, no episode needs a second look.

The catalogue keeps the validators of a feed, never its bytes, which hold addresses with tokens: what is to be
worked on is read from the feed anew. An episode is up to date once all its steps came to an end, under a key
of the feed's bytes and the settings; a change of its steps takes that away.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from inkcast import __version__
from inkcast.feeds.episode import Episode
from inkcast.feeds.validators import Validators
from inkcast.files import digest
from inkcast.library.steps.pipeline import file_key, is_due
from inkcast.library.store.catalogue import Catalogue, StoredFeed
from inkcast.library.store.record import Problem
from inkcast.settings import FeedSettings, Settings

_READING = """
SELECT feeds.id, source, title, folder, sha256, etag, last_modified
FROM readings JOIN feeds ON feeds.id = readings.feed WHERE readings.address = ?
"""
_LISTED = """
SELECT guid, title, published, folder, settled FROM episodes
WHERE feed = ? AND place IS NOT NULL ORDER BY place
"""
_FAILURES = """
SELECT guid, step, reason, next_attempt FROM steps JOIN episodes ON episodes.id = steps.episode
WHERE feed = ? AND state = 'failed'
"""
_FILES = """
SELECT guid, step, name, size, mtime_ns FROM files JOIN episodes ON episodes.id = files.episode
WHERE feed = ? ORDER BY files.position
"""


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


def last_reading(catalogue: Catalogue, address: str) -> tuple[StoredFeed, Validators] | None:
    """The feed that was last read at ``address`` (a digest) and its validators; None if none was."""
    for id_, source, title, folder, *validators in catalogue.rows(_READING, address):
        return StoredFeed(id_, source, title, folder), Validators(*validators)
    return None


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
    listed = {row[0]: row for row in catalogue.rows(_LISTED, feed.id)}
    chosen = [episode.guid for episode in choose([_episode(*row) for row in listed.values()])]
    if any(listed[guid][-1] != key for guid in chosen):
        return None
    folders = {guid: Path(feed.folder, listed[guid][3]) for guid in chosen}
    failures = _by_guid(catalogue.rows(_FAILURES, feed.id), folders)
    files = _by_guid(catalogue.rows(_FILES, feed.id), folders)
    dates = (row[-1] for rows in failures.values() for row in rows)
    if any(is_due(datetime.fromisoformat(date), due) for date in dates if date):
        return None
    if not all(_are_untouched(library / folder, files[guid]) for guid, folder in folders.items()):
        return None
    return UnchangedFeed(
        feed,
        validators,
        tuple(
            UpToDate(
                guid,
                listed[guid][1],
                folder,
                tuple(name for step, name, *_ in files[guid] if step == "publish"),
                tuple(
                    Problem(step, reason, datetime.fromisoformat(date) if date else None)
                    for step, reason, date in failures[guid]
                ),
            )
            for guid, folder in folders.items()
        ),
    )


def _episode(guid: str, title: str, published: str | None, *_: str) -> Episode:
    return Episode(guid, title, datetime.fromisoformat(published) if published else None)


def _by_guid(rows: Iterable[tuple[Any, ...]], guids: Iterable[str]) -> Mapping[str, list[tuple[Any, ...]]]:
    sorted_: dict[str, list[tuple[Any, ...]]] = {guid: [] for guid in guids}
    for guid, *rest in rows:
        if guid in sorted_:
            sorted_[guid].append(tuple(rest))
    return sorted_


def _are_untouched(folder: Path, files: Iterable[tuple[Any, ...]]) -> bool:
    try:
        for _, name, size, mtime_ns in files:
            stat = (folder / name).stat()
            if (stat.st_size, stat.st_mtime_ns) != (size, mtime_ns):
                return False
    except OSError:
        return False
    return True
