"""From words to subtitle cues that people can read.

Where to break is an optimisation: every place between two words has a price (none after a
sentence, high inside a name), every cue has one too (too short, too fast), and dynamic programming
finds the cheapest way through, as Knuth and Plass do for paragraphs. Conventions after Netflix's
Timed Text Style Guide (two lines of 42 characters, 5/6 s to 7 s, two frames between cues).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from inkcast.alignment.alignment import Alignment
from inkcast.errors import PublishError
from inkcast.publish.words import SpokenWord, ends_sentence, join_lines, spoken_words
from inkcast.speech.transcript import Transcript

SILENCE_MS = 2_000
"""A pause that no cue stands over."""

PAUSE_MS = 350
"""A pause that a listener notices."""

_CLAUSE_ENDS = (",", ";", ":", "—", "–", ")", ",”", ',"', "，", "、", "；", "：")
_OPENER = re.compile(
    "and|but|or|nor|so|yet|because|although|though|while|whereas|if|unless|until|when|where|which|who|"
    "that|than|as|to|of|in|on|at|by|for|from|with|without|into|about|between|through|after|before",
    re.IGNORECASE,
)
_CLINGING = re.compile(
    "an?|the|this|that|these|those|my|your|his|her|its|our|their|no|of|in|on|at|by|for|from|with|to|and|or|"
    "is|are|was|were|be|been|am|has|have|had|do|does|did|will|would|can|could|may|might|must|shall|should|"
    r"(?:mr|mrs|ms|dr|prof|st)\.",
    re.IGNORECASE,
)
_SCALE = re.compile(
    r"(?:hundred|thousand|million|billion|trillion|percent|%|per|times)[.,;:]*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class CueLimits:
    """What a cue may be.

    Lines, their length, the longest cue and the gap are never exceeded. Reading speed and the
    shortest time are kept where the speech leaves room: words cannot be made to last longer.

    Attributes:
        max_chars: characters in a line, spaces and a speaker's label included.
        max_lines: lines in a cue.
        max_cps: characters a second that a reader can follow.
        min_ms: shortest time that a cue should stay.
        max_ms: longest time that a cue may stay.
        gap_ms: time without a cue between two cues.
    """

    max_chars: int = 42
    max_lines: int = 2
    max_cps: float = 20.0
    min_ms: int = 833
    max_ms: int = 7_000
    gap_ms: int = 83

    def __post_init__(self) -> None:
        for name, least in (("max_chars", 1), ("max_lines", 1), ("max_ms", 1), ("min_ms", 0), ("gap_ms", 0)):
            if getattr(self, name) < least:
                raise PublishError(
                    f"Subtitle limit {name} is {getattr(self, name)}.", f"It must be {least} or more."
                )
        if not self.max_cps > 0:
            raise PublishError(f"Subtitle limit max_cps is {self.max_cps}.", "It must be above 0.")


@dataclass(frozen=True, slots=True)
class CueWord:
    """A word inside a cue and its own time."""

    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Cue:
    """A few lines of text and when to show them.

    Attributes:
        start_ms: when it appears; strictly after the end of the cue before it, less the gap.
        end_ms: when it goes; always after ``start_ms``.
        lines: one or more, none empty.
        speaker: who says it.
        words: the words with their times.
        label: "Name: " where a new speaker begins, for formats that have no markup for speakers;
            room for it is kept in the first line.
    """

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]
    speaker: str = ""
    words: tuple[CueWord, ...] = ()
    label: str = ""

    @property
    def text(self) -> str:
        """All lines as one."""
        return join_lines(self.lines)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Words of one speaker and one paragraph, with the prices of breaking after each of them.

    ``breaking[i]`` is what a break after word i costs, ``running[i]`` the sum over the words before
    word i of what it costs not to break after them.
    """

    words: tuple[SpokenWord, ...]
    next_ms: int | None
    label: str
    breaking: tuple[float, ...]
    running: tuple[float, ...]


def cues_from_transcript(transcript: Transcript, limits: CueLimits) -> tuple[Cue, ...]:
    """Cues of a transcript, whether or not its segments have word times."""
    return make_cues(spoken_words(transcript), limits)


def cues_from_alignment(alignment: Alignment, limits: CueLimits) -> tuple[Cue, ...]:
    """Cues in the essay's own wording, with speech that it does not contain at its place."""
    return make_cues(spoken_words(alignment), limits)


def make_cues(words: Sequence[SpokenWord], limits: CueLimits) -> tuple[Cue, ...]:
    """Group words into cues.

    Args:
        words: in the order of time.
        limits: what a cue may be.
    Returns:
        Cues in the order of time: ``end_ms > start_ms``, at least ``gap_ms`` between two cues, no
        line longer than ``max_chars`` (a longer word is cut), no more than ``max_lines`` lines.
    """
    pieces = [piece for word in words for piece in _cut(word, limits.max_chars)]
    drafts: list[tuple[_Stretch, int, int]] = []
    for stretch in _stretches(pieces, limits):
        drafts += [(stretch, first, last) for first, last in _best_cues(stretch, limits)]
    return tuple(_timed(drafts, limits))


def text_width(text: str) -> int:
    """Columns that ``text`` takes: East Asian characters and emoji take two."""
    if text.isascii():
        return len(text)
    return len(text) + sum(
        "\u1100" <= c <= "\u115f" or "\u2e80" <= c <= "\uffe6" or c > "\uffff" for c in text
    )


def _cut(word: SpokenWord, max_chars: int) -> Iterator[SpokenWord]:
    """Cut a word that is longer than a line; its pieces share its time by length."""
    if text_width(word.text) <= max_chars:
        yield word
        return
    pieces = [""]
    for character in word.text:
        if pieces[-1] and text_width(pieces[-1] + character) > max_chars:
            pieces.append("")
        pieces[-1] += character
    length_ms, before = word.end_ms - word.start_ms, 0
    for index, piece in enumerate(pieces):
        after = before + len(piece)
        start, end = (word.start_ms + length_ms * n // len(word.text) for n in (before, after))
        yield SpokenWord(piece, start, end, word.speaker, word.paragraph, word.glued or index > 0)
        before = after


def _stretches(words: Sequence[SpokenWord], limits: CueLimits) -> Iterator[_Stretch]:
    speaker, first = "", 0
    for index, word in enumerate(words):
        following = words[index + 1] if index + 1 < len(words) else None
        if following is not None and not _must_break(word, following):
            continue
        stretch = tuple(words[first : index + 1])
        turn = stretch[0].speaker if stretch[0].speaker != speaker else ""
        inside = [_inside_cost(a, b) for a, b in pairwise(stretch)]
        yield _Stretch(
            words=stretch,
            next_ms=following.start_ms if following else None,
            label=_label(turn, stretch[0], limits.max_chars),
            breaking=(*(_break_cost(a, b) for a, b in pairwise(stretch)), 0.0),
            running=tuple(accumulate(inside, initial=0.0)),
        )
        speaker, first = stretch[0].speaker, index + 1


def _label(speaker: str, first: SpokenWord, max_chars: int) -> str:
    """The speaker's label, if it leaves room for the first word."""
    label = f"{speaker}: "
    return label if speaker and text_width(label + first.text) <= max_chars else ""


def _must_break(word: SpokenWord, following: SpokenWord) -> bool:
    return (
        word.speaker != following.speaker
        or word.paragraph != following.paragraph
        or following.start_ms - word.end_ms > SILENCE_MS
    )


def _break_cost(word: SpokenWord, following: SpokenWord) -> float:
    """What it costs a reader to lose the sight of ``word`` when ``following`` appears."""
    if following.glued:
        return 8.0
    if ends_sentence(word, following):
        return 0.0
    pause_ms = following.start_ms - word.end_ms
    if word.text.endswith(_CLAUSE_ENDS):
        return 0.4 if pause_ms >= PAUSE_MS else 0.7
    if _belong_together(word.text, following.text):
        return 6.0
    cost = 1.6 if _OPENER.fullmatch(following.text) else 2.5
    return cost - 1.0 if pause_ms >= PAUSE_MS else cost


def _belong_together(left: str, right: str) -> bool:
    """Names, numbers with their units, and little words with what they introduce."""
    if _CLINGING.fullmatch(left) or _SCALE.fullmatch(right):
        return True
    begins_big = left[0].isupper() or left[0].isdigit() or left[0] in "$€£~"
    return begins_big and left[-1].isalnum() and (right[0].isupper() or right[0].isdigit())


def _inside_cost(word: SpokenWord, following: SpokenWord) -> float:
    """What it costs to keep ``word`` and ``following`` in one cue where a break was due."""
    pause_ms = following.start_ms - word.end_ms
    return (2.0 if ends_sentence(word, following) else 0.0) + (1.0 if pause_ms >= 2 * PAUSE_MS else 0.0)


def _best_cues(stretch: _Stretch, limits: CueLimits) -> list[tuple[int, int]]:
    """The cheapest cut of a stretch into cues, as (first, past the last) word."""
    n_words = len(stretch.words)
    best = [0.0] + [float("inf")] * n_words
    came_from = [0] * (n_words + 1)
    for first in range(n_words):
        for last in _reach(stretch, first, limits):
            cost = best[first] + _cue_cost(stretch, first, last, limits) + stretch.breaking[last - 1]
            if cost < best[last]:
                best[last], came_from[last] = cost, first
    cuts, last = [], n_words
    while last:
        cuts.append((came_from[last], last))
        last = came_from[last]
    return cuts[::-1]


def _reach(stretch: _Stretch, first: int, limits: CueLimits) -> Iterator[int]:
    """How far a cue that begins with word ``first`` may go, shortest first; at least one word."""
    lines, column = 1, text_width(stretch.label) if first == 0 else 0
    start_ms = stretch.words[first].start_ms
    for index in range(first, len(stretch.words)):
        word = stretch.words[index]
        width = text_width(word.text) + (not word.glued and index > first)
        if column + width > limits.max_chars:
            lines, column, width = lines + 1, 0, text_width(word.text)
        column += width
        if index > first and (lines > limits.max_lines or word.end_ms - start_ms > limits.max_ms):
            return
        yield index + 1


def _cue_cost(stretch: _Stretch, first: int, last: int, limits: CueLimits) -> float:
    words = stretch.words
    n_chars = sum(len(word.text) + 1 for word in words[first:last]) - 1
    next_ms = words[last].start_ms if last < len(words) else stretch.next_ms
    cost = 1.0 + stretch.running[last - 1] - stretch.running[first]
    if next_ms is not None:
        room_ms = max(1, next_ms - words[first].start_ms - limits.gap_ms)
        cost += 3.0 * max(0.0, 1.0 - room_ms / max(1, limits.min_ms))
        cost += 2.0 * min(2.0, max(0.0, 1000 * n_chars / room_ms / limits.max_cps - 1.0))
    fullness = n_chars / (limits.max_chars * limits.max_lines)
    return cost + 3.0 * max(0.0, 0.3 - fullness)


def _lay_out(stretch: _Stretch, first: int, last: int, limits: CueLimits) -> tuple[str, ...]:
    """As few lines as the words need, broken where it costs least, of even length.

    ``best[k][i]`` is the price of k lines that end before word i, and where the last one began.
    """
    words = stretch.words
    labels = [text_width(stretch.label) if index == 0 else 0 for index in range(first, last)]
    n_words = last - first
    best: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}]
    while n_words not in best[-1]:
        ends: dict[int, tuple[float, int]] = {}
        for begin, (price, _) in best[-1].items():
            column = 0
            for index in range(begin, n_words):
                word = words[first + index]
                column += text_width(word.text) + labels[index] + (not word.glued and index > begin)
                if column > limits.max_chars and index > begin:  # one wide character may be all that fits
                    break
                total = price + stretch.breaking[first + index] + 3.0 * (column / limits.max_chars) ** 2
                if index + 1 not in ends or total < ends[index + 1][0]:
                    ends[index + 1] = (total, begin)
        best.append(ends)
    lines: list[str] = []
    end = n_words
    for level in range(len(best) - 1, 0, -1):
        begin = best[level][end][1]
        text = "".join(w.text if w.glued else " " + w.text for w in words[first + begin : first + end])
        lines.append(text.strip())
        end = begin
    return tuple(lines[::-1])


def _timed(drafts: Sequence[tuple[_Stretch, int, int]], limits: CueLimits) -> Iterator[Cue]:
    """Give cues their times: into the silence after them as far as reading asks and the gap allows."""
    starts: list[int] = []
    for stretch, first, _ in drafts:
        earliest = starts[-1] + 1 + limits.gap_ms if starts else 0
        starts.append(max(stretch.words[first].start_ms, earliest))
    for index, (stretch, first, last) in enumerate(drafts):
        words = stretch.words[first:last]
        lines = _lay_out(stretch, first, last, limits)
        start_ms = starts[index]
        reading_ms = round(1000 * sum(map(len, lines)) / limits.max_cps)
        end_ms = max(words[-1].end_ms, start_ms + max(limits.min_ms, reading_ms))
        end_ms = min(end_ms, start_ms + limits.max_ms)
        if index + 1 < len(starts):
            end_ms = min(end_ms, starts[index + 1] - limits.gap_ms)
        yield Cue(
            start_ms=start_ms,
            end_ms=max(end_ms, start_ms + 1),
            lines=lines,
            speaker=words[0].speaker,
            words=tuple(CueWord(word.text, word.start_ms, word.end_ms) for word in words),
            label=stretch.label if first == 0 else "",
        )
