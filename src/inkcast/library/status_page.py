"""The status of a library as a page: one file that loads nothing, runs nothing, and can be printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from inkcast.library.store.listed import EpisodeUnderWay, FinishedEpisode
from inkcast.library.store.record import STEPS
from inkcast.library.store.status import FeedStatus, Pace, size_in_words, total_of
from inkcast.publish.pages.template import render_page
from inkcast.timecode import clock

NO_PAGES: Mapping[FinishedEpisode, str] = MappingProxyType({})

_SHOWN = 20
"""Failures, and finished episodes, of each show; the others are behind a line to click."""


def status_page(
    title: str,
    feeds: Sequence[FeedStatus],
    pace: Pace,
    now: datetime,
    *,
    under_way: Sequence[EpisodeUnderWay] = (),
    pages: Mapping[FinishedEpisode, str] = NO_PAGES,
    home: str = "",
) -> str:
    """Make the page.

    Args:
        title: the library's name.
        feeds: from ``status_of``.
        pace: from ``pace_of``.
        now: in UTC.
        under_way: episodes that a sync is at.
        pages: of each finished episode, its address as the page finds it; empty if it has none.
        home: address of the list of all episodes, empty if there is none.
    """
    done, failed, pending, _ = total_of(feeds)
    return render_page(
        "library/status.html",
        style="library/status.css",
        title=title,
        now=now,
        feeds=feeds,
        done=done,
        failed=failed,
        pending=pending,
        figures=_figures(feeds, pace),
        shown=_SHOWN,
        under_way=under_way,
        next_step=_next_step,
        finished=[(feed, _pages_of(feed, pages)) for feed in feeds],
        home=home,
        shares=_shares,
        from_iso=datetime.fromisoformat,
        size_in_words=size_in_words,
    )


def _next_step(episode: EpisodeUnderWay) -> str:
    return next((step for step in STEPS if step not in episode.steps), STEPS[-1])


def _pages_of(show: FeedStatus, pages: Mapping[FinishedEpisode, str]) -> list[tuple[str, str]]:
    return [(episode.title, page) for episode, page in pages.items() if episode.feed == show.feed.id and page]


def _figures(feeds: Sequence[FeedStatus], pace: Pace) -> list[tuple[str, str]]:
    """Values and what they mean."""
    done, failed, pending, size = total_of(feeds)
    figures = [
        (f"{done:,}", "done"),
        (f"{failed:,}", "failed"),
        (f"{pending:,}", "to do"),
        (size_in_words(size), "on disk"),
    ]
    if pace.speed:
        figures += [
            (clock(pace.audio_ms), "of audio transcribed"),
            (f"{pace.speed:,.1f} h", "of audio transcribed in an hour"),
        ]
    return figures


def _shares(done: int, failed: int, pending: int) -> tuple[str, str]:
    """Per cent of a whole that are done and that failed; what failed is seen even if it is little."""
    whole = max(1, done + failed + pending)
    wrong = max(1.0, 100 * failed / whole) if failed else 0.0
    return f"{min(100 - wrong, 100 * done / whole):.2f}", f"{wrong:.2f}"
