"""A strict reader of Advanced SubStation Alpha (.ass), independent of the writer.

Source: the "SSA v4.00+" specification as libass reads it: sections, a Format line before the lines
that it describes, times of hundredths of a second.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from inkcast.publish.checks.problem import Problem, ShownCue, check_text, check_times

_TIME = re.compile(r"(\d+):([0-5]\d):([0-5]\d)\.(\d\d)")
_CODES = re.compile(r"(?<!\\)\{[^{}]*\}")
_NEEDED = ("[Script Info]", "[V4+ Styles]", "[Events]")


def read_ass(lines: Sequence[str]) -> tuple[list[ShownCue], list[Problem]]:
    """The cues that a player would find, and every departure from the format."""
    cues: list[ShownCue] = []
    problems: list[Problem] = []
    section = ""
    fields: list[str] = []
    found: set[str] = set()
    styles: set[str] = set()
    for number, line in enumerate(lines, start=1):
        key, _, value = line.partition(":")
        if line.startswith("["):
            section, fields = line.strip(), []
            found.add(section)
        elif key == "Format":
            fields = [field.strip() for field in value.split(",")]
        elif key == "Style":
            styles.add(value.split(",")[0].strip())
        elif key == "Dialogue" and section == "[Events]":
            cue, wrong = _read_event(number, value.strip(), fields, styles)
            cues += [cue] if cue else []
            problems += wrong
        elif line.strip() and not section:
            problems.append(Problem(number, "syntax", "text before the first section"))
    problems += [Problem(1, "section", f"there is no {name}") for name in _NEEDED if name not in found]
    return cues, problems


def _read_event(
    line: int, value: str, fields: Sequence[str], styles: set[str]
) -> tuple[ShownCue | None, list[Problem]]:
    if not {"Start", "End", "Style", "Text"} <= set(fields) or fields[-1] != "Text":
        return None, [Problem(line, "syntax", "no Format line says what the fields are, Text last")]
    values = dict(zip(fields, value.split(",", len(fields) - 1), strict=False))
    if len(values) < len(fields):
        return None, [Problem(line, "syntax", f"{len(values)} fields where {len(fields)} are expected")]
    starts, ends = _TIME.fullmatch(values["Start"].strip()), _TIME.fullmatch(values["End"].strip())
    if not starts or not ends:
        return None, [Problem(line, "time", "times must be like 0:00:01.00")]
    start_ms, end_ms = _ms(starts), _ms(ends)
    problems = [*check_times(line, start_ms, end_ms), *check_text(line, values["Text"])]
    if values["Style"].strip() not in styles:
        problems.append(Problem(line, "style", f"there is no style {values['Style'].strip()!r}"))
    bare = _CODES.sub("", values["Text"])
    if re.search(r"(?<!\\)[{}]", bare):
        problems.append(Problem(line, "tag", "an unmatched brace"))
    shown = tuple(
        re.sub(r"\\([{}])", r"\1", row).replace("\\h", " ").strip() for row in re.split(r"\\[Nn]", bare)
    )
    if not any(shown):
        problems.append(Problem(line, "empty", "the cue has no text"))
    return ShownCue(line, start_ms, end_ms, shown, values["Text"]), problems


def _ms(match: re.Match[str]) -> int:
    hours, minutes, seconds, hundredths = map(int, match.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + 10 * hundredths
