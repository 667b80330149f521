"""Where a text's sentences and clauses end, by the signs of any script (UAX #44, UAX #29)."""

from __future__ import annotations

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
