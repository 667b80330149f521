"""Which reader, which encoding, and what is said when there is no essay."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkcast.errors import EssayError
from inkcast.essays.read import parse_essay, read_essay


def texts(data: bytes, source: str = "essay", media_type: str | None = None) -> list[str]:
    return [block.text for block in parse_essay(data, source, media_type).blocks]


HTML = b"<p>One <b>two</b></p>\n\n# three"
MARKDOWN = b"# One\n\nTwo **three**"


@pytest.mark.parametrize(
    ("data", "source", "media_type", "expected"),
    [
        (HTML, "a.html", None, ["One two", "# three"]),
        (HTML, "https://e.example/a", "text/html; charset=utf-8", ["One two", "# three"]),
        (HTML, "https://e.example/a.md", "text/html", ["One two", "# three"]),
        (HTML, "https://e.example/a.HTML?x=1#y", None, ["One two", "# three"]),
        (HTML, "a", None, ["One two", "# three"]),
        (b"<!DOCTYPE html>" + HTML, "a.txt", None, ["One two", "# three"]),
        (MARKDOWN, "a.md", None, ["One", "Two three"]),
        (MARKDOWN, "https://e.example/a.md", "text/plain", ["One", "Two three"]),
        (MARKDOWN, "a", "text/markdown", ["One", "Two three"]),
        (MARKDOWN, "a", None, ["One", "Two three"]),
        (MARKDOWN, "a.txt", None, ["# One", "Two **three**"]),
        (b"One\n\nTwo < three.", "a", None, ["One", "Two < three."]),
    ],
)
def test_the_right_reader_is_chosen(
    data: bytes, source: str, media_type: str | None, expected: list[str]
) -> None:
    assert texts(data, source, media_type) == expected


TEXT = "Über café — “naïve”."


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (TEXT.encode("utf-8"), None),
        (TEXT.encode("utf-8-sig"), None),
        (TEXT.encode("utf-16"), None),
        (b"\xff\xfe" + TEXT.encode("utf-16-le"), "text/plain; charset=utf-8"),
        (TEXT.encode("cp1252"), None),
        (TEXT.encode("cp1252"), "text/plain; charset=ISO-8859-1"),
        (TEXT.encode("utf-8"), "text/plain; charset=nonsense"),
        (TEXT.encode("utf-8"), "text/plain; charset=rot13"),
        (TEXT.encode("mac-roman"), 'text/plain; charset="macintosh"'),
    ],
)
def test_the_encoding_is_found(data: bytes, media_type: str | None) -> None:
    assert texts(data, "a.txt", media_type) == [TEXT]


@pytest.mark.parametrize("declared", ["text/html; charset=utf-8", None])
@pytest.mark.parametrize("words", ["It is late. " * 30, "Das Grün der Wälder über Köln. " * 30])
@pytest.mark.parametrize("damage", [b"\xe9", b"\x00"])
def test_damaged_utf_8_is_read_as_utf_8(damage: bytes, words: str, declared: str | None) -> None:
    head, tail = words[:40].encode(), words[40:].encode()
    meta = b"" if declared else b"<meta charset=utf-8>"
    data = b"<html><head>" + meta + b"</head><body><p>" + head + damage + tail + b"</p></body></html>"
    assert texts(data, "a", declared) == [f"{words[:40]}\ufffd{words[40:]}".strip()]


def test_a_page_that_says_utf_8_and_is_something_else_is_read_as_that() -> None:
    page = f'<meta charset="utf-8"><p>{TEXT}</p>'.encode("cp1252")
    assert texts(page, "a.html") == [TEXT]


@pytest.mark.parametrize(
    "declaration",
    [
        '<meta charset="windows-1251">',
        '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">',
        '<?xml version="1.0" encoding="windows-1251"?>',
    ],
)
def test_a_page_declares_its_own_encoding(declaration: str) -> None:
    data = f"{declaration}<html><body><p>Привет, мир</p></body></html>".encode("cp1251")
    assert texts(data, "a.html") == ["Привет, мир"]


def test_composed_and_decomposed_letters_stay_as_published() -> None:
    assert texts("cafe\u0301 caf\u00e9".encode(), "a.txt") == ["cafe\u0301 caf\u00e9"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b" \n\t\n", "is empty"),
        (b"<html><body><p> </p></body></html>", "no words"),
        (b"%PDF-1.7\n...", "a damaged PDF"),
        (b"PK\x03\x04mimetypeapplication/epub+zip", "as an EPUB"),
        (b"PK\x03\x04 and so on", "no EPUB, Word or OpenDocument"),
        (b"\xd0\xcf\x11\xe0 and so on", "old Word"),
        (b"ID3\x04\x00\x00\x00\x00audio", "binary"),
        (b"\x81\x8d\x8f\x90" * 9, "encoding"),
        (b"\xef\xbb\xbf\xff\xff", "encoding"),
        (bytes(range(1, 32)) * 9, "encoding"),
        (b"x" * (32 * 1024 * 1024 + 1), "too large"),
    ],
)
def test_what_is_no_essay_says_why_and_what_to_do(data: bytes, said: str) -> None:
    with pytest.raises(EssayError, match=said) as caught:
        parse_essay(data, "folder/file.bin")
    assert "folder/file.bin" in caught.value.message
    assert caught.value.hint
    assert "\n" not in str(caught.value)


def test_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "My essay.txt"
    path.write_text("Some words.", encoding="utf-8")
    essay = read_essay(path)
    assert (essay.title, essay.source, essay.blocks[0].text) == ("My essay", str(path), "Some words.")


def test_missing_files_and_folders_are_errors(tmp_path: Path) -> None:
    with pytest.raises(EssayError, match=r"Cannot read the essay .*nothing\.md"):
        read_essay(tmp_path / "nothing.md")
    with pytest.raises(EssayError, match="folder"):
        read_essay(tmp_path)


def test_private_addresses_are_not_told() -> None:
    with pytest.raises(EssayError) as caught:
        parse_essay(b"", "https://e.example/essay?token=s3cret")
    assert "s3cret" not in str(caught.value)


@settings(deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["a.html", "a.md", "a.txt", "a", "https://e.example/"]))
def test_any_bytes_give_an_essay_or_an_error(data: bytes, source: str) -> None:
    try:
        essay = parse_essay(data, source)
    except EssayError:
        return
    for word in essay.words():
        assert essay.blocks[word.block].text[word.char_start : word.char_end] == word.text
