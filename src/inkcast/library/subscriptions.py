"""Feeds as a library knows them: each under the name, folder and guids that it had when first seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from inkcast.download.fetch_feed import FetchedFeed, Unchanged, fetch_changed_feed, fetch_feed
from inkcast.download.naming import DEFAULT_TEMPLATE, check_template, episode_stems, file_stem, unique_stems
from inkcast.errors import redact
from inkcast.feeds.address import is_web_address
from inkcast.feeds.episode import Episode, Feed
from inkcast.feeds.identity import match_known, traits_of
from inkcast.feeds.rss import require_audio
from inkcast.feeds.validators import Validators
from inkcast.files import digest
from inkcast.library.store.catalogue import Catalogue, NewEpisode, StoredFeed
from inkcast.settings import FeedSettings, settings_of_feed


@dataclass(frozen=True, slots=True)
class Show:
    """A feed's episodes with audio, newest first.

    Attributes:
        source: the address that was asked for.
        feed: as the catalogue has it.
        read: as it was published.
        feed_settings: what the user wants for it.
        episodes: under the guids that they had when first seen.
        folders: of each episode, within the library, by its guid.
        validators: tell whether the feed has changed; None where that cannot be told.
    """

    source: str
    feed: StoredFeed
    read: Feed
    feed_settings: FeedSettings
    episodes: tuple[Episode, ...]
    folders: Mapping[str, Path]
    validators: Validators | None


class Subscriptions:
    """Reads feeds for a library.

    Args:
        client: from ``open_client``.
        table: ``[feeds]`` of the settings file.
        use_published: of all feeds, whatever the table says.
    """

    def __init__(
        self,
        client: httpx.Client,
        table: Mapping[str, Mapping[str, Any]] | None = None,
        *,
        use_published: bool = False,
    ) -> None:
        self._client = client
        self._table = table or {}
        self._use_published = use_published

    def feed_settings(self, *names: str) -> FeedSettings:
        """What the user wants for a feed, known by any of ``names``: its addresses, its title."""
        feed_settings = settings_of_feed(self._table, *names)
        return replace(feed_settings, use_published=True) if self._use_published else feed_settings

    def read(self, source: str, catalogue: Catalogue) -> Show:
        """Read a feed and take down its episodes; those without audio are none of ours.

        Raises:
            DownloadError, FeedError: it cannot be read. SettingsError: its name template makes no sense.
        """
        return self._show(source, fetch_feed(self._client, source), catalogue)

    def read_changed(
        self, source: str, catalogue: Catalogue, stored: StoredFeed, known: Validators
    ) -> Show | None:
        """Read a feed as ``read`` does; None if it is as it was when ``known`` was taken down."""
        fetched = fetch_changed_feed(self._client, source, known)
        if isinstance(fetched, Unchanged):
            catalogue.put_addresses(stored, [address_key(fetched.address)])
            return None
        return self._show(source, fetched, catalogue)

    def _show(self, source: str, fetched: FetchedFeed, catalogue: Catalogue) -> Show:
        feed = require_audio(fetched.feed)
        feed_settings = self.feed_settings(source, fetched.address, feed.title)
        addresses = [_whole(address) for address in (source, fetched.address)]
        stored = _store_feed(feed.title, addresses, catalogue)
        heard = [episode for episode in feed.episodes if episode.enclosure]
        episodes = _with_known_guids(stored, heard, catalogue)
        named = replace(feed, episodes=episodes)
        folders = _store_episodes(stored, named, feed_settings.name, catalogue)
        if fetched.validators:
            guids = [episode.guid for episode in episodes]
            catalogue.put_reading(stored, address_key(source), fetched.validators, guids)
        return Show(source, stored, feed, feed_settings, episodes, folders, fetched.validators)


def address_key(address: str) -> str:
    """What the catalogue keeps of an address or path that leads to a feed."""
    return digest(_whole(address))


def _whole(address: str) -> str:
    return address if is_web_address(address) else str(Path(address).resolve())


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


def _store_episodes(stored: StoredFeed, feed: Feed, template: str, catalogue: Catalogue) -> dict[str, Path]:
    """Name a folder for each new episode; it stays the same, whatever the title becomes."""
    check_template(template or DEFAULT_TEMPLATE)
    known = catalogue.episode_folders(stored)
    new = [episode for episode in feed.episodes if episode.guid not in known]
    if template:
        chosen = episode_stems(feed, template)
        stems = [chosen[episode.guid] for episode in new]
    else:
        stems = [file_stem(episode.title, episode.published) for episode in new]
    guids = [episode.guid for episode in new]
    # Those that are there come last: they keep their names.
    names = unique_stems([*stems, *known.values()], [*guids, *known])
    folders = known | dict(zip(guids, names[: len(new)], strict=True))
    catalogue.put_episodes(
        stored,
        [NewEpisode(traits_of(episode), folders[episode.guid]) for episode in reversed(feed.episodes)],
    )
    return {guid: Path(stored.folder, folder) for guid, folder in folders.items()}
