"""What counts as the same word in a search: case, accents and typography aside.

The library's index and the site's pages must agree: ``search.js`` does the same, step by step.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from inkcast.unicode_forms import normalized

_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670]")  # also vowel points
_LETTERS = str.maketrans(
    {"ß": "ss", "ς": "σ", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_UNSPACED = re.compile(
    "[\u2e80-\u2fdf\u3005-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff][\u3099\u309a]?"
)


LONGEST_TERM = 64
"""Of longer words the start counts: nobody types more, and the index has a file for each start."""


@lru_cache(maxsize=200_000)
def terms_of(text: str) -> tuple[str, ...]:
    """The terms of a word or phrase: lower case, no accents; "GPT-4’s" gives gpt, 4, s.

    Each Chinese or Japanese character is a term, since no spaces tell the words.
    """
    decomposed = normalized("NFKD", text).lower()
    plain = _ACCENTS.sub("", decomposed).translate(_LETTERS)
    spaced = "".join(char if unicodedata.category(char)[0] in "LMN" else " " for char in plain)
    return tuple(term[:LONGEST_TERM] for term in _UNSPACED.sub(r" \g<0> ", spaced).split())
