"""What a library holds that can be read and heard: the episodes that went through all steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from inkcast.errors import LibraryError
from inkcast.feeds.identity import Traits
from inkcast.files import digest
from inkcast.library.store.catalogue import Catalogue, StoredFeed
from inkcast.library.store.record import StepName, StepRecord, StoredFile
from inkcast.library.store.schema import require_catalogue
from inkcast.library.store.show_facts import cover_of, show_facts
from inkcast.publish.episode_files import CORRECTED_ESSAY
from inkcast.publish.site.source import Source


def contents(library: Path) -> tuple[Source, ...]:
    """The finished episodes, oldest first within each feed.

    An episode whose files are gone is not there; files that were edited count as they are now.

    Raises:
        LibraryError: there is no library, or it cannot be read.
    """
    with Catalogue(require_catalogue(library), in_memory=True) as catalogue:
        return tuple(_sources(catalogue, library))


def _sources(catalogue: Catalogue, library: Path) -> Iterator[Source]:
    for feed in catalogue.feeds():
        folders, show = catalogue.episode_folders(feed), library / feed.folder
        about, cover = show_facts(show), cover_of(show)
        for traits in catalogue.episode_traits(feed):
            steps = catalogue.steps(feed, traits.guid)
            source = _source(feed, traits, library / feed.folder / folders[traits.guid], steps)
            if source:
                yield replace(source, about=about, cover=cover)


def _source(feed: StoredFeed, traits: Traits, folder: Path, steps: Mapping[str, StepRecord]) -> Source | None:
    """None unless the episode was finished and its files are there."""
    audio = _files(steps, "download", folder)
    transcript = _files(steps, "transcribe", folder)
    subtitles = _files(steps, "publish", folder)
    if not (audio and transcript and subtitles):
        return None
    essay, alignment = (_files(steps, step, folder) for step in ("essay", "align"))
    aligned = bool(essay and alignment) and steps["align"].state == "done"
    texts = [path for path in subtitles if path.suffix != ".html"]
    images = list(essay)[1:] if aligned else []
    corrected = [path for path in alignment if path.name.endswith(CORRECTED_ESSAY)]
    used = {**audio, **transcript, **subtitles, **(essay | alignment if aligned else {})}
    return Source(
        show=feed.title,
        show_folder=feed.folder,
        folder=folder.name,
        title=traits.title,
        published=traits.published,
        audio=next(iter(audio)),
        transcript=next(iter(transcript)),
        essay=next(iter((*corrected, *essay))) if aligned else None,
        alignment=next(iter(alignment)) if aligned else None,
        subtitles=tuple(texts),
        page=next((path for path in subtitles if path.suffix == ".html"), None),
        images=tuple((path.relative_to(folder).as_posix(), path) for path in images),
        key=digest(*(part for path, sha256 in used.items() for part in (path.name, sha256))),
    )


def _files(steps: Mapping[str, StepRecord], step: StepName, folder: Path) -> dict[Path, str]:
    """The step's files with their digests, as they are now; nothing if one is missing."""
    known = steps[step].files if step in steps else ()
    try:
        return {folder / file.name: _as_it_is(file, folder).sha256 for file in known}
    except (OSError, LibraryError):
        return {}


def _as_it_is(file: StoredFile, folder: Path) -> StoredFile:
    return file if file.is_untouched(folder) else StoredFile.of(folder / file.name, folder)
