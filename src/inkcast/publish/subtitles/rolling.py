"""Captions that roll: each cue shows the line before once more. It was said once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

_ABUT_MS = 3000
_MIN_SHARE = 0.3
_MIN_CARRIED = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """A cue as a file has it: its lines, with their markup."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]


def said_once(cues: Sequence[Shown], plain: Callable[[str], str]) -> list[Shown]:
    """The cues without the lines that are carried over from the cue before, where the file is of that kind.

    A few lines that are said twice are no such file.

    Args:
        cues: in the order of the file.
        plain: a line without its markup.
    """
    if not cues:
        return []
    texts = [tuple(filter(None, map(plain, cue.lines))) for cue in cues]
    carried = [0]
    for (one, other), (before, after) in zip(pairwise(cues), pairwise(texts), strict=True):
        is_near = -_ABUT_MS <= other.start_ms - one.end_ms <= _ABUT_MS
        carried.append(_n_carried(before, after) if is_near else 0)
    rolls = sum(
        bool(n) and (n < len(text) or n > 1 or _is_short(cue))
        for n, text, cue in zip(carried, texts, cues, strict=True)
    )
    if rolls < max(_MIN_CARRIED, _MIN_SHARE * len(cues)):
        return list(cues)
    return [
        replace(cue, lines=tuple(line for line in cue.lines if plain(line))[n:])
        for cue, n in zip(cues, carried, strict=True)
    ]


def _is_short(cue: Shown) -> bool:
    return cue.end_ms - cue.start_ms < 100


def _n_carried(before: Sequence[str], after: Sequence[str]) -> int:
    sizes = range(min(len(before), len(after)), 0, -1)
    return next((size for size in sizes if before[-size:] == after[:size]), 0)
