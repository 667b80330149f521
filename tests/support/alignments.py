"""Alignments for tests: an essay, and times that are known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from inkcast.alignment.alignment import AlignedBlock, AlignedWord, Alignment, AudioFacts, Audit, Extra
from inkcast.essays.essay import Block, Essay, EssayWord

Times = tuple[int, int] | None
"""When a word starts and when it ends, in milliseconds; None: nobody reads it."""

WORD_MS = 400
PASSED = Audit(9_000, 9_000, 0.97, 0.98, True, ())


def essay_of(*blocks: Block, source: str = "", language: str = "en") -> Essay:
    """The title "Small labs" (words 0 and 1), and blocks."""
    return Essay("Small labs", (Block("title", "Small labs"), *blocks), source, language)


def align(
    essay: Essay,
    *,
    unspoken: Sequence[int] = (),
    extra: tuple[Extra, ...] = (),
    audit: Audit = PASSED,
    word_ms: int = WORD_MS,
    source: str = "a.mp3",
    duration_ms: int = 60_000,
) -> Alignment:
    """Word ``i`` starts at ``i * word_ms`` and takes three quarters of it, but for the ``unspoken`` ones."""
    starts = [None if i in unspoken else i * word_ms for i, _ in enumerate(essay.words())]
    times = [None if at is None else (at, at + word_ms * 3 // 4) for at in starts]
    return align_at(essay, times, extra=extra, audit=audit, source=source, duration_ms=duration_ms)


def align_at(
    essay: Essay,
    times: Sequence[Times],
    *,
    extra: tuple[Extra, ...] = (),
    audit: Audit = PASSED,
    source: str = "a.mp3",
    duration_ms: int = 60_000,
) -> Alignment:
    """Each word of the essay at its time."""
    words = tuple(_word(word, when) for word, when in zip(essay.words(), times, strict=True))
    of_block: dict[int, list[AlignedWord]] = defaultdict(list)
    for word in words:
        of_block[word.block].append(word)
    blocks = tuple(_block(block, of_block[n]) for n, block in enumerate(essay.blocks))
    return Alignment(AudioFacts("0" * 64, duration_ms, source), None, blocks, words, extra, audit)


def _word(word: EssayWord, when: Times) -> AlignedWord:
    start_ms, end_ms = when or (None, None)
    status = "spoken" if when else "unspoken"
    return AlignedWord(word.text, word.block, word.char_start, word.char_end, status, start_ms, end_ms, 0.9)


def _block(block: Block, words: Sequence[AlignedWord]) -> AlignedBlock:
    spoken = [word for word in words if word.status == "spoken"]
    start_ms, end_ms = (spoken[0].start_ms, spoken[-1].end_ms) if spoken else (None, None)
    status = "spoken" if spoken else "unspoken"
    return AlignedBlock(block.kind, block.text, start_ms, end_ms, status, block.speaker)
