"""The files of one episode: what people open, and what it was made from. Every door gives the same."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from inkcast.alignment.alignment import Alignment
from inkcast.essays.essay import Essay
from inkcast.files import storage_error
from inkcast.publish.data_file import json_text
from inkcast.publish.pages.masthead import NO_MASTHEAD, Masthead
from inkcast.publish.pages.reader import reader_page
from inkcast.publish.subtitles.formats import transcript_texts
from inkcast.speech.transcript import Transcript

ESSAY = ".essay.json"
TRANSCRIPT = ".transcript.json"
ALIGNMENT = ".alignment.json"
CORRECTED_ESSAY = ".corrected-essay.json"
"""The essay with the wording and the speakers that a person gave it, where there are such."""
PAGE = ".html"
SUBTITLES = ("vtt", "srt", "txt", "tsv")


def data_texts(
    stem: Path,
    essay: Essay,
    transcript: Transcript,
    alignment: Alignment,
    *,
    published: Essay | None = None,
) -> dict[Path, str]:
    """What everything else is made from, by path.

    Args:
        stem: path of the files without suffix.
        essay: that was aligned, with all corrections.
        transcript: what was heard.
        alignment: of both.
        published: the essay before corrections; None if there were none.
    """
    texts = {
        _beside(stem, ALIGNMENT): json_text(alignment),
        _beside(stem, TRANSCRIPT): json_text(transcript),
        _beside(stem, ESSAY): json_text(published or essay),
    }
    if published is not None and published != essay:
        texts[_beside(stem, CORRECTED_ESSAY)] = json_text(essay)
    return texts


def remove_stale(stem: Path, files: Collection[Path]) -> None:
    """Forget an essay that was corrected once, and no longer is. Raises StorageError."""
    path = _beside(stem, CORRECTED_ESSAY)
    if path not in files:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise storage_error(path, error) from error


def corrected_essay_path(stem: Path) -> Path:
    """The essay as it was aligned: as published, or with the corrections of its wording."""
    path = _beside(stem, CORRECTED_ESSAY)
    return path if path.exists() else _beside(stem, ESSAY)


def page_texts(
    stem: Path,
    essay: Essay,
    transcript: Transcript,
    alignment: Alignment,
    audio_href: str,
    inline_audio: bytes | None = None,
    masthead: Masthead = NO_MASTHEAD,
) -> dict[Path, str]:
    """Page and subtitles, by path, the page first.

    Subtitles carry the essay's own wording, unless the alignment cannot be trusted.

    Args:
        stem: path of the files without suffix.
        essay: as published.
        transcript: what was heard.
        alignment: of both.
        audio_href: where the page finds the recording.
        inline_audio: the recording's bytes, to put them into the page.
        masthead: whose the essay is.

    Raises:
        PublishError: the alignment was made for another text.
    """
    page = reader_page(essay, alignment, audio_href, inline_audio=inline_audio, masthead=masthead)
    spoken = alignment if alignment.audit.passed else transcript
    return {_beside(stem, PAGE): page, **transcript_texts(spoken, stem.parent, stem.name, SUBTITLES)}


def subtitle_texts(stem: Path, transcript: Transcript) -> dict[Path, str]:
    """Subtitles alone, by path: of a recording without an essay that can be trusted."""
    return transcript_texts(transcript, stem.parent, stem.name, SUBTITLES)


def _beside(stem: Path, suffix: str) -> Path:
    # A stem may end in what looks like a suffix: "GPT 5.5".
    return stem.with_name(f"{stem.name}{suffix}")
