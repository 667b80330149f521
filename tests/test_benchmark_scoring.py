"""The arithmetic of the accuracy benchmark: by hand, and by laws that must hold."""

from __future__ import annotations

import importlib
import statistics
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).resolve().parents[1] / "benchmarks"))
accuracy = importlib.import_module("accuracy")
scoring = importlib.import_module("scoring")


def heard(text: str, start_ms: float | None, end_ms: float | None = None, status: str = "") -> dict[str, Any]:
    """A word as an alignment has it; unspoken without a time."""
    status = status or ("unspoken" if start_ms is None else "spoken")
    return {"text": text, "status": status, "start_ms": start_ms, "end_ms": end_ms}


def true(word: str, start: float | None, end: float | None = None, **more: Any) -> dict[str, Any]:
    """A word as the reference has it."""
    return {"word": word, "spoken": True, "start": start, "end": end, **more}


def silent(word: str) -> dict[str, Any]:
    return {"word": word, "spoken": False, "start": None, "end": None}


def score(words: list[dict[str, Any]], reference: list[dict[str, Any]], **more: Any) -> Any:
    return scoring.score({"words": words}, reference, **more)


# By hand ---------------------------------------------------------------------------------------------


def test_errors_by_hand() -> None:
    reference = [
        true("One", 1.0, 1.5),
        true("two", 2.0, 2.5),
        true("three", 3.0, 3.5),
        true("four", 4.0, None),
    ]
    words = [
        heard("One,", 1010, 1490),
        heard("two", 1960, 2500),
        heard("three", 3030, 3700),
        heard("four.", 4190, 9),
    ]
    tally = score(words, reference)
    assert [round(1000 * error) for error in tally.start_s] == [10, -40, 30, 190]
    assert tally.start == scoring.Spread(4, 35.0, 67.5, 190.0, 190.0, 20.0, (0.25, 0.75, 0.75, 1.0))
    assert [round(1000 * error) for error in tally.end_s] == [-10, 0, 200], "the fourth has no reference end"
    assert (tally.words, tally.missing, tally.over_1s) == (4, 0, 0)


def test_far_and_unplaced_words_are_lost() -> None:
    reference = [true("a", 1.0), true("b", 2.0), true("c", 3.0), true("d", 4.0), true("e", None)]
    words = [
        heard("a", 2000),
        heard("b", 3001),
        heard("c", None),
        heard("d", None, status="spoken"),
        heard("e", None),
    ]
    tally = score(words, reference)
    assert (tally.far, tally.unplaced, tally.over_1s) == (1, 2, 3), "1.000 s is not over; e has no reference"
    assert tally.wrongly_silent == 2, "c and e"


def test_interpolated_words_count_as_placed() -> None:
    tally = score([heard("a", 1100, status="interpolated")], [true("a", 1.0)])
    assert tally.start.median_ms == 100 and tally.over_1s == 0


def test_unspoken_words_by_hand() -> None:
    reference = [
        silent("a"),
        silent("b"),
        silent("c"),
        true("d", None),
        true("e", None),
        true("f", None, was="g"),
    ]
    words = [
        heard("a", None),
        heard("b", None),
        heard("c", 5),
        heard("d", None),
        heard("e", 6),
        heard("f", None),
    ]
    tally = score(words, reference)
    assert (tally.precision, tally.recall) == (2 / 3, 2 / 3) and tally.f1 == pytest.approx(2 / 3)
    assert (tally.substituted, tally.substituted_found) == (1, 1), "a replaced word is counted apart"


def test_a_replaced_word_that_is_called_spoken_is_not_found() -> None:
    tally = score([heard("f", 5)], [true("f", None, was="g")])
    assert (tally.substituted, tally.substituted_found, tally.wrongly_spoken) == (1, 0, 0)


def test_words_that_the_alignment_does_not_have() -> None:
    tally = score([heard("a", 0), heard("c", 2000)], [true("a", 0.0), true("b", 1.0), true("c", 2.0)])
    assert (tally.missing, tally.start.n, tally.over_1s) == (1, 2, 0)


def test_a_word_of_several_pieces_tells_what_is_spoken_but_not_when() -> None:
    reference = [true("open", 1.0), true("and", 2.0), silent("shut")]
    tally = score([heard("open—and", 1000, 2000), heard("–", None), heard("“Shut!”", None)], reference)
    assert (tally.start.n, tally.missing, tally.over_1s) == (0, 0, 0)
    assert tally.rightly_silent == 1


def test_what_was_said_besides() -> None:
    truth = {
        "sentences": [
            {"spoken": "Hello, all of you.", "published": None},
            {"spoken": "one two", "published": "One two."},
            {"spoken": "Good bye!", "published": ""},
        ]
    }
    alignment = {"words": [], "extra": [{"text": "hello all"}, {"text": "of us"}, {"text": "good"}]}
    tally = scoring.score(alignment, [], truth)
    assert (tally.extra, tally.extra_found) == (6, 4), "hello, all, of, good"
    assert scoring.score({"words": []}, [], truth).extra_found == 0


def test_nothing_at_all() -> None:
    tally = score([], [])
    assert tally.start == scoring.Spread() and tally.f1 == 0 and tally.over_1s == 0


# Laws ------------------------------------------------------------------------------------------------

ERRORS = st.lists(st.floats(-5, 5, allow_nan=False), min_size=1, max_size=60)


@given(ERRORS)
def test_spreads(errors: list[float]) -> None:
    spread = scoring.Spread.of(errors)
    sizes = [1000 * abs(error) for error in errors]
    assert spread.median_ms == pytest.approx(statistics.median(sizes), abs=0.051)
    assert spread.bias_ms == pytest.approx(1000 * statistics.median(errors), abs=0.051)
    assert spread.median_ms <= spread.p95_ms + 0.1 <= spread.max_ms + 0.2
    assert abs(spread.bias_ms) <= spread.max_ms
    assert list(spread.within) == sorted(spread.within)
    assert scoring.Spread.of([-error for error in errors]).median_ms == spread.median_ms
    shifted = scoring.Spread.of([error + 0.5 for error in errors])
    assert shifted.bias_ms == pytest.approx(spread.bias_ms + 500, abs=0.11)


@given(ERRORS)
def test_errors_come_out_as_they_were_put_in(errors: list[float]) -> None:
    reference = [true(f"w{n}", 10.0 + n, 10.5 + n) for n in range(len(errors))]
    words = [
        heard(f"W{n}.", 1000 * (10 + n + error), 1000 * (10.5 + n - error)) for n, error in enumerate(errors)
    ]
    tally = score(words, reference)
    assert tally.start_s == pytest.approx(errors, abs=1e-9)
    assert tally.end_s == pytest.approx([-error for error in errors], abs=1e-9)
    assert tally.over_1s == tally.far and tally.unplaced == 0


WORDS = st.lists(st.sampled_from(["a", "b", "c", "dd"]), min_size=1, max_size=25)


@given(WORDS, st.data())
def test_every_reference_word_is_counted_once(texts: list[str], data: st.DataObject) -> None:
    reference = [
        data.draw(st.sampled_from([true(text, 1.0, 2.0), silent(text), true(text, None, was="x")]))
        for text in texts
    ]
    words = [data.draw(st.sampled_from([heard(text, None), heard(text, 1500, 1600)])) for text in texts]
    tally = score(words, reference)
    judged = tally.substituted + tally.rightly_silent + tally.wrongly_spoken
    spoken = sum(word["spoken"] and "was" not in word for word in reference)
    assert tally.missing == 0 and judged + spoken == len(texts)
    assert tally.start.n + tally.unplaced == spoken
    doubled = tally + tally
    assert doubled.f1 == tally.f1 and doubled.start.median_ms == tally.start.median_ms
    assert doubled.over_1s == 2 * tally.over_1s
    assert score(words, reference) == tally, "adding changes neither"


@given(WORDS)
def test_the_same_words_in_a_transcript_all_get_their_times(texts: list[str]) -> None:
    times = [(text.upper() + ",", float(n), n + 0.5) for n, text in enumerate(texts)]
    alignment = scoring.as_alignment(texts, times)
    assert [word["start_ms"] for word in alignment["words"]] == [1000 * n for n in range(len(texts))]
    assert [word["end_ms"] for word in alignment["words"]] == [1000 * n + 500 for n in range(len(texts))]
    assert alignment["extra"] == []


@given(WORDS, WORDS)
def test_a_transcript_s_words_are_matched_or_extra(essay: list[str], said: list[str]) -> None:
    alignment = scoring.as_alignment(essay, [(text, n, n + 1) for n, text in enumerate(said)])
    placed = [word for word in alignment["words"] if word["status"] == "spoken"]
    assert [word["text"] for word in alignment["words"]] == essay
    assert len(placed) + len(alignment["extra"]) == len(said)
    assert all(said[round(word["start_ms"] / 1000)] == word["text"] for word in placed)
    starts = [word["start_ms"] for word in placed]
    assert starts == sorted(starts)


def test_words_spoken_as_one_with_a_neighbour_are_not_clear() -> None:
    reference = [
        true("this", 1.0, 1.2),
        true("is", 1.2, None),
        true("a", None, 1.5),
        silent("very"),
        true("good", 1.5, 2.0),
        true("day", 2.0, 2.4),
    ]
    times = (1010, 1220, 1330, None, 1540, 2050)
    words = [heard(word["word"], time, time) for word, time in zip(reference, times, strict=True)]
    tally = score(words, reference)
    assert [round(1000 * error) for error in tally.start_s] == [10, 20, 40, 50]
    assert [round(1000 * error) for error in tally.clear_s] == [10, 50]


@pytest.mark.parametrize(
    ("start_ms", "is_found"),
    [(700, True), (699, False), (1300, True), (1301, False), (None, False)],
)
def test_a_number_is_found_near_its_reference(start_ms: int | None, is_found: bool) -> None:
    tally = score([heard("3’s", start_ms, start_ms)], [true("3’s", 1.0, 1.4)])
    assert (tally.forms, tally.forms_missed) == (1, [] if is_found else ["3’s"])


@pytest.mark.parametrize(("start_ms", "is_found"), [(1200, True), (1199, False), (2800, True), (2801, False)])
def test_a_number_without_a_reference_is_found_between_its_neighbours(start_ms: int, is_found: bool) -> None:
    reference = [true("at", 1.0, 1.5), silent("about"), true("$2-10T", None), true("is", 2.5, 3.0)]
    words = [heard("at", 1000, 1), heard("about", None), heard("$2-10T", start_ms, 1), heard("is", 2500, 1)]
    assert score(words, reference).forms_missed == ([] if is_found else ["$2-10T"])


def test_numbers_that_are_not_spoken_are_no_forms() -> None:
    tally = score(
        [heard("40,000", 10, 20), heard("people", 20, 30)], [silent("40,000"), true("people", 0.02)]
    )
    assert tally.forms == 0


# The page --------------------------------------------------------------------------------------------


def test_pieces_of_words_are_put_together() -> None:
    pieces = [(" at", 0.0, 0.1), (" $2", 0.2, 0.3), ("-10", 0.3, 0.4), ("T,", 0.4, 0.5), (" ok", 0.6, 0.7)]
    assert accuracy.whole_words(pieces) == [(" at", 0.0, 0.1), (" $2-10T,", 0.2, 0.5), (" ok", 0.6, 0.7)]


def test_the_rest_of_the_page_stays_as_it_is() -> None:
    page = "# Accuracy\n\nWords.\n"
    once = accuracy.put_section(page, "| a |")
    assert once == "# Accuracy\n\nWords.\n\n<!-- accuracy:begin -->\n| a |\n<!-- accuracy:end -->\n"
    later = once.replace("Words.", "Other words.") + "\nA last part.\n"
    again = accuracy.put_section(later, "| b |")
    assert again == later.replace("| a |", "| b |")
    with pytest.raises(ValueError, match="without"):
        accuracy.put_section("<!-- accuracy:begin -->", "| a |")


def test_kept_results_come_back(tmp_path: Path) -> None:
    tally = score([heard("a1", 1010, 1020)], [true("a1", 1.0, 1.0)])
    results = [
        accuracy.Result("x", "inkcast", True, tally, 0.25),
        accuracy.Result("y", "b", False, tally, None),
    ]
    accuracy.write_results(results, tmp_path / "kept.json")
    assert accuracy.read_results(tmp_path / "kept.json") == results


def test_rows_are_added_up_for_each_system() -> None:
    def result(text: str, system: str, start_ms: int) -> Any:
        tally = score([heard("a", start_ms, start_ms)], [true("a", 1.0, 1.0)])
        return accuracy.Result(text, system, True, tally, None)

    results = [result("x", "one", 1010), result("x", "two", 1100), result("x.edited", "one", 1020),
               result("y", "one", 1030)]  # fmt: skip
    kinds = accuracy.by_kind(results)
    assert [(kind, len(rows)) for kind, rows in kinds.items()] == [
        ("as published", 3),
        ("edited afterwards", 1),
    ]
    rows = accuracy.add_up(kinds["as published"], "all")
    assert [(row.system, row.tally.start.n, row.tally.start.median_ms) for row in rows] == [
        ("one", 2, 20.0),
        ("two", 1, 100.0),
    ]
    section = accuracy.describe(results, "tiny.en")
    assert "| as published | one | 2 | 20 | +20 | 100.0% |" in section
    assert "Numbers that Inkcast missed: none." in section
