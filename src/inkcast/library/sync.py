"""Feeds into a library: every episode through the steps that it still needs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from inkcast.download.only_run import only_run
from inkcast.errors import DownloadError, FeedError, LibraryError, StorageError, redact
from inkcast.feeds.address import is_web_address
from inkcast.feeds.episode import Episode
from inkcast.feeds.identity import traits_of
from inkcast.files import make_folder
from inkcast.library.executors.executor import Executor, Job
from inkcast.library.executors.local_executor import LocalExecutor
from inkcast.library.steps.episode_steps import Tools, Work
from inkcast.library.steps.pipeline import audio_key, failed, is_due, is_fatal, next_step
from inkcast.library.store.catalogue import Catalogue, Outline, StoredFeed
from inkcast.library.store.record import Problem, StepName, StepRecord, StoppedError
from inkcast.library.store.schema import FILE_NAME
from inkcast.library.store.show_facts import keep_show_facts
from inkcast.library.store.sidecar import restore, write_sidecar
from inkcast.library.subscriptions import Show, Subscriptions, address_key
from inkcast.library.up_to_date import UnchangedFeed, unchanged_feed, up_to_date_key, with_corrections

_LOCK_NAME = "catalogue.lock"
_USUAL_BYTES_PER_S = 16_000
_LEAST_BYTES = 10_000  # feeds publish 0, -1 and seconds

Choose = Callable[[Sequence[Episode]], Sequence[Episode]]
EpisodeState = Literal["done", "failed", "unchanged", "planned"]

SOON = timedelta(minutes=10)
"""Who starts a sync wants to see what can work by now: what is due by then is not put off any longer."""


@dataclass(frozen=True, slots=True)
class EpisodeResult:
    """How an episode fared.

    Attributes:
        feed: the feed's title.
        guid, title: the episode's.
        folder: where its files are.
        state: ``unchanged`` if it was complete before; ``planned`` in a dry run.
        files: names of the files in ``folder``, first the one to open.
        problems: of the steps that failed, now or earlier.
        next_step: in a dry run, the first step that would run.
        duration_ms, size: in a dry run, what the feed says of the audio.
    """

    feed: str
    guid: str
    title: str
    folder: Path
    state: EpisodeState
    files: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    next_step: StepName | None = None
    duration_ms: int | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class FeedProblem:
    """A feed that could not be read, and why; ``source`` hides secrets."""

    source: str
    reason: str


@dataclass(slots=True)
class Summary:
    """What a sync did; ``stopped`` if it was asked to stop before it was through."""

    episodes: list[EpisodeResult] = field(default_factory=list)
    feed_problems: list[FeedProblem] = field(default_factory=list)
    stopped: bool = False

    def count(self, state: EpisodeState) -> int:
        """How many episodes ended like that."""
        return sum(episode.state == state for episode in self.episodes)

    @property
    def failed(self) -> bool:
        """Whether anything failed."""
        return bool(self.feed_problems) or self.count("failed") > 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What to work on.

    Attributes:
        sources: addresses or files of feeds.
        choose: which of a feed's episodes (newest first, all with audio), in which order.
        patience: what failed is tried again if it is due within this time.
    """

    sources: Sequence[str]
    choose: Choose = tuple
    patience: timedelta = SOON


def sync(
    plan: Plan,
    library: Path,
    tools: Tools,
    *,
    subscriptions: Subscriptions | None = None,
    executor: Executor | None = None,
    on_result: Callable[[EpisodeResult], None] = lambda result: None,
) -> Summary:
    """Take the feeds' episodes through every step that they still need.

    What fails is remembered with its reason and does not stop the rest; it is tried again when it is due.

    Args:
        plan: the episodes.
        library: the folder; made when missing.
        tools: what the steps need.
        subscriptions: reads the feeds; keep it from one sync to the next.
        executor: does the work; this machine if None.
        on_result: told about each episode as it ends.
    Raises:
        InkcastError: nothing could go on: another run has the library, no model, no space left.
    """
    with locked(library):
        restore(library)
        with Catalogue(library / FILE_NAME) as catalogue, closing(tools.audio):
            run = _Run(plan, library, catalogue, subscriptions or Subscriptions(tools.client), tools)
            executor = executor or LocalExecutor(tools)
            try:
                for jobs in run.batches():
                    for job in executor.run(jobs, run.record):
                        on_result(run.result(job))
                for result in run.up_to_date:
                    on_result(result)
            except StoppedError:
                run.summary.stopped = True
            run.mark_up_to_date()
            return run.finish()


def plan_sync(
    plan: Plan, library: Path, tools: Tools, *, subscriptions: Subscriptions | None = None
) -> Summary:
    """Tell what ``sync`` would work on, and change nothing.

    Raises:
        InkcastError: the library cannot be used.
    """
    with Catalogue(library / FILE_NAME, in_memory=True) as catalogue, closing(tools.audio):
        run = _Run(plan, library, catalogue, subscriptions or Subscriptions(tools.client), tools)
        for jobs in run.batches(ask_for_changes=False):
            for job in jobs:
                run.plan(job)
        return run.finish()


class _Run:
    """One sync: jobs out of feeds, and what came of them into the catalogue."""

    def __init__(
        self, plan: Plan, library: Path, catalogue: Catalogue, subscriptions: Subscriptions, tools: Tools
    ) -> None:
        self.summary = Summary()
        self._plan = plan
        self._library = library
        self._catalogue = catalogue
        self._subscriptions = subscriptions
        self._tools = tools
        self._due = datetime.now(UTC) + plan.patience
        self._lock = threading.Lock()
        self._open: dict[int, _Open] = {}
        self._put_off: list[_Chosen] = []
        self._results: list[tuple[int, EpisodeResult]] = []
        self._ended: dict[str, _Ended] = {}
        self.up_to_date: list[EpisodeResult] = []

    def batches(self, *, ask_for_changes: bool = True) -> Iterator[Iterator[Job]]:
        """Every chosen episode as a job; each batch is drawn and done before the next.

        An episode whose audio another one is fetching comes in the next batch: it shares the file then.
        Where nothing is left to do, a feed's server is only asked whether the feed has changed: if it has
        not, its episodes are in ``up_to_date`` instead.
        """
        yield self._jobs(self._chosen(ask_for_changes))
        while self._put_off:
            chosen, self._put_off = self._put_off, []
            yield self._jobs(chosen)

    def _chosen(self, ask_for_changes: bool) -> Iterator[_Chosen]:
        """The episodes, feed by feed, as they are asked for."""
        number = 0
        for source in dict.fromkeys(self._plan.sources):
            try:
                show = self._read(source, ask_for_changes)
            except (DownloadError, FeedError) as error:
                self.summary.feed_problems.append(FeedProblem(redact(source), str(error)))
                continue
            if isinstance(show, UnchangedFeed):
                self._leave(show, number)
                number += len(show.episodes)
                continue
            if show.validators:
                key = up_to_date_key(show.validators, self._tools.settings, show.feed_settings)
                self._ended[source] = _Ended(show.feed, key)
            if ask_for_changes:
                keep_show_facts(self._library / show.feed.folder, show.read, self._tools.client)
            chosen = self._plan.choose(show.episodes)
            outlines = self._catalogue.outlines(show.feed)
            lengths = {
                self._library / show.folders[episode.guid]: _length_ms(episode)
                for episode in chosen
                if self._has_work(show.feed, episode.guid, outlines.get(episode.guid))
            }
            self._tools.audio.begin(lengths, self._tools.task(show.feed.title, "ms of audio"))
            for episode in chosen:
                yield _Chosen(number, show, episode, is_new=episode.guid not in outlines)
                number += 1

    def _has_work(self, feed: StoredFeed, guid: str, outline: Outline | None) -> bool:
        """Whether something is left to do, as far as the catalogue alone can tell."""
        if outline != "failed":
            return outline != "complete"
        known = self._catalogue.steps(feed, guid).values()
        return any(is_due(record.next_attempt, self._due) for record in known if record.state == "failed")

    def _read(self, source: str, ask_for_changes: bool) -> Show | UnchangedFeed:
        reading = self._catalogue.last_reading(address_key(source)) if ask_for_changes else None
        if reading is None:
            return self._subscriptions.read(source, self._catalogue)
        feed, validators = reading
        key = up_to_date_key(
            validators, self._tools.settings, self._subscriptions.feed_settings(source, feed.title)
        )
        unchanged = unchanged_feed(self._catalogue, self._library, reading, key, self._plan.choose, self._due)
        if unchanged is None:
            return self._subscriptions.read(source, self._catalogue)
        return self._subscriptions.read_changed(source, self._catalogue, feed, validators) or unchanged

    def _leave(self, unchanged: UnchangedFeed, number: int) -> None:
        """Take over the episodes of a feed that has not changed."""
        for place, one in enumerate(unchanged.episodes, number):
            result = EpisodeResult(
                *(unchanged.feed.title, one.guid, one.title, self._library / one.folder),
                state="failed" if one.problems else "unchanged",
                files=one.files,
                problems=one.problems,
            )
            self.up_to_date.append(result)
            self._results.append((place, result))

    def mark_up_to_date(self) -> None:
        """Remember of which episodes nothing is left to do as long as their feed stays as it is."""
        for ended in self._ended.values():
            self._catalogue.mark_up_to_date(ended.feed, ended.keys)

    def _jobs(self, chosen: Iterable[_Chosen]) -> Iterator[Job]:
        for one in chosen:
            if self._is_being_fetched(one.episode):
                self._put_off.append(one)
            else:
                yield self._job(one)

    def record(self, job: Job, record: StepRecord) -> None:
        """Take down how a step ended, first beside the files, then in the catalogue."""
        if record.step == "transcribe" and record.audio_ms:  # by a worker elsewhere, who told nothing
            self._tools.audio.heard(job.folder, record.audio_ms, record.audio_ms)
        with self._lock:
            open_ = self._open[job.number]
            open_.now[record.step] = record
            if "publish" in open_.now or (record.state == "failed" and record.files):
                feed, traits = open_.show.feed, traits_of(job.episode)
                try:
                    write_sidecar(self._library, self._catalogue, feed, traits, job.folder, open_.now)
                except StorageError as error:
                    if is_fatal(error):
                        raise
                    record = open_.now[record.step] = failed(record, str(error))
            self._catalogue.record(open_.show.feed, job.episode.guid, record)

    def result(self, job: Job) -> EpisodeResult:
        """Close a job that has ended."""
        with self._lock:
            open_ = self._open.pop(job.number)
        now = open_.now
        problems = tuple(
            Problem(record.step, record.reason, record.next_attempt)
            for record in now.values()
            if record.state == "failed"
        )
        result = EpisodeResult(
            feed=open_.show.feed.title,
            guid=job.episode.guid,
            title=job.episode.title,
            folder=job.folder,
            state="failed" if problems else "unchanged" if _ends(now) == _ends(open_.known) else "done",
            files=tuple(file.name for file in now["publish"].files) if "publish" in now else (),
            problems=problems,
        )
        self._results.append((job.number, result))
        self._tools.audio.end(job.folder, counts=result.state == "done")
        if job.source in self._ended:
            self._ended[job.source].keys[job.episode.guid] = open_.key
        return result

    def finish(self) -> Summary:
        """The summary, in the order of the feeds, whoever was first."""
        self._results.sort(key=lambda item: item[0])
        self.summary.episodes = [result for _, result in self._results]
        return self.summary

    def plan(self, job: Job) -> None:
        """Close a job that is not done, with what would be."""
        show = self._open.pop(job.number).show
        self._tools.audio.end(job.folder, counts=False)
        step = next_step(Work(job.episode, job.folder, self._tools, feed=job.feed, due=job.due), job.known)
        enclosure = job.episode.enclosure
        result = EpisodeResult(
            *(show.feed.title, job.episode.guid, job.episode.title, job.folder),
            state="planned" if step else "unchanged",
            next_step=step,
            duration_ms=job.episode.duration_ms,
            size=enclosure.length if enclosure else None,
        )
        self._results.append((job.number, result))

    def _job(self, one: _Chosen) -> Job:
        show, episode = one.show, one.episode
        known = {} if one.is_new else self._catalogue.steps(show.feed, episode.guid)
        folder = self._library / show.folders[episode.guid]
        # As it is now: what is corrected while the episode is worked on is seen the next time.
        key = with_corrections(self._ended[show.source].key, folder) if show.source in self._ended else ""
        with self._lock:
            self._open[one.number] = _Open(show, audio_key(episode), key, known, dict(known))
        return Job(
            number=one.number,
            episode=episode,
            folder=folder,
            known=known,
            source=show.source,
            feed=show.feed_settings,
            due=self._due,
            twin=None if "download" in known else self._twin(episode),
        )

    def _is_being_fetched(self, episode: Episode) -> bool:
        key = audio_key(episode)
        with self._lock:
            return any("download" not in other.now and other.audio == key for other in self._open.values())

    def _twin(self, episode: Episode) -> Path | None:
        found = self._catalogue.same_audio(audio_key(episode))
        if found is None:
            return None
        feed, folder, file = found
        path = self._library / feed / folder
        return path / file.name if file.is_there(path) else None


@dataclass(frozen=True, slots=True)
class _Chosen:
    """An episode to be looked at; ``number`` is its place in the summary.

    ``is_new``: the catalogue knew no step of it when its feed was read.
    """

    number: int
    show: Show
    episode: Episode
    is_new: bool


@dataclass(frozen=True, slots=True)
class _Ended:
    """The episodes of a feed that have ended: by guid, the key under which each is up to date.

    ``key`` is that of the feed.
    """

    feed: StoredFeed
    key: str
    keys: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Open:
    """A job under way: what was known of its episode before, and what is known now.

    ``key`` is that under which the episode is up to date once the job has ended.
    """

    show: Show
    audio: str
    key: str
    known: Mapping[str, StepRecord]
    now: dict[str, StepRecord]


def _length_ms(episode: Episode) -> float | None:
    """How long it is, as its feed or the size of its file says."""
    enclosure = episode.enclosure
    if episode.duration_ms or enclosure is None:
        return episode.duration_ms
    size = enclosure.length or 0
    if not is_web_address(enclosure.url):
        with suppress(OSError):
            size = Path(enclosure.url).stat().st_size
    return 1000 * size / _USUAL_BYTES_PER_S if size > _LEAST_BYTES else None


def _ends(steps: Mapping[str, StepRecord]) -> dict[str, datetime]:
    """When each step ended that did something: to find nothing once more changes nothing."""
    return {name: record.finished_at for name, record in steps.items() if record.state != "skipped"}


def locked(library: Path) -> AbstractContextManager[None]:
    """Keep other runs off a library, which is made when missing."""
    refusal = LibraryError(
        f"Another run is working on the library {library}.", "Wait for it, or stop it and run this again."
    )
    return only_run(make_folder(library) / _LOCK_NAME, refusal)
