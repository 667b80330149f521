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
PRAGMA application_id = 0x496E6B63;
PRAGMA user_version = 2;
