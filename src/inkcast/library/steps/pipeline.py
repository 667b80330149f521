"""One episode through its steps, each only if what it depends on has changed.

    download ─┬──────────► transcribe ─► align ─► publish
    essay ────┴───────────────▲────────────▲─────────▲

A step's key is a digest of all that goes into it: the audio's bytes, the essay's text, the model, the
settings. A file that a user has edited counts as it is now: what was made from it is made again.

The first two steps wait for the network (``fetch``), the others for the model (``make``): an executor runs
the first ahead of the second. What failed is tried again after a while, if the same could work then.
"""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from inkcast.audio.recording import Recording
from inkcast.corrections.apply import Corrected
from inkcast.corrections.corrections_file import CORRECTIONS, corrections_key
from inkcast.errors import (
    AlignmentError,
    AudioError,
    InkcastError,
    ModelError,
    PublishError,
    SettingsError,
    StorageError,
    TranscriptionError,
    redact,
)
from inkcast.feeds.address import canonical_address, is_web_address
from inkcast.feeds.episode import Episode
from inkcast.files import digest, make_folder, sha256_of
from inkcast.library.steps import episode_steps
from inkcast.library.steps.episode_steps import Outcome, Work
from inkcast.library.store.record import CORRECTED, StepName, StepRecord, StoppedError, StoredFile
from inkcast.publish.data_file import edited_kept, is_edited
from inkcast.settings import Settings

_LOG = logging.getLogger(__name__)

_WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
)
"""Before the second attempt, the third, and so on; the last for all that follow."""
_LASTING = (AudioError, TranscriptionError, AlignmentError, PublishError)
"""What the same inputs would give again; anything else may pass."""
_FATAL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)

Event = StepName | StepRecord


def process(work: Work, known: Mapping[str, StepRecord]) -> Iterator[Event]:
    """Do what is missing of an episode: ``fetch``, then ``make``."""
    now = dict(known)
    for half in (fetch, make):
        for event in half(work, now):
            if isinstance(event, StepRecord):
                now[event.step] = event
            yield event


def next_step(work: Work, known: Mapping[str, StepRecord]) -> StepName | None:
    """The first step that ``process`` would do; None if the episode is complete, or has to wait."""
    for event in process(work, known):
        if not isinstance(event, StepRecord):
            return event
        if event.step not in known or event.finished_at != known[event.step].finished_at:
            return event.step  # it failed before it began
    return None


def fetch(work: Work, known: Mapping[str, StepRecord]) -> Iterator[Event]:
    """Do what waits for the network.

    Args:
        work: the episode.
        known: the steps that it has gone through, by name.
    Yields:
        A step's name before it runs, and its record after it. Nothing for an episode that is complete.
    Raises:
        InkcastError: no other episode could be worked on either: no model, no space left.
    """
    run = _Run(work, known)
    audio = yield from run.step("download", audio_key(work.episode), lambda: episode_steps.fetch_audio(work))
    if audio.state != "failed":
        yield from run.step("essay", run.essay_key(), lambda: episode_steps.fetch_essay(work))


def make(work: Work, known: Mapping[str, StepRecord]) -> Iterator[Event]:
    """Do what waits for the model, once ``fetch`` is through; ``known`` holds what came of that.

    Yields and raises as ``fetch`` does.
    """
    return _make(work, _Run(work, known))


def make_anew(work: Work, known: Mapping[str, StepRecord], done: Corrected | None = None) -> Iterator[Event]:
    """Align and publish what was heard before, with the corrections of now: without its feed and a model.

    Args:
        work, known: see ``fetch``.
        done: what would come of the alignment with the corrections, if that is known.
    Yields and raises as ``fetch`` does; nothing for an episode that was never aligned.
    """
    run = _Run(work, known)
    records = [run.known(name) for name in ("download", "essay", "transcribe", "align")]
    audio, essay, heard, aligned = records
    if audio is None or essay is None or heard is None or aligned is None or not heard.files:
        return
    with episode_steps.recording_of(work, audio) as recording:
        heard, now = yield from run.align(recording, audio, essay, heard, done)
        yield from run.publish(recording, audio, essay, heard, now)


def give_up(work: Work, known: Mapping[str, StepRecord], error: InkcastError) -> Iterator[Event]:
    """Do as ``make`` does, but let the next step fail with ``error`` instead of running it."""
    return _make(work, _Run(work, known, error))


def _make(work: Work, run: _Run) -> Iterator[Event]:
    audio, essay = run.known("download"), run.known("essay")
    if audio is None or audio.state == "failed" or essay is None:
        return
    if essay.state == "failed" and essay.files:
        return  # what an older text of the essay gave is better than nothing
    with episode_steps.recording_of(work, audio) as recording:
        yield from run.listen(recording, audio, essay)


class _Run:
    """The steps of one episode, as known and as they go; the first that is due may fail with ``error``."""

    def __init__(
        self, work: Work, known: Mapping[str, StepRecord], error: InkcastError | None = None
    ) -> None:
        self._work = work
        self._known = known
        self._error = error

    @cached_property
    def _folder(self) -> Path:
        return make_folder(self._work.folder)

    def known(self, name: StepName) -> StepRecord | None:
        """The record of a step that needs nothing."""
        known = self._known.get(name)
        return self._as_it_is_now(known) if known else None

    def essay_key(self) -> str:
        """Digest of where the text comes from.

        A feed that no longer has the text, because the post is old or paid for now, takes nothing away.
        """
        episode, feed = self._work.episode, self._work.feed
        known = self._known.get("essay")
        if feed.essay or feed.boilerplate:
            named = file_key(feed.essay) if feed.names_a_text else feed.essay
            return digest(named, episode.title, episode.link, episode.content_html, *feed.boilerplate)
        if episode.essay_source is None and known and known.files:
            return known.key
        if episode.essay_source == "content" or (episode.essay_source is None and episode.content_html):
            return digest("content", episode.title, episode.link, episode.content_html)
        link = episode.link or ""
        return digest("link", file_key(link) if link and not is_web_address(link) else link)

    def is_new(self, record: StepRecord) -> bool:
        """Whether the step ran just now."""
        known = self._known.get(record.step)
        return known is None or known.finished_at != record.finished_at

    def listen(self, recording: Recording, audio: StepRecord, essay: StepRecord) -> Iterator[Event]:
        """The steps that the recording is needed for."""
        work = self._work
        key = _hearing_key(work, audio, essay)
        yield from self._keep_transcript(key, _old_hearing_key(work, audio, essay))
        heard = yield from self.step(
            "transcribe", key, lambda: episode_steps.transcribe(work, recording, essay)
        )
        if heard.state == "failed":
            return
        heard, aligned = yield from self.align(recording, audio, essay, heard)
        if aligned.state == "failed" and aligned.files and self.is_new(aligned):
            essay, heard, aligned = yield from self.try_other_essay(recording, audio, essay, heard, aligned)
        yield from self.publish(recording, audio, essay, heard, aligned)

    def publish(
        self,
        recording: Recording,
        audio: StepRecord,
        essay: StepRecord,
        heard: StepRecord,
        aligned: StepRecord,
    ) -> Generator[Event, None, StepRecord]:
        """The last step."""
        files = (file.sha256 for file in essay.files)
        spoken = heard.files[0].sha256 if heard.files else heard.result
        key = digest(spoken, aligned.state, aligned.result, audio.files[0].name, *files)
        return self.step("publish", key, lambda: episode_steps.publish(self._work, recording, aligned))

    def _keep_transcript(self, key: str, old_key: str) -> Iterator[StepRecord]:
        """Keep what was heard where only the essay has changed, and not so that it is worth hearing again."""
        known = self._known.get("transcribe")
        if known is None or known.key == key:
            return
        only_essay = known.state == "done" and _but_for_essay(known.key) == _but_for_essay(key)
        if known.key == old_key or (only_essay and not episode_steps.is_worth_hearing(self._work)):
            yield self._under_key(known, key)

    def _under_key(self, known: StepRecord, key: str) -> StepRecord:
        """A step whose result stays, under the key of what goes in now."""
        kept = replace(known, key=key)
        self._known = {**self._known, known.step: kept}
        return kept

    def align(
        self,
        recording: Recording,
        audio: StepRecord,
        essay: StepRecord,
        heard: StepRecord,
        done: Corrected | None = None,
    ) -> Generator[Event, None, tuple[StepRecord, StepRecord]]:
        """The step that aligns, which also names the transcript's voices; give the records of both.

        ``done``: what would come of it but for the audit, if that is known.
        """
        work, known = self._work, self._known.get("align")
        options = _aligning(work.settings)
        options += filter(None, [corrections_key(work.path(CORRECTIONS))])
        key = f"{digest(audio.result, heard.result, *options)}:{essay.result}"
        # As it was when it had one part.
        if known and known.key == digest(audio.result, heard.result, essay.result, *options):
            yield self._under_key(known, key)
        only_essay = (
            known is not None
            and known.state == "done"
            and _but_for_essay(known.key) == _but_for_essay(key)
            and all(file.is_there(work.folder) for file in known.files)
        )

        def run() -> Outcome:
            if done is not None:
                result: Corrected | None = episode_steps.audited_alignment(work, recording, done)
            else:
                result = episode_steps.respelled_alignment(work) if only_essay else None
            return episode_steps.align_words(work, recording, essay, result)

        # What was heard anew has no names yet, even if its words are the same.
        is_unnamed = known is not None and self.is_new(heard) and episode_steps.is_conversation(work)
        aligned = yield from self.step("align", key, run, again=is_unnamed)
        if not self.is_new(aligned):
            return heard, aligned
        # Names are no news to those who depend on what was heard: its result stays.
        if not all(file.is_there(work.folder) for file in heard.files):
            files = (StoredFile.of(work.folder / file.name, work.folder) for file in heard.files)
            heard = replace(heard, files=tuple(files))
            yield heard
        return heard, aligned

    def try_other_essay(
        self,
        recording: Recording,
        audio: StepRecord,
        essay: StepRecord,
        heard: StepRecord,
        aligned: StepRecord,
    ) -> Generator[Event, None, tuple[StepRecord, StepRecord, StepRecord]]:
        """Give the last three as they are, or, if the recording holds another source's text, of that."""
        other = episode_steps.fetch_other_essay(self._work)
        if other is None:
            return essay, heard, aligned
        text = yield from self.step(
            "essay", essay.key, lambda: episode_steps.keep_essay(self._work, other), again=True
        )
        # What was heard without its help is as good with it: the alignment has the essay's wording.
        heard = replace(heard, key=_hearing_key(self._work, audio, text))
        yield heard
        heard, aligned = yield from self.align(recording, audio, text, heard)
        return text, heard, aligned

    def step(
        self, name: StepName, key: str, run: Callable[[], Outcome], *, again: bool = False
    ) -> Generator[Event, None, StepRecord]:
        """Give the step's record, from memory if nothing has changed; a correction is taken down."""
        known = self._known.get(name)
        started, may_pass = time.monotonic(), False
        try:
            is_current = known and known.key == key and not again
            if known and is_current and self._has_files(known) and not self._is_due(known):
                now = self._as_it_is_now(known)
                if now != known and _is_a_persons(now, known):
                    yield now
                return now
            yield name
            started = time.monotonic()  # it may have had to wait for its turn
            if self._error:
                error, self._error = self._error, None
                raise error
            folder = self._folder
            with edited_kept(self._edited(known)):
                outcome = run()
            files = tuple(StoredFile.of(path, folder, outcome.texts.get(path)) for path in outcome.files)
            result = episode_steps.result_of(name, files, folder)
            self._remove_others(known, files)
            may_pass = outcome.may_pass
        except Exception as error:
            if is_fatal(error):
                raise
            outcome = Outcome(state="failed", reason=self._explain(name, error))
            # What an earlier run made stays, although it was not made of what goes in now.
            result, files = (known.result, known.files) if known else ("", ())
            may_pass = not isinstance(error, _LASTING)
        attempts = 1 + (known.attempts if known and known.state != "done" else 0)
        finished_at = datetime.now(UTC)
        # What was not there may have been late; in the end it will not come.
        may_pass = may_pass and (outcome.state == "failed" or attempts <= len(_WAITS))
        record = StepRecord(
            step=name,
            state=outcome.state,
            key=key,
            result=result,
            reason=outcome.reason,
            attempts=attempts,
            seconds=round(time.monotonic() - started, 3),
            finished_at=finished_at,
            files=files,
            next_attempt=finished_at + back_off(attempts) if may_pass else None,
            audio_ms=outcome.audio_ms,
            doubts=outcome.doubts,
        )
        yield record
        return record

    def _is_due(self, known: StepRecord) -> bool:
        return known.state != "done" and is_due(known.next_attempt, self._work.due)

    def _has_files(self, known: StepRecord) -> bool:
        """Whether all are there, and no recording was cut off, as a copy that was interrupted does."""
        paths = [(file, self._work.folder / file.name) for file in known.files]
        return all(
            path.is_file() and (known.step != "download" or path.stat().st_size >= file.size)
            for file, path in paths
        )

    def _as_it_is_now(self, known: StepRecord) -> StepRecord:
        """The record, with the digests of files that were edited since."""
        folder = self._work.folder
        if all(file.is_untouched(folder) for file in known.files):
            return known
        files = tuple(StoredFile.of(folder / file.name, folder) for file in known.files)
        return replace(known, files=files, result=episode_steps.result_of(known.step, files, folder))

    def _edited(self, known: StepRecord | None) -> Iterator[Path]:
        """Files of an earlier run that somebody has changed, by what is known of them or their own digest."""
        for file in known.files if known and known.step != "download" else ():
            path = self._work.folder / file.name
            if not path.is_file():
                continue
            is_as_known = sha256_of(path) == file.sha256
            if is_as_known and known and known.step in CORRECTED:
                if path.suffix == ".json" and is_edited(path):
                    yield path
            elif not is_as_known and not file.is_untouched(self._work.folder):
                yield path  # with its old date it is damaged

    def _remove_others(self, known: StepRecord | None, files: tuple[StoredFile, ...]) -> None:
        """Files of an earlier run that this one did not make again would be out of date."""
        names = {file.name for file in files}
        for file in known.files if known else ():
            if file.name not in names:
                (self._work.folder / file.name).unlink(missing_ok=True)

    def _explain(self, name: StepName, error: Exception) -> str:
        if isinstance(error, InkcastError):
            return str(error)
        # A defect of ours in one episode must not stop a night's work on the others.
        title = self._work.episode.title
        _LOG.error("%s: the step %s failed because of a bug in Inkcast.", title, name, exc_info=error)
        return redact(f"A bug in Inkcast: {type(error).__name__}: {error}. Please report it.")


def _is_a_persons(now: StepRecord, known: StepRecord) -> bool:
    """Whether files are as they should be: corrected, or only copied. What else differs may be damaged."""
    same = [file.sha256 for file in now.files] == [file.sha256 for file in known.files]
    return same or known.step in CORRECTED


def is_fatal(error: Exception) -> bool:
    """Whether the other episodes would fail for the same reason."""
    if isinstance(error, StorageError):
        return isinstance(error.__cause__, OSError) and error.__cause__.errno in _FATAL
    return isinstance(error, ModelError | SettingsError | StoppedError)


def is_due(when: datetime | None, due: datetime) -> bool:
    """Whether to try again what failed; a date too far ahead was set by a clock that was wrong."""
    return when is not None and not timedelta(0) < when - due <= 2 * _WAITS[-1]


def failed(record: StepRecord, reason: str) -> StepRecord:
    """The record of a step whose end could not be kept; it may work another time."""
    when = record.finished_at + back_off(record.attempts)
    return replace(record, state="failed", reason=reason, next_attempt=when)


def back_off(attempts: int) -> timedelta:
    """How long to wait after so many attempts that failed."""
    return _WAITS[min(attempts, len(_WAITS)) - 1]


def _hearing_key(work: Work, audio: StepRecord, essay: StepRecord) -> str:
    """In two parts: a change of the essay alone need not be heard."""
    settings = work.settings
    return f"{digest(audio.result, settings.model, settings.language, *_hearing(work))}:{essay.result}"


def _but_for_essay(key: str) -> str:
    return key.partition(":")[0]


def _old_hearing_key(work: Work, audio: StepRecord, essay: StepRecord) -> str:
    """As it was when it had one part: what was heard under it need not be heard again."""
    settings = work.settings
    return digest(audio.result, essay.result, settings.model, settings.language, *_hearing(work))


def _hearing(work: Work) -> list[object]:
    """What else changes a transcript; nothing by default."""
    links = [link.url for link in work.episode.transcripts] if work.feed.use_published else []
    options = work.settings.transcribe_options()
    return [part for part in (options.said_before, *map(canonical_address, links), options.digest()) if part]


def audio_key(episode: Episode) -> str:
    """Digest of what is lasting of the audio's address: signed addresses change with every reading."""
    enclosure = episode.enclosure
    url = enclosure.url if enclosure else ""
    return digest("audio", canonical_address(url) if is_web_address(url) else file_key(url))


def _aligning(settings: Settings) -> list[str]:
    """What else changes an alignment; nothing by default."""
    options = settings.align_options()
    forms = [f"{written}={'|'.join(spoken)}" for written, spoken in sorted(options.readings.items())]
    return [part for part in (*forms, options.digest()) if part]


def file_key(path: str) -> str:
    """Digest of a local file's name, size and date."""
    try:
        stat = Path(path).stat()
    except (OSError, ValueError):
        return path
    return digest(path, stat.st_size, stat.st_mtime_ns)
