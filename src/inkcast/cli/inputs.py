"""AUDIO and ESSAY arguments: a path or an address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx

from inkcast.cli.progress import Reporter
from inkcast.download.enclosure import download
from inkcast.download.naming import file_stem, file_suffix
from inkcast.errors import AudioError, DownloadError, SettingsError, TranscriptionError
from inkcast.essays.essay import Essay
from inkcast.feeds.address import is_web_address
from inkcast.files import make_folder
from inkcast.settings import Settings
from inkcast.speech.load import load_model
from inkcast.speech.transcriber import Transcriber


def audio_file(audio: str, out: Path, client: httpx.Client, reporter: Reporter) -> Path:
    """The recording as a file; one with an address is downloaded into ``out`` first.

    Raises:
        AudioError, DownloadError, StorageError: it cannot be fetched.
    """
    path = audio_path(audio, out)
    if is_web_address(audio) and not path.exists():
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
    name = Path(unquote(urlsplit(audio).path)).stem
    return out / f"{file_stem(name or 'audio')}{file_suffix(audio)}"


def load_model_for(settings: Settings, essay: Essay | None) -> Transcriber:
    """The model that the settings name, or that suits the essay. Raises ModelError, SettingsError."""
    return load_model(
        settings.model, settings.engine, settings.device, language=settings.language, essay=essay
    )


def distinct_stems(paths: list[Path]) -> list[str]:
    """The files' stems, which name what is made from them.

    Raises:
        SettingsError: two are alike, and one's results would replace the other's.
    """
    stems: dict[str, Path] = {}
    for path in paths:
        other = stems.setdefault(path.stem.casefold(), path)
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
