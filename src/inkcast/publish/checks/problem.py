"""What a checked subtitle file shows, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_LINE_END = re.compile("\r\n|\n|\r")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")
_OPENS = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068"
_CLOSES = "\u202c\u2069"


@dataclass(frozen=True, slots=True)
class Problem:
    """One defect of a subtitle file.

    Attributes:
        line: counted from 1.
        kind: a word for programs: ``encoding``, ``syntax``, ``number``, ``time``, ``overlap`` and so on.
        message: what is wrong, for people.
        avoidable: False where the speech leaves no time: the limit is broken, and no other times
            would keep it.
    """

    line: int
    kind: str
    message: str
    avoidable: bool = True


@dataclass(frozen=True, slots=True)
class ShownCue:
    """A cue as a player would show it.

    Attributes:
        line: where its times stand.
        start_ms: when it appears.
        end_ms: when it goes.
        lines: what is shown, without markup.
        markup: the text as it stands in the file.
    """

    line: int
    start_ms: int
    end_ms: int
    lines: tuple[str, ...]
    markup: str


def split_lines(text: str) -> list[str]:
    """Lines as the subtitle formats know them: CRLF, LF or CR ends one, nothing else does."""
    return _LINE_END.split(text)


def check_text(line: int, text: str) -> list[Problem]:
    """What no format should hold: control characters, and writing turned around beyond a line."""
    problems = []
    if _CONTROL.search(text):
        problems.append(Problem(line, "control", "control characters in the text"))
    depth = 0
    for char in text:
        depth += (char in _OPENS) - (char in _CLOSES)
        if depth < 0:
            break
    if depth:
        problems.append(Problem(line, "direction", "a change of writing direction is not ended in its line"))
    return problems


def ms_of(parts: Sequence[str | None]) -> int:
    """Hours, minutes, seconds and the digits behind the point, as a pattern found them: milliseconds."""
    hours, minutes, seconds = (int(part or 0) for part in parts[:3])
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + int((parts[3] or "0").ljust(3, "0"))


def check_times(line: int, start_ms: int, end_ms: int) -> list[Problem]:
    """A cue must last."""
    if end_ms > start_ms:
        return []
    what = "ends when it starts" if end_ms == start_ms else f"ends {start_ms - end_ms} ms before it starts"
    return [Problem(line, "time", f"the cue {what}")]
