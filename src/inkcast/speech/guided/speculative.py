"""Sections of a recording that are followed side by side, with the result of following them in turn.

The encoder and the decoder use several cores badly within one window, and well in several. So a
recording is cut at pauses into sections of about a minute. For a section ahead of the one whose turn it
is, the place in the essay is found from what is heard at its start, and followed from there. When its
turn comes and the reader really stands there, its windows are taken as they are. Otherwise it is
followed once more from where the reader does stand, until both agree.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Condition

from inkcast.audio.decode import Samples
from inkcast.audio.stream import SAMPLES_PER_MS, SampleStream
from inkcast.speech.decoding.window import Window, WindowLimits, window_end
from inkcast.speech.guided.guide import Guide, Progress, Step

# Not measured: chosen by hand.
_SECTION_LIMITS = WindowLimits(min_ms=45_000, max_ms=65_000)
# Nor this. A departure at the end of a section is no window of its own: too little to find the place by.
_TAIL_MS = 4_000
# Waiting without an end cannot be interrupted from the keyboard everywhere.
_PATIENCE_S = 1.0


@dataclass(frozen=True, slots=True)
class Section:
    """[start_ms, end_ms) of a recording.

    ``samples`` begin a little before, with what may be left over of the section before. ``tail_ms`` is
    how much may be left over for the next one.
    """

    start_ms: int
    end_ms: int
    samples: Samples
    tail_ms: int

    def follow(self, guide: Guide, progress: Progress, first: Window | None = None) -> Iterator[Step]:
        """The section's windows for a reader who stands at ``progress``."""
        return guide.follow(self.stream(), progress, self.tail_ms, first)

    def stream(self) -> SampleStream:
        """The section alone, at its place in time."""
        return SampleStream([self.samples], self.end_ms - len(self.samples) // SAMPLES_PER_MS)

    def enter(self, progress: Progress) -> Progress:
        """Where the reader stands who comes from the section before, or stopped inside this one.

        The pace starts anew, so that it does not matter who followed the section before.
        """
        return progress if progress.time_ms > self.start_ms else Progress(progress.time_ms, progress.place)


def cut_sections(stream: SampleStream) -> Iterator[Section]:
    """Cut a recording at pauses; the audio alone decides where."""
    start = 0
    while (end := window_end(stream, start, _SECTION_LIMITS)) > start:
        is_last = stream.end_ms(end + 1) == end
        samples = stream.read(max(0, start - _TAIL_MS), end).copy()
        yield Section(start, end, samples, 0 if is_last else _TAIL_MS)
        stream.forget(end - _TAIL_MS)
        start = end


def follow(guide: Guide, stream: SampleStream, progress: Progress, workers: int) -> Iterator[Step]:
    """Transcribe from ``progress`` to the end, a window at a time and in order.

    Args:
        guide: follows the reader; several threads use it.
        stream: from its first sample on.
        progress: where to start.
        workers: how many sections to follow at a time. The result does not depend on it.
    """
    sections = (section for section in cut_sections(stream) if section.end_ms > progress.time_ms)
    if workers == 1:
        for section in sections:
            for step in section.follow(guide, section.enter(progress)):
                yield step
                progress = step.progress
        return
    readers: deque[_SpeculativeReader] = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            for section in sections:
                readers.append(_SpeculativeReader(guide, section))
                readers[-1].send(pool, section.enter(progress) if len(readers) == 1 else None)
                # Enough sections wait that no worker has to.
                while len(readers) > 2 * workers:
                    progress = yield from _join(readers, progress)
            while readers:
                progress = yield from _join(readers, progress)
        finally:
            for reader in readers:
                reader.call_back()


def _join(readers: deque[_SpeculativeReader], progress: Progress) -> Generator[Step, None, Progress]:
    for step in readers[0].join(progress):
        yield step
        progress = step.progress
    readers.popleft().call_back()
    return progress


class _SpeculativeReader:
    """Follows a section ahead of its turn."""

    def __init__(self, guide: Guide, section: Section) -> None:
        self._guide = guide
        self._section = section
        self._news = Condition()
        self._start: Progress | None = None
        self._steps: list[Step] = []
        self._is_over = False
        self._is_called_back = False
        self._work: Future[None] | None = None

    def send(self, pool: ThreadPoolExecutor, start: Progress | None) -> None:
        """Begin at ``start``, or where what is heard first stands in the essay."""
        self._work = pool.submit(self._run, start)

    def call_back(self) -> None:
        """Stop after the current window."""
        self._is_called_back = True

    def join(self, progress: Progress) -> Iterator[Step]:
        """The section's windows for a reader who comes from ``progress``."""
        start = self._section.enter(progress)
        if self._set_out_from(start):
            yield from self._found_from(0)
            return
        for step in self._section.follow(self._guide, start):
            yield step
            if (index := self._index_after(step.progress)) is not None:
                yield from self._found_from(index)
                return

    def _run(self, start: Progress | None) -> None:
        try:
            if self._is_called_back:
                return
            first = None
            if start is None:
                found = self._guide.locate(self._section.stream(), self._section.start_ms)
                start, first = found or (None, None)
            with self._news:
                self._start = start
                self._news.notify()
            for step in self._section.follow(self._guide, start, first) if start else ():
                with self._news:
                    self._steps.append(step)
                    self._news.notify()
                if self._is_called_back:
                    return
        finally:
            with self._news:
                self._is_over = True
                self._news.notify()

    def _set_out_from(self, start: Progress) -> bool:
        with self._news:
            while self._start is None and not self._is_over:
                self._news.wait(_PATIENCE_S)
            return self._start == start

    def _index_after(self, progress: Progress) -> int | None:
        with self._news:
            # What the reader is about to hear is not to be heard twice.
            while not self._is_over and not (
                self._steps and self._steps[-1].progress.time_ms >= progress.time_ms
            ):
                self._news.wait(_PATIENCE_S)
            states = [step.progress for step in self._steps]
        return states.index(progress) + 1 if progress in states else None

    def _found_from(self, index: int) -> Iterator[Step]:
        while True:
            with self._news:
                while index >= len(self._steps) and not self._is_over:
                    self._news.wait(_PATIENCE_S)
                steps = self._steps[index:]
            if not steps:
                break
            yield from steps
            index += len(steps)
        if self._work:
            self._work.result()
