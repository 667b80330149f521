"""What cues say, and what a file of them says when it is read back: the voices of each cue apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from inkcast.publish.subtitles.cues import Cue
from inkcast.speech.transcript import Transcript

Voiced = list[tuple[int, int, str, list[str]]]
"""Start, end, text without spaces, and who is heard, of each cue."""


def written(cues: Sequence[Cue]) -> Voiced:
    return [(cue.start_ms, cue.end_ms, "".join(cue.text.split()), _voices(cue)) for cue in cues]


def _voices(cue: Cue) -> list[str]:
    words = [word for row in cue.rows for word in row]
    return [voice for voice, _ in groupby(word.speaker if word.inside else cue.speaker for word in words)]


def read_back(transcript: Transcript, cues: Sequence[Cue]) -> Voiced:
    found: Voiced = []
    for cue in cues:
        own = [one for one in transcript.segments if cue.start_ms <= one.start_ms < cue.end_ms]
        text = "".join("".join(segment.text.split()) for segment in own)
        found.append((own[0].start_ms, own[-1].end_ms, text, [segment.speaker for segment in own]))
    assert sum(len(voices) for *_, voices in found) == len(transcript.segments)
    return found
