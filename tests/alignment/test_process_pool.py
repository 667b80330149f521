"""Jobs in processes of their own: the results of ``map``, whatever happens to the processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from inkcast.alignment.process_pool import ProcessPool


def square_and_process(number: int) -> tuple[int, int]:
    time.sleep(0.01 * (number % 3))
    return number * number, os.getpid()


def die_outside_the_parent(job: tuple[int, int]) -> int:
    number, parent = job
    if os.getpid() != parent and number % 5 == 3:
        os._exit(1)
    return number * number


def fail_at_seven(number: int) -> int:
    if number == 7:
        raise ValueError("seven")
    return number


def chatter(number: int) -> int:
    print("a library that prints")
    return number


def test_results_come_in_order_from_other_processes() -> None:
    with ProcessPool(2) as pool:
        results = list(pool.map(square_and_process, range(40)))
    assert [result for result, _ in results] == [number * number for number in range(40)]
    by = {process for _, process in results}
    assert len(by) == 2 and os.getpid() not in by


def test_processes_stay_for_the_next_jobs_and_end_with_the_block() -> None:
    with ProcessPool(2) as pool:
        first = {process for _, process in pool.map(square_and_process, range(20))}
        second = {process for _, process in pool.map(square_and_process, range(20))}
    assert first == second
    assert not any(map(is_running, first))


@pytest.mark.parametrize("n_jobs", [0, 1, 5])
def test_little_work_starts_no_process(n_jobs: int) -> None:
    with ProcessPool(2) as pool:
        assert {process for _, process in pool.map(square_and_process, range(n_jobs))} <= {os.getpid()}


def test_one_worker_is_this_process() -> None:
    with ProcessPool(1) as pool:
        assert {process for _, process in pool.map(square_and_process, range(9))} == {os.getpid()}


def test_jobs_of_a_process_that_dies_are_done_here() -> None:
    jobs = [(number, os.getpid()) for number in range(30)]
    with ProcessPool(2) as pool:
        assert list(pool.map(die_outside_the_parent, jobs)) == [number**2 for number in range(30)]


def test_without_an_interpreter_jobs_are_done_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with ProcessPool(2) as pool:
        results = list(pool.map(square_and_process, range(9)))
    assert results == [(number * number, os.getpid()) for number in range(9)]


def test_errors_of_a_job_are_raised_as_they_are() -> None:
    with ProcessPool(2) as pool, pytest.raises(ValueError, match="seven"):
        list(pool.map(fail_at_seven, range(20)))


def test_errors_of_the_jobs_source_are_raised_as_they_are() -> None:
    def jobs() -> Iterator[int]:
        yield from range(5)
        raise OSError("the recording ends here")

    with ProcessPool(2) as pool, pytest.raises(OSError, match="ends here"):
        list(pool.map(square_and_process, jobs()))


def test_what_a_job_prints_does_not_mix_with_results() -> None:
    with ProcessPool(2) as pool:
        assert list(pool.map(chatter, range(9))) == list(range(9))


def test_few_jobs_are_read_ahead() -> None:
    read = []

    def jobs() -> Iterator[int]:
        for number in range(100):
            read.append(number)
            yield number

    with ProcessPool(2) as pool:
        results = pool.map(square_and_process, jobs())
        assert next(results)[0] == 0
        assert len(read) <= 6
        results.close()  # type: ignore[attr-defined]


def test_leaving_early_waits_for_nothing() -> None:
    with ProcessPool(2) as pool:
        results = pool.map(square_and_process, range(1000))
        _, process = next(results)
    assert not is_running(process)


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_killed_parent_leaves_no_process() -> None:
    script = (
        "from inkcast.alignment.process_pool import ProcessPool\n"
        "from tests.alignment.test_process_pool import square_and_process\n"
        "from itertools import count\n"
        "with ProcessPool(2) as pool:\n"
        "    for _, process in pool.map(square_and_process, count()):\n"
        "        print(process, flush=True)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout as lines:
        children = {int(next(lines)) for _ in range(20)}
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    deadline = time.monotonic() + 30
    while any(map(is_running, children)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(children) == 2 and not any(map(is_running, children))


def is_running(process: int) -> bool:
    """Whether there is such a process; one that ended and is not yet waited for is none."""
    status = Path(f"/proc/{process}/stat")
    if status.exists():
        return status.read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    try:
        os.kill(process, 0)
    except OSError:
        return False
    return not Path("/proc/self").exists()
