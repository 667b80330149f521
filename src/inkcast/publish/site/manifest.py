"""What a site is made of, remembered in the site: so that only what changed is made again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from inkcast.errors import PublishError
from inkcast.files import write_text
from inkcast.shape import MISSHAPEN

FILE_NAME = ".inkcast-site.json"
VERSION = 2


@dataclass(frozen=True, slots=True)
class Audio:
    """A recording as pages address it: relative to the episode's page, or an http(s) address."""

    href: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An episode of the site.

    Attributes:
        number: its own for ever, so that the others' places in the search index stay as they are.
        key: digest of all that its files are made of; empty while they are being made.
        source: what the episode goes by, whatever its address (``Source.path``).
        path: its folder within the site.
        title, show, show_folder: as shown; ``show_folder`` tells shows with one title apart.
        published: ISO 8601 in UTC, empty if unknown.
        duration_ms: of the recording.
        summary: how its text begins.
        language: a BCP 47 tag, or empty.
        transcribed: its text was written by a machine that listened.
        audio: the recording; None if the site cannot play it.
        subtitles: names of files in its folder.
        chapters, card: names of files in its folder; empty without.
        files: names of all files in its folder.
    """

    number: int
    key: str
    source: str
    path: str
    title: str = ""
    show: str = ""
    show_folder: str = ""
    published: str = ""
    duration_ms: int = 0
    summary: str = ""
    language: str = ""
    transcribed: bool = False
    audio: Audio | None = None
    subtitles: tuple[str, ...] = ()
    chapters: str = ""
    card: str = ""
    files: tuple[str, ...] = ()

    @property
    def page(self) -> str:
        """The path of its page within the site."""
        return f"{self.path}/index.html"


@dataclass(frozen=True, slots=True)
class Manifest:
    """A site.

    Attributes:
        next_number: of the next episode that is new.
        entries: by their source.
        files: paths of all that belong to no episode.
        moved: folders that episodes had before, with their source.
    """

    next_number: int = 0
    entries: Mapping[str, Entry] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    moved: Mapping[str, str] = field(default_factory=dict)

    def all_files(self) -> set[str]:
        """Paths of everything that Inkcast put into the site."""
        entries = self.entries.values()
        return {*self.files, *(f"{entry.path}/{name}" for entry in entries for name in entry.files)}


def read_manifest(site: Path) -> Manifest:
    """What is known of a site; of a new or empty folder, nothing.

    Raises:
        PublishError: the folder holds something else, or a newer Inkcast's site.
    """
    path = site / FILE_NAME
    try:
        if not path.exists():
            if site.is_dir() and any(site.iterdir()):
                raise PublishError(f"{site} is not empty, and not an Inkcast site.", "Choose another folder.")
            return Manifest()
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["version"] > VERSION:
            raise PublishError(f"A newer Inkcast made the site {site}.", "Update Inkcast.")
        entries = [_entry(entry) for entry in data["episodes"]]
        files = tuple(map(str, data["files"]))
        moved = {str(path): str(source) for path, source in data.get("moved", {}).items()}
        manifest = Manifest(
            int(data["next_number"]), {entry.source: entry for entry in entries}, files, moved
        )
        paths = {*manifest.all_files(), *moved, *(entry.path for entry in entries)}
        if any(".." in Path(file).parts or Path(file).is_absolute() for file in paths):
            raise ValueError("a path leads out of the site")  # what is listed may be removed
        return manifest
    except MISSHAPEN as error:
        raise PublishError(
            f"Cannot read {path}: {error!r}.", "Remove the folder, and publish again."
        ) from error


def write_manifest(site: Path, manifest: Manifest) -> None:
    """Remember the site. Raises StorageError."""
    data = {
        "version": VERSION,
        "next_number": manifest.next_number,
        "episodes": [asdict(entry) for entry in manifest.entries.values()],
        "files": sorted(manifest.files),
        "moved": dict(manifest.moved),
    }
    write_text(site / FILE_NAME, json.dumps(data, ensure_ascii=False) + "\n")


def _entry(data: dict[str, Any]) -> Entry:
    # Before version 2 an episode went by its folder.
    entry = Entry(**{"source": data["path"], **data})
    audio = Audio(**data["audio"]) if data["audio"] else None
    return replace(entry, audio=audio, subtitles=tuple(entry.subtitles), files=tuple(entry.files))
