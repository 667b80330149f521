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
    """Words without white space, and each one's start in ms; None if nobody reads it aloud."""

    words: tuple[str, ...]
    times: tuple[int | None, ...]

    def tokens(self) -> Iterator[tuple[str, int]]:
        """Each term with the index of its word; a break is an empty term."""
        for index, word in enumerate(self.words):
            if word == BREAK:
                yield "", index
            for term in terms_of(word):
                yield term, index


def document_of(source: Alignment | Transcript) -> Document:
    """The essay as published and then what was said beside it; or the transcript."""
    timed: list[tuple[str, int | None]] = []
    if isinstance(source, Transcript):
        timed = [(word.text, word.start_ms) for word in spoken_words(source)]
    else:
        timed = [(clean_text(word.text), word.start_ms) for word in source.words]
        for extra in source.extra:
            timed.append((BREAK, None))
            timed.extend((word, extra.start_ms) for word in clean_text(extra.text).split())
    timed = [(word, start_ms) for word, start_ms in timed if word]
    return Document(tuple(word for word, _ in timed), tuple(start_ms for _, start_ms in timed))
