"""Which voice says what, by time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence

from inkcast.alignment.heard_words import hear
from inkcast.audio.spans import Span
from inkcast.speech.transcript import Transcript

# Words begin and end a little beside their sound; farther away it is somebody else's turn.
_NEAR_MS = 500
_LONGEST_WORD_MS = 5_000


def has_speakers(transcript: Transcript) -> bool:
    """Whether it says of anything who says it."""
    return any(
        segment.speaker or any(word.speaker for word in segment.words) for segment in transcript.segments
    )


def said_by(transcript: Transcript, spans: Sequence[Span]) -> list[str]:
    """The speaker of each span: whose words fill most of it, else whose are next to it, else "".

    Args:
        transcript: words, or segments, with speakers.
        spans: (start_ms, end_ms), in any order.
    """
    if not has_speakers(transcript):
        return [""] * len(spans)
    heard = sorted((word.start_ms, word.end_ms, word.speaker) for word in hear(transcript))
    starts = [start for start, _, _ in heard]

    def speaker_of(start: int, end: int) -> str:
        first = bisect_left(starts, start - _LONGEST_WORD_MS)
        around = heard[first : bisect_right(starts, end + _NEAR_MS)]
        shares: Counter[str] = Counter()
        near: list[tuple[int, str]] = []
        for left, right, speaker in around:
            shared_ms = min(end, right) - max(start, left)
            if shared_ms > 0:
                shares[speaker] += shared_ms
            near.append((-shared_ms, speaker))
        if shares:
            return shares.most_common(1)[0][0]
        distance, speaker = min(near, default=(_NEAR_MS + 1, ""))
        return speaker if distance <= _NEAR_MS else ""

    return [speaker_of(start, end) for start, end in spans]
