"""The names that a feed's essays write: what is heard without one speaks of the same people and things."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from inkcast.essays.essay import Block, Essay
from inkcast.feeds.content import plain_text
from inkcast.feeds.episode import Episode
from inkcast.publish.episode_files import ESSAY
from inkcast.shape import MISSHAPEN
from inkcast.wording.vocabulary import NameCounts, count_names, names_of


def archive_names(feed_folder: Path, episode: Episode) -> tuple[str, ...]:
    """Names as the feed's essays that the library has by now and the episode's show notes write them."""
    return names_of([*_of_essays(feed_folder), *_of_show_notes(episode)])


def _of_essays(feed_folder: Path) -> Iterator[NameCounts]:
    for path in sorted(feed_folder.glob(f"*/*{ESSAY}")):
        try:
            known = path.stat()
            yield _counted(path, known.st_mtime_ns, known.st_size)
        except (OSError, *MISSHAPEN):  # whoever needs that essay will say so
            continue


@cache
def _counted(path: Path, changed_ns: int, size: int) -> NameCounts:
    """A sync with many interviews counts each essay once."""
    return count_names(Essay.from_json(json.loads(path.read_text(encoding="utf-8"))))


def _of_show_notes(episode: Episode) -> Iterator[NameCounts]:
    for markup in filter(None, {episode.summary, episode.content_html}):
        if text := plain_text(markup):
            yield count_names(Essay("", (Block("paragraph", text),)))
