from __future__ import annotations

import time

import pytest

from inkcast.essays.punctuation import ends_clause, ends_in_punctuation, ends_in_stop, spoken_parts

STOPS = ["so.", "so!", "so?", "so…", "so...", "Dr.", "что?", "了。", "何？", "はい！"]
STOPS += ["صباح؟", "ختم۔", "है।", "է։"]
MINOR_STOPS = ["so,", "so;", "so:", "so—", "so –", "了，", "と、", "：", "ثم،", "ثم؛"]
CLOSED = ["{}”", "{}’", "{}\"'", "{})", "„{}“", "»{}«", "“({}).”", "{}」", "*{}*", "_{}_"]


@pytest.mark.parametrize("stop", STOPS)
def test_a_sentence_ends_in_a_stop_of_any_script(stop: str) -> None:
    assert ends_in_stop(stop) and ends_in_stop(stop, colon=True) and ends_in_punctuation(stop)
    assert not ends_clause(stop)


@pytest.mark.parametrize("stop", MINOR_STOPS)
def test_a_clause_ends_in_a_minor_stop_of_any_script(stop: str) -> None:
    assert ends_clause(stop) and ends_in_punctuation(stop) and not ends_in_stop(stop)


@pytest.mark.parametrize("around", CLOSED)
@pytest.mark.parametrize("stop", ["so.", "है।"])
def test_quotations_and_brackets_may_close_behind_a_stop(stop: str, around: str) -> None:
    assert ends_in_stop(around.format(stop))


@pytest.mark.parametrize(("text", "counts"), [("so:", True), ("so:”", True), ("看：", True), ("so;", False)])
def test_a_colon_counts_only_where_it_is_asked_for(text: str, counts: bool) -> None:
    assert not ends_in_stop(text)
    assert ends_in_stop(text, colon=True) == counts


def test_closing_alone_ends_no_sentence() -> None:
    assert ends_clause("so)") and ends_clause("so)”") and not ends_in_stop("so)")
    assert ends_in_punctuation("so”") and not ends_clause("so”") and not ends_in_stop("so”")


@pytest.mark.parametrize("text", ["", "so", "3.5", "dogs’", "e.g", "well-", "so.so", "a,b", "so. ", "(so"])
def test_what_ends_nothing(text: str) -> None:
    assert not ends_in_stop(text, colon=True) and not ends_clause(text) and not ends_in_punctuation(text)


def test_only_the_end_is_looked_at() -> None:
    started = time.monotonic()
    for hostile in (")" * 200_000 + "x", "." * 200_000 + "x", ".)" * 100_000 + "x", "x" + "”" * 200_000):
        assert not ends_in_stop(hostile, colon=True) and not ends_clause(hostile)
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    ("run", "parts"),
    [
        ("surprised—My", "surprised— My"),
        ("surprised--My", "surprised-- My"),
        ("surprised――My", "surprised―― My"),
        ("“No”—“yes,”—he", "“No”— “yes,”— he"),
        ("it.—“Then", "it.— “Then"),
        ("1999—the", "1999— the"),
        ("he—said—so---then", "he— said— so--- then"),
        ("well-known", "well-known"),
        ("Paris–Dakar", "Paris–Dakar"),
        ("1914—1918", "1914—1918"),
        ("$2—$10T", "$2—$10T"),
        ("https://e.example/a--b", "https://e.example/a--b"),
        ("—", "—"),
        ("—he—", "—he—"),
        ("--verbose", "--verbose"),
        ("", ""),
    ],
)
def test_a_long_dash_parts_two_words(run: str, parts: str) -> None:
    assert " ".join(run[start:end] for start, end in spoken_parts(run)) == parts


@pytest.mark.parametrize("piece", ["—", "a—", '—"', "a--", "-"])
def test_parts_of_long_runs_are_found_in_linear_time(piece: str) -> None:
    run = "a" + piece * 200_000
    assert "".join(run[start:end] for start, end in spoken_parts(run)) == run
