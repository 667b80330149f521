"""The report page: at a glance, how a recording walks through its essay, and where it departs from it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from pathlib import PurePath
from urllib.parse import unquote, urlsplit

from inkcast.alignment.alignment import AlignedWord, Alignment, Audit
from inkcast.essays.essay import SELDOM_READ
from inkcast.publish.pages.charts import axes_of, confidence_chart, pace_chart, walk_chart
from inkcast.publish.pages.departures import Departure, DepartureKind, find_departures
from inkcast.publish.pages.page import audio_address, make_page
from inkcast.publish.sections import Reading, Section, listed_sections, reading_of
from inkcast.publish.words import clean_text
from inkcast.timecode import clock, ms_to_seconds

_KINDS: dict[DepartureKind, str] = {
    "unspoken": "not read",
    "replaced": "replaced",
    "extra": "also said",
    "moved": "read elsewhere",
}
_CONTEXT_WORDS = 5
_LONGEST_QUOTE = 60
_SHOWN_OF_LONG = 25
# Heard around a departure, so that the ear finds its way.
_LEAD_MS = 1_200


def report_page(alignment: Alignment, audio_href: str) -> str:
    """Make the page that shows how far an alignment can be trusted.

    It needs no other file but the audio, loads nothing from other sites, and can be read without
    JavaScript.

    Args:
        alignment: passed or failed.
        audio_href: where the page finds the recording: an http(s) address, or a file path, best
            relative to the page.
    """
    departures = find_departures(alignment)
    audio = audio_address(audio_href)
    title = _title(alignment)
    parts = {
        "title": escape(title, quote=False),
        "facts": escape(_facts(alignment), quote=False),
        "verdict": _verdict(alignment.audit),
        "figures": _figures(alignment),
        "charts": _charts(alignment, departures),
        "legend": _legend(departures),
        "sections": "".join(_section_row(alignment, s, audio) for s in listed_sections(alignment)),
        "departures": _departures(alignment, departures, audio),
        "duration": str(axes_of(alignment).duration_ms),
        "audio": escape(audio),
    }
    return make_page("report", parts)


def _title(alignment: Alignment) -> str:
    """The essay's title, else the recording's name."""
    titles = (clean_text(block.text) for block in alignment.blocks if block.kind == "title")
    name = PurePath(unquote(urlsplit(alignment.audio.source).path)).stem
    return next(titles, "") or clean_text(name) or "Alignment"


def _facts(alignment: Alignment) -> str:
    facts = [clock(max(0, alignment.audio.duration_ms)), f"{len(alignment.words):,} words"]
    if alignment.model:
        facts.append(clean_text(f"heard by {alignment.model.name}"))
    return " · ".join(facts)


# The audit ------------------------------------------------------------------------------------------


def _verdict(audit: Audit) -> str:
    problems = "".join(f"<li>{escape(clean_text(problem), quote=False)}</li>" for problem in audit.problems)
    listed = f"<ul>{problems}</ul>" if problems else ""
    if not audit.passed:
        return (
            '<div class="notice"><p><strong>The audit did not pass.</strong> '
            f"The times cannot be trusted, and nobody should publish them.</p>{listed}</div>"
        )
    passed = '<p><strong class="passed">The audit passed.</strong> '
    if problems:
        return f'<div class="verdict">{passed}The times can be trusted, but look at this:</p>{listed}</div>'
    return f'<div class="verdict">{passed}The times can be trusted.</p></div>'


def _figures(alignment: Alignment) -> str:
    audit = alignment.audit
    pace = reading_of(alignment.words).words_per_minute
    inferred = sum(word.status == "interpolated" for word in alignment.words)
    accounted = f"{clock(max(0, audit.accounted_ms))} of {clock(max(0, audit.speech_ms))}"
    figures = (
        (_share(audit.coverage), "of the essay is read aloud, notes and captions that nobody reads aside"),
        (_share(audit.verified_share), "of the words heard stand in the essay"),
        (
            _share(audit.accounted_ms / max(1, audit.speech_ms)),
            f"of the speech is explained, by the essay or as said besides: {accounted}",
        ),
        (f"{pace:.0f}", "words a minute while the essay is read"),
        (f"{inferred:,}", "words have a time inferred from their neighbours"),
    )
    return "".join(f"<div><dt>{meaning}</dt><dd>{value}</dd></div>\n" for value, meaning in figures)


def _share(share: float) -> str:
    """Per cent; never 100 for something less."""
    tenths = math.floor(min(1.0, max(0.0, share)) * 1000 + 1e-6)
    return f"{tenths / 10:.1f} %" if 0 < tenths < 1000 else f"{tenths // 10} %"


# The charts -----------------------------------------------------------------------------------------


def _charts(alignment: Alignment, departures: Sequence[Departure]) -> str:
    axes = axes_of(alignment)
    counts = _counts(departures)
    walk = (
        f"The essay, {len(alignment.words):,} words from top to bottom, against the recording, "
        f"{clock(axes.duration_ms)} from left to right. {counts or 'No departures'}. "
        "The table of sections and the list of departures below say the same in words."
    )
    reading = reading_of(alignment.words)
    confidence = f"Confidence along the essay; the median is {_share(reading.confidence)}."
    pace = f"Words a minute along the recording; {reading.words_per_minute:.0f} while the essay is read."
    return (
        walk_chart(alignment, departures, axes, walk)
        + confidence_chart(alignment, departures, axes, confidence)
        + pace_chart(alignment, axes, pace)
    )


def _counts(departures: Sequence[Departure]) -> str:
    counts = Counter(departure.kind for departure in departures)
    return ", ".join(f"{counts[kind]} {name}" for kind, name in _KINDS.items() if counts[kind])


def _legend(departures: Sequence[Departure]) -> str:
    counts = Counter(departure.kind for departure in departures)
    return "".join(
        f"<li>{_key(kind)}{name} <b>{counts[kind]:,}</b></li>"
        for kind, name in _KINDS.items()
        if counts[kind]
    )


def _key(kind: DepartureKind) -> str:
    return f'<svg class="key sign {kind}" aria-hidden="true"><use href="#mark-{kind}" x="8" y="8"/></svg>'


# Sections and departures ----------------------------------------------------------------------------


def _section_row(alignment: Alignment, section: Section, audio: str) -> str:
    words = alignment.words[section.first : section.end]
    reading = reading_of(words)
    name = escape(clean_text(section.name), quote=False)
    title = f'<bdi lang="">{name}</bdi>' if name else "Beginning"
    cells = [f"{len(words):,}", _share(reading.spoken), *_measures(words, reading)]
    play = ""
    if reading.start_ms is not None:
        ends = [word.end_ms for word in words if word.end_ms is not None]
        play = _play(audio, reading.start_ms, max(ends), 0)
    values = "".join(f"<td>{cell}</td>" for cell in cells)
    return f'<tr><th scope="row">{title}</th><td>{play}</td>{values}</tr>\n'


def _measures(words: Sequence[AlignedWord], reading: Reading) -> tuple[str, str, str]:
    if reading.start_ms is None:
        return "–", "–", "–"
    pace = f"{reading.words_per_minute:.0f}" if reading.spoken * len(words) >= _CONTEXT_WORDS else "–"
    return clock(reading.read_ms), _share(reading.confidence), pace


def _departures(alignment: Alignment, departures: Sequence[Departure], audio: str) -> str:
    if not departures:
        return "<p>None: the recording reads the essay word for word.</p>"
    items = (
        f'<li id="d{number}" class="{departure.kind}">{_item(alignment, departure, audio)}</li>\n'
        for number, departure in enumerate(departures, 1)
    )
    return f'<ol class="departures">\n{"".join(items)}</ol>'


def _item(alignment: Alignment, departure: Departure, audio: str) -> str:
    kinds = {alignment.blocks[word.block].kind for word in alignment.words[departure.first : departure.end]}
    # What is seldom read is named, so that whoever reads the report can pass over it.
    named = kinds & SELDOM_READ if len(kinds) == 1 else ()
    label = " ".join((_KINDS[departure.kind].capitalize(), *(f"({kind})" for kind in named)))
    return (
        f"{_play(audio, departure.start_ms, departure.end_ms, _LEAD_MS)}"
        f'<p class="kind">{_key(departure.kind)}{label}</p>'
        f'<div class="quote" lang="" dir="auto">{_quote(alignment.words, departure)}</div>'
    )


def _play(audio: str, start_ms: int, end_ms: int, lead_ms: int) -> str:
    """A link that plays a stretch: in the page by script, else as the file's own fragment."""
    start, end = max(0, start_ms - lead_ms), max(0, end_ms) + lead_ms
    # Media fragments are seconds (W3C Media Fragments URI 1.0, 4.2.1).
    fragment = f"#t={ms_to_seconds(start)},{ms_to_seconds(end)}"
    address = escape(audio.partition("#")[0] + fragment)
    time = clock(max(0, start_ms))
    return (
        f'<a class="play" href="{address}" data-start="{start}" data-end="{end}" '
        f'aria-label="Play {time}">{time}</a>'
    )


def _quote(words: Sequence[AlignedWord], departure: Departure) -> str:
    """The departure between the words around it, as a proof-reader would write it."""
    before, after = _context(words, departure.first, -1), _context(words, departure.end, 1)
    inner = []
    if departure.first < departure.end:
        tag = "del" if departure.kind == "replaced" else "span"
        inner.append(_passage(list(_paragraphs(words[departure.first : departure.end])), tag))
    if departure.said:
        inner.append(_passage(clean_text(departure.said).split(), "ins"))
    return " ".join(part for part in (before, *inner, after) if part)


def _context(words: Sequence[AlignedWord], at: int, direction: int) -> str:
    """A few words of the same block before (-1) or after (1) the place."""
    near = (
        range(at, min(len(words), at + _CONTEXT_WORDS))
        if direction > 0
        else range(max(0, at - _CONTEXT_WORDS), at)
    )
    if not near:
        return ""
    block = words[near[0] if direction > 0 else near[-1]].block
    texts = [escape(clean_text(words[i].text), quote=False) for i in near if words[i].block == block]
    text = " ".join(texts)
    return f"{text} …" if direction > 0 else f"… {text}"


def _paragraphs(words: Sequence[AlignedWord]) -> Iterator[str]:
    """The words' texts, with a sign between blocks."""
    for number, (_, block) in enumerate(groupby(words, key=lambda word: word.block)):
        if number:
            yield "¶"
        yield from (clean_text(word.text) for word in block)


def _passage(texts: Sequence[str], tag: str) -> str:
    """All of it; a long one behind its beginning."""

    def element(part: Sequence[str]) -> str:
        return f"<{tag}>{escape(' '.join(part), quote=False)}</{tag}>"

    if len(texts) <= _LONGEST_QUOTE:
        return element(texts)
    count = f'<span class="count" lang="en">… {len(texts):,} words</span>'
    return (
        f"<details><summary>{element(texts[:_SHOWN_OF_LONG])} {count}</summary> "
        f"{element(texts[_SHOWN_OF_LONG:])}</details>"
    )
