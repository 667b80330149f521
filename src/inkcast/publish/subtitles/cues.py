"""From words to subtitle cues that people can read.

Where to break is an optimisation: every place between two words has a price (none after a sentence,
a forbidding one inside a name), every cue has one too (too short, too fast, its lines), and dynamic
programming finds the cheapest way through, as Knuth and Plass do for paragraphs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from inkcast.publish.subtitles.breaks import PAUSE_MS, break_price
from inkcast.publish.subtitles.limits import CueLimits, clusters, text_width
from inkcast.publish.subtitles.word_split import cut_word
from inkcast.publish.words import SpokenWord, ends_sentence, in_brackets, join_lines, join_words

# Not measured: times and prices are chosen by hand, but for what names its source.
SILENCE_MS = 2_000
"""A pause that no cue stands over."""

_FLASH_MS = 250
"""Room that a cue gets, if need be at the cost of the next one's start."""

_MAX_LAG_MS = 1_500
"""No cue starts this long after its first word, unless the gaps alone take it there (BBC 5.4: 2 s)."""

_LEAST_MS = 10
"""Cues last at least that long whatever happens: the finest time that every format can write."""

# Characters of a name that is cut.
_LONGEST_LABEL = 100
_SHORTEST_LABEL = 4

# Prices, without a unit: only how they compare counts. A limit that is broken costs more than any break
# but one inside a name; an ordinary cue is a clause or two.
_BROKEN_LIMIT = 15.0
_CUE = 2.0
_SENTENCE_INSIDE = 3.0
_PARAGRAPH_INSIDE = 8.0
_PAUSE_INSIDE = 1.0
_ORPHAN = 2.0
_UNEVEN = 4.0
_LINE = 0.5
"""A line break is a smaller matter than the end of a cue, since both lines are seen at once."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A few lines of text and when to show them.

    Attributes:
        start_ms: when it appears; never before the end of the cue before it and the gap.
        end_ms: when it goes; always after ``start_ms``.
        rows: the words of each line; one or more rows, none empty.
        speaker: whose turn it is; a few words that somebody else throws in stand in brackets.
        label: "Name: " where a new speaker begins, for formats that have no markup for speakers;
            room for it is kept in the first line.
    """

    start_ms: int
    end_ms: int
    rows: tuple[tuple[SpokenWord, ...], ...]
    speaker: str = ""
    label: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """The text of each line."""
        return tuple(join_words(row) for row in self.rows)

    @property
    def text(self) -> str:
        """All lines as one."""
        return join_lines(self.lines)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Words of one turn without a long silence, and what breaks between them cost.

    ``breaking[i]`` is the price of a break after word i, ``running[i]`` the sum over the words before
    word i of what it costs not to break after them, ``columns[i]`` the width of the words before
    word i with a space before each.
    """

    words: tuple[SpokenWord, ...]
    next_ms: int | None
    label: str
    breaking: tuple[float, ...]
    running: tuple[float, ...]
    columns: tuple[int, ...]

    def width(self, first: int, last: int) -> int:
        """Columns of the words from ``first`` to before ``last`` on one line, with the label."""
        label = text_width(self.label) if first == 0 else 0
        return label + self.columns[last] - self.columns[first] - (not self.words[first].glued)


@dataclass(frozen=True, slots=True)
class _Lines:
    """The best lines for the words of a cue: where each begins, what they cost, how wide they are."""

    firsts: tuple[int, ...]
    price: float
    n_chars: int


@dataclass(frozen=True, slots=True)
class _Draft:
    """A cue without times: the words of ``stretch`` from ``first`` to before ``last``."""

    stretch: _Stretch
    first: int
    last: int
    lines: _Lines


def make_cues(words: Sequence[SpokenWord], limits: CueLimits, duration_ms: int = 0) -> tuple[Cue, ...]:
    """Group words into cues.

    Args:
        words: in the order of time.
        limits: what a cue may be.
        duration_ms: of the recording, beyond which no cue stays; 0 if that is not known.
    Returns:
        Cues in the order of time that hold every word once. ``end_ms > start_ms``; at least
        ``gap_ms`` between two cues; no line longer than ``max_chars`` (a longer word is cut; a single
        character may be wider), no more than ``max_lines`` lines, no cue longer than ``max_ms``.
        Reading speed and the shortest time hold where the speech leaves the time.
    """
    pieces = [piece for word in in_brackets(words) for piece in cut_word(word, limits.max_chars)]
    drafts = [draft for stretch in _stretches(pieces, limits) for draft in _best_cues(stretch, limits)]
    return tuple(_timed(drafts, limits, duration_ms))


def _stretches(words: Sequence[SpokenWord], limits: CueLimits) -> Iterator[_Stretch]:
    speaker, first = "", 0
    for index, word in enumerate(words):
        following = words[index + 1] if index + 1 < len(words) else None
        if following is not None and not _must_break(word, following):
            continue
        stretch = tuple(words[first : index + 1])
        turn = stretch[0].turn if stretch[0].turn != speaker else ""
        inside = [_inside_price(a, b) for a, b in pairwise(stretch)]
        widths = [text_width(word.text) + (not word.glued) for word in stretch]
        yield _Stretch(
            words=stretch,
            next_ms=following.start_ms if following else None,
            label=_label(turn, stretch[0], limits.max_chars),
            breaking=(*_prices(stretch), 0.0),
            running=tuple(accumulate(inside, initial=0.0)),
            columns=tuple(accumulate(widths, initial=0)),
        )
        speaker, first = stretch[0].turn, index + 1


def _label(speaker: str, first: SpokenWord, max_chars: int) -> str:
    """The speaker's label, cut if it leaves no room for the first word; empty if nothing would be left."""
    label, room = f"{speaker}: ", max_chars - text_width(first.text)
    if speaker and text_width(label) > room:
        label = next((cut for cut in _shorter(speaker) if text_width(cut) <= room), "")
    return label if speaker else ""


def _shorter(speaker: str) -> Iterator[str]:
    characters = clusters(speaker)
    for length in range(min(len(characters), _LONGEST_LABEL) - 1, _SHORTEST_LABEL - 1, -1):
        yield f"{''.join(characters[:length]).rstrip()}…: "


def _must_break(word: SpokenWord, following: SpokenWord) -> bool:
    return (
        word.turn != following.turn
        or (word.paragraph != following.paragraph and (word.apart or following.apart))
        or following.start_ms - word.end_ms > SILENCE_MS
    )


def _prices(words: Sequence[SpokenWord]) -> Iterator[float]:
    """What a break after each word but the last costs."""
    begins = True
    for index, (word, following) in enumerate(pairwise(words)):
        ends = word.paragraph != following.paragraph or ends_sentence(word, following)
        price = 0.0 if ends else break_price(word, following)
        after = words[index + 2] if index + 2 < len(words) else None
        if not ends and (begins or ends_sentence(following, after)):
            price += _ORPHAN  # one word of a sentence alone
        yield price
        begins = ends


def _inside_price(word: SpokenWord, following: SpokenWord) -> float:
    """What it costs to keep ``word`` and ``following`` in one cue where a break was due."""
    price = _PAUSE_INSIDE if following.start_ms - word.end_ms >= 2 * PAUSE_MS else 0.0
    if word.paragraph != following.paragraph:
        return price + _PARAGRAPH_INSIDE
    return price + (_SENTENCE_INSIDE if ends_sentence(word, following) else 0.0)


def _best_cues(stretch: _Stretch, limits: CueLimits) -> list[_Draft]:
    """The cheapest cut of a stretch into cues."""
    n_words = len(stretch.words)
    lines = [_lines_from(stretch, begin, limits) for begin in range(n_words)]
    best = [0.0] + [float("inf")] * n_words
    chosen: list[_Draft | None] = [None] * (n_words + 1)
    reach = 0
    for first, word in enumerate(stretch.words):
        reach = max(reach, first + 1)
        while reach < n_words and stretch.words[reach].end_ms - word.start_ms <= limits.max_ms:
            reach += 1
        for last, layout in _layouts(stretch, first, reach, lines, limits):
            price = best[first] + _cue_price(stretch, first, last, layout, limits)
            if price < best[last]:
                best[last], chosen[last] = price, _Draft(stretch, first, last, layout)
    drafts = []
    draft = chosen[n_words]
    while draft is not None:
        drafts.append(draft)
        draft = chosen[draft.first]
    return drafts[::-1]


def _lines_from(stretch: _Stretch, begin: int, limits: CueLimits) -> list[tuple[int, int, float]]:
    """Every line that begins with a word: where it ends, its width and its price; one word at least."""
    lines = []
    for last in range(begin + 1, len(stretch.words) + 1):
        width = stretch.width(begin, last)
        if width > limits.max_chars and last > begin + 1:
            break
        lines.append((last, width, _UNEVEN * (width / limits.max_chars) ** 2))
    return lines


def _layouts(
    stretch: _Stretch,
    first: int,
    reach: int,
    lines: Sequence[list[tuple[int, int, float]]],
    limits: CueLimits,
) -> Iterator[tuple[int, _Lines]]:
    """For each word that a cue from ``first`` may end before: its lines, as few as will do.

    ``reach`` is the last of these words that the longest time allows; ``ending[i]`` are the cheapest
    lines, of the number in turn, that end before word i.
    """
    done: set[int] = set()
    ending: dict[int, _Lines] = {first: _Lines((), 0.0, 0)}
    for _ in range(limits.max_lines):
        cheapest: dict[int, tuple[float, int, int]] = {}
        for begin, before in ending.items():
            price = before.price + (_LINE * stretch.breaking[begin - 1] if begin > first else 0.0)
            for last, width, uneven in lines[begin] if begin < reach else ():
                if last > reach:
                    break
                if last not in cheapest or price + uneven < cheapest[last][0]:
                    cheapest[last] = (price + uneven, begin, width)
        longer = {
            last: _Lines((*ending[begin].firsts, begin), price, ending[begin].n_chars + width)
            for last, (price, begin, width) in cheapest.items()
        }
        yield from ((last, layout) for last, layout in longer.items() if last not in done)
        done |= longer.keys()
        ending = longer


def _cue_price(stretch: _Stretch, first: int, last: int, lines: _Lines, limits: CueLimits) -> float:
    words = stretch.words
    price = _CUE + stretch.breaking[last - 1] + stretch.running[last - 1] - stretch.running[first]
    # Of the lines' price, what even lines would cost all the same is not the cue's fault.
    price += lines.price - _UNEVEN * (lines.n_chars / limits.max_chars) ** 2 / len(lines.firsts)
    next_ms = words[last].start_ms if last < len(words) else stretch.next_ms
    shown_ms = limits.max_ms
    if next_ms is not None:
        shown_ms = min(shown_ms, max(1, next_ms - words[first].start_ms - limits.gap_ms))
    for wanted_ms in (limits.min_ms, limits.reading_ms(lines.n_chars)):
        if shown_ms < wanted_ms:
            price += _BROKEN_LIMIT + 3.0 * (1.0 - shown_ms / wanted_ms)
    fullness = lines.n_chars / (limits.max_chars * limits.max_lines)
    return price + 3.0 * max(0.0, 0.3 - fullness)


def _timed(drafts: Sequence[_Draft], limits: CueLimits, duration_ms: int) -> Iterator[Cue]:
    """Give cues their times: into the silence after them as far as reading asks and the gap allows."""
    starts: list[int] = []
    for draft in drafts:
        starts.append(max(draft.stretch.words[draft.first].start_ms, _earliest(drafts, starts, limits)))
    for index, draft in enumerate(drafts):
        words, start_ms = draft.stretch.words, starts[index]
        wanted_ms = max(limits.min_ms, limits.reading_ms(draft.lines.n_chars))
        end_ms = max(words[draft.last - 1].end_ms, start_ms + wanted_ms, start_ms + _LEAST_MS)
        latest_ms = start_ms + limits.max_ms
        if index + 1 < len(starts):
            latest_ms = min(latest_ms, starts[index + 1] - limits.gap_ms)
            if starts[index + 1] - end_ms < limits.bridge_ms:
                end_ms = latest_ms
        elif duration_ms:
            latest_ms = min(latest_ms, max(duration_ms, words[draft.last - 1].end_ms))
        lasts = (*draft.lines.firsts[1:], draft.last)
        yield Cue(
            start_ms=start_ms,
            end_ms=min(end_ms, latest_ms),
            rows=tuple(words[a:b] for a, b in zip(draft.lines.firsts, lasts, strict=True)),
            speaker=words[draft.first].turn,
            label=draft.stretch.label if draft.first == 0 else "",
        )


def _earliest(drafts: Sequence[_Draft], starts: Sequence[int], limits: CueLimits) -> int:
    """When the next cue may start: after a glimpse of the one before, if that is not late already."""
    if not starts:
        return 0
    before = drafts[len(starts) - 1]
    lag_ms = starts[-1] - before.stretch.words[before.first].start_ms
    least_ms = _FLASH_MS if lag_ms + _FLASH_MS <= _MAX_LAG_MS else _LEAST_MS
    return starts[-1] + min(least_ms, limits.max_ms) + limits.gap_ms
