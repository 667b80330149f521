"""The five steps of an episode. Each reads files of the episode's folder and adds some."""

from __future__ import annotations

import logging
import mimetypes
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import quote, unquote

import httpx
from rapidfuzz.distance import Indel

from inkcast.alignment.align import audited
from inkcast.alignment.name_voices import NameEvidence, voices_of
from inkcast.alignment.put_names import nameless, put_names_of_transcript
from inkcast.audio.decode import packets_ms
from inkcast.audio.recording import Recording
from inkcast.audio.seeking import warn_of_rough_seeking
from inkcast.audio.whole import require_whole
from inkcast.corrections.align_corrected import align_corrected, respelled
from inkcast.corrections.apply import Corrected
from inkcast.corrections.corrections_file import CORRECTIONS, read_corrections
from inkcast.corrections.doubts import doubtful_places
from inkcast.corrections.name_corrected import name_corrected
from inkcast.diarization.find_speakers import find_speakers
from inkcast.download.address_refresh import AddressRefresh
from inkcast.download.enclosure import Terms, download
from inkcast.download.naming import file_suffix
from inkcast.errors import (
    AudioError,
    CorrectionsError,
    DownloadError,
    EssayError,
    LibraryError,
    StorageError,
    redact,
)
from inkcast.essays.candidates import Candidate
from inkcast.essays.essay import Essay
from inkcast.feeds.address import is_web_address
from inkcast.feeds.episode import Enclosure, Episode
from inkcast.files import digest, link, make_folder, write_bytes, write_text, write_texts
from inkcast.library.steps.archive_names import archive_names
from inkcast.library.steps.audio_progress import AudioProgress
from inkcast.library.steps.kept_files import kept_alignment, kept_essay, kept_transcript
from inkcast.library.steps.models_on_demand import Transcribe
from inkcast.library.steps.name_evidence import name_evidence
from inkcast.library.steps.published import published_transcript, witness_of
from inkcast.library.steps.sources import SharedPage, best_heard, choose_essay, essay_candidates, has_source
from inkcast.library.store.record import State, StepName, StepRecord, StoppedError, StoredFile
from inkcast.library.store.show_facts import cover_of, show_facts, show_folder
from inkcast.on_progress import OnProgress, tell_nobody
from inkcast.publish.data_file import is_edited, json_text
from inkcast.publish.episode_files import (
    ALIGNMENT,
    CORRECTED_ESSAY,
    ESSAY,
    TRANSCRIPT,
    page_texts,
    subtitle_texts,
)
from inkcast.publish.pages.audio_address import relative_path
from inkcast.publish.pages.masthead import Masthead
from inkcast.settings import NO_FEED_SETTINGS, FeedSettings, Settings
from inkcast.speech.transcript import Transcript

_LOG = logging.getLogger(__name__)

# Not measured: chosen by hand. Of a page that has changed, so many words may be new, in all and in a row,
# before its recording is heard again.
_MOST_NEW_SHARE = 0.05
_MOST_NEW_WORDS = 30

Unit = Literal["", "bytes", "ms of audio"]
"""What progress counts, where its speed says something."""
LAST_MOMENT = datetime.max.replace(tzinfo=UTC)


@contextmanager
def silently(label: str, unit: Unit = "") -> Iterator[OnProgress]:
    """Report progress to nobody."""
    yield tell_nobody


@dataclass(frozen=True, slots=True)
class Tools:
    """What the steps of all episodes share.

    ``task`` shows the progress of a long step: given a label and a unit, a context that gives what to tell.
    ``audio`` adds up what they tell of the audio. When ``stop`` is set, a long step ends with StoppedError at
    the next moment at which nothing is lost.
    """

    client: httpx.Client
    settings: Settings
    transcriber: Transcribe
    task: Callable[[str, Unit], AbstractContextManager[OnProgress]] = silently
    stop: threading.Event = field(default_factory=threading.Event)
    show_page: SharedPage = field(default_factory=SharedPage)
    audio: AudioProgress = field(default_factory=AudioProgress)


@dataclass(frozen=True, slots=True)
class Work:
    """One episode and its folder; the folder's name is also the stem of the files in it.

    Attributes:
        refresh: asks the feed for the episode's address again, when it has expired.
        feed: what the user wants for the feed.
        due: what failed and is to be tried again by then is tried now.
        twin: a file with the same audio, which another episode has.
    """

    episode: Episode
    folder: Path
    tools: Tools
    refresh: AddressRefresh | None = None
    feed: FeedSettings = NO_FEED_SETTINGS
    due: datetime = LAST_MOMENT
    twin: Path | None = None

    @property
    def settings(self) -> Settings:
        """Those of all feeds, with what the feed's own say otherwise."""
        return self.feed.over(self.tools.settings)

    @contextmanager
    def task(self, label: str, unit: Unit) -> Iterator[OnProgress]:
        """Show the progress of a step, and end it when the run is to stop. Raises StoppedError."""
        with self.tools.task(f"{self.episode.title}: {label}", unit) as shown:

            def progress(done: int, total: int | None) -> None:
                shown(done, total)
                if unit == "ms of audio":
                    self.tools.audio.heard(self.folder, done, total)
                if self.tools.stop.is_set():
                    raise StoppedError("The run was asked to stop.")

            yield progress

    def sleep(self, seconds: float) -> None:
        """Wait, but not when the run is to stop. Raises StoppedError."""
        if self.tools.stop.wait(seconds):
            raise StoppedError("The run was asked to stop.")

    def path(self, suffix: str) -> Path:
        """The episode's file with that suffix."""
        return self.folder / f"{self.folder.name}{suffix}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step made; ``reason`` says why it is not ``done``, or which corrections have lost their place.

    ``texts`` is what was written to those of the files of which that is known.
    ``audio_ms`` is how much it heard, ``doubts`` how many places a person should look at.
    ``may_pass``: what it skipped may be there another time.
    """

    files: tuple[Path, ...] = ()
    state: State = "done"
    reason: str = ""
    audio_ms: int = 0
    doubts: int = 0
    may_pass: bool = False
    texts: Mapping[Path, str] = field(default_factory=dict)


def fetch_audio(work: Work) -> Outcome:
    """The episode's audio file."""
    episode, refresh = work.episode, work.refresh
    enclosure = episode.enclosure
    if enclosure is None:
        raise DownloadError(f"The feed has no audio for {episode.title}.", "Read the feed again later.")
    target = _audio_path(work, enclosure)
    if work.twin and _link(work.twin, target):
        return Outcome((target,))
    terms = Terms(
        work.settings.max_size,
        refresh=(lambda: refresh.address_of(episode)) if refresh else None,
        check=lambda path, end: require_whole(path, episode.title, episode.duration_ms, end),
        is_alone=True,
    )
    with work.task("downloading", "bytes") as progress:
        client = work.tools.client
        return Outcome((download(client, enclosure.url, target, terms, progress=progress, sleep=work.sleep),))


def _audio_path(work: Work, enclosure: Enclosure) -> Path:
    return work.path(file_suffix(enclosure.url, enclosure.media_type))


def _link(source: Path, target: Path) -> bool:
    """Give an audio file a second name, or copy it where the disk has no such names."""
    try:
        link(source, target)
    except StorageError:  # then it is downloaded
        return False
    return True


def fetch_essay(work: Work) -> Outcome:
    """``<stem>.essay.json``: the published text."""
    episode, feed = work.episode, work.feed
    length_ms = episode.duration_ms or _measured_ms(work)
    if not has_source(episode, feed, length_ms):
        return Outcome(state="skipped", reason="The feed names no essay for this episode.")
    seen: list[Candidate] = []

    def noted() -> Iterator[Candidate]:
        for candidate in _candidates(work, length_ms):
            seen.append(candidate)
            yield candidate

    try:
        # One that is to be used itself is asked for when the recording is there to judge it.
        client = work.tools.client
        witness = None if feed.use_published else witness_of(client, episode, work.sleep)
        return keep_essay(work, choose_essay(noted(), length_ms, witness))
    except EssayError as error:
        is_gone = any(candidate.is_gone for candidate in seen)
        has_text = any(candidate.essay for candidate in seen)  # notes and teasers, as most podcasts have
        if has_text or (is_gone and not work.path(ESSAY).is_file()):
            return Outcome(state="skipped", reason=str(error), may_pass=is_gone)
        raise


def _measured_ms(work: Work) -> int | None:
    """How long the downloaded recording is; None if that cannot be told."""
    enclosure = work.episode.enclosure
    with suppress(AudioError):
        return (enclosure and packets_ms(_audio_path(work, enclosure))) or None
    return None


def _candidates(work: Work, length_ms: int | None) -> Iterator[Candidate]:
    tools = work.tools
    return essay_candidates(work.episode, work.feed, tools.client, tools.show_page, length_ms, work.sleep)


def fetch_other_essay(work: Work) -> Essay | None:
    """Another source's text, if the recording holds more of that than of the one that failed the audit."""
    try:
        taken, transcript = load_essay(work), kept_transcript(work.path(TRANSCRIPT))
    except LibraryError:  # a broken correction, as the step has said
        return None
    return best_heard(taken, _candidates(work, transcript.duration_ms), transcript)


def keep_essay(work: Work, essay: Essay) -> Outcome:
    """``<stem>.essay.json``, with the images of a page that is a local file."""
    images: tuple[Path, ...] = ()
    if essay.source == work.episode.link and not is_web_address(essay.source):
        images = _copy_images(essay, Path(essay.source).parent, work.folder)
    essay = with_boilerplate(essay, work.feed.boilerplate)
    texts = {work.path(ESSAY): json_text(essay)}
    return Outcome((*write_texts(texts), *images), texts=texts)


def with_boilerplate(essay: Essay, phrases: Sequence[str]) -> Essay:
    """Mark the blocks that hold one of the phrases, in any case, as boilerplate."""
    wanted = [phrase.casefold() for phrase in phrases]
    blocks = tuple(
        replace(block, kind="boilerplate", level=0, ordinal=0)
        if block.kind != "title" and any(phrase in block.text.casefold() for phrase in wanted)
        else block
        for block in essay.blocks
    )
    return replace(essay, blocks=blocks)


def recording_of(work: Work, audio: StepRecord) -> Recording:
    """The recording, for all steps that listen to it; close it after the last."""
    enclosure = work.episode.enclosure
    source = redact(enclosure.url if enclosure else "")
    return Recording(work.folder / audio.files[0].name, source, audio.result)


def transcribe(work: Work, recording: Recording, essay: StepRecord) -> Outcome:
    """``<stem>.transcript.json``: what is said and when."""
    text = load_essay(work) if essay.result else None
    checkpoint = work.path(".partial.jsonl")
    transcript = (
        published_transcript(work.tools.client, work.episode, recording, work.sleep)
        if work.feed.use_published
        else None
    )
    heard_ms = 0
    if transcript is None:
        names = () if text else archive_names(work.folder.parent, work.episode)
        with work.task("transcribing", "ms of audio") as progress:
            transcript = work.tools.transcriber(recording, text, checkpoint, progress, work.settings, names)
        heard_ms = transcript.duration_ms
    if not transcript.voices:
        with work.task("telling speakers apart", "") as progress:
            wanted, device = work.settings.speakers, work.settings.device
            transcript = find_speakers(
                recording, transcript, wanted, essay=text, device=device, progress=progress
            )
    texts = {work.path(TRANSCRIPT): json_text(transcript)}
    files = write_texts(texts)
    checkpoint.unlink(missing_ok=True)
    return Outcome(files, audio_ms=heard_ms, texts=texts)


def align_words(
    work: Work, recording: Recording, essay: StepRecord, known: Corrected | None = None
) -> Outcome:
    """``<stem>.alignment.json``: the time of every word of the essay, with all corrections.

    Where these change the essay, ``<stem>.corrected-essay.json`` is what it is then. An alignment that fails
    its audit is kept, to look at; the step has failed all the same. ``known`` is what would be found, if that
    is known already.

    Voices are named here, in ``<stem>.transcript.json`` too: the text may say whose they are.
    """
    title, heard = work.episode.title, kept_transcript(work.path(TRANSCRIPT))
    transcript = nameless(heard)
    evidence = NameEvidence()
    if len(transcript.voices) > 1:
        evidence = name_evidence(work.folder, work.episode)
    evidence = replace(evidence, stated=work.settings.speaker_names)
    if not essay.result:
        _keep_names(work, heard, put_names_of_transcript(title, transcript, evidence))
        return Outcome(state="skipped", reason="There is no essay to align with.")
    text, options = load_essay(work), work.settings.align_options()
    corrections = read_corrections(work.path(CORRECTIONS))
    with work.task("aligning", "") as progress:
        result = known or align_corrected(transcript, text, recording, options, corrections, progress)
    named = name_corrected(title, transcript, result, corrections, evidence)
    texts = {work.path(ALIGNMENT): json_text(named.alignment)}
    if named.essay != text:
        texts[work.path(CORRECTED_ESSAY)] = json_text(named.essay)
    paths = write_texts(texts)
    _keep_names(work, heard, named.transcript)
    lost = " ".join(f"A correction has lost its place: {lost}." for lost in result.lost)
    if lost:
        _LOG.warning("%s: %s", work.episode.title, lost)
    audit, doubts = named.alignment.audit, doubtful_places(named.alignment, corrections)
    if audit.passed:
        return Outcome(paths, reason=lost, doubts=len(doubts) + len(result.lost), texts=texts)
    reason = f"{' '.join(audit.problems)} Is it the right essay? {paths[0]} has the details."
    return Outcome(paths, "failed", reason, texts=texts)


def is_conversation(work: Work) -> bool:
    """Whether several voices were heard."""
    with suppress(LibraryError):  # whoever needs the transcript will say so
        return len(voices_of(kept_transcript(work.path(TRANSCRIPT)))) > 1
    return False


def _keep_names(work: Work, heard: Transcript, named: Transcript) -> None:
    """Write the transcript where the names of its voices have changed; one that a person edited stays."""
    if named != heard and not is_edited(work.path(TRANSCRIPT)):
        write_text(work.path(TRANSCRIPT), json_text(named))


def respelled_alignment(work: Work) -> Corrected | None:
    """The last alignment with the essay's spelling of now; None if more has changed."""
    path = work.path(ALIGNMENT)
    with suppress(LibraryError, CorrectionsError):
        if not is_edited(path):
            corrections = read_corrections(work.path(CORRECTIONS))
            return respelled(kept_alignment(path), load_essay(work), corrections)
    return None


def audited_alignment(work: Work, recording: Recording, done: Corrected) -> Corrected:
    """What an editor has made of the last alignment, with an audit. Raises LibraryError, AudioError."""
    alignment = audited(done.alignment, done.essay, kept_transcript(work.path(TRANSCRIPT)), recording)
    return replace(done, alignment=alignment)


def publish(work: Work, recording: Recording, alignment: StepRecord) -> Outcome:
    """Subtitles, and the reader page where the alignment can be trusted.

    The subtitles have the essay's own wording then, else that of the transcript.
    """
    stem, transcript = work.path(""), kept_transcript(work.path(TRANSCRIPT))
    if alignment.state != "done":
        texts = subtitle_texts(stem, transcript)
        return Outcome(write_texts(texts), texts=texts)
    aligned = kept_alignment(work.path(ALIGNMENT))
    warn_of_rough_seeking(recording.path, recording.seeks_roughly)
    essay, masthead = _corrected_essay(work, alignment), _masthead(work)
    with work.task("writing", ""):
        texts = page_texts(stem, essay, transcript, aligned, recording.path.name, masthead=masthead)
        return Outcome(write_texts(texts), texts=texts)


def _masthead(work: Work) -> Masthead:
    show = show_folder(work.folder)
    facts, cover = show_facts(show), cover_of(show)
    address = quote(relative_path(cover, work.folder)) if cover else ""
    return Masthead(facts.title, facts.author, work.episode.published, address)


def load_essay(work: Work) -> Essay:
    """Read ``<stem>.essay.json``. Raises LibraryError."""
    return kept_essay(work.path(ESSAY))


def _corrected_essay(work: Work, alignment: StepRecord) -> Essay:
    """The essay that was aligned in the end. Raises LibraryError."""
    path = work.path(CORRECTED_ESSAY)
    is_there = any(file.name == path.name for file in alignment.files)
    return kept_essay(path) if is_there else load_essay(work)


def is_worth_hearing(work: Work) -> bool:
    """Whether an essay that has changed since it was aligned is to be heard again.

    Not one that somebody has edited: whatever is read of it has been heard. A page that was fetched anew is,
    where many of its words are new or what was heard did not fit: guided by it, the model may hear more.
    """
    if is_edited(work.path(ESSAY)):
        return False
    try:
        words = [word.text for word in load_essay(work).words()]
        known = kept_alignment(work.path(ALIGNMENT))
    except LibraryError:  # it was never aligned
        return True
    if not known.audit.passed:
        return True
    old = [word.text for word in known.words]
    new = [step.dest_end - step.dest_start for step in Indel.opcodes(old, words) if step.tag == "insert"]
    return sum(new) > _MOST_NEW_SHARE * len(words) or max(new, default=0) > _MOST_NEW_WORDS


def result_of(step: StepName, files: Sequence[StoredFile], folder: Path) -> str:
    """Digest of what later steps depend on in what a step made."""
    if not files:
        return ""
    if step == "essay":
        with suppress(LibraryError):  # a broken correction: the step that needs the text will say so
            return text_digest(kept_essay(folder / files[0].name))
    return files[0].sha256


def text_digest(essay: Essay) -> str:
    """Digest of what alignment sees of an essay: its words and blocks, not its markup or address."""
    return digest(essay.language, *((block.kind, block.speaker, block.text) for block in essay.blocks))


def _copy_images(essay: Essay, source: Path, folder: Path) -> tuple[Path, ...]:
    """Copy the images that the essay shows by a relative path, to the same place below ``folder``."""
    marks = (mark for block in essay.blocks for mark in block.marks if mark.kind == "image")
    targets = dict.fromkeys(mark.target for mark in marks if not is_web_address(mark.target))
    copies = []
    for target in targets:
        name = unquote(target.partition("?")[0].partition("#")[0])
        data = _read_image(source, name)
        if data is not None:
            make_folder((folder / name).parent)
            copies.append(write_bytes(folder / name, data))
    return tuple(copies)


def _read_image(source: Path, name: str) -> bytes | None:
    """None for what is not there, no image, or outside ``source``: somebody else wrote the page."""
    if not (mimetypes.guess_type(name)[0] or "").startswith("image/"):
        return None
    with suppress(OSError, ValueError):
        if (source / name).resolve().is_relative_to(source.resolve()):
            return (source / name).read_bytes()
    return None
