"""Who says what in a conversation: the blocks by name, and how long each one talks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from inkcast.alignment.alignment import Alignment
from inkcast.publish.words import SpokenWord, clean_text, spoken_words

_WHOEVER = ("title", "heading")
_LONGEST_PAUSE_MS = 2_000


@dataclass(frozen=True, slots=True)
class Talk:
    """What one speaker says of a recording.

    Attributes:
        speaker: never empty.
        talk_ms: time between the first and the last word of each stretch, without pauses of two seconds.
        n_words: all, with those thrown in while others talk.
        n_turns: stretches, without those.
    """

    speaker: str
    talk_ms: int = 0
    n_words: int = 0
    n_turns: int = 0


def block_names(alignment: Alignment) -> tuple[str, ...]:
    """Who says each block, as a name; empty where nobody is known, and of headings, whoever reads them."""
    return tuple("" if block.kind in _WHOEVER else clean_text(block.speaker) for block in alignment.blocks)


def block_labels(alignment: Alignment) -> tuple[str, ...]:
    """The names as they stand before the blocks: none where somebody who has just been named goes on."""
    names = block_names(alignment)
    return tuple("" if name == before else name for before, name in pairwise(("", *names)))


def speakers_of(alignment: Alignment) -> tuple[Talk, ...]:
    """Those who talk, in the order of their first words; none where nobody talks to another."""
    names = {*block_names(alignment), *(clean_text(extra.speaker) for extra in alignment.extra)} - {""}
    if len(names) < 2:
        return ()
    heard = talks(spoken_words(alignment))
    silent = names - {talk.speaker for talk in heard}
    return (*heard, *(Talk(name) for name in sorted(silent)))


def talks(words: Sequence[SpokenWord]) -> tuple[Talk, ...]:
    """How much each speaker says, in the order of their first words."""
    ms: dict[str, int] = {}
    n_words: dict[str, int] = {}
    n_turns: dict[str, int] = {}
    turn = ""
    for word, following in pairwise(chain(words, [None])):
        if word is None:
            break
        goes_on = (
            following is not None
            and following.speaker == word.speaker
            and following.start_ms - word.end_ms < _LONGEST_PAUSE_MS
        )
        end_ms = following.start_ms if following is not None and goes_on else word.end_ms
        ms[word.speaker] = ms.get(word.speaker, 0) + end_ms - word.start_ms
        n_words[word.speaker] = n_words.get(word.speaker, 0) + 1
        n_turns[word.turn] = n_turns.get(word.turn, 0) + (word.turn != turn)
        turn = word.turn
    return tuple(Talk(name, ms[name], n_words[name], n_turns.get(name, 0)) for name in ms if name)
