"""Keys that words are compared by."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkcast.wording import normal


@pytest.mark.parametrize(
    ("written", "keys"),
    [
        ("safety.Mythos", ("safety", "mythos")),
        ("post-training", ("post", "training")),
        ("5-6", ("5", "6")),
        ("3.5/3.6", ("35", "36")),
        ("AI—the", ("ai", "the")),
        ("Don’t", ("dont",)),
        ("“Tülu”", ("tulu",)),
        ("STRASSE", ("strasse",)),
        ("Straße", ("strasse",)),
        ("word²", ("word",)),
        ("Brand™", ("brand",)),
        ("soft\u00adhyphen", ("softhyphen",)),
        ("—", ()),
        ("…", ()),
        ("ﬁne", ("fine",)),
    ],
)
def test_split(written: str, keys: tuple[str, ...]) -> None:
    assert normal.split(written) == keys


@given(st.text(max_size=40))
@settings(deadline=None)
def test_keys_hold_letters_and_digits_only_and_stay_as_they_are(text: str) -> None:
    for key in normal.split(text):
        assert key
        assert not any(character.isspace() or character in ".,-'’\"" for character in key)
        assert normal.fold(key) == key


@pytest.mark.parametrize(
    ("text", "speech"), [("♪", False), ("...", False), ("a", True), ("5", True), ("", False)]
)
def test_is_speech(text: str, speech: bool) -> None:
    assert normal.is_speech(text) is speech
