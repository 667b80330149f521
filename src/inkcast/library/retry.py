"""Episodes that are taken up again at once: what failed, or what the user names."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from inkcast.errors import LibraryError, redact
from inkcast.feeds.episode import Episode
from inkcast.library.executors.executor import Executor
from inkcast.library.steps.episode_steps import Tools
from inkcast.library.store.catalogue import Catalogue, KnownEpisode, StoredFeed
from inkcast.library.store.record import STEPS, Problem, StepName
from inkcast.library.store.schema import require_catalogue
from inkcast.library.subscriptions import Subscriptions, address_key
from inkcast.library.sync import EpisodeResult, FeedProblem, Plan, Summary, locked, sync

_HIDDEN = "***"  # as ``redact`` leaves it
_SHOWN = 3

_Wanted = tuple[KnownEpisode, tuple[StepName, ...]]
"""An episode to take up again, and which of its steps."""


@dataclass(frozen=True, slots=True)
class Retry:
    """What to take up again.

    Attributes:
        names: guids, titles or folders of episodes; none: every episode that failed.
        first: the step from which on the named episodes are done again, whether it failed or not.
        addresses: of feeds, where the catalogue does not keep them because they hold secrets. Those that
            lead to none of the library's feeds do not matter.
    """

    names: Sequence[str] = ()
    first: StepName | None = None
    addresses: Collection[str] = ()


def retry(
    what: Retry,
    library: Path,
    tools: Tools,
    *,
    subscriptions: Subscriptions | None = None,
    executor: Executor | None = None,
    on_result: Callable[[EpisodeResult], None] = lambda result: None,
) -> Summary:
    """Mark steps to be done again, whatever their back-off, and sync the episodes that they are of.

    Args:
        what: the episodes.
        library: the folder of an existing library.
        tools: what the steps need.
        subscriptions: reads the feeds.
        executor: does the work; this machine if None.
        on_result: told about each episode as it ends.
    Returns:
        As ``sync`` does. An episode that its feed has no longer has failed.
    Raises:
        InkcastError: a name is nobody's or several episodes', or nothing could go on.
    """
    path = require_catalogue(library)
    with locked(library), Catalogue(path) as catalogue:
        wanted = _named(catalogue, library, what) if what.names else _failed(catalogue)
        sources = _sources(catalogue, wanted, what.addresses)
        for one, steps in wanted:
            catalogue.redo(one.feed, one.traits.guid, steps)
    guids = {one.traits.guid for one, _ in wanted}

    def choose(episodes: Sequence[Episode]) -> Sequence[Episode]:
        return [episode for episode in episodes if episode.guid in guids]

    known = {id_: source for id_, source in sources.items() if _HIDDEN not in source}
    summary = Summary()
    if known:
        plan = Plan(tuple(known.values()), choose)
        summary = sync(
            plan, library, tools, subscriptions=subscriptions, executor=executor, on_result=on_result
        )
    if not summary.stopped:
        for result in _gone(wanted, known, library, summary):
            summary.episodes.append(result)
            on_result(result)
    hidden = {one.feed.id: one.feed for one, _ in wanted if one.feed.id not in known}
    summary.feed_problems += [FeedProblem(feed.source, _hidden(feed)) for feed in hidden.values()]
    return summary


def _failed(catalogue: Catalogue) -> list[_Wanted]:
    everyone = ((one, _failed_steps(catalogue, one)) for one in catalogue.episodes())
    return [(one, steps) for one, steps in everyone if steps]


def _named(catalogue: Catalogue, library: Path, what: Retry) -> list[_Wanted]:
    everyone = list(catalogue.episodes())
    wanted = {one.folder: one for one in (find_episode(name, everyone, library) for name in what.names)}
    if what.first is None:
        return [(one, _failed_steps(catalogue, one)) for one in wanted.values()]
    return [(one, STEPS[STEPS.index(what.first) :]) for one in wanted.values()]


def _failed_steps(catalogue: Catalogue, one: KnownEpisode) -> tuple[StepName, ...]:
    steps = catalogue.steps(one.feed, one.traits.guid)
    return tuple(name for name in STEPS if name in steps and steps[name].state == "failed")


def find_episode(name: str, everyone: Sequence[KnownEpisode], library: Path) -> KnownEpisode:
    """The episode with that guid; else in that folder, on this machine or in the library; else so titled.

    Raises:
        LibraryError: none or several.
    """
    folders = [Path(name).resolve(), (library / name).resolve()]
    found = (
        [one for one in everyone if one.traits.guid == name]
        or [one for one in everyone if (library / one.folder).resolve() in folders]
        or [one for one in everyone if one.traits.title.casefold() == name.casefold()]
    )
    if len(found) == 1:
        return found[0]
    if found:
        places = ", ".join(str(library / one.folder) for one in found[:_SHOWN])
        raise LibraryError(f"{name!r} matches {len(found)} episodes.", f"Name a folder: {places}.")
    near = difflib.get_close_matches(name, {one.traits.title for one in everyone}, 1)
    raise LibraryError(
        f"No episode of {library} has the guid, folder or title {name!r}.",
        f"Did you mean {near[0]!r}?" if near else f"See what failed: inkcast status --library {library}.",
    )


def _sources(catalogue: Catalogue, wanted: Sequence[_Wanted], addresses: Iterable[str]) -> dict[int, str]:
    """Where each feed is read, by its id."""
    sources = {one.feed.id: one.feed.source for one, _ in wanted}
    feeds = {catalogue.address_of(one.feed): one.feed.id for one, _ in wanted}
    for address in addresses:
        leads_to = catalogue.feed_address(address_key(address))
        if leads_to in feeds:
            sources[feeds[leads_to]] = address
    return sources


def _hidden(feed: StoredFeed) -> str:
    return f"The address of {feed.title} contains a secret, which is not stored. Give it: --feed ADDRESS."


def _gone(
    wanted: Sequence[_Wanted], known: Mapping[int, str], library: Path, summary: Summary
) -> Iterator[EpisodeResult]:
    """The wanted episodes that a feed no longer has, although it could be read."""
    unread = {problem.source for problem in summary.feed_problems}
    there = {result.folder for result in summary.episodes}
    for one, steps in wanted:
        folder = library / one.folder
        if one.feed.id not in known or redact(known[one.feed.id]) in unread or folder in there:
            continue
        problem = Problem(steps[0] if steps else "download", "The feed no longer has this episode.")
        yield EpisodeResult(
            *(one.feed.title, one.traits.guid, one.traits.title, folder), state="failed", problems=(problem,)
        )
