"""The tables of a catalogue, the versions they went through, and SQLite's errors in our words."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from inkcast.errors import InkcastError, LibraryError, StorageError

FILE_NAME = "catalogue.sqlite"

_APPLICATION = 0x496E6B63  # "Inkc", in SQLite's application_id
_BUSY_S = 10.0
_UPGRADES = (
    """
CREATE TABLE feeds (
    id      INTEGER PRIMARY KEY,
    address TEXT NOT NULL UNIQUE,  -- a digest: addresses carry passwords and tokens
    source  TEXT NOT NULL,         -- the address as it may be shown
    title   TEXT NOT NULL,
    folder  TEXT NOT NULL UNIQUE
);
CREATE TABLE episodes (
    id        INTEGER PRIMARY KEY,
    feed      INTEGER NOT NULL REFERENCES feeds ON DELETE CASCADE,
    guid      TEXT NOT NULL,
    title     TEXT NOT NULL,
    published TEXT,
    folder    TEXT NOT NULL,
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
""",
    """
CREATE TABLE addresses (  -- others that lead to a feed, before it moved and after
    address TEXT PRIMARY KEY,
    feed    INTEGER NOT NULL REFERENCES feeds ON DELETE CASCADE
);
ALTER TABLE episodes ADD COLUMN audio TEXT NOT NULL DEFAULT '';  -- as link, a digest of an address
ALTER TABLE episodes ADD COLUMN link TEXT NOT NULL DEFAULT '';
""",
    """
ALTER TABLE steps ADD COLUMN next_attempt TEXT;  -- of what failed; NULL: when an input has changed
ALTER TABLE steps ADD COLUMN audio_ms INTEGER NOT NULL DEFAULT 0;  -- how much was transcribed
CREATE INDEX same_audio ON steps (key) WHERE step = 'download';
""",
    """
ALTER TABLE episodes ADD COLUMN place INTEGER;  -- in its feed at the last reading, newest first; NULL: gone
ALTER TABLE episodes ADD COLUMN settled TEXT NOT NULL DEFAULT '';  -- key under which it is up to date
CREATE TABLE readings (              -- how each feed was when it was last read, by the address asked for
    address       TEXT PRIMARY KEY,  -- a digest
    feed          INTEGER NOT NULL REFERENCES feeds ON DELETE CASCADE,
    sha256        TEXT NOT NULL,     -- of its bytes, which hold secrets and are not kept
    etag          TEXT NOT NULL,
    last_modified TEXT NOT NULL
);
CREATE TRIGGER step_added AFTER INSERT ON steps
BEGIN UPDATE episodes SET settled = '' WHERE id = new.episode AND settled <> ''; END;
CREATE TRIGGER step_changed AFTER UPDATE ON steps
BEGIN UPDATE episodes SET settled = '' WHERE id = new.episode AND settled <> ''; END;
CREATE TRIGGER step_removed AFTER DELETE ON steps
BEGIN UPDATE episodes SET settled = '' WHERE id = old.episode AND settled <> ''; END;
""",
    """
ALTER TABLE steps ADD COLUMN doubts INTEGER NOT NULL DEFAULT 0;  -- places that a person should look at
CREATE INDEX doubtful ON steps (doubts) WHERE doubts > 0;
""",
)
"""From each version to the next, beginning with an empty database. Those that were released never change."""

VERSION = len(_UPGRADES)
"""Of the tables, kept in SQLite's ``user_version``."""


class DamagedCatalogueError(LibraryError):
    """A catalogue that SQLite cannot read: it can be made again from the folders."""


def require_catalogue(library: Path) -> Path:
    """The catalogue of a library that exists. Raises LibraryError."""
    path = library / FILE_NAME
    if not path.is_file():
        raise LibraryError(
            f"There is no library in {library}.", f"Make one: inkcast sync FEED --library {library}"
        )
    return path


def open_database(path: Path, *, in_memory: bool = False) -> sqlite3.Connection:
    """Connect to a catalogue, which is made when missing and brought up to this version.

    Args:
        path: the SQLite file.
        in_memory: work on a copy that is forgotten in the end; ``path`` may be on a disk that cannot be
            written.
    Raises:
        LibraryError: it is no catalogue, is damaged, or a newer Inkcast made it; it stays untouched.
        StorageError: the disk refuses.
    """
    with understood(path):
        db = _connect(":memory:" if in_memory else path)
    try:
        if in_memory and path.exists():
            _copy(path, db)
        _prepare(path, db)
    except InkcastError:
        db.close()
        raise
    return db


@contextmanager
def understood(path: Path) -> Iterator[None]:
    """SQLite's errors in our words."""
    try:
        yield
    except sqlite3.Error as error:
        raise _explain(path, error) from error


def _connect(path: Path | str) -> sqlite3.Connection:
    # Several threads use it, one at a time: the catalogue sees to that.
    return sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False, uri=True)


def _copy(path: Path, db: sqlite3.Connection) -> None:
    uri, log = path.resolve().as_uri(), path.with_name(path.name + "-wal")
    # Without a log nobody is writing; and SQLite would leave an empty one behind.
    mode = "mode=ro" if log.exists() else "mode=ro&immutable=1"
    try:
        with closing(_connect(f"{uri}?{mode}")) as original:
            original.backup(db)
    except sqlite3.OperationalError:
        # On a disk that cannot be written SQLite misses its lock files; nobody else writes there either.
        with understood(path):
            _copy_elsewhere([file for file in (path, log) if file.exists()], db)
    except sqlite3.Error as error:
        raise _explain(path, error) from error


def _copy_elsewhere(files: Sequence[Path], db: sqlite3.Connection) -> None:
    with TemporaryDirectory() as folder:
        copies = [shutil.copy(file, folder) for file in files]
        with closing(_connect(Path(copies[0]))) as original:
            original.backup(db)


def _prepare(path: Path, db: sqlite3.Connection) -> None:
    with understood(path):
        version, application = _pragma(db, "user_version"), _pragma(db, "application_id")
        tables = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if tables and application != _APPLICATION:
        raise LibraryError(f"{path} was not made by Inkcast.", "Choose another folder.")
    if version > VERSION:
        raise LibraryError(
            f"A newer Inkcast made the library {path.parent}: its catalogue has version {version}, "
            f"this one reads up to {VERSION}.",
            "Update Inkcast. Nothing was changed.",
        )
    with understood(path):
        db.execute("PRAGMA foreign_keys = ON")
        # With a write-ahead log this loses no commit when we are killed, and breaks nothing when the power
        # fails; it saves waiting for the disk after each step.
        db.execute("PRAGMA synchronous = NORMAL")
        if not tables:
            version = 0
            db.execute("PRAGMA journal_mode = WAL")
        if version < VERSION:
            db.executescript(
                f"BEGIN; {''.join(_UPGRADES[version:])} PRAGMA application_id = {_APPLICATION}; "
                f"PRAGMA user_version = {VERSION}; COMMIT;"
            )


def _pragma(db: sqlite3.Connection, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])


def _explain(path: Path, error: sqlite3.Error) -> InkcastError:
    code = (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF  # the low byte is the primary code
    if code == sqlite3.SQLITE_FULL:
        return StorageError(
            f"Cannot write {path}: the disk is full.", "Free some space and run the command again."
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM):
        return StorageError(
            f"Cannot use {path}: {error}.", "Check the disk's free space and the folder's permissions."
        )
    if code == sqlite3.SQLITE_BUSY:
        return LibraryError(f"Another program is using {path}.", "Wait for it, and run the command again.")
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return DamagedCatalogueError(
            f"{path} is damaged: {error}.",
            "Restore it from a backup, or rebuild it from the folders: inkcast library check --repair.",
        )
    return LibraryError(f"The catalogue {path} does not work: {error}.", "Is this an Inkcast library?")
