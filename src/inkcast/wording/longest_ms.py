"""How much speech a word can account for."""

from __future__ import annotations

# Not measured: chosen by hand. Slow readers take 250 ms a syllable; a digit is a word when it is read.
_ROOM_MS = 400
_ROOM_A_LETTER_MS = 110
_LETTERS_OF_A_DIGIT = 5


def longest_ms(word: str) -> int:
    """Milliseconds of speech that the letters and digits of a word explain, at most."""
    letters = sum(_LETTERS_OF_A_DIGIT if char.isdigit() else 1 for char in word if char.isalnum())
    return _ROOM_MS + _ROOM_A_LETTER_MS * letters
