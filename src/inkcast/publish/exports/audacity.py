"""A label track of Audacity: one label for each sentence.

Source: https://manual.audacityteam.org/man/importing_and_exporting_labels.html
"""

from __future__ import annotations

from inkcast.alignment.alignment import Alignment
from inkcast.publish.sentences import spoken_sentences
from inkcast.publish.words import join_words, spoken_words


def write_labels(alignment: Alignment) -> str:
    """Start and end in seconds and the text, with tabs between them; speech that nobody wrote included."""
    return "".join(
        f"{sentence[0].start_ms / 1000:.6f}\t{sentence[-1].end_ms / 1000:.6f}\t{join_words(sentence)}\n"
        for sentence in spoken_sentences(spoken_words(alignment))
    )
