"""The sentences of an essay and of a recording, and the essay's words by block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, pairwise

from inkcast.alignment.alignment import AlignedWord, Alignment
from inkcast.publish.words import SpokenWord, as_written, clean_text, ends_sentence

LONGEST_NAME = 200
"""Characters of a title where it is only a name: in lists, tags and menus."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the essay, within one block.

    Attributes:
        block: its index.
        words: one or more, in the order of the essay.
        text: showable, on one line, never empty.
        start_ms: of the earliest word that is spoken; None if none is.
        end_ms: of the latest one.
    """

    block: int
    words: tuple[AlignedWord, ...]
    text: str
    start_ms: int | None
    end_ms: int | None


def essay_sentences(alignment: Alignment) -> Iterator[Sentence]:
    """Every sentence of the essay, spoken or not, in its order; words without a showable character go."""
    for block, group in groupby(alignment.words, key=lambda word: word.block):
        sentence: list[AlignedWord] = []
        showable = [word for word in group if clean_text(word.text)]
        for word, following in pairwise(chain(showable, (None,))):
            if word is None:
                break
            sentence.append(word)
            if following is None or ends_sentence(_as_spoken(word), _as_spoken(following)):
                yield _sentence(block, sentence)
                sentence = []


def spoken_sentences(words: Sequence[SpokenWord]) -> Iterator[tuple[SpokenWord, ...]]:
    """Cut a stream of words after each sentence, paragraph and turn; what is thrown in stays inside."""
    sentence: list[SpokenWord] = []
    for word, following in pairwise(chain(words, (None,))):
        if word is None:
            break
        sentence.append(word)
        if (
            following is None
            or word.paragraph != following.paragraph
            or word.turn != following.turn
            or ends_sentence(word, following)
        ):
            yield tuple(sentence)
            sentence = []


def essay_title(alignment: Alignment) -> str:
    """The title as a name; empty if the essay's text does not carry one."""
    titles = (block.text for block in alignment.blocks if block.kind == "title")
    return clean_text(next(titles, ""))[:LONGEST_NAME].strip()


def length_ms(alignment: Alignment) -> int:
    """Length of the recording, or the end of what was heard if that comes later."""
    ends = [word.end_ms for word in alignment.words if word.end_ms is not None]
    return max(alignment.audio.duration_ms, *ends, *(extra.end_ms for extra in alignment.extra), 0)


def _as_spoken(word: AlignedWord) -> SpokenWord:
    return SpokenWord(clean_text(word.text), 0, 0)


def _sentence(block: int, words: Sequence[AlignedWord]) -> Sentence:
    text = as_written(words)
    starts = [word.start_ms for word in words if word.start_ms is not None]
    ends = [word.end_ms for word in words if word.end_ms is not None]
    return Sentence(block, tuple(words), text, min(starts, default=None), max(ends, default=None))
