"""Tab-separated values as Whisper writes them: start and end in milliseconds, text."""

from __future__ import annotations

from collections.abc import Sequence

from inkcast.publish.subtitles.cues import Cue
from inkcast.publish.subtitles.highlight import WordMarks


def write_tsv(cues: Sequence[Cue], marks: WordMarks = "plain") -> str:
    """One row for each cue under a header; the text holds no tab, no line break and no marks."""
    rows = "".join(f"{cue.start_ms}\t{cue.end_ms}\t{cue.text}\n" for cue in cues)
    return "start\tend\ttext\n" + rows
