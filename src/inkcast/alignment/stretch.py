"""A few words of an alignment found anew, between borders that are known; the rest stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from inkcast.alignment.alignment import Alignment
from inkcast.alignment.forced_aligner import AlignsStretches, ExpectedWord, ForcedAligner
from inkcast.alignment.timing import divide
from inkcast.audio.recording import Recording
from inkcast.audio.spans import Span
from inkcast.wording.verbalize import first_reading


def locate(
    texts: Sequence[str],
    within: Span,
    alignment: Alignment,
    recording: Recording | None = None,
    aligner: ForcedAligner | None = None,
) -> list[Span]:
    """Find words that are said one after the other between two times.

    It takes hundredths of a second once the recording was heard: the first call learns the narrator's voice,
    in seconds, and the aligner keeps that for later ones.

    Args:
        texts: words as written, at least one.
        within: where the first begins at the earliest and the last ends at the latest, in ms.
        alignment: all that is said in the recording.
        recording: the audio; without it, or without an aligner, the time is divided by letters.
        aligner: for its language.

    Returns:
        A span for each word, one after the other, none empty where there is 1 ms for each.

    Raises:
        AudioError: the recording cannot be read.
    """
    language = alignment.language or "en"
    sizes = [sum(map(len, first_reading(text, language))) + 1 for text in texts]
    rough = divide(*within, sizes)
    if recording is None or not isinstance(aligner, AlignsStretches):
        return rough
    words = [ExpectedWord(text, *span) for text, span in zip(texts, rough, strict=True)]
    located = aligner.align_stretch(words, within, _others(alignment, within), recording)
    return _fill([located.spans.get(at) for at in range(len(texts))], sizes, within)


def _others(alignment: Alignment, within: Span) -> list[ExpectedWord]:
    """What is said before and after the stretch."""
    words = [
        ExpectedWord(word.text, word.start_ms, word.end_ms, word.status == "interpolated")
        for word in alignment.words
        if word.start_ms is not None and word.end_ms is not None
    ]
    for extra in alignment.extra:
        texts = extra.text.split()
        spans = divide(extra.start_ms, extra.end_ms, [len(text) for text in texts]) if texts else ()
        words += [ExpectedWord(text, *span, True) for text, span in zip(texts, spans, strict=True)]
    return sorted(
        (word for word in words if not within[0] <= (word.start_ms + word.end_ms) / 2 < within[1]),
        key=lambda word: word.start_ms,
    )


def _fill(found: Sequence[Span | None], sizes: Sequence[int], within: Span) -> list[Span]:
    """Give words that were not found what lies between those that were, and let none leave the stretch."""
    start, end = within
    clipped = [span and (max(start, span[0]), min(end, span[1])) for span in found]
    known = [span if span and span[0] < span[1] else None for span in clipped]
    spans: list[Span] = []
    for is_found, run in groupby(range(len(known)), key=lambda at: known[at] is not None):
        places = list(run)
        if is_found:
            spans += (span for at in places if (span := known[at]) is not None)
            continue
        after = known[places[-1] + 1] if places[-1] + 1 < len(known) else None
        first, last = spans[-1][1] if spans else start, after[0] if after else end
        if last - first < len(places):
            return divide(start, end, sizes)
        spans += divide(first, last, [sizes[at] for at in places])
    return spans
