"""The words of an alignment in the order of time, and how they make room for one another."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from inkcast.alignment.alignment import AlignedWord, Alignment, Extra
from inkcast.alignment.forced_aligner import ForcedAligner
from inkcast.alignment.stretch import locate
from inkcast.alignment.timing import SHORTEST_MS
from inkcast.audio.recording import Recording
from inkcast.audio.spans import Span, shared_ms
from inkcast.corrections.correction import LostError

# Not measured: chosen by hand. Words that must take less of their time than this are moved together with
# those beside them.
_LEAST_SHARE = 0.5


class Line:
    """A working copy of an alignment's words and extra speech.

    Args:
        alignment: to begin with.
        recording, aligner: to find words that have to move; without them they are spaced by letters.
    """

    def __init__(
        self, alignment: Alignment, recording: Recording | None = None, aligner: ForcedAligner | None = None
    ) -> None:
        self._alignment = alignment
        self._ear = recording, aligner
        self._words = list(alignment.words)
        self.extra = list(alignment.extra)

    @property
    def words(self) -> tuple[AlignedWord, ...]:
        """As they are now."""
        return tuple(self._words)

    @property
    def alignment(self) -> Alignment:
        """As it is now, but for what sums it up."""
        return replace(self._alignment, words=self.words, extra=tuple(self.extra))

    # --- words ---

    def remove(self, places: Iterable[int]) -> None:
        """Nobody says these words."""
        gone = set(places)
        for at in gone:
            self._words[at] = replace(
                self._words[at], status="unspoken", start_ms=None, end_ms=None, confidence=0.0
            )
        self.extra = [self._seated(extra) if extra.after_word in gone else extra for extra in self.extra]

    def put(self, spans: Mapping[int, Span]) -> None:
        """A person says that these words are spoken at these times."""
        for at, (start, end) in spans.items():
            self._words[at] = replace(
                self._words[at], status="spoken", start_ms=start, end_ms=end, confidence=1.0
            )

    def span_of(self, places: Iterable[int]) -> Span | None:
        """From the first start to the last end of those words that have times."""
        spans = [self._span(at) for at in places if self._words[at].start_ms is not None]
        return (min(start for start, _ in spans), max(end for _, end in spans)) if spans else None

    def gap_around(self, places: range, own: Span | None) -> Span | None:
        """The time between the words on either side of some that have none; ``own`` was theirs."""
        if own is not None:
            order = self._order()
            ends = [self._span(at)[1] for at in order if self._span(at)[0] <= own[0]]
            starts = [self._span(at)[0] for at in order if self._span(at)[0] > own[0]]
        else:
            ends = [self._span(at)[1] for at in self._timed(range(places.start))][-1:]
            starts = [self._span(at)[0] for at in self._timed(range(places.stop, len(self._words)))][:1]
        gap = max(ends, default=0), min(starts, default=self._end_ms())
        return gap if gap[0] < gap[1] else None

    def start_at(self, at: int, start: int) -> None:
        """Let a word start at a time, and those beside it make room. Raises LostError."""
        order = self._order()
        place = order.index(at)
        end = self._span(at)[1]
        if end - start < SHORTEST_MS:
            self._push_later(order[place:], start)
            end = self._span(at)[1]
        self._push_earlier(order[:place], start)
        self.put({at: (start, end)})

    def end_at(self, at: int, end: int) -> None:
        """Let a word end at a time, and those beside it make room. Raises LostError."""
        order = self._order()
        place = order.index(at)
        start = self._span(at)[0]
        if end - start < SHORTEST_MS:
            self._push_earlier(order[: place + 1], end)
            start = self._span(at)[0]
        self._push_later(order[place + 1 :], end)
        self.put({at: (start, end)})

    def make_room(self, start: int, end: int) -> None:
        """Move what lies between two times before or after them, whichever is nearer. Raises LostError."""
        order = self._order()
        first = sum(sum(self._span(at)) < start + end for at in order)
        for at in order:
            if start <= self._span(at)[0] and self._span(at)[1] <= end:  # it was heard where it is not
                self._words[at] = replace(self._words[at], status="interpolated")
        self._push_earlier(order[:first], start)
        self._push_later(order[first:], end)

    def _push_earlier(self, order: Sequence[int], limit: int) -> None:
        """Let words end by a time: the last one is cut off, or as many as need it move."""
        if not order or self._span(order[-1])[1] <= limit:
            return
        run, natural, start = 0, 0, 0
        for run, at in enumerate(reversed(order), 1):
            start, end = self._span(at)
            natural += end - start
            if limit - start >= max(SHORTEST_MS * run, _LEAST_SHARE * natural):
                break
        else:
            start = 0
        self._fit(order[-run:], (start, limit))

    def _push_later(self, order: Sequence[int], limit: int) -> None:
        """Let words start at a time or later: the first one is cut off, or as many as need it move."""
        if not order or self._span(order[0])[0] >= limit:
            return
        run, natural, end = 0, 0, 0
        for run, at in enumerate(order, 1):
            start, end = self._span(at)
            natural += end - start
            if end - limit >= max(SHORTEST_MS * run, _LEAST_SHARE * natural):
                break
        else:
            end = self._end_ms()
        self._fit(order[:run], (limit, end))

    def _fit(self, places: Sequence[int], within: Span) -> None:
        start, end = within
        if end - start < len(places):
            raise LostError("there is no time left for the words beside it")
        texts = [self._words[at].text for at in places]
        found = [within] if len(places) == 1 else locate(texts, within, self.alignment, *self._ear)
        for at, (first, last) in zip(places, found, strict=True):
            self._words[at] = replace(self._words[at], start_ms=first, end_ms=last)

    # --- extra speech ---

    def silence(self, start: int, end: int) -> list[Extra]:
        """Forget, and return, extra speech that lies between two times, most of it at least."""
        gone = [
            extra
            for extra in self.extra
            if 2 * shared_ms([(extra.start_ms, extra.end_ms)], [(start, end)])
            >= extra.end_ms - extra.start_ms
        ]
        self.extra = [extra for extra in self.extra if extra not in gone]
        return gone

    def say(self, text: str, start: int, end: int, instead: Iterable[Extra] = ()) -> None:
        """Something else is said between two times, by who was heard there before, if that was one."""
        speakers = {extra.speaker for extra in instead}
        speaker = speakers.pop() if len(speakers) == 1 else ""
        self.extra.append(self._seated(Extra(-1, text, start, end, speaker)))

    def _seated(self, extra: Extra) -> Extra:
        """After the word that is heard before it."""
        order = self._order()
        place = bisect_right(order, extra.start_ms, key=lambda at: self._span(at)[0])
        return replace(extra, after_word=order[place - 1] if place else -1)

    # --- times ---

    def _order(self) -> list[int]:
        """Words that have times, by their starts."""
        return sorted(self._timed(range(len(self._words))), key=lambda at: self._span(at)[0])

    def _timed(self, places: Iterable[int]) -> list[int]:
        return [at for at in places if self._words[at].start_ms is not None]

    def _span(self, at: int) -> Span:
        start, end = self._words[at].start_ms, self._words[at].end_ms
        assert start is not None and end is not None
        return start, end

    def _end_ms(self) -> int:
        last = max((self._span(at)[1] for at in self._timed(range(len(self._words)))), default=0)
        return max(self._alignment.audio.duration_ms, last)
