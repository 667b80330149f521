"""A strict reader of SubRip (.srt), independent of the writer.

SubRip has no standard. This is what SubRip itself and the strict players want: numbers from 1 without
a hole, ``00:00:01,000 --> 00:00:02,000`` and nothing else in that line, text, one empty line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from inkcast.publish.checks.problem import Problem, ShownCue, check_text, check_times, ms_of

_STRICT = re.compile(r"(\d\d+):([0-5]\d):([0-5]\d),(\d{3}) --> (\d\d+):([0-5]\d):([0-5]\d),(\d{3})")
_LOOSE = re.compile(
    r"\s*(?:(\d+):)?(\d+):(\d+)(?:[.,](\d{1,3}))?\s*-->\s*(?:(\d+):)?(\d+):(\d+)(?:[.,](\d{1,3}))?(.*)"
)
_TAG = re.compile(r"<(/?)([ibus]|font)(?:\s[^<>]*)?>|\{\\[^{}]*\}", re.IGNORECASE)


def read_srt(lines: Sequence[str]) -> tuple[list[ShownCue], list[Problem]]:
    """The cues that a player would find, and every departure from the format."""
    cues: list[ShownCue] = []
    problems: list[Problem] = []
    number = 0
    for first, block in _blocks(lines):
        at = next((i for i, line in enumerate(block[:2]) if _LOOSE.fullmatch(line)), None)
        if at is None:
            what = "text outside a cue: an empty line inside a cue, or an invalid line of times"
            problems.append(Problem(first, "syntax", what))
            continue
        number += 1
        problems += _check_number(first, block[0] if at else None, number)
        if at and block[0].strip().isdigit():
            number = int(block[0])
        start_ms, end_ms, wrong = _times(first + at, block[at])
        payload = block[at + 1 :]
        problems += [*wrong, *check_times(first + at, start_ms, end_ms)]
        problems += _check_payload(first + at + 1, payload)
        shown = tuple(_TAG.sub("", line).strip() for line in payload)
        cues.append(ShownCue(first + at, start_ms, end_ms, shown, "\n".join(payload)))
    return cues, problems


def _blocks(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Runs of lines between empty ones, with the number of their first line."""
    numbered = enumerate(lines, start=1)
    for empty, run in groupby(numbered, key=lambda item: not item[1].strip()):
        if not empty:
            block = list(run)
            yield block[0][0], [line for _, line in block]


def _check_number(line: int, text: str | None, expected: int) -> list[Problem]:
    if text is None:
        return [Problem(line, "number", f"the cue has no number: {expected} is expected")]
    if not re.fullmatch(r"[0-9]+", text):
        return [Problem(line, "number", f"{text.strip()[:20]!r} is not a number: {expected} is expected")]
    if int(text) != expected:
        return [Problem(line, "number", f"number {int(text)} where {expected} is expected")]
    return []


def _times(line: int, text: str) -> tuple[int, int, list[Problem]]:
    strict = _STRICT.fullmatch(text)
    match = strict or _LOOSE.fullmatch(text)
    assert match is not None  # _LOOSE chose this line
    values = match.groups()[:8]
    start_ms, end_ms = (ms_of(values[at : at + 4]) for at in (0, 4))
    if strict:
        return start_ms, end_ms, []
    if "." in text:
        return start_ms, end_ms, [Problem(line, "comma", "a point in the time, where SubRip has a comma")]
    return start_ms, end_ms, [Problem(line, "time", "the times must be like 00:00:01,000 --> 00:00:02,000")]


def _check_payload(line: int, payload: Sequence[str]) -> list[Problem]:
    if not payload:
        return [Problem(line - 1, "empty", "the cue has no text")]
    problems = []
    open_tags: list[str] = []
    for number, text in enumerate(payload, start=line):
        problems += check_text(number, text)
        if "-->" in text:
            problems.append(Problem(number, "arrow", "--> in the text: players take the line for times"))
        for match in _TAG.finditer(text):
            closing, name = match[1], (match[2] or "").lower()
            if name and not closing:
                open_tags.append(name)
            elif name and name in open_tags:
                open_tags.remove(name)
            elif name:
                problems.append(Problem(number, "tag", f"</{name}> has no opening tag"))
    problems += [Problem(line, "tag", f"<{name}> is not closed") for name in open_tags]
    return problems
