"""Normal forms are Unicode's, and come in time whatever the text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkcast.unicode_forms import normalized, with_few_marks

FORMS = ("NFC", "NFD", "NFKC", "NFKD")


@pytest.mark.parametrize("form", FORMS)
@given(text=st.text(max_size=30))
def test_what_people_write_is_normalised_as_ever(form, text: str) -> None:
    assert normalized(form, text) == unicodedata.normalize(form, text)


@pytest.mark.parametrize("form", FORMS)
def test_millions_of_marks_on_a_letter(form) -> None:
    """Sorting them takes time by the square of their number: this would be hours."""
    found = normalized(form, "a" + "\u0670\u065f" * 2_000_000 + "b")
    assert found == unicodedata.normalize(form, "a" + "\u0670\u065f" * 15 + "b")


def test_thirty_marks_stay() -> None:
    most = "e" + "\u0301" * 30
    assert with_few_marks(most) == most and with_few_marks(most + "\u0301x") == most + "x"
