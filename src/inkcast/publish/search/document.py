"""The text of an episode as search sees it: its words, and when each is spoken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from inkcast.alignment.alignment import Alignment
from inkcast.publish.search.terms import terms_of
from inkcast.publish.words import clean_text, spoken_words
from inkcast.speech.transcript import Transcript

BREAK = "…"
"""Stands between stretches that do not follow each other: no phrase reaches across it."""


@dataclass(frozen=True, slots=True)
class Document:
    """Words without white space, and each one's start in ms; None if nobody reads it aloud.

    ``speakers`` says who says each word, "" where that is not known; it is empty if it is known of none.
    """

    words: tuple[str, ...]
    times: tuple[int | None, ...]
    speakers: tuple[str, ...] = ()

    def tokens(self) -> Iterator[tuple[str, int]]:
        """Each term with the index of its word; a break is an empty term."""
        for index, word in enumerate(self.words):
            if word == BREAK:
                yield "", index
            for term in terms_of(word):
                yield term, index


def document_of(source: Alignment | Transcript) -> Document:
    """The essay as published and then what was said beside it; or the transcript."""
    told: list[tuple[str, int | None, str]] = []
    if isinstance(source, Transcript):
        told = [(word.text, word.start_ms, word.speaker) for word in spoken_words(source)]
    else:
        names = [clean_text(block.speaker) for block in source.blocks]
        told = [(clean_text(word.text), word.start_ms, names[word.block]) for word in source.words]
        for extra in source.extra:
            told.append((BREAK, None, ""))
            name = clean_text(extra.speaker)
            told.extend((word, extra.start_ms, name) for word in clean_text(extra.text).split())
    told = [(word, start_ms, name) for word, start_ms, name in told if word]
    words, times, speakers = zip(*told, strict=True) if told else ((), (), ())
    return Document(words, times, speakers if any(speakers) else ())
