from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkcast.errors import FeedError
from inkcast.feeds.address import is_web_address, resolve

BASE = "https://a.example/show/feed.xml"


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("1.mp3", "https://a.example/show/1.mp3"),
        (" /1.mp3\n", "https://a.example/1.mp3"),
        ("../../../1.mp3", "https://a.example/1.mp3"),
        ("//b.example/1.mp3", "https://b.example/1.mp3"),
        ("http://b.example/a\n b.mp3", "http://b.example/a b.mp3"),
        ("file:///etc/passwd", None),
        ("mailto:me@a.example", None),
        ("", None),
    ],
)
def test_references_of_a_feed_on_the_web(reference: str, expected: str | None) -> None:
    assert resolve(reference, BASE) == expected


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    folder = tmp_path / "show"
    (folder / "audio").mkdir(parents=True)
    (tmp_path / "outside.mp3").write_bytes(b"x")
    (folder / "audio" / "50%20off.mp3").write_bytes(b"x")
    return folder / "feed.xml"


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("1.mp3", "1.mp3"),
        ("./audio/a%20b.mp3?x=1#t", "audio/a b.mp3"),
        ("audio/50%20off.mp3", "audio/50%20off.mp3"),
        ("audio/../1.mp3", "1.mp3"),
        ("Part 1: dawn.mp3", "Part 1: dawn.mp3"),
    ],
)
def test_references_of_a_local_feed_are_files_beside_it(feed: Path, reference: str, expected: str) -> None:
    assert resolve(reference, str(feed)) == str(feed.parent / expected)


def test_a_local_feed_may_name_its_own_files_in_full(feed: Path) -> None:
    file = feed.parent / "1.mp3"
    assert resolve(str(file), str(feed)) == str(file)
    assert resolve(file.as_uri(), str(feed)) == str(file)


def test_the_source_may_be_a_relative_path(feed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(feed.parent)
    assert resolve("1.mp3", "feed.xml") == str(feed.parent / "1.mp3")


@pytest.mark.parametrize(
    "reference",
    [
        "../outside.mp3",
        "audio/../../outside.mp3",
        "%2e%2e/outside.mp3",
        "/etc/passwd",
        "file:///etc/passwd",
        "file:../outside.mp3",
        "file://server/share/x.mp3",
        "a\0b.mp3",
    ],
)
def test_a_local_feed_may_not_leave_its_folder(feed: Path, reference: str) -> None:
    with pytest.raises(FeedError, match="outside its own folder"):
        resolve(reference, str(feed))


@pytest.mark.skipif(os.name == "nt", reason="needs a privilege on Windows")
def test_a_symbolic_link_may_not_lead_outside(feed: Path) -> None:
    (feed.parent / "link").symlink_to(feed.parent.parent)
    with pytest.raises(FeedError):
        resolve("link/outside.mp3", str(feed))


@pytest.mark.parametrize(
    "reference", ["ftp://a.example/x.mp3", "data:audio/mpeg;base64,AA", "javascript:alert(1)"]
)
def test_other_schemes_point_nowhere(feed: Path, reference: str) -> None:
    assert resolve(reference, str(feed)) is None


@given(st.text(max_size=40))
def test_whatever_a_local_feed_says_stays_inside(reference: str) -> None:
    folder = Path("/no/such/folder").resolve()
    try:
        found = resolve(reference, str(folder / "feed.xml"))
    except FeedError:
        return
    assert found is None or is_web_address(found) or Path(found).is_relative_to(folder)


@given(st.text(max_size=40))
def test_whatever_a_feed_on_the_web_says_stays_on_the_web(reference: str) -> None:
    found = resolve(reference, BASE)
    assert found is None or is_web_address(found)
