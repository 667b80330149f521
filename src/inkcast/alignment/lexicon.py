"""How English words sound, in ARPAbet: the CMU dictionary, and rules for words that it lacks."""

from __future__ import annotations

import gzip
import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import islice, product
from pathlib import Path

from inkcast.wording import normal
from inkcast.wording.verbalizations import Readings
from inkcast.wording.verbalize import parts

_DICTIONARY = Path(__file__).with_name("cmudict.dict.gz")
# Not measured: chosen by hand, as are the spellings below.
_MOST_FORMS = 24
_MOST_FORMS_OF_READING = 4
_SHORTEST_PART_LETTERS = 3
_PLAIN = re.compile(r"[a-z']+\Z")
_PUNCTUATION = "\"'()[]{}*“”«»,;:.!?…—–-"

# Spellings and their sounds; the longest that fits is taken. "^" and "$" are a word's two ends.
_SPELLINGS = """
a AE, a$ AH, able$ AH B AH L, age$ IH JH, ai EY, air EH R, al$ AH L, alk AO K, all AO L, ar AA R, are$ EH R,
ation EY SH AH N, au AO, augh AO, aw AO, ay EY, b B, bb B, c K, cc K, ce S EH, ce$ S, ced$ S T, cee S IY,
cer S ER, ces$ S IH Z, ch CH, cia SH AH, ci S IH, ck K, cy S IY, d D, dd D, dge JH, e EH, e$, ea IY,
ear IH R, ed$ D, ded$ D IH D, ted$ T IH D, ee IY, ei EY, eigh EY, er ER, es$ Z, eu UW, ew UW, ey$ IY, f F,
ff F, g G, ge$ JH, gg G, gh G, gi JH IH, gn$ N, h HH, i IH, i$ IY, ia IY AH, ie IY, ier$ IY ER, ies$ IY Z,
igh AY, ind$ AY N D, ing$ IH NG, io IY OW, ir ER, ism$ IH Z AH M, ive$ IH V, ize AY Z, j JH, k K, kk K,
^kn N, l L, le$ AH L, ll L, m M, mb$ M, mm M, n N, nn N, ng$ NG, nk NG K, o AA, o$ OW, oa OW, oi OY,
old OW L D, oo UW, ook UH K, or AO R, ou AW, ould UH D, ous$ AH S, ow OW, oy OY, p P, ph F, pp P, ^ps S,
q K, qu K W, que$ K, r R, re$ ER, rr R, s S, sc S K, sce S EH, sch SH, sci S AY, sh SH, sion ZH AH N, ss S,
ssion SH AH N, t T, tch CH, th TH, tial SH AH L, tion SH AH N, tt T, ture$ CH ER, u AH, u$ UW, ue UW,
ul$ AH L, um$ AH M, ur ER, us$ AH S, v V, w W, wh W, ^wr R, x K S, ^x Z, y IH, ^y Y, y$ IY, z Z, zz Z
"""
_SOUNDS = {spelling: tuple(phones) for spelling, *phones in (line.split() for line in _SPELLINGS.split(","))}
_LONGEST_SPELLING = max(map(len, _SOUNDS))
# A single vowel letter before a consonant and a silent "e" says its name: "tune", "tuned".
_LONG_VOWEL = re.compile(r"[aeiouy](?=[bcdfgklmnpstvz]e[ds]?\$)")
_LONE_Q = re.compile(r"q[^u]")
_VOWEL = re.compile("[aeiouy]")
_NAMES = {"a": "EY", "e": "IY", "i": "AY", "o": "OW", "u": "UW", "y": "AY"}
_FOREIGN = {"a": "AA", "e": "EY", "i": "IY", "o": "OW", "u": "UW", "y": "IY"}


@cache
def dictionary() -> list[str]:
    """The CMU dictionary that PocketSphinx 5.1.1 has: lines in the order of code points.

    Each is a word and its pronunciations, the usual one first, with tabs between them. To split all lines
    would take longer than what is looked up in them.
    """
    return gzip.decompress(_DICTIONARY.read_bytes()).decode().splitlines()


@lru_cache(maxsize=65536)
def known(word: str) -> tuple[str, ...]:
    """A word's pronunciations in the dictionary; none if it is not there.

    >>> known("read"), known("qwen")
    (('R EH D', 'R IY D'), ())
    """
    lines = dictionary()
    at = bisect_left(lines, f"{word}\t")
    found, *forms = lines[at].split("\t") if at < len(lines) else ("",)
    return tuple(forms) if found == word else ()


def sound_out(letters: str, is_foreign: bool = False) -> str:
    """The phones of a word by spelling rules alone; wrong in places, close enough to be found.

    Args:
        letters: lower case, a to z.
        is_foreign: single vowels sound as in Italian, as they do in most names that are not English.

    >>> sound_out("kimball"), sound_out("kimi", is_foreign=True)
    ('K IH M B AO L', 'K IY M IY')
    """
    word = f"^{letters}$"
    phones: list[str] = []
    at = 1
    while at < len(word) - 1:
        if _LONG_VOWEL.match(word, at) and word[at - 1] not in _NAMES:
            phones.append(_NAMES[word[at]])
            at += 1
            continue
        size, found = _longest(word, at)
        phones += [_FOREIGN[word[at]]] if is_foreign and size == 1 and word[at] in _FOREIGN else found
        at += size
    return " ".join(phones) or "AH"


def _longest(word: str, at: int) -> tuple[int, tuple[str, ...]]:
    """Letters that the longest spelling at ``at`` covers (the ends' marks aside), and its phones."""
    first = at - 1 if at == 1 else at
    for start in (first, at):
        for end in range(min(len(word), start + _LONGEST_SPELLING), at, -1):
            if (phones := _SOUNDS.get(word[start:end])) is not None:
                return min(end, len(word) - 1) - at, phones
    return 1, ()


@lru_cache(maxsize=65536)
def _of_key(key: str) -> tuple[str, ...]:
    """Pronunciations of one spoken word: known, made of two that are known, or sounded out."""
    if found := known(key):
        return found
    cuts = range(_SHORTEST_PART_LETTERS, len(key) - _SHORTEST_PART_LETTERS + 1)
    for cut in sorted(cuts, key=lambda at: abs(2 * at - len(key))):
        if (first := known(key[:cut])) and (second := known(key[cut:])):
            return (f"{first[0]} {second[0]}",)
    letters = normal.fold(key)
    if not _VOWEL.search(letters):
        return (" ".join(forms[0] for letter in letters if (forms := known(letter))) or "AH",)
    forms = (sound_out(letters), sound_out(letters, is_foreign=True))
    # No English word begins like "Qwen": some readers say the letter.
    return (*forms, f"{known('q')[0]} {sound_out(letters[1:])}") if _LONE_Q.match(letters) else forms


@lru_cache(maxsize=65536)
def pronounce(word: str) -> tuple[tuple[str, ...], ...]:
    """How a written English word may sound: for each part of it, its pronunciations.

    Returns:
        Lines of ARPAbet phones; "" where a part may be left out ("to" in "$2-10T"). Parts that are
        never said are left out, so that "—" has none.

    >>> pronounce("GPT")
    (('JH IY P IY T IY',),)
    """
    bare = normal.plain(word).strip(_PUNCTUATION).lower()
    if _PLAIN.match(bare) and (forms := known(bare)) and not normal.plain(word).isupper():
        return (forms,)
    found = (tuple(dict.fromkeys(islice(_forms(part), _MOST_FORMS))) for part in parts(word))
    return tuple(forms for forms in found if any(forms))


def _forms(readings: Readings) -> Iterator[str]:
    for reading in readings:
        for sounds in islice(product(*map(_of_key, reading)), _MOST_FORMS_OF_READING):
            yield " ".join(sounds)
