"""How a recording walks through its essay, as pictures: inline SVG that the page's style colours.

Places are percentages of the picture, so that it fits any width while letters and marks keep their
size. What needs coordinates stands in an inner picture of 1000 × 1000 that is stretched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from markupsafe import Markup

from inkcast.alignment.alignment import AlignedWord, Alignment
from inkcast.publish.pages.departures import Departure
from inkcast.publish.pages.template import text_html
from inkcast.publish.sections import headed_sections
from inkcast.publish.words import as_written, clean_text
from inkcast.timecode import clock

MARKS = {
    "unspoken": '<circle r="4.5"/>',
    "replaced": '<path d="M-3.6-3.6 3.6 3.6M-3.6 3.6 3.6-3.6"/>',
    "extra": '<path d="M-5 0H5M0-5V5"/>',
    "moved": '<path d="M0-5.5 5.5 0 0 5.5-5.5 0Z"/>',
}
"""The sign of each kind of departure, around (0, 0)."""

_SIDE = 1_000
_PAUSE_MS = 3_000
_FINEST_STEP = 1 / 800
_BROAD = 0.008
_MOST_BLOCK_LINES = 80
_CLOSEST_NAMES = 0.045
_LONGEST_NAME = 30
_MOST_TICKS = 6
_TICKS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 36_000)
_MOST_TEXT_BARS = 96
_FEWEST_WORDS_IN_BAR = 5
_MOST_TIME_BARS = 72
_SHORTEST_BAR_MS = 10_000
_PACE_HEIGHT = 96


@dataclass(frozen=True, slots=True)
class Axes:
    """The two directions: the recording to the right, the essay downwards."""

    duration_ms: int
    n_words: int

    def x(self, ms: float) -> float:
        """Share of the recording, 0 to 1."""
        return min(1.0, max(0.0, ms / self.duration_ms))

    def y(self, word: float) -> float:
        """Share of the essay, 0 to 1."""
        return min(1.0, max(0.0, word / self.n_words))


def axes_of(alignment: Alignment) -> Axes:
    """Axes that hold everything, even where the recording's length is not known."""
    ends = [word.end_ms for word in alignment.words if word.end_ms is not None]
    ends += [extra.end_ms for extra in alignment.extra]
    return Axes(max(1, alignment.audio.duration_ms, *ends), max(1, len(alignment.words)))


def walk_chart(alignment: Alignment, departures: Sequence[Departure], axes: Axes, label: str) -> Markup:
    """Essay position against time; ``label`` says in words what it shows."""
    signs = "".join(f'<g id="mark-{kind}">{shape}</g>' for kind, shape in MARKS.items())
    return _picture(
        "walk",
        label,
        f"<defs>{signs}</defs>",
        *_text_bands(departures, axes),
        *(
            _rectangle("band extra", axes.x(d.start_ms), 0, axes.x(d.end_ms) - axes.x(d.start_ms), 1)
            for d in departures
            if d.kind == "extra" and axes.x(d.end_ms) - axes.x(d.start_ms) >= _BROAD
        ),
        *_block_lines(alignment, axes),
        _path(alignment.words, axes),
        *_names(alignment, axes),
        *(_sign(number, departure, alignment, axes) for number, departure in enumerate(departures, 1)),
        '<line class="playhead" y2="100%"/>',
    )


def confidence_chart(alignment: Alignment, departures: Sequence[Departure], axes: Axes, label: str) -> Markup:
    """How sure the words are, downwards along the essay as beside ``walk_chart``."""
    words = alignment.words
    n_bars = max(1, min(_MOST_TEXT_BARS, len(words) // _FEWEST_WORDS_IN_BAR))
    bars = []
    for number in range(n_bars):
        first, end = (len(words) * n // n_bars for n in (number, number + 1))
        sure = [word.confidence for word in words[first:end] if word.start_ms is not None]
        if sure:
            height = axes.y(end) - axes.y(first)
            bars.append(
                _rectangle("bar", 0, axes.y(first) + height * 0.1, sum(sure) / len(sure), height * 0.8)
            )
    return _picture("confidence", label, *_text_bands(departures, axes), *bars, _grid_line("v", 0.5))


def pace_chart(alignment: Alignment, axes: Axes, label: str) -> Markup:
    """Words a minute along the recording, as below ``walk_chart``, with its clock."""
    n_bars = max(1, min(_MOST_TIME_BARS, axes.duration_ms // _SHORTEST_BAR_MS))
    minutes = axes.duration_ms / n_bars / 60_000
    written = _per_bar((w.start_ms for w in alignment.words if w.start_ms is not None), n_bars, axes)
    besides = _per_bar(_extra_starts(alignment), n_bars, axes)
    rates = [(a / minutes, b / minutes) for a, b in zip(written, besides, strict=True)]
    top = max(250.0, *(a + b for a, b in rates))
    bars = []
    for number, (read, extra) in enumerate(rates):
        x, width = (number + 0.1) / n_bars, 0.8 / n_bars
        bars.append(_rectangle("bar", x, 1 - read / top, width, read / top))
        if extra:
            bars.append(_rectangle("bar extra", x, 1 - (read + extra) / top, width, extra / top))
    rungs = []
    for rate in range(100, int(top), 100):
        rungs += [
            _grid_line("h", 1 - rate / top),
            f'<text x="100%" dx="6" y="{_percent(1 - rate / top)}" dy="4" class="rate">{rate}</text>',
        ]
    plot = f'<svg width="100%" height="{_PACE_HEIGHT}">{"".join([*bars, *rungs])}</svg>'
    ticks = (
        f'<text x="{_percent(axes.x(ms))}" y="{_PACE_HEIGHT + 18}" class="tick">{clock(ms)}</text>'
        for ms in _ticks(axes.duration_ms)
    )
    return _picture("pace", label, plot, *ticks, f'<line class="playhead" y2="{_PACE_HEIGHT}"/>')


def _picture(name: str, label: str, *parts: str) -> Markup:
    """A picture of ``parts``, which are SVG."""
    return Markup(f'<svg class="{name}" role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>\n')


def _percent(share: float) -> str:
    return f"{100 * share:.2f}".rstrip("0").rstrip(".") + "%"


def _rectangle(name: str, x: float, y: float, width: float, height: float) -> str:
    place = f'x="{_percent(x)}" y="{_percent(y)}" width="{_percent(width)}" height="{_percent(height)}"'
    return f'<rect class="{name}" {place}/>'


def _grid_line(direction: str, at: float) -> str:
    place = _percent(at)
    if direction == "h":
        return f'<line class="grid" x2="100%" y1="{place}" y2="{place}"/>'
    return f'<line class="grid" y2="100%" x1="{place}" x2="{place}"/>'


def _text_bands(departures: Iterable[Departure], axes: Axes) -> Iterator[str]:
    """Stretches of the essay that are too long for a mere sign."""
    for departure in departures:
        height = axes.y(departure.end) - axes.y(departure.first)
        if departure.kind == "unspoken" and height >= _BROAD:
            yield _rectangle("band unspoken", 0, axes.y(departure.first), 1, height)


def _block_lines(alignment: Alignment, axes: Axes) -> Iterator[str]:
    words = alignment.words
    starts = [index for index in range(1, len(words)) if words[index].block != words[index - 1].block]
    if len(starts) <= _MOST_BLOCK_LINES:
        for index in starts:
            yield _grid_line("h", axes.y(index)).replace('"grid"', '"block"')
    for section in headed_sections(alignment):
        if section.first:
            yield _grid_line("h", axes.y(section.first)).replace('"grid"', '"head"')


def _names(alignment: Alignment, axes: Axes) -> Iterator[str]:
    """Headings, at the side that the walk leaves free."""
    last = 0.0
    for section in headed_sections(alignment):
        at = axes.y(section.first)
        name = clean_text(section.name)
        if not section.first or not name or at - last < _CLOSEST_NAMES:
            continue
        last = at
        if len(name) > _LONGEST_NAME:
            name = name[: _LONGEST_NAME - 1].rsplit(" ", 1)[0] + "…"
        side = 'class="name right" x="100%" dx="-6"' if at < 0.5 else 'class="name" dx="6"'
        yield f'<text {side} y="{_percent(at)}" dy="13">{text_html(name)}</text>'


def _path(words: Sequence[AlignedWord], axes: Axes) -> str:
    """The walk: solid where words follow each other, dotted over pauses and jumps."""
    pieces = [_thinned(piece) for piece in _pieces(words, axes)]
    solid = "".join("M" + "L".join(map(_point, piece)) for piece in pieces)
    jumps = "".join(f"M{_point(before[-1])}L{_point(after[0])}" for before, after in pairwise(pieces))
    return (
        f'<svg viewBox="0 0 {_SIDE} {_SIDE}" preserveAspectRatio="none" width="100%" height="100%">'
        f'<path class="jump" d="{jumps}"/><path class="steps" d="{solid}"/></svg>'
    )


def _pieces(words: Sequence[AlignedWord], axes: Axes) -> list[list[tuple[float, float]]]:
    """Runs of words that follow each other both in the essay and in time, as points of ``axes``."""
    spoken = sorted((w.start_ms, i, w.end_ms or 0) for i, w in enumerate(words) if w.start_ms is not None)
    pieces: list[list[tuple[float, float]]] = []
    last_index, last_end = -2, 0
    for start_ms, index, end_ms in spoken:
        if index != last_index + 1 or start_ms - last_end > _PAUSE_MS:
            pieces.append([])
        pieces[-1].append((axes.x(start_ms), axes.y(index)))
        pieces[-1].append((axes.x(max(start_ms, end_ms)), axes.y(index + 1)))
        last_index, last_end = index, end_ms
    return pieces


def _thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Fewer points, where more could not be seen."""
    kept = [points[0]]
    for point in points[1:-1]:
        if max(point[0] - kept[-1][0], point[1] - kept[-1][1]) >= _FINEST_STEP:
            kept.append(point)
    return [*kept, points[-1]]


def _point(point: tuple[float, float]) -> str:
    return f"{_SIDE * point[0]:.1f} {_SIDE * point[1]:.1f}"


def _sign(number: int, departure: Departure, alignment: Alignment, axes: Axes) -> str:
    middle = departure.first if departure.kind == "moved" else (departure.first + departure.end) / 2
    x, y = axes.x(departure.start_ms), axes.y(middle)
    words = as_written(alignment.words[departure.first : departure.first + 12])
    text = clean_text(departure.said) if departure.kind == "extra" else words
    title = text_html(f"{clock(departure.start_ms)} {text[:80]}")
    return (
        f'<g class="sign {departure.kind}" data-departure="{number}"><title>{title}</title>'
        f'<use href="#mark-{departure.kind}" x="{_percent(x)}" y="{_percent(y)}"/></g>'
    )


def _per_bar(starts_ms: Iterable[float], n_bars: int, axes: Axes) -> list[int]:
    counts = [0] * n_bars
    for ms in starts_ms:
        counts[min(n_bars - 1, int(n_bars * axes.x(ms)))] += 1
    return counts


def _extra_starts(alignment: Alignment) -> Iterator[float]:
    for extra in alignment.extra:
        n_words = len(extra.text.split())
        for n in range(n_words):
            yield extra.start_ms + (extra.end_ms - extra.start_ms) * n / n_words


def _ticks(duration_ms: int) -> range:
    fitting = (step for step in _TICKS_S if duration_ms <= _MOST_TICKS * step * 1000)
    step_ms = 1000 * next(fitting, max(_TICKS_S[-1], duration_ms // (_MOST_TICKS * 1000)))
    return range(0, round(duration_ms * 0.97) + 1, step_ms)
