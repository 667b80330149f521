"""How much speech a word can account for."""

from __future__ import annotations

import unicodedata

# Not measured: chosen by hand. Slow readers take 250 ms a syllable; digits and signs are read as words.
_ROOM_MS = 400
_ROOM_A_LETTER_MS = 110
_LETTERS_OF_A_DIGIT = 5
_LETTERS_OF_A_SIGN = 7
_SIGNS = frozenset("%&@#")


def longest_ms(word: str) -> int:
    """Milliseconds of speech that the letters, digits and signs of a word explain, at most."""
    return _ROOM_MS + _ROOM_A_LETTER_MS * sum(map(_letters, word))


def _letters(char: str) -> int:
    if char.isdigit():
        return _LETTERS_OF_A_DIGIT
    if char in _SIGNS or unicodedata.category(char) in ("Sc", "Sm"):
        return _LETTERS_OF_A_SIGN
    return int(char.isalnum())
