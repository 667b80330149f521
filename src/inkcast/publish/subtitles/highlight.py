"""Words marked in their time: when each word of a cue is the current one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from inkcast.publish.subtitles.cues import Cue
from inkcast.publish.words import SpokenWord

WordMarks = Literal["plain", "timed", "highlighted"]
"""``timed``: word times inside the cue, which players may use; ``highlighted``: every player shows it."""

# Not measured: chosen by hand.
_MAX_LIT_WORDS = 3


@dataclass(frozen=True, slots=True)
class Moment:
    """A time during which a cue looks the same; ``lit`` are the positions of the words underlined."""

    start_ms: int
    end_ms: int
    rows: tuple[tuple[SpokenWord, ...], ...]
    lit: range = range(0)

    def text(self, escape: Callable[[str], str]) -> str:
        """The lines, each word through ``escape``, the lit ones inside ``<u>``."""
        lines, position = [], 0
        for row in self.rows:
            line = ""
            for word in row:
                inside = position in self.lit
                opens = inside and (not line or position - 1 not in self.lit)
                closes = inside and (word is row[-1] or position + 1 not in self.lit)
                space = "" if word.glued or not line else " "
                line += space + "<u>" * opens + escape(word.text) + "</u>" * closes
                position += 1
            lines.append(line)
        return "\n".join(lines)


def shown(cue: Cue, highlighted: bool) -> Iterator[Moment]:
    """The cue as it is, or one moment for each word; together the moments last as long as the cue.

    A word or two whose own times are not known are lit with the one before them. Nobody knows which
    of more is the current one: none is lit.
    """
    if not highlighted:
        yield Moment(cue.start_ms, cue.end_ms, cue.rows)
        return
    groups = timed_groups(cue)
    ends = [*groups[1:], (cue.end_ms, sum(map(len, cue.rows)))]
    words = [range(first, last) for (_, first), (_, last) in zip(groups, ends, strict=True)]
    lit = [group if len(group) <= _MAX_LIT_WORDS else range(0) for group in words]
    changes = [at for at in range(len(lit)) if not at or lit[at] != lit[at - 1]]
    for at, next_at in zip(changes, [*changes[1:], len(lit)], strict=True):
        yield Moment(groups[at][0], ends[next_at - 1][0], cue.rows, lit[at])


def timed_groups(cue: Cue) -> list[tuple[int, int]]:
    """When each group of words begins, and the position of its first word; the first is the cue's own."""
    groups = [(cue.start_ms, 0)]
    for position, word in enumerate(word for row in cue.rows for word in row):
        if position and word.timed and groups[-1][0] < word.start_ms < cue.end_ms:
            groups.append((word.start_ms, position))
    return groups
