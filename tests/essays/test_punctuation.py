from __future__ import annotations

import time

import pytest

from inkcast.essays.punctuation import ends_clause, ends_in_punctuation, ends_in_stop

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
