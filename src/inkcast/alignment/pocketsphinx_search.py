"""Where in a stretch of audio each word of a known text lies: forced alignment with PocketSphinx."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf, log
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pocketsphinx

from inkcast.alignment.lexicon import pronounce
from inkcast.alignment.onsets import Loudness
from inkcast.audio.decode import SAMPLE_RATE, Samples

_FRAME_MS = 10
# Not measured. With PocketSphinx's own language weight of 6.5 a pause between words costs so much that words
# are stretched over it; there is no language model here to weigh against.
_LANGUAGE_WEIGHT = 1.0
# docs/accuracy.md: one for punctuation and another for elsewhere found the same.
_SILENCE_PROBABILITY = 0.1
# PocketSphinx's own beams (1e-48, and 7e-29 for words) lose the right path where a word sounds unlike
# its pronunciation, and with it all words up to the next pause. Wider ones than these take longer
# (docs/accuracy.md).
_BEAM, _WORD_BEAM = 1e-80, 1e-60
# Not measured: chosen by hand.
_FEWEST_SAMPLES = SAMPLE_RATE // 10
_LEAST_PAUSE_MS = 60
# PocketSphinx shifts its scores by ten bits before it takes them out of the logarithm.
_SCORE_SCALE = 1024
_SEARCH = "line"
_SKIPPED = "(NULL)"

_KINDS = {
    "pause": "",
    "stop": "P T K B D G CH JH",
    "fricative": "F V TH DH S Z SH ZH HH",
    "nasal": "M N NG",
    "glide": "L R W Y",
    "vowel": "AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW",
}
_KIND_OF = {phone: kind for kind, phones in _KINDS.items() for phone in phones.split()}
# The model hears borders early, how early depends on the sounds that meet: ms to add. Medians over
# recordings with known times (docs/accuracy.md), rows: the sound before, columns: the sound after.
_DELAYS_MS = {
    "pause": {"pause": 0, "stop": 14, "fricative": 25, "nasal": 19, "glide": 6, "vowel": 19},
    "stop": {"pause": 18, "stop": 20, "fricative": 23, "nasal": 24, "glide": 26, "vowel": 21},
    "fricative": {"pause": -3, "stop": 26, "fricative": 20, "nasal": 14, "glide": 19, "vowel": 12},
    "nasal": {"pause": 11, "stop": 32, "fricative": 26, "nasal": 29, "glide": 20, "vowel": 22},
    "glide": {"pause": 2, "stop": 43, "fricative": 35, "nasal": 36, "glide": 43, "vowel": 7},
    "vowel": {"pause": 4, "stop": 45, "fricative": 47, "nasal": 41, "glide": 55, "vowel": 26},
}
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a word: its name in the decoder's dictionary; ``index`` is the word's."""

    name: str
    index: int
    may_be_silent: bool


@dataclass(frozen=True, slots=True)
class _Segment:
    """What the decoder found, a word's part or a pause, with the kinds of its first and last sound."""

    name: str
    start_ms: int
    end_ms: int
    first: str
    last: str


class WordSearch:
    """PocketSphinx's US English acoustic model and the pronunciations of the words it will meet.

    Args:
        words: every word, as written, that ``align`` may be asked for.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._names = {word: f"w{index}" for index, word in enumerate(dict.fromkeys(words))}
        self._phones = dict(self._entries())
        with TemporaryDirectory() as folder:
            path = Path(folder) / "words.dict"
            path.write_text("".join(f"{name} {phones}\n" for name, phones in self._phones.items()), "ascii")
            self._decoder = pocketsphinx.Decoder(
                hmm=pocketsphinx.get_model_path("en-us/en-us"),
                dict=str(path),
                lm=None,
                lw=_LANGUAGE_WEIGHT,
                silprob=_SILENCE_PROBABILITY,
                beam=_BEAM,
                pbeam=_BEAM,
                wbeam=_WORD_BEAM,
                loglevel="FATAL",
            )

    def _entries(self) -> Iterator[tuple[str, str]]:
        for word, name in self._names.items():
            for at, forms in enumerate(pronounce(word)):
                for count, phones in enumerate(filter(None, forms), 1):
                    yield f"{name}.{at}" if count == 1 else f"{name}.{at}({count})", phones

    def align(
        self, words: Sequence[str], samples: Samples, optional: Collection[int] = ()
    ) -> list[Span | None] | None:
        """Find the words, one after the other, with or without pauses between them.

        Args:
            words: as written.
            samples: mono float32 at 16 kHz that hold these words and nothing else that is spoken.
            optional: indexes of words that may be missing from the samples.

        Returns:
            (start_ms, end_ms) of each word from the start of the samples, None for those that are
            missing or have no sound; None where the words do not fit the samples.
        """
        line = self._line(words, optional)
        segments = self._search(line, samples)
        owners = _owners(segments, line)
        return None if owners is None else _times(segments, owners, len(words), Loudness(samples))

    def likelihood(self, words: Sequence[str], samples: Samples) -> float:
        """The natural logarithm of how likely the samples are if these words, and no others, are said.

        The first and the last may be cut off. Comparable between different words for the same samples;
        -inf where they do not fit.
        """
        line = self._line(words, (0, len(words) - 1))
        if _owners(self._search(line, samples), line) is None:
            return -inf
        return _SCORE_SCALE * log(self._decoder.hyp().best_score)

    def _line(self, words: Sequence[str], optional: Collection[int]) -> list[_Part]:
        return [
            _Part(f"{self._names[word]}.{at}", index, index in optional or "" in forms)
            for index, word in enumerate(words)
            for at, forms in enumerate(pronounce(word))
        ]

    def _search(self, line: Sequence[_Part], samples: Samples) -> list[_Segment]:
        decoder = self._decoder
        if not line or len(samples) < _FEWEST_SAMPLES:
            return []
        try:
            decoder.add_fsg(_SEARCH, decoder.create_fsg(_SEARCH, 0, len(line), list(_transitions(line))))
        except RuntimeError:
            # A word of thousands of letters.
            return []
        decoder.activate_search(_SEARCH)
        decoder.start_utt()
        decoder.process_raw((np.clip(samples, -1, 1) * 32767).astype(np.int16).tobytes(), full_utt=True)
        decoder.end_utt()
        return [self._segment(found) for found in decoder.seg() or () if found.word != _SKIPPED]

    def _segment(self, found: pocketsphinx.Segment) -> _Segment:
        phones = self._phones.get(found.word, "SIL").split()
        first, last = (_KIND_OF.get(phone, "pause") for phone in (phones[0], phones[-1]))
        start, end = found.start_frame * _FRAME_MS, (found.end_frame + 1) * _FRAME_MS
        return _Segment(found.word.partition("(")[0], start, end, first, last)


def _transitions(line: Sequence[_Part]) -> Iterator[tuple[int, int, float] | tuple[int, int, float, str]]:
    for state, part in enumerate(line):
        yield state, state + 1, 1.0, part.name
        if part.may_be_silent:
            yield state, state + 1, 1.0


def _owners(segments: Sequence[_Segment], line: Sequence[_Part]) -> list[int | None] | None:
    """The word that each segment belongs to; None if the search died before it reached the last."""
    owners: list[int | None] = []
    at = 0
    for segment in segments:
        if segment.first == "pause":
            owners.append(None)
            continue
        while line[at].name != segment.name:
            at += 1
        owners.append(line[at].index)
        at += 1
    return owners if segments and all(part.may_be_silent for part in line[at:]) else None


def _times(
    segments: Sequence[_Segment], owners: Sequence[int | None], n_words: int, loudness: Loudness
) -> list[Span | None]:
    """The words' times: after pauses where their sound begins, else moved by what the model is early."""
    spans: list[Span | None] = [None] * n_words
    before = ["pause", *(segment.last for segment in segments)]
    after = [*(segment.first for segment in segments[1:]), "pause"]
    for index, (segment, owner) in enumerate(zip(segments, owners, strict=True)):
        if owner is not None:
            start = segment.start_ms + _DELAYS_MS[before[index]][segment.first]
            end = segment.end_ms + _DELAYS_MS[segment.last][after[index]]
            if before[index] == "pause" and (pause_ms := _pause_before(segments, index)) is not None:
                start = loudness.onset(start, pause_ms, end)
            known = spans[owner]
            spans[owner] = (known[0] if known else start, max(end, start + _FRAME_MS))
    return spans


def _pause_before(segments: Sequence[_Segment], index: int) -> int | None:
    """Where the pause before a segment begins; None if it is too short to tell from a stop's closure."""
    start = segments[index - 1].start_ms if index else 0
    return start if segments[index].start_ms - start >= _LEAST_PAUSE_MS else None
