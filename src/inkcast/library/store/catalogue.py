"""The library's memory: feeds, episodes, steps and files, in one SQLite file."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from inkcast.feeds.identity import Traits
from inkcast.feeds.validators import Validators
from inkcast.library.store.record import (
    FILE_COLUMNS,
    STEP_COLUMNS,
    Problem,
    StepRecord,
    StoredFile,
    within,
)
from inkcast.library.store.schema import open_database, understood

_FILE_COLUMNS = ", ".join(FILE_COLUMNS)
_STEP_COLUMNS = ", ".join(STEP_COLUMNS)
_STEP_PLACES = ", ?" * len(STEP_COLUMNS)
_PUT_STEP = f"INSERT INTO steps (episode, {_STEP_COLUMNS}) VALUES (?{_STEP_PLACES})"
_FILE_PLACES = ", ?" * len(FILE_COLUMNS)
_PUT_FILE = f"INSERT INTO files (episode, step, position, {_FILE_COLUMNS}) VALUES (?, ?, ?{_FILE_PLACES})"

Outline = Literal["begun", "failed", "complete"]
"""Of an episode: some steps are done, one has failed, or nothing was left to do at the last sync."""


@dataclass(frozen=True, slots=True)
class StoredFeed:
    """A feed; ``source`` hides secrets, ``folder`` is within the library."""

    id: int
    source: str
    title: str
    folder: str

    def __post_init__(self) -> None:
        within(self.folder)


@dataclass(frozen=True, slots=True)
class NewEpisode:
    """An episode as a feed has it; ``folder`` is its name within the feed's folder."""

    traits: Traits
    folder: str


@dataclass(frozen=True, slots=True)
class KnownEpisode:
    """An episode that the catalogue knows; ``folder`` is within the library."""

    feed: StoredFeed
    traits: Traits
    folder: Path


@dataclass(frozen=True, slots=True)
class ListedEpisode:
    """An episode that its feed had when that was last read.

    ``folder`` is its name within the feed's folder, ``key`` the one under which it is up to date.
    """

    guid: str
    title: str
    published: datetime | None
    folder: str
    key: str


class Catalogue:
    """An open catalogue; use it as a context manager, from any thread of the process that writes it.

    Args:
        path: the SQLite file; made when missing.
        in_memory: work on a copy that is forgotten in the end.
    Raises:
        LibraryError: it is no catalogue, is damaged, or a newer Inkcast made it; it stays untouched.
        StorageError: the disk refuses.
    """

    def __init__(self, path: Path, *, in_memory: bool = False) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._db = open_database(path, in_memory=in_memory)

    def __enter__(self) -> Catalogue:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def put_feed(self, address: str, source: str, title: str, folder: str) -> StoredFeed:
        """Add a feed; of a known one take down the title and source, and leave the folder."""
        with self._transaction() as db:
            row = db.execute(
                "INSERT INTO feeds (address, source, title, folder) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (address) DO UPDATE SET source = excluded.source, title = excluded.title "
                "RETURNING id, source, title, folder",
                (address, _clean(source), _clean(title), folder),
            ).fetchone()
        return StoredFeed(*row)

    def feed_address(self, address: str) -> str | None:
        """The address that a feed was added by, given any that leads to it; None if none does."""
        with self._understood():
            row = self._db.execute(
                "SELECT address FROM feeds WHERE address = :address OR id = "
                "(SELECT feed FROM addresses WHERE address = :address) ORDER BY address <> :address",
                {"address": address},
            ).fetchone()
        return row[0] if row else None

    def address_of(self, feed: StoredFeed) -> str:
        """The address that a feed was added by."""
        with self._understood():
            row = self._db.execute("SELECT address FROM feeds WHERE id = ?", (feed.id,)).fetchone()
        return str(row[0])

    def put_addresses(self, feed: StoredFeed, addresses: Sequence[str]) -> None:
        """Remember more addresses that lead to the feed."""
        with self._transaction() as db:
            db.executemany(
                "INSERT OR IGNORE INTO addresses SELECT ?1, ?2 "
                "WHERE NOT EXISTS (SELECT 1 FROM feeds WHERE address = ?1)",
                [(address, feed.id) for address in addresses],
            )

    def feeds(self) -> tuple[StoredFeed, ...]:
        """All feeds, in the order they were added."""
        return tuple(
            StoredFeed(*row) for row in self.rows("SELECT id, source, title, folder FROM feeds ORDER BY id")
        )

    def feed_folders(self) -> dict[str, str]:
        """Each feed's folder by its address."""
        rows = self.rows("SELECT address, folder FROM feeds ORDER BY id")
        return {address: within(folder) for address, folder in rows}

    def episode_folders(self, feed: StoredFeed) -> dict[str, str]:
        """Each of the feed's episodes' folder by its guid, in the order they were added."""
        rows = self.rows("SELECT guid, folder FROM episodes WHERE feed = ? ORDER BY id", feed.id)
        return {guid: within(folder) for guid, folder in rows}

    def episode_traits(self, feed: StoredFeed) -> tuple[Traits, ...]:
        """What each of the feed's episodes is known by."""
        rows = self.rows(
            "SELECT guid, title, published, audio, link FROM episodes WHERE feed = ? ORDER BY id", feed.id
        )
        return tuple(
            Traits(guid, title, _moment(published), audio, link)
            for guid, title, published, audio, link in rows
        )

    def episodes(self) -> Iterator[KnownEpisode]:
        """Every episode, feed by feed, in the order they were added."""
        for feed in self.feeds():
            folders = self.episode_folders(feed)
            for traits in self.episode_traits(feed):
                yield KnownEpisode(feed, traits, Path(feed.folder, folders[traits.guid]))

    def put_episodes(self, feed: StoredFeed, episodes: Sequence[NewEpisode]) -> None:
        """Add what is new; of what is known take down the traits, and leave the folder."""
        rows = [
            (feed.id, t.guid, _clean(t.title), _iso(t.published), t.audio, t.link, episode.folder)
            for episode in episodes
            for t in (episode.traits,)
        ]
        with self._transaction() as db:
            db.executemany(
                "INSERT INTO episodes (feed, guid, title, published, audio, link, folder) "
                "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (feed, guid) DO UPDATE SET title = excluded.title, "
                "published = excluded.published, audio = excluded.audio, link = excluded.link",
                rows,
            )

    def put_reading(
        self, feed: StoredFeed, address: str, validators: Validators, guids: Sequence[str]
    ) -> None:
        """Remember how a feed was when it was read at ``address``, and its episodes, newest first."""
        with self._transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO readings VALUES (?, ?, ?, ?, ?)",
                (address, feed.id, validators.sha256, validators.etag, validators.last_modified),
            )
            db.execute("UPDATE episodes SET place = NULL WHERE feed = ?", (feed.id,))
            db.executemany(
                "UPDATE episodes SET place = ? WHERE feed = ? AND guid = ?",
                [(place, feed.id, guid) for place, guid in enumerate(guids)],
            )

    def mark_up_to_date(self, feed: StoredFeed, keys: Mapping[str, str]) -> None:
        """Remember that nothing is left to do for episodes (by guid), as long as what went into a key stays.

        Whatever happens to their steps takes that away.
        """
        with self._transaction() as db:
            db.executemany(
                "UPDATE episodes SET settled = ? WHERE feed = ? AND guid = ?",
                [(key, feed.id, guid) for guid, key in keys.items()],
            )

    def last_reading(self, address: str) -> tuple[StoredFeed, Validators] | None:
        """The feed that was last read at ``address`` and how it was; None if none was."""
        rows = self.rows(
            "SELECT feeds.id, source, title, folder, sha256, etag, last_modified "
            "FROM readings JOIN feeds ON feeds.id = readings.feed WHERE readings.address = ?",
            address,
        )
        return (StoredFeed(*rows[0][:4]), Validators(*rows[0][4:])) if rows else None

    def listed_episodes(self, feed: StoredFeed) -> tuple[ListedEpisode, ...]:
        """The episodes that a feed had when it was last read, newest first."""
        rows = self.rows(
            "SELECT guid, title, published, folder, settled FROM episodes "
            "WHERE feed = ? AND place IS NOT NULL ORDER BY place",
            feed.id,
        )
        return tuple(
            ListedEpisode(guid, title, _moment(published), within(folder), key)
            for guid, title, published, folder, key in rows
        )

    def problems(self, feed: StoredFeed) -> dict[str, list[Problem]]:
        """What failed of the feed's episodes, by guid."""
        rows = self.rows(
            "SELECT guid, step, reason, next_attempt FROM steps "
            "JOIN episodes ON episodes.id = steps.episode WHERE feed = ? AND state = 'failed'",
            feed.id,
        )
        problems: dict[str, list[Problem]] = {}
        for guid, step, reason, next_attempt in rows:
            problems.setdefault(guid, []).append(Problem(step, reason, _moment(next_attempt)))
        return problems

    def next_attempts(self, feed: StoredFeed) -> dict[str, list[datetime]]:
        """When to try again what failed, or found nothing yet, of the feed's episodes, by guid."""
        rows = self.rows(
            "SELECT guid, next_attempt FROM steps JOIN episodes ON episodes.id = steps.episode "
            "WHERE feed = ? AND next_attempt IS NOT NULL",
            feed.id,
        )
        moments: dict[str, list[datetime]] = {}
        for guid, next_attempt in rows:
            moments.setdefault(guid, []).append(datetime.fromisoformat(next_attempt))
        return moments

    def file_marks(self, feed: StoredFeed) -> Iterator[tuple[str, str, str, int, int]]:
        """Of each file of the feed's episodes: guid, step, name, size and date, in each step's order."""
        rows = self.rows(
            "SELECT guid, step, name, size, mtime_ns FROM files "
            "JOIN episodes ON episodes.id = files.episode WHERE feed = ? ORDER BY position",
            feed.id,
        )
        return ((guid, step, within(name), size, mtime_ns) for guid, step, name, size, mtime_ns in rows)

    def steps(self, feed: StoredFeed, guid: str) -> dict[str, StepRecord]:
        """The steps that an episode has gone through, by name."""
        with self._understood():
            episode = self._episode(feed, guid)
            files: dict[str, list[StoredFile]] = {}
            for step, *file in self._db.execute(
                f"SELECT step, {_FILE_COLUMNS} FROM files WHERE episode = ? ORDER BY position", (episode,)
            ):
                files.setdefault(step, []).append(StoredFile(*file))
            rows = self._db.execute(
                f"SELECT {_STEP_COLUMNS} FROM steps WHERE episode = ?", (episode,)
            ).fetchall()
        return {row[0]: StepRecord.from_row(row, files.get(row[0], ())) for row in rows}

    def outlines(self, feed: StoredFeed) -> dict[str, Outline]:
        """How far each of the feed's episodes is, by guid; nothing of those that have not begun."""
        rows = self.rows(
            "SELECT guid, max(state = 'failed'), max(step = 'publish') AND min(key <> '') "
            "FROM steps JOIN episodes ON episodes.id = steps.episode WHERE feed = ? GROUP BY episode",
            feed.id,
        )
        return {
            guid: "failed" if has_failed else "complete" if is_complete else "begun"
            for guid, has_failed, is_complete in rows
        }

    def record(self, feed: StoredFeed, guid: str, step: StepRecord) -> None:
        """Remember how a step ended, in place of what was known of it."""
        with self._transaction() as db:
            episode = self._episode(feed, guid)
            db.execute("DELETE FROM steps WHERE episode = ? AND step = ?", (episode, step.step))
            _insert_step(db, episode, step)

    def redo(self, feed: StoredFeed, guid: str, steps: Iterable[str]) -> None:
        """Have the next sync do ``steps`` again, whether they failed or not, and however long ago."""
        with self._transaction() as db:
            episode = self._episode(feed, guid)
            db.executemany(
                "UPDATE steps SET key = '' WHERE episode = ? AND step = ?",
                [(episode, step) for step in steps],
            )

    def same_audio(self, key: str) -> tuple[str, str, StoredFile] | None:
        """An audio file that was downloaded under ``key``: the feed's folder, the episode's, the file."""
        with self._understood():
            row = self._db.execute(
                f"SELECT feeds.folder, episodes.folder, {_FILE_COLUMNS} FROM steps "
                "JOIN episodes ON episodes.id = steps.episode JOIN feeds ON feeds.id = episodes.feed "
                "JOIN files ON files.episode = steps.episode AND files.step = 'download' AND position = 0 "
                "WHERE steps.step = 'download' AND steps.key = ? AND state = 'done' LIMIT 1",
                (key,),
            ).fetchone()
        return (within(row[0]), within(row[1]), StoredFile(*row[2:])) if row else None

    def inconsistency(self) -> str:
        """Why the database contradicts itself; empty if it does not."""
        results = [str(row[0]) for row in self.rows("PRAGMA integrity_check")]
        if results != ["ok"]:
            return results[0]
        orphans = self.rows("PRAGMA foreign_key_check")
        return f"{len(orphans)} rows refer to missing ones" if orphans else ""

    def rows(self, sql: str, *values: str | int) -> list[tuple[Any, ...]]:
        """Answer a question of a module of this folder; it must only read."""
        with self._understood():
            return self._db.execute(sql, values).fetchall()

    def _episode(self, feed: StoredFeed, guid: str) -> int:
        row = self._db.execute(
            "SELECT id FROM episodes WHERE feed = ? AND guid = ?", (feed.id, guid)
        ).fetchone()
        return int(row[0])

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._understood():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            finally:
                if self._db.in_transaction:  # a full disk has ended it already
                    self._db.execute("ROLLBACK")

    @contextmanager
    def _understood(self) -> Iterator[None]:
        """One thread at a time, and SQLite's errors in our words."""
        with self._lock, understood(self._path):
            yield


def _insert_step(db: sqlite3.Connection, episode: int, step: StepRecord) -> None:
    db.execute(_PUT_STEP, (episode, *map(_fit, step.to_row())))
    rows = [
        (episode, step.step, position, *map(_fit, file.to_row())) for position, file in enumerate(step.files)
    ]
    db.executemany(_PUT_FILE, rows)


def _fit(value: Any) -> Any:
    return _clean(value) if isinstance(value, str) else value


def _clean(text: str) -> str:
    """SQLite takes no lone surrogates."""
    return text.encode("utf-8", errors="replace").decode("utf-8")


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
