"""No short string, however often repeated, takes a reader more than its share of time.

A sample of what benchmarks/growth.py looks for; run that for all of it.
"""

from __future__ import annotations

import importlib
import sys
import zlib
from pathlib import Path

import pytest

from inkcast.download.sniff import describe
from inkcast.errors import redact

sys.path.append(str(Path(__file__).resolve().parents[1] / "benchmarks"))
growth = importlib.import_module("growth")

N_PIECES = 14
PIECES = growth.pieces()


def sample(reader: str) -> list[str]:
    """Pieces for one reader, the same each time and others than for the next reader; half of them nasty."""

    def spread(piece: str) -> int:
        return zlib.crc32(f"{reader} {piece}".encode())

    nasty, rest = growth.NASTY, PIECES[len(growth.NASTY) :]
    return [*sorted(nasty, key=spread)[: N_PIECES // 2], *sorted(rest, key=spread)[: N_PIECES // 2]]


@pytest.mark.parametrize("reader", growth.READERS)
def test_time_grows_no_faster_than_the_text(reader: str) -> None:
    found = [growth.find_growth(reader, piece) for piece in sample(reader)]
    assert [str(growth) for growth in found if growth] == []


@pytest.mark.parametrize("piece", ["<!---->", "<!---->\n", "<!--", "<!-- a --> "])
def test_comments_in_front_of_sound_cost_nothing(piece: str) -> None:
    assert describe(piece.encode() * 2000) == "plain text"
    assert describe(piece.encode() * 2000 + b"--><html>") in ("a web page", "plain text")


@pytest.mark.parametrize(
    "piece",
    [
        "a-a-",
        "key",
        "?key",
        "?a=",
        "a://",
        "https://",
        "https://private.",
        "https://a/private/",
        "&key=&",
        "eyJ.",
    ],
)
def test_secrets_are_looked_for_in_linear_time(piece: str) -> None:
    assert growth.find_growth("redact", piece) is None
    assert len(redact(f"https://a.example/{piece * 2000}")) <= 2000 * len(piece) + 100


def test_a_reader_that_is_slow_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(text: str) -> None:
        sum(1 for _ in range(len(text) ** 2 // 100))

    monkeypatch.setitem(growth.READERS, "slow", slow)
    found = growth.find_growth("slow", "ab")
    assert found is not None
    assert "slow of 'ab'" in str(found)
