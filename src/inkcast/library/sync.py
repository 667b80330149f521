"""Feeds into a library: every episode through the steps that it still needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import filelock

from inkcast.download.feed import fetch_feed
from inkcast.download.naming import file_stem, unique_stems
from inkcast.download.renewal import Renewal
from inkcast.errors import DownloadError, FeedError, LibraryError, redact
from inkcast.feeds.address import is_web_address
from inkcast.feeds.episode import Episode
from inkcast.feeds.identity import match_known, traits_of
from inkcast.feeds.rss import require_audio
from inkcast.files import make_folder, storage_error
from inkcast.library.catalogue import FILE_NAME, Catalogue, NewEpisode, StoredFeed
from inkcast.library.pipeline import process
from inkcast.library.record import StepName, StepRecord, digest
from inkcast.library.steps import Tools, Work

_LOCK_NAME = "catalogue.lock"

Choose = Callable[[Sequence[Episode]], Sequence[Episode]]
EpisodeState = Literal["done", "failed", "unchanged", "planned"]


@dataclass(frozen=True, slots=True)
class Problem:
    """A step that failed, and why."""

    step: StepName
    reason: str


@dataclass(frozen=True, slots=True)
class EpisodeResult:
    """How an episode fared.

    Attributes:
        feed: the feed's title.
        guid, title: the episode's.
        folder: where its files are.
        state: ``unchanged`` if it was complete before; ``planned`` in a rehearsal.
        files: names of the files in ``folder``, first the one to open.
        problems: of the steps that failed, now or earlier.
        next_step: in a rehearsal, the first step that would run.
    """

    feed: str
    guid: str
    title: str
    folder: Path
    state: EpisodeState
    files: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    next_step: StepName | None = None


@dataclass(frozen=True, slots=True)
class FeedProblem:
    """A feed that could not be read, and why; ``source`` hides secrets."""

    source: str
    reason: str


@dataclass(slots=True)
class Summary:
    """What a sync did."""

    episodes: list[EpisodeResult] = field(default_factory=list)
    feed_problems: list[FeedProblem] = field(default_factory=list)

    def count(self, state: EpisodeState) -> int:
        """How many episodes ended like that."""
        return sum(episode.state == state for episode in self.episodes)

    @property
    def failed(self) -> bool:
        """Whether anything failed."""
        return bool(self.feed_problems) or self.count("failed") > 0


def sync(
    sources: Sequence[str],
    library: Path,
    tools: Tools,
    *,
    choose: Choose = tuple,
    on_result: Callable[[EpisodeResult], None] = lambda result: None,
) -> Summary:
    """Take the feeds' episodes through every step that they still need.

    What fails is remembered with its reason and does not stop the rest; the next sync tries it again.

    Args:
        sources: addresses or files of feeds.
        library: the folder; made when missing.
        tools: what the steps need.
        choose: which of a feed's episodes (newest first, all with audio) to work on, in which order.
        on_result: told about each episode as it ends.
    Raises:
        InkcastError: nothing could go on: another run has the library, no model, no space left.
    """
    summary = Summary()
    with _locked(library), Catalogue(library / FILE_NAME) as catalogue:
        for show in _shows(sources, catalogue, tools, summary):
            episodes = choose(show.episodes)
            with tools.task(show.feed.title) as progress:
                for index, episode in enumerate(episodes):
                    progress(index, len(episodes))
                    work = Work(episode, library / show.folders[episode.guid], tools, show.renewal)
                    result = _sync_episode(work, show.feed, catalogue)
                    summary.episodes.append(result)
                    on_result(result)
    return summary


def rehearse(sources: Sequence[str], library: Path, tools: Tools, *, choose: Choose = tuple) -> Summary:
    """Tell what ``sync`` would work on, and change nothing.

    Raises:
        InkcastError: the library cannot be used.
    """
    summary = Summary()
    with Catalogue(library / FILE_NAME, in_memory=True) as catalogue:
        for show in _shows(sources, catalogue, tools, summary):
            for episode in choose(show.episodes):
                work = Work(episode, library / show.folders[episode.guid], tools, show.renewal)
                event = next(process(work, catalogue.steps(show.feed, episode.guid)), None)
                step = event.step if isinstance(event, StepRecord) else event
                state: EpisodeState = "planned" if step else "unchanged"
                summary.episodes.append(
                    EpisodeResult(
                        show.feed.title, episode.guid, episode.title, work.folder, state, next_step=step
                    )
                )
    return summary


def _sync_episode(work: Work, feed: StoredFeed, catalogue: Catalogue) -> EpisodeResult:
    episode = work.episode
    known = catalogue.steps(feed, episode.guid)
    now = dict(known)
    for event in process(work, known):
        if isinstance(event, StepRecord):
            catalogue.record(feed, episode.guid, event)
            now[event.step] = event
    problems = tuple(
        Problem(record.step, record.reason) for record in now.values() if record.state == "failed"
    )
    published = now["publish"].files if "publish" in now else ()
    return EpisodeResult(
        feed=feed.title,
        guid=episode.guid,
        title=episode.title,
        folder=work.folder,
        state="failed" if problems else "unchanged" if now == known else "done",
        files=tuple(file.name for file in published),
        problems=problems,
    )


@contextmanager
def _locked(library: Path) -> Iterator[None]:
    """Keep other runs off a library, which is made when missing."""
    make_folder(library)
    lock = filelock.FileLock(library / _LOCK_NAME, blocking=False)
    try:
        lock.acquire()
    except filelock.Timeout as error:
        raise LibraryError(
            f"Another run is working on the library {library}.", "Wait for it, or stop it and run this again."
        ) from error
    except OSError as error:
        raise storage_error(library / _LOCK_NAME, error) from error
    try:
        yield
    finally:
        lock.release()


@dataclass(frozen=True, slots=True)
class _Show:
    """A feed's episodes with audio, newest first, and the folder of each within the library."""

    feed: StoredFeed
    episodes: tuple[Episode, ...]
    folders: Mapping[str, Path]
    renewal: Renewal


def _shows(sources: Sequence[str], catalogue: Catalogue, tools: Tools, summary: Summary) -> Iterator[_Show]:
    """Read each feed and take down its episodes; those without audio are none of ours."""
    for source in dict.fromkeys(sources):
        try:
            fetched = fetch_feed(tools.client, source)
            feed = require_audio(fetched.feed)
        except (DownloadError, FeedError) as error:
            summary.feed_problems.append(FeedProblem(redact(source), str(error)))
            continue
        addresses = [
            address if is_web_address(address) else str(Path(address).resolve())
            for address in (source, fetched.address)
        ]
        stored = _store_feed(feed.title, addresses, catalogue)
        heard = [episode for episode in feed.episodes if episode.enclosure]
        episodes = _with_known_guids(stored, heard, catalogue)
        folders = _store_episodes(stored, episodes, catalogue)
        yield _Show(stored, episodes, folders, Renewal(tools.client, source))


def _store_feed(title: str, addresses: Sequence[str], catalogue: Catalogue) -> StoredFeed:
    """Take down a feed, known by any of its addresses; the last is where it is now."""
    keys, taken = [digest(address) for address in addresses], catalogue.feed_folders()
    key = next(filter(None, map(catalogue.feed_address, keys)), keys[0])
    folder = unique_stems([file_stem(title), *taken.values()], [key, *taken])[0]
    stored = catalogue.put_feed(key, redact(addresses[-1]), title, folder)
    catalogue.put_addresses(stored, keys)
    return stored


def _with_known_guids(
    feed: StoredFeed, episodes: Sequence[Episode], catalogue: Catalogue
) -> tuple[Episode, ...]:
    """The episodes under the guids that they had when they were first seen."""
    guids = match_known(catalogue.episode_traits(feed), [traits_of(episode) for episode in episodes])
    return tuple(replace(episode, guid=guids.get(episode.guid, episode.guid)) for episode in episodes)


def _store_episodes(feed: StoredFeed, episodes: Sequence[Episode], catalogue: Catalogue) -> dict[str, Path]:
    """Name a folder for each new episode; it stays the same, whatever the title becomes."""
    known = catalogue.episode_folders(feed)
    new = [episode for episode in episodes if episode.guid not in known]
    stems = [file_stem(episode.title, episode.published) for episode in new]
    guids = [episode.guid for episode in new]
    # Those that are there come last: they keep their names.
    names = unique_stems([*stems, *known.values()], [*guids, *known])
    folders = known | dict(zip(guids, names[: len(new)], strict=True))
    catalogue.put_episodes(
        feed,
        [NewEpisode(traits_of(episode), folders[episode.guid]) for episode in reversed(episodes)],
    )
    return {guid: Path(feed.folder, folder) for guid, folder in folders.items()}
