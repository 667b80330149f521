"""Conversations: transcripts whose words say who speaks, and interviews that are aligned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from inkcast.alignment.alignment import Alignment, Extra
from inkcast.essays.essay import Block, Essay
from inkcast.speech.transcript import Segment, Transcript, TranscriptWord
from tests.support.alignments import align

WORD_MS = 300
HOSTILE_NAMES = (
    "<img src=x onerror=alert(1)>",
    '"></div><script>alert(2)</script>',
    "x" * 200,
    "Ada\nLovelace",
    "\u202eevil",
    "עדה",
    "Mr. {{ name }} & ${co}",
)
TURNS = (
    ("Ada Brown", "Welcome to the show about harbours. How did you come to study mud?"),
    ("Bo Chen", "By accident. I had lost a boot in it, and wanted to know how deep it was."),
    ("Bo Chen", "It was deeper than anybody had measured, so I stayed for eleven years."),
    ("Ada Brown", "And the boot?"),
    ("Bo Chen", "Still there. A crab lives in it now, and pays no rent."),
)


def talk(*parts: tuple[str, str], pause_ms: int = 0) -> Transcript:
    """What is said, one after the other, all of it in one segment: (name, words)."""
    words, now = [], 0
    for name, said in parts:
        for text in said.split():
            words.append(TranscriptWord(f" {text}", now, now + WORD_MS, 0.9, speaker=name))
            now += WORD_MS
        now += pause_ms
    text = "".join(word.text for word in words)
    return Transcript("en", (Segment(0, now, text, tuple(words), parts[0][0]),), now)


def interview(
    turns: Sequence[tuple[str, str]] = TURNS, *extra: Extra, labelled: bool = True
) -> tuple[Essay, Alignment]:
    """An essay under the title "Mud" and its alignment; ``labelled``: the essay says who speaks, too."""
    blocks = (Block("title", "Mud"), *(Block("paragraph", text, speaker=name) for name, text in turns))
    essay = Essay("Mud", blocks, "", "en")
    alignment = align(essay, extra=tuple(extra))
    if not labelled:
        essay = replace(essay, blocks=tuple(replace(block, speaker="") for block in blocks))
    return essay, alignment
