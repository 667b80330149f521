"""Pauses of which transcript, sound and punctuation agree between which words they are."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from inkcast.alignment.forced_aligner import ExpectedWord
from inkcast.alignment.self_trained.search_windows import Windows
from inkcast.audio.spans import Span
from inkcast.essays.punctuation import ends_in_punctuation

# A pause is trusted to lie between two words whose times say so within this much.
_TRUSTED_MS = 350
# The words' sounds may reach this far into the pause.
_MARGIN_MS = 250


@dataclass(frozen=True, slots=True)
class Pause:
    """Until when the words before ``before`` end at the latest, and from when on that one may start."""

    before: int
    words_end_ms: int
    word_starts_ms: int


def trusted_pauses(words: Sequence[ExpectedWord], speech: Sequence[Span]) -> Iterator[Pause]:
    """The pauses between stretches of speech that no word can be on the wrong side of.

    Args:
        words: in order, roughly where they are.
        speech: spans of the recording.
    """
    starts = [word.start_ms for word in words]
    for (_, silent), (sound, _) in pairwise(speech):
        before = _word_after(words, starts, (silent, sound))
        if before is not None:
            end, start = min(sound, silent + _MARGIN_MS), max(silent, sound - _MARGIN_MS)
            yield Pause(before, end, start)


def keep_apart(windows: Windows, at: int, pause: Pause) -> None:
    """Narrow the windows of the words before ``at``, and of those from it on, to their side of the pause."""
    windows[:at, 3] = np.maximum(windows[:at, 0], np.minimum(windows[:at, 3], pause.words_end_ms))
    windows[at:, 0] = np.minimum(windows[at:, 3], np.maximum(windows[at:, 0], pause.word_starts_ms))


def _word_after(words: Sequence[ExpectedWord], starts: Sequence[int], pause: Span) -> int | None:
    """Index of the word that ends the pause, if there is no doubt which it is."""
    near = range(
        max(1, bisect_left(starts, pause[0] - _TRUSTED_MS)),
        min(len(words), bisect_right(starts, pause[1] + _TRUSTED_MS)),
    )
    doubts = {
        index: abs(words[index - 1].end_ms - pause[0]) + abs(words[index].start_ms - pause[1])
        for index in near
    }
    best = min(doubts, key=doubts.__getitem__, default=None)
    if best is None or doubts[best] > _TRUSTED_MS:
        return None
    # A pause one word beside a clause's end is more likely at that end than where it was heard.
    around = [ends_in_punctuation(word.text) for word in words[max(0, best - 2) : best + 1]]
    return best if around[-2] or not any(around) else None
