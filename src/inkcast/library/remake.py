"""One episode of a library made anew after corrections: no feed is read, and no model is loaded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inkcast.alignment.alignment import Alignment
from inkcast.corrections.apply import Corrected
from inkcast.download.client import open_client
from inkcast.errors import LibraryError
from inkcast.feeds.episode import Enclosure, Episode
from inkcast.library.steps.episode_steps import Tools, Work
from inkcast.library.steps.models_on_demand import lazy_transcriber
from inkcast.library.steps.pipeline import make_anew
from inkcast.library.store.catalogue import Catalogue, KnownEpisode
from inkcast.library.store.record import StepRecord
from inkcast.library.store.schema import require_catalogue
from inkcast.library.store.sidecar import write_sidecar
from inkcast.library.sync import locked
from inkcast.publish.episode_files import ALIGNMENT
from inkcast.settings import Settings, settings_of_feed
from inkcast.shape import MISSHAPEN


def remake(
    library: Path,
    folder: Path,
    settings: Settings = Settings(),
    feeds: Mapping[str, Mapping[str, Any]] | None = None,
    done: Corrected | None = None,
) -> tuple[StepRecord, ...]:
    """Align and publish an episode again, with its corrections as they are now.

    Args:
        library: its folder.
        folder: the episode's, within the library.
        settings: those of its last sync: readings of words.
        feeds: the table ``[feeds]`` of the settings file.
        done: the last alignment with the corrections that came to the end of their file since, as ``apply``
            gives it: then nothing is aligned. None where others were taken away or changed.

    Returns:
        How the two steps ended: alignment and publishing, from memory where nothing has changed.

    Raises:
        LibraryError: there is no such episode, it was never aligned, or another run has the library.
        StorageError: the disk refuses.
    """
    with (
        locked(library),
        Catalogue(require_catalogue(library)) as catalogue,
        open_client() as client,
    ):
        one = _known(catalogue, folder)
        known = catalogue.steps(one.feed, one.traits.guid)
        tools = Tools(client, settings, lazy_transcriber())
        feed = settings_of_feed(feeds or {}, one.feed.source, one.feed.title)
        work = Work(_episode(one, library / folder), library / folder, tools, feed=feed)
        now = dict(known)
        for event in make_anew(work, known, done):
            if isinstance(event, StepRecord):
                now[event.step] = event
                write_sidecar(library, catalogue, one.feed, one.traits, library / folder, now)
                catalogue.record(one.feed, one.traits.guid, event)
    if "align" not in now:
        raise LibraryError(f"The episode in {folder} was never aligned.", "Sync it first.")
    return tuple(now[name] for name in ("align", "publish") if name in now)


def _known(catalogue: Catalogue, folder: Path) -> KnownEpisode:
    for one in catalogue.episodes():
        if one.folder == folder:
            return one
    raise LibraryError(f"The library has no episode in {folder}.", "Name its folder within the library.")


def _episode(one: KnownEpisode, folder: Path) -> Episode:
    """As far as its last steps need it: its title, and where its recording came from."""
    try:
        path = folder / f"{folder.name}{ALIGNMENT}"
        source = Alignment.from_json(json.loads(path.read_bytes())).audio.source
    except MISSHAPEN:
        source = ""
    return Episode(one.traits.guid, one.traits.title, one.traits.published, enclosure=Enclosure(source))
