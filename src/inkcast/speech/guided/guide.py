"""Guided transcription: the essay is a draft that the model verifies.

Ordinary Whisper writes every token in a decoder step of its own, and aligners believe the text. Here
the expected words of a window are checked and timed in one teacher-forced pass; the model decodes
freely only where the recording departs from the essay, and what it hears there says where the reading
goes on. The place in the essay is searched, never only marched: skipped paragraphs, ad-libs and
sections in another order are all departures that end at the next match. Figures: docs/guided.md.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from inkcast.audio.spans import Span
from inkcast.audio.stream import SampleStream
from inkcast.audio.vad import LEVEL_MS
from inkcast.options import TranscribeOptions
from inkcast.speech.checkpoint import Chunk
from inkcast.speech.decoding.free_decode import decode_windows
from inkcast.speech.decoding.unheard import Hearing, hear_out
from inkcast.speech.decoding.window import PADDING_MS, Window, WindowLimits, open_window, window_end
from inkcast.speech.engines.engine import MAX_PROMPT_TOKENS, MAX_TEXT_TOKENS, DecodeOptions, Engine
from inkcast.speech.engines.tokenizer import Tokenizer
from inkcast.speech.guided.draft import Draft, DraftWord, word_key
from inkcast.speech.guided.judge import (
    JudgedWord,
    followed,
    judge,
    spread,
    without_skipped,
)
from inkcast.speech.guided.recheck import LOOK_BACK_MS, Passage, recheck
from inkcast.speech.guided.restarts import begins_amiss, likelier, said_twice, surplus
from inkcast.speech.guided.unread import likeliest, may_be_unread
from inkcast.speech.transcript import Gap, TranscriptWord

# docs/guided.md: how much of a window is left to the next one; pace, in tokens a second of speech.
_UNEXPLAINED_MS = 200
_USUAL_PACE = 4.5
_PACE_STEP = 1.5
# docs/benchmarks.md: in shorter windows more is misheard; a shorter draft needs more windows.
_DEPARTURE_LIMITS = WindowLimits(min_ms=5_000, max_ms=12_000)
_PACE_MARGIN = 1.25
_MARGIN_TOKENS = 10
# docs/benchmarks.md: most readers of whom nothing is known are found by ten tokens, others take more.
_PROBE_TOKENS = (10, 20)
# docs/benchmarks.md: twelve tell as well as twenty where a known reader jumped to.
_JUMP_TOKENS = 12
# docs/benchmarks.md: to look at more windows again together takes no less time.
_MOST_WAITING_WINDOWS = 6
# Not measured: chosen by hand.
_PROBED_WINDOWS = 2
_LEAST_PACED_S = 3.0
_SILENT_END_FRAMES = 4
_LOOSE_END_WORDS = 3
_ENOUGH_DOUBTS = 4
_PROMPT_NAMES = 30
_PROMPT_NAME_TOKENS = 120


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a guided transcription stands: enough to go on from here.

    Attributes:
        time_ms: everything before is accounted for.
        place: index in ``Draft.words`` of the next expected word.
        pace: text tokens that the reader says in a second of speech.
    """

    time_ms: int = 0
    place: int = 0
    pace: float = _USUAL_PACE

    @classmethod
    def after(cls, chunk: Chunk) -> Progress:
        """Where a window left it."""
        return cls(chunk.time_ms, chunk.place, chunk.pace)


@dataclass(frozen=True, slots=True)
class Step:
    """What one window gave, and how to go on from there.

    Attributes:
        before: words that were heard freely, ahead of the essay's.
        passage: the essay's words, not yet looked at again; None where the window has none.
        progress: where the window left the reader.
        failed: what could not be understood.
    """

    before: tuple[TranscriptWord, ...]
    passage: Passage | None
    progress: Progress
    failed: tuple[Gap, ...] = ()


class Guide:
    """Follows one reader through one essay.

    Args:
        engine: any engine.
        tokenizer: the engine's, in the recording's language.
        draft: the essay's words.
        prompt: tokens that free decoding takes as said before, beside the essay's names.
        options: which windows to follow in, and whether to look at doubtful words again.
    """

    def __init__(
        self,
        engine: Engine,
        tokenizer: Tokenizer,
        draft: Draft,
        prompt: tuple[int, ...] = (),
        options: TranscribeOptions = TranscribeOptions(),
    ) -> None:
        self._engine = engine
        self._look_twice = options.second_looks
        self._limits = WindowLimits(*options.guided_window_ms)
        self._bias_ms = engine.traits.attention_bias_ms
        self._tokenizer = tokenizer
        self._draft = draft
        self._dots = tuple(tokenizer.encode("..."))
        # What departs from the essay speaks of the same people and things.
        names = draft.names(_PROMPT_NAMES)
        spelled = tokenizer.encode(f" {', '.join(names)}.")[:_PROMPT_NAME_TOKENS] if names else []
        self._prompt = (*spelled, *prompt)[-MAX_PROMPT_TOKENS:]

    def follow(
        self, stream: SampleStream, progress: Progress, tail_ms: int = 0, first: Window | None = None
    ) -> Iterator[Step]:
        """Go from ``progress`` to the end of the recording, a window at a time.

        Less than ``tail_ms`` may be left at the end. ``first`` is the first window if it is open already.
        """
        least = max(1, tail_ms)
        while stream.end_ms(progress.time_ms + least) >= progress.time_ms + least:
            step = self._step(stream, progress, first or self._open(stream, progress.time_ms))
            yield step
            progress, first = step.progress, None
            stream.forget(progress.time_ms - LOOK_BACK_MS)

    def settle(self, steps: Iterable[Step]) -> Iterator[Chunk]:
        """Take a second look at the doubtful words of a few windows at a time, while others are followed."""
        workers = self._engine.workers
        if workers == 1:  # which the thread that follows is already
            yield from map(self._settle, _groups(steps))
            return
        waiting: deque[Future[Chunk]] = deque()
        with ThreadPoolExecutor(workers) as pool:
            try:
                for group in _groups(steps):
                    waiting.append(pool.submit(self._settle, group))
                    while waiting and (waiting[0].done() or len(waiting) > 2 * workers):
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for chunk in waiting:
                    chunk.cancel()

    def _settle(self, steps: Sequence[Step]) -> Chunk:
        passages = [step.passage for step in steps if step.passage]
        verified = recheck(self._engine, self._tokenizer, passages)
        hearings = (
            Hearing(passage.sound, passage.start_ms, passage.end_ms, words)
            for passage, words in zip(passages, verified, strict=True)
        )
        found = iter(hear_out(self._engine, self._tokenizer, list(hearings)))
        words: list[TranscriptWord] = []
        failed: list[Gap] = []
        for step in steps:
            words += step.before
            failed += step.failed
            if step.passage:
                hearing = next(found)
                words += hearing.words
                failed += hearing.failed
        end = steps[-1].progress
        return Chunk(tuple(words), tuple(failed), end.time_ms, end.place, end.pace)

    def locate(self, stream: SampleStream, time_ms: int) -> tuple[Progress, Window] | None:
        """Find the place of a reader of whom nothing is known, from what is heard at ``time_ms``.

        Where that is not in the essay, or not certain, what is heard next may be. None if that is not.

        Returns:
            The place, and the window that begins there.
        """
        for _ in range(_PROBED_WINDOWS):
            if stream.end_ms(time_ms + 1) == time_ms:
                break
            window = self._open(stream, time_ms)
            for max_tokens in _PROBE_TOKENS:
                heard = self._hear_begin(window, max_tokens)
                match = self._draft.find(heard, expected=-len(self._draft))
                if match is not None and match.first_heard <= match.first_place:
                    return Progress(time_ms, self._draft.begin(heard, match)), window
            time_ms = window.end_ms
        return None

    def _open(self, stream: SampleStream, time_ms: int) -> Window:
        return open_window(self._engine, stream, time_ms, window_end(stream, time_ms, self._limits))

    def _step(self, stream: SampleStream, progress: Progress, window: Window) -> Step:
        if not window.mask.any():
            return Step((), None, Progress(window.end_ms, progress.place, progress.pace))
        judged = self._verify(window, progress)
        if judged and begins_amiss(judged, window):
            progress, judged = self._restarted(window, progress, judged)
        if not judged and (found := self._jumped(window, progress)):
            progress, judged = found
        if not judged:
            return self._depart(stream, progress)
        after = self._advance(progress, window, judged)
        passage = self._passage(stream, window, judged, (window.start_ms, after.time_ms))
        return Step((), passage, after)

    def _restarted(
        self, window: Window, progress: Progress, judged: list[JudgedWord]
    ) -> tuple[Progress, list[JudgedWord]]:
        """Whether the reader broke off a sentence and begins it, or its last words, again."""
        places = self._draft.restarts(progress.place)
        budget = self._budget(window, progress, 0)
        readings = self._judge(window, (), [self._draft.ahead(place, budget) for place in places])
        best = likelier(judged, readings, window)
        if best is None:
            return progress, judged
        found = replace(progress, place=places[best])
        return found, self._verify(window, found)

    def _jumped(self, window: Window, progress: Progress) -> tuple[Progress, list[JudgedWord]] | None:
        """Whether the reader passed over some of the essay and nothing else: a probe tells where to."""
        match = self._draft.find(self._hear_begin(window, _JUMP_TOKENS), progress.place)
        if match is None or match.first_heard > 0:
            return None
        found = replace(progress, place=match.first_place)
        judged = self._verify(window, found)
        return (found, judged) if len(judged) >= match.matched else None

    def _hear_begin(self, window: Window, max_tokens: int) -> list[str]:
        """The keys of the first words that are heard in a window.

        The window is not padded: free decoding runs on at its end, but not before.
        """
        options = DecodeOptions(max_tokens=max_tokens)
        tokens = self._engine.decode([window.features], self._tokenizer, options)[0].tokens
        heard = self._tokenizer.split_words(
            [token for token in tokens if token < self._tokenizer.end_of_text]
        )[0]
        return [key for word in heard if (key := word_key(word))]

    def _verify(
        self, window: Window, progress: Progress, before: Sequence[TranscriptWord] = ()
    ) -> list[JudgedWord]:
        """The essay's words from ``progress`` on that are said, after free words that were heard before."""
        prefix = [token for word in before for token in self._tokenizer.encode(word.text)]
        expect = partial(self._draft.ahead, progress.place, self._budget(window, progress, len(prefix)))
        unread: frozenset[int] = frozenset()
        judged = self._judge(window, prefix, [expect()])[0]
        while runs := may_be_unread(judged, self._draft.headings - unread, window):
            readings = self._judge(window, prefix, [expect(unread | run) for run in runs])
            best = likeliest(judged, runs, readings, window)
            if best is None:
                break
            unread, judged = unread | runs[best], readings[best]
        judged = self._with_restart(window, prefix, judged)
        return spread(without_skipped(judged[: followed(judged, window)]), window)

    def _with_restart(
        self, window: Window, prefix: Sequence[int], judged: list[JudgedWord]
    ) -> list[JudgedWord]:
        """Whether words with too much speech for them were said twice."""
        span = surplus(window, judged[: followed(judged, window)])
        readings = self._judge(window, prefix, said_twice(judged, span, self._dots)) if span else []
        best = likelier(judged, readings, window)
        return judged if best is None else readings[best]

    def _judge(
        self, window: Window, prefix: Sequence[int], readings: Sequence[Sequence[DraftWord]]
    ) -> list[list[JudgedWord]]:
        """Judge one or several readings of a window, each behind ``prefix``."""
        texts = [
            [*prefix, *(token for word in words for token in word.tokens)] for words in readings if words
        ]
        if not texts:
            return [[] for _ in readings]
        n_frames = [window.n_frames] * len(texts)
        verified = iter(self._engine.verify([window.features] * len(texts), self._tokenizer, texts, n_frames))
        return [
            judge(words, next(verified), window, self._bias_ms, skip=len(prefix)) if words else []
            for words in readings
        ]

    def _budget(self, window: Window, progress: Progress, used: int) -> int:
        """Tokens of as many words as the reader can say in the window, and a few more."""
        seconds = window.speech_ms(window.start_ms, window.end_ms) / 1000
        return min(MAX_TEXT_TOKENS - used, int(seconds * progress.pace * _PACE_MARGIN) + _MARGIN_TOKENS)

    def _depart(self, stream: SampleStream, progress: Progress) -> Step:
        """Hear freely what the essay does not explain, and find the place again."""
        time, place = progress.time_ms, progress.place
        window, hearing = self._hear(stream, time)
        end, heard, failed = window.end_ms, hearing.words, hearing.failed
        match = self._draft.find([word_key(word.text) for word in heard], place)
        if match is None:
            return Step(heard, None, Progress(end, place, progress.pace), failed)
        found = Progress(time, match.first_place, progress.pace)
        before = heard[: match.first_heard]
        judged = self._verify(window, found, before)
        if len(judged) < max(2, match.matched // 2):
            at_end = match.last_heard >= len(heard) - _LOOSE_END_WORDS
            place = self._draft.after(match.last_place) if at_end else place
            return Step(heard, None, Progress(end, place, progress.pace), failed)
        after = self._advance(found, window, judged)
        start = before[-1].end_ms if before else time
        failed = tuple(gap for gap in failed if gap.start_ms < start)
        passage = self._passage(stream, window, judged, (start, after.time_ms))
        return Step(before, passage, after, failed)

    def _hear(self, stream: SampleStream, time_ms: int) -> tuple[Window, Hearing]:
        end = window_end(stream, time_ms, _DEPARTURE_LIMITS)
        window = open_window(self._engine, stream, time_ms, end, PADDING_MS)
        heard = decode_windows(self._engine, self._tokenizer, [window], prompt=self._prompt)[0]
        hearing = Hearing(stream, time_ms, end, heard.words)
        return window, hear_out(self._engine, self._tokenizer, [hearing])[0]

    def _advance(self, progress: Progress, window: Window, judged: Sequence[JudgedWord]) -> Progress:
        """Go on after the last verified word, or after the pause that ends the window."""
        last = judged[-1]
        rest = window.speech_ms(last.end_ms, window.end_ms)
        if rest < _UNEXPLAINED_MS and not window.mask[-_SILENT_END_FRAMES:].any():
            time = window.end_ms
        else:
            time = window.next_pause(last.end_ms, _UNEXPLAINED_MS) or last.end_ms
        seconds = window.speech_ms(window.start_ms, last.end_ms) / 1000
        tokens = sum(len(word.word.tokens) for word in judged)
        pace = progress.pace
        if seconds > _LEAST_PACED_S:
            # Of the last window alone, and roughly: readers that meet at one place and time go on alike.
            pace = _USUAL_PACE + _PACE_STEP * round((tokens / seconds - _USUAL_PACE) / _PACE_STEP)
        # On one grid, so that windows which begin at different places can end at the same.
        time = max(time, window.start_ms + LEVEL_MS) // LEVEL_MS * LEVEL_MS
        return Progress(time, self._draft.after(last.word.place), pace)

    def _passage(
        self, stream: SampleStream, window: Window, judged: Sequence[JudgedWord], span: Span
    ) -> Passage:
        start = max(stream.start_ms, window.start_ms - LOOK_BACK_MS)
        sound = SampleStream([stream.read(start, window.end_ms)], start)
        # What the encoder made of the window is large, and no longer needed.
        window = replace(window, features=None)
        return Passage(window, tuple(judged), sound, self._engine.traits, *span, self._look_twice)


def _groups(steps: Iterable[Step]) -> Iterator[Sequence[Step]]:
    """Windows whose doubtful words are looked at together.

    They make one chunk, so that a run that goes on after a kill looks at the same ones together.
    """
    group: list[Step] = []
    n_doubts = 0
    for step in steps:
        group.append(step)
        n_doubts += len(step.passage.doubts) if step.passage else 0
        if n_doubts == 0 or n_doubts >= _ENOUGH_DOUBTS or len(group) >= _MOST_WAITING_WINDOWS:
            yield group
            group, n_doubts = [], 0
    if group:
        yield group
