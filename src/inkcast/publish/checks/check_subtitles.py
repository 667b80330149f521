"""Is this subtitle file sound? Its bytes, its format, and what a reader can follow.

Nothing here comes from the writers, so that it can be asked about them; only what a character is
(``text_width``) is shared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from inkcast.errors import PublishError
from inkcast.publish.checks.check_ass import read_ass
from inkcast.publish.checks.check_srt import read_srt
from inkcast.publish.checks.check_vtt import read_vtt
from inkcast.publish.checks.problem import Problem, ShownCue, split_lines
from inkcast.publish.subtitles.limits import CueLimits, text_width

Reader = Callable[[Sequence[str]], tuple[list[ShownCue], list[Problem]]]

_READERS: dict[str, Reader] = {"srt": read_srt, "vtt": read_vtt, "ass": read_ass}
_RESOLUTION_MS = {"srt": 1, "vtt": 1, "ass": 10}


_HIGHLIGHT = re.compile(r"<(?:[biuc]|font)[ .>]")


@dataclass(frozen=True, slots=True)
class Checked:
    """The result for one file; ``problems`` in the order of lines, those that were unavoidable too."""

    format: str
    n_cues: int
    problems: tuple[Problem, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong that could be right."""
        return not any(problem.avoidable for problem in self.problems)


def subtitle_format(path: Path, data: bytes) -> str:
    """``srt``, ``vtt`` or ``ass``: by the name, else by the content.

    Raises:
        PublishError: it looks like none of them.
    """
    suffix = {".ssa": "ass"}.get(path.suffix.lower(), path.suffix.lower().removeprefix("."))
    if suffix in _READERS:
        return suffix
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"WEBVTT"):
        return "vtt"
    if start.startswith(b"[Script Info]"):
        return "ass"
    if b"-->" in data:
        return "srt"
    raise PublishError(f"{path} is not a subtitle file.", "Give an SRT, a WebVTT or an ASS file.")


def check_subtitles(data: bytes, format_name: str, limits: CueLimits) -> Checked:
    """Check a file's bytes.

    A reading speed or a shortest time that is not kept counts as unavoidable if the cue stays as
    long as it may: until the next cue and the gap before it, or for ``max_ms``.

    Args:
        data: the whole file.
        format_name: ``srt``, ``vtt`` or ``ass``.
        limits: what a cue may be.
    """
    text, problems = _decode(data, format_name)
    cues, wrong = _READERS[format_name](split_lines(text))
    problems += wrong
    if not cues and not problems and format_name != "vtt":
        problems.append(Problem(1, "empty", "the file has no cue"))
    problems += _check_order(cues)
    steady = _without_steps(cues)
    for index, cue in enumerate(steady):
        following = steady[index + 1] if index + 1 < len(steady) else None
        problems += _check_limits(cue, following, limits, _RESOLUTION_MS[format_name])
    return Checked(format_name, len(cues), tuple(sorted(problems, key=lambda problem: problem.line)))


def _decode(data: bytes, format_name: str) -> tuple[str, list[Problem]]:
    problems = []
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = len(split_lines(data[: error.start].decode("utf-8", errors="replace")))
        problems.append(Problem(line, "encoding", f"byte {error.start} is not UTF-8"))
        text = data.decode("utf-8", errors="replace")
    if text.startswith("\ufeff"):
        text = text.removeprefix("\ufeff")
        if format_name == "srt":  # WebVTT allows it, ASS writers expect it
            problems.append(Problem(1, "bom", "a byte order mark: some players take it for text"))
    if "\ufeff" in text:
        line = len(split_lines(text[: text.index("\ufeff")]))
        problems.append(Problem(line, "bom", "a byte order mark inside the file"))
    rest = text.replace("\r\n", "")
    ends = [
        name
        for name, found in (("CRLF", "\r\n" in text), ("LF", "\n" in rest), ("CR", "\r" in rest))
        if found
    ]
    if len(ends) > 1:
        problems.append(Problem(1, "line ends", f"{' and '.join(ends)} are mixed"))
    return text, problems


def _check_order(cues: Sequence[ShownCue]) -> Iterator[Problem]:
    for cue, following in pairwise(cues):
        if following.start_ms < cue.start_ms:
            yield Problem(following.line, "order", "the cue starts before the one above it")
        elif following.start_ms < cue.end_ms:
            late_ms = cue.end_ms - following.start_ms
            yield Problem(
                following.line, "overlap", f"the cue starts {late_ms} ms before the one above it ends"
            )


def _without_steps(cues: Sequence[ShownCue]) -> list[ShownCue]:
    """A text that stays while the marked word in it moves on is one cue."""
    steady: list[ShownCue] = []
    for cue in cues:
        before = steady[-1] if steady else None
        is_step = (
            before is not None
            and before.end_ms == cue.start_ms
            and before.lines == cue.lines
            and _moves_on(_highlight(before.markup), _highlight(cue.markup))
        )
        if before is not None and is_step:
            steady[-1] = replace(before, end_ms=cue.end_ms, markup=cue.markup)
        else:
            steady.append(cue)
    return steady


def _highlight(markup: str) -> int:
    match = _HIGHLIGHT.search(markup)
    return match.start() if match else -1


def _moves_on(before: int, after: int) -> bool:
    """From word to word, from nothing to a word, or from a word to nothing."""
    return before < after if min(before, after) >= 0 else before != after


def _check_limits(
    cue: ShownCue, following: ShownCue | None, limits: CueLimits, resolution_ms: int
) -> Iterator[Problem]:
    """Times are measured as kindly as the format's resolution asks."""
    lines = [line for line in cue.lines if line]
    for line in lines:
        width = text_width(line)
        if width > limits.max_chars and (width > 2 or limits.max_chars > 1):
            yield Problem(cue.line, "line length", f"{width} characters in a line (limit {limits.max_chars})")
    if len(lines) > limits.max_lines:
        yield Problem(cue.line, "lines", f"{len(lines)} lines (limit {limits.max_lines})")
    length_ms = cue.end_ms - cue.start_ms
    if length_ms <= 0:
        return
    slack_ms = resolution_ms - 1
    if length_ms - slack_ms > limits.max_ms:
        yield Problem(cue.line, "too long", f"shown for {_s(length_ms)} (limit {_s(limits.max_ms)})")
    latest_ms = cue.start_ms + limits.max_ms
    if following is not None and following.start_ms >= cue.end_ms:
        gap_ms = following.start_ms - cue.end_ms
        if gap_ms + slack_ms < limits.gap_ms:
            yield Problem(
                following.line, "gap", f"{gap_ms} ms after the cue above (limit {limits.gap_ms} ms)"
            )
        latest_ms = min(latest_ms, following.start_ms - limits.gap_ms)
    could_stay = cue.end_ms + slack_ms < latest_ms
    if length_ms + slack_ms < limits.min_ms:
        yield Problem(
            cue.line, "too short", f"shown for {_s(length_ms)} (limit {_s(limits.min_ms)})", could_stay
        )
    n_chars = sum(map(text_width, lines))
    if n_chars * 1000 > limits.max_cps * (length_ms + slack_ms):
        speed = f"{n_chars * 1000 / length_ms:.1f} characters a second (limit {limits.max_cps:g})"
        yield Problem(cue.line, "too fast", speed, could_stay)


def _s(ms: int) -> str:
    return f"{ms / 1000:.2f} s"
