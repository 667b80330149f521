"""An episode of a library, as a site takes it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from inkcast.alignment.alignment import Alignment
from inkcast.errors import PublishError
from inkcast.essays.essay import Essay
from inkcast.feeds.about_show import UNKNOWN_SHOW, AboutShow
from inkcast.shape import MISSHAPEN, checked
from inkcast.speech.transcript import Transcript

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Source:
    """An episode and its files.

    Attributes:
        show: the show's title.
        show_folder, folder: names, unique among shows and among a show's episodes.
        title, published: the episode's.
        audio: the recording.
        transcript: ``<stem>.transcript.json``.
        essay, alignment: ``<stem>.essay.json``, or what corrections made of it, and
            ``<stem>.alignment.json``; None unless both can be trusted.
        subtitles: files in several formats.
        page: the library's reader page; None without one.
        images: pictures of the essay, each with its path relative to the page.
        key: digest of all the files.
        about: what the show's feed says about it.
        cover: the show's, a JPEG.
    """

    show: str
    show_folder: str
    folder: str
    title: str
    published: datetime | None
    audio: Path
    transcript: Path
    essay: Path | None
    alignment: Path | None
    subtitles: tuple[Path, ...]
    page: Path | None
    images: tuple[tuple[str, Path], ...]
    key: str
    about: AboutShow = UNKNOWN_SHOW
    cover: Path | None = None

    @property
    def path(self) -> str:
        """What the episode goes by in a site, for ever; once it was its folder there."""
        return episode_path(self.show_folder, self.folder)

    def read(self) -> tuple[Essay, Alignment] | Transcript:
        """The essay and its alignment, else the transcript. Raises PublishError."""
        if self.essay and self.alignment:
            return _load(self.essay, Essay.from_json), _load(self.alignment, Alignment.from_json)
        return _load(self.transcript, Transcript.from_json)


def episode_path(show_folder: str, folder: str) -> str:
    """What an episode goes by in a site."""
    return f"episodes/{show_folder}/{folder}"


def _load(path: Path, read: Callable[[dict[str, Any]], T]) -> T:
    try:
        return checked(read(json.loads(path.read_text(encoding="utf-8"))))
    except MISSHAPEN as error:
        raise PublishError(
            f"Cannot read {path}: {error}.", "Delete it, and the next sync makes it again."
        ) from error
