"""The search index as small scripts, each loaded only when a search needs it.

Pages opened as files may not fetch other files, but they may load scripts: each shard is a call of
``inkcastShard(name, data)``, a function of ``search.js``.

- ``search/terms-<start>.js``: in which episodes the terms with that start occur, and how much there; those of
  speakers' names have an "@" before them
- ``search/episodes-<n>.js``: the paths of ``EPISODES_PER_SHARD`` episodes, by number
- ``search/index.js``: which shards there are
- ``<episode>/search.js``: an episode's title and text, with the time of each word
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from inkcast.errors import PublishError
from inkcast.files import digest
from inkcast.publish.search.document import Document
from inkcast.publish.search.terms import terms_of
from inkcast.publish.site.manifest import Entry
from inkcast.shape import MISSHAPEN

EPISODES_PER_SHARD = 256
LARGEST_SHARD = 60_000
"""Characters; a larger one is cut by one more letter of its terms."""

SPEAKER = "@"
"""Stands before a term of a speaker's name, so that no word of the text is taken for one."""

_LONGEST_START = 30
"""So that a shard's name is a file's name."""

_SHARD = re.compile(r"\AinkcastShard\((.*)\);\n\Z", re.DOTALL)
_MIDDLE_LENGTH = 1_500  # words
_TITLE_WEIGHT = 5

Postings = dict[str, list[int]]
"""By term: the number of an episode (less the one before it) and the term's weight there, in turn."""


def episode_shard(entry: Entry, document: Document) -> str:
    """What a result shows, and what a phrase is looked up in.

    Times are in tenths of a second, turns a speaker and how many words; none if nobody is known.
    """
    times = [None if ms is None else ms // 100 for ms in document.times]
    data = {
        "title": entry.title,
        "show": entry.show,
        "published": entry.published[:10],
        "words": " ".join(document.words),
        "times": times,
        "turns": [[name, len(list(run))] for name, run in groupby(document.speakers)],
    }
    return _script(entry.path, data)


def read_episode_shard(path: Path) -> tuple[str, Document]:
    """Title and text from a shard. Raises PublishError."""
    try:
        script = path.read_text(encoding="utf-8")
        _, data = json.loads(_SHARD.sub(r"[\1]", script))
        times = tuple(None if tenths is None else tenths * 100 for tenths in data["times"])
        words = tuple(data["words"].split(" ")) if data["words"] else ()
        speakers = tuple(name for name, count in data.get("turns", ()) for _ in range(count))
        return data["title"], Document(words, times, speakers)
    except MISSHAPEN as error:
        raise PublishError(
            f"Cannot read {path}: {error!r}.", "Remove the site's folder, and publish it again."
        ) from error


def index_shards(site: Path, entries: Iterable[Entry]) -> dict[str, str]:
    """All shards but the episodes' own, by their path within the site. Raises PublishError."""
    ordered = sorted(entries, key=lambda entry: entry.number)
    postings: Postings = {}
    last: dict[str, int] = {}
    for entry in ordered:
        title, document = read_episode_shard(site / entry.path / "search.js")
        for term, weight in _weights(title, document).items():
            postings.setdefault(term, []).extend((entry.number - last.get(term, 0), weight))
            last[term] = entry.number
    shards = {f"terms-{_file_name(start)}": (start, part) for start, part in _cut("", postings)}
    files = {f"search/{name}.js": _script(name, part) for name, (_, part) in shards.items()}
    digests = {start: [name, digest(files[f"search/{name}.js"])[:8]] for name, (start, _) in shards.items()}
    groups: dict[int, dict[int, list[str]]] = {}
    for entry in ordered:
        group = groups.setdefault(entry.number // EPISODES_PER_SHARD, {})
        group[entry.number] = [entry.path, entry.key[:8]]
    episodes = {}
    for number, group in groups.items():
        name = f"episodes-{number}"
        files[f"search/{name}.js"] = _script(name, group)
        episodes[number] = [name, digest(files[f"search/{name}.js"])[:8]]
    data = {"count": len(ordered), "group": EPISODES_PER_SHARD, "terms": digests, "episodes": episodes}
    return files | {"search/index.js": _script("index", data)}


def _weights(title: str, document: Document) -> dict[str, int]:
    """How much each term says about an episode, 1 to 220 (Okapi BM25 without the rarity of the term)."""
    counts = Counter(term for term, _ in document.tokens() if term)
    for term in terms_of(title):
        counts[term] += _TITLE_WEIGHT
    for term in {term for name in set(document.speakers) for term in terms_of(name)}:
        counts[f"{SPEAKER}{term}"] = 1
    length = 0.25 + 0.75 * len(document.words) / _MIDDLE_LENGTH
    return {term: max(1, round(220 * n / (n + 1.2 * length))) for term, n in counts.items()}


def _cut(start: str, postings: Mapping[str, list[int]]) -> Iterable[tuple[str, Postings]]:
    """Shards by the start of their terms; the longest start that fits a term is its shard's."""
    size = sum(4 * len(numbers) + len(term) for term, numbers in postings.items())
    if (start and size <= LARGEST_SHARD) or len(start) == _LONGEST_START:
        yield start, dict(sorted(postings.items()))
        return
    own = {term: numbers for term, numbers in postings.items() if term == start}
    if own:
        yield start, own
    groups: dict[str, Postings] = {}
    for term, numbers in postings.items():
        if term != start:
            groups.setdefault(term[: len(start) + 1], {})[term] = numbers
    for longer, group in sorted(groups.items()):
        yield from _cut(longer, group)


def _file_name(start: str) -> str:
    """Safe on every file system, and different for different starts."""
    plain = re.fullmatch(r"[a-z0-9]+", start)
    return start if plain else "_" + "-".join(f"{ord(char):x}" for char in start)


def _script(name: str, data: Any) -> str:
    return f"inkcastShard({_json(name)},{_json(data)});\n"


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
