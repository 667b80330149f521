"""What each kind of correction changes, and that it changes nothing else."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkcast.alignment.alignment import Alignment, AudioFacts, Extra
from inkcast.corrections.align_corrected import respelled
from inkcast.corrections.apply import Corrected, apply
from inkcast.corrections.correction import Anchor, Correction, Kind
from inkcast.corrections.find_anchor import anchor_at
from inkcast.essays.essay import Block, Essay, Mark
from tests.support.alignments import WORD_MS, align, essay_of

ESSAY = essay_of(
    Block("paragraph", "A model is as good as its teh data, and no better.", (Mark("strong", 25, 33),)),
    Block("paragraph", "Nobody reads this. Everybody hears that—really."),
)
UM = Extra(5, "um", 5 * WORD_MS + 310, 6 * WORD_MS - 10)
BEGINNING = align(ESSAY, extra=(UM,))
WORDS = [word.text for word in BEGINNING.words]
TEH = WORDS.index("teh")


def correction(kind: Kind, first: int, stop: int | None = None, **values) -> Correction:
    stop = first + 1 if stop is None else stop
    return Correction(kind, anchor_at(BEGINNING, first, stop, in_full=kind == "wording"), **values)


def applied(*corrections: Correction, essay: Essay = ESSAY, alignment: Alignment = BEGINNING) -> Corrected:
    done = apply(corrections, Corrected(essay, alignment))
    assert [word.text for word in done.alignment.words] == [word.text for word in done.essay.words()]
    return done


def times(done: Corrected | Alignment) -> list[tuple[int | None, int | None]]:
    alignment = done.alignment if isinstance(done, Corrected) else done
    return [(word.start_ms, word.end_ms) for word in alignment.words]


def test_words_that_are_not_read_have_no_times():
    done = applied(correction("not read", 4, 7))
    assert times(done) == [(None, None) if 4 <= at < 7 else span for at, span in enumerate(times(BEGINNING))]
    assert {word.status for word in done.alignment.words[4:7]} == {"unspoken"}
    assert done.alignment.extra == (replace(UM, after_word=3),)
    assert not done.lost


def test_a_block_that_is_not_read_says_so():
    at = WORDS.index("Nobody")
    done = applied(correction("not read", at, len(WORDS)))
    assert [block.status for block in done.alignment.blocks] == ["spoken", "spoken", "unspoken"]


def test_words_are_read_where_a_person_says():
    """Without a recording their time is divided by letters; what was heard there gives way."""
    unread = align(ESSAY, unspoken=(6, 7), extra=(Extra(5, "like or", 6 * WORD_MS, 8 * WORD_MS - 100),))
    start, end = 6 * WORD_MS - 50, 7 * WORD_MS + 300
    done = applied(correction("read here", 6, 8, start_ms=start, end_ms=end), alignment=unread)
    (first, second) = done.alignment.words[6:8]
    assert (first.start_ms, first.end_ms, second.end_ms) == (start, second.start_ms, end)
    assert {(word.status, word.confidence) for word in (first, second)} == {("spoken", 1.0)}
    assert done.alignment.extra == ()


def test_words_in_the_way_move_aside():
    """Three words are read where five were heard."""
    start, end = 3 * WORD_MS + 100, 7 * WORD_MS + 200
    done = applied(correction("read here", 4, 7, start_ms=start, end_ms=end))
    spans = times(done)
    assert spans[4][0] == start and spans[6][1] == end
    assert all(first[1] <= second[0] and first[0] < first[1] for first, second in pairwise(spans))


def test_said_instead():
    done = applied(correction("said instead", 5, text="by heart"))
    assert times(done)[5] == (None, None)
    (extra,) = done.alignment.extra
    assert (extra.text, extra.after_word) == ("by heart", 4)
    assert 5 * WORD_MS <= extra.start_ms < extra.end_ms <= 6 * WORD_MS  # the "um" was a part of it


def test_extra_speech_is_put_right_added_and_taken_away():
    gone = correction("extra speech", 6, 6, start_ms=UM.start_ms - 5, end_ms=UM.end_ms)
    assert applied(gone).alignment.extra == ()
    other = replace(gone, text="well, now")
    assert applied(other).alignment.extra == (Extra(5, "well, now", UM.start_ms - 5, UM.end_ms),)
    first = correction("extra speech", 0, 0, text="Hello.", start_ms=0, end_ms=5)
    assert [extra.text for extra in applied(first).alignment.extra] == ["Hello.", "um"]


@pytest.mark.parametrize("by_ms", [-1_300, -350, -150, -10, 10, 150, 350, 1_300])
@pytest.mark.parametrize("kind", ["starts here", "ends here"])
def test_a_word_starts_or_ends_where_a_person_says(kind, by_ms):
    at = 7
    own = times(BEGINNING)[at][kind == "ends here"]
    assert own is not None
    name = "start_ms" if kind == "starts here" else "end_ms"
    done = applied(correction(kind, at, **{name: own + by_ms}))
    spans = times(done)
    assert spans[at][kind == "ends here"] == own + by_ms
    assert all(first[1] <= second[0] and first[0] < first[1] for first, second in pairwise(spans))
    moved = [
        index for index, (old, new) in enumerate(zip(times(BEGINNING), spans, strict=True)) if old != new
    ]
    reach = 1 + abs(by_ms) // 100
    assert moved == list(range(moved[0], moved[-1] + 1)) and at in moved and len(moved) <= reach


def test_a_speaker_is_of_whole_paragraphs():
    done = applied(correction("speaker", WORDS.index("this."), text="Ada"))
    assert [block.speaker for block in done.essay.blocks] == ["", "", "Ada"]
    assert [block.speaker for block in done.alignment.blocks] == ["", "", "Ada"]


VOICES = replace(
    BEGINNING,
    blocks=tuple(
        replace(block, speaker=name)
        for block, name in zip(BEGINNING.blocks, ("Speaker 1", "Speaker 1", "Speaker 2"), strict=True)
    ),
    extra=(replace(UM, speaker="Speaker 2"), Extra(11, "Yes.", 5_000, 5_100, "Speaker 1")),
)


def speakers(done: Corrected) -> list[str]:
    said = (*done.alignment.blocks, *done.alignment.extra)
    return [one.speaker for one in said]


def test_a_voice_is_named_wherever_it_is_heard():
    done = applied(correction("voice", 4, text="Ada"), alignment=VOICES)
    assert speakers(done) == ["Ada", "Ada", "Speaker 2", "Speaker 2", "Ada"]
    assert done.essay == ESSAY, "the essay does not say it"
    labelled = replace(ESSAY, blocks=tuple(replace(block, speaker="Host") for block in ESSAY.blocks))
    done = applied(correction("voice", 4, text="Ada"), essay=labelled, alignment=align(labelled))
    assert {block.speaker for block in (*done.essay.blocks, *done.alignment.blocks)} == {"Ada"}


def test_two_voices_swap_their_names():
    ada, bo = correction("voice", 4, text="Speaker 2"), correction("voice", len(WORDS) - 1, text="Speaker 1")
    swapped = ["Speaker 2", "Speaker 2", "Speaker 1", "Speaker 1", "Speaker 2"]
    assert speakers(applied(ada, bo, alignment=VOICES)) == swapped
    assert speakers(applied(bo, ada, alignment=VOICES)) == swapped


def test_a_voice_must_be_one_that_is_known():
    assert (
        applied(correction("voice", 4, text="Ada")).lost[0].reason.startswith("it is not known which voice")
    )
    both = correction("voice", 4, len(WORDS), text="Ada")
    assert "several people" in applied(both, alignment=VOICES).lost[0].reason


def test_a_later_correction_of_a_speaker_counts():
    one, voice = correction("speaker", 4, text="Bo"), correction("voice", 0, text="Ada")
    assert speakers(applied(voice, one, alignment=VOICES))[:3] == ["Ada", "Bo", "Speaker 2"]
    assert speakers(applied(one, voice, alignment=VOICES))[:3] == ["Ada", "Bo", "Speaker 2"]


@pytest.mark.parametrize(
    "other",
    [
        correction("not read", 4, 7),
        correction("wording", TEH, text="very own"),
        correction("starts here", 7, start_ms=7 * WORD_MS - 100),
        correction("speaker", WORDS.index("this."), text="Speaker 2"),
    ],
    ids=lambda each: each.kind,
)
def test_voices_stay_whatever_else_is_corrected(other):
    done = applied(other, alignment=VOICES)
    assert not done.lost and speakers(done) == [
        "Speaker 1",
        "Speaker 1",
        "Speaker 2",
        "Speaker 2",
        "Speaker 1",
    ]


def test_names_of_voices_outlive_a_mended_spelling():
    voice = correction("voice", 4, text="Ada")
    old = replace(applied(voice, alignment=VOICES).alignment, language="en")
    last = replace(ESSAY.blocks[2], text=ESSAY.blocks[2].text.replace("Everybody", "Evrybody"))
    mended = replace(ESSAY, blocks=(*ESSAY.blocks[:2], last))
    done = respelled(old, mended, [voice])
    assert done is not None and done.essay == mended
    assert speakers(done) == ["Ada", "Ada", "Speaker 2", "Speaker 2", "Ada"]


def test_what_is_said_otherwise_is_said_by_the_same():
    other = correction("extra speech", 6, 6, text="well", start_ms=UM.start_ms - 5, end_ms=UM.end_ms)
    assert [extra.speaker for extra in applied(other, alignment=VOICES).alignment.extra] == [
        "Speaker 2",
        "Speaker 1",
    ]
    instead = applied(correction("said instead", 5, text="by heart"), alignment=VOICES)
    assert instead.alignment.extra[0].speaker == "Speaker 2"


def test_a_typo_is_mended_with_its_markup_and_its_time():
    done = applied(correction("wording", TEH, text="the"))
    assert done.essay.blocks[1].text == "A model is as good as its the data, and no better."
    assert times(done) == times(BEGINNING)
    done = applied(correction("wording", TEH, text="very  own"))
    assert done.essay.blocks[1].text == "A model is as good as its very own data, and no better."
    assert done.essay.blocks[1].marks == (Mark("strong", 25, 38),)
    (before, very, own, after) = done.alignment.words[TEH - 1 : TEH + 3]
    assert (very.start_ms, own.end_ms) == (TEH * WORD_MS, TEH * WORD_MS + 300)
    assert (before.text, after.text) == ("its", "data,")
    assert times(done)[TEH + 2 :] == times(BEGINNING)[TEH + 1 :]
    done = applied(correction("wording", TEH, text=""))
    assert done.essay.blocks[1].text == "A model is as good as its data, and no better."
    assert times(done)[TEH:] == times(BEGINNING)[TEH + 1 :]


def test_a_wording_that_the_publisher_has_mended_is_done():
    mended = replace(
        ESSAY, blocks=tuple(replace(b, text=b.text.replace("teh", "the"), marks=()) for b in ESSAY.blocks)
    )
    done = applied(correction("wording", TEH, text="the"), essay=mended, alignment=align(mended))
    assert done == Corrected(mended, align(mended))


def test_a_wording_of_the_title_and_behind_a_dash():
    done = applied(
        correction("wording", 1, text="laboratories"), correction("wording", len(WORDS) - 1, text="truly!")
    )
    assert done.essay.title == "Small laboratories"
    assert done.essay.blocks[2].text.endswith("hears that—truly!")
    assert not done.lost
    both = applied(correction("wording", len(WORDS) - 2, len(WORDS), text="it, truly"))
    assert both.essay.blocks[2].text == "Nobody reads this. Everybody hears it, truly"


def test_punctuation_beside_the_words_stays():
    """Who writes an entry by hand does not copy it."""
    by_hand = Correction("wording", Anchor("no better"), "worse")
    assert applied(by_hand).essay.blocks[1].text == "A model is as good as its teh data, and worse."


def test_corrections_follow_one_another():
    """The second is of the words that the first wrote; of two that disagree, the later one counts."""
    first = correction("wording", TEH, text="very own")
    reworded = applied(first)
    second = Correction("not read", anchor_at(reworded.alignment, TEH, TEH + 2))
    third = correction("not read", TEH + 1)
    again = correction("read here", TEH + 1, start_ms=10_000, end_ms=10_400)
    done = applied(first, second, third, again)
    assert [times(done)[at] for at in (TEH, TEH + 1)] == [(None, None)] * 2
    assert times(done)[TEH + 2] == (10_000, 10_400)
    assert not done.lost


def test_what_finds_no_place_is_reported_and_changes_nothing():
    kinds: list[Correction] = [
        correction("starts here", 5, start_ms=99_999_999),
        correction("read here", 5, start_ms=500, end_ms=400),
        correction("wording", 1, 4, text="across paragraphs"),
    ]
    other = align(essay_of(Block("paragraph", "Quite another text.")))
    stranger = Correction("not read", anchor_at(other, 2, 5))
    unread = align(ESSAY, unspoken=(5,))
    done = applied(*kinds, stranger)
    assert [lost.correction for lost in done.lost] == [*kinds, stranger]
    assert (done.essay, done.alignment) == (ESSAY, BEGINNING)
    (lost,) = applied(correction("ends here", 5, end_ms=2_100), alignment=unread).lost
    assert str(lost) == f"ends here “{WORDS[5]}”: the word is not read, so that it neither starts nor ends"


# --- another recording ---


def later(alignment: Alignment, by_ms: int) -> Alignment:
    """The same, re-encoded with more silence before it."""
    words = tuple(
        word
        if word.start_ms is None
        else replace(word, start_ms=word.start_ms + by_ms, end_ms=word.end_ms + by_ms)
        for word in alignment.words
    )
    extra = tuple(replace(e, start_ms=e.start_ms + by_ms, end_ms=e.end_ms + by_ms) for e in alignment.extra)
    return replace(alignment, words=words, extra=extra, audio=AudioFacts("f" * 64, 61_000, "b.mp3"))


def test_times_follow_the_recording():
    made = [
        correction("starts here", 3, start_ms=3 * WORD_MS + 150),
        correction("extra speech", 6, 6, text="oh", start_ms=UM.start_ms, end_ms=UM.end_ms),
        correction("read here", 9, 11, start_ms=9 * WORD_MS + 20, end_ms=11 * WORD_MS),
    ]
    expected = later(applied(*made).alignment, 300)
    found = applied(*made, alignment=later(BEGINNING, 300)).alignment
    assert (found.words, found.extra) == (expected.words, expected.extra)


def test_a_recording_that_was_cut_around_a_correction_loses_it():
    moved = later(BEGINNING, 5_000)
    words = (*BEGINNING.words[:6], *moved.words[6:])
    cut = replace(moved, words=words)
    gap = correction("extra speech", 6, 6, start_ms=UM.start_ms, end_ms=UM.end_ms)
    assert len(applied(gap, alignment=cut).lost) == 1
    unread = replace(moved, words=tuple(replace(w, start_ms=None, end_ms=None) for w in moved.words))
    assert len(applied(gap, alignment=unread).lost) == 1
    edited = replace(gap, anchor=replace(gap.anchor, before="as good as"))
    assert len(applied(edited, alignment=moved).lost) == 1


@given(st.data())
def test_whatever_a_person_says_no_words_overlap(data):
    """And every correction is applied or reported."""
    made = []
    for _ in range(data.draw(st.integers(1, 5))):
        kind = data.draw(
            st.sampled_from(["not read", "read here", "said instead", "starts here", "ends here"])
        )
        first = data.draw(st.integers(0, len(WORDS) - 1))
        stop = data.draw(st.integers(first + 1, len(WORDS)))
        start, length = data.draw(st.integers(0, 12_000)), data.draw(st.integers(1, 3_000))
        values = {
            "not read": {},
            "said instead": {"text": "some thing"},
            "read here": {"start_ms": start, "end_ms": start + length},
            "starts here": {"start_ms": start},
            "ends here": {"end_ms": start},
        }[kind]
        made.append(correction(kind, first, stop, **values))
    done = applied(*made)
    spans = sorted(span for span in times(done) if span[0] is not None)
    assert all(start < end for start, end in spans)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    assert all(extra.start_ms < extra.end_ms for extra in done.alignment.extra)
