"""Stretches of time: joining them, and what they have in common."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

Span = tuple[int, int]
"""Start and end in milliseconds."""


def joined(spans: Iterable[Span], bridge_ms: int = 0) -> list[Span]:
    """The stretches in order, as one where they overlap or no more than ``bridge_ms`` lies between them."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1] + bridge_ms:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def without(spans: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """What of the stretches lies in none of the others."""
    left: list[Span] = []
    holes = joined(others)
    first = 0
    for start, end in joined(spans):
        while first < len(holes) and holes[first][1] <= start:
            first += 1
        for hole_start, hole_end in islice(holes, first, None):
            if hole_start >= end:
                break
            if hole_start > start:
                left.append((start, hole_start))
            start = hole_end
        if start < end:
            left.append((start, end))
    return left


def total_ms(spans: Iterable[Span]) -> int:
    """Their lengths together."""
    return sum(end - start for start, end in spans)


def shared_ms(left: Iterable[Span], right: Iterable[Span]) -> int:
    """How long both are at the same time; what overlaps on one side counts once."""
    ours, theirs = joined(left), joined(right)
    length = i = j = 0
    while i < len(ours) and j < len(theirs):
        length += max(0, min(ours[i][1], theirs[j][1]) - max(ours[i][0], theirs[j][0]))
        if ours[i][1] < theirs[j][1]:
            i += 1
        else:
            j += 1
    return length
