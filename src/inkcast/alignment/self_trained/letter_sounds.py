"""How letters of any script may sound, in ARPAbet: near enough for a model that adapts to the recording.

Latin letters and their usual groups have a table, with what a language does differently. Letters of other
scripts are read by their names in Unicode: GAMMA begins with its sound, EL ends with it, KA is a syllable.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache

from inkcast.unicode_forms import normalized

UNKNOWN = "AH"
"""The phone of what nothing is known about: a syllable's vowel."""

_LATIN = """
a AA, ai EH, au AO, b B, c K, cc K, ch CH, ck K, d D, e EH, eau OW, ei AY, eu ER, f F, ff F, g G, gn N Y,
h HH, i IY, ie IY, j ZH, k K, l L, ll L, m M, mm M, n N, ng NG, nn N, o OW, ou UW, p P, ph F, pp P, q K, qu K,
r R, rr R, s S, sch SH, sh SH, ss S, t T, th T, tt T, tz T S, u UW, v V, w W, x K S, y IY, z Z, ß S, ø ER,
æ EH, œ ER, ł W, đ D, ð DH, þ TH, ı IH
"""
# "_": not said.
_OWN = {
    "de": """ai AY, au AW, äu OY, ch HH, e EH, eu OY, ie IY, j Y, oi OY, ou UW, qu K V, st S T, v F, w V,
        z T S""",
    "es": """ai AA IY, au AA UW, ce S EH, ch CH, ci S IY, eau EH AA UW, ei EH IY, eu EH UW, ge HH EH,
        gi HH IY, gue G EH, gui G IY, h _, ie Y EH, j HH, ll Y, ñ N Y, oi OW IY, ou OW UW, qu K, v B, z S""",
    "fr": """an AA N, ce S EH, ch SH, ci S IY, en AA N, ge ZH EH, gi ZH IY, h _, in AE N, j ZH, oi W AA,
        on OW N, un AH N""",
    "it": """ce CH EH, ci CH IY, ch K, ge JH EH, gi JH IY, gh G, gli L Y, h _, j Y, z T S, ai AA IY, ei EH IY,
        au AA UW, eu EH UW, ie Y EH, ou OW UW, sc S K""",
    "pt": """ch SH, h _, j ZH, lh L Y, nh N Y, ão AW N, õe OY, ç S, ce S EH, ci S IY, ge ZH EH, gi ZH IY,
        ou OW""",
    "nl": """ie IY, ij EY, j Y, oe UW, ou AW, ui AW, g HH, eu ER, w V, aa AA, ee EY, oo OW, uu UW""",
    "pl": """c T S, ch HH, ci CH IY, cz CH, j Y, ł W, rz ZH, sz SH, w V, ie Y EH, ą OW N, ę EH N""",
}
# Cyrillic letters whose names say something else, or too little.
_NAMED = """
й Y, ё Y AO, ъ _, ь _, ы IH, ю Y UW, я Y AA, х HH, ц T S, щ SH, ґ G, і IY, ї Y IY, ў W, е EH
"""
# Written and often not said; what remains is at least two letters long.
_MUTE_ENDS = {"fr": re.compile(r"(?<=..)(?:ent|es|[estdxzp]|ts|nt)\Z")}

_VOWELS = "AEIOU"
_DIGRAPHS = ("SH", "CH", "TH", "KH", "GH", "ZH", "PH", "TS", "DZ")
# In names of letters, what comes before the letter itself.
_KINDS = frozenset(("LETTER", "SYLLABLE", "CHARACTER", "SIGN", "VOWEL", "FINAL", "SARA"))
_SYLLABARIES = """
HANGUL HIRAGANA KATAKANA ETHIOPIC DEVANAGARI BENGALI TAMIL TELUGU KANNADA MALAYALAM GUJARATI GURMUKHI
ORIYA SINHALA
"""


def spellings(letters: str, language: str) -> tuple[str, ...]:
    """A word's letters, and those without an ending that may be mute."""
    mute = _MUTE_ENDS.get(language)
    return tuple(dict.fromkeys((letters, mute.sub("", letters)))) if mute else (letters,)


def by_letters(letters: str, language: str) -> str:
    """A word's phones, the longest known group of letters first.

    Args:
        letters: lower case, and nothing but letters and vowel signs.
        language: an ISO 639-1 code, or "" for none.

    >>> by_letters("schule", "de"), by_letters("дом", "ru"), by_letters("γάτα", "el")
    ('SH UW L EH', 'D OW M', 'G AA T AA')
    """
    table = _table_of(language)
    longest = max(map(len, table))
    phones: list[str] = []
    at = 0
    while at < len(letters):
        rest = min(longest, len(letters) - at)
        size = next((n for n in range(rest, 0, -1) if letters[at : at + n] in table), 0)
        phones.append(table[letters[at : at + size]] if size else _by_name(letters[at]))
        at += size or 1
    return " ".join(filter(None, phones))


def _parsed(text: str) -> dict[str, str]:
    pairs = (entry.split() for entry in text.split(","))
    return {key: " ".join(phones).replace("_", "") for key, *phones in pairs}


@cache
def _table_of(language: str) -> Mapping[str, str]:
    own = _parsed(_OWN[language]) if language in _OWN else {}
    return {**_parsed(_LATIN), **_parsed(_NAMED), **own}


@lru_cache(maxsize=4096)
def _by_name(letter: str) -> str:
    """Phones of one letter that no table has."""
    latin = _table_of("")
    bare = normalized("NFKD", letter)[0]
    if bare in latin:
        return latin[bare]
    script, *words = unicodedata.name(letter, "?").split()
    kinds = [at for at, word in enumerate(words) if word in _KINDS]
    if not kinds or kinds[-1] + 1 >= len(words):
        return UNKNOWN
    name = "".join(
        character for character in words[kinds[-1] + 1] if character.isascii() and character.isalpha()
    )
    return by_letters(_sounding(name, script in _SYLLABARIES.split()).lower(), "") or UNKNOWN


def _sounding(name: str, is_syllable: bool) -> str:
    """The part of a letter's name that it sounds like."""
    if is_syllable or len(name) < 2:
        return name
    if len(name) == 2 and name[0] in _VOWELS and name[1] not in _VOWELS:
        return name[1]
    return name[:2] if name[:2] in _DIGRAPHS else name[0]
