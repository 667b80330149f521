"""From a transcript and an essay to timed words, extra speech and an audit."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkcast.alignment.align import align
from inkcast.alignment.alignment import AlignedWord, Alignment
from inkcast.alignment.heard_words import HeardWord
from inkcast.alignment.timing import without_strays
from inkcast.errors import AlignmentError
from inkcast.essays.essay import Block, Essay
from inkcast.options import AlignOptions
from inkcast.speech.transcript import Gap, Segment, Transcript, TranscriptWord
from inkcast.wording.match import Match

DURATION_MS = 600_000
TEXT = (
    "The ferry to the island leaves at seven and it is rarely late. We paid $5 for the crossing, "
    "about 25% more than in 2019. Nobody knows why the lighthouse keeper, old Mr. Tarkovian, painted "
    "his door green. Some say that he lost a bet; others believe he simply liked the colour."
)


def essay_of(*texts: str, kinds: tuple[str, ...] = ()) -> Essay:
    blocks = [
        Block(kind, text)  # type: ignore[arg-type]
        for text, kind in zip(texts, kinds or ("paragraph",) * len(texts), strict=True)
    ]
    return Essay("A title", tuple(blocks), "essay.md", "en")


def read_aloud(text: str, start_ms: int = 1000, word_ms: int = 300, probability: float = 0.95) -> Transcript:
    """A transcript whose n-th word starts at ``start_ms + n * word_ms``, 20 ms apart."""
    words = tuple(
        TranscriptWord(f" {word}", start_ms + n * word_ms, start_ms + (n + 1) * word_ms - 20, probability)
        for n, word in enumerate(text.split())
    )
    return Transcript("en", (Segment(words[0].start_ms, words[-1].end_ms, text, words),), DURATION_MS)


def statuses(alignment: Alignment) -> dict[str, str]:
    return {word.text: word.status for word in alignment.words}


def check_times(words: tuple[AlignedWord, ...]) -> None:
    """No word without length, none over another."""
    spans = sorted((word.start_ms, word.end_ms) for word in words if word.start_ms is not None)
    assert all(start < end for start, end in spans)  # type: ignore[operator]
    assert all(left[1] <= right[0] for left, right in pairwise(spans))  # type: ignore[operator]


def test_a_text_read_as_published() -> None:
    alignment = align(read_aloud(TEXT), essay_of(TEXT))
    assert {word.status for word in alignment.words} == {"spoken"}
    assert [(word.start_ms, word.end_ms) for word in alignment.words] == [
        (1000 + 300 * n, 1280 + 300 * n) for n in range(len(TEXT.split()))
    ]
    assert alignment.extra == ()
    assert alignment.audit.passed
    assert alignment.audit.problems == ()
    assert alignment.audit.coverage == alignment.audit.verified_share == 1.0
    assert alignment.audit.accounted_ms == alignment.audit.speech_ms > 0
    assert alignment.blocks[0].start_ms == 1000
    assert alignment.blocks[0].status == "spoken"


def test_every_word_of_the_essay_has_its_place_in_its_block() -> None:
    essay = essay_of("A title", "Some — words\u00a0here.", "More.", kinds=("title", "paragraph", "caption"))
    alignment = align(read_aloud("A title some words here"), essay)
    assert [word.text for word in alignment.words] == ["A", "title", "Some", "—", "words", "here.", "More."]
    for word in alignment.words:
        assert essay.blocks[word.block].text[word.char_start : word.char_end] == word.text
    assert alignment.words[-1].status == "unspoken"
    assert alignment.words[-1].start_ms is None
    assert alignment.blocks[2].status == "unspoken"


def test_a_written_number_takes_the_time_of_all_its_spoken_words() -> None:
    transcript = read_aloud("it is worth two to ten trillion dollars now")
    alignment = align(transcript, essay_of("It is worth $2-10T now"))
    amount = alignment.words[3]
    assert (amount.status, amount.start_ms, amount.end_ms) == ("spoken", 1900, 1900 + 5 * 300 - 20)


def test_whispers_split_of_a_word_is_undone() -> None:
    parts = [
        (" worth", 0, 300),
        (" $2", 300, 600),
        ("-10T", 600, 1500),
        (" now", 1500, 1800),
        (".", 1800, 1800),
    ]
    words = tuple(TranscriptWord(text, start, end, 0.9) for text, start, end in parts)
    transcript = Transcript("en", (Segment(0, 1800, "worth $2-10T now", words),), 2000)
    alignment = align(transcript, essay_of("worth $2-10T now."))
    assert [(word.start_ms, word.end_ms) for word in alignment.words] == [(0, 300), (300, 1500), (1500, 1800)]


def test_a_replaced_word_is_unspoken_and_what_was_said_is_extra() -> None:
    alignment = align(
        read_aloud("these are open models for everyone here"),
        essay_of("These are public models for everyone here"),
    )
    assert statuses(alignment)["public"] == "unspoken"
    (extra,) = alignment.extra
    assert (extra.after_word, extra.text, extra.start_ms, extra.end_ms) == (1, "open", 1600, 1880)


def test_adlibs_are_extra_with_their_place() -> None:
    spoken = "Hello and welcome. " + TEXT + " Thanks for listening."
    alignment = align(read_aloud(spoken), essay_of(TEXT))
    last = len(alignment.words) - 1
    assert [(extra.after_word, extra.text) for extra in alignment.extra] == [
        (-1, "Hello and welcome."),
        (last, "Thanks for listening."),
    ]
    assert {word.status for word in alignment.words} == {"spoken"}


def test_noise_without_letters_is_no_extra_speech() -> None:
    alignment = align(read_aloud("♪ " + TEXT + " ..."), essay_of(TEXT))
    assert alignment.extra == ()


def test_a_dropped_little_word_is_interpolated_between_its_neighbours() -> None:
    alignment = align(read_aloud(TEXT.replace("leaves at seven", "leaves seven")), essay_of(TEXT))
    words = {word.text: word for word in alignment.words[:8]}
    assert words["at"].status == "interpolated"
    assert words["leaves"].end_ms <= words["at"].start_ms < words["at"].end_ms <= words["seven"].start_ms  # type: ignore[operator]
    assert words["at"].confidence < words["leaves"].confidence
    check_times(alignment.words)


def test_a_sentence_the_transcript_lost_is_interpolated_only_if_its_time_is_empty() -> None:
    first, lost, last = TEXT.split(". ")[0] + ".", "But on Sundays nobody goes there at all.", "We came back."

    def with_gap(gap_ms: int) -> Alignment:
        before = read_aloud(first)
        after = read_aloud(last, start_ms=before.segments[0].end_ms + gap_ms)
        return align(Transcript("en", before.segments + after.segments), essay_of(f"{first} {lost} {last}"))

    assert statuses(with_gap(2800))["Sundays"] == "interpolated"
    assert statuses(with_gap(100))["Sundays"] == "unspoken"
    assert statuses(with_gap(60_000))["Sundays"] == "unspoken"


def test_sections_in_another_order_keep_their_own_times() -> None:
    rng = random.Random(1)
    words = ["".join(rng.choice("bdgklmnprst") + rng.choice("aeiou") for _ in range(3)) for _ in range(90)]
    one, two, three = " ".join(words[:30]), " ".join(words[30:60]), " ".join(words[60:])
    alignment = align(read_aloud(f"{two} {one} {three}"), essay_of(one, two, three))
    assert {word.status for word in alignment.words} == {"spoken"}
    assert [block.start_ms for block in alignment.blocks] == [10_000, 1000, 19_000]
    check_times(alignment.words)


def test_words_without_length_get_some() -> None:
    pile = tuple(TranscriptWord(f" {word}", 5000, 5000, 0.9) for word in TEXT.split())
    alignment = align(Transcript("en", (Segment(5000, 5000, TEXT, pile),)), essay_of(TEXT))
    check_times(alignment.words)


def test_a_pile_of_words_without_length_fails_the_audit() -> None:
    words = TEXT.split()
    timed = tuple(
        TranscriptWord(f" {word}", 1000 + 300 * min(n, 20), 1280 + 300 * n if n < 20 else 7000, 0.9)
        for n, word in enumerate(words)
    )
    alignment = align(Transcript("en", (Segment(0, 8000, TEXT, timed),)), essay_of(TEXT))
    assert not alignment.audit.passed
    assert "shorter than" in alignment.audit.problems[0]
    check_times(alignment.words)


def test_a_transcript_without_word_times_gets_them_by_letters() -> None:
    segments = (Segment(0, 4000, "The ferry leaves at seven."), Segment(4000, 8000, "It is rarely late."))
    alignment = align(Transcript("en", segments), essay_of("The ferry leaves at seven. It is rarely late."))
    assert {word.status for word in alignment.words} == {"spoken"}
    assert all(4000 <= word.start_ms < 8000 for word in alignment.words[5:])  # type: ignore[operator]
    check_times(alignment.words)


def test_a_dash_without_spaces_stands_between_two_words() -> None:
    essay = essay_of("Nobody seemed surprised—My neighbour laughed--twice.")
    heard = "Nobody seemed surprised. My neighbour laughed twice."
    assert [word.start_ms for word in align(read_aloud(heard), essay).words] == list(range(1000, 3100, 300))


def test_words_whose_place_is_of_an_older_essay_are_matched_by_what_they_say() -> None:
    transcript = read_aloud("Small labs matter a lot because they share their recipes with everybody else.")
    words = [replace(word, essay_word=n + 2) for n, word in enumerate(transcript.segments[0].words)]
    transcript = replace(transcript, segments=(replace(transcript.segments[0], words=tuple(words)),))
    essay = essay_of(transcript.segments[0].text, "The end.")
    assert [word.start_ms for word in align(transcript, essay).words if word.status == "spoken"] == [
        word.start_ms for word in words
    ]


def test_another_essay_fails_the_audit_and_says_why() -> None:
    other = "Bread wants flour, water, salt and patience above all, unless you forget them."
    alignment = align(read_aloud(TEXT), essay_of(other))
    assert not alignment.audit.passed
    assert alignment.audit.problems[0].startswith("This essay belongs to another recording")


def test_the_last_part_of_a_long_text_passes_with_a_remark() -> None:
    rng = random.Random(2)
    before = [" ".join("".join(rng.choices("bcdfgaeiou", k=7)) for _ in range(60)) for _ in range(3)]
    alignment = align(read_aloud(TEXT), essay_of(*before, TEXT))
    assert alignment.audit.passed
    assert any("part of it" in problem for problem in alignment.audit.problems)
    assert {word.status for word in alignment.words if word.block == 3} == {"spoken"}


def test_speech_that_nothing_explains_is_a_problem() -> None:
    length = len(TEXT.split()) * 300
    recording: Any = SimpleNamespace(source="", sha256="", speech=((1000, 1000 + 2 * length),))
    alignment = align(read_aloud(TEXT), essay_of(TEXT), recording, AlignOptions(refine=False))
    assert alignment.audit.speech_ms == 2 * length
    assert alignment.audit.accounted_ms == pytest.approx(length, abs=50)
    assert "are unaccounted for" in alignment.audit.problems[0]


def test_audio_that_could_not_be_transcribed_is_a_problem() -> None:
    heard = read_aloud(TEXT)
    transcript = Transcript("en", heard.segments, failed=(Gap(50_000, 80_000, "loop"),))
    problems = align(transcript, essay_of(TEXT)).audit.problems
    assert "0:30 of the audio could not be transcribed" in problems[0]


def test_less_than_a_second_that_could_not_be_transcribed_is_no_problem() -> None:
    heard = read_aloud(TEXT)
    transcript = Transcript("en", heard.segments, failed=(Gap(50_000, 50_900, "loop"),))
    assert align(transcript, essay_of(TEXT)).audit.problems == ()


def interview_of(words: list[str], length: int = 25) -> Essay:
    """Two who take turns."""
    texts = [" ".join(words[at : at + length]) for at in range(0, len(words), length)]
    blocks = [Block("paragraph", text, speaker=("Ann", "Bob")[n % 2]) for n, text in enumerate(texts)]
    return Essay("Talk", tuple(blocks), "talk.md", "en")


def other_words(number: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    return ["".join(rng.choices("bcdfglmnprst", k=4) + rng.choices("aeiou", k=3)) for _ in range(number)]


def edited(said: list[str], dropped: float, added: float) -> list[str]:
    """What was said, smoothed: fillers are gone, and words are there that nobody said."""
    rng, new = random.Random(5), iter(other_words(len(said), 6))
    text = []
    for word in said:
        text += [next(new)] if rng.random() < added else []
        text += [word] if rng.random() >= dropped else []
    return text


@pytest.mark.parametrize(
    ("dropped", "added", "doubts"),
    [
        (0.0, 0.0, ()),
        (0.12, 0.05, ()),
        (0.25, 0.1, ()),
        (0.45, 0.05, ("was said",)),
        (0.1, 0.4, ("were heard",)),
    ],
)
def test_an_interview_is_edited(dropped: float, added: float, doubts: tuple[str, ...]) -> None:
    said = other_words(400, 4)
    alignment = align(read_aloud(" ".join(said)), interview_of(edited(said, dropped, added)))
    assert alignment.audit.passed
    assert len(alignment.audit.problems) == len(doubts)
    for problem, doubt in zip(alignment.audit.problems, doubts, strict=True):
        assert doubt in problem and "edited interview" in problem


@pytest.mark.parametrize("share", [0.0, 0.25, 0.4])
def test_a_transcript_of_another_conversation_fails_even_if_some_of_it_is_the_same(share: float) -> None:
    said, shared = other_words(400, 4), round(400 * share)
    text = edited(said[:shared], 0.1, 0.05) + other_words(400 - shared, 9)
    audit = align(read_aloud(" ".join(said)), interview_of(text)).audit
    assert not audit.passed
    assert audit.problems[0].startswith("This text is of another conversation, or retells it")
    assert "has 85% and 70% at least" in audit.problems[0]


def test_what_stands_before_an_interview_need_not_be_read() -> None:
    said = other_words(400, 4)
    interview = interview_of(edited(said, 0.1, 0.02))
    before = [
        Block("heading", " ".join(other_words(5, 7))),
        Block("paragraph", " ".join(other_words(150, 8))),
    ]
    whole = replace(interview, blocks=(*before, *interview.blocks))
    audit = align(read_aloud(" ".join(said)), whole).audit
    assert audit == align(read_aloud(" ".join(said)), interview).audit
    assert audit.problems == ()


def test_an_excerpt_of_an_interview_passes_with_a_remark() -> None:
    said = other_words(400, 4)
    for text, sound in ((said[:100], said), (said, said[:100])):
        audit = align(read_aloud(" ".join(sound)), interview_of(text)).audit
        assert audit.passed
        assert len(audit.problems) == 1


def test_a_word_of_minutes_fails_the_audit() -> None:
    heard = read_aloud(TEXT).segments[0].words
    last = TranscriptWord(heard[-1].text, heard[-1].start_ms, heard[-1].start_ms + 120_000, 0.9)
    alignment = align(Transcript("en", (Segment(0, 1, TEXT, (*heard[:-1], last)),)), essay_of(TEXT))
    assert not alignment.audit.passed
    assert "One word lasts 120 seconds" in alignment.audit.problems[0]


def test_captions_nobody_reads_do_not_lower_coverage() -> None:
    essay = essay_of(TEXT, "Figure 1: a chart of many things.", kinds=("paragraph", "caption"))
    assert align(read_aloud(TEXT), essay).audit.coverage == 1.0


def test_nothing_to_align_is_an_error() -> None:
    with pytest.raises(AlignmentError, match="no words"):
        align(Transcript("en", ()), essay_of(TEXT))
    with pytest.raises(AlignmentError, match="no words"):
        align(read_aloud(TEXT), Essay("Empty", ()))


def test_the_result_survives_json() -> None:
    alignment = align(read_aloud("Well. " + TEXT), essay_of(TEXT, "Unread."))
    assert Alignment.from_json(json.loads(json.dumps(alignment.to_json()))) == alignment


def made_up(seed: int, count: int = 60) -> str:
    """A paragraph of distinct words, four sentences long."""
    rng = random.Random(seed)
    words = ["".join(rng.choice("bdgklmnprst") + rng.choice("aeiou") for _ in range(3)) for _ in range(count)]
    return ". ".join(" ".join(words[at : at + count // 4]) for at in range(0, count, count // 4)) + "."


def block_statuses(alignment: Alignment) -> list[str]:
    return [block.status for block in alignment.blocks]


def starts(alignment: Alignment, block: int) -> list[int | None]:
    return [word.start_ms for word in alignment.words if word.block == block]


def expected_starts(text: str, heard: str) -> list[int | None]:
    """Where ``read_aloud(heard)`` says the words of ``text``, which it contains once."""
    before = heard[: heard.index(text)].split()
    return [1000 + 300 * (len(before) + n) for n in range(len(text.split()))]


def test_the_same_paragraph_twice_is_found_twice() -> None:
    one, refrain, two = made_up(1), made_up(2), made_up(3)
    alignment = align(read_aloud(f"{one} {refrain} {two} {refrain}"), essay_of(one, refrain, two, refrain))
    assert {word.status for word in alignment.words} == {"spoken"}
    assert [block.start_ms for block in alignment.blocks] == [1000, 19_000, 37_000, 55_000]
    assert alignment.extra == ()


@pytest.mark.parametrize("read", [1, 3])
def test_a_refrain_read_once_is_found_where_it_was_read(read: int) -> None:
    one, refrain, two = made_up(1), made_up(2), made_up(3)
    texts = (one, refrain, two, refrain)
    spoken = [text for place, text in enumerate(texts) if place in (0, 2, read)]
    alignment = align(read_aloud(" ".join(spoken)), essay_of(*texts))
    assert block_statuses(alignment) == [
        "spoken" if place in (0, 2, read) else "unspoken" for place in range(4)
    ]


def test_a_paragraph_said_twice_is_once_the_essays_and_once_extra() -> None:
    one, two = made_up(1), made_up(2)
    alignment = align(read_aloud(f"{one} {two} {two}"), essay_of(one, two))
    assert {word.status for word in alignment.words} == {"spoken"}
    assert [extra.text for extra in alignment.extra] == [two]


@pytest.mark.parametrize("word", ["Hello", "$2-10T", "你好"])
def test_a_text_of_one_word(word: str) -> None:
    alignment = align(read_aloud(word), essay_of(word))
    assert [(found.status, found.start_ms, found.end_ms) for found in alignment.words] == [
        ("spoken", 1000, 1280)
    ]
    assert alignment.audit.passed


def test_one_word_that_nobody_says_fails() -> None:
    alignment = align(read_aloud("something else entirely"), essay_of("Hello"))
    assert [word.status for word in alignment.words] == ["unspoken"]
    assert not alignment.audit.passed


def test_overlapping_words_end_where_the_next_begins() -> None:
    heard = read_aloud(TEXT).segments[0].words
    words = tuple(TranscriptWord(w.text, w.start_ms, w.start_ms + 900, 0.9) for w in heard)
    alignment = align(Transcript("en", (Segment(0, 1, TEXT, words),)), essay_of(TEXT))
    check_times(alignment.words)
    assert starts(alignment, 0) == expected_starts(TEXT, TEXT)


def test_reversed_times_fail_the_audit_and_stay_sound() -> None:
    heard = read_aloud(TEXT).segments[0].words
    words = tuple(
        TranscriptWord(w.text, t.start_ms, t.end_ms, 0.9) for w, t in zip(heard, reversed(heard), strict=True)
    )
    alignment = align(Transcript("en", (Segment(0, 1, TEXT, words),)), essay_of(TEXT))
    check_times(alignment.words)
    assert not alignment.audit.passed
    assert "backwards" in alignment.audit.problems[0]


def test_a_word_that_ends_before_it_starts_gets_length() -> None:
    heard = list(read_aloud(TEXT).segments[0].words)
    heard[5] = TranscriptWord(heard[5].text, heard[5].end_ms, heard[5].start_ms, 0.9)
    alignment = align(Transcript("en", (Segment(0, 1, TEXT, tuple(heard)),)), essay_of(TEXT))
    check_times(alignment.words)
    assert alignment.audit.passed


def test_ten_minutes_without_words_in_the_middle() -> None:
    one, two = made_up(1), made_up(2)
    before, after = read_aloud(one), read_aloud(two, start_ms=19_000 + 600_000)
    alignment = align(Transcript("en", before.segments + after.segments), essay_of(one, two))
    assert {word.status for word in alignment.words} == {"spoken"}
    assert alignment.audit.passed
    assert alignment.blocks[0].end_ms == 1000 + 60 * 300 - 20
    assert alignment.blocks[1].start_ms == 619_000


def test_ten_minutes_that_a_lost_paragraph_does_not_fill_leave_it_unspoken() -> None:
    one, lost, two = made_up(1), made_up(2), made_up(3)
    before, after = read_aloud(one), read_aloud(two, start_ms=619_000)
    alignment = align(Transcript("en", before.segments + after.segments), essay_of(one, lost, two))
    assert block_statuses(alignment) == ["spoken", "unspoken", "spoken"]


def test_an_essay_edited_after_the_recording() -> None:
    kept, cut, added = [made_up(seed) for seed in (1, 2, 3)], made_up(4), made_up(5)
    heard = f"{kept[0]} {cut} {kept[1]} {kept[2]}"
    edited = kept[1].split()
    edited[10] = "quintessence"
    alignment = align(read_aloud(heard), essay_of(kept[0], " ".join(edited), added, kept[2]))
    unspoken = [word.text for word in alignment.words if word.status == "unspoken"]
    assert unspoken == ["quintessence", *added.split()]
    assert [extra.text for extra in alignment.extra] == [cut, kept[1].split()[10]]
    assert starts(alignment, 3) == expected_starts(kept[2], heard)
    assert alignment.audit.passed


@pytest.mark.parametrize("order", [(0, 2, 1), (0, 1, 2), (0, 1), (0,)])
def test_a_footnote_is_found_wherever_it_is_read(order: tuple[int, ...]) -> None:
    """Text, more text, footnote in the essay; the footnote read at its marker, at the end, or not."""
    texts = (made_up(1), made_up(2), made_up(3, 40))
    heard = " ".join(texts[place] for place in order)
    alignment = align(read_aloud(heard), essay_of(*texts, kinds=("paragraph", "paragraph", "footnote")))
    for place, text in enumerate(texts):
        spoken = place in order
        assert block_statuses(alignment)[place] == ("spoken" if spoken else "unspoken")
        if spoken:
            assert starts(alignment, place) == expected_starts(text, heard)
    assert alignment.audit.passed
    assert alignment.audit.coverage == pytest.approx(1.0 if 1 in order else 0.5)


def test_a_short_footnote_read_inside_a_sentence_is_found() -> None:
    first, second = made_up(1), made_up(2)
    note = "Olmo was first, Tarkovian says, and nobody objected."
    words = first.split()
    heard = " ".join([*words[:30], *note.split(), *words[30:], *second.split()])
    alignment = align(
        read_aloud(heard), essay_of(first, second, note, kinds=("paragraph", "paragraph", "footnote"))
    )
    assert {word.status for word in alignment.words} == {"spoken"}
    assert starts(alignment, 2) == expected_starts(note, heard)


@pytest.mark.parametrize("kind", ["heading", "caption", "boilerplate", "code", "title"])
@pytest.mark.parametrize("is_read", [True, False])
def test_a_block_of_any_kind_is_spoken_if_it_is_read(kind: str, is_read: bool) -> None:
    one, middle, two = made_up(1), "Weights, data and the licence question", made_up(2)
    heard = f"{one} {middle} {two}" if is_read else f"{one} {two}"
    alignment = align(read_aloud(heard), essay_of(one, middle, two, kinds=("paragraph", kind, "paragraph")))
    assert block_statuses(alignment) == ["spoken", "spoken" if is_read else "unspoken", "spoken"]
    assert alignment.extra == ()


def test_a_little_word_lost_after_an_unread_block_is_found_again() -> None:
    first, button, second = (
        "Nobody asked them to.",
        "Subscribe to read further.",
        "In the end they all agreed.",
    )
    before = read_aloud(first)
    after = read_aloud("the end they all agreed.", start_ms=3200)
    essay = essay_of(first, button, second, kinds=("paragraph", "boilerplate", "paragraph"))
    alignment = align(Transcript("en", before.segments + after.segments), essay)
    lost = alignment.words[8]
    assert (lost.text, lost.status) == ("In", "interpolated")
    # Beside the word it goes with, behind the pause.
    assert lost.end_ms == 3200 and lost.start_ms is not None and lost.start_ms > 2700
    assert block_statuses(alignment) == ["spoken", "unspoken", "spoken"]


def test_right_to_left_digits_and_emoji_keep_their_spans() -> None:
    text = "\u200fفي عام ٢٠٢٦ 🎉 قال إنّ ٢٥٪ من الناس"
    alignment = align(
        Transcript("ar", read_aloud("في عام 2026 قال إن 25% من الناس").segments),
        Essay("عنوان", (Block("paragraph", text),), "essay.md", "ar"),
    )
    for word in alignment.words:
        assert alignment.blocks[0].text[word.char_start : word.char_end] == word.text
    assert [word.status for word in alignment.words] == ["spoken"] * 3 + ["interpolated"] + ["spoken"] * 5
    check_times(alignment.words)


def test_a_word_that_guided_transcription_did_not_confirm_is_not_inferred() -> None:
    essay = essay_of("As few of us — alas & alack — know today.")
    heard = read_aloud("As of us alas alack know today.").segments[0].words
    known = (0, 2, 3, 5, 7, 9, 10)
    guided = tuple(replace(word, essay_word=index) for word, index in zip(heard, known, strict=True))

    def status(words: tuple[TranscriptWord, ...]) -> list[str]:
        alignment = align(Transcript("en", (Segment(0, 1, "", words),)), essay)
        return [word.status for word in alignment.words]

    assert status(heard)[1] == "interpolated"
    assert status(guided)[1] == "unspoken"
    # Guided transcription is not asked for what has no letters.
    assert [status(guided)[at] for at in (4, 6, 8)] == ["interpolated"] * 3


def test_a_users_readings_are_used() -> None:
    essay = essay_of("We trained the MoE models last year.")
    heard = read_aloud("We trained the mixture of experts models last year.")
    assert statuses(align(heard, essay))["MoE"] == "unspoken"
    found = align(heard, essay, options=AlignOptions({"MoE": ["mixture of experts"]}))
    assert statuses(found)["MoE"] == "spoken"
    assert found.extra == ()


spoken_words = st.lists(
    st.tuples(
        st.sampled_from([*TEXT.split(), "well", "twenty", "five", "—", "♪", "5"]),
        st.integers(0, 20_000),
        st.integers(-50, 2000),
        st.floats(0, 1),
    ),
    min_size=1,
    max_size=60,
)


@given(spoken_words)
@settings(max_examples=80, deadline=None)
def test_any_times_give_sound_times(spoken: list[tuple[str, int, int, float]]) -> None:
    words = tuple(TranscriptWord(f" {text}", start, start + length, p) for text, start, length, p in spoken)
    if not any(text.strip("—♪") for text, *_ in spoken):
        return
    essay = essay_of(TEXT)
    alignment = align(Transcript("en", (Segment(0, 1, "", words),)), essay)
    check_times(alignment.words)
    assert [word.text for word in alignment.words] == TEXT.split()
    for word in alignment.words:
        assert (word.status == "unspoken") == (word.start_ms is None) == (word.end_ms is None)
        assert 0.0 <= word.confidence <= 1.0
    for extra in alignment.extra:
        assert -1 <= extra.after_word < len(alignment.words)
        assert extra.start_ms < extra.end_ms
    assert 0.0 <= alignment.audit.coverage <= 1.0 and 0.0 <= alignment.audit.verified_share <= 1.0


def test_a_word_seconds_before_the_rest_of_its_sentence_is_doubted():
    def word(text: str, at_s: int) -> HeardWord:
        return HeardWord(text, 1000 * at_s, 1000 * at_s + 400, 0.9)

    essay = ["Claude", "is", "better", "than", "it", "was.", "It", "is"]
    far = [word("Claude", 1), word("hello", 3), *(word(text, 26 + i) for i, text in enumerate(essay[1:]))]
    matches = [Match(0, range(1), 0, 1, 1.0)]
    matches += [Match(i, range(i + 1, i + 2), 0, 1, 1.0) for i in range(1, len(essay))]
    assert [match.essay for match in without_strays(matches, far, essay, [0] * 8)] == list(range(1, 8))
    # A title stands alone, and music follows it; a sentence may end before a remark.
    assert len(without_strays(matches, far, essay, [0, *[1] * 7])) == 8
    assert len(without_strays(matches, far, ["Claude.", *essay[1:]], [0] * 8)) == 8
    near = [word("Claude", 24), word("hello", 25), *far[2:]]
    assert len(without_strays(matches, near, essay, [0] * 8)) == 8


def test_verified_words_keep_their_seats_where_the_essay_has_changed():
    """And a word that was judged not to be there does not come back because others moved."""
    old = ["The", "very", "big", "cat", "sat", "on", "the", "very", "mat", "and", "the", "dog", "saw", "it"]
    heard = [(at, word) for at, word in enumerate(old) if at not in (1, 7)]
    words = tuple(
        TranscriptWord(f" {word}", 300 * n, 300 * n + 250, 0.9, at) for n, (at, word) in enumerate(heard)
    )
    transcript = Transcript("en", (Segment(0, 300 * len(words), "", words),), 300 * len(words))
    for new in ("Well, one more: the", "The"):
        text = " ".join([new, *old[1:]]).replace("sat", "saat")
        done = align(transcript, Essay("", (Block("paragraph", text),)))
        unspoken = [word.text for word in done.words if word.status == "unspoken"]
        assert unspoken == [*(["Well,", "one", "more:"] if new != "The" else []), "very", "very"]
