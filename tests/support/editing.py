"""An episode that somebody edits: what ``align`` makes of a tone, and a server for its editor."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from inkcast.api import align
from inkcast.editor.edit_server import EditServer
from inkcast.editor.editable import aligned_files
from inkcast.editor.session import Session
from inkcast.essays.read import read_essay
from inkcast.speech.transcript import Segment, Transcript, TranscriptWord
from tests.support.shows import TRAINS, WORD_MS, write_show

HEARD = TRAINS.replace("with any dignity. The", "with any dignity by the way. The").replace("weak, ", "")
"""Words are said besides, and one is left out."""


def write_aligned(folder: Path) -> Path:
    """``out/trains.alignment.json`` and all that belongs to it; the recording is beside ``out``."""
    write_show(folder)
    words = tuple(
        TranscriptWord(f" {word}", at * WORD_MS, at * WORD_MS + 280, 0.9)
        for at, word in enumerate(f"Trains {HEARD}".split())
    )
    transcript = Transcript("en", (Segment(0, words[-1].end_ms, HEARD, words),), words[-1].end_ms)
    done = align(folder / "trains.wav", read_essay(folder / "trains.html"), transcript=transcript)
    done.write(folder / "out")
    return folder / "out" / "trains.alignment.json"


@contextmanager
def editing(path: Path) -> Iterator[EditServer]:
    """Serve the editor of what ``align`` made."""
    with Session(aligned_files(path)) as session, EditServer(session) as server, server.running():
        yield server
