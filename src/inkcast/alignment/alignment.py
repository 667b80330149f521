"""For every word of the essay: when it is spoken, whether it is, and what else was said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from inkcast.essays.essay import BlockKind
from inkcast.speech.transcript import ModelInfo

Status = Literal["spoken", "interpolated", "unspoken"]
FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class AudioFacts:
    """The exact recording that the times belong to; ``source`` is where it came from."""

    sha256: str
    duration_ms: int
    source: str


@dataclass(frozen=True, slots=True)
class AlignedWord:
    """A word of the essay and its time.

    ``spoken``: heard. ``interpolated``: spoken, its time inferred from its neighbours.
    ``unspoken``: the recording does not contain it, times are None.
    """

    text: str
    block: int
    char_start: int
    char_end: int
    status: Status
    start_ms: int | None
    end_ms: int | None
    confidence: float

    def follows(self, before: AlignedWord | None) -> bool:
        """Whether no space stands between the two, as in "surprised—My"."""
        return before is not None and (before.block, before.char_end) == (self.block, self.char_start)


@dataclass(frozen=True, slots=True)
class AlignedBlock:
    """A block of the essay; ``status`` is what most of its words are, times span its spoken words."""

    kind: BlockKind
    text: str
    start_ms: int | None
    end_ms: int | None
    status: Status
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class Extra:
    """Speech that the essay does not contain, heard after ``words[after_word]`` (-1: before all).

    ``speaker`` says it, where that is known.
    """

    after_word: int
    text: str
    start_ms: int
    end_ms: int
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class Audit:
    """Whether the alignment can be trusted.

    Attributes:
        speech_ms: audio with speech in it, and in which something is said as far as can be told.
        accounted_ms: speech that the essay's words or ``extra`` explain, each by its letters.
        coverage: share of the essay's words that are spoken, blocks that nobody reads aside.
        verified_share: share of the transcript's words that the essay confirms.
        passed: no problem that makes the result useless.
        problems: one sentence each.
    """

    speech_ms: int
    accounted_ms: int
    coverage: float
    verified_share: float
    passed: bool
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alignment:
    """The content of ``<stem>.alignment.json``; words are in essay order.

    ``language`` is that of the essay, as its page states it, else what was heard; empty if not known.
    """

    audio: AudioFacts
    model: ModelInfo | None
    blocks: tuple[AlignedBlock, ...]
    words: tuple[AlignedWord, ...]
    extra: tuple[Extra, ...]
    audit: Audit
    language: str = ""

    def to_json(self) -> dict[str, Any]:
        """The published JSON form."""
        return {
            "version": FORMAT_VERSION,
            "audio": _fields(self.audio),
            "model": self.model.to_json() if self.model else None,
            "language": self.language,
            "blocks": [_with_known_speaker(block) for block in self.blocks],
            "words": [_fields(word) for word in self.words],
            "extra": [_with_known_speaker(extra) for extra in self.extra],
            "audit": {**_fields(self.audit), "problems": list(self.audit.problems)},
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Alignment:
        """Read what ``to_json`` wrote.

        Raises:
            KeyError, TypeError, ValueError: the object is of another shape or a newer version.
        """
        if data["version"] != FORMAT_VERSION:
            raise ValueError(f"alignment version {data['version']}, this Inkcast reads {FORMAT_VERSION}")
        return cls(
            audio=AudioFacts(**data["audio"]),
            model=ModelInfo(**data["model"]) if data["model"] else None,
            blocks=tuple(AlignedBlock(**block) for block in data["blocks"]),
            words=tuple(AlignedWord(**word) for word in data["words"]),
            extra=tuple(Extra(**extra) for extra in data["extra"]),
            audit=Audit(**{**data["audit"], "problems": tuple(data["audit"]["problems"])}),
            language=str(data.get("language", "")),
        )


def _with_known_speaker(record: AlignedBlock | Extra) -> dict[str, Any]:
    return {name: value for name, value in _fields(record).items() if name != "speaker" or value}


def _fields(record: Any) -> dict[str, Any]:
    """Shallow dict of a slotted dataclass; ``dataclasses.asdict`` is 20 times slower on 10,000 words."""
    return {name: getattr(record, name) for name in record.__slots__}
