import io
import sys

import pytest

from inkcast.cli import progress
from inkcast.cli.progress import Reporter


class Terminal(io.StringIO):
    """A stderr that says it is a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    """A clock that moves one second at each look."""
    ticks = iter(range(100_000))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(ticks))


def report(done_and_total):
    with Reporter() as reporter, reporter.task("Downloading base") as update:
        for done, total in done_and_total:
            update(done, total)


def test_off_a_terminal_there_are_a_few_plain_lines(clock, capsys):
    report((done, 1000) for done in range(0, 1001, 10))
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [f"Downloading base: {percent} %" for percent in range(10, 101, 10)]


def test_slow_work_says_now_and_then_that_it_goes_on(clock, capsys):
    report((step, None) for step in range(40))
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_work_that_is_soon_done_says_nothing(capsys):
    report((done, 10) for done in range(11))
    assert capsys.readouterr() == ("", "")


def test_quiet_is_quiet(clock, capsys, monkeypatch):
    monkeypatch.setattr(progress, "verbosity", lambda: -1)
    report((done, 10) for done in range(11))
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("no_color", [False, True])
def test_on_a_terminal_there_is_a_bar_that_leaves_nothing_behind(monkeypatch, capsys, no_color):
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    report([(5, 10), (10, 10)])
    shown = screen.getvalue()
    assert "Downloading base" in shown
    assert "\x1b[2K" in shown  # erases its line
    assert ("\x1b[38;" in shown) is not no_color  # colours of rich's bar
    assert capsys.readouterr().out == ""


def test_a_dumb_terminal_gets_lines(monkeypatch, clock):
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "dumb")
    report((done, 10) for done in range(11))
    assert "\x1b" not in screen.getvalue()
    assert screen.getvalue().startswith("Downloading base: 10 %\n")
