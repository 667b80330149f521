"""Plain text: paragraphs, one a line, an empty line between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise

from inkcast.publish.words import SpokenWord, ends_sentence, in_brackets, join_words

# Not measured: chosen by hand.
PARAGRAPH_PAUSE_MS = 1_200
"""A pause after a sentence that begins a new paragraph."""

LONG_PARAGRAPH_CHARS = 900
"""Characters after which a paragraph ends with its sentence."""


def write_txt(words: Sequence[SpokenWord]) -> str:
    """Running text: an essay's blocks, or sentences grouped by long pauses; "Name: " begins a turn."""
    lines, speaker = [], ""
    for paragraph in _paragraphs(words):
        turn = paragraph[0].turn
        label = f"{turn}: " if turn and turn != speaker else ""
        lines.append(label + join_words(in_brackets(paragraph)))
        speaker = turn
    return "".join(f"{line}\n\n" for line in lines).removesuffix("\n")


def _paragraphs(words: Sequence[SpokenWord]) -> Iterator[list[SpokenWord]]:
    paragraph: list[SpokenWord] = []
    n_chars = 0
    for word, following in pairwise(chain(words, (None,))):
        if word is None:
            return
        paragraph.append(word)
        n_chars += len(word.text) + 1
        if following is None or _parts(word, following, n_chars):
            yield paragraph
            paragraph, n_chars = [], 0


def _parts(word: SpokenWord, following: SpokenWord, n_chars: int) -> bool:
    if word.turn != following.turn or word.paragraph != following.paragraph:
        return True
    pause_ms = following.start_ms - word.end_ms
    return ends_sentence(word, following) and (
        pause_ms >= PARAGRAPH_PAUSE_MS or n_chars >= LONG_PARAGRAPH_CHARS
    )
