"""The text formats by name, and the files they become."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from inkcast.alignment.alignment import Alignment
from inkcast.errors import PublishError
from inkcast.files import make_folder
from inkcast.publish.data_file import json_text, write_data
from inkcast.publish.subtitles.ass import write_ass
from inkcast.publish.subtitles.cues import Cue, make_cues
from inkcast.publish.subtitles.highlight import WordMarks
from inkcast.publish.subtitles.limits import DEFAULT_PRESET, CueLimits, preset_limits
from inkcast.publish.subtitles.srt import write_srt
from inkcast.publish.subtitles.tsv import write_tsv
from inkcast.publish.subtitles.txt import write_txt
from inkcast.publish.subtitles.vtt import write_vtt
from inkcast.publish.words import spoken_words
from inkcast.speech.transcript import Transcript

Speech = Transcript | Alignment


@dataclass(frozen=True, slots=True)
class CueFormat:
    """What writes cues as a file's text, and how that can mark the words in them."""

    write: Callable[[Sequence[Cue], WordMarks], str]
    marks: tuple[WordMarks, ...] = ()


FORMATS: dict[str, CueFormat | None] = {
    "srt": CueFormat(write_srt, ("highlighted",)),
    "vtt": CueFormat(write_vtt, ("timed", "highlighted")),
    "ass": CueFormat(write_ass, ("timed", "highlighted")),
    "txt": None,
    "tsv": CueFormat(write_tsv),
    "json": None,
}
"""By name; what is not made of cues (None) is made here."""
USUAL_FORMATS = ("srt", "vtt", "txt", "tsv", "json")


@dataclass(frozen=True, slots=True)
class SubtitleStyle:
    """How subtitles should be: a preset, what differs from it, and how words are marked.

    Raises:
        PublishError: there is no such preset, or a limit makes no sense.
    """

    preset: str = DEFAULT_PRESET
    max_chars: int | None = None
    max_lines: int | None = None
    max_cps: float | None = None
    marks: WordMarks = "plain"

    def __post_init__(self) -> None:
        self.limits("")

    def limits(self, format_name: str) -> CueLimits:
        """The limits for one format."""
        own: dict[str, Any] = {
            name: getattr(self, name)
            for name in ("max_chars", "max_lines", "max_cps")
            if getattr(self, name) is not None
        }
        limits = preset_limits(self.preset, format_name)
        return replace(limits, **own) if own else limits


def _render(speech: Speech, format_names: Iterable[str], style: SubtitleStyle) -> dict[str, str]:
    """The text of each format, by its name; formats with the same limits share their cues."""
    words = cache(lambda: spoken_words(speech))
    duration_ms = speech.audio.duration_ms if isinstance(speech, Alignment) else speech.duration_ms
    cues = cache(lambda limits: make_cues(words(), limits, duration_ms))

    def text(name: str) -> str:
        if name == "json":
            return json_text(speech)
        if name == "txt":
            return write_txt(words())
        cue_format = FORMATS.get(name)
        if cue_format is None:
            raise PublishError(f"There is no format {name!r}.", f"Choose from {', '.join(FORMATS)}.")
        if style.marks != "plain" and words() and sum(word.timed for word in words()) * 2 < len(words()):
            raise PublishError(
                "Most words have no times of their own, so they cannot be marked.",
                "Use an alignment, or a transcript with word times.",
            )
        return cue_format.write(cues(style.limits(name)), style.marks)

    return {name: text(name) for name in format_names}


def file_name(speech: Speech, stem: str, format_name: str) -> str:
    """``<stem>.srt`` and so on; JSON is ``<stem>.transcript.json`` or ``<stem>.alignment.json``."""
    kind = "alignment" if isinstance(speech, Alignment) else "transcript"
    return f"{stem}.{kind}.json" if format_name == "json" else f"{stem}.{format_name}"


def write_transcript(
    speech: Speech,
    folder: Path,
    stem: str,
    formats: Iterable[str] = USUAL_FORMATS,
    style: SubtitleStyle = SubtitleStyle(),
) -> tuple[Path, ...]:
    """Write each format to the file that ``file_name`` names; of JSON changed by hand, a copy is kept.

    Args:
        speech: a transcript, or an alignment for the essay's own wording.
        folder: made when missing.
        stem: file name without suffix.
        formats: names in ``FORMATS``.
        style: how subtitles should be.
    Returns:
        The files, in the order of ``formats``.
    Raises:
        PublishError: a format that does not exist or cannot be made; nothing is written.
        StorageError: the disk refuses.
    """
    texts = transcript_texts(speech, folder, stem, formats, style)
    make_folder(folder)
    return write_data(texts)


def transcript_texts(
    speech: Speech,
    folder: Path,
    stem: str,
    formats: Iterable[str] = USUAL_FORMATS,
    style: SubtitleStyle = SubtitleStyle(),
) -> dict[Path, str]:
    """What ``write_transcript`` writes, by the file it belongs into. Raises PublishError."""
    texts = _render(speech, dict.fromkeys(formats), style)
    return {folder / file_name(speech, stem, name): text for name, text in texts.items()}
