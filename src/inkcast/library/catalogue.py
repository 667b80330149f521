"""The library's memory: feeds, episodes, steps and files, in one SQLite file. All SQL is here."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType

from inkcast.errors import InkcastError, LibraryError, StorageError
from inkcast.feeds.identity import Traits
from inkcast.library.record import StepRecord, StoredFile

FILE_NAME = "catalogue.sqlite"
VERSION = 2
"""Of the tables below, kept in SQLite's ``user_version``."""

_APPLICATION = 0x496E6B63  # "Inkc", in SQLite's application_id
_BUSY_S = 10.0
_TABLES = """
CREATE TABLE feeds (
    id      INTEGER PRIMARY KEY,
    address TEXT NOT NULL UNIQUE,  -- a digest: addresses carry passwords and tokens
    source  TEXT NOT NULL,         -- the address as it may be shown
    title   TEXT NOT NULL,
    folder  TEXT NOT NULL UNIQUE
);
CREATE TABLE addresses (        -- others that lead to a feed, before it moved and after
    address TEXT PRIMARY KEY,
    feed    INTEGER NOT NULL REFERENCES feeds ON DELETE CASCADE
);
CREATE TABLE episodes (
    id        INTEGER PRIMARY KEY,
    feed      INTEGER NOT NULL REFERENCES feeds ON DELETE CASCADE,
    guid      TEXT NOT NULL,
    title     TEXT NOT NULL,
    published TEXT,
    folder    TEXT NOT NULL,
    audio     TEXT NOT NULL DEFAULT '',  -- digests of addresses
    link      TEXT NOT NULL DEFAULT '',
    UNIQUE (feed, guid),
    UNIQUE (feed, folder)
);
CREATE TABLE steps (
    episode     INTEGER NOT NULL REFERENCES episodes ON DELETE CASCADE,
    step        TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('done', 'failed', 'skipped')),
    key         TEXT NOT NULL,
    result      TEXT NOT NULL,
    reason      TEXT NOT NULL,
    attempts    INTEGER NOT NULL,
    seconds     REAL NOT NULL,
    finished_at TEXT NOT NULL,
    PRIMARY KEY (episode, step)
) WITHOUT ROWID;
CREATE TABLE files (
    episode  INTEGER NOT NULL,
    step     TEXT NOT NULL,
    position INTEGER NOT NULL,
    name     TEXT NOT NULL,
    size     INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    sha256   TEXT NOT NULL,
    PRIMARY KEY (episode, step, position),
    FOREIGN KEY (episode, step) REFERENCES steps ON DELETE CASCADE
) WITHOUT ROWID;
"""
_UPGRADES = {
    1: """
CREATE TABLE addresses (
    address TEXT PRIMARY KEY,
    feed    INTEGER NOT NULL REFERENCES feeds ON DELETE CASCADE
);
ALTER TABLE episodes ADD COLUMN audio TEXT NOT NULL DEFAULT '';
ALTER TABLE episodes ADD COLUMN link TEXT NOT NULL DEFAULT '';
""",
}
"""From each version to the next."""
_STATES = """
SELECT episodes.feed,
       CASE WHEN EXISTS (SELECT 1 FROM steps WHERE episode = episodes.id AND state = 'failed') THEN 'failed'
            WHEN EXISTS (SELECT 1 FROM steps WHERE episode = episodes.id AND step = 'publish') THEN 'done'
            ELSE 'pending' END AS state,
       count(*)
FROM episodes GROUP BY 1, 2
"""
_BYTES = "SELECT feed, sum(size) FROM files JOIN episodes ON episodes.id = files.episode GROUP BY feed"
_FAILURES = """
SELECT feed, guid, title, step, reason, attempts, finished_at
FROM steps JOIN episodes ON episodes.id = steps.episode
WHERE state = 'failed' ORDER BY published DESC, episodes.id, finished_at
"""


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
class FailedStep:
    """A step that failed, last at ``finished_at`` (ISO 8601, UTC)."""

    guid: str
    title: str
    step: str
    reason: str
    attempts: int
    finished_at: str


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """A feed and how far its episodes are; ``size`` is bytes of all their files."""

    feed: StoredFeed
    done: int
    failed: int
    pending: int
    size: int
    failures: tuple[FailedStep, ...]


class Catalogue:
    """An open catalogue; use it as a context manager.

    Args:
        path: the SQLite file; made when missing.
        in_memory: work on a copy that is forgotten in the end.
    Raises:
        LibraryError: it is no catalogue, is damaged, or a newer Inkcast made it; it stays untouched.
        StorageError: the disk refuses.
    """

    def __init__(self, path: Path, *, in_memory: bool = False) -> None:
        self._path = path
        with self._understood():
            self._db = _connect(":memory:" if in_memory else path)
        try:
            if in_memory and path.exists():
                self._copy()
            self._prepare()
        except InkcastError:
            self._db.close()
            raise

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

    def put_addresses(self, feed: StoredFeed, addresses: Sequence[str]) -> None:
        """Remember more addresses that lead to the feed."""
        with self._transaction() as db:
            db.executemany(
                "INSERT OR IGNORE INTO addresses SELECT ?1, ?2 "
                "WHERE NOT EXISTS (SELECT 1 FROM feeds WHERE address = ?1)",
                [(address, feed.id) for address in addresses],
            )

    def feed_folders(self) -> dict[str, str]:
        """Each feed's folder by its address."""
        with self._understood():
            return dict(self._db.execute("SELECT address, folder FROM feeds ORDER BY id").fetchall())

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
                "SELECT step, state, key, result, reason, attempts, seconds, finished_at FROM steps "
                "WHERE episode = ?",
                (episode,),
            ).fetchall()
        return {
            step: StepRecord(
                *(step, state, key, result, reason, attempts, seconds, datetime.fromisoformat(at)),
                files=tuple(files.get(step, ())),
            )
            for step, state, key, result, reason, attempts, seconds, at in rows
        }

    def record(self, feed: StoredFeed, guid: str, step: StepRecord) -> None:
        """Remember how a step ended, in place of what was known of it."""
        with self._transaction() as db:
            episode = self._episode(feed, guid)
            db.execute("DELETE FROM steps WHERE episode = ? AND step = ?", (episode, step.step))
            db.execute(
                "INSERT INTO steps VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(episode, step.step, step.state, step.key, step.result, _clean(step.reason)),
                    *(step.attempts, step.seconds, step.finished_at.isoformat(timespec="seconds")),
                ),
            )
            db.executemany(
                "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (episode, step.step, position, file.name, file.size, file.mtime_ns, file.sha256)
                    for position, file in enumerate(step.files)
                ],
            )

    def status(self) -> tuple[FeedStatus, ...]:
        """Every feed with its counts and failures, in the order they were added."""
        with self._understood():
            feeds = self._db.execute("SELECT id, source, title, folder FROM feeds ORDER BY id").fetchall()
            counts = {(feed, state): count for feed, state, count in self._db.execute(_STATES)}
            sizes: dict[int, int] = dict(self._db.execute(_BYTES).fetchall())
            failures: dict[int, list[FailedStep]] = {}
            for feed, *rest in self._db.execute(_FAILURES):
                failures.setdefault(feed, []).append(FailedStep(*rest))
        return tuple(
            FeedStatus(
                feed=StoredFeed(id_, *rest),
                done=counts.get((id_, "done"), 0),
                failed=counts.get((id_, "failed"), 0),
                pending=counts.get((id_, "pending"), 0),
                size=sizes.get(id_, 0),
                failures=tuple(failures.get(id_, ())),
            )
            for id_, *rest in feeds
        )

    def _episode(self, feed: StoredFeed, guid: str) -> int:
        row = self._db.execute(
            "SELECT id FROM episodes WHERE feed = ? AND guid = ?", (feed.id, guid)
        ).fetchone()
        return int(row[0])

    def _copy(self) -> None:
        with self._understood(), closing(_connect(self._path)) as original:
            original.backup(self._db)

    def _prepare(self) -> None:
        with self._understood():
            version, application = (self._pragma("user_version"), self._pragma("application_id"))
            tables = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if tables and application != _APPLICATION:
            raise LibraryError(f"{self._path} was not made by Inkcast.", "Choose another folder.")
        if version > VERSION:
            raise LibraryError(
                f"A newer Inkcast made the library {self._path.parent}: its catalogue has version {version}, "
                f"this one knows {VERSION}.",
                "Update Inkcast. Nothing was changed.",
            )
        with self._understood():
            self._db.execute("PRAGMA foreign_keys = ON")
            if not tables:
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.executescript(
                    f"BEGIN; {_TABLES} PRAGMA application_id = {_APPLICATION}; "
                    f"PRAGMA user_version = {VERSION}; COMMIT;"
                )
            elif version < VERSION:
                upgrades = "".join(_UPGRADES[older] for older in range(version, VERSION))
                self._db.executescript(f"BEGIN; {upgrades} PRAGMA user_version = {VERSION}; COMMIT;")

    def _pragma(self, name: str) -> int:
        return int(self._db.execute(f"PRAGMA {name}").fetchone()[0])

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
        """SQLite's errors in our words."""
        try:
            yield
        except sqlite3.Error as error:
            raise _explain(self._path, error) from error


def _connect(path: Path | str) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)


def _explain(path: Path, error: sqlite3.Error) -> InkcastError:
    code = (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF  # the low byte is the primary code
    if code == sqlite3.SQLITE_FULL:
        return StorageError(
            f"Cannot write {path}: the disk is full.", "Free some space and run the command again."
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM):
        return StorageError(f"Cannot use {path}: {error}.", "Check the disk and the folder's permissions.")
    if code == sqlite3.SQLITE_BUSY:
        return LibraryError(f"Another program is using {path}.", "Wait for it, and run the command again.")
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return LibraryError(
            f"{path} is damaged: {error}.",
            "Restore it from a backup, or move it away: the next sync makes a new one.",
        )
    return LibraryError(f"The catalogue {path} does not work: {error}.", "Is this a library of Inkcast?")


def _clean(text: str) -> str:
    """SQLite takes no lone surrogates."""
    return text.encode("utf-8", errors="replace").decode("utf-8")


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
