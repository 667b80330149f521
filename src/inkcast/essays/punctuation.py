"""Where a text's sentences and clauses end, by the signs of any script (UAX #44, UAX #29)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import regex  # type: ignore[import-untyped]

# Unicode has no property for an ellipsis. Stars and underlines are how plain text sets italics.
_STOP = r"[\p{Sentence_Terminal}…]"
_MINOR_STOP = r"[\p{Terminal_Punctuation}–—--\p{Sentence_Terminal}]"
_CLOSING = r"""[\p{Pe}\p{Pf}\p{Pi}"'*_]*$"""

# Backwards, so that a long text costs no more than its end.
_FLAGS = regex.V1 | regex.REVERSE
_SENTENCE_END = regex.compile(_STOP + _CLOSING, _FLAGS)
_SENTENCE_OR_COLON_END = regex.compile(rf"[{_STOP}:：]{_CLOSING}", _FLAGS)
_CLAUSE_END = regex.compile(rf"(?:{_MINOR_STOP}|[)\]）］]){_CLOSING}", _FLAGS)
_BETWEEN_WORDS = re.compile(r"(?<=\w)[^\w\s]+(?=\w)")
_LONG_DASH = re.compile(r"[—―⸺⸻]|-{2,}")
_ADDRESS = re.compile(r"://|www\.", re.IGNORECASE)
_QUOTATION_END = tuple('"”“»«')


def ends_in_stop(text: str, *, colon: bool = False) -> bool:
    """Whether a text ends in a sentence's stop, perhaps behind which quotations and brackets close.

    It goes by the signs alone: "Dr." and "e.g." end in one, too.

    Args:
        colon: whether that counts as well: what follows it often begins like a sentence.
    """
    return (_SENTENCE_OR_COLON_END if colon else _SENTENCE_END).search(text) is not None


def ends_clause(text: str) -> bool:
    """Whether a text ends in a comma, a colon, a dash or the like, or with a bracket that closes."""
    return _CLAUSE_END.search(text) is not None


def ends_in_punctuation(text: str) -> bool:
    """Whether a sentence, a clause or a quotation ends with the text."""
    return ends_in_stop(text) or ends_clause(text) or text.endswith(_QUOTATION_END)


def spoken_parts(run: str) -> Iterator[tuple[int, int]]:
    """Start and end of what is heard as words of their own in a text without white space.

    A long dash parts two words, as in "surprised—My" and "surprised--My", and stays with the first; a
    hyphen, a range of numbers and an address are one word.
    """
    start = 0
    if not _ADDRESS.search(run):
        for signs in _BETWEEN_WORDS.finditer(run):
            dashes = list(_LONG_DASH.finditer(signs[0]))
            is_range = run[signs.start() - 1].isdigit() and run[signs.end()].isdigit()
            if dashes and not is_range:
                end = signs.start() + dashes[-1].end()
                yield start, end
                start = end
    yield start, len(run)
