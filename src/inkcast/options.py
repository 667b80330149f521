"""How to transcribe and how to align: what a caller may want otherwise.

Limits that belong to a model stand with it in ``models/catalog.toml`` (``speech/models/traits.py``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from inkcast.errors import SettingsError

LONGEST_WINDOW_MS = 30_000  # what Whisper's encoder takes

Speakers = Literal["auto", "off"] | int
"""How many speak: "auto" finds out, where the networks for it are installed; "off" does not ask."""


def is_speakers(value: object) -> bool:
    """Tell whether ``value`` says how many speak."""
    return value in ("auto", "off") or (type(value) is int and value >= 1)


@dataclass(frozen=True, slots=True)
class TranscribeOptions:
    """How to turn a recording into a transcript.

    Attributes:
        language: ISO code; None lets the model tell.
        prompt: what the model should take as said before, wherever it hears freely.
        vocabulary: names and spellings that it should know there.
        names: more names, to which misheard ones are corrected; any number. What is stored of a transcript
            does not depend on them, so that a library may learn names with every essay.
        speaker_names: see ``AlignOptions``; the same holds for them.
        beam_size: how wide free transcription searches. Whisper's own command has 5, too: a tenth to a
            fifth fewer word errors than 1, for a tenth to a third more time.
        second_looks: whether doubtful words of an essay are heard once more, freely.
        speakers: how many speak, if it is to be said who says what (docs/speakers.md).
        guided_window_ms: shortest and longest window in which an essay is followed (docs/guided.md).
        free_window_ms: shortest and longest window of free transcription.

    Raises:
        SettingsError: a value that makes no sense.
    """

    language: str | None = None
    prompt: str = ""
    vocabulary: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    speaker_names: Mapping[str, str] = field(default_factory=dict)
    beam_size: int = 5
    second_looks: bool = True
    speakers: Speakers = "auto"
    guided_window_ms: tuple[int, int] = (7_000, 12_000)
    free_window_ms: tuple[int, int] = (24_000, 29_500)

    def __post_init__(self) -> None:
        if self.beam_size < 1:
            raise SettingsError(f"beam_size = {self.beam_size} makes no sense.", "It must be 1 or more.")
        if not is_speakers(self.speakers):
            wanted = 'It must be "auto", "off" or a number from 1 on.'
            raise SettingsError(f"speakers = {self.speakers!r} makes no sense.", wanted)
        for name in ("guided_window_ms", "free_window_ms"):
            shortest, longest = getattr(self, name)
            if not 1_000 <= shortest <= longest <= LONGEST_WINDOW_MS:
                raise SettingsError(
                    f"{name} = ({shortest}, {longest}) makes no sense.",
                    f"It must be two times from 1000 to {LONGEST_WINDOW_MS} ms, the shorter first.",
                )

    @property
    def said_before(self) -> str:
        """Vocabulary and prompt as one text, for a model that takes both as said before."""
        words = f"{', '.join(self.vocabulary)}. " if self.vocabulary else ""
        return f"{words}{self.prompt}".strip()

    def digest(self) -> str:
        """Digest of what differs from the defaults, beside language, names and ``said_before``; "" if none.

        So results that were made before an option was added stay valid.
        """
        return _digest(self, besides=("language", "prompt", "vocabulary", "names", "speaker_names"))


@dataclass(frozen=True, slots=True)
class AlignOptions:
    """How to find the time of each word of an essay.

    Attributes:
        readings: spoken forms of written words, beside those that are known.
        refine: whether words are moved to where their sound is, as far as an aligner knows the language.
        aligner: which one does it: "auto", or a name in ``alignment/aligners.py``.
        speaker_names: who the speakers are, by what they are called in the text ("A", "Host"), or by the
            order in which they are heard ("Speaker 1", "1").
    """

    readings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    refine: bool = True
    aligner: str = "auto"
    speaker_names: Mapping[str, str] = field(default_factory=dict)

    def digest(self) -> str:
        """Digest of what differs from the defaults, beside ``readings``; "" if nothing does."""
        return _digest(self, besides=("readings",))


def _digest(options: TranscribeOptions | AlignOptions, besides: Sequence[str]) -> str:
    defaults = type(options)()
    changed: dict[str, Any] = {
        field.name: getattr(options, field.name)
        for field in fields(options)
        if field.name not in besides and getattr(options, field.name) != getattr(defaults, field.name)
    }
    return hashlib.sha256(json.dumps(changed, sort_keys=True).encode()).hexdigest() if changed else ""
