from __future__ import annotations

import ntpath
import sys
import unicodedata
from datetime import UTC, datetime
from pathlib import PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkcast.download.naming import MAX_STEM_BYTES, file_stem, file_suffix, unique_stems


def is_reserved(name: str) -> bool:
    if sys.version_info >= (3, 13):
        return ntpath.isreserved(name)
    return PureWindowsPath(name).is_reserved()


LONGEST_SUFFIX = ".transcript.json.part.json"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Slow trains", "Slow trains"),
        (" AC/DC: live?\n", "AC-DC- live"),
        ("...hidden", "hidden"),
        ("e.g.", "e.g"),
        ("", "Untitled"),
        ("?*/", "Untitled"),
        ("con", "_con"),
        ("Aux.tape", "_Aux.tape"),
        ("COM1 .x", "_COM1 .x"),
        ("Contact", "Contact"),
        ("e\u0301", "\u00e9"),
        ("\u202etxt.exe\u200b\x00\x1b", "txt.exe"),
        ("\ud800x", "x"),
    ],
)
def test_file_stem(title: str, name: str) -> None:
    assert file_stem(title) == name


def test_the_date_comes_first() -> None:
    assert file_stem("Con", datetime(824, 3, 5, tzinfo=UTC)) == "0824-03-05 Con"


titles = st.text(max_size=300) | st.from_regex(r"(con|NUL|lpt1|\.| |é|👩‍👩‍👧){1,80}", fullmatch=True)


@given(titles, st.none() | st.datetimes())
def test_every_name_is_safe_everywhere(title: str, published: datetime | None) -> None:
    stem = file_stem(title, published)
    assert 0 < len(stem.encode()) <= MAX_STEM_BYTES
    assert len(f"{stem} #12345678{LONGEST_SUFFIX}".encode()) <= 255
    assert not set(stem) & set('<>:"/\\|?*') and stem.isprintable()
    assert stem == stem.strip(" .") and unicodedata.is_normalized("NFC", stem)
    assert not is_reserved(stem) and not is_reserved(f"{stem}.mp3")
    assert file_stem(stem) == stem


@given(
    st.lists(
        st.tuples(st.sampled_from(["Dawn", "dawn", "DAWN ", "Dusk"]), st.integers()), unique_by=lambda p: p[1]
    )
)
def test_unique_stems(episodes: list[tuple[str, int]]) -> None:
    stems, guids = [stem for stem, _ in episodes], [str(guid) for _, guid in episodes]
    unique = unique_stems(stems, guids)
    assert len({stem.casefold() for stem in unique}) == len(stems)
    assert all(new.startswith(old) for new, old in zip(unique, stems, strict=True))
    # A newer episode renames no older one.
    assert unique_stems(["dawn", *stems], ["new", *guids])[1:] == unique


def test_a_stem_without_twin_stays() -> None:
    assert unique_stems(["a", "b", "A"], ["1", "2", "3"])[1:] == ("b", "A")


@pytest.mark.parametrize(
    ("url", "media_type", "suffix"),
    [
        ("https://a.example/x.MP3?y=1.wav", None, ".mp3"),
        ("https://a.example/x.m4a", "audio/mpeg", ".m4a"),
        ("https://a.example/download.php", "audio/ogg", ".ogg"),
        ("https://a.example/download", "audio/mpeg", ".mp3"),
        ("https://[broken", None, ".mp3"),
        ("/feeds/a b.flac", None, ".flac"),
    ],
)
def test_file_suffix(url: str, media_type: str | None, suffix: str) -> None:
    assert file_suffix(url, media_type) == suffix
