"""Words as the matcher sees them: keys with the index of the word that each came from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from inkcast.essays.punctuation import ends_in_stop
from inkcast.wording.verbalizations import Reading, Readings
from inkcast.wording.verbalize import parts_in_line

_NAME = re.compile(r"\d|[a-z][A-Z]|[A-Z]{2}")
_CAPITAL = re.compile(r"[^\w]*[^\W\d_]")
# A reading is worth the neighbouring keys that the other side has, too; else the likelier one wins. Not
# measured: chosen by hand.
_HIT, _MISS, _LATER = 1.0, -1.0, 0.01


class Piece(NamedTuple):
    """A key to compare by, part of the written word ``word``.

    Attributes:
        key: see ``normal``.
        word: index of the word.
        doubt: 0 .. 1, how readily a transcript has it wrong.
        letters: length of the key, also once a verified pair has got another.
        ending: 2 the last of a sentence, 1 the last of a word, 0 neither.
    """

    key: str
    word: int
    doubt: float
    letters: int
    ending: int


def name_doubts(words: Sequence[str]) -> list[float]:
    """1 for every word that looks like a name or has digits: those are what models mishear."""
    doubts = []
    starts_sentence = True
    for word in words:
        capital = _CAPITAL.match(word)
        is_capital = capital is not None and capital.group()[-1].isupper()
        name = bool(_NAME.search(word)) or (is_capital and not starts_sentence and len(word) > 1)
        doubts.append(1.0 if name else 0.0)
        starts_sentence = ends_in_stop(word, colon=True)
    return doubts


class _Way(NamedTuple):
    """A choice of readings up to some part: its worth, its last key and its keys so far, linked back."""

    worth: float
    last: str
    reading: Reading
    before: _Way | None


def _choose(lines: Sequence[Sequence[Readings]], pairs: set[tuple[str, str]]) -> list[Reading]:
    """Each word's reading, part by part, such that the other side has most of the neighbouring keys."""
    ways = [_Way(0.0, "", (), None)]
    for parts in lines:
        for options in parts:
            if len(ways) == 1 and len(options) == 1:
                key = options[0][-1] if options[0] else ways[0].last
                ways = [_Way(ways[0].worth, key, options[0], ways[0])]
            else:
                ways = _extend(ways, options, pairs)
    way: _Way | None = max(ways, key=lambda way: way.worth + _worth((way.last, ""), pairs))
    chosen: list[Reading] = []
    for parts in reversed(lines):
        own: list[Reading] = []
        for _ in parts:
            assert way is not None
            own.append(way.reading)
            way = way.before
        chosen.append(tuple(key for reading in reversed(own) for key in reading))
    return chosen[::-1]


def _extend(ways: Sequence[_Way], options: Readings, pairs: set[tuple[str, str]]) -> list[_Way]:
    """The best way to each last key, for ways that go on with one of ``options``."""
    best: dict[str, _Way] = {}
    for rank, reading in enumerate(options):
        own = sum(_worth(step, pairs) for step in pairwise(reading)) - _LATER * rank
        for way in ways:
            worth = way.worth + own + (_worth((way.last, reading[0]), pairs) if reading else 0.0)
            key = reading[-1] if reading else way.last
            if key not in best or worth > best[key].worth:
                best[key] = _Way(worth, key, reading, way)
    return list(best.values())


def _worth(step: tuple[str, str], pairs: set[tuple[str, str]]) -> float:
    return _HIT if step in pairs else _MISS


def _pairs(keys: Sequence[str]) -> set[tuple[str, str]]:
    return set(pairwise(["", *keys, ""]))


def cut(
    essay: Sequence[str],
    heard: Sequence[str],
    heard_doubts: Sequence[float],
    language: str,
    extra: Mapping[str, Sequence[str]] | None = None,
) -> tuple[list[Piece], list[Piece]]:
    """Cut both sides into pieces, each word in the reading that the other side speaks for.

    Args:
        essay, heard: words as written.
        heard_doubts: one for each heard word.
        language: ISO 639 code.
        extra: further spoken forms of written words.
    """
    ours, theirs = (parts_in_line(side, language, extra) for side in (essay, heard))
    heard_keys = [key for parts in theirs for options in parts for key in options[0]]
    chosen = _choose(ours, _pairs(heard_keys))
    essay_pieces = _flat(essay, chosen, name_doubts(essay))
    chosen = _choose(theirs, _pairs([piece.key for piece in essay_pieces]))
    return essay_pieces, _flat(heard, chosen, heard_doubts)


def _flat(words: Sequence[str], chosen: Sequence[Reading], doubts: Sequence[float]) -> list[Piece]:
    found = []
    for index, (word, reading, doubt) in enumerate(zip(words, chosen, doubts, strict=True)):
        end = 1 if word[-1:].isalnum() or not ends_in_stop(word, colon=True) else 2
        for key in reading[:-1]:
            found.append(Piece(key, index, doubt, len(key), 0))
        if reading:
            found.append(Piece(reading[-1], index, doubt, len(reading[-1]), end))
    return found
