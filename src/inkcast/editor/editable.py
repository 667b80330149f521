"""Which episode is edited: its files, its recording, and how they are made anew."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

from inkcast.alignment.align import audited
from inkcast.alignment.alignment import Alignment
from inkcast.alignment.name_voices import NameEvidence
from inkcast.api import AlignedEpisode, align
from inkcast.audio.recording import Recording
from inkcast.corrections.apply import Corrected
from inkcast.corrections.corrections_file import corrections_path, read_corrections
from inkcast.corrections.name_corrected import name_corrected
from inkcast.errors import AudioError, LibraryError, PublishError
from inkcast.essays.essay import Essay
from inkcast.files import sha256_of
from inkcast.library.remake import remake
from inkcast.library.retry import find_episode
from inkcast.library.store.catalogue import Catalogue
from inkcast.library.store.schema import FILE_NAME, require_catalogue
from inkcast.library.store.status import status_of
from inkcast.publish.episode_files import ALIGNMENT, ESSAY, PAGE, TRANSCRIPT
from inkcast.publish.subtitles.transcript_files import read_transcript
from inkcast.settings import Settings
from inkcast.shape import MISSHAPEN

_AUDIO = re.compile(r'<audio[^>]* src="(?P<address>[^"]*)"')
_INLINE = "data:"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Editable:
    """An episode that can be edited.

    Attributes:
        stem: path of its files without suffix.
        audio: its recording.
        remake: makes everything anew that hangs on its corrections, and gives the files. It is told what came
            of them, if that is known and nothing else has changed.
    """

    stem: Path
    audio: Path
    remake: Callable[[Corrected | None], tuple[Path, ...]]

    def path(self, suffix: str) -> Path:
        """One of its files."""
        return self.stem.with_name(f"{self.stem.name}{suffix}")

    def is_behind(self) -> bool:
        """Whether somebody has changed the corrections since they were applied."""
        corrections = corrections_path(self.stem.parent, self.stem.name)
        return corrections.exists() and corrections.stat().st_mtime > self.path(ALIGNMENT).stat().st_mtime


def episode_of_library(
    library: Path,
    name: str,
    settings: Settings = Settings(),
    feeds: Mapping[str, Mapping[str, Any]] | None = None,
) -> Editable:
    """An episode of a library.

    Args:
        library: its folder.
        name: title, guid or folder.
        settings, feeds: see ``remake``.

    Raises:
        LibraryError: no such library, no such episode, or one that was never aligned.
    """
    with Catalogue(require_catalogue(library)) as catalogue:
        one = find_episode(name, list(catalogue.episodes()), library)
        steps = catalogue.steps(one.feed, one.traits.guid)
    folder = library / one.folder
    if "download" not in steps or not (folder / f"{folder.name}{ALIGNMENT}").exists():
        raise LibraryError(f"The episode in {folder} was never aligned.", "Sync it first.")

    def make(done: Corrected | None) -> tuple[Path, ...]:
        made = remake(library, one.folder, settings, feeds, done)
        for step in made:
            if step.state == "failed":
                raise LibraryError(f"{folder} could not be made anew: {step.reason}", "Mend it, and sync.")
        return tuple(folder / file.name for step in made for file in step.files)

    return Editable(folder / folder.name, folder / steps["download"].files[0].name, make)


def worst_of_library(library: Path) -> str | None:
    """The folder of the episode with the most doubtful places; None if there is none. Raises LibraryError."""
    with Catalogue(require_catalogue(library)) as catalogue:
        doubtful = [
            (one.doubts, Path(status.feed.folder, one.folder))
            for status in status_of(catalogue)
            for one in status.doubtful
        ]
    return str(max(doubtful, key=lambda each: each[0])[1]) if doubtful else None


def library_around(path: Path) -> Path | None:
    """The library that a file is part of."""
    return next((folder for folder in path.resolve().parents if (folder / FILE_NAME).is_file()), None)


def aligned_files(path: Path, audio: Path | None = None, settings: Settings = Settings()) -> Editable:
    """What ``inkcast align`` made.

    Args:
        path: the alignment or the page.
        audio: the recording, if it is not where it was.
        settings: readings of words.

    Raises:
        PublishError: files are missing that it was made from.
        AudioError: the recording is not to be found, or is another one.
    """
    stem = path.with_name(path.name.removesuffix(ALIGNMENT).removesuffix(PAGE))
    found = Editable(stem, path, lambda done: ())
    for suffix in (ALIGNMENT, TRANSCRIPT, ESSAY):
        if not found.path(suffix).is_file():
            raise PublishError(
                f"There is no file {found.path(suffix)}.", "Name the .alignment.json that 'align' made."
            )
    facts = read_aligned(found.path(ALIGNMENT)).audio
    source = facts.source
    page = found.path(PAGE).read_text(encoding="utf-8") if found.path(PAGE).is_file() else ""
    address = unescape(match["address"]) if (match := _AUDIO.search(page)) else ""
    recording = audio or _recording(found, source, address)
    if facts.sha256 and recording.is_file() and sha256_of(recording) != facts.sha256:
        raise AudioError(f"{recording} is not the recording that was aligned.", "Align it again.")

    def make(done: Corrected | None) -> tuple[Path, ...]:
        essay, transcript = _read(found.path(ESSAY), Essay.from_json), read_transcript(found.path(TRANSCRIPT))
        known = corrections_path(stem.parent, stem.name)
        with Recording(recording, source) as opened:
            if done is None:
                options = settings.align_options()
                result = align(opened, essay, transcript=transcript, corrections=known, align_options=options)
            else:
                alignment = audited(done.alignment, done.essay, transcript, opened)
                evidence, said = NameEvidence(settings.speaker_names), read_corrections(known)
                done = replace(done, alignment=alignment)
                named = name_corrected(recording.name, transcript, done, said, evidence)
                result = AlignedEpisode(
                    recording, named.essay, named.transcript, named.alignment, done.lost, essay
                )
        return result.write(stem.parent, inline_audio=address.startswith(_INLINE))

    return Editable(stem, recording, make)


def _recording(found: Editable, source: str, address: str) -> Path:
    """Where the recording lies: where the page plays it, where it was aligned, or beside the files."""
    folder = found.stem.parent
    known = [Path(source), folder / Path(source).name]
    if not address.startswith(_INLINE):
        known.insert(0, folder / unquote(address.removeprefix("file://")))
    for path in known:
        if path.is_file() and path.stem == found.stem.name:
            return path
    raise AudioError(f"The recording of {found.stem} is not there.", "Name it: --audio FILE.")


def read_aligned(path: Path) -> Alignment:
    """Read an alignment. Raises PublishError."""
    return _read(path, Alignment.from_json)


def read_text_of(path: Path) -> Essay:
    """Read an essay. Raises PublishError."""
    return _read(path, Essay.from_json)


def _read(path: Path, read: Callable[[dict[str, Any]], T]) -> T:
    try:
        return read(json.loads(path.read_bytes()))
    except MISSHAPEN as error:
        raise PublishError(f"{path} cannot be used: {error}.", "Make it again.") from error
