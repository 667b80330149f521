"""The names that a feed's essays write: what is heard without one speaks of the same people and things."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from inkcast.corrections.corrections_file import CORRECTIONS, read_corrections
from inkcast.errors import CorrectionsError
from inkcast.essays.essay import Block, Essay
from inkcast.feeds.content import plain_text
from inkcast.feeds.episode import Episode
from inkcast.publish.episode_files import ESSAY, corrected_essay_path
from inkcast.shape import MISSHAPEN
from inkcast.wording.vocabulary import NameCounts, count_names, names_of


def archive_names(feed_folder: Path, episode: Episode) -> tuple[str, ...]:
    """Names as the feed's essays that the library has by now and the episode's show notes write them.

    Where a person has corrected an essay, or what was said in it, their spelling counts.
    """
    return names_of([*_of_essays(feed_folder), *_of_corrections(feed_folder), *_of_show_notes(episode)])


def _of_essays(feed_folder: Path) -> Iterator[NameCounts]:
    for path in sorted(feed_folder.glob(f"*/*{ESSAY}")):
        try:
            essay = corrected_essay_path(path.with_name(path.name.removesuffix(ESSAY)))
            known = essay.stat()
            yield _counted(essay, known.st_mtime_ns, known.st_size)
        except (OSError, *MISSHAPEN):  # whoever needs that essay will say so
            continue


def _of_corrections(feed_folder: Path) -> Iterator[NameCounts]:
    for path in sorted(feed_folder.glob(f"*/*{CORRECTIONS}")):
        try:
            made = read_corrections(path)
        except CorrectionsError:  # whoever needs them will say so
            continue
        for correction in made:
            if correction.kind in ("said instead", "extra speech") and correction.text:
                anchor = correction.anchor
                text = f"{anchor.before} {correction.text} {anchor.after}".strip()
                yield count_names(Essay("", (Block("paragraph", text),)))


@cache
def _counted(path: Path, changed_ns: int, size: int) -> NameCounts:
    """A sync with many interviews counts each essay once."""
    return count_names(Essay.from_json(json.loads(path.read_text(encoding="utf-8"))))


def _of_show_notes(episode: Episode) -> Iterator[NameCounts]:
    for markup in filter(None, {episode.summary, episode.content_html}):
        if text := plain_text(markup):
            yield count_names(Essay("", (Block("paragraph", text),)))
