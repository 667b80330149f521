"""Corrections applied to an essay and its alignment, one after the other, as a person made them.

Each finds its own place first; one that does not is reported and changes nothing. What it moves is found
again in the sound around it alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from inkcast.alignment.align import summarise_blocks
from inkcast.alignment.alignment import AlignedWord, Alignment, Extra
from inkcast.alignment.forced_aligner import ForcedAligner
from inkcast.alignment.stretch import locate
from inkcast.audio.recording import Recording
from inkcast.audio.spans import Span
from inkcast.corrections.correction import Anchor, Correction, Kind, Lost, LostError
from inkcast.corrections.find_anchor import RECORDING_DIGITS, Place, find_anchor, words_of
from inkcast.corrections.rewrite import rewritten, written_at
from inkcast.corrections.time_line import Line
from inkcast.essays.essay import Essay

# A recording that was cut between the words around a correction has moved them by different times.
_MOST_SPREAD_MS = 1_000
# A new wording that is longer is not searched: whether the essay has it by now would take too long to tell.
_LONGEST_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class Corrected:
    """An essay and its alignment with all corrections that found their place; ``lost`` are the others."""

    essay: Essay
    alignment: Alignment
    lost: tuple[Lost, ...] = ()


def apply(
    corrections: Iterable[Correction],
    corrected: Corrected,
    recording: Recording | None = None,
    aligner: ForcedAligner | None = None,
) -> Corrected:
    """Apply corrections in their order: of two that contradict each other, the later one counts.

    Args:
        corrections: as their file has them, or the next one alone.
        corrected: what the last one gave, ``Corrected(essay, alignment)`` at first.
        recording: the audio; without it, or without an aligner, words that move are spaced by letters.
        aligner: ``open_aligner``'s for the language; it is asked about a few words at a time.

    Raises:
        AudioError: the recording cannot be read.
    """
    origin = corrected.alignment
    for correction in corrections:
        try:
            corrected = _Application(corrected, correction, recording, aligner, origin).result()
        except LostError as error:
            corrected = replace(corrected, lost=(*corrected.lost, Lost(correction, error.message)))
    return corrected


def place_of(correction: Correction, alignment: Alignment) -> Place | None:
    """The words that a correction is about, as they are now."""
    return find_anchor(correction.anchor, [word.text for word in alignment.words])


def shift_of(anchor: Anchor, place: Place, alignment: Alignment) -> int | None:
    """Milliseconds by which what the anchor knows is later in this recording; None: it cannot be told.

    Nothing in the same recording. In another one, it is what the words around it have moved.
    """
    ours = alignment.audio.sha256[:RECORDING_DIGITS]
    if not anchor.recording or not ours or anchor.recording == ours:
        return 0
    starts = [None if at is None else alignment.words[at].start_ms for at in place.around]
    old = (*anchor.before_ms, *anchor.after_ms)
    if len(starts) != len(old):  # somebody has edited the one and not the other
        return None
    moves = [now - then for now, then in zip(starts, old, strict=True) if now is not None and then >= 0]
    if not moves or max(moves) - min(moves) > _MOST_SPREAD_MS:
        return None
    return round(median(moves))


class _Application:
    """One correction at its place."""

    def __init__(
        self,
        before: Corrected,
        correction: Correction,
        recording: Recording | None,
        aligner: ForcedAligner | None,
        origin: Alignment,
    ) -> None:
        self._before, self._correction = before, correction
        self._origin = origin  # the alignment before all corrections
        self._ear = recording, aligner
        place = place_of(correction, before.alignment)
        if place is None and correction.kind != "wording":
            raise LostError("the essay does not have these words, or has them several times")
        self._place = place or Place(0, 0, ())
        self._words = range(self._place.first, self._place.stop)

    def result(self) -> Corrected:
        """What comes of it."""
        acts: Mapping[Kind, Callable[[], Corrected]] = {
            "not read": self._not_read,
            "read here": self._read_here,
            "said instead": self._said_instead,
            "extra speech": self._extra_speech,
            "starts here": self._starts_here,
            "ends here": self._ends_here,
            "speaker": self._speaker,
            "voice": self._voice,
            "wording": self._wording,
            "right": lambda: self._before,
        }
        return acts[self._correction.kind]()

    # --- what the times are in this recording ---

    def _time(self, ms: int | None) -> int:
        assert ms is not None
        shift = shift_of(self._correction.anchor, self._place, self._before.alignment)
        if shift is None:
            raise LostError("the recording is another one, and the words around it do not tell the time")
        duration_ms = self._before.alignment.audio.duration_ms
        time = ms + shift
        if time < 0 or (duration_ms and time > duration_ms):
            raise LostError("the recording is too short for its time")
        return time

    def _span(self) -> Span:
        start, end = self._time(self._correction.start_ms), self._time(self._correction.end_ms)
        if end <= start:
            raise LostError("it ends before it starts")
        return start, end

    # --- the kinds ---

    def _not_read(self) -> Corrected:
        line = self._line()
        line.remove(self._words)
        return self._with(line)

    def _read_here(self) -> Corrected:
        start, end = self._span()
        if end - start < len(self._words):
            raise LostError("its time is too short for its words")
        line = self._line()
        line.remove(self._words)
        line.silence(start, end)
        line.make_room(start, end)
        texts = [self._before.alignment.words[at].text for at in self._words]
        spans = locate(texts, (start, end), line.alignment, *self._ear)
        line.put(dict(zip(self._words, spans, strict=True)))
        return self._with(line)

    def _said_instead(self) -> Corrected:
        line = self._line()
        own = line.span_of(self._words)
        line.remove(self._words)
        gap = line.gap_around(self._words, own)
        if gap is None or gap[1] - gap[0] < 1:
            raise LostError("there is no time between the words around it")
        said = [extra for extra in line.extra if gap[0] <= (extra.start_ms + extra.end_ms) / 2 <= gap[1]]
        spans = [*([own] if own else []), *((extra.start_ms, extra.end_ms) for extra in said)]
        if spans:
            gap = max(gap[0], min(s for s, _ in spans)), min(gap[1], max(e for _, e in spans))
        line.extra = [extra for extra in line.extra if extra not in said]
        texts = words_of(self._correction.text)
        found = locate(texts, gap, line.alignment, *self._ear)
        line.say(self._correction.text, found[0][0], found[-1][1], said)
        return self._with(line)

    def _extra_speech(self) -> Corrected:
        start, end = self._span()
        line = self._line()
        gone = line.silence(start, end)
        if self._correction.text:
            line.say(self._correction.text, start, end, gone)
        return self._with(line)

    def _starts_here(self) -> Corrected:
        at, line = self._words[0], self._line()
        start = self._time(self._correction.start_ms)
        self._require_timed(at)
        line.start_at(at, start)
        return self._with(line)

    def _ends_here(self) -> Corrected:
        at, line = self._words[-1], self._line()
        end = self._time(self._correction.end_ms)
        self._require_timed(at)
        line.end_at(at, end)
        return self._with(line)

    def _require_timed(self, at: int) -> None:
        if self._before.alignment.words[at].start_ms is None:
            raise LostError("the word is not read, so that it neither starts nor ends")

    def _speaker(self) -> Corrected:
        own = {self._before.alignment.words[at].block for at in self._words}
        return self._renamed(own, self._before.alignment.extra)

    def _voice(self) -> Corrected:
        alignment = self._before.alignment
        names = {alignment.blocks[alignment.words[at].block].speaker for at in self._words}
        if len(names) > 1:
            raise LostError("several people say these words")
        (name,) = names
        if not name:
            raise LostError("it is not known which voice says these words")
        # A voice that a correction before has given the same name is another one all the same.
        was = [block.speaker for block in self._origin.blocks]
        before = {was[alignment.words[at].block] for at in self._words}
        own = {
            at
            for at, (block, old) in enumerate(zip(alignment.blocks, was, strict=True))
            if block.speaker == name and old in before
        }
        extras = {(one.start_ms, one.end_ms): one.speaker for one in self._origin.extra}
        extra = (
            replace(one, speaker=self._correction.text)
            if one.speaker == name and extras.get((one.start_ms, one.end_ms), name) in (*before, name)
            else one
            for one in alignment.extra
        )
        return self._renamed(own, tuple(extra))

    def _renamed(self, own: Collection[int], extra: tuple[Extra, ...]) -> Corrected:
        """With the correction's text for the speaker of some blocks."""
        essay, alignment, name = self._before.essay, self._before.alignment, self._correction.text
        # What only the recording tells is not written into the essay, unless it is a person who says so of
        # these very words.
        written = {at for at in own if essay.blocks[at].speaker or self._correction.kind == "speaker"}
        essay = replace(
            essay,
            blocks=tuple(
                replace(block, speaker=name) if at in written else block
                for at, block in enumerate(essay.blocks)
            ),
        )
        aligned = tuple(
            replace(block, speaker=name) if at in own else block for at, block in enumerate(alignment.blocks)
        )
        return replace(self._before, essay=essay, alignment=replace(alignment, blocks=aligned, extra=extra))

    def _wording(self) -> Corrected:
        """The new text in place of the old; nothing where the essay has it by now."""
        anchor, text = self._correction.anchor, self._correction.text
        old = written_at(self._before.essay, self._words)
        if anchor.words not in old:
            texts = [word.text for word in self._before.alignment.words]
            mended = find_anchor(replace(anchor, words=text), texts) if len(text) <= _LONGEST_CHARS else None
            if mended and text in written_at(self._before.essay, range(mended.first, mended.stop)):
                return self._before
            raise LostError("the essay does not have these words, letter for letter")
        # Punctuation beside the words stays.
        essay = rewritten(self._before.essay, self._words, old.replace(anchor.words, text, 1))
        if essay is None:
            raise LostError("the words are not of one paragraph, or nothing of it would be left")
        return self._reworded(essay)

    def _reworded(self, essay: Essay) -> Corrected:
        before = self._before.alignment.words
        first, stop = self._words.start, self._words.stop
        now = list(essay.words())
        end = len(now) - (len(before) - stop)
        texts = [word.text for word in (*now[:first], *now[max(first, end) :])]
        if end < first or texts != [word.text for word in (*before[:first], *before[stop:])]:
            raise LostError("it would change the words beside it")
        times = self._times_of([word.text for word in now[first:end]])
        known = (*before[:first], *times, *before[stop:])
        words = tuple(
            replace(old, text=word.text, block=word.block, char_start=word.char_start, char_end=word.char_end)
            for old, word in zip(known, now, strict=True)
        )
        moved = end - stop

        def seat(at: int) -> int:
            return at if at < first else at + moved if at >= stop else max(first, min(at, end - 1))

        extra = tuple(
            replace(one, after_word=seat(one.after_word) if one.after_word >= first else one.after_word)
            for one in self._before.alignment.extra
        )
        blocks = summarise_blocks(essay, words, self._speakers())
        alignment = replace(self._before.alignment, words=words, extra=extra, blocks=blocks)
        return replace(self._before, essay=essay, alignment=alignment)

    def _times_of(self, texts: Sequence[str]) -> list[AlignedWord]:
        """The new words: with the times of those that they replace, or with new ones in the same stretch."""
        old = [self._before.alignment.words[at] for at in self._words]
        if len(old) == len(texts):
            return old
        spans = [(w.start_ms, w.end_ms) for w in old if w.start_ms is not None and w.end_ms is not None]
        start, end = (min(s for s, _ in spans), max(e for _, e in spans)) if spans else (0, 0)
        if end - start < len(texts) or not texts:
            gone = replace(old[0], status="unspoken", start_ms=None, end_ms=None, confidence=0.0)
            return [gone] * len(texts)
        found = locate(texts, (start, end), self._before.alignment, *self._ear)
        confidence = min(word.confidence for word in old if word.start_ms is not None)
        like = replace(old[0], status="spoken", confidence=confidence)
        return [replace(like, start_ms=first, end_ms=last) for first, last in found]

    # --- putting it together ---

    def _speakers(self) -> list[str]:
        return [block.speaker for block in self._before.alignment.blocks]

    def _line(self) -> Line:
        return Line(self._before.alignment, *self._ear)

    def _with(self, line: Line) -> Corrected:
        words, extra = line.words, tuple(sorted(line.extra, key=lambda one: one.start_ms))
        blocks = summarise_blocks(self._before.essay, words, self._speakers())
        alignment = replace(self._before.alignment, words=words, extra=extra, blocks=blocks)
        return replace(self._before, alignment=alignment)
