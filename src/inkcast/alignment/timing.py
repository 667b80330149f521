"""When each essay word is spoken: times from the heard words, made monotone and never empty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from statistics import median

from inkcast.alignment.alignment import Status
from inkcast.alignment.heard_words import HeardWord
from inkcast.essays.punctuation import ends_in_stop
from inkcast.wording.match import Match
from inkcast.wording.normal import is_speech

# Not measured: chosen by hand.
_USUAL_MS_PER_LETTER = 65.0
_STOP_PAUSE_MS = 400
_LONG_PAUSE_MS = 1000
_FAR_MS = 4000
# Shares of the usual time that words may be squeezed or stretched to.
_TIGHTEST_SHARE = 0.6
_LOOSEST_SHARE = 1.5
# An inferred time is worth this much of its neighbours' confidence.
_INFERRED_SHARE = 0.4
# Below this a word's time says nothing: it shares its neighbour's.
SHORTEST_MS = 20
_MOST_DROPPED_WORDS = 3
_MOST_UNHEARD_WORDS = 60
_LITTLE_WORD_LETTERS = 3


@dataclass(frozen=True, slots=True)
class Placed:
    """Essay word ``word`` is spoken at ``start_ms`` .. ``end_ms``."""

    word: int
    start_ms: int
    end_ms: int
    status: Status
    confidence: float


def place(
    matches: Sequence[Match],
    heard: Sequence[HeardWord],
    essay: Sequence[str],
    sizes: Sequence[int],
    blocks: Sequence[int],
) -> list[Placed]:
    """Time the matched words, and those between them that the transcript merely left out.

    Args:
        matches: in heard order.
        heard: what the matches point to.
        essay: words as written.
        sizes: letters that each essay word has when spoken.
        blocks: of each essay word.

    Returns:
        Placed words in the order of the recording, one after the other: none overlaps, none is empty.
    """
    placed = [_time(match, heard) for match in matches]
    room = _Room(essay, sizes, _pace(placed, sizes))
    filled = placed[:1]
    for right, (before, after) in zip(placed[1:], pairwise(matches), strict=True):
        left = filled[-1]
        missing: Sequence[int] = ()
        if after.heard.start <= before.heard.stop:
            ends = heard[before.heard[-1]], heard[after.heard[0]]
            # Guided transcription judged each word between two that it verified: it was not there.
            # Dashes, "&" and the like are no words to judge.
            is_judged = all(word.essay_word is not None for word in ends) and any(
                is_speech(essay[word]) for word in range(left.word + 1, right.word)
            )
            guesses = _dropped(left.word, right.word, blocks, is_judged)
            missing = next((words for words in guesses if room.fits(left, right, words)), ())
        filled[-1:] = room.share(left, right, missing)
    return separate(filled, sizes)


def without_strays(
    matches: Sequence[Match], heard: Sequence[HeardWord], essay: Sequence[str], blocks: Sequence[int]
) -> list[Match]:
    """Doubt a word in the middle of a sentence that was heard seconds before the rest of it.

    What was said between is none of the essay: the reader said the word in a remark, and again in its place.

    Args:
        matches: in heard order.
        heard: what the matches point to.
        essay: words as written.
        blocks: of each essay word.
    """

    def is_far(first: Match, second: Match) -> bool:
        return heard[second.heard.start].start_ms - heard[first.heard[-1]].end_ms > _FAR_MS

    def is_stray(at: int) -> bool:
        match, after = matches[at], matches[at + 1]
        goes_on = after.essay == match.essay + 1 and blocks[after.essay] == blocks[match.essay]
        if not goes_on or not is_far(match, after) or after.heard.start == match.heard.stop:
            return False
        before = matches[at - 1] if at else None
        follows = before is not None and before.essay == match.essay - 1 and not is_far(before, match)
        return not follows and not ends_in_stop(essay[match.essay], colon=True)

    return [match for at, match in enumerate(matches) if at + 1 == len(matches) or not is_stray(at)]


def _dropped(left: int, right: int, blocks: Sequence[int], is_judged: bool) -> Iterator[Sequence[int]]:
    """Words that the transcript may have lost: all between, or few around blocks that nobody read."""
    between = range(left + 1, right)
    if between and not is_judged:
        yield between
    if blocks[left] == blocks[right]:
        return
    ending = [word for word in between if blocks[word] == blocks[left]]
    beginning = [word for word in between if blocks[word] == blocks[right]]
    for words in ([*ending, *beginning], beginning, ending):
        if 0 < len(words) <= _MOST_DROPPED_WORDS:
            yield words


def _time(match: Match, heard: Sequence[HeardWord]) -> Placed:
    first, last = heard[match.heard[0]], heard[match.heard[-1]]
    start = first.start_ms + round(match.starts * (first.end_ms - first.start_ms))
    end = last.start_ms + round(match.ends * (last.end_ms - last.start_ms))
    probability = sum(heard[index].probability for index in match.heard) / len(match.heard)
    confidence = round(min(1.0, probability * match.quality), 4)
    return Placed(match.essay, start, max(start, end), "spoken", confidence)


def _pace(placed: Sequence[Placed], sizes: Sequence[int]) -> float:
    """The reader's usual milliseconds per letter, the gap after a word counted as one letter."""
    paces = [(item.end_ms - item.start_ms) / (sizes[item.word] + 1) for item in placed]
    return median(paces) or _USUAL_MS_PER_LETTER if paces else _USUAL_MS_PER_LETTER


class _Room:
    """Whether words that were not heard may have been said between two that were, and where."""

    def __init__(self, essay: Sequence[str], sizes: Sequence[int], pace: float) -> None:
        self.essay, self.sizes, self.pace = essay, sizes, pace

    def _expected(self, words: Iterable[int]) -> float:
        return self.pace * sum(self.sizes[word] + 1 for word in words)

    def _excess(self, item: Placed) -> float:
        return max(0.0, item.end_ms - item.start_ms - self._expected([item.word]))

    def fits(self, left: Placed, right: Placed, missing: Sequence[int]) -> bool:
        """A dropped little word nearly always does; a sentence only if its time was left empty."""
        gap, expected = right.start_ms - left.end_ms, self._expected(missing)
        letters = sum(self.sizes[word] for word in missing)
        pauses = sum(ends_in_stop(self.essay[word], colon=True) for word in (left.word, *missing))
        free = gap - _STOP_PAUSE_MS * pauses
        if gap > 3 * expected + _LONG_PAUSE_MS or len(missing) > _MOST_UNHEARD_WORDS:
            return False
        if letters <= _LITTLE_WORD_LETTERS:
            return True
        if len(missing) <= _MOST_DROPPED_WORDS:
            return free + self._excess(left) + self._excess(right) >= _TIGHTEST_SHARE * expected
        return _TIGHTEST_SHARE <= free / expected <= 1 / _TIGHTEST_SHARE

    def share(self, left: Placed, right: Placed, missing: Sequence[int]) -> list[Placed]:
        """``left``, the missing words and ``right``; what the gap lacks is taken from the two."""
        if not missing:
            return [left, right]
        lack = max(0.0, _TIGHTEST_SHARE * self._expected(missing) - (right.start_ms - left.end_ms))
        lengths = left.end_ms - left.start_ms, right.end_ms - right.start_ms
        spare = self._excess(left), self._excess(right)
        if sum(spare) < lack:
            spare = lengths
        take = [
            round(min(lack * part / (sum(spare) or 1), length / 2))
            for part, length in zip(spare, lengths, strict=True)
        ]
        left = replace(left, end_ms=left.end_ms - take[0])
        right = replace(right, start_ms=right.start_ms + take[1])
        confidence = round(_INFERRED_SHARE * min(left.confidence, right.confidence), 4)
        start, end = self._beside_pause(left, right, missing)
        spans = divide(start, end, [self.sizes[word] + 1 for word in missing])
        between = [
            Placed(word, start, end, "interpolated", confidence)
            for word, (start, end) in zip(missing, spans, strict=True)
        ]
        return [left, *between, right]

    def _beside_pause(self, left: Placed, right: Placed, missing: Sequence[int]) -> tuple[int, int]:
        """Where between the two the missing words lie: on their own side of a sentence's end."""
        start, end = left.end_ms, right.start_ms
        length = min(end - start, round(_LOOSEST_SHARE * self._expected(missing)))
        if ends_in_stop(self.essay[missing[0] - 1], colon=True):
            return end - length, end
        if ends_in_stop(self.essay[missing[-1]], colon=True):
            return start, start + length
        return start, end


def divide(start: int, end: int, sizes: Sequence[int]) -> list[tuple[int, int]]:
    """Cut a span into adjoining parts by size, each 1 ms or longer where the span has room."""
    end = max(start, end)
    base = 1 if end - start >= len(sizes) else 0
    rest, total, done = end - start - base * len(sizes), sum(sizes), 0
    borders = [start]
    for index, size in enumerate(sizes, 1):
        done += size
        borders.append(start + base * index + rest * done // total)
    return list(pairwise(borders))


def separate(placed: Sequence[Placed], sizes: Sequence[int]) -> list[Placed]:
    """Let no word overlap the next, and give words without length a part of their neighbours' time.

    Args:
        placed: in the order of the recording.
        sizes: letters of each essay word.
    """
    if not placed:
        return []
    starts = list(accumulate((item.start_ms for item in placed), max))
    following = [*starts[1:], max(item.end_ms for item in placed)]
    ends = [
        max(start, min(item.end_ms, limit))
        for item, start, limit in zip(placed, starts, following, strict=True)
    ]
    index = 0
    while index < len(placed):
        if ends[index] - starts[index] >= SHORTEST_MS:
            index += 1
            continue
        first, last = _grow(starts, ends, index)
        end = max(ends[last], starts[first] + last - first + 1)
        parts = divide(starts[first], end, [sizes[item.word] + 1 for item in placed[first : last + 1]])
        for at, (start, stop) in enumerate(parts, first):
            starts[at], ends[at] = start, stop
        index = last + 1
    return [
        replace(item, start_ms=start, end_ms=end)
        for item, start, end in zip(placed, starts, ends, strict=True)
    ]


def _grow(starts: Sequence[int], ends: list[int], index: int) -> tuple[int, int]:
    """The words from ``index`` on, then before it, that together have time for all of them."""
    first = last = index

    def is_enough() -> bool:
        return ends[last] - starts[first] >= SHORTEST_MS * (last - first + 1)

    while not is_enough():
        wanted = starts[first] + SHORTEST_MS * (last - first + 1)
        if last + 1 < len(starts):
            ends[last] = max(ends[last], min(wanted, starts[last + 1]))
            if not is_enough():
                last += 1
        elif first > 0:
            first -= 1
        else:
            break
    return first, last
