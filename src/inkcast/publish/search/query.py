"""What people type into a search, and the passages of a text that answer it.

Words must all occur; ``"several words"`` stand together; ``pod*`` is the start of a word. Nothing
else has a meaning, so that nothing can be typed wrongly. ``search.js`` does the same.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from inkcast.publish.search.document import Document
from inkcast.publish.search.terms import terms_of

WINDOW = 24
"""Words that a reader takes in at once: hits that near to each other are one passage."""

_BEFORE, _AFTER = 6, 24
_PART = re.compile(r'"([^"]*)("?\*?)|([^\s"]+)')
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})


@dataclass(frozen=True, slots=True)
class Phrase:
    """Terms that stand together; with ``prefix`` the last is only the start of a word."""

    terms: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """Words ``start`` to ``end`` (exclusive) of a document, and those of them that were searched for."""

    start: int
    end: int
    hits: tuple[int, ...]


def parse_query(text: str) -> tuple[Phrase, ...]:
    """Read a query; whatever was typed has a meaning, though perhaps none at all."""
    phrases = []
    for match in _PART.finditer(text.translate(_QUOTES)):
        quoted, closing, bare = match.groups()
        terms = terms_of(bare if quoted is None else quoted)
        prefix = (bare or closing or "").endswith("*")
        if terms:
            phrases.append(Phrase(terms, prefix))
    return tuple(dict.fromkeys(phrases))


def find_passages(document: Document, phrases: Sequence[Phrase], limit: int) -> tuple[Passage, ...]:
    """The passages in which most of the phrases stand together, in the order of the text."""
    found = sorted(_occurrences(document, phrases))
    starts = [first for first, _, _ in found]
    windows = []
    for place, (first, _, _) in enumerate(found):
        end = bisect_left(starts, first + WINDOW, place)
        windows.append((-len({phrase for _, _, phrase in found[place:end]}), place, end))
    chosen: list[tuple[int, int]] = []
    for _, place, end in sorted(windows):
        if len(chosen) < limit and all(end <= other or place >= past for other, past in chosen):
            chosen.append((place, end))
    return tuple(_passage(document, [found[i][:2] for i in range(*span)]) for span in sorted(chosen))


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
    return Passage(start, end, tuple(hits))
