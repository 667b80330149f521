"""Which file of a folder holds which episode, although titles, guids and addresses change."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from inkcast.feeds.address import address_digest
from inkcast.feeds.episode import Episode, Feed
from inkcast.feeds.identity import Traits, match_known, traits_of
from inkcast.files import digest, require_inside, write_text
from inkcast.shape import MISSHAPEN

FILE_NAME = ".inkcast-downloads.json"


class DownloadIndex:
    """What ``.inkcast-downloads.json`` in ``folder`` says about one feed.

    The file holds digests where there may be tokens. A damaged one counts as empty: files are then known
    by their names alone, as they are by the second of two runs at once.

    Args:
        folder: where the files are; it need not exist yet.
        address: the feed's, as the user gives it.
    """

    def __init__(self, folder: Path, address: str) -> None:
        self._folder = folder
        self._path = folder / FILE_NAME
        self._feed = address_digest(address)
        self._lock = threading.Lock()

    def known_files(self, feed: Feed) -> dict[str, Path]:
        """The files that are there of the feed's episodes, by the guid that the feed has now."""
        entries = self._read().get(self._feed, {})
        files = {guid: self._folder / entry["file"] for guid, entry in entries.items()}
        there = [guid for guid, file in files.items() if file.is_file()]
        current = {_guid_digest(episode): episode for episode in feed.episodes}
        matches = match_known(
            [_traits(guid, entries[guid]) for guid in there],
            [replace(traits_of(episode), guid=guid) for guid, episode in current.items()],
        )
        return {current[guid].guid: files[known] for guid, known in matches.items()}

    def add(self, files: Iterable[tuple[Episode, Path]], sha256: str = "") -> None:
        """Take down which file, somewhere in the folder, is which episode. Raises StorageError.

        Args:
            files: episodes and their files.
            sha256: of the file, in hex, if it was downloaded just now; else that which is known stays.
        """
        with self._lock:
            data = self._read()
            before = data.get(self._feed, {})
            known = {entry["file"]: entry.get("sha256") for entry in before.values()}
            new = {_guid_digest(episode): self._entry(episode, file) for episode, file in files}
            for entry in new.values():
                entry["sha256"] = sha256 or known.get(entry["file"])
            names = {entry["file"] for entry in new.values()}
            # Two guids for one file, an old and a new one, would be two episodes that look alike.
            kept = {guid: entry for guid, entry in before.items() if entry["file"] not in names}
            if kept | new != before:
                data[self._feed] = kept | new
                write_text(self._path, json.dumps(data, ensure_ascii=False, indent=1) + "\n")

    def _entry(self, episode: Episode, file: Path) -> dict[str, str | None]:
        traits = traits_of(episode)
        return {
            "file": file.relative_to(self._folder).as_posix(),
            "title": traits.title,
            "published": traits.published.isoformat() if traits.published else None,
            "audio": traits.audio,
            "link": traits.link,
        }

    def _read(self) -> dict[str, dict[str, dict[str, Any]]]:
        """By feed and guid."""
        try:
            data = json.loads(self._path.read_text(encoding="utf-8"))
            for entries in data.values():
                for guid, entry in entries.items():
                    _traits(guid, entry)
                    require_inside(entry["file"])
        except MISSHAPEN:
            return {}
        return dict(data)


def _traits(guid: str, entry: Mapping[str, Any]) -> Traits:
    published = entry["published"]
    return Traits(
        guid=guid,
        title=str(entry["title"]),
        published=datetime.fromisoformat(published) if published else None,
        audio=str(entry["audio"]),
        link=str(entry["link"]),
    )


def _guid_digest(episode: Episode) -> str:
    return digest(episode.guid)[:16]
