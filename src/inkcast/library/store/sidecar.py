"""``episode.json`` in each episode's folder: what the catalogue knows of it, for when the catalogue is lost.

It is written before the catalogue, so that what the catalogue says is done has its sidecar. It holds no
times and no counts of attempts: the same inputs give the same bytes.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from inkcast.errors import LibraryError
from inkcast.feeds.identity import Traits
from inkcast.files import make_folder, write_text
from inkcast.library.store.catalogue import Catalogue, NewEpisode, StoredFeed
from inkcast.library.store.record import StepRecord
from inkcast.library.store.schema import FILE_NAME
from inkcast.shape import MISSHAPEN, checked

SIDECAR = "episode.json"
FORMAT_VERSION = 1

_LOG = logging.getLogger(__name__)


def write_sidecar(
    library: Path,
    catalogue: Catalogue,
    feed: StoredFeed,
    traits: Traits,
    folder: Path,
    steps: Mapping[str, StepRecord],
) -> Path:
    """Write what is known of an episode to its folder. Raises StorageError."""
    data = {
        "version": FORMAT_VERSION,
        "feed": {
            "address": catalogue.address_of(feed),
            "source": feed.source,
            "title": feed.title,
            "folder": feed.folder,
        },
        "episode": {
            "guid": traits.guid,
            "title": traits.title,
            "published": traits.published.isoformat() if traits.published else None,
            "audio": traits.audio,
            "link": traits.link,
            "folder": folder.relative_to(library / feed.folder).as_posix(),
        },
        "steps": {name: step.to_json() for name, step in sorted(steps.items())},
    }
    return write_text(make_folder(folder) / SIDECAR, json.dumps(data, ensure_ascii=False) + "\n")


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What an ``episode.json`` says; ``address`` is the digest that the feed goes by, which has no id yet."""

    address: str
    feed: StoredFeed
    traits: Traits
    folder: str
    steps: tuple[StepRecord, ...]

    @property
    def place(self) -> Path:
        """Where the episode's folder belongs, within the library."""
        return Path(self.feed.folder, self.folder)


def read_sidecar(file: Path) -> Sidecar:
    """Read an ``episode.json``. Raises LibraryError."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        facts, about = dict(data["episode"]), data["feed"]
        folder, published = facts.pop("folder"), facts.pop("published")
        sidecar = Sidecar(
            about["address"],
            StoredFeed(0, about["source"], about["title"], about["folder"]),
            Traits(**facts, published=datetime.fromisoformat(published) if published else None),
            folder,
            tuple(StepRecord.from_json(name, step, file.parent) for name, step in data["steps"].items()),
        )
        return checked(sidecar)
    except MISSHAPEN as error:
        raise LibraryError(f"{file} cannot be used: {error}.", "The next sync makes it again.") from error


def restore_episode(sidecar: Sidecar, catalogue: Catalogue) -> None:
    """Enter an episode into the catalogue; steps that it knows already stay as they are.

    Raises:
        LibraryError: it does not fit in, its folder is another episode's for example.
    """
    feed, guid = sidecar.feed, sidecar.traits.guid
    stored = catalogue.put_feed(sidecar.address, feed.source, feed.title, feed.folder)
    catalogue.put_episodes(stored, [NewEpisode(sidecar.traits, sidecar.folder)])
    known = catalogue.steps(stored, guid)
    for step in sidecar.steps:
        if step.step not in known:
            catalogue.record(stored, guid, step)


def restore(library: Path) -> int:
    """Make a catalogue that is missing out of the sidecars; returns how many episodes it has then.

    Raises:
        InkcastError: the disk refuses.
    """
    path = library / FILE_NAME
    if path.exists():
        return 0
    found = sidecars(library)
    if not found:
        return 0
    new = path.with_name(f"{FILE_NAME}.new")
    for name in (new, *(new.with_name(new.name + end) for end in ("-wal", "-shm", "-journal"))):
        name.unlink(missing_ok=True)
    with Catalogue(new) as catalogue:
        count = sum(_take_down(file, library, catalogue) for file in found)
    new.replace(path)
    _LOG.warning("The catalogue of %s was missing: %d episodes were found in its folders.", library, count)
    return count


def sidecars(folder: Path) -> list[Path]:
    """Every ``episode.json`` below a folder, in order."""
    return sorted(folder.glob(f"*/**/{SIDECAR}"))


def _take_down(file: Path, library: Path, catalogue: Catalogue) -> bool:
    try:
        sidecar = read_sidecar(file)
        if library / sidecar.place != file.parent:
            raise LibraryError(f"{file.parent} is a copy of {library / sidecar.place}, or was moved.")
        restore_episode(sidecar, catalogue)
    except LibraryError as error:
        _LOG.warning("%s", error)
        return False
    return True
