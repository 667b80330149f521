"""What an alignment can be exported to, by name, and the files it becomes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from inkcast.alignment.alignment import Alignment
from inkcast.errors import PublishError
from inkcast.files import make_folder, write_text
from inkcast.publish.exports.audacity import write_labels
from inkcast.publish.exports.chapters import write_chapters
from inkcast.publish.exports.epub_export import write_epub
from inkcast.publish.exports.lrc import write_lrc
from inkcast.publish.exports.markdown_export import write_markdown
from inkcast.publish.exports.podcast_json import write_podcast_json
from inkcast.publish.exports.tags import write_tagged_mp3
from inkcast.publish.exports.textgrid import write_textgrid
from inkcast.publish.pages.embed import write_embed

TEXTS: dict[str, Callable[[Alignment], str]] = {
    "chapters": write_chapters,
    "podcast-json": write_podcast_json,
    "lrc": write_lrc,
    "textgrid": write_textgrid,
    "audacity": write_labels,
}
LINKED: dict[str, Callable[[Alignment, str], str]] = {"markdown": write_markdown, "embed": write_embed}
"""Texts that lead to the recording."""

WITH_AUDIO: dict[str, Callable[[Alignment, Path, Path], Path]] = {
    "mp3": write_tagged_mp3,
    "epub": write_epub,
}
"""Files that hold the recording."""

SUFFIXES = {
    "chapters": ".chapters.json",
    "podcast-json": ".podcast.json",
    "lrc": ".lrc",
    "textgrid": ".TextGrid",
    "audacity": ".labels.txt",
    "markdown": ".md",
    "embed": ".embed.html",
    "mp3": ".tagged.mp3",
    "epub": ".epub",
}
"""Every format, with the end of its files' names."""


@dataclass(frozen=True, slots=True)
class AudioLink:
    """The recording as exports need it.

    Attributes:
        path: the file; None if there is none at hand.
        address: what links lead to.
    """

    path: Path | None
    address: str


def export(
    alignment: Alignment, formats: Sequence[str], recording: AudioLink, folder: Path, stem: str
) -> tuple[Path, ...]:
    """Write each format to ``<stem>`` and its suffix.

    Returns:
        The files, in the order of ``formats``.
    Raises:
        PublishError: a format that does not exist, or that needs a recording that is not there.
        StorageError: the disk refuses.
    """
    unknown = [name for name in formats if name not in SUFFIXES]
    if unknown:
        raise PublishError(f"There is no format {unknown[0]!r}.", f"Choose from {', '.join(SUFFIXES)}.")
    needing = [name for name in formats if name in WITH_AUDIO]
    if needing and recording.path is None:
        raise PublishError(f"{needing[0]} needs the recording as a file.", "Name it with --audio.")
    make_folder(folder)
    return tuple(_export(alignment, name, recording, folder / f"{stem}{SUFFIXES[name]}") for name in formats)


def _export(alignment: Alignment, name: str, recording: AudioLink, target: Path) -> Path:
    if name in WITH_AUDIO and recording.path is not None:
        return WITH_AUDIO[name](alignment, recording.path, target)
    if name in LINKED:
        return write_text(target, LINKED[name](alignment, recording.address))
    return write_text(target, TEXTS[name](alignment))
