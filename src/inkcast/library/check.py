"""Every file of a library against what the catalogue says of it. Nothing is changed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from inkcast.alignment.alignment import Alignment
from inkcast.corrections.corrections_file import CORRECTIONS
from inkcast.errors import LibraryError
from inkcast.essays.essay import Essay
from inkcast.files import sha256_of
from inkcast.library.store.catalogue import Catalogue, KnownEpisode
from inkcast.library.store.record import CORRECTED, StepName, StepRecord, StoredFile
from inkcast.library.store.schema import FILE_NAME, DamagedCatalogueError, require_catalogue
from inkcast.library.store.sidecar import SIDECAR, Sidecar, read_sidecar, sidecars
from inkcast.on_progress import OnProgress, tell_nobody
from inkcast.publish.data_file import is_edited
from inkcast.shape import MISSHAPEN, checked
from inkcast.speech.transcript import Transcript

Kind = Literal[
    "missing", "damaged", "corrected", "edited", "sidecar", "unknown", "stray", "left over", "catalogue"
]

_READERS: Mapping[StepName, Callable[[dict[str, Any]], object]] = {
    "essay": Essay.from_json,
    "transcribe": Transcript.from_json,
    "align": Alignment.from_json,
}
_UNFINISHED = re.compile(r"\.[0-9a-f]{12}\.part")
"""As ``inkcast.files`` names what is being written; nothing goes on from there."""
_OF_DOWNLOADS = (".part", ".part.json", ".lock")
_OF_TRANSCRIPTIONS = (".partial.jsonl",)
_NOT_OURS = (".", "@")  # trash, version control and thumbnails of file servers

"""Called with how many episodes have been looked at, and how many there are."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as the catalogue says.

    Attributes:
        kind: what is wrong. ``unknown`` is an episode that can be taken in, ``stray`` any other folder.
        path: of the file or folder, within the library.
        problem: the same in words.
        episode, step: what the file belongs to.
        repair: what was done about it; empty if nothing.
    """

    kind: Kind
    path: Path
    problem: str
    episode: KnownEpisode | None = None
    step: StepName | None = None
    repair: str = ""


@dataclass(slots=True)
class Report:
    """What was looked at, and what is wrong."""

    episodes: int = 0
    files: int = 0
    findings: list[Finding] = field(default_factory=list)


def check(library: Path, progress: OnProgress = tell_nobody) -> Report:
    """Look at every file of a library, and change nothing; it may be on a disk that cannot be written.

    While a sync is at work, what it has under its hands is found too.

    Raises:
        LibraryError: there is no library, or a newer Inkcast made it. StorageError: the disk refuses.
    """
    problem = catalogue_problem(library)
    if problem:
        return Report(findings=[Finding("catalogue", Path(FILE_NAME), problem)])
    with Catalogue(library / FILE_NAME, in_memory=True) as catalogue:
        return examine(catalogue, library, progress)


def catalogue_problem(library: Path) -> str:
    """Why the catalogue has to be made anew, empty if it need not be.

    Raises:
        LibraryError: there is no library, or a newer Inkcast or another program made the catalogue.
    """
    if not (library / FILE_NAME).exists() and (found := len(sidecars(library))):
        return f"is missing, and {found} episodes are there."
    try:
        with Catalogue(require_catalogue(library), in_memory=True) as catalogue:
            return _inconsistency(catalogue)
    except DamagedCatalogueError as error:
        return f"is damaged: {error.__cause__}."


def _inconsistency(catalogue: Catalogue) -> str:
    try:
        problem = catalogue.inconsistency()
        for one in catalogue.episodes():
            catalogue.steps(one.feed, one.traits.guid)
    except (LibraryError, ValueError) as error:  # a table is gone, a date is none
        problem = str(error.__cause__ or error)
    return f"is damaged: {problem}." if problem else ""


def examine(catalogue: Catalogue, library: Path, progress: OnProgress = tell_nobody) -> Report:
    """Look at every file; see ``check``."""
    everyone = list(catalogue.episodes())
    report = Report(findings=list(_strays(library, catalogue, everyone)))
    for index, one in enumerate(everyone):
        progress(index, len(everyone))
        known = catalogue.steps(one.feed, one.traits.guid)
        report.episodes += bool(known)
        report.files += sum(len(step.files) for step in known.values())
        report.findings += examine_episode(catalogue, library, one)
    report.findings += (
        Finding("left over", path.relative_to(library), "was never finished.")
        for path in sorted(library.glob("*"))
        if _UNFINISHED.fullmatch(path.name) or path.name.startswith(f"{FILE_NAME}.new")
    )
    return report


def examine_episode(catalogue: Catalogue, library: Path, one: KnownEpisode) -> Iterator[Finding]:
    """Look at the files of one episode."""
    known = catalogue.steps(one.feed, one.traits.guid)
    folder = library / one.folder
    for step in known.values():
        yield from filter(None, (_look_at(one, step, file, folder) for file in step.files))
    yield from _sidecar_of(one, known, folder, catalogue)
    yield from _left_over(one, known, folder)


# Files ----------------------------------------------------------------------------------------------


def _look_at(one: KnownEpisode, step: StepRecord, file: StoredFile, folder: Path) -> Finding | None:
    path = folder / file.name

    def found(kind: Kind, problem: str) -> Finding:
        return Finding(kind, one.folder / file.name, problem, one, step.step)

    try:
        if not path.is_file():
            return found("missing", "is missing.")
        is_same = path.stat().st_size == file.size and sha256_of(path) == file.sha256
        text = step.files[0] == file and step.step in _READERS
        problem = _why_unreadable(path, step.step) if text else ""
        is_new = not file.is_untouched(folder)
    except OSError as error:
        return found("damaged", f"cannot be read: {error.strerror or error}.")
    if problem:
        return found("damaged", f"cannot be read: {problem}.")
    if is_same:
        return None
    if text and is_new and step.step in CORRECTED:
        return found("corrected", "was corrected; the next sync updates what depends on it.")
    if path.suffix == ".json" and is_new and is_edited(path):
        return found("edited", f"was changed by hand: say it in {folder.name}{CORRECTIONS} instead.")
    return found("damaged", "differs from what was written.")


def _why_unreadable(path: Path, step: StepName) -> str:
    try:
        checked(_READERS[step](json.loads(path.read_text(encoding="utf-8"))))
    except MISSHAPEN as error:
        kind = path.name.removesuffix(".json").rpartition(".")[2]
        return f"not a valid {kind} ({type(error).__name__}: {error})"
    return ""


# Sidecars and what lies about ----------------------------------------------------------------------


def _sidecar_of(
    one: KnownEpisode, known: Mapping[str, StepRecord], folder: Path, catalogue: Catalogue
) -> Iterator[Finding]:
    """A finished episode has a sidecar that says the same as the catalogue."""
    path = folder / SIDECAR

    def found(kind: Kind, problem: str) -> Iterator[Finding]:
        yield Finding(kind, one.folder / SIDECAR, problem, one)

    if not path.is_file():
        if "publish" in known:
            yield from found("sidecar", "is missing.")
        return
    try:
        sidecar = read_sidecar(path)
    except LibraryError as error:
        yield from found("sidecar", f"cannot be read: {error.__cause__}.")
        return
    if sidecar.place != one.folder or sidecar.address != catalogue.address_of(one.feed):
        yield from found("sidecar", "belongs to another episode.")
    elif "publish" not in known and any(step.step == "publish" for step in sidecar.steps):
        yield Finding(
            "unknown", one.folder, f"is finished according to {SIDECAR}, but not to the catalogue.", one
        )
    elif not _agree(sidecar, known):
        yield from found("sidecar", "differs from the catalogue.")


def _agree(sidecar: Sidecar, known: Mapping[str, StepRecord]) -> bool:
    """Whether an episode that is made out of its sidecar would be the same, but for what is to be redone."""
    kept = {step.step: step for step in sidecar.steps}
    return all(
        name in kept and _essence(kept[step.step]) == _essence(step)
        for name, step in known.items()
        if step.key and step.state != "failed"
    )


def _essence(step: StepRecord) -> tuple[object, ...]:
    return step.state, step.key, step.result, [(file.name, file.size, file.sha256) for file in step.files]


def _left_over(one: KnownEpisode, known: Mapping[str, StepRecord], folder: Path) -> Iterator[Finding]:
    """What runs that were killed have left; not what the next run will go on with."""
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        beginning = path.name.startswith(folder.name)
        if (
            _UNFINISHED.fullmatch(path.name)
            or (
                beginning
                and path.name.endswith(_OF_DOWNLOADS)
                and _is_older(path, known.get("download"), folder)
            )
            or (
                beginning
                and path.name.endswith(_OF_TRANSCRIPTIONS)
                and _is_older(path, known.get("transcribe"), folder)
            )
        ):
            yield Finding("left over", one.folder / path.name, "was never finished, and is not needed.", one)


def _is_older(path: Path, step: StepRecord | None, folder: Path) -> bool:
    """Whether a file is older than what it was to become."""
    target = folder / step.files[0].name if step and step.files else None
    if target is None or path == target or not target.is_file():
        return False
    return path.stat().st_mtime_ns < target.stat().st_mtime_ns


def _strays(library: Path, catalogue: Catalogue, everyone: Sequence[KnownEpisode]) -> Iterator[Finding]:
    """Folders that the catalogue does not know, each of them once."""
    folders = {one.folder for one in everyone}
    above = {Path(feed.folder) for feed in catalogue.feeds()}
    above.update(parent for folder in folders for parent in folder.parents)

    def look(folder: Path) -> Iterator[Finding]:
        for path in sorted(folder.iterdir()):
            place = path.relative_to(library)
            if not path.is_dir() or place in folders or path.name.startswith(_NOT_OURS):
                continue
            if place in above:
                yield from look(path)
            elif kept := sorted(path.rglob(SIDECAR)):
                yield from (_stray(file, library, catalogue, everyone) for file in kept)
            else:
                yield Finding("stray", place, "is a folder that the catalogue does not know.")

    yield from look(library)


def _stray(file: Path, library: Path, catalogue: Catalogue, everyone: Sequence[KnownEpisode]) -> Finding:
    place = file.parent.relative_to(library)
    try:
        sidecar = read_sidecar(file)
    except LibraryError as error:
        return Finding("stray", place, f"is an episode whose {SIDECAR} cannot be read: {error.__cause__}.")
    belongs = _place_of(sidecar, catalogue, everyone)
    if belongs != place:
        return Finding("stray", place, f"is a copy of {belongs}, or was moved from there.")
    return Finding("unknown", place, "is an episode that the catalogue does not know.")


def _place_of(sidecar: Sidecar, catalogue: Catalogue, everyone: Sequence[KnownEpisode]) -> Path:
    """Where the catalogue has that episode, or would have it."""
    address = catalogue.feed_address(sidecar.address)
    for feed in catalogue.feeds():
        if address is not None and catalogue.address_of(feed) == address:
            known = [
                one.folder for one in everyone if (one.feed, one.traits.guid) == (feed, sidecar.traits.guid)
            ]
            return known[0] if known else Path(feed.folder, sidecar.folder)
    return sidecar.place
