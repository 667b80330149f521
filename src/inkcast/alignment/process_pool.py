"""One function over many jobs, side by side in processes: PocketSphinx keeps Python's lock to itself.

multiprocessing would run a caller's script once more, and leaves semaphores behind when it is killed.
These processes read jobs from their standard input, and end with it, whatever becomes of the parent.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from types import TracebackType
from typing import Any, Protocol, TypeVar

from inkcast.cores import physical_cores

_Job = TypeVar("_Job")
_Result = TypeVar("_Result")
# Each takes 100 MB; how many are worth it was not measured: chosen by hand.
_MOST_PROCESSES = 4
# docs/accuracy.md: half a second to start a process is not worth it for fewer.
_FEWEST_JOBS = 6


class Map(Protocol):
    """The results of a function, in the order of its jobs: ``map``, or ``ProcessPool.map``."""

    def __call__(self, function: Callable[[_Job], _Result], jobs: Iterable[_Job], /) -> Iterator[_Result]: ...


class ProcessPool:
    """Processes that are started when they are needed, and ended with the ``with`` block.

    Where they cannot be started, or die, the work is done in this process.

    Args:
        workers: how many there may be; by default one for each core, at most four.
    """

    def __init__(self, workers: int | None = None) -> None:
        self._workers = workers or min(_MOST_PROCESSES, physical_cores())
        self._threads = ThreadPoolExecutor(self._workers)
        self._children: list[subprocess.Popen[bytes]] = []
        self._idle: deque[subprocess.Popen[bytes]] = deque()
        self._is_useless = not sys.executable or getattr(sys, "frozen", False)
        self._is_over = False

    def __enter__(self) -> ProcessPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over = True
        for child in self._children:
            child.kill()
        self._threads.shutdown(cancel_futures=True)
        for child in self._children:
            child.communicate()

    def map(self, function: Callable[[_Job], _Result], jobs: Iterable[_Job], /) -> Iterator[_Result]:
        """Like the built-in ``map``, with few jobs read ahead.

        Args:
            function: of a module's top level.
            jobs: what pickle can take.
        """
        rest = iter(jobs)
        first = list(islice(rest, _FEWEST_JOBS))
        if len(first) < _FEWEST_JOBS or self._workers == 1:
            yield from map(function, chain(first, rest))
            return
        results: deque[Future[_Result]] = deque()
        for job in chain(first, rest):
            results.append(self._threads.submit(self._do, function, job))
            if len(results) > 2 * self._workers:
                yield results.popleft().result()
        while results:
            yield results.popleft().result()

    def _do(self, function: Callable[[_Job], _Result], job: _Job) -> _Result:
        if not self._is_useless:
            try:
                child = self._idle.pop() if self._idle else self._start()
                result: _Result = _ask(child, function, job)
                self._idle.append(child)
                return result
            except (OSError, EOFError, pickle.UnpicklingError):
                if self._is_over:
                    raise
                self._is_useless = True
        return function(job)

    def _start(self) -> subprocess.Popen[bytes]:
        child = subprocess.Popen(
            [sys.executable, "-c", f"from {__name__} import serve; serve()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        self._children.append(child)
        return child


def _ask(child: subprocess.Popen[bytes], function: Callable[[Any], Any], job: Any) -> Any:
    assert child.stdin is not None and child.stdout is not None
    pickle.dump((function, job), child.stdin)
    child.stdin.flush()
    return pickle.load(child.stdout)


def serve() -> None:
    """Do jobs from standard input until it ends. An error ends it, too: the parent meets it itself."""
    # The parent decides what an interrupt from the keyboard ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    jobs, results = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    while True:
        try:
            function, job = pickle.load(jobs)
        except EOFError:
            return
        pickle.dump(function(job), results)
        results.flush()
