"""A library put in order again: what a check finds is mended, or marked so that the next sync makes it again.

Nothing that a person may have made is deleted or overwritten: it is kept beside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from inkcast.errors import LibraryError
from inkcast.files import storage_error
from inkcast.library.check import Finding, Kind, Report, catalogue_problem, examine, examine_episode
from inkcast.library.steps.episode_steps import result_of
from inkcast.library.store.catalogue import Catalogue, KnownEpisode
from inkcast.library.store.record import StepName, StoredFile
from inkcast.library.store.schema import FILE_NAME
from inkcast.library.store.sidecar import SIDECAR, read_sidecar, restore, restore_episode, write_sidecar
from inkcast.library.sync import locked
from inkcast.on_progress import OnProgress, tell_nobody
from inkcast.publish.data_file import keep_edited


def repair(library: Path, progress: OnProgress = tell_nobody) -> Report:
    """Check a library, and repair what can be repaired.

    Returns:
        As ``check`` does; each finding says what was done about it.
    Raises:
        LibraryError: there is no library, another run has it, or a newer Inkcast made it.
        StorageError: the disk refuses.
    """
    first: list[Finding] = []
    problem = catalogue_problem(library)
    with locked(library):
        if problem:
            first.append(_remake_catalogue(library, problem))
        with Catalogue(library / FILE_NAME) as catalogue:
            report = examine(catalogue, library, progress)
            report.findings = [*first, *_Repair(library, catalogue).mend(report.findings)]
    return report


def _remake_catalogue(library: Path, problem: str) -> Finding:
    path = library / FILE_NAME
    kept = ""
    if path.exists():
        kept = f"It was kept as {_set_aside(path).name}. "
    count = restore(library)
    done = f"{kept}A new one was made from the {count} episodes in the folders."
    return Finding("catalogue", Path(FILE_NAME), problem, repair=done)


def _set_aside(path: Path) -> Path:
    """Give a catalogue another name, with all that SQLite would need to read it."""
    aside = _free(path.with_name("catalogue.damaged.sqlite"))
    try:
        for end in ("-wal", "-shm", "-journal", ""):
            file = path.with_name(path.name + end)
            if file.exists():
                file.rename(aside.with_name(aside.name + end))
    except OSError as error:
        raise storage_error(path, error) from error
    return aside


def _free(path: Path) -> Path:
    """The path, or one like it that does not exist."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free


class _Repair:
    """What is done about each kind of finding; where nothing can be, ``repair`` stays empty."""

    def __init__(self, library: Path, catalogue: Catalogue) -> None:
        self._library = library
        self._catalogue = catalogue

    def mend(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Do what can be done, and say so; an episode that is taken in is looked at, too."""
        acts: Mapping[Kind, Callable[[Finding], str]] = {
            "missing": self._redo,
            "damaged": self._keep_and_redo,
            "corrected": self._take_down,
            "edited": self._keep_and_redo,
            "sidecar": self._write_sidecar,
            "unknown": self._take_in,
            "left over": self._remove,
        }
        for finding in findings:
            act = acts.get(finding.kind)
            done = act(finding) if act else ""
            yield replace(finding, repair=done)
            if finding.kind == "unknown" and done:
                one = next(one for one in self._catalogue.episodes() if one.folder == finding.path)
                yield from self.mend(list(examine_episode(self._catalogue, self._library, one)))

    def _redo(self, finding: Finding) -> str:
        one, step = _owner(finding)
        self._catalogue.redo(one.feed, one.traits.guid, [step])
        return "The next sync makes it again."

    def _keep_and_redo(self, finding: Finding) -> str:
        one, step = _owner(finding)
        folder = self._library / one.folder
        files = self._catalogue.steps(one.feed, one.traits.guid)[step].files
        file = next(file for file in files if one.folder / file.name == finding.path)
        kept = ""
        try:
            if not file.is_untouched(folder):  # somebody wrote it
                kept = f"The present file was kept as {keep_edited(folder / file.name)[0].name}. "
        except OSError as error:
            raise storage_error(folder / file.name, error) from error
        return kept + self._redo(finding)

    def _take_down(self, finding: Finding) -> str:
        one, step = _owner(finding)
        folder = self._library / one.folder
        known = self._catalogue.steps(one.feed, one.traits.guid)
        files = tuple(StoredFile.of(folder / file.name, folder) for file in known[step].files)
        now = replace(known[step], files=files, result=result_of(step, files, folder))
        write_sidecar(self._library, self._catalogue, one.feed, one.traits, folder, {**known, step: now})
        self._catalogue.record(one.feed, one.traits.guid, now)
        return "The correction was recorded."

    def _write_sidecar(self, finding: Finding) -> str:
        one = finding.episode
        assert one is not None
        known = self._catalogue.steps(one.feed, one.traits.guid)
        write_sidecar(self._library, self._catalogue, one.feed, one.traits, self._library / one.folder, known)
        return "It was written again."

    def _take_in(self, finding: Finding) -> str:
        try:
            restore_episode(read_sidecar(self._library / finding.path / SIDECAR), self._catalogue)
        except LibraryError:
            return ""
        return "It was added to the catalogue."

    def _remove(self, finding: Finding) -> str:
        path = self._library / finding.path
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise storage_error(path, error) from error
        return "It was removed."


def _owner(finding: Finding) -> tuple[KnownEpisode, StepName]:
    assert finding.episode is not None and finding.step is not None
    return finding.episode, finding.step
