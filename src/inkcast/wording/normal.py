"""The comparable form of written words; the originals keep their place on a side channel.

Nothing here changes a text: functions give *keys* to compare by, and whoever asks keeps the index
of the word that a key came from.
"""

from __future__ import annotations

import re
import unicodedata

from inkcast.unicode_forms import normalized

_ASCII_WORD = re.compile(r"[a-z]+\Z")
_QUOTES = str.maketrans({"‘": "'", "’": "'", "‛": "'", "ʼ": "'", "′": "'", "`": "'", "“": '"', "”": '"'})
# Superscript digits behind a word are footnote references, not numbers to read; trade marks are silent
# too, and so are the marks that steer joining and the direction of writing.
_SILENT = re.compile(
    r"(?<=\S)[⁰¹²³⁴-⁹]+|[™®©\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0f\ufeff]"
)
# Hebrew and Arabic may leave them out.
_VOWEL_SIGNS = re.compile(r"[\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]")
_ACCENTS = re.compile(r"[\u0300-\u036f]")
_LETTER_OR_DIGIT = re.compile(r"[^\W_]|[\u0900-\u0963\u0970-\u0dff]")
# Scripts that put no spaces between words: each character is compared by itself.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
# The vowel signs of India's scripts are no letters to Python, yet stand inside words.
_LETTER = r"(?:[^\W\d_]|(?!\d)[\u0900-\u0963\u0970-\u0dff])"
LETTERS = rf"{_LETTER}+(?:'{_LETTER}+)*"
_NUMBER_OR_LETTERS = re.compile(rf"\d+(?:[.,]\d+)*|{LETTERS}")
_DIGIT = re.compile(r"(?![0-9])\d")
_POINTS = str.maketrans({"٫": ".", "٬": ",", "’": "'"})


def plain(text: str) -> str:
    """Straight quotes, compatibility characters resolved, silent characters gone; case is kept."""
    if text.isascii():
        return text.translate(_QUOTES)
    return lowered(_SILENT.sub("", text.translate(_QUOTES)))


def lowered(text: str) -> str:
    """Compatibility characters resolved: raised digits on the line, digits of any script as 0-9."""
    resolved = normalized("NFKC", text).translate(_POINTS)
    return _DIGIT.sub(lambda found: str(unicodedata.decimal(found[0])), _VOWEL_SIGNS.sub("", resolved))


def fold(text: str) -> str:
    """The key of one stretch of letters or digits: no case, accents or punctuation.

    >>> fold("Don’t"), fold("Tülu"), fold("1,5")
    ('dont', 'tulu', '15')
    """
    if _ASCII_WORD.match(text):
        return text
    bare = _ACCENTS.sub("", normalized("NFKD", plain(text).casefold()))
    return "".join(_LETTER_OR_DIGIT.findall(normalized("NFC", bare)))


def keys(letters: str) -> tuple[str, ...]:
    """The key of a stretch of letters, or one key a character in scripts without spaces."""
    key = fold(letters)
    if not _UNSPACED.search(key):
        return (key,) if key else ()
    return tuple(part for part in re.split(f"({_UNSPACED.pattern})", key) if part)


def pieces(text: str) -> list[str]:
    """The stretches of letters and the numbers of a written word, with the points inside numbers."""
    return _NUMBER_OR_LETTERS.findall(plain(text))


def split(text: str) -> tuple[str, ...]:
    """Keys of a written word, split wherever a speaker might hear two words. Any language.

    >>> split("safety.Mythos"), split("post-training"), split("AI—the"), split("—")
    (('safety', 'mythos'), ('post', 'training'), ('ai', 'the'), ())
    """
    return tuple(key for part in pieces(text) for key in keys(part))


def is_speech(text: str) -> bool:
    """Whether a heard "word" has a letter or digit at all; "♪" and "..." have none."""
    return _LETTER_OR_DIGIT.search(text) is not None
