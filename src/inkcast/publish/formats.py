"""The text formats by name, and the files they become."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from inkcast.alignment.alignment import Alignment
from inkcast.errors import PublishError
from inkcast.files import make_folder, write_text
from inkcast.publish.cues import CueLimits, make_cues
from inkcast.publish.srt import write_srt
from inkcast.publish.tsv import write_tsv
from inkcast.publish.txt import write_txt
from inkcast.publish.vtt import write_vtt
from inkcast.publish.words import spoken_words
from inkcast.speech.transcript import Transcript

Speech = Transcript | Alignment
Writer = Callable[[Speech, CueLimits], str]


def srt(speech: Speech, limits: CueLimits) -> str:
    """SubRip."""
    return write_srt(make_cues(spoken_words(speech), limits))


def vtt(speech: Speech, limits: CueLimits) -> str:
    """WebVTT."""
    return write_vtt(make_cues(spoken_words(speech), limits))


def txt(speech: Speech, limits: CueLimits) -> str:
    """Plain paragraphs; no limits apply."""
    return write_txt(spoken_words(speech))


def tsv(speech: Speech, limits: CueLimits) -> str:
    """Tab-separated cues."""
    return write_tsv(make_cues(spoken_words(speech), limits))


def to_json(speech: Speech, limits: CueLimits) -> str:
    """The record itself; no limits apply."""
    return json.dumps(speech.to_json(), ensure_ascii=False) + "\n"


FORMATS: dict[str, Writer] = {"srt": srt, "vtt": vtt, "txt": txt, "tsv": tsv, "json": to_json}


def write_transcript(
    speech: Speech,
    folder: Path,
    stem: str,
    formats: Iterable[str] = tuple(FORMATS),
    limits: CueLimits = CueLimits(),  # noqa: B008 - frozen
) -> tuple[Path, ...]:
    """Write ``<stem>.srt`` and so on; JSON is ``<stem>.transcript.json`` or ``<stem>.alignment.json``.

    Args:
        speech: a transcript, or an alignment for the essay's own wording.
        folder: made when missing.
        stem: file name without suffix.
        formats: names in ``FORMATS``.
        limits: what a cue may be.
    Returns:
        The files, in the order of ``formats``.
    Raises:
        PublishError: a format that does not exist; nothing is written.
        StorageError: the disk refuses.
    """
    names = list(dict.fromkeys(formats))
    for name in names:
        if name not in FORMATS:
            raise PublishError(f"There is no format {name!r}.", f"Choose from {', '.join(FORMATS)}.")
    kind = "alignment" if isinstance(speech, Alignment) else "transcript"
    texts = {name: FORMATS[name](speech, limits) for name in names}
    make_folder(folder)
    suffixes = {"json": f"{kind}.json"}
    return tuple(
        write_text(folder / f"{stem}.{suffixes.get(name, name)}", text) for name, text in texts.items()
    )
