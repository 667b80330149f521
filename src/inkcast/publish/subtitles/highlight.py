"""Words marked in their time: when each word of a cue is the current one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import accumulate
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
        return "".join(text for _, text in self.voices(escape))

    def voices(self, escape: Callable[[str], str]) -> Iterator[tuple[str, str]]:
        """The same in parts, with the name of who throws one in; empty: who has the turn."""
        words = [word for row in self.rows for word in row]
        firsts = {0, *accumulate(map(len, self.rows))}
        # Where underlining begins anew: it reaches over no line and no voice.
        edges = firsts | {at for at in range(1, len(words)) if voice(words[at]) != voice(words[at - 1])}
        for at, word in enumerate(words):
            inside = at in self.lit
            opens = inside and (at in edges or at - 1 not in self.lit)
            closes = inside and (at + 1 in edges or at + 1 not in self.lit)
            marked = "<u>" * opens + escape(word.text) + "</u>" * closes
            yield voice(word), separator(word, at, firsts) + marked


def separator(word: SpokenWord, at: int, firsts: Collection[int]) -> str:
    """What stands before word ``at`` of a cue; ``firsts`` are those that begin a line."""
    if at in firsts:
        return "\n" if at else ""
    return "" if word.glued else " "


def voice(word: SpokenWord) -> str:
    """Who throws the word in; empty: who has the turn."""
    return word.speaker if word.inside else ""


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
