"""Essay words moved to where an aligner finds their sounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from inkcast.alignment.forced_aligner import ExpectedWord, ForcedAligner
from inkcast.alignment.heard_words import HeardWord
from inkcast.alignment.timing import SHORTEST_MS, Placed, divide, separate
from inkcast.audio.recording import Recording
from inkcast.audio.spans import Span
from inkcast.on_progress import OnProgress, tell_nobody


def refine(
    placed: Sequence[Placed],
    essay: Sequence[str],
    sizes: Sequence[int],
    extra: Sequence[HeardWord],
    recording: Recording,
    aligner: ForcedAligner,
    progress: OnProgress = tell_nobody,
) -> list[Placed]:
    """Move words to where their sounds are.

    Args:
        placed: words in order, most of them right within a few hundred milliseconds.
        essay: words as written.
        sizes: letters that each essay word has when spoken; 0 for symbols that have no sound.
        extra: heard words that the essay does not have.
        recording: the audio.
        aligner: for its language.
        progress: told what the aligner tells.

    Returns:
        The words in the same order, none overlapping the next. What cannot be found keeps its time;
        what was inferred and has no sound is left out.

    Raises:
        AudioError: the recording cannot be read.
    """
    line = _line(placed, essay, sizes, extra)
    located = aligner.align([word for word, _ in line], recording, progress)
    places = [place for _, place in line]
    absent = {places[index] for index in located.absent}
    times = {place: span for index, span in located.spans.items() if (place := places[index]) is not None}
    kept = [index for index in range(len(placed)) if index not in absent]
    return _in_order([placed[index] for index in kept], [times.get(index) for index in kept], sizes)


def _line(
    placed: Sequence[Placed], essay: Sequence[str], sizes: Sequence[int], extra: Sequence[HeardWord]
) -> list[tuple[ExpectedWord, int | None]]:
    """All that has a sound, in order, each with its index among the placed."""
    words: list[tuple[ExpectedWord, int | None]] = [
        (ExpectedWord(essay[item.word], item.start_ms, item.end_ms, item.status == "interpolated"), index)
        for index, item in enumerate(placed)
        if sizes[item.word]
    ]
    # Models hear what nobody said, too.
    words += [(ExpectedWord(word.text, word.start_ms, word.end_ms, True), None) for word in extra]
    return sorted(words, key=lambda word: word[0].start_ms)


def _in_order(placed: Sequence[Placed], times: Sequence[Span | None], sizes: Sequence[int]) -> list[Placed]:
    """Give the words that were found their times, and the others what lies between those."""
    items = [
        item if span is None else replace(item, start_ms=span[0], end_ms=span[1])
        for item, span in zip(placed, times, strict=True)
    ]
    for is_found, run in groupby(range(len(items)), key=lambda index: times[index] is not None):
        if not is_found:
            _fit(items, list(run), sizes)
    return separate(items, sizes)


def _fit(items: list[Placed], run: Sequence[int], sizes: Sequence[int]) -> None:
    """Move the items of ``run`` between their neighbours, or shorten the one before to make room."""
    before, after = run[0] - 1, run[-1] + 1
    start = items[before].end_ms if before >= 0 else 0
    end = items[after].start_ms if after < len(items) else max(start, items[run[-1]].end_ms)
    need = SHORTEST_MS * len(run)
    if end - start < need and before >= 0:
        start = max(end - need, (items[before].start_ms + items[before].end_ms) // 2)
        items[before] = replace(items[before], end_ms=start)
    letters = [sizes[items[index].word] for index in run]
    if end - start <= 2 * need or not any(letters):
        spans = divide(start, end, [size + 1 for size in letters])
    else:
        old = (items[index] for index in run)
        spans = [(min(max(item.start_ms, start), end), min(max(item.end_ms, start), end)) for item in old]
    for index, (first, last) in zip(run, spans, strict=True):
        items[index] = replace(items[index], start_ms=first, end_ms=last)
