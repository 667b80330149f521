"""Words as the matcher sees them: keys with the index of the word that each came from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from inkcast.wording.numbers import Reading
from inkcast.wording.readings import readings_in_line

_ENDS_SENTENCE = re.compile(r"[.!?:][\"'”’)\]]*\Z")
_NAME = re.compile(r"\d|[^\W\d_]*[a-z][A-Z]|[A-Z]{2}")
_CAPITAL = re.compile(r"[^\w]*[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Piece:
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
        starts_sentence = bool(_ENDS_SENTENCE.search(word))
    return doubts


def _choose(options: Sequence[Sequence[Reading]], pairs: set[tuple[str, str]]) -> list[Reading]:
    """Of each word's readings the one whose neighbouring keys the other side has most of."""
    chosen: list[Reading] = []
    left = ""
    for index, choices in enumerate(options):
        best = choices[0]
        if len(choices) > 1:
            right = next((key for later in options[index + 1 : index + 3] for key in later[0]), "")
            shares = []
            for reading in choices:
                line = (left, *reading, right)
                steps = list(pairwise(line))
                shares.append(sum(step in pairs for step in steps) / len(steps))
            best = choices[shares.index(max(shares))]
        chosen.append(best)
        left = best[-1] if best else left
    return chosen


def _pairs(keys: Sequence[str]) -> set[tuple[str, str]]:
    line = ["", *keys, ""]
    return set(pairwise(line))


def cut(
    essay: Sequence[str], heard: Sequence[str], heard_doubts: Sequence[float], language: str
) -> tuple[list[Piece], list[Piece]]:
    """Cut both sides into pieces, each word in the reading that the other side speaks for.

    Args:
        essay, heard: words as written.
        heard_doubts: one for each heard word.
        language: ISO 639 code.
    """
    essay_options = readings_in_line(essay, language)
    heard_options = readings_in_line(heard, language)
    heard_keys = [key for options in heard_options for key in options[0]]
    chosen = _choose(essay_options, _pairs(heard_keys))
    essay_pieces = _flat(essay, chosen, name_doubts(essay))
    chosen = _choose(heard_options, _pairs([piece.key for piece in essay_pieces]))
    return essay_pieces, _flat(heard, chosen, heard_doubts)


def _flat(words: Sequence[str], chosen: Sequence[Reading], doubts: Sequence[float]) -> list[Piece]:
    pieces = []
    for index, (word, reading, doubt) in enumerate(zip(words, chosen, doubts, strict=True)):
        last = len(reading) - 1
        end = 2 if _ENDS_SENTENCE.search(word) else 1
        pieces += [
            Piece(key, index, doubt, len(key), end if place == last else 0)
            for place, key in enumerate(reading)
        ]
    return pieces
