"""How far a long step has come: a bar on a terminal, a few plain lines elsewhere, nothing with -q.

All of it goes to stderr; stdout carries data.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskProgressColumn,
    TextColumn,
)
from rich.text import Text

from inkcast.cli.output import on_one_line, verbosity
from inkcast.on_progress import OnProgress, tell_nobody

if TYPE_CHECKING:
    from inkcast.library.steps.episode_steps import Unit

_STEP_PERCENT = 10
_MIN_SECONDS = 2.0
_MAX_SECONDS = 15.0


class Reporter:
    """Shows any number of tasks, one after another or at once. Use it as a context manager."""

    def __init__(self) -> None:
        console = Console(stderr=True)  # rich honours NO_COLOR and TERM=dumb
        self._is_quiet = verbosity() < 0
        self._bars = (
            Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                TaskProgressColumn(),
                _Speed(),
                _TimeLeft(),
                console=console,
                transient=True,
                redirect_stdout=False,  # it would go to stderr
            )
            if console.is_interactive and not self._is_quiet
            else None
        )

    def __enter__(self) -> Reporter:
        if self._bars:
            self._bars.start()
            self._stdout = sys.stdout
            if sys.stdout.isatty():
                sys.stdout = _Above(sys.stdout, self._bars)
        return self

    def __exit__(self, *exception: object) -> None:
        if self._bars:
            sys.stdout = self._stdout
            self._bars.stop()

    @contextmanager
    def task(self, label: str, unit: Unit = "") -> Iterator[OnProgress]:
        """Give the function that a long step calls with ``(done, total)``, in ``unit``."""
        label = on_one_line(label)
        if self._bars:
            bars, task = self._bars, self._bars.add_task(label, total=None, unit=unit, since=None)
            since: tuple[float, int] | None = None

            def show(done: int, total: int | None) -> None:
                nonlocal since
                since = since or (bars.get_time(), done)
                # A bar that stands empty looks stuck: it pulses until there is something to show.
                bars.update(task, completed=done, total=total if done else None, since=since)

            try:
                yield show
            finally:
                bars.remove_task(task)
        elif self._is_quiet:
            yield tell_nobody
        else:
            yield _Lines(label)


class _Speed(ProgressColumn):
    """Megabytes a second, or how many times as fast as people listen."""

    def render(self, task: Task) -> Text:
        speed, unit = _pace(task), task.fields["unit"]
        if not speed or not unit:
            return Text("")
        return Text(
            f"{speed / 1e6:.1f} MB/s" if unit == "bytes" else f"{speed / 1e3:.0f}x", "progress.data.speed"
        )


class _TimeLeft(ProgressColumn):
    """At the pace so far."""

    def render(self, task: Task) -> Text:
        pace, left = _pace(task), task.remaining
        if not pace or left is None:
            return Text("-:--:--", "progress.remaining")
        minutes, seconds = divmod(int(left / pace), 60)
        return Text(f"{minutes // 60}:{minutes % 60:02}:{seconds:02}", "progress.remaining")


def _pace(task: Task) -> float:
    """What is done in a second, on average since the first that was told; 0 while that is too short a time.

    Steps come in lumps: by the last ones alone half a run would be done in a second. What was done before
    the first, by a run that this one goes on from, took no time.
    """
    if task.fields["since"] is None:
        return 0.0
    began, done = task.fields["since"]
    seconds = task.get_time() - began
    return (task.completed - done) / seconds if seconds >= _MIN_SECONDS else 0.0


class _Above:
    """A terminal's stdout whose lines appear above the bars, which are on the same terminal."""

    def __init__(self, stream: TextIO, bars: Progress) -> None:
        self._stream = stream
        self._bars = bars

    def write(self, text: str) -> int:
        """Print whole lines."""
        if not isinstance(text, str):  # so click finds out that this is a stream of text
            raise TypeError("This is a stream of text.")
        # The bars' own console alone knows how many lines it has to draw anew: one that was stopped in
        # between would erase as many of ours.
        self._bars.console.out(text, end="", highlight=False)
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Lines:
    """A line at most every 2 seconds: when 10 % more are done, or 15 seconds have gone by."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._percent = 0
        self._time = time.monotonic()

    def __call__(self, done: int, total: int | None) -> None:
        percent = 100 * done // total if total else 0
        waited = time.monotonic() - self._time
        if waited < _MIN_SECONDS or (percent < self._percent + _STEP_PERCENT and waited < _MAX_SECONDS):
            return
        self._percent, self._time = percent, time.monotonic()
        sys.stderr.write(f"{self._label}: {percent} %\n" if total else f"{self._label}: {done:,}\n")
        sys.stderr.flush()
