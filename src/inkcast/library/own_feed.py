"""A publisher's feed beside a library: which of its items the library holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from inkcast.errors import LibraryError, redact
from inkcast.feeds.episode import Episode, Feed
from inkcast.feeds.identity import match_known, traits_of
from inkcast.library.store.catalogue import Catalogue
from inkcast.library.store.schema import FILE_NAME
from inkcast.publish.site.feed import PublisherFeed
from inkcast.publish.site.source import episode_path


def publisher_feed(library: Path, feed: Feed, data: bytes) -> PublisherFeed:
    """Find a feed's episodes in a library, as a sync would, wherever the feed has moved.

    Args:
        library: with a catalogue.
        feed: read from ``data``.
        data: the feed's bytes.
    Raises:
        LibraryError: the library has none of them, or the feed is private: everybody who can see a copy
            could listen with its listener's password.
    """
    heard = [episode for episode in feed.episodes if episode.enclosure]
    if any(redact(address, guess=False) != address for address in (feed.source, *_addresses(heard))):
        raise LibraryError(
            f"{feed.source} is private: its addresses carry a listener's password or token.",
            "Give the address of the feed that everybody may see.",
        )
    folder = ""
    found: dict[str, str] = {}
    with Catalogue(library / FILE_NAME) as catalogue:
        for stored in catalogue.feeds():
            guids = match_known(catalogue.episode_traits(stored), [traits_of(each) for each in heard])
            if len(guids) > len(found):
                folders = catalogue.episode_folders(stored)
                folder, found = stored.folder, {guid: folders[known] for guid, known in guids.items()}
    if not found:
        raise LibraryError(
            f"The library {library} has no episode of {feed.source}.", "Sync that feed into it first."
        )
    names = _names(heard)
    episodes = {name: episode_path(folder, found[guid]) for name, guid in names.items() if guid in found}
    return PublisherFeed(f"feeds/{folder}.xml", data, episodes)


def _addresses(episodes: Sequence[Episode]) -> list[str]:
    return [episode.enclosure.url for episode in episodes if episode.enclosure]


def _names(episodes: Sequence[Episode]) -> dict[str, str]:
    """Each guid by what tells its item in the feed's text; what several items share does not."""
    shared = Counter(_addresses(episodes))
    # Of items that share one, all but the oldest have a guid with a mark at its end.
    reused = {episode.guid.rpartition("#")[0] for episode in episodes}
    names = {episode.guid: episode.guid for episode in episodes if episode.guid not in reused}
    for episode in episodes:
        if episode.enclosure and shared[episode.enclosure.url] == 1:
            names[episode.enclosure.url] = episode.guid
    return names
