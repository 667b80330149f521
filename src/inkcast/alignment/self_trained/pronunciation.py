"""How written words of any language may sound, in ARPAbet phones."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from functools import cache, lru_cache

from inkcast.alignment.lexicon import dictionary
from inkcast.alignment.lexicon import pronounce as pronounce_english
from inkcast.alignment.self_trained.letter_sounds import UNKNOWN, by_letters, spellings
from inkcast.unicode_forms import normalized
from inkcast.wording import normal
from inkcast.wording.verbalize import parts

Pronounce = Callable[[str], tuple[tuple[str, ...], ...]]
"""A word's parts; each part's pronunciations as lines of phones, "" where it may be left out."""


@cache
def pronunciation(language: str) -> Pronounce:
    """What gives a written word's pronunciations; none for words that have no sound.

    Args:
        language: ISO 639-1 code or tag. English has a dictionary, others go by their letters; numbers are
            read as that language reads them.

    >>> pronunciation("de")("Schule"), pronunciation("fr")("—")
    ((('SH UW L EH',),), ())
    """
    code = language.lower().partition("-")[0]
    if code == "en":
        dictionary()

    @lru_cache(maxsize=65536)
    def pronounce(word: str) -> tuple[tuple[str, ...], ...]:
        if code == "en" and _is_latin(word):
            return pronounce_english(word)
        return tuple(tuple(dict.fromkeys(_forms(piece, code))) for piece in normal.pieces(word))

    return pronounce


def first_form(pronounce: Pronounce, word: str) -> list[str]:
    """The phones of a word's usual pronunciation."""
    return " ".join(next(filter(None, forms)) for forms in pronounce(word)).split()


def _is_latin(word: str) -> bool:
    """Whether English rules know what to do with all of a word's letters."""
    return word.isascii() or all(
        unicodedata.name(letter, "LATIN").startswith("LATIN")
        for letter in normalized("NFKC", word)
        if letter.isalpha()
    )


def _forms(piece: str, language: str) -> Iterator[str]:
    """Pronunciations of a number or of a stretch of letters."""
    if not piece[0].isdigit():
        letters = _letters(normalized("NFC", piece.casefold()))
        yield from (by_letters(spelling, language) or UNKNOWN for spelling in spellings(letters, language))
        return
    readings = [reading for part in parts(piece, language) for reading in part]
    said = [letters for reading in readings if (letters := _letters("".join(reading)))]
    # Where nobody knows the language's numbers, each digit is a syllable.
    yield from (by_letters(letters, language) for letters in said or ())
    if not said:
        yield " ".join(UNKNOWN for character in piece if character.isdigit())


def _letters(text: str) -> str:
    """Letters and vowel signs."""
    return "".join(c for c in text if c.isalpha() or unicodedata.category(c) == "Mc")
