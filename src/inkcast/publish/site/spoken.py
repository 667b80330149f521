"""A reader page for an episode without an essay: its transcript takes the essay's place.

Who is speaking has a paragraph of its own; what somebody else throws in stands in brackets inside it.
"""

from __future__ import annotations

from inkcast.alignment.alignment import AlignedBlock, AlignedWord, Alignment, AudioFacts, Audit
from inkcast.essays.essay import Block, Essay
from inkcast.publish.words import SpokenWord, ends_sentence, in_brackets, spoken_words
from inkcast.speech.transcript import Transcript

PARAGRAPH_WORDS = 80
"""A paragraph ends with the first sentence that ends after so many words."""


def transcript_as_essay(transcript: Transcript, title: str) -> tuple[Essay, Alignment]:
    """The transcript as paragraphs, and its word times as their alignment."""
    blocks: list[Block] = []
    words: list[AlignedWord] = []
    for paragraph in _paragraphs(spoken_words(transcript)):
        text = ""
        for word in in_brackets(paragraph):
            text += "" if word.glued or not text else " "
            at = len(text), len(text) + len(word.text)
            words.append(AlignedWord(word.text, len(blocks), *at, "spoken", word.start_ms, word.end_ms, 1.0))
            text += word.text
        blocks.append(Block("paragraph", text, speaker=paragraph[0].turn))
    return Essay(title, tuple(blocks), language=transcript.language), Alignment(
        AudioFacts("", transcript.duration_ms, ""),
        transcript.model,
        tuple(AlignedBlock(b.kind, b.text, None, None, "spoken", b.speaker) for b in blocks),
        tuple(words),
        (),
        Audit(0, 0, 1.0, 0.0, passed=True, problems=()),
        transcript.language,
    )


def _paragraphs(words: tuple[SpokenWord, ...]) -> list[list[SpokenWord]]:
    paragraphs: list[list[SpokenWord]] = [[]]
    for index, word in enumerate(words):
        if paragraphs[-1] and word.turn != paragraphs[-1][-1].turn:
            paragraphs.append([])
        paragraphs[-1].append(word)
        following = words[index + 1] if index + 1 < len(words) else None
        if len(paragraphs[-1]) >= PARAGRAPH_WORDS and following and ends_sentence(word, following):
            paragraphs.append([])
    return [paragraph for paragraph in paragraphs if paragraph]
