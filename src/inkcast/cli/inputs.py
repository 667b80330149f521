"""AUDIO and ESSAY arguments: a path or an address."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from inkcast.cli.progress import Reporter
from inkcast.download.sniff import HEAD_BYTES, audio_format
from inkcast.errors import AudioError, DownloadError, SettingsError, TranscriptionError, redact
from inkcast.essays.essay import Essay
from inkcast.feeds.address import audio_suffix, is_web_address
from inkcast.files import make_folder
from inkcast.settings import Settings
from inkcast.speech.load import load_model
from inkcast.speech.transcriber import Transcriber

if TYPE_CHECKING:
    import httpx

_LOG = logging.getLogger(__name__)
_PATTERN = re.compile(r"[*?[]")


def audio_file(audio: str, out: Path, client: httpx.Client | None, reporter: Reporter) -> Path:
    """The recording as a file; one with an address is downloaded into ``out`` first, by the client.

    Raises:
        AudioError, DownloadError, StorageError: it cannot be fetched.
    """
    path = audio_path(audio, out)
    if is_web_address(audio) and client and not path.exists():
        from inkcast.download.enclosure import download

        make_folder(out)
        with reporter.task(f"Downloading {path.name}", "bytes") as progress:
            download(client, audio, path, progress=progress)
    if not path.exists():
        raise AudioError(f"There is no file {path}.", "Check the path.")
    return path


def audio_path(audio: str, out: Path) -> Path:
    """Where the recording lies; for one with an address, where it is downloaded to."""
    if not is_web_address(audio):
        return Path(audio)
    from inkcast.download.naming import file_stem, file_suffix

    name = Path(unquote(urlsplit(audio).path)).stem
    return out / f"{file_stem(name or 'audio')}{file_suffix(audio)}"


def load_model_for(settings: Settings, essay: Essay | None) -> Transcriber:
    """The model that the settings name, or that suits the essay. Raises ModelError, SettingsError."""
    return load_model(
        settings.model, settings.engine, settings.device, language=settings.language, essay=essay
    )


def recordings_of(names: Sequence[str]) -> tuple[str, ...]:
    """The recordings that are meant: those of a folder, and those that a pattern matches that no shell has.

    Raises:
        AudioError: a folder or pattern has none.
    """
    found: list[str] = []
    for name in names:
        path = Path(name)
        if is_web_address(name) or path.is_file() or not (path.is_dir() or _PATTERN.search(name)):
            found.append(name)
            continue
        root = Path(path.anchor)
        paths = path.iterdir() if path.is_dir() else root.glob(str(path.relative_to(root)))
        own = sorted(str(each) for each in paths if each.is_file() and audio_suffix(each.name))
        if not own:
            raise AudioError(f"There is no recording in {name}.", "Check the path.")
        found += own
    return tuple(found)


def in_order(audio: str, essay: str) -> tuple[str, str]:
    """A recording and its text, which a user may have given the other way round."""
    if _is_audio(essay) and not _is_audio(audio) and not Path(audio).is_dir():
        _LOG.warning("%s is the recording and %s its text: taken the other way round.", essay, redact(audio))
        return essay, audio
    return audio, essay


def _is_audio(name: str) -> bool:
    """By its first bytes; what is not at hand, by its name."""
    try:
        with Path(name).open("rb") as stream:
            return audio_format(stream.read(HEAD_BYTES)) is not None
    except (OSError, ValueError):
        return audio_suffix(name) is not None


def results_folder(audio: str, out: Path | None) -> Path:
    """Where results go: ``out``, else beside the recording; what is downloaded comes into this folder."""
    return out or (Path() if is_web_address(audio) else Path(audio).parent)


def require_free(
    stem: Path, suffixes: Sequence[str], kept: Sequence[Path | str] = (), mark: str = ""
) -> None:
    """Replace nothing of the user's.

    Args:
        stem: path of the results without their suffixes.
        suffixes: theirs.
        kept: what they are made of.
        mark: suffix of a file that only we make: without it beside them, they are not ours either.
    Raises:
        SettingsError: a file is there already.
    """
    is_ours = not mark or stem.with_name(stem.name + mark).exists()
    for path in (stem.with_name(stem.name + suffix) for suffix in suffixes):
        if path.exists() and (not is_ours or any(_is_same(path, other) for other in kept)):
            raise SettingsError(f"{path} would be replaced.", "Give a folder for the results: --out DIR.")


def _is_same(path: Path, other: Path | str) -> bool:
    return not is_web_address(str(other)) and path.resolve() == Path(other).resolve()


def distinct_stems(paths: list[Path]) -> list[str]:
    """The stems of results, each a path without suffix: names what is made.

    Raises:
        SettingsError: two are alike, and one's results would replace the other's.
    """
    stems: dict[str, Path] = {}
    for path in paths:
        other = stems.setdefault(str(path.with_name(path.stem)).casefold(), path)
        if other is not path:
            raise SettingsError(
                f"{other} and {path} would both become {path.stem}.transcript.json.",
                "Rename one, or give them different --out folders.",
            )
    return [path.stem for path in paths]


def partial_path(out: Path, stem: str) -> Path:
    """Where a transcription keeps its finished windows until it is done."""
    return out / f"{stem}.partial.jsonl"


@contextmanager
def forgotten_if_no_audio(partial: Path) -> Iterator[None]:
    """Leave no unfinished transcript of what turns out to be no recording."""
    try:
        yield
    except (AudioError, DownloadError, TranscriptionError):
        partial.unlink(missing_ok=True)
        raise
