"""A label track of Audacity: one label for each sentence.

Source: https://manual.audacityteam.org/man/importing_and_exporting_labels.html
"""

from __future__ import annotations

from collections.abc import Sequence

from inkcast.alignment.alignment import Alignment
from inkcast.publish.sentences import spoken_sentences
from inkcast.publish.words import SpokenWord, in_brackets, join_words, spoken_words


def write_labels(alignment: Alignment) -> str:
    """Start and end in seconds and the text, with tabs between them; speech that nobody wrote included.

    Each label names its speaker, where one is known, since it may be looked at alone.
    """
    return "".join(map(_label, spoken_sentences(spoken_words(alignment))))


def _label(sentence: Sequence[SpokenWord]) -> str:
    name = f"{sentence[0].turn}: " if sentence[0].turn else ""
    times = f"{sentence[0].start_ms / 1000:.6f}\t{sentence[-1].end_ms / 1000:.6f}"
    return f"{times}\t{name}{join_words(in_brackets(sentence))}\n"
