"""What a person says of an alignment, and how its place is found again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from inkcast.errors import InkcastError

Kind = Literal[
    "not read",
    "read here",
    "said instead",
    "extra speech",
    "starts here",
    "ends here",
    "speaker",
    "voice",
    "wording",
    "right",
]
Field = Literal["text", "start_ms", "end_ms"]

_SHOWN_CHARS = 60

KINDS: tuple[Kind, ...] = get_args(Kind)
NEEDS: Mapping[Kind, tuple[Field, ...]] = {
    "not read": (),
    "read here": ("start_ms", "end_ms"),
    "said instead": ("text",),
    "extra speech": ("text", "start_ms", "end_ms"),
    "starts here": ("start_ms",),
    "ends here": ("end_ms",),
    "speaker": ("text",),
    "voice": ("text",),
    "wording": ("text",),
    "right": (),
}
"""What each kind says beside its place."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """Words of an essay with those around them; an essay that was edited since has them, too.

    Attributes:
        words: as written, with single spaces; "…" as a word of its own stands for any words between two
            parts. Empty: the place between two words.
        before, after: a few words on either side.
        at_word: index of the first word in ``Essay.words()`` when this was written; it decides between
            places that are equal otherwise.
        recording: the first digits of the SHA-256 of the recording that all times belong to; empty if that
            was not written down: then they are taken as they are.
        before_ms, after_ms: when each word of ``before`` and ``after`` started in it; -1: not read.
    """

    words: str = ""
    before: str = ""
    after: str = ""
    at_word: int | None = None
    recording: str = ""
    before_ms: tuple[int, ...] = ()
    after_ms: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """One thing that a person says.

    ``not read``: the recording does not contain the words. ``read here``: they are spoken between two
    times. ``said instead``: ``text`` is said in their place. ``extra speech``: ``text`` is said between two
    times, or nothing if it is empty. ``starts here``, ``ends here``: the first word starts, the last one
    ends at that time. ``speaker``: ``text`` says the paragraphs of the words. ``voice``: whoever
    says the words is ``text``, wherever they speak. ``wording``: the published text is to have ``text`` in
    place of the words. ``right``: the words are as they should be.

    Attributes:
        kind: which; ``NEEDS`` lists which of the other fields it has.
        anchor: where; of ``extra speech`` the words on either side, its ``words`` are empty.
        text: see above, single spaces.
        start_ms, end_ms: in the anchor's recording.
    """

    kind: Kind
    anchor: Anchor
    text: str = ""
    start_ms: int | None = None
    end_ms: int | None = None


class LostError(InkcastError):
    """Why a correction cannot be applied."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A correction that did not find its place, and why; it stays in the file."""

    correction: Correction
    reason: str

    def __str__(self) -> str:
        anchor = self.correction.anchor
        words = anchor.words or f"{anchor.before} | {anchor.after}"
        shown = words if len(words) <= _SHOWN_CHARS else f"{words[: _SHOWN_CHARS - 1]}…"
        return f"{self.correction.kind} “{shown}”: {self.reason}"
