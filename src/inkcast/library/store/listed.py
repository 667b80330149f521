"""Which episodes of a library can be opened, and how far the others are, from its catalogue alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from inkcast.library.store.catalogue import Catalogue
from inkcast.library.store.record import within

_FINISHED = """
SELECT feeds.id, feeds.folder, episodes.folder, episodes.title, files.name
FROM files JOIN episodes ON episodes.id = files.episode JOIN feeds ON feeds.id = episodes.feed
WHERE files.step = 'publish' AND files.position = 0
ORDER BY episodes.published DESC, episodes.id
"""
_UNDER_WAY = """
SELECT feed, title, group_concat(step) FROM episodes JOIN steps ON steps.episode = episodes.id
GROUP BY episodes.id HAVING max(state = 'failed') = 0 AND max(step = 'publish') = 0
ORDER BY published DESC, episodes.id
"""


@dataclass(frozen=True, slots=True)
class FinishedEpisode:
    """An episode and what to open of it, a path within the library; ``feed`` is the feed's id."""

    feed: int
    title: str
    show_folder: str
    folder: str
    file: Path


@dataclass(frozen=True, slots=True)
class EpisodeUnderWay:
    """An episode that some steps are done of, and none has failed; ``feed`` is the feed's id."""

    feed: int
    title: str
    steps: tuple[str, ...]


def finished_episodes(catalogue: Catalogue) -> tuple[FinishedEpisode, ...]:
    """What can be opened, newest first."""
    return tuple(
        FinishedEpisode(feed, title, within(show), within(folder), Path(show, folder, within(name)))
        for feed, show, folder, title, name in catalogue.rows(_FINISHED)
    )


def episodes_under_way(catalogue: Catalogue) -> tuple[EpisodeUnderWay, ...]:
    """What a sync is at, or was when it was stopped."""
    return tuple(
        EpisodeUnderWay(feed, title, tuple(steps.split(",")))
        for feed, title, steps in catalogue.rows(_UNDER_WAY)
    )
