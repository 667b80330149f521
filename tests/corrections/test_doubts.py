"""What a person should look at, and that it is no more once it was."""

from __future__ import annotations

from dataclasses import replace

from inkcast.alignment.alignment import Alignment, Extra
from inkcast.corrections.apply import Corrected, apply
from inkcast.corrections.correction import Correction
from inkcast.corrections.doubts import doubtful_places
from inkcast.corrections.find_anchor import anchor_at
from inkcast.essays.essay import Block
from tests.support.alignments import WORD_MS, align, essay_of

ESSAY = essay_of(
    Block("paragraph", "A model is as good as its data, and no better — than that."),
    Block("footnote", "Nobody reads this."),
    Block("paragraph", "Everybody hears that. The end."),
)
UM = Extra(5, "um", 5 * WORD_MS + 310, 6 * WORD_MS - 10)


def doubtful() -> Alignment:
    """A title that is not read, a word left out, the footnote, two words that are hardly believed."""
    texts = [word.text for word in align(ESSAY).words]
    footnote = texts.index("Nobody")
    left_out = (0, 1, 4, *range(footnote, footnote + 3))
    alignment = align(ESSAY, unspoken=left_out, extra=(UM,))
    words = list(alignment.words)
    for at in (8, 9):
        words[at] = replace(words[at], confidence=0.001 * (at - 7))
    dash = texts.index("—")
    words[dash] = replace(words[dash], status="interpolated")
    words[-1] = replace(words[-1], status="interpolated")
    return replace(alignment, words=tuple(words))


def test_the_worst_is_first():
    found = doubtful_places(doubtful())
    assert [(doubt.kind, doubt.first, doubt.stop, doubt.text, doubt.said) for doubt in found] == [
        ("extra speech", 6, 6, "", "um"),
        ("not read", 4, 5, "is", ""),
        ("inferred", 23, 24, "end.", ""),
        ("unsure", 8, 10, "its data,", ""),
    ]
    assert (found[3].start_ms, found[3].end_ms) == (8 * WORD_MS, 9 * WORD_MS + 300)
    assert (found[1].start_ms, found[1].end_ms) == (3 * WORD_MS + 300, 5 * WORD_MS)
    assert all(0 <= doubt.badness <= 1 for doubt in found)


def test_a_word_that_was_replaced_is_one_place():
    alignment = doubtful()
    like = Extra(3, "was", 4 * WORD_MS, 4 * WORD_MS + 300)
    (first, *_) = doubtful_places(replace(alignment, extra=(like, UM)))
    assert (first.kind, first.first, first.stop, first.text, first.said) == (
        "said instead",
        4,
        5,
        "is",
        "was",
    )
    assert (first.start_ms, first.end_ms) == (like.start_ms, like.end_ms)
    assert len(doubtful_places(replace(alignment, extra=(like, UM)))) == 4


def test_what_a_person_has_said_is_settled():
    alignment = doubtful()
    made = [
        Correction("right", anchor_at(alignment, 8, 10)),
        Correction("extra speech", anchor_at(alignment, 6, 6), "um", UM.start_ms, UM.end_ms),
        Correction("not read", anchor_at(alignment, 4, 5)),
        Correction("ends here", anchor_at(alignment, 23, 24), end_ms=99_000),
    ]
    done = apply(made[:3], Corrected(ESSAY, alignment))
    assert [doubt.text for doubt in doubtful_places(done.alignment, made[:3])] == ["end."]
    assert doubtful_places(done.alignment, made) == ()
    gap = Correction("right", anchor_at(alignment, 6, 6))
    assert [doubt.text for doubt in doubtful_places(alignment, [gap])] == ["is", "end.", "its data,"]


def test_there_is_nothing_to_doubt_where_nothing_is_read():
    assert doubtful_places(align(ESSAY, unspoken=range(24))) == ()
    assert doubtful_places(align(ESSAY)) == ()
