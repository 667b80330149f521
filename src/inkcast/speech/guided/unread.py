"""Titles, headings and other short blocks that nobody reads, though the text around them is read.

The model gives their words the pause before the next sentence, and finds that sentence's first words
improbable. So the window is read once more without them, and the likelier reading counts: a comparison of
two hypotheses on the same sound.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, takewhile

from inkcast.speech.decoding.window import Window
from inkcast.speech.guided.judge import (
    FASTEST_LETTER_MS,
    FOLLOWING_NATS,
    JudgedWord,
    excess_speech_ms,
    followed,
    likelihood,
)

# docs/guided.md, headings that nobody reads: where the evidence for a block lies that was read, and for
# one that was not; what a word says at most; and how many words behind a block tell of it at least.
_READ_NATS = -5.0
_LEAST_WORD_NATS = -9.0
_WORDS_BEHIND = 3
# Not measured: chosen by hand.
_MOST_BLOCKS = 4


def may_be_unread(
    judged: Sequence[JudgedWord], headings: frozenset[int], window: Window
) -> list[frozenset[int]]:
    """Sets of neighbouring blocks without which the window may be likelier.

    Args:
        judged: the words that were looked for in the window, in order.
        headings: the blocks that may be passed over.
        window: the audio.
    """
    count = followed(judged, window)
    blocks = [block for block, _ in groupby(word.word.block for word in judged)]
    return [
        run
        for first, block in enumerate(blocks)
        if block in headings
        for run in _runs(blocks[first:], headings)
        if _is_reached(judged, run, count) and _least_evidence(judged, run) < _READ_NATS
    ]


def _runs(blocks: Sequence[int], headings: frozenset[int]) -> Iterator[frozenset[int]]:
    """The first block alone, and with those behind it that are headings, too."""
    for count in range(1, min(_MOST_BLOCKS, len(blocks)) + 1):
        if blocks[count - 1] not in headings:
            return
        yield frozenset(blocks[:count])


def _is_reached(judged: Sequence[JudgedWord], run: frozenset[int], count: int) -> bool:
    """Whether the blocks lie between words of the window, or nothing else could be found in it.

    What lies behind its last words is for the next window to judge.
    """
    span = _span(judged, run)
    is_between = span.stop < count or (span.start == 0 and count == 0)
    return is_between and not judged[span.start].word.follows_in_block


def likeliest(
    judged: Sequence[JudgedWord],
    runs: Sequence[frozenset[int]],
    without: Sequence[list[JudgedWord]],
    window: Window,
) -> int | None:
    """Which of some sets of blocks was not read; None if all were, as far as can be told.

    Args:
        judged: the words that were looked for, with all of these blocks.
        runs: of ``may_be_unread``.
        without: the words that were looked for without each of them.
        window: the audio.
    """
    evidence = {
        index: _evidence(judged, run, other)
        for index, (run, other) in enumerate(zip(runs, without, strict=True))
        if _explains(judged, run, other, window)
    }
    best = min(evidence, key=evidence.__getitem__, default=None)
    return best if best is not None and evidence[best] < _READ_NATS else None


def _explains(
    judged: Sequence[JudgedWord], run: frozenset[int], other: Sequence[JudgedWord], window: Window
) -> bool:
    """Whether the reader goes on behind the blocks, and too little speech is left to say them in."""
    span = _span(judged, run)
    before = max(0, span.start - 1)
    left_ms = _unexplained_ms(other[before : span.start + 1], window)
    left_ms -= _unexplained_ms(judged[before : span.stop + 1], window)
    letters = sum(len(word.word.key) for word in judged[span.start : span.stop])
    # One word alone, "The", is also what some other sentence may begin with.
    goes_on = followed(other, window) >= min(span.start + _WORDS_BEHIND, len(other))
    return goes_on and left_ms < letters * FASTEST_LETTER_MS


def _unexplained_ms(words: Sequence[JudgedWord], window: Window) -> int:
    return sum(max(0, excess_speech_ms(window, word)) for word in words)


def _evidence(judged: Sequence[JudgedWord], run: frozenset[int], other: Sequence[JudgedWord]) -> float:
    """For the blocks having been read, in nats: of their own words, and of those right behind them."""
    span = _span(judged, run)
    return _least_evidence(judged, run) - sum(map(_nats, other[span.start :][: _n_behind(judged, span)]))


def _least_evidence(judged: Sequence[JudgedWord], run: frozenset[int]) -> float:
    """The evidence if the words behind the blocks were certain without them."""
    span = _span(judged, run)
    own = sum(_nats(word) - FOLLOWING_NATS for word in judged[span.start : span.stop])
    return own + sum(map(_nats, judged[span.stop :][: _n_behind(judged, span)]))


def _n_behind(judged: Sequence[JudgedWord], span: range) -> int:
    """How many words to ask behind the blocks: all of them that say the blocks' own words again."""
    pairs = zip(judged[span.start : span.stop], judged[span.stop :], strict=False)
    again = sum(1 for _ in takewhile(lambda pair: pair[0].word.key == pair[1].word.key, pairs))
    return max(_WORDS_BEHIND, again)


def _span(judged: Sequence[JudgedWord], run: frozenset[int]) -> range:
    """Where the words of some blocks stand."""
    places = [index for index, word in enumerate(judged) if word.word.block in run]
    return range(places[0], places[-1] + 1)


def _nats(word: JudgedWord) -> float:
    return likelihood(word, _LEAST_WORD_NATS)
