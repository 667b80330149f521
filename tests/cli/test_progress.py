import sys
from contextlib import ExitStack
from functools import partial
from types import SimpleNamespace

import click
import pytest
from rich.progress import Progress

from inkcast.cli import progress
from inkcast.cli.output import tell
from inkcast.cli.progress import Reporter
from tests.support.screen import Terminal


@pytest.fixture
def clock(monkeypatch):
    """A clock that moves one second at each look."""
    ticks = iter(range(100_000))
    monkeypatch.setattr(progress, "_MIN_SECONDS", 2.0)
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: next(ticks)))


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


@pytest.mark.parametrize(
    "label", ["[bold]A[/bold]", "[/]", "[link=https://a.example]", "a \x1b[31m\u202eb\x9b"]
)
def test_a_label_is_shown_as_it_is_written(monkeypatch, label):
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm-256color")
    with Reporter() as reporter, reporter.task(label) as update:
        update(1, 2)
        reporter._bars.refresh()
    assert label.split("\x1b")[0].strip() in screen.getvalue()
    assert "\u202e" not in screen.getvalue()
    assert "\x9b" not in screen.getvalue()


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


@pytest.fixture
def seconds(monkeypatch):
    """The time by the bars' clock, in a list to be set."""
    now = [0.0]
    monkeypatch.setattr(progress, "_MIN_SECONDS", 2.0)
    monkeypatch.setattr(progress, "Progress", partial(Progress, get_time=lambda: now[0]))
    return now


@pytest.mark.parametrize(
    ("unit", "speed"), [("bytes", "3.0 MB/s"), ("ms of audio", "3000x"), ("", "")], ids=str
)
def test_a_bar_tells_the_speed_where_it_says_something(unit, speed, monkeypatch, seconds):
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1")
    with Reporter() as reporter, reporter.task("Downloading base", unit) as update:
        for done in range(5):
            update(done * 3_000_000, 30_000_000)
            seconds[0] += done < 4
        reporter._bars.refresh()
        (shown,) = screen.lines()
        assert speed in shown
        assert ("MB/s" in shown, "x " in shown) == (unit == "bytes", unit == "ms of audio")
        assert shown.endswith("0:00:06")  # 18 million are left


def test_the_time_left_is_by_the_pace_so_far_and_not_by_the_last_lump(monkeypatch, seconds):
    """Half of it was there already, from a run before; then come ten per cent a minute, in lumps."""
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm-256color")
    with Reporter() as reporter, reporter.task("Slow ways", "ms of audio") as update:
        (task,) = reporter._bars.tasks
        left = progress._TimeLeft()
        update(50, 100)
        assert left.render(task).plain == "-:--:--"
        seconds[0] = 1.0
        update(50, 100)
        assert left.render(task).plain == "-:--:--"  # too short a time to judge by
        for minute, done in enumerate((60, 70, 80), 1):
            seconds[0] = 60.0 * minute
            for part in range(1, 11):  # ten steps within a tenth of a second
                seconds[0] += 0.01
                update(done - 10 + part, 100)
            assert left.render(task).plain in (f"0:0{4 - minute}:59", f"0:0{5 - minute}:00")


@pytest.mark.parametrize("n_tasks", [1, 3])
def test_data_is_printed_above_the_bars_and_erased_by_none(n_tasks, monkeypatch):
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setenv("TERM", "xterm-256color")
    pages = [f"podcasts/page{number}.html" for number in range(3)]
    pages[1] += "x" * 500  # longer than the terminal is wide
    lines = [line for page in pages for line in ("Boats: 93 % read [podc].", page)]
    with Reporter() as reporter, ExitStack() as stack:
        tasks = [stack.enter_context(reporter.task(f"Downloading {n}")) for n in range(n_tasks)]
        for page in pages:
            for update in tasks:
                update(5, 10)
            reporter._bars.refresh()
            tell(f"Boats: 93 % read [{page[:4]}].")
            click.echo(page)
            reporter._bars.refresh()
        assert screen.lines()[:6] == lines
        assert [line.split(" ━")[0] for line in screen.lines()[6:]] == [
            f"Downloading {n}" for n in range(n_tasks)
        ]
    assert sys.stdout is screen
    assert screen.lines() == lines


def test_a_bar_moves_until_there_is_something_to_show(monkeypatch):
    """One that stands empty looks stuck."""
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm-256color")
    with Reporter() as reporter, reporter.task("Downloading base") as update:
        (task,) = reporter._bars.tasks
        for done, total in ((0, 10), (1, 10)):
            update(done, total)
            assert (task.total, task.percentage) == ((10, 10.0) if done else (None, 0.0))


def test_data_for_a_file_stays_out_of_the_bars(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm-256color")
    with Reporter() as reporter, reporter.task("Downloading base"):
        click.echo("podcasts/page.html")
    assert capsys.readouterr().out == "podcasts/page.html\n"


def test_a_dumb_terminal_gets_lines(monkeypatch, clock):
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "dumb")
    report((done, 10) for done in range(11))
    assert "\x1b" not in screen.getvalue()
    assert screen.getvalue().startswith("Downloading base: 10 %\n")
