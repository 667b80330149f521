"""AUDIO and ESSAY arguments: a path or an address."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx

from inkcast.cli.progress import Reporter
from inkcast.download.client import fetch_bytes
from inkcast.download.enclosure import download
from inkcast.download.naming import file_stem, file_suffix
from inkcast.errors import AudioError, SettingsError
from inkcast.essays.essay import Essay
from inkcast.essays.part import WHOLE, Part
from inkcast.essays.read import parse_essay, read_essay
from inkcast.feeds.address import is_web_address
from inkcast.files import make_folder


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


def read_text(essay: str, client: httpx.Client, part: Part = WHOLE) -> Essay:
    """The essay of a file or a page; ``part`` says which, if it holds several.

    Raises:
        EssayError, DownloadError: it cannot be fetched, or contains no essay.
    """
    if not is_web_address(essay):
        return read_essay(Path(essay), part)
    fetched = fetch_bytes(client, essay)
    return parse_essay(fetched.data, fetched.url, fetched.media_type, part)


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
