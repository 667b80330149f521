"""The alignment of an essay whose spelling was mended: no word was put in or taken out that anybody says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rapidfuzz.distance import Indel, Levenshtein

from inkcast.alignment.align import summarise_blocks
from inkcast.alignment.alignment import AlignedWord, Alignment
from inkcast.alignment.audit import coverage_of
from inkcast.essays.essay import BlockKind, Essay, EssayWord
from inkcast.wording.normal import fold

# Not measured: chosen by hand. A word that is less like what stood there may be another one.
_LIKE = 0.6
# Fewer new words may have been said between two others, and a transcript has lost them; nobody reads faster.
_FEWEST_WORDS = 4
# If the share of the essay that is read changes by more, there is more to be said of it.
_MOST_SHARE = 0.05
_LEAST_MS_PER_LETTER = 40


def carried_over(old: Alignment, essay: Essay) -> Alignment | None:
    """Give the words of an essay the times that they had before it was edited.

    Only where that is all there is to do: words are spelled otherwise, or passages that nobody reads have
    changed. So a typo moves no other word, and nothing has to be heard.

    Args:
        old: of the same recording and transcript.
        essay: as it is now.

    Returns:
        None if the essay has to be aligned again.
    """
    if essay.language and essay.language != old.language:
        return None
    now = list(essay.words())
    before = [word.text for word in old.words]
    seats: dict[int, int] = {}  # of the old words
    words: list[AlignedWord] = []
    kept: list[tuple[AlignedWord, AlignedWord]] = []
    for step in Levenshtein.opcodes(before, [word.text for word in now]):
        was, new = old.words[step.src_start : step.src_end], now[step.dest_start : step.dest_end]
        seats |= {step.src_start + at: step.dest_start + min(at, len(new) - 1) for at in range(len(was))}
        if len(was) == len(new) and all(map(_is_same, was, new)):
            pairs = [(word, _moved(word, place)) for word, place in zip(was, new, strict=True)]
            kept += pairs
            words += (word for _, word in pairs)
        elif _is_silent(old, step.src_start, was) and (was or _has_no_room(old, step.src_start, new)):
            words += (_unspoken(place) for place in new)
        else:
            return None
    if any(_kind(old, was) != essay.blocks[new.block].kind for was, new in kept):
        return None  # what is seldom read counts otherwise
    coverage = round(coverage_of(essay, words), 4)
    if abs(coverage - old.audit.coverage) > _MOST_SHARE:
        return None
    extra = tuple(replace(one, after_word=seats.get(one.after_word, -1)) for one in old.extra)
    facts = replace(old.audit, coverage=coverage)
    voices = {new.block: old.blocks[was.block].speaker for was, new in kept}
    speakers = [block.speaker or voices.get(at, "") for at, block in enumerate(essay.blocks)]
    blocks = summarise_blocks(essay, words, speakers)
    return replace(old, words=tuple(words), extra=extra, blocks=blocks, audit=facts)


def _is_same(word: AlignedWord, now: EssayWord) -> bool:
    """Whether it is the same word, perhaps spelled otherwise; another number never is."""
    old, new = fold(word.text), fold(now.text)
    has_digits = any(map(str.isdigit, old + new))
    return old == new or (not has_digits and Indel.normalized_similarity(old, new) >= _LIKE)


def _kind(alignment: Alignment, word: AlignedWord) -> BlockKind:
    return alignment.blocks[word.block].kind


def _is_silent(old: Alignment, first: int, words: Sequence[AlignedWord]) -> bool:
    """Whether nothing was heard in the place of some words; if something was, it may be the new ones."""
    is_said = any(first - 1 <= one.after_word < first + len(words) for one in old.extra)
    return not is_said and all(word.status == "unspoken" for word in words)


def _has_no_room(old: Alignment, first: int, new: Sequence[EssayWord]) -> bool:
    """Whether a new passage cannot have been read in the time before the word ``first``."""
    ends = (end for word in reversed(old.words[:first]) if (end := word.end_ms) is not None)
    starts = (start for word in old.words[first:] if (start := word.start_ms) is not None)
    free_ms = next(starts, old.audio.duration_ms) - next(ends, 0)
    letters = sum(len(fold(word.text)) for word in new)
    return len(new) >= _FEWEST_WORDS and 0 <= free_ms < _LEAST_MS_PER_LETTER * letters


def _unspoken(word: EssayWord) -> AlignedWord:
    place = word.block, word.char_start, word.char_end
    return AlignedWord(word.text, *place, "unspoken", None, None, 0.0)


def _moved(word: AlignedWord, now: EssayWord) -> AlignedWord:
    return replace(word, text=now.text, block=now.block, char_start=now.char_start, char_end=now.char_end)
