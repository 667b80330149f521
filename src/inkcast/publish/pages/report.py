"""The report page: how a recording follows its essay, and where it departs from it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePath
from urllib.parse import unquote, urlsplit

from markupsafe import Markup

from inkcast.alignment.alignment import AlignedWord, Alignment
from inkcast.essays.essay import SELDOM_READ
from inkcast.publish.conversation import speakers_of
from inkcast.publish.pages.audio_address import audio_address
from inkcast.publish.pages.charts import axes_of, confidence_chart, pace_chart, walk_chart
from inkcast.publish.pages.departures import Departure, DepartureKind, find_departures
from inkcast.publish.pages.template import render_page
from inkcast.publish.sections import Reading, Section, listed_sections, reading_of
from inkcast.publish.words import as_written, clean_text
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


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A link that plays a stretch: in the page by script, else by the ``address``'s own fragment."""

    address: str
    start_ms: int
    end_ms: int
    time: str


@dataclass(frozen=True, slots=True)
class _Row:
    """A section, a speaker; ``name`` is empty before the first heading, ``stretch`` None without a time."""

    name: str
    stretch: _Stretch | None
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Passage:
    """Words in an element, in none without a ``tag``; of a long one, ``rest`` is what is folded away."""

    tag: str
    words: str
    rest: str = ""
    n_words: int = 0


@dataclass(frozen=True, slots=True)
class _Item:
    """A departure with the words around it."""

    kind: DepartureKind
    label: str
    speaker: str
    stretch: _Stretch
    quote: tuple[_Passage, ...]


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
    return render_page(
        "publish/pages/report.html",
        style="publish/pages/report.css",
        scripts=("publish/pages/report.js",),
        loads="media",
        title=_title(alignment),
        facts=_facts(alignment),
        audit=alignment.audit,
        figures=_figures(alignment),
        charts=_charts(alignment, departures),
        counts=_counts(departures),
        duration_ms=axes_of(alignment).duration_ms,
        sections=[_row(alignment, section, audio) for section in listed_sections(alignment)],
        speakers=_speakers(alignment),
        departures=[_item(alignment, departure, audio) for departure in departures],
        audio=audio,
    )


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


def _figures(alignment: Alignment) -> tuple[tuple[str, str], ...]:
    """Values and what they mean."""
    audit = alignment.audit
    pace = reading_of(alignment.words).words_per_minute
    inferred = sum(word.status == "interpolated" for word in alignment.words)
    accounted = f"{clock(max(0, audit.accounted_ms))} of {clock(max(0, audit.speech_ms))}"
    return (
        (_share(audit.coverage), "of the essay is read aloud, notes and captions that nobody reads aside"),
        (_share(audit.verified_share), "of the words heard are in the essay"),
        (
            _share(audit.accounted_ms / max(1, audit.speech_ms)),
            f"of the speech is accounted for, as essay or extra speech: {accounted}",
        ),
        (f"{pace:.0f}", "words a minute while the essay is read"),
        (f"{inferred:,}", "words have a time inferred from their neighbours"),
    )


def _share(share: float) -> str:
    """Per cent; never 100 for something less."""
    tenths = math.floor(min(1.0, max(0.0, share)) * 1000 + 1e-6)
    return f"{tenths / 10:.1f} %" if 0 < tenths < 1000 else f"{tenths // 10} %"


# The charts -----------------------------------------------------------------------------------------


def _charts(alignment: Alignment, departures: Sequence[Departure]) -> Markup:
    axes = axes_of(alignment)
    counts = ", ".join(f"{count} {name}" for _, name, count in _counts(departures))
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


def _counts(departures: Sequence[Departure]) -> list[tuple[DepartureKind, str, int]]:
    """How many there are of each kind that there is."""
    counts = Counter(departure.kind for departure in departures)
    return [(kind, name, counts[kind]) for kind, name in _KINDS.items() if counts[kind]]


# Speakers, sections and departures ------------------------------------------------------------------


def _speakers(alignment: Alignment) -> list[_Row]:
    """How much each one talks, in the order of their first words; nothing where only one does."""
    talks = speakers_of(alignment)
    total_ms = max(1, sum(talk.talk_ms for talk in talks))
    return [
        _Row(
            talk.speaker,
            None,
            (
                clock(talk.talk_ms),
                _share(talk.talk_ms / total_ms),
                f"{talk.n_words:,}",
                f"{talk.n_turns:,}",
                f"{talk.n_words * 60_000 / talk.talk_ms:.0f}" if talk.talk_ms else "–",
            ),
        )
        for talk in talks
    ]


def _row(alignment: Alignment, section: Section, audio: str) -> _Row:
    words = alignment.words[section.first : section.end]
    reading = reading_of(words)
    stretch = None
    if reading.start_ms is not None:
        ends = [word.end_ms for word in words if word.end_ms is not None]
        stretch = _stretch(audio, reading.start_ms, max(ends), 0)
    cells = (f"{len(words):,}", _share(reading.spoken), *_measures(words, reading))
    return _Row(clean_text(section.name), stretch, cells)


def _measures(words: Sequence[AlignedWord], reading: Reading) -> tuple[str, str, str]:
    if reading.start_ms is None:
        return "–", "–", "–"
    pace = f"{reading.words_per_minute:.0f}" if reading.spoken * len(words) >= _CONTEXT_WORDS else "–"
    return clock(reading.read_ms), _share(reading.confidence), pace


def _item(alignment: Alignment, departure: Departure, audio: str) -> _Item:
    kinds = {alignment.blocks[word.block].kind for word in alignment.words[departure.first : departure.end]}
    # What is seldom read is named, so that whoever reads the report can pass over it.
    named = kinds & SELDOM_READ if len(kinds) == 1 else ()
    label = " ".join((_KINDS[departure.kind].capitalize(), *(f"({kind})" for kind in named)))
    stretch = _stretch(audio, departure.start_ms, departure.end_ms, _LEAD_MS)
    speaker = clean_text(departure.speaker)
    return _Item(departure.kind, label, speaker, stretch, tuple(_quote(alignment.words, departure)))


def _stretch(audio: str, start_ms: int, end_ms: int, lead_ms: int) -> _Stretch:
    start, end = max(0, start_ms - lead_ms), max(0, end_ms) + lead_ms
    # Media fragments are seconds (W3C Media Fragments URI 1.0, 4.2.1).
    fragment = f"#t={ms_to_seconds(start)},{ms_to_seconds(end)}"
    return _Stretch(audio.partition("#")[0] + fragment, start, end, clock(max(0, start_ms)))


def _quote(words: Sequence[AlignedWord], departure: Departure) -> Iterator[_Passage]:
    """The departure between the words around it, as a proof-reader would write it."""
    if before := _context(words, departure.first, -1):
        yield _Passage("", before)
    if departure.first < departure.end:
        tag = "del" if departure.kind == "replaced" else "span"
        yield _passage(tag, list(_paragraphs(words[departure.first : departure.end])))
    if departure.said:
        yield _passage("ins", clean_text(departure.said).split())
    if after := _context(words, departure.end, 1):
        yield _Passage("", after)


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
    text = as_written([words[i] for i in near if words[i].block == block])
    return f"{text} …" if direction > 0 else f"… {text}"


def _paragraphs(words: Sequence[AlignedWord]) -> Iterator[str]:
    """The text between white space, with a sign between blocks."""
    for number, (_, block) in enumerate(groupby(words, key=lambda word: word.block)):
        if number:
            yield "¶"
        yield from as_written(list(block)).split()


def _passage(tag: str, texts: Sequence[str]) -> _Passage:
    if len(texts) <= _LONGEST_QUOTE:
        return _Passage(tag, " ".join(texts))
    shown, rest = texts[:_SHOWN_OF_LONG], texts[_SHOWN_OF_LONG:]
    return _Passage(tag, " ".join(shown), " ".join(rest), len(texts))
