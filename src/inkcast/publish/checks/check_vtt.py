"""A strict reader of WebVTT (.vtt), independent of the writer.

Source: W3C WebVTT (Candidate Recommendation, 4 April 2019), sections 4.1 file structure, 4.2 cue text,
4.4 cue settings; header lines such as ``Kind: captions``, which the syntax does not know but every
parser skips, are let pass.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from inkcast.publish.checks.problem import Problem, ShownCue, check_text, check_times, ms_of

_TIME = r"(?:(\d\d+):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_STRICT = re.compile(rf"{_TIME}[ \t]+-->[ \t]+{_TIME}((?:[ \t]+\S+)*)[ \t]*")
_LOOSE = re.compile(
    r"\s*(?:(\d+):)?(\d+):(\d+)(?:[.,](\d{1,3}))?\s*-->\s*(?:(\d+):)?(\d+):(\d+)(?:[.,](\d{1,3}))?(.*)"
)
_SETTINGS = {
    "vertical": r"rl|lr",
    "line": r"(-?\d+|\d+(\.\d+)?%)(,(start|center|end))?",
    "position": r"\d+(\.\d+)?%(,(line-left|center|line-right))?",
    "size": r"\d+(\.\d+)?%",
    "align": r"start|center|end|left|right",
    "region": r"\S+",
}
_TOKEN = re.compile(r"<[^<>\n]*>|<|&[^;\s&<]*;?")
_TAG = re.compile(r"<(/?)(c|i|b|u|ruby|rt|v|lang)((?:\.[^\s.<>&]+)*)(?:[ \t]+([^<>]*))?>")
_INLINE_TIME = re.compile(f"<{_TIME}>")
_REFERENCE = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);")
_HEADER = re.compile(r"[A-Za-z][\w -]*[:=].*")


def read_vtt(lines: Sequence[str]) -> tuple[list[ShownCue], list[Problem]]:
    """The cues that a player would find, and every departure from the standard."""
    cues: list[ShownCue] = []
    problems: list[Problem] = []
    ids: set[str] = set()
    blocks = list(_blocks(lines))
    if not lines or not re.fullmatch(r"WEBVTT([ \t].*)?", lines[0]):
        problems.append(Problem(1, "signature", "the file does not begin with WEBVTT"))
        if blocks and blocks[0][0] == 1 and not any("-->" in line for line in blocks[0][1]):
            blocks.pop(0)  # a header in all but its first word
    else:
        problems += _check_header(blocks.pop(0)[1])
    for first, block in blocks:
        at = next((i for i, line in enumerate(block[:2]) if "-->" in line), None)
        if re.match(r"NOTE([ \t]|$)", block[0]) or block[0].rstrip() in ("STYLE", "REGION"):
            problems += _check_other_block(first, block, bool(cues))
        elif at is None or not _LOOSE.fullmatch(block[at]):
            what = "text outside a cue: an empty line inside a cue, or an invalid line of times"
            problems.append(Problem(first, "syntax", what))
        else:
            if at:
                problems += _check_id(first, block[0], ids)
            cue, wrong = _read_cue(first + at, block[at], block[at + 1 :])
            cues.append(cue)
            problems += wrong
    return cues, problems


def _blocks(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Runs of lines between empty ones, with the number of their first line."""
    for empty, run in groupby(enumerate(lines, start=1), key=lambda item: not item[1]):
        if not empty:
            block = list(run)
            yield block[0][0], [line for _, line in block]


def _check_header(block: Sequence[str]) -> list[Problem]:
    for number, line in enumerate(block[1:], start=2):
        if "-->" in line:
            return [Problem(number, "signature", "no empty line after the header")]
        if not _HEADER.fullmatch(line):
            return [Problem(number, "signature", f"{line.strip()[:30]!r} does not belong in the header")]
    return []


def _check_other_block(line: int, block: Sequence[str], after_cues: bool) -> list[Problem]:
    problems = []
    name = block[0].split()[0]
    if name != "NOTE" and after_cues:
        problems.append(Problem(line, "syntax", f"{name} after the first cue"))
    for number, text in enumerate(block, start=line):
        if "-->" in text:
            problems.append(Problem(number, "arrow", f"--> inside {name}: players begin a cue there"))
    return problems


def _check_id(line: int, text: str, ids: set[str]) -> list[Problem]:
    if text in ids:
        return [Problem(line, "id", f"the id {text[:30]!r} is used twice")]
    ids.add(text)
    return []


def _read_cue(line: int, times: str, payload: Sequence[str]) -> tuple[ShownCue, list[Problem]]:
    problems: list[Problem] = []
    strict = _STRICT.fullmatch(times)
    match = strict or _LOOSE.fullmatch(times)
    assert match is not None  # the caller chose this line by _LOOSE
    start_ms, end_ms = ms_of(match.groups()[:4]), ms_of(match.groups()[4:8])
    if strict:
        problems += _check_settings(line, match[9])
    else:
        problems.append(Problem(line, "time", "the times must be like 00:01.000 --> 00:02.000"))
    problems += check_times(line, start_ms, end_ms)
    if not payload:
        problems.append(Problem(line, "empty", "the cue has no text"))
    for number, text in enumerate(payload, start=line + 1):
        problems += check_text(number, text)
        if "-->" in text:
            problems.append(Problem(number, "arrow", "--> in the text: it must be written --&gt;"))
    markup = "\n".join(payload)
    problems += _check_markup(line + 1, markup, start_ms, end_ms)
    shown = tuple(html.unescape(re.sub(r"<[^<>]*>", "", text)).strip() for text in payload)
    return ShownCue(line, start_ms, end_ms, shown, markup), problems


def _check_settings(line: int, text: str) -> list[Problem]:
    problems = []
    seen: set[str] = set()
    for setting in text.split():
        name, _, value = setting.partition(":")
        if name not in _SETTINGS or not re.fullmatch(_SETTINGS[name], value):
            problems.append(Problem(line, "setting", f"{setting[:30]!r} is not a cue setting"))
        elif name in seen:
            problems.append(Problem(line, "setting", f"{name} is set twice"))
        seen.add(name)
    return problems


def _check_markup(line: int, markup: str, start_ms: int, end_ms: int) -> list[Problem]:
    """Tags that nest, word times that rise inside the cue, and nothing unescaped."""
    problems: list[Problem] = []
    open_tags: list[str] = []
    last_ms = start_ms
    for match in _TOKEN.finditer(markup):
        at = line + markup.count("\n", 0, match.start())
        token = match[0]
        timed = _INLINE_TIME.fullmatch(token)
        if timed:
            ms = ms_of(timed.groups())
            if not last_ms < ms < end_ms:
                problems.append(
                    Problem(at, "word time", f"{token} is not after the time before it, or not in the cue")
                )
            last_ms = max(last_ms, ms)
        elif token[0] == "&":
            if not _REFERENCE.fullmatch(token) or html.unescape(token) == token:
                problems.append(Problem(at, "escape", f"{token[:20]} must be written &amp;{token[1:20]}"))
        else:
            problems += _check_tag(at, token, open_tags)
    # A voice that speaks the whole cue need not be closed.
    if open_tags != ["v"] or not markup.startswith("<v"):
        problems += [Problem(line, "tag", f"<{name}> is not closed") for name in open_tags]
    return problems


def _check_tag(line: int, token: str, open_tags: list[str]) -> list[Problem]:
    tag = _TAG.fullmatch(token)
    if tag is None:
        return [Problem(line, "escape", f"{token[:20]} is not a WebVTT tag: < must be written &lt;")]
    closing, name, _, annotation = tag.groups()
    if closing:
        if name not in open_tags:
            return [Problem(line, "tag", f"</{name}> has no opening tag")]
        problems = []
        while (last := open_tags.pop()) != name:
            problems.append(Problem(line, "tag", f"<{last}> is not closed before </{name}>"))
        return problems
    open_tags.append(name)
    if name in ("v", "lang") and not (annotation or "").strip():
        return [Problem(line, "tag", f"<{name}> names no {'speaker' if name == 'v' else 'language'}")]
    return []
