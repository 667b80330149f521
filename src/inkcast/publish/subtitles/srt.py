"""SubRip (.srt): the format that every player reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from inkcast.errors import PublishError
from inkcast.publish.subtitles.cues import Cue
from inkcast.publish.subtitles.highlight import WordMarks, shown
from inkcast.publish.subtitles.rolling import Shown, said_once
from inkcast.publish.words import WORD_JOINER, clean_text, join_lines
from inkcast.speech.transcript import Segment, Transcript
from inkcast.timecode import CUE_TIMES, parse_time, srt_time

_TAG = re.compile(r"</?(?:[ibus]|font)(?:\s[^<>]*)?>|\{\\[^{}]*\}", re.IGNORECASE)
# Players take these for markup or for a line of times, and the format has no escapes.
_LIKE_MARKUP = re.compile(r"<(?=[a-zA-Z/!]|$)|\{(?=\\|$)|-(?=-?>|$)")


def write_srt(cues: Sequence[Cue], marks: WordMarks = "plain") -> str:
    """SubRip text: numbers from 1, commas in times, "Name: " where a speaker begins.

    Where text looks like markup (``<b>``, ``{\\an8}``, ``-->``) an invisible word joiner keeps
    players from taking it for that.

    Args:
        cues: in the order of time.
        marks: ``highlighted`` underlines the current word; SubRip has no word times.
    """
    blocks = (
        f"{srt_time(moment.start_ms)} --> {srt_time(moment.end_ms)}\n"
        f"{_protected(cue.label)}{moment.text(_protected)}\n\n"
        for cue in cues
        for moment in shown(cue, marks == "highlighted")
    )
    return "".join(f"{number}\n{block}" for number, block in enumerate(blocks, start=1))


def _protected(text: str) -> str:
    return _LIKE_MARKUP.sub(lambda match: match[0] + WORD_JOINER, text)


def parse_srt(text: str) -> Transcript:
    """Read SubRip, also where numbers are missing, hours are left out or cues hold empty lines.

    Raises:
        PublishError: there is text, but not one line of times.
    """
    segments: list[Segment] = []
    lines = text.lstrip("\ufeff").splitlines()
    times_at = [index for index, line in enumerate(lines) if CUE_TIMES.match(line)]
    if not times_at and text.strip("\ufeff \t\r\n"):
        raise PublishError(
            "This is not a SubRip file: it has no line of times.", "Check that it is an .srt file."
        )
    cues = []
    for at, next_at in pairwise([*times_at, len(lines) + 1]):
        start_ms, end_ms = map(parse_time, CUE_TIMES.findall(lines[at])[0])
        payload = lines[at + 1 : next_at]
        # The number of the next cue belongs to that cue; a bare number with text above it may be text.
        if next_at <= len(lines) and payload and payload[-1].strip().isdigit():
            payload = payload[:-1]
        cues.append(Shown(start_ms, max(start_ms, end_ms), tuple(payload)))
    for cue in said_once(cues, _plain):
        if spoken := join_lines([line for line in map(_plain, cue.lines) if line]):
            segments.append(Segment(cue.start_ms, cue.end_ms, " " + spoken))
    return Transcript("", tuple(segments), max((s.end_ms for s in segments), default=0))


def _plain(line: str) -> str:
    return clean_text(_TAG.sub("", line))
