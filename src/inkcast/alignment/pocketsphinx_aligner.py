"""PocketSphinx as a forced aligner for English: between pauses that transcript and silence agree on."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, islice, pairwise, tee
from operator import itemgetter

from inkcast.alignment.forced_aligner import ExpectedWord, Located, Sound
from inkcast.alignment.pocketsphinx_search import WordSearch
from inkcast.alignment.process_pool import Map
from inkcast.audio.decode import Samples
from inkcast.audio.recording import Recording
from inkcast.audio.spans import Span
from inkcast.audio.stream import SAMPLES_PER_MS
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


@dataclass(frozen=True, slots=True)
class _Pause:
    """A trusted pause before word ``before``."""

    before: int
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Words from index ``first`` on, the stretch that holds them and no others, and pauses between them."""

    first: int
    words: tuple[ExpectedWord, ...]
    start_ms: int
    end_ms: int
    pauses: tuple[_Pause, ...] = ()

    def joined(self, following: _Chunk) -> _Chunk:
        return _Chunk(self.first, self.words + following.words, self.start_ms, following.end_ms)

    def parted(self, pause: _Pause) -> tuple[_Chunk, _Chunk]:
        """The words before and after a pause, each with a part of its silence."""
        end = min(pause.end_ms, pause.start_ms + _MARGIN_MS)
        start = max(pause.start_ms, pause.end_ms - _MARGIN_MS)
        return (
            _Chunk(self.first, self.words[: pause.before], self.start_ms, end),
            _Chunk(self.first + pause.before, self.words[pause.before :], start, self.end_ms),
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


_Found = Located | None
"""What was found of a chunk, by the index in it; None where its words do not fit its sound."""


class PocketSphinxAligner:
    """A ``ForcedAligner`` for English that also ``ComparesTexts``.

    Args:
        run: how to go through the stretches of a recording: ``map``, or that of a ``ProcessPool``.
    """

    def __init__(self, run: Map = map) -> None:
        self._run = run

    def align(self, words: Sequence[ExpectedWord], recording: Recording) -> Located:
        """Find English words: see ``ForcedAligner``. Runs that would move too far stay where they are."""
        spans: dict[int, Span] = {}
        absent: set[int] = set()
        misfit: _Chunk | None = None
        sounds, jobs = tee(_sound(chunk, recording) for chunk in _chunks(words, recording.speech))
        found_alone = (found for job in self._run(_listen, _batches(jobs)) for found in job)
        for sound, alone in zip(sounds, found_alone, strict=True):
            chunk = sound.chunk
            # Where words do not fit the sound, the cut after them may have been wrong.
            joined = _listen([_sound(misfit.joined(chunk), recording)])[0] if misfit else None
            found, first = (
                (alone, chunk.first) if joined is None or misfit is None else (joined, misfit.first)
            )
            misfit = chunk if found is None else None
            if found:
                spans.update({first + index: span for index, span in found.spans.items()})
                absent.update(first + index for index in found.absent)
        return Located(spans, frozenset(absent))

    def likelihoods(
        self, sounds: Iterable[Sound], words: Sequence[ExpectedWord], recording: Recording
    ) -> Iterator[list[float]]:
        """Which text a sound is likelier to be: see ``ComparesTexts``."""
        jobs = ((sound.texts, recording.read(sound.start_ms, sound.end_ms)) for sound in sounds)
        return self._run(_likelihoods, jobs)


def _likelihoods(job: tuple[tuple[tuple[str, ...], ...], Samples]) -> list[float]:
    texts, samples = job
    search = WordSearch(chain.from_iterable(texts))
    return [search.likelihood(text, samples) for text in texts]


def _sound(chunk: _Chunk, recording: Recording) -> _Sound:
    is_short = chunk.end_ms - chunk.start_ms <= _LONGEST_CHUNK_MS
    return _Sound(chunk, recording.read(chunk.start_ms, chunk.end_ms) if is_short else None)


def _batches(sounds: Iterable[_Sound]) -> Iterator[list[_Sound]]:
    rest = iter(sounds)
    while batch := list(islice(rest, _CHUNKS_A_JOB)):
        yield batch


def _listen(sounds: Sequence[_Sound]) -> list[_Found]:
    search = WordSearch(word.text for sound in sounds for word in sound.chunk.words)
    return [None if sound.samples is None else _find(search, sound) for sound in sounds]


def _find(search: WordSearch, sound: _Sound) -> _Found:
    chunk = sound.chunk
    found = _align(search, sound, chunk)
    if found is None:
        return None
    for pause in chunk.pauses:
        if _is_contradicted(pause, found):
            parts = [_align(search, sound, part) for part in chunk.parted(pause)]
            if parts[0] is not None and parts[1] is not None:
                found = parts[0] + parts[1]
    absent = (
        index
        for index, (word, span) in enumerate(zip(chunk.words, found, strict=True))
        if span is None and word.may_be_absent
    )
    return Located(dict(_believed(chunk.words, found)), frozenset(absent))


def _align(search: WordSearch, sound: _Sound, chunk: _Chunk) -> list[Span | None] | None:
    optional = [index for index, word in enumerate(chunk.words) if word.may_be_absent]
    found = search.align([word.text for word in chunk.words], sound.between(chunk), optional)
    if found is None:
        return None
    start = chunk.start_ms
    return [span and (start + span[0], start + span[1]) for span in found]


def _is_contradicted(pause: _Pause, found: Sequence[Span | None]) -> bool:
    """Whether a word was found on the other side of a pause."""
    last, first = found[pause.before - 1], found[pause.before]
    middle = (pause.start_ms + pause.end_ms) / 2
    return (last is not None and last[0] > middle) or (first is not None and first[1] < middle)


def _chunks(line: Sequence[ExpectedWord], speech: Sequence[Span]) -> Iterator[_Chunk]:
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
        yield _Chunk(first, tuple(line[first:cut]), start, min(sound, silent + _MARGIN_MS), tuple(pauses))
        first, start = cut, max(silent, sound - _MARGIN_MS)
        pauses.clear()
    yield _Chunk(first, tuple(line[first:]), start, line[-1].end_ms + _EDGE_MS, tuple(pauses))


def _word_after(line: Sequence[ExpectedWord], starts: Sequence[int], pause: Span) -> int | None:
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


def _believed(words: Sequence[ExpectedWord], found: Sequence[Span | None]) -> Iterator[tuple[int, Span]]:
    """The words' new times by index, without runs that moved so far that they cannot be right."""
    moved = [(index, span) for index, span in enumerate(found) if span is not None]
    silence = [(before[1], after[0]) for (_, before), (_, after) in pairwise(moved)]
    far = [abs(span[0] - words[index].start_ms) > _FAR_MS for index, span in moved]
    for is_far, group in groupby(zip(far, moved, strict=True), key=itemgetter(0)):
        run = [item for _, item in group]
        if not is_far or len(run) < _FAR_RUN or _was_silent([words[index] for index, _ in run], silence):
            yield from run


def _was_silent(words: Sequence[ExpectedWord], silence: Sequence[Span]) -> bool:
    """Whether much of the words' old times is silence, so that they must be wrong."""
    shared = (min(word.end_ms, end) - max(word.start_ms, start) for word in words for start, end in silence)
    return max(shared, default=0) >= _SILENT_MS
