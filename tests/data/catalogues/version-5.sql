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
    id          INTEGER PRIMARY KEY,
    feed        INTEGER NOT NULL REFERENCES feeds ON DELETE CASCADE,
    guid        TEXT NOT NULL,
    title       TEXT NOT NULL,
    published   TEXT,
    folder      TEXT NOT NULL,
    audio       TEXT NOT NULL DEFAULT '',  -- digests of addresses
    link        TEXT NOT NULL DEFAULT '',
    place       INTEGER,                   -- in its feed when that was last read, newest first; NULL: gone
    settled     TEXT NOT NULL DEFAULT '',  -- digest of all under which nothing was left to do
    UNIQUE (feed, guid),
    UNIQUE (feed, folder)
);
CREATE TABLE steps (
    episode      INTEGER NOT NULL REFERENCES episodes ON DELETE CASCADE,
    step         TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('done', 'failed', 'skipped')),
    key          TEXT NOT NULL,
    result       TEXT NOT NULL,
    reason       TEXT NOT NULL,
    attempts     INTEGER NOT NULL,
    seconds      REAL NOT NULL,
    finished_at  TEXT NOT NULL,
    next_attempt TEXT,                        -- of what failed; NULL: when what goes in has changed
    audio_ms     INTEGER NOT NULL DEFAULT 0,  -- how much a transcription heard
    doubts       INTEGER NOT NULL DEFAULT 0,  -- places of an alignment that a person should look at
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
CREATE INDEX same_audio ON steps (key) WHERE step = 'download';
CREATE INDEX doubtful ON steps (doubts) WHERE doubts > 0;
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
PRAGMA application_id = 0x496E6B63;
PRAGMA user_version = 5;
