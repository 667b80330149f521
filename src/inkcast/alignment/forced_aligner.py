"""The seam between Inkcast and whatever finds known words in sound.

To add one: a module with a class that fulfils ``ForcedAligner``, and a line in ``ALIGNERS`` of
``aligners.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from inkcast.audio.recording import Recording
from inkcast.audio.spans import Span
from inkcast.on_progress import OnProgress, tell_nobody


@dataclass(frozen=True, slots=True)
class ExpectedWord:
    """A word that was said, as written, and roughly when; ``may_be_absent`` if it may not have been said."""

    text: str
    start_ms: int
    end_ms: int
    may_be_absent: bool = False


@dataclass(frozen=True, slots=True)
class Located:
    """What an aligner found, by the words' indexes. Words in neither keep the times that they had.

    Attributes:
        spans: where words are.
        absent: words that may be absent, and are.
    """

    spans: dict[int, Span] = field(default_factory=dict)
    absent: frozenset[int] = frozenset()


class ForcedAligner(Protocol):
    """Finds the words of a known text in a recording."""

    def align(
        self, words: Sequence[ExpectedWord], recording: Recording, progress: OnProgress = tell_nobody
    ) -> Located:
        """Find each word.

        Args:
            words: all that is said in the recording, in order, most of it within a few hundred
                milliseconds of where it is.
            recording: the audio.
            progress: told how many of the words were sought, and how many there are.

        Raises:
            AudioError: the recording cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class Sound:
    """A stretch of the recording, and texts of which one was said there; their ends may be cut off."""

    start_ms: int
    end_ms: int
    texts: tuple[tuple[str, ...], ...]


@runtime_checkable
class ComparesTexts(Protocol):
    """An aligner that can also tell which of several texts a sound is likelier to be."""

    def likelihoods(
        self, sounds: Iterable[Sound], words: Sequence[ExpectedWord], recording: Recording
    ) -> Iterator[list[float]]:
        """For each sound the natural logarithm of how likely each of its texts makes it; -inf: not at all.

        Args:
            sounds: stretches of the recording.
            words: all that was heard in it, in order, to know the narrator by.
            recording: the audio.
        """
        ...


@runtime_checkable
class AlignsStretches(Protocol):
    """An aligner that can also find the words of a short stretch whose borders are known, in no time."""

    def align_stretch(
        self,
        words: Sequence[ExpectedWord],
        within: Span,
        others: Sequence[ExpectedWord],
        recording: Recording,
    ) -> Located:
        """Find words that are said one after the other between two times; none is found outside of them.

        Args:
            words: of the stretch, in order, roughly where they are.
            within: where the stretch begins and ends, in ms.
            others: what else is said in the recording, in order, to know the narrator by.
            recording: the audio.

        Raises:
            AudioError: the recording cannot be read.
        """
        ...
