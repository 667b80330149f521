"""Unicode's normal forms, of texts that anybody may have written."""

from __future__ import annotations

import unicodedata
from typing import Literal

import regex  # type: ignore[import-untyped]

# Unicode Standard Annex #15, Stream-Safe Text Format: no language writes more marks on a letter.
_MOST_MARKS = 30
_TOO_MANY = regex.compile(rf"(\p{{M}}{{{_MOST_MARKS}}})\p{{M}}+")

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]


def normalized(form: Form, text: str) -> str:
    """``unicodedata.normalize`` in linear time: it sorts marks, and thousands on one letter take minutes."""
    return text if text.isascii() else unicodedata.normalize(form, with_few_marks(text))


def with_few_marks(text: str) -> str:
    """A text without all but the first thirty of a letter's combining marks."""
    return text if text.isascii() else _TOO_MANY.sub(r"\1", text)
