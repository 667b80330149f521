"""Chapters from an essay's headings, and the JSON that podcast apps read.

Source: https://github.com/Podcastindex-org/podcast-namespace/blob/main/chapters/jsonChapters.md
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from inkcast.alignment.alignment import Alignment
from inkcast.publish.sections import headed_sections, reading_of
from inkcast.publish.sentences import LONGEST_NAME, essay_title, length_ms
from inkcast.publish.words import clean_text
from inkcast.timecode import ms_to_seconds

LEAST_TITLE_MS = 10_000
"""A title that is only read out before the first heading is no chapter."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of a recording; ``title`` is on one line, and never empty."""

    start_ms: int
    end_ms: int
    title: str


def chapters_of(alignment: Alignment) -> tuple[Chapter, ...]:
    """Chapters in the order in which they are read.

    They follow each other without gaps from the start of the recording to its end, as players expect: what
    is said before the title belongs to the first one. Sections that nobody reads have none; an essay
    without headings has one, with its title.
    """
    starts = sorted(_starts(alignment), key=lambda chapter: chapter.start_ms)
    if len(starts) > 1 and _is_only_title(alignment, starts[0], starts[1]):
        del starts[0]
    end_ms = length_ms(alignment)
    starts = [replace(chapter, start_ms=chapter.start_ms if at else 0) for at, chapter in enumerate(starts)]
    edges = [*(chapter.start_ms for chapter in starts), end_ms]
    chapters = (
        Chapter(start, end, chapter.title)
        for chapter, (start, end) in zip(starts, pairwise(edges), strict=True)
    )
    return tuple(chapter for chapter in chapters if chapter.end_ms > chapter.start_ms)


def write_chapters(alignment: Alignment) -> str:
    """Podcasting 2.0 chapters, ``application/json+chapters``; seconds."""
    title = essay_title(alignment)
    chapters = [
        {
            "startTime": ms_to_seconds(chapter.start_ms),
            "endTime": ms_to_seconds(chapter.end_ms),
            "title": chapter.title,
        }
        for chapter in chapters_of(alignment)
    ]
    about = {"title": title} if title else {}
    return (
        json.dumps({"version": "1.2.0", **about, "chapters": chapters}, ensure_ascii=False, indent=1) + "\n"
    )


def _starts(alignment: Alignment) -> Iterator[Chapter]:
    for section in headed_sections(alignment):
        start_ms = reading_of(alignment.words[section.first : section.end]).start_ms
        if start_ms is not None:
            name = clean_text(section.name)[:LONGEST_NAME].strip()
            yield Chapter(start_ms, start_ms, name or essay_title(alignment) or "Beginning")


def _is_only_title(alignment: Alignment, first: Chapter, second: Chapter) -> bool:
    return first.title == essay_title(alignment) and second.start_ms - first.start_ms < LEAST_TITLE_MS
