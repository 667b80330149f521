"""An alignment in one line."""

from dataclasses import replace

import pytest

from inkcast.alignment.alignment import Extra
from inkcast.essays.essay import Block, Essay
from inkcast.publish.verdict import verdict
from tests.support.alignments import align

ESSAY = Essay("Tea", (Block("title", "Tea"), Block("paragraph", "It is old and it is good, they say.")))


@pytest.mark.parametrize(
    ("extra", "n_inferred", "coverage", "passed", "line"),
    [
        (1, 9, 0.934, True, "93 % read, 1 passage added, 9 times inferred, audit passed"),
        (2, 1, 0.9999, True, "99 % read, 2 passages added, 1 time inferred, audit passed"),
        (0, 0, 1.0, True, "100 % read, audit passed"),
        (0, 0, 0.0, False, "0 % read, audit failed"),
    ],
)
def test_it_counts_what_is_there(extra, n_inferred, coverage, passed, line):
    said = tuple(Extra(-1, f"Hello {n}.", 0, 10) for n in range(extra))
    aligned = align(ESSAY, extra=said)
    words = [
        replace(word, status="interpolated") if n < n_inferred else word
        for n, word in enumerate(aligned.words)
    ]
    audit = replace(aligned.audit, coverage=coverage, passed=passed)
    assert verdict(replace(aligned, words=tuple(words), audit=audit)) == line


def test_what_is_said_in_place_of_words_is_not_added():
    aligned = align(ESSAY, unspoken=(3,), extra=(Extra(2, "ancient", 1_000, 1_300),))
    assert "1 passage read otherwise, audit" in verdict(aligned)
