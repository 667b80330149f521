"""Forced alignment that the recording itself trains.

A small seed model of English phones, made of public-domain readers, is adapted to the recording: the best
path through its words is found around where Whisper's attention heard them, the model is moved to the
voice on that path, four times over. The last path gives the borders; beside pauses the loudness decides.
Other languages start from the same phones.

Chunks are searched side by side, but added up in order, and no sum goes through BLAS: results do not depend
on the number of cores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from math import inf
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from inkcast.alignment.forced_aligner import ExpectedWord, Located, Sound
from inkcast.alignment.self_trained.adaptation import UNUSED, PathStatistics, adapted
from inkcast.alignment.self_trained.best_path import BEAM_NATS, best_path
from inkcast.alignment.self_trained.cepstra import FRAME_MS, Features, Scale, features
from inkcast.alignment.self_trained.listener import Heard, Listener
from inkcast.alignment.self_trained.pause_borders import Levels, beside_pauses, without_closures
from inkcast.alignment.self_trained.phone_model import SILENCE, PhoneModel, seed
from inkcast.alignment.self_trained.pronunciation import Pronounce, first_form, pronunciation
from inkcast.alignment.self_trained.search_windows import REACH_MS, WINDOW_MS, Windows, search_windows
from inkcast.alignment.self_trained.trusted_pauses import Pause, keep_apart, trusted_pauses
from inkcast.alignment.self_trained.word_chunks import Chunk, chunks_of, sample_of
from inkcast.alignment.self_trained.word_graph import NO_WORD, WordGraph, build_graph
from inkcast.audio.decode import SAMPLE_RATE
from inkcast.audio.recording import Recording
from inkcast.audio.spans import Span
from inkcast.cores import physical_cores
from inkcast.on_progress import OnProgress, tell_nobody

_In = TypeVar("_In")
_Out = TypeVar("_Out")

_GRID_MS = 10
# What is learned from: at most this much, every second frame, this often.
_LEARN_MS = 300_000
LEARNING_STEP = 2
"""Frames of 5 ms from one that is learned from to the next."""
_ROUNDS = 4
# What was heard less than this away belongs to a word.
_FREE_MS = 60
# Where the words do not fit, they are sought once more, this many times farther and longer.
_WIDER = 3


@dataclass(frozen=True, slots=True)
class Voice:
    """A recording, and what was learned from it: the scale of its features, and how its phones sound."""

    listener: Listener
    scale: Scale
    model: PhoneModel


@dataclass(slots=True)
class Passage:
    """Words and what can be heard where they may be.

    Attributes:
        words: in order, all with a sound.
        start_ms: where ``x`` begins.
        x: normalised features, a row every ``step`` frames.
        step: 1 or 2.
        windows: of the words.
        is_sound: rows that stand out from the silence.
        is_free: rows between words as they were heard, and not loud: breath, noise, silence.
        graph: of the words, once it was built.
    """

    words: Sequence[ExpectedWord]
    start_ms: int
    x: Features
    step: int
    windows: Windows
    is_sound: NDArray[np.bool_]
    is_free: NDArray[np.bool_]
    graph: WordGraph | None = field(default=None)


class SelfTrainedAligner:
    """A ``ForcedAligner`` for one language that also ``ComparesTexts`` and ``AlignsStretches``.

    Args:
        language: ISO 639-1 code or tag.
        start_from: the model that is adapted to each recording.
    """

    def __init__(self, language: str, start_from: PhoneModel | None = None) -> None:
        self._pronounce = pronunciation(language)
        self._seed = start_from or seed()
        self._known: tuple[Recording, Voice] | None = None
        # Numba makes itself ready when something is called for the first time: 0.2 s.
        features(np.zeros(SAMPLE_RATE, np.float32))

    def align(
        self, words: Sequence[ExpectedWord], recording: Recording, progress: OnProgress = tell_nobody
    ) -> Located:
        """Find words: see ``ForcedAligner``. Those without a sound, and those beyond the end, are not."""
        places = self._places(words, recording)
        if not places:
            return Located()
        said = [words[at] for at in places]
        voice = self._voice_of(said, recording)
        pauses = {pause.before: pause for pause in trusted_pauses(said, recording.speech)}
        return self._found(said, places, voice, pauses, progress=progress)

    def align_stretch(
        self,
        words: Sequence[ExpectedWord],
        within: Span,
        others: Sequence[ExpectedWord],
        recording: Recording,
    ) -> Located:
        """Find words between two times: see ``AlignsStretches``."""
        places = self._places(words, recording)
        if not places:
            return Located()
        said = [words[at] for at in places]
        if self._known is None or self._known[0] is not recording:
            line = sorted([*said, *others], key=lambda word: word.start_ms)
            self._voice_of([line[at] for at in self._places(line, recording)], recording)
        return self._found(said, places, self._voice_of(said, recording), {}, within)

    def _found(
        self,
        said: Sequence[ExpectedWord],
        places: Sequence[int],
        voice: Voice,
        pauses: Mapping[int, Pause],
        within: Span | None = None,
        progress: OnProgress = tell_nobody,
    ) -> Located:
        """All words that have a sound, by their ``places`` among those that were asked for."""
        spans: dict[int, Span] = {}
        absent: set[int] = set()

        def find(chunk: Chunk) -> Located:
            return self._find(said, chunk, listen(said, chunk, voice.listener), voice, pauses, within)

        chunks = list(chunks_of(said))
        for chunk, found in zip(chunks, _side_by_side(find, chunks), strict=True):
            progress(chunk.kept_stop, len(said))
            spans.update({places[at]: span for at, span in found.spans.items()})
            absent.update(places[at] for at in found.absent)
        return Located(dict(_in_order(spans)), frozenset(absent))

    def likelihoods(
        self, sounds: Iterable[Sound], words: Sequence[ExpectedWord], recording: Recording
    ) -> Iterator[list[float]]:
        """Which text a sound is likelier to be: see ``ComparesTexts``."""
        said = [words[at] for at in self._places(words, recording)]
        if not said:
            yield from ([-inf] * len(sound.texts) for sound in sounds)
            return
        voice = self._voice_of(said, recording)
        for sound in sounds:
            x = voice.scale.apply(features(recording.read(sound.start_ms, sound.end_ms)))
            yield [self._likelihood(text, x, voice.model) for text in sound.texts]

    def _likelihood(self, text: Sequence[str], x: Features, model: PhoneModel) -> float:
        said = [word for word in text if self._pronounce(word)]
        if not said or not len(x):
            return -inf
        edges = (0, len(said) - 1)
        words = [ExpectedWord(word, 0, 0, at in edges) for at, word in enumerate(said)]
        anywhere = np.tile(np.array([0, 0, 1, 1]) * len(x) * FRAME_MS, (len(words), 1))
        path = best_path(build_graph(words, anywhere, self._pronounce, model), x, 0, model, border_nats=0)
        return path.score if len(path.nodes) else -inf

    def _places(self, words: Sequence[ExpectedWord], recording: Recording) -> list[int]:
        """Indexes of the words that can be heard: they have a sound, and begin before the recording ends."""
        latest_ms = recording.duration_ms - FRAME_MS if words else 0
        return [
            at for at, word in enumerate(words) if word.start_ms <= latest_ms and self._pronounce(word.text)
        ]

    def _voice_of(self, words: Sequence[ExpectedWord], recording: Recording) -> Voice:
        """What is learned from a recording, once."""
        if self._known is None or self._known[0] is not recording:
            self._known = recording, self._learned(words, recording)
        return self._known[1]

    def _learned(self, words: Sequence[ExpectedWord], recording: Recording) -> Voice:
        chunks = sample_of(list(chunks_of(words)), words, _LEARN_MS)
        listener = Listener(recording)
        heard = list(_side_by_side(lambda chunk: listen(words, chunk, listener), chunks))
        scale = Scale.of(np.concatenate([sound.raw for sound in heard]))
        passages = [
            passage_of(words[chunk.kept : chunk.kept_stop], sound, scale, LEARNING_STEP)
            for chunk, sound in zip(chunks, heard, strict=True)
        ]
        model = self._seed
        for _ in range(_ROUNDS):
            seen = PathStatistics(model)
            states = _side_by_side(partial(states_on_path, model=model, pronounce=self._pronounce), passages)
            for passage, state in zip(passages, states, strict=True):
                seen.add(passage.x, state)
            model = adapted(self._seed, seen)
        return Voice(listener, scale, model)

    def _find(
        self,
        words: Sequence[ExpectedWord],
        chunk: Chunk,
        heard: Heard,
        voice: Voice,
        pauses: Mapping[int, Pause],
        within: Span | None = None,
    ) -> Located:
        """The kept words of a chunk, by their indexes in ``words``; none where they do not fit its sound."""
        own = words[chunk.first : chunk.stop]
        for times in (1, _WIDER):
            passage = passage_of(own, heard, voice.scale, 1, times * WINDOW_MS, within)
            for at in range(chunk.first + 1, chunk.stop):
                if at in pauses:
                    keep_apart(passage.windows, at - chunk.first, pauses[at])
            graph = build_graph(own, passage.windows, self._pronounce, voice.model)
            beam_nats = times * BEAM_NATS
            nodes = best_path(graph, passage.x, passage.start_ms, voice.model, beam_nats=beam_nats).nodes
            if len(nodes):
                break
        else:
            return Located()
        rough = _spans(graph.word[nodes], passage.start_ms - heard.start_ms)
        spans = dict(zip(rough, self._bordered(own, rough, heard.level), strict=True))
        kept = range(chunk.kept - chunk.first, chunk.kept_stop - chunk.first)
        return Located(
            {
                chunk.first + at: (heard.start_ms + spans[at][0], heard.start_ms + spans[at][1])
                for at in kept
                if at in spans and _is_heard(heard, rough[at], voice.scale)
            },
            frozenset(chunk.first + at for at in kept if own[at].may_be_absent and at not in spans),
        )

    def _bordered(self, words: Sequence[ExpectedWord], spans: dict[int, Span], level: Levels) -> list[Span]:
        """The spans with their borders at pauses where the sound's are; in ms of ``level``."""
        forms = [first_form(self._pronounce, words[at].text) for at in spans]
        edges = [(form[0], form[-1]) for form in forms]
        return beside_pauses(without_closures(list(spans.values()), edges), level)


def listen(words: Sequence[ExpectedWord], chunk: Chunk, listener: Listener) -> Heard:
    """What can be heard around a chunk's words."""
    first, last = words[chunk.first], words[chunk.stop - 1]
    start = max(0, (first.start_ms - REACH_MS) // _GRID_MS * _GRID_MS)
    return listener.hear(start, -(-(last.end_ms + REACH_MS) // _GRID_MS) * _GRID_MS)


def passage_of(
    words: Sequence[ExpectedWord],
    heard: Heard,
    scale: Scale,
    step: int,
    window_ms: int = WINDOW_MS,
    within: Span | None = None,
) -> Passage:
    """What the search for the words needs, and no more; ``within``: where they surely are."""
    windows = search_windows(words, heard.start_ms, heard.raw[:, 0] > scale.sound_from, window_ms)
    if within:
        windows = np.clip(windows, *within)
    end_ms = heard.start_ms + len(heard.raw) * FRAME_MS
    first = int(windows[0, 0]) // _GRID_MS * _GRID_MS
    last = min(end_ms, -(-int(windows[:, 3].max()) // _GRID_MS) * _GRID_MS)
    part = heard.raw[(first - heard.start_ms) // FRAME_MS : (last - heard.start_ms) // FRAME_MS : step]
    is_free = part[:, 0] < scale.loud_from
    for word in words:
        edges = (word.start_ms - _FREE_MS, word.end_ms + _FREE_MS)
        start, stop = (max(0, (at - first) // (FRAME_MS * step)) for at in edges)
        is_free[start:stop] = False
    x = np.ascontiguousarray(scale.apply(part))
    return Passage(words, first, x, step, windows, part[:, 0] > scale.sound_from, is_free)


def states_on_path(passage: Passage, model: PhoneModel, pronounce: Pronounce) -> NDArray[np.int64]:
    """The state to be learned from each row of a passage: that on its best path, if there is one."""
    if passage.graph is None:
        passage.graph = build_graph(passage.words, passage.windows, pronounce, model)
    nodes = best_path(passage.graph, passage.x, passage.start_ms, model, passage.step).nodes
    if not len(nodes):
        return np.full(len(passage.x), UNUSED)
    # What may not have been said teaches nothing. Silence is in the last place, by its index of -1.
    is_doubtful = np.array([*(word.may_be_absent for word in passage.words), False])
    state = np.where(passage.is_free, SILENCE, passage.graph.state[nodes])
    return np.where(is_doubtful[passage.graph.word[nodes]], UNUSED, state)


def _side_by_side(function: Callable[[_In], _Out], items: Iterable[_In]) -> Iterator[_Out]:
    """What a function gives for each item, in order; it holds the interpreter's lock only now and then."""
    with ThreadPoolExecutor(physical_cores()) as pool:
        yield from pool.map(function, items)


def _spans(owner: NDArray[np.int64], start_ms: int) -> dict[int, Span]:
    """When each word's first frame begins and its last one ends, in order; ``owner``: of each frame."""
    borders = [0, *(np.flatnonzero(np.diff(owner)) + 1).tolist(), len(owner)]
    return {
        int(owner[begin]): (start_ms + begin * FRAME_MS, start_ms + end * FRAME_MS)
        for begin, end in pairwise(borders)
        if owner[begin] != NO_WORD
    }


def _is_heard(heard: Heard, span: Span, scale: Scale) -> bool:
    """Whether there is any sound in a span, in ms from ``heard.start_ms`` on."""
    first, last = (ms // FRAME_MS for ms in span)
    return bool((heard.raw[first:last, 0] > scale.sound_from).any())


def _in_order(spans: dict[int, Span]) -> Iterator[tuple[int, Span]]:
    """Let no word begin before the one before it ends."""
    end = 0
    for at, span in sorted(spans.items()):
        start = max(end, span[0])
        end = max(start + 1, span[1])
        yield at, (start, end)
