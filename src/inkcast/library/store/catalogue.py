"""The library's memory: feeds, episodes, steps and files, in one SQLite file."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from inkcast.feeds.identity import Traits
from inkcast.feeds.validators import Validators
from inkcast.library.store.record import StepRecord, StoredFile
from inkcast.library.store.schema import open_database, understood

_STEP_COLUMNS = "step, state, key, result, reason, attempts, seconds, finished_at, next_attempt, audio_ms"


@dataclass(frozen=True, slots=True)
class StoredFeed:
    """A feed; ``source`` hides secrets, ``folder`` is within the library."""

    id: int
    source: str
    title: str
    folder: str


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
        return dict(self.rows("SELECT address, folder FROM feeds ORDER BY id"))

    def episode_folders(self, feed: StoredFeed) -> dict[str, str]:
        """Each of the feed's episodes' folder by its guid, in the order they were added."""
        with self._understood():
            rows = self._db.execute(
                "SELECT guid, folder FROM episodes WHERE feed = ? ORDER BY id", (feed.id,)
            ).fetchall()
        return dict(rows)

    def episode_traits(self, feed: StoredFeed) -> tuple[Traits, ...]:
        """What each of the feed's episodes is known by."""
        with self._understood():
            rows = self._db.execute(
                "SELECT guid, title, published, audio, link FROM episodes WHERE feed = ? ORDER BY id",
                (feed.id,),
            ).fetchall()
        return tuple(
            Traits(guid, title, datetime.fromisoformat(published) if published else None, audio, link)
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

    def mark_up_to_date(self, feed: StoredFeed, guids: Iterable[str], key: str) -> None:
        """Remember that nothing is left to do for episodes, as long as all that went into ``key`` stays.

        Whatever happens to their steps takes that away.
        """
        with self._transaction() as db:
            db.executemany(
                "UPDATE episodes SET settled = ? WHERE feed = ? AND guid = ?",
                [(key, feed.id, guid) for guid in guids],
            )

    def steps(self, feed: StoredFeed, guid: str) -> dict[str, StepRecord]:
        """The steps that an episode has gone through, by name."""
        with self._understood():
            episode = self._episode(feed, guid)
            files: dict[str, list[StoredFile]] = {}
            for step, *file in self._db.execute(
                "SELECT step, name, size, mtime_ns, sha256 FROM files WHERE episode = ? ORDER BY position",
                (episode,),
            ):
                files.setdefault(step, []).append(StoredFile(*file))
            rows = self._db.execute(
                f"SELECT {_STEP_COLUMNS} FROM steps WHERE episode = ?", (episode,)
            ).fetchall()
        return {row[0]: _step_of(row, files.get(row[0], ())) for row in rows}

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
                "SELECT feeds.folder, episodes.folder, name, size, mtime_ns, sha256 FROM steps "
                "JOIN episodes ON episodes.id = steps.episode JOIN feeds ON feeds.id = episodes.feed "
                "JOIN files ON files.episode = steps.episode AND files.step = 'download' AND position = 0 "
                "WHERE steps.step = 'download' AND steps.key = ? AND state = 'done' LIMIT 1",
                (key,),
            ).fetchone()
        return (row[0], row[1], StoredFile(*row[2:])) if row else None

    def rows(self, sql: str, *values: str | int) -> list[tuple[Any, ...]]:
        """Answer a question about everything; it must only read."""
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
    db.execute(
        f"INSERT INTO steps (episode, {_STEP_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(episode, step.step, step.state, step.key, step.result, _clean(step.reason)),
            *(step.attempts, step.seconds, step.finished_at.isoformat(timespec="seconds")),
            *(_iso(step.next_attempt), step.audio_ms),
        ),
    )
    db.executemany(
        "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (episode, step.step, position, file.name, file.size, file.mtime_ns, file.sha256)
            for position, file in enumerate(step.files)
        ],
    )


def _step_of(row: Sequence[Any], files: Iterable[StoredFile]) -> StepRecord:
    step, state, key, result, reason, attempts, seconds, finished_at, next_attempt, audio_ms = row
    return StepRecord(
        *(step, state, key, result, reason, attempts, seconds),
        finished_at=datetime.fromisoformat(finished_at),
        files=tuple(files),
        next_attempt=datetime.fromisoformat(next_attempt) if next_attempt else None,
        audio_ms=audio_ms,
    )


def _clean(text: str) -> str:
    """SQLite takes no lone surrogates."""
    return text.encode("utf-8", errors="replace").decode("utf-8")


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
