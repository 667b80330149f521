"""Stretches of time: joining them, and what they have in common."""

from __future__ import annotations

from collections.abc import Iterable

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
