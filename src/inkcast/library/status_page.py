"""The status of a library as a page: one file that loads nothing, runs nothing, and can be printed."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from html import escape
from importlib.resources import files
from string import Template

from inkcast.library.store.status import FailedStep, FeedStatus, Pace, size_in_words, total_of
from inkcast.timecode import clock

_SHOWN = 20
"""Failures of each show; the others are behind a line to click."""


def status_page(title: str, feeds: Sequence[FeedStatus], pace: Pace, now: datetime) -> str:
    """Make the page.

    Args:
        title: the library's name.
        feeds: from ``status_of``.
        pace: from ``pace_of``.
        now: in UTC.
    """
    style = _asset("inkcast.publish.pages", "page.css") + _asset("inkcast.library", "status.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    *counts, _ = total_of(feeds)
    parts = {
        "policy": (
            f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
            "base-uri 'none'; form-action 'none'"
        ),
        "style": style,
        "title": escape(title, quote=False),
        "facts": f"{_count(sum(counts), 'episode')} of {_count(len(feeds), 'show')} · {_moment(now)}",
        "figures": _figures(feeds, pace),
        "bar": _bar(*counts),
        "shows": "".join(map(_row, feeds)),
        "failures": "".join(_failures(feed) for feed in feeds if feed.failures)
        or "<p>No step has failed.</p>",
    }
    return Template(_asset("inkcast.library", "status.html")).substitute(parts)


def _asset(package: str, name: str) -> str:
    return files(package).joinpath(name).read_text(encoding="utf-8")


def _figures(feeds: Sequence[FeedStatus], pace: Pace) -> str:
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
    return "".join(f"<div><dt>{meaning}</dt><dd>{value}</dd></div>\n" for value, meaning in figures)


def _bar(done: int, failed: int, pending: int) -> str:
    """Shares of a whole; what failed is seen even if it is little."""
    whole = max(1, done + failed + pending)
    wrong = max(1.0, 100 * failed / whole) if failed else 0.0
    well = min(100 - wrong, 100 * done / whole)
    label = f"{done:,} done, {failed:,} failed, {pending:,} to do"
    return (
        f'<svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" role="img" aria-label="{label}">'
        f'<rect class="done" width="{well:.2f}" height="1"/>'
        f'<rect class="failed" x="{well:.2f}" width="{wrong:.2f}" height="1"/></svg>'
    )


def _row(status: FeedStatus) -> str:
    counts = (status.done, status.failed, status.pending)
    wrong = ' class="wrong"' if status.failed else ""
    return (
        f'<tr><th scope="row"><bdi lang="">{escape(status.feed.title, quote=False)}</bdi></th>'
        f"<td>{_bar(*counts)}</td><td>{status.done:,}</td><td{wrong}>{status.failed:,}</td>"
        f"<td>{status.pending:,}</td><td>{size_in_words(status.size)}</td></tr>\n"
    )


def _failures(status: FeedStatus) -> str:
    items = [_failure(failure) for failure in status.failures]
    shown, more = "".join(items[:_SHOWN]), "".join(items[_SHOWN:])
    hidden = (
        f"<details><summary>{len(items) - _SHOWN:,} more</summary>"
        f'<ul class="failures">\n{more}</ul></details>\n'
        if more
        else ""
    )
    title = escape(status.feed.title, quote=False)
    return f'<h3><bdi lang="">{title}</bdi></h3>\n<ul class="failures">\n{shown}</ul>\n{hidden}'


def _failure(failure: FailedStep) -> str:
    tried = f"tried {_count(failure.attempts, 'time')}, last {_moment_of(failure.finished_at)}"
    again = failure.next_attempt
    when = f"next try {_moment_of(again)}" if again else "waits for its input to change"
    return (
        f'<li><p><bdi lang="">{escape(failure.title, quote=False)}</bdi></p>'
        f'<p class="reason">{escape(failure.reason, quote=False)}</p>'
        f'<p class="facts"><b>{escape(failure.step)}</b> · {tried} · {when}</p></li>\n'
    )


def _moment(moment: datetime) -> str:
    return f'<time datetime="{moment:%Y-%m-%dT%H:%MZ}">{moment:%Y-%m-%d %H:%M} UTC</time>'


def _moment_of(text: str) -> str:
    return _moment(datetime.fromisoformat(text))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
