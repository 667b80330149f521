"""Word times from the sound itself, between pauses that transcript and silence agree on."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice, pairwise, tee
from operator import itemgetter
from pathlib import Path

from inkcast.alignment.forced_aligner import Aligner, Span
from inkcast.alignment.heard_words import HeardWord
from inkcast.alignment.lexicon import pronounce
from inkcast.alignment.process_pool import Map
from inkcast.alignment.timing import SHORTEST_MS, Placed, divide, separate
from inkcast.audio.decode import Samples, stream_samples
from inkcast.audio.recording import SAMPLES_PER_MS, Recording
from inkcast.essays.punctuation import ends_in_punctuation

# Shorter stretches cost as much a second, and at their edges most goes wrong.
_SHORTEST_CHUNK_MS = 8_000
# Longer ones have no pause that can be trusted: music, a crowd.
_LONGEST_CHUNK_MS = 60_000
# Enough that the model is not loaded for each, few enough that all cores end together.
_CHUNKS_A_JOB = 3
_MARGIN_MS = 250
_EDGE_MS = 500
# A pause is trusted to lie between two words whose times say so within this much.
_TRUSTED_MS = 350
# Words in a row that moved further than this were found where they are not, unless the times that they
# had lay in silence for as long as this.
_FAR_MS = 300
_FAR_RUN = 2
_SILENT_MS = 100
_UNCHANGED = (0, 0)


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of the recording; ``place`` is its index among the placed, None if the essay lacks it.

    ``is_inferred``: nobody heard it, so it may not be there.
    """

    text: str
    start_ms: int
    end_ms: int
    place: int | None = None
    is_inferred: bool = False


@dataclass(frozen=True, slots=True)
class _Pause:
    """A trusted pause before word ``before``."""

    before: int
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Words, the stretch of the recording that holds them and no others, and pauses between them."""

    words: tuple[_Word, ...]
    start_ms: int
    end_ms: int
    pauses: tuple[_Pause, ...] = ()

    def joined(self, following: _Chunk) -> _Chunk:
        return _Chunk(self.words + following.words, self.start_ms, following.end_ms)

    def parted(self, pause: _Pause) -> tuple[_Chunk, _Chunk]:
        """The words before and after a pause, each with a part of its silence."""
        end = min(pause.end_ms, pause.start_ms + _MARGIN_MS)
        start = max(pause.start_ms, pause.end_ms - _MARGIN_MS)
        return (
            _Chunk(self.words[: pause.before], self.start_ms, end),
            _Chunk(self.words[pause.before :], start, self.end_ms),
        )


@dataclass(frozen=True, slots=True)
class _Sound:
    """A chunk and its samples; None where it is too long to be searched."""

    chunk: _Chunk
    samples: Samples | None

    def between(self, chunk: _Chunk) -> Samples:
        """The samples of a part of the chunk."""
        assert self.samples is not None
        first, last = (at - self.chunk.start_ms for at in (chunk.start_ms, chunk.end_ms))
        return self.samples[first * SAMPLES_PER_MS : last * SAMPLES_PER_MS]


_Found = dict[int, Span | None]


def refine(
    placed: Sequence[Placed],
    essay: Sequence[str],
    extra: Sequence[HeardWord],
    path: Path,
    speech: Sequence[Span],
    run: Map = map,
) -> list[Placed]:
    """Move English words to where their sounds are.

    Args:
        placed: words in order, most of them right within a few hundred milliseconds.
        essay: words as written.
        extra: heard words that the essay does not have.
        path: the recording.
        speech: stretches of it that hold speech, with pauses between them.
        run: how to go through the recording's stretches.

    Returns:
        The words in the same order, none overlapping the next. What cannot be found keeps its time;
        what was inferred and has no sound is left out.

    Raises:
        AudioError: the recording cannot be read.
    """
    line = _line(placed, essay, extra)
    times: _Found = {}
    misfit: _Chunk | None = None
    again = _Reader(path)
    sounds, jobs = tee(map(_Reader(path).read, _chunks(line, speech)))
    found_alone = (found for job in run(_listen, _batches(jobs)) for found in job)
    for sound, alone in zip(sounds, found_alone, strict=True):
        # Where words do not fit the sound, the cut after them may have been wrong.
        joined = _listen([again.read(misfit.joined(sound.chunk))])[0] if misfit else None
        found = alone if joined is None else joined
        misfit = sound.chunk if found is None else None
        times.update(found or {})
    kept = [index for index in range(len(placed)) if times.get(index, _UNCHANGED) is not None]
    return _in_order([placed[index] for index in kept], [times.get(index) for index in kept], essay)


class _Reader:
    """Reads the samples of chunks, one chunk after the other, from a recording that is opened once."""

    def __init__(self, path: Path) -> None:
        self._recording = Recording(stream_samples(path))

    def read(self, chunk: _Chunk) -> _Sound:
        if chunk.end_ms - chunk.start_ms > _LONGEST_CHUNK_MS:
            return _Sound(chunk, None)
        self._recording.forget(chunk.start_ms)
        return _Sound(chunk, self._recording.read(chunk.start_ms, chunk.end_ms))


def _batches(sounds: Iterable[_Sound]) -> Iterator[list[_Sound]]:
    rest = iter(sounds)
    while batch := list(islice(rest, _CHUNKS_A_JOB)):
        yield batch


def _listen(sounds: Sequence[_Sound]) -> list[_Found | None]:
    """New times by place, None for what was only inferred and is not there; None where nothing fits."""
    aligner = Aligner(word.text for sound in sounds for word in sound.chunk.words)
    return [None if sound.samples is None else _find(aligner, sound) for sound in sounds]


def _find(aligner: Aligner, sound: _Sound) -> _Found | None:
    chunk = sound.chunk
    found = _align(aligner, sound, chunk)
    if found is None:
        return None
    for pause in chunk.pauses:
        if _is_contradicted(pause, found):
            parts = [_align(aligner, sound, part) for part in chunk.parted(pause)]
            if parts[0] is not None and parts[1] is not None:
                found = parts[0] + parts[1]
    unsaid = (word for word, span in zip(chunk.words, found, strict=True) if span is None)
    times: _Found = {word.place: None for word in unsaid if word.place is not None and word.is_inferred}
    times.update(_believed(chunk.words, found))
    return times


def _align(aligner: Aligner, sound: _Sound, chunk: _Chunk) -> list[Span | None] | None:
    optional = [index for index, word in enumerate(chunk.words) if word.place is None or word.is_inferred]
    found = aligner.align([word.text for word in chunk.words], sound.between(chunk), optional)
    if found is None:
        return None
    start = chunk.start_ms
    return [span and (start + span[0], start + span[1]) for span in found]


def _is_contradicted(pause: _Pause, found: Sequence[Span | None]) -> bool:
    """Whether a word was found on the other side of a pause."""
    last, first = found[pause.before - 1], found[pause.before]
    middle = (pause.start_ms + pause.end_ms) / 2
    return (last is not None and last[0] > middle) or (first is not None and first[1] < middle)


def _line(placed: Sequence[Placed], essay: Sequence[str], extra: Sequence[HeardWord]) -> list[_Word]:
    """All that was said, in order; symbols that are silent are left out."""
    words = [
        _Word(essay[item.word], item.start_ms, item.end_ms, index, item.status == "interpolated")
        for index, item in enumerate(placed)
    ]
    words += [_Word(word.text, word.start_ms, word.end_ms) for word in extra]
    return sorted((word for word in words if pronounce(word.text)), key=lambda word: word.start_ms)


def _chunks(line: Sequence[_Word], speech: Sequence[Span]) -> Iterator[_Chunk]:
    """Cut at trusted pauses; a chunk's audio reaches into the silence on both sides."""
    if not line:
        return
    starts = [word.start_ms for word in line]
    first, start = 0, max(0, starts[0] - _EDGE_MS)
    pauses: list[_Pause] = []
    for (_, silent), (sound, _) in pairwise(speech):
        cut = _word_after(line, starts, (silent, sound))
        if cut is None or cut <= first:
            continue
        if silent - start < _SHORTEST_CHUNK_MS:
            pauses.append(_Pause(cut - first, silent, sound))
            continue
        yield _Chunk(tuple(line[first:cut]), start, min(sound, silent + _MARGIN_MS), tuple(pauses))
        first, start = cut, max(silent, sound - _MARGIN_MS)
        pauses.clear()
    yield _Chunk(tuple(line[first:]), start, line[-1].end_ms + _EDGE_MS, tuple(pauses))


def _word_after(line: Sequence[_Word], starts: Sequence[int], pause: Span) -> int | None:
    """Index of the word that ends the pause, if there is no doubt which it is."""
    near = range(
        max(1, bisect_left(starts, pause[0] - _TRUSTED_MS)),
        min(len(line), bisect_right(starts, pause[1] + _TRUSTED_MS)),
    )
    doubts = {
        index: abs(line[index - 1].end_ms - pause[0]) + abs(line[index].start_ms - pause[1]) for index in near
    }
    best = min(doubts, key=doubts.__getitem__, default=None)
    if best is None or doubts[best] > _TRUSTED_MS:
        return None
    # A pause one word beside a clause's end is more likely at that end than where it was heard.
    around = [ends_in_punctuation(word.text) for word in line[max(0, best - 2) : best + 1]]
    return best if around[-2] or not any(around) else None


def _believed(words: Sequence[_Word], found: Sequence[Span | None]) -> Iterator[tuple[int, Span]]:
    """Placed words' new times, without runs that moved so far that they cannot be right."""
    moved = [(word, span) for word, span in zip(words, found, strict=True) if span is not None]
    silence = [(before[1], after[0]) for (_, before), (_, after) in pairwise(moved)]
    far = [abs(span[0] - word.start_ms) > _FAR_MS for word, span in moved]
    for is_far, group in groupby(zip(far, moved, strict=True), key=itemgetter(0)):
        run = [item for _, item in group]
        if not is_far or len(run) < _FAR_RUN or _was_silent([word for word, _ in run], silence):
            yield from ((word.place, span) for word, span in run if word.place is not None)


def _was_silent(words: Sequence[_Word], silence: Sequence[Span]) -> bool:
    """Whether much of the words' old times is silence, so that they must be wrong."""
    shared = (min(word.end_ms, end) - max(word.start_ms, start) for word in words for start, end in silence)
    return max(shared, default=0) >= _SILENT_MS


def _in_order(placed: Sequence[Placed], times: Sequence[Span | None], essay: Sequence[str]) -> list[Placed]:
    """Give the words that were found their times, and the others what lies between those."""
    items = [
        item if span is None else replace(item, start_ms=span[0], end_ms=span[1])
        for item, span in zip(placed, times, strict=True)
    ]
    for is_found, run in groupby(range(len(items)), key=lambda index: times[index] is not None):
        if not is_found:
            _fit(items, list(run), essay)
    return separate(items, [len(word) for word in essay])


def _fit(items: list[Placed], run: Sequence[int], essay: Sequence[str]) -> None:
    """Move the items of ``run`` between their neighbours, or shorten the one before to make room."""
    before, after = run[0] - 1, run[-1] + 1
    start = items[before].end_ms if before >= 0 else 0
    end = items[after].start_ms if after < len(items) else max(start, items[run[-1]].end_ms)
    need = SHORTEST_MS * len(run)
    if end - start < need and before >= 0:
        start = max(end - need, (items[before].start_ms + items[before].end_ms) // 2)
        items[before] = replace(items[before], end_ms=start)
    words = [essay[items[index].word] for index in run]
    if end - start <= 2 * need or not any(map(pronounce, words)):
        spans = divide(start, end, [len(word) + 1 for word in words])
    else:
        old = (items[index] for index in run)
        spans = [(min(max(item.start_ms, start), end), min(max(item.end_ms, start), end)) for item in old]
    for index, (first, last) in zip(run, spans, strict=True):
        items[index] = replace(items[index], start_ms=first, end_ms=last)
