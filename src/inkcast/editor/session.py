"""An episode open for editing: each change is saved at once, and found again in the sound around it."""

from __future__ import annotations

import io
import logging
import time
import wave
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import RLock, Thread
from types import TracebackType

from inkcast.alignment.aligners import open_aligner
from inkcast.alignment.alignment import Alignment
from inkcast.alignment.stretch import locate
from inkcast.audio.decode import FULL_SCALE
from inkcast.audio.recording import Recording
from inkcast.audio.stream import SAMPLES_PER_MS
from inkcast.corrections.apply import Corrected, apply
from inkcast.corrections.correction import Correction, Kind, LostError
from inkcast.corrections.corrections_file import change_corrections, corrections_path, read_corrections
from inkcast.corrections.doubts import Doubt, doubtful_places
from inkcast.corrections.find_anchor import anchor_at
from inkcast.editor.editable import Editable, read_aligned, read_text_of
from inkcast.errors import InkcastError
from inkcast.essays.essay import Essay
from inkcast.options import AlignOptions
from inkcast.publish.episode_files import ALIGNMENT, corrected_essay_path

_LOG = logging.getLogger(__name__)

_UNHEARD: tuple[Kind, ...] = ("not read", "right", "speaker", "voice")
"""Corrections that move no word to where it must be found."""
_NUDGES: tuple[Kind, ...] = ("starts here", "ends here")
"""Of several in a row, only the last one counts."""
_LONGEST_MS = 60_000


@dataclass(frozen=True, slots=True)
class Change:
    """What a person asks for.

    Attributes:
        kind: see ``Correction``, as for ``text`` and the times, in ms of this recording.
        first, stop: indexes of words; equal and not used of ``extra speech``, whose time says where it is.
    """

    kind: Kind
    first: int
    stop: int
    text: str = ""
    start_ms: int | None = None
    end_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Remade:
    """What was made anew on leaving, and how long it took."""

    files: tuple[Path, ...] = ()
    seconds: float = 0.0


@dataclass(slots=True)
class _Step:
    """A correction and what there was before it."""

    correction: Correction
    before: Corrected


@dataclass(slots=True)
class _Known:
    now: Corrected
    corrections: tuple[Correction, ...]
    steps: list[_Step] = field(default_factory=list)
    is_changed: bool = False
    remade: Remade | None = None
    at_first: tuple[Correction, ...] = ()

    def result(self) -> Corrected | None:
        """What would come of the file; None where somebody else has changed it, too."""
        rest = self.corrections[: len(self.at_first)]
        is_ours = rest == self.at_first and len(self.corrections) == len(rest) + len(self.steps)
        return self.now if is_ours else None


class Session:
    """Essay, alignment, corrections and recording of one episode, opened and decoded once.

    Threads may share it. Use it as a context manager; ``finish`` makes everything else anew.

    Args:
        episode: its files.
        options: of the last alignment.

    Raises:
        PublishError, CorrectionsError: a file of the episode cannot be read.
    """

    def __init__(self, episode: Editable, options: AlignOptions = AlignOptions()) -> None:
        self.episode = episode
        aligned = read_aligned(episode.path(ALIGNMENT))
        essay = read_text_of(corrected_essay_path(episode.stem))
        self._path = corrections_path(episode.stem.parent, episode.stem.name)
        said = read_corrections(self._path)
        # What has lost its place has lost it still; nothing else changes when it is applied again.
        lost = apply(said, Corrected(essay, aligned)).lost
        self._known = _Known(Corrected(essay, aligned, lost), said, at_first=said)
        self._lock = RLock()
        self._open = ExitStack()
        audio = aligned.audio
        self._recording = self._open.enter_context(Recording(episode.audio, audio.source, audio.sha256))
        self._aligner = self._open.enter_context(open_aligner(aligned.language or "en", options))
        self._listening = Thread(target=self._listen, daemon=True)
        self._listening.start()

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listening.join()
        self._open.close()

    @property
    def essay(self) -> Essay:
        """As it is now."""
        return self._known.now.essay

    @property
    def alignment(self) -> Alignment:
        """As it is now."""
        return self._known.now.alignment

    @property
    def last(self) -> Correction | None:
        """What ``undo`` would take back."""
        return self._known.steps[-1].correction if self._known.steps else None

    def doubts(self) -> tuple[Doubt, ...]:
        """Places to look at, in the order of the text."""
        found = doubtful_places(self.alignment, self._known.corrections)
        return tuple(sorted(found, key=lambda doubt: (doubt.first, doubt.start_ms)))

    def apply(self, change: Change) -> None:
        """Make a change, and save it.

        Raises:
            LostError: it makes no sense there; nothing is changed.
            CorrectionsError: the file was changed and makes no sense now.
            StorageError: the disk refuses.
        """
        if change.kind not in _UNHEARD:
            self._listening.join()
        with self._lock:
            known = self._known
            base, instead = known.now, self._nudged(change)
            if instead:
                base = instead.before
            blocks = {word.block for word in base.alignment.words[change.first : change.stop]}
            if change.kind == "wording" and len(blocks) > 1:
                raise LostError("Choose words of one paragraph: its text is changed.")
            correction = _correction(change, base.alignment)
            ear = (None, None) if change.kind in _UNHEARD else (self._recording, self._aligner)
            now = apply([correction], replace(base, lost=()), *ear)
            if now.lost:
                raise LostError(f"It is not changed: {now.lost[0].reason}.")
            known.corrections = change_corrections(
                self._path, [correction], [instead.correction] if instead else []
            )
            if instead:
                known.steps.pop()
            known.steps.append(_Step(correction, base))
            known.now = replace(now, lost=base.lost)
            known.is_changed, known.remade = True, None

    def undo(self) -> None:
        """Take the last change back; nothing if there is none. Raises as ``apply`` does."""
        with self._lock:
            known = self._known
            if not known.steps:
                return
            known.corrections = change_corrections(self._path, remove=[known.steps[-1].correction])
            known.now, known.remade = known.steps.pop().before, None

    def sound(self, start_ms: int, end_ms: int) -> bytes:
        """A stretch of the recording as a WAV file of 16 bits, mono, 16,000 a second. Raises AudioError."""
        start_ms = max(0, start_ms)
        samples = self._recording.read(start_ms, max(start_ms, min(end_ms, start_ms + _LONGEST_MS)))
        file = io.BytesIO()
        with wave.open(file, "wb") as wav:
            wav.setnchannels(1)
            wav.setsampwidth(2)
            wav.setframerate(1000 * SAMPLES_PER_MS)
            wav.writeframes((samples * FULL_SCALE).astype("<i2").tobytes())
        return file.getvalue()

    def finish(self) -> Remade:
        """Make everything anew that hangs on the corrections, if there were any changes; once.

        Raises:
            InkcastError: it cannot be made; the corrections are saved all the same.
        """
        with self._lock:
            known = self._known
            if known.remade is None:
                started = time.monotonic()
                files = self.episode.remake(known.result()) if known.is_changed else ()
                known.remade = Remade(files, time.monotonic() - started)
            return known.remade

    def _nudged(self, change: Change) -> _Step | None:
        """The last step, if this one only moves the same border again."""
        last = self._known.steps[-1] if self._known.steps else None
        if last is None or change.kind not in _NUDGES or last.correction.kind != change.kind:
            return None
        return last if last.correction.anchor.at_word == _place(change)[0] else None

    def _listen(self) -> None:
        """Decode the recording and learn its voice, so that changes need not wait for that."""
        try:
            words = [word for word in self.alignment.words if word.start_ms is not None]
            if words:
                first = words[0]
                assert first.start_ms is not None and first.end_ms is not None
                span = (first.start_ms, first.end_ms)
                locate([first.text], span, self.alignment, self._recording, self._aligner)
        except InkcastError as error:  # the change that needs it says so
            _LOG.debug("%s", error)


def _place(change: Change) -> tuple[int, int]:
    """The words that the correction is to be written with: of borders, the one that moves."""
    if change.kind == "starts here":
        return change.first, change.first + 1
    if change.kind == "ends here":
        return change.stop - 1, change.stop
    return change.first, change.stop


def _correction(change: Change, alignment: Alignment) -> Correction:
    first, stop = _place(change)
    if change.kind == "extra speech":
        first = stop = _word_after(change.start_ms or 0, alignment)
    anchor = anchor_at(alignment, first, stop, in_full=change.kind == "wording")
    return Correction(change.kind, anchor, " ".join(change.text.split()), change.start_ms, change.end_ms)


def _word_after(ms: int, alignment: Alignment) -> int:
    """The word that follows in the text on the one that is heard last before a time."""
    heard: Sequence[tuple[int, int]] = [
        (word.start_ms, at)
        for at, word in enumerate(alignment.words)
        if word.start_ms is not None and word.start_ms <= ms
    ]
    return max(heard)[1] + 1 if heard else 0
