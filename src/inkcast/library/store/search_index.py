"""Full-text search over a library's essays and transcripts, in SQLite (FTS5).

The index is a file beside the catalogue that can be made again from the library at any time. Before each
search it takes in the episodes that have changed.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path

from inkcast.errors import LibraryError, PublishError
from inkcast.library.store.contents import contents
from inkcast.on_progress import OnProgress, tell_nobody
from inkcast.publish.search.document import Document, document_of
from inkcast.publish.search.query import Passage, Phrase, Query, find_passages, parse_query
from inkcast.publish.search.terms import terms_of
from inkcast.publish.site.source import Source
from inkcast.speech.transcript import Transcript

FILE_NAME = "search.sqlite"
VERSION = 2
"""Of the tables below; an index of another version is made anew."""

_BREAK = "\ue000"
"""A term that no text contains: phrases do not reach across it."""

_BUSY_S = 10.0
_LONGEST_SHOWN = 80
_HITS_PER_EPISODE = 3
_TABLES = f"""
CREATE TABLE documents (
    id    INTEGER PRIMARY KEY,
    path  TEXT NOT NULL UNIQUE,
    key   TEXT NOT NULL,
    words TEXT NOT NULL,
    times TEXT NOT NULL,         -- JSON: ms or null for each word
    turns TEXT NOT NULL          -- JSON: a speaker and how many words, in turn; empty if nobody is known
);
CREATE VIRTUAL TABLE terms USING fts5 (
    title, body, speakers, tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* Co'"
);
PRAGMA user_version = {VERSION};
"""
_SEARCH = """
SELECT documents.path, words, times, turns FROM terms JOIN documents ON documents.id = terms.rowid
WHERE terms MATCH ? ORDER BY bm25(terms, 5.0, 1.0, 0.0), documents.path
"""


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage: its text with spaces between words, the words (indices) that were searched for.

    ``start_ms`` is when the first of them is heard; None if nobody reads it aloud. ``speakers`` says who says
    each word, and is empty if that is not known. Where only a speaker was asked for, no word is marked.
    """

    text: str
    marked: tuple[int, ...]
    start_ms: int | None
    speakers: tuple[str, ...] = ()

    @property
    def speaker(self) -> str:
        """Who says the first word that was searched for."""
        return self.speakers[self.marked[0] if self.marked else 0] if self.speakers else ""


@dataclass(frozen=True, slots=True)
class Found:
    """An episode that answers a query; ``page`` is None if it has no reader page.

    ``hits`` is empty if only the title answers.
    """

    source: Source
    page: Path | None
    hits: tuple[Hit, ...]


def search(
    query: str,
    library: Path,
    limit: int,
    *,
    progress: OnProgress = tell_nobody,
) -> tuple[Found, ...]:
    """Find the episodes that contain all words of a query, best first.

    Args:
        query: words, ``"phrases"``, ``prefix*``, ``speaker:name``; anything else is taken as words.
        library: the folder.
        limit: how many episodes.
        progress: told how many changed episodes have been taken in.
    Raises:
        LibraryError: there is no library, or its index cannot be used.
    """
    sources = {source.path: source for source in contents(library)}
    asked = parse_query(query)
    path = library / FILE_NAME
    with _understood(path), closing(_open(path)) as db:
        _update(db, sources, progress)
        if not asked.phrases and not asked.speakers:
            return ()
        rows = db.execute(_SEARCH, (_expression(asked),))
        return tuple(islice(_answers(rows, asked, sources), limit))


def _answers(
    rows: Iterable[tuple[str, str, str, str]], asked: Query, sources: Mapping[str, Source]
) -> Iterator[Found]:
    for name, words, times, turns in rows:
        document = Document(
            tuple(words.split(" ")) if words else (),
            tuple(json.loads(times)),
            tuple(speaker for speaker, count in json.loads(turns) for _ in range(count)),
        )
        passages = find_passages(document, asked, _HITS_PER_EPISODE)
        if passages or not asked.speakers:
            hits = tuple(_hit(document, passage) for passage in passages)
            yield Found(sources[name], sources[name].page, hits)


def _expression(asked: Query) -> str:
    """Terms are letters and digits alone, so that quotes keep them from meaning anything to FTS5."""

    def joined(phrases: Sequence[Phrase], word: str) -> str:
        quoted = (f'"{" ".join(phrase.terms)}"{"*" if phrase.prefix else ""}' for phrase in phrases)
        return word.join(quoted)

    parts = []
    if asked.phrases:
        parts.append(f"{{title body}} : ({joined(asked.phrases, ' AND ')})")
    if asked.speakers:
        parts.append(f"speakers : ({joined(asked.speakers, ' OR ')})")
    return " AND ".join(parts)


def _hit(document: Document, passage: Passage) -> Hit:
    marked = tuple(word - passage.start for word in passage.hits)
    text = " ".join(map(_shown, document.words[passage.start : passage.end]))
    speakers = document.speakers[passage.start : passage.end]
    return Hit(text, marked, document.times[passage.at], speakers)


def _shown(word: str) -> str:
    return word if len(word) <= _LONGEST_SHOWN else f"{word[:_LONGEST_SHOWN]}…"


def _open(path: Path) -> sqlite3.Connection:
    """The index; made anew if it is damaged or of another version. It holds nothing of its own."""
    with suppress(sqlite3.DatabaseError):
        db = _connect(path)
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version == VERSION:
            return db
        if version == 0 and not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            db.executescript(f"BEGIN; {_TABLES} COMMIT;")
            return db
        db.close()
    path.unlink(missing_ok=True)
    db = _connect(path)
    db.executescript(f"BEGIN; {_TABLES} COMMIT;")
    return db


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)


def _update(db: sqlite3.Connection, sources: dict[str, Source], progress: OnProgress) -> None:
    """Take in what is new or changed, and forget what is gone."""
    keys = {path: f"{source.key} {source.title}" for path, source in sources.items()}
    known: dict[str, tuple[int, str]] = {
        path: (id_, key) for id_, path, key in db.execute("SELECT id, path, key FROM documents")
    }
    changed = [path for path, key in keys.items() if known.get(path, (0, ""))[1] != key]
    stale = [id_ for path, (id_, _) in known.items() if path not in keys or path in changed]
    if not changed and not stale:
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        for id_ in stale:
            db.execute("DELETE FROM terms WHERE rowid = ?", (id_,))
            db.execute("DELETE FROM documents WHERE id = ?", (id_,))
        for index, path in enumerate(changed):
            progress(index, len(changed))
            _add(db, sources[path], keys[path])
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


def _add(db: sqlite3.Connection, source: Source, key: str) -> None:
    try:
        content = source.read()
    except PublishError:
        return  # damaged: found again once a sync has mended it
    document = document_of(content if isinstance(content, Transcript) else content[1])
    body = " ".join(term or _BREAK for term, _ in document.tokens())
    turns = [(name, len(list(run))) for name, run in groupby(document.speakers)]
    cursor = db.execute(
        "INSERT INTO documents (path, key, words, times, turns) VALUES (?, ?, ?, ?, ?)",
        (source.path, key, " ".join(document.words), json.dumps(document.times), json.dumps(turns)),
    )
    title = " ".join(terms_of(source.title))
    names = f" {_BREAK} ".join(" ".join(terms_of(name)) for name in dict.fromkeys(document.speakers))
    db.execute(
        "INSERT INTO terms (rowid, title, body, speakers) VALUES (?, ?, ?, ?)",
        (cursor.lastrowid, title, body, names),
    )


@contextmanager
def _understood(path: Path) -> Iterator[None]:
    """SQLite's errors in our words."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise LibraryError(
            f"The search index {path} cannot be used: {error}.",
            "Check the disk and the folder's permissions, or delete the file: it is made again.",
        ) from error
