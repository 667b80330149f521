"""How alike two keys sound: a name the model misheard, or another word that was really said?"""

from __future__ import annotations

import re
from functools import lru_cache

# Letters that English spells one sound with; vowels carry the least and are dropped.
_SOUNDS = (
    (re.compile(r"ght|gh(?=[^aeiou]|$)"), "t"),
    (re.compile(r"ph|v"), "f"),
    (re.compile(r"tch|ch|sh|j|dge|zh"), "j"),
    (re.compile(r"c(?=[eiy])|z"), "s"),
    (re.compile(r"th|d"), "t"),
    (re.compile(r"qu"), "kw"),
    (re.compile(r"ck|c|q|x|g"), "k"),
    (re.compile(r"b"), "p"),
    (re.compile(r"wh"), "w"),
    (re.compile(r"m"), "n"),
    (re.compile(r"[aeiouyh]"), ""),
)
_DOUBLED = re.compile(r"(.)\1+")
_NEGATIONS = ("un", "in", "im", "il", "ir", "dis", "non", "de", "re", "mis", "pre", "post", "over", "under")
_LETTERS_SHARE = 0.6


def _sounds(key: str) -> str:
    for pattern, sound in _SOUNDS:
        key = pattern.sub(sound, key)
    return _DOUBLED.sub(r"\1", key)


def _ratio(a: str, b: str) -> float:
    """1 - Levenshtein distance / longer length."""
    if a == b:
        return 1.0
    previous = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        current = [i]
        for j, right in enumerate(b, 1):
            current.append(min(previous[j] + 1, current[-1] + 1, previous[j - 1] + (left != right)))
        previous = current
    return 1 - previous[-1] / max(len(a), len(b))


def _is_opposite(a: str, b: str) -> bool:
    """ "possible" and "impossible" look alike and are never the same word."""
    short, long = sorted((a, b), key=len)
    return len(short) > 2 and long.endswith(short) and long[: -len(short)] in _NEGATIONS


@lru_cache(maxsize=65536)
def likeness(a: str, b: str) -> float:
    """0 (nothing in common) .. 1 (same letters), from spelling and from sound.

    >>> likeness("olmo", "almo") > likeness("open", "public")
    True
    """
    if a == b:
        return 1.0
    if not a or not b or 2 * min(len(a), len(b)) < max(len(a), len(b)) or _is_opposite(a, b):
        return 0.0
    letters, sounds = _ratio(a, b), _ratio(_sounds(a) or "-", _sounds(b) or "-")
    return _LETTERS_SHARE * letters + (1 - _LETTERS_SHARE) * sounds


def is_same(a: str, b: str, doubt: float) -> bool:
    """Whether ``b`` was heard where ``a`` was said.

    Args:
        a, b: keys of one or several words, joined.
        doubt: 0 .. 1, how likely it is that the transcript has this stretch wrong; the more doubt,
            the less alike they need be.
    """
    need = 0.84 - 0.38 * doubt - 0.02 * min(8, max(0, len(a) - 4))
    return likeness(a, b) >= need
