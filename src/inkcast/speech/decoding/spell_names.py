"""Names that were misheard, spelled as the archive spells them.

A model that never read a name writes what it sounds like: "claw code", "open AI". Each improbable stretch of
one to three words is compared with the names of a vocabulary; those that sound alike are put to the model,
which says how probable they make the sound. Figures: docs/guided.md, names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from inkcast.audio.stream import SampleStream
from inkcast.speech.decoding.window import open_windows
from inkcast.speech.engines.engine import Engine
from inkcast.speech.engines.tokenizer import Tokenizer
from inkcast.speech.transcript import TranscriptWord
from inkcast.wording.vocabulary import Vocabulary, key_of

_MOST_WORDS = 3
_RATHER_SURE, _SURE = 0.8, 0.92
_CONTEXT_WORDS = 2
_MARGIN_MS = 200
_BATCH_CLIPS = 8
_LEAST_PROBABILITY = 1e-9
_TAIL = re.compile(r"(?:['’]s)?\W*\Z")
_SPELLED = re.compile(r"\W*[A-Z]{2,5}\Z")
_HEAD = re.compile(r"\A\W*")


class _Limits(NamedTuple):
    """How alike a name must be, and by how many nats what was heard may be likelier: if the name is as unlike
    as it may be, and if it has the very same letters. Names that were said lose by 1 to 7.
    """

    likeness: float
    nats_of_unlike: float
    nats_of_same: float

    def nats(self, alike: float) -> float:
        share = (alike - self.likeness) / (1 - self.likeness)
        return self.nats_of_unlike + share * (self.nats_of_same - self.nats_of_unlike)


_RARE_WORDS = _Limits(0.6, 4.0, 11.0)
_COMMON_WORDS = _Limits(0.75, 1.0, 7.0)
# "whales" and "Wales" sound the same: there the model knows best which of the two was meant.
_COMMON_WORD = _Limits(0.75, 0.0, 0.0)


_Stretch = tuple[int, int, str]
"""First word, one behind the last, and their key."""


@dataclass(frozen=True, slots=True)
class _Guess:
    """Words ``first`` to ``stop`` may be the name ``written``; what was heard may be ``nats`` likelier."""

    first: int
    stop: int
    written: str
    nats: float = 0.0


def spell_names(
    engine: Engine,
    tokenizer: Tokenizer,
    stream: SampleStream,
    words: Sequence[TranscriptWord],
    vocabulary: Vocabulary,
) -> tuple[TranscriptWord, ...]:
    """Write names as the vocabulary has them where they were misheard or taken apart.

    Args:
        engine: any engine.
        tokenizer: the engine's, in the recording's language.
        stream: holds the sound of all words.
        words: that were heard freely, in order.
        vocabulary: names; with none nothing changes.
    """
    if not vocabulary.names or not words:
        return tuple(words)
    stretches = list(_stretches(words))
    taken = _spelled_alike(words, stretches, vocabulary)
    guesses = [
        guess
        for guess in _sounding_alike(words, stretches, vocabulary, tokenizer)
        if not _overlaps(guess, taken)
    ]
    leads = _leads(engine, tokenizer, stream, words, guesses)
    worth = {guess: lead + guess.nats for guess, lead in zip(guesses, leads, strict=True)}
    for guess in sorted(worth, key=worth.__getitem__, reverse=True):
        if worth[guess] > 0 and not _overlaps(guess, taken):
            taken.append(guess)
    result = list(words)
    for guess in sorted(taken, key=lambda guess: guess.first, reverse=True):
        result[guess.first : guess.stop] = _renamed(words[guess.first : guess.stop], guess.written)
    return tuple(result)


def _overlaps(guess: _Guess, others: Sequence[_Guess]) -> bool:
    return any(guess.first < other.stop and other.first < guess.stop for other in others)


def _stretches(words: Sequence[TranscriptWord]) -> Iterator[_Stretch]:
    """Each run of a few words with its key, the longest first."""
    for length in range(_MOST_WORDS, 0, -1):
        for first in range(len(words) - length + 1):
            run = words[first : first + length]
            # A sentence that ends parts two words.
            if all(word.essay_word is None for word in run) and not any(
                word.text[-1] in ".?!" for word in run[:-1]
            ):
                text = "".join(word.text for word in run)
                yield first, first + length, key_of(_TAIL.sub("", text))


def _spelled_alike(
    words: Sequence[TranscriptWord], stretches: Sequence[_Stretch], vocabulary: Vocabulary
) -> list[_Guess]:
    """Names with odd capitals or digits, written otherwise: "open AI", "AI2", "GPT-5.5"."""
    found: list[_Guess] = []
    for first, stop, key in stretches:
        heard = "".join(word.text for word in words[first:stop])
        written = vocabulary.written(key) if vocabulary.is_odd(key) else None
        written = written or vocabulary.with_version(_TAIL.sub("", heard).strip())
        if written and written not in heard:
            guess = _Guess(first, stop, written)
            if not _overlaps(guess, found):
                found.append(guess)
    return found


def _sounding_alike(
    words: Sequence[TranscriptWord],
    stretches: Sequence[_Stretch],
    vocabulary: Vocabulary,
    tokenizer: Tokenizer,
) -> Iterator[_Guess]:
    known = {i for i, word in enumerate(words) if vocabulary.written(key_of(_TAIL.sub("", word.text)))}
    for first, stop, key in stretches:
        probabilities = [word.probability for word in words[first:stop]]
        # What is sure at either end is no part of the name.
        if min(probabilities) >= _RATHER_SURE or max(probabilities[0], probabilities[-1]) >= _SURE:
            continue
        if not known.isdisjoint(range(first, stop)):
            continue
        is_common = all(_is_common(_TAIL.sub("", word.text), tokenizer) for word in words[first:stop])
        limits = _RARE_WORDS if not is_common else _COMMON_WORD if stop - first == 1 else _COMMON_WORDS
        for alike, written in vocabulary.alike(key, limits.likeness):
            yield _Guess(first, stop, written, limits.nats(alike))


def _is_common(word: str, tokenizer: Tokenizer) -> bool:
    """Whether a model hardly mishears a name as this: it has a token for it, or has heard its letters."""
    if not word.islower():
        return bool(_SPELLED.match(word))
    return len(tokenizer.encode(word)) == 1


def _leads(
    engine: Engine,
    tokenizer: Tokenizer,
    stream: SampleStream,
    words: Sequence[TranscriptWord],
    guesses: Sequence[_Guess],
) -> list[float]:
    """By how many nats each guess is likelier than what was heard in its place."""
    by_place: dict[tuple[int, int], list[int]] = {}
    for index, guess in enumerate(guesses):
        by_place.setdefault((guess.first, guess.stop), []).append(index)
    leads = [0.0] * len(guesses)
    places = sorted(by_place, key=lambda place: words[place[1] - 1].end_ms - words[place[0]].start_ms)
    for at in range(0, len(places), _BATCH_CLIPS):
        batch = places[at : at + _BATCH_CLIPS]
        around = [
            (max(0, first - _CONTEXT_WORDS), min(len(words), stop + _CONTEXT_WORDS)) for first, stop in batch
        ]
        spans = [
            (
                stream,
                max(stream.start_ms, words[a].start_ms - _MARGIN_MS),
                stream.end_ms(words[b - 1].end_ms + _MARGIN_MS),
            )
            for a, b in around
        ]
        clips = open_windows(engine, spans)
        texts: list[list[int]] = []
        features, n_frames = [], []
        for place, (a, b), clip in zip(batch, around, clips, strict=True):
            heard = words[slice(*place)]
            for run in (heard, *(_renamed(heard, guesses[index].written) for index in by_place[place])):
                said = "".join(word.text for word in (*words[a : place[0]], *run, *words[place[1] : b]))
                texts.append(tokenizer.encode(said))
                features.append(clip.features)
                n_frames.append(clip.n_frames)
        verified = iter(engine.verify(features, tokenizer, texts, n_frames))
        for place in batch:
            sums = [
                float(np.log(np.maximum(next(verified).probabilities, _LEAST_PROBABILITY)).sum())
                for _ in range(1 + len(by_place[place]))
            ]
            for index, total in zip(by_place[place], sums[1:], strict=True):
                leads[index] = total - sums[0]
    return leads


def _renamed(words: Sequence[TranscriptWord], written: str) -> list[TranscriptWord]:
    """The name in the place of words, with the signs around them; its parts share their time by letters."""
    head, tail = _HEAD.search(words[0].text), _TAIL.search(words[-1].text)
    parts = written.split()
    texts = [f" {part}" for part in parts]
    texts[0] = (head[0] if head else " ") + parts[0]
    texts[-1] += tail[0] if tail else ""
    start, length = words[0].start_ms, words[-1].end_ms - words[0].start_ms
    total, before = sum(map(len, parts)), 0
    renamed = []
    for part, text in zip(parts, texts, strict=True):
        after = before + len(part)
        times = (start + length * done // total for done in (before, after))
        renamed.append(replace(words[0], text=text, start_ms=next(times), end_ms=next(times)))
        before = after
    return renamed
