"""What people type into a search, and the passages of a text that answer it.

Words must all occur; ``"several words"`` stand together; ``pod*`` is the start of a word;
``speaker:nathan`` and ``speaker:"nathan lambert"`` ask for what one person says. Nothing else has a meaning,
so that nothing can be typed wrongly. ``search.js`` does the same.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

from inkcast.publish.search.document import Document
from inkcast.publish.search.terms import terms_of

WINDOW = 24
"""Words that a reader takes in at once: hits that near to each other are one passage."""

_BEFORE, _AFTER = 6, 24
_PART = re.compile(r'(?ai:speaker:)\s*$|((?ai:speaker:)\s*)?(?:"([^"]*)("?\*?)|([^\s"]+))')
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})


@dataclass(frozen=True, slots=True)
class Phrase:
    """Terms that stand together; with ``prefix`` the last is only the start of a word."""

    terms: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What must all be said, by one of ``speakers`` if there are any: parts of their names."""

    phrases: tuple[Phrase, ...] = ()
    speakers: tuple[Phrase, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """Words ``start`` to ``end`` (exclusive) of a document, and those of them that were searched for.

    The first of these is ``at``; without any, as where only a speaker was asked for, it is where that begins.
    """

    start: int
    end: int
    at: int
    hits: tuple[int, ...]


def parse_query(text: str) -> Query:
    """Read a query; whatever was typed has a meaning, though perhaps none at all."""
    phrases: list[Phrase] = []
    speakers: list[Phrase] = []
    for match in _PART.finditer(text.translate(_QUOTES)):
        asked, quoted, closing, bare = match.groups()
        terms = terms_of((bare if quoted is None else quoted) or "")
        prefix = (bare or closing or "").endswith("*")
        if terms:
            (speakers if asked else phrases).append(Phrase(terms, prefix))
    return Query(tuple(dict.fromkeys(phrases)), tuple(dict.fromkeys(speakers)))


def find_passages(document: Document, query: Query, limit: int) -> tuple[Passage, ...]:
    """The passages in which most of the phrases stand together, in the order of the text.

    Where speakers are asked for, none unless they say all phrases, and without a phrase what they say first.
    """
    found = sorted(_occurrences(document, query.phrases))
    if query.speakers:
        asked = _is_asked_for(document, query.speakers)
        if not query.phrases:
            return tuple(islice(_beginnings(asked), limit))
        found = [each for each in found if asked[each[0]] and asked[each[1]]]
        if len({phrase for _, _, phrase in found}) < len(query.phrases):
            return ()
    firsts = [first for first, _, _ in found]
    windows = []
    for place, (first, _, _) in enumerate(found):
        end = bisect_left(firsts, first + WINDOW, place)
        windows.append((-len({phrase for _, _, phrase in found[place:end]}), place, end))
    chosen: list[tuple[int, int]] = []
    for _, place, end in sorted(windows):
        if len(chosen) < limit and all(end <= other or place >= past for other, past in chosen):
            chosen.append((place, end))
    return tuple(_passage(document, [found[i][:2] for i in range(*span)]) for span in sorted(chosen))


def _is_asked_for(document: Document, speakers: Sequence[Phrase]) -> list[bool]:
    """Of each word, whether one of the speakers says it."""
    known = document.speakers or ("",) * len(document.words)
    asked = {name: any(_is_in(phrase, terms_of(name)) for phrase in speakers) for name in {*known}}
    return [asked[name] for name in known]


def _beginnings(asked: Sequence[bool]) -> Iterator[Passage]:
    for is_asked, run in groupby(range(len(asked)), key=lambda at: asked[at]):
        first, *others = run
        if is_asked:
            yield Passage(first, first + 1 + min(len(others), _AFTER - 1), first, ())


def _is_in(phrase: Phrase, terms: Sequence[str]) -> bool:
    places = range(len(terms) - len(phrase.terms) + 1)
    return any(_matches(phrase, terms, place) for place in places)


def _occurrences(document: Document, phrases: Sequence[Phrase]) -> set[tuple[int, int, int]]:
    """First word, last word and index of each phrase wherever it occurs."""
    tokens = list(document.tokens())
    terms = [term for term, _ in tokens]
    found = set()
    for index, phrase in enumerate(phrases):
        size = len(phrase.terms)
        for place in range(len(terms) - size + 1):
            if _matches(phrase, terms, place):
                found.add((tokens[place][1], tokens[place + size - 1][1], index))
    return found


def _matches(phrase: Phrase, terms: Sequence[str], place: int) -> bool:
    *firsts, last = phrase.terms
    for offset, term in enumerate(firsts):
        if terms[place + offset] != term:
            return False
    found = terms[place + len(firsts)]
    return found.startswith(last) if phrase.prefix else found == last


def _passage(document: Document, spans: Sequence[tuple[int, int]]) -> Passage:
    start = max(0, spans[0][0] - _BEFORE)
    end = min(len(document.words), max(spans[0][0] + _AFTER, spans[-1][1] + 1))
    hits = sorted({word for first, last in spans for word in range(first, last + 1)})
    return Passage(start, end, hits[0], tuple(hits))
