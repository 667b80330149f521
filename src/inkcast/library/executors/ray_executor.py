"""Jobs on the machines of a Ray cluster, or on the cores of this one: a model in each of several processes.

The network is asked from here alone, so that no host gets more requests from ten workers than from one. What
waits for the model goes to the workers, which read and write the library's folder. One that dies is started
again by Ray, and its episode goes to the next that is free.
"""

from __future__ import annotations

import importlib
import logging
import os
import shutil
import signal
import socket
import threading
import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from inkcast import __version__
from inkcast.errors import InkcastError, LibraryError, SettingsError
from inkcast.library.executors.executor import Job, OnRecord
from inkcast.library.executors.prefetch import DOWNLOADS, Prefetch
from inkcast.library.executors.ray_worker import Line, RayWorker
from inkcast.library.steps.episode_steps import Tools, Work
from inkcast.library.steps.models_on_demand import Transcribe, lazy_transcriber
from inkcast.library.steps.pipeline import Event, fetch, give_up, make
from inkcast.library.store.record import StepName, StepRecord, StoppedError
from inkcast.speech.transcript import Transcript

_LOG = logging.getLogger(__name__)

CORES = 2
"""Of each worker on a cluster: an engine makes better use of two for one episode than of four."""
LIVES = 3
"""Workers that an episode may take with it before it is given up."""
_LOOK_S = 0.2
_ANSWER_S = 10.0
STARTS = 3
"""Of Ray on this machine, where others keep it busy."""
_STORE_BYTES = 80 * 2**20
"""What Ray sets aside for large results. We have none, and it allows no less."""
_VARIABLES = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # Hides what Ray would print on stdout, which is for data.
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",
    # Seconds that its first program may take to start; it would give 30.
    "RAY_gcs_server_port_wait_time_s": "120",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the workers are, and how many.

    Attributes:
        address: HOST:PORT of a cluster; empty starts one on this machine, for as long as a run takes.
        workers: processes that each load the model; None: as many as there is room for.
        gpus_per_worker: GPUs of each, or its share of one; 0 for the processor alone.
    """

    address: str = ""
    workers: int | None = None
    gpus_per_worker: float = 0


THIS_MACHINE = Cluster()


class RayExecutor:
    """A model in each worker, and ``downloads`` threads here that fetch what the workers will need next.

    Args:
        tools: what the steps need; its ``stop`` ends the run. Its transcriber is not used.
        downloads: episodes that are fetched at once.
        cluster: where the workers are.
        transcriber: makes that of a worker, in the worker.
    Raises:
        SettingsError: Ray is not installed.
    """

    def __init__(
        self,
        tools: Tools,
        downloads: int = DOWNLOADS,
        cluster: Cluster = THIS_MACHINE,
        transcriber: Callable[[], Transcribe] = lazy_transcriber,
    ) -> None:
        self._ray = _import_ray()
        self._tools = tools
        self._downloads = downloads
        self._cluster = cluster
        self._transcriber = transcriber

    def run(self, jobs: Iterable[Job], on_record: OnRecord) -> Iterator[Job]:
        """See ``Executor``. Ray starts with the first episode that has something to be made."""
        prefetch = Prefetch(
            *(self._tools, jobs, on_record, self._downloads),
            models=self._cluster.workers or 1,
            part=_fetch_all,
        )
        problem: InkcastError | None = None
        with ExitStack() as stack:
            crew = _Crew(self._ray, partial(self._start, stack), prefetch, self._tools, on_record)
            stack.enter_context(prefetch)
            while crew.is_busy or not (problem or prefetch.is_through):
                if self._tools.stop.is_set():
                    crew.stop()
                try:
                    job = None
                    if not problem and crew.has_room:
                        job = prefetch.next(0 if crew.is_busy else _LOOK_S)
                    if job and not crew.take(job):
                        yield job
                    yield from crew.look(0 if job else _LOOK_S)
                except InkcastError as error:
                    # Others end their window first.
                    problem = error if problem is None or isinstance(problem, StoppedError) else problem
                    crew.stop()
            if problem:
                raise problem

    def _start(self, stack: ExitStack) -> list[Any]:
        """Start the workers; ``stack`` will end them."""
        stack.enter_context(_connected(self._ray, self._cluster))
        cores = CORES if self._cluster.address else _cores_here(self._cluster.workers)
        gpus = self._cluster.gpus_per_worker
        room = _room(self._ray.nodes(), cores, gpus)
        wanted = f"{cores} {'core' if cores == 1 else 'cores'}" + (f" and {gpus:g} GPU" if gpus else "")
        if room == 0:
            raise LibraryError(
                f"No machine has room for a worker, which needs {wanted}.",
                "Set --gpus-per-worker, or add machines to the cluster.",
            )
        n_workers = self._cluster.workers or room
        if n_workers > room:
            _LOG.warning("There is room for %d of %d workers of %s each.", room, n_workers, wanted)
        actor = self._ray.remote(num_cpus=cores, num_gpus=gpus, max_restarts=-1, max_concurrency=2)(RayWorker)
        return [
            actor.remote(self._tools.settings, str(Path.cwd()), self._transcriber) for _ in range(n_workers)
        ]


@dataclass(slots=True)
class _Task:
    """A job in the hands of a worker.

    Attributes:
        job: with what is known by now.
        step: the one that is under way.
        is_unfit: the essay is not what is read aloud.
        shown: its progress.
    """

    worker: Any
    job: Job
    step: StepName | None = None
    is_unfit: bool = False
    shown: ExitStack = field(default_factory=ExitStack)


class _Crew:
    """The workers, and who has which job.

    Args:
        start: starts the workers.
    """

    def __init__(
        self, ray: Any, start: Callable[[], list[Any]], prefetch: Prefetch, tools: Tools, on_record: OnRecord
    ) -> None:
        self._ray = ray
        self._start = start
        self._prefetch = prefetch
        self._tools = tools
        self._on_record = on_record
        self._is_started = self._is_stopping = False
        self._starting: dict[Any, Any] = {}
        self._idle: list[Any] = []
        self._busy: dict[Any, _Task] = {}
        self._waiting: deque[Job] = deque()
        self._deaths: Counter[int] = Counter()

    @property
    def is_busy(self) -> bool:
        """Whether a job that was taken has not ended."""
        return bool(self._busy or self._waiting)

    @property
    def has_room(self) -> bool:
        """Whether another job would be worked on at once."""
        return not self._is_started or len(self._idle) > len(self._waiting)

    def take(self, job: Job) -> bool:
        """Take a job over, unless there is nothing to be made."""
        if next(make(self._prefetch.work(job), job.known), None) is None:
            return False
        if not self._is_started:
            for worker in self._start():
                self._await(worker)
            self._is_started = True
        self._waiting.append(job)
        return True

    def stop(self) -> None:
        """Ask the workers to end where nothing is lost, and hand out no more."""
        if not self._is_stopping:
            self._is_stopping = True
            self._waiting.clear()
            for task in self._busy.values():
                task.worker.stop.remote()

    def look(self, wait_s: float) -> Iterator[Job]:
        """Hand out jobs, and see what came of others within ``wait_s``; gives those that have ended."""
        while self._idle and self._waiting:
            self._hand_out(self._idle.pop(), self._waiting.popleft())
        pending = [*self._busy, *self._starting]
        if not pending:
            return
        ready, _ = self._ray.wait(pending, timeout=wait_s)
        for item in ready:
            if item in self._starting:
                self._idle.append(self._started(item))
            elif job := self._go_on(item):
                yield job

    def _await(self, worker: Any) -> None:
        self._starting[worker.version.options(max_task_retries=-1).remote()] = worker

    def _started(self, item: Any) -> Any:
        worker = self._starting.pop(item)
        try:
            version = self._ray.get(item)
        except self._ray.exceptions.RayError as error:
            raise LibraryError(
                f"A worker cannot start: {_last_line(error)}.",
                f"Install inkcast[ray] {__version__} on every machine of the cluster.",
            ) from error
        if version != __version__:
            raise LibraryError(
                f"A machine of the cluster has Inkcast {version}, this one {__version__}.",
                "Install the same version on all.",
            )
        return worker

    def _hand_out(self, worker: Any, job: Job) -> None:
        events = worker.make.options(num_returns="streaming").remote(job)
        self._busy[events] = _Task(worker, job)

    def _go_on(self, events: Any) -> Job | None:
        """Take the next event of a job; gives the job if that was all."""
        task = self._busy[events]
        exceptions = self._ray.exceptions
        try:
            self._note(task, self._ray.get(next(events)))
            return None
        except StopIteration:
            self._idle.append(task.worker)
        except exceptions.RayTaskError as error:
            self._end(events)
            self._idle.append(task.worker)
            raise error.cause from None
        except (exceptions.RayActorError, exceptions.OutOfMemoryError) as error:
            self._end(events)
            return self._reassign(task, isinstance(error, exceptions.OutOfMemoryError))
        self._end(events)
        if task.is_unfit and not self._is_stopping and _has_other_texts(task.job):
            # The worker could not ask the network for them: align once more, here.
            known = {step: record for step, record in task.job.known.items() if step != "align"}
            return self._prefetch.do(make, replace(task.job, known=known))
        return task.job

    def _end(self, events: Any) -> None:
        self._busy.pop(events).shown.close()

    def _note(self, task: _Task, event: Event | Line) -> None:
        if isinstance(event, Line):
            _LOG.log(event.level, "%s", event.text)
        elif isinstance(event, StepRecord):
            task.shown.close()
            task.step = None
            if event.step == "align":
                task.is_unfit = event.state == "failed" and bool(event.files)
            task.job = replace(task.job, known={**task.job.known, event.step: event})
            self._on_record(task.job, event)
        else:
            task.step = event
            if event == "transcribe":
                task.shown.enter_context(self._tools.task(f"{task.job.episode.title}: transcribing", ""))

    def _reassign(self, task: _Task, starved: bool) -> Job | None:
        """Have another worker do the job of one that died; gives the job if it has cost enough."""
        self._await(task.worker)
        if self._is_stopping:
            return None
        job = task.job
        self._deaths[job.number] += 1
        how = " for lack of memory" if starved else ""
        how += f" during the step {task.step}" if task.step else ""
        if self._deaths[job.number] < LIVES:
            _LOG.warning("%s: its worker died%s; another one takes over.", job.episode.title, how)
            self._waiting.append(job)
            return None
        error = LibraryError(
            f"{LIVES} workers died with it, the last one{how}.",
            "Try fewer workers, which leaves more memory to each; a damaged recording is another cause.",
        )
        return self._prefetch.do(partial(give_up, error=error), job)


def _has_other_texts(job: Job) -> bool:
    """Whether the episode's essay may come from more than one source."""
    sources = (job.feed.names_a_text, bool(job.episode.content_html), bool(job.episode.link))
    return sum(sources) > 1


class _NeedsModel(BaseException):
    """No exception of a step: it must not be taken for a failure."""


def _fetch_all(work: Work, known: Mapping[str, StepRecord]) -> Iterator[Event]:
    """All that asks the network: ``fetch``, and the publisher's transcript where that is wanted."""
    now = dict(known)
    for event in fetch(work, known):
        if isinstance(event, StepRecord):
            now[event.step] = event
        yield event
    if work.feed.use_published and work.episode.transcripts:
        without_model = replace(work, tools=replace(work.tools, transcriber=_need_model))
        events = make(without_model, now)
        if next(events, None) == "transcribe":
            with suppress(_NeedsModel):
                yield next(events)


def _need_model(*args: object) -> Transcript:
    raise _NeedsModel


def _import_ray() -> Any:
    for name, value in _VARIABLES.items():
        os.environ.setdefault(name, value)
    try:
        ray = importlib.import_module("ray")
    except ImportError as error:
        raise SettingsError(
            f"Ray is not installed: {error}.", 'Run: pip install "inkcast[ray]" (or leave out --executor).'
        ) from error
    logging.getLogger("ray").setLevel(logging.ERROR)
    return ray


@contextmanager
def _connected(ray: Any, cluster: Cluster) -> Iterator[None]:
    """Join a cluster, or start one on this machine and end it afterwards."""
    options: dict[str, Any] = {"address": cluster.address}
    where, hint = (
        f"reach the Ray cluster {cluster.address}",
        "Does 'ray status --address HOST:PORT' reach it?",
    )
    if not cluster.address:
        cores = _cores_here(cluster.workers) * (cluster.workers or 1)
        options = {
            "address": "local",
            "num_cpus": max(cores, os.cpu_count() or 1),
            "include_dashboard": False,
            "object_store_memory": _STORE_BYTES,
        }
        where, hint = "start Ray on this machine", "Leave out --executor to work without it."
    try:
        if cluster.address:
            _require_answer(cluster.address)
        with _own_signals():
            context = _init(ray, options, attempts=1 if cluster.address else STARTS)
    except Exception as error:  # of any kind: no machine, another version of Python or Ray, a wrong token
        if _took_too_long(error):
            hint = f"This machine is too busy: run it again when it is less so. {hint}"
        raise LibraryError(f"Cannot {where}: {_last_line(error)}.", f"{hint} See docs/scale.md.") from error
    try:
        yield
    finally:
        ray.shutdown()
        if not cluster.address:
            _remove_sessions(Path(context.address_info["session_dir"]))


def _init(ray: Any, options: Mapping[str, Any], attempts: int) -> Any:
    """Start Ray or join a cluster.

    Ray waits half a minute, and no option says otherwise, for programs that it starts with Python: on two
    cores that a dozen others keep busy they need longer. The second time they are in memory.
    """
    for left in reversed(range(attempts)):
        try:
            return ray.init(**options, configure_logging=False, log_to_driver=False)
        except Exception as error:
            if not left or not _took_too_long(error):
                raise
            _LOG.warning("Ray did not start in time, since this machine is busy; trying once more.")
            _end_half_started(error)
            ray.shutdown()
    raise AssertionError("no attempts")


def _remove_sessions(session: Path) -> None:
    """Remove what Ray leaves in its folder, of starts that took too long, too: names end in our number."""
    for folder in session.parent.glob(f"session_*_{os.getpid()}"):
        shutil.rmtree(folder, ignore_errors=True)


def _took_too_long(error: Exception) -> bool:
    return "timed out" in str(error).lower()


def _end_half_started(error: Exception) -> None:
    """Ray forgets what it has started by then; only the traceback still knows."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        end = getattr(frame.f_locals.get("self"), "kill_all_processes", None)
        if end:
            with suppress(Exception):  # Ray's own, and not of those that it promises to keep
                end(check_alive=False, allow_graceful=False)


def _require_answer(address: str) -> None:
    """Raise OSError if nobody answers there: Ray itself would try for minutes."""
    host, _, port = address.rpartition(":")
    socket.create_connection((host.strip("[]"), int(port)), _ANSWER_S).close()


@contextmanager
def _own_signals() -> Iterator[None]:
    """Ray takes SIGTERM, which is for whoever runs the sync, to end it where nothing is lost."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _cores_here(workers: int | None) -> int:
    """Cores of each worker on this machine."""
    cores = os.cpu_count() or 1
    return max(1, cores // workers if workers else min(CORES, cores))


def _room(nodes: Iterable[Mapping[str, Any]], cores: int, gpus: float) -> int:
    """How many workers a cluster has room for, if nobody else is on it."""
    room = 0
    for node in nodes:
        if node["Alive"]:
            has = node["Resources"]
            here = int(has.get("CPU", 0) // cores)
            room += min(here, int(has.get("GPU", 0) / gpus)) if gpus else here
    return room


def _last_line(error: Exception) -> str:
    """What is left of a traceback that came over the network."""
    return str(error).strip().splitlines()[-1].strip().rstrip(".") if str(error).strip() else repr(error)
