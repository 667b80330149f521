"""What ``import inkcast`` offers: from a recording and its essay to its files, in one call each.

The commands and the library are made of these, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from inkcast.alignment.aligners import load_aligner_ahead
from inkcast.alignment.alignment import Alignment
from inkcast.alignment.name_voices import NameEvidence
from inkcast.alignment.put_names import put_names_of_transcript
from inkcast.audio.recording import Recording
from inkcast.audio.seeking import warn_of_rough_seeking
from inkcast.corrections.align_corrected import align_corrected
from inkcast.corrections.correction import Correction, Lost
from inkcast.corrections.corrections_file import read_corrections
from inkcast.corrections.name_corrected import name_corrected
from inkcast.diarization.find_speakers import find_speakers
from inkcast.essays.essay import Essay
from inkcast.essays.part import WHOLE, Part
from inkcast.essays.read import parse_essay
from inkcast.essays.read import read_essay as read_essay_file
from inkcast.feeds.address import is_web_address
from inkcast.files import link, make_folder
from inkcast.on_progress import OnProgress, tell_nobody
from inkcast.options import AlignOptions, TranscribeOptions
from inkcast.publish.data_file import write_data
from inkcast.publish.episode_files import data_texts, page_texts, remove_stale
from inkcast.publish.pages.audio_address import relative_path
from inkcast.publish.pages.recording_tags import masthead_of_recording
from inkcast.publish.subtitles.transcript_files import read_transcript
from inkcast.speech.load import load_model
from inkcast.speech.transcriber import Transcriber
from inkcast.speech.transcript import Transcript

if TYPE_CHECKING:  # The web takes a tenth of a second to import, and most calls are for files.
    import httpx

    from inkcast.feeds.episode import Feed

Model = Transcriber | str
"""A loaded model, or the name of one to load for this call alone."""


@dataclass(frozen=True, slots=True)
class AlignedEpisode:
    """What ``align`` made.

    Attributes:
        audio: the recording's path.
        essay: with corrections of its wording, and names that were stated for its labels.
        transcript: what was heard, and by whom it is said.
        alignment: when each of the essay's words is spoken, and an audit.
        lost: corrections that did not find their place.
        published: the essay before corrections.
    """

    audio: Path
    essay: Essay
    transcript: Transcript
    alignment: Alignment
    lost: tuple[Lost, ...] = ()
    published: Essay | None = None

    def write(
        self, folder: Path | str, *, inline_audio: bool = False, with_audio: bool = False
    ) -> tuple[Path, ...]:
        """Write page, subtitles and data, named after the recording.

        Of data that somebody has changed by hand, a copy is kept (``….edited.json``).

        Args:
            folder: made when missing.
            inline_audio: put the recording into the page.
            with_audio: put the recording beside the page, which can then be moved with it.
        Returns:
            The files, the page first.
        Raises:
            StorageError: the disk refuses; each file is whole or as it was before.
        """
        folder = make_folder(Path(folder))
        audio = folder / self.audio.name if with_audio else self.audio
        if audio.resolve() != self.audio.resolve():
            link(self.audio, audio)
        stem, href = folder / self.audio.stem, relative_path(audio, folder)
        recording = self.audio.read_bytes() if inline_audio else None
        episode = (self.essay, self.transcript, self.alignment)
        page = page_texts(stem, *episode, href, recording, masthead_of_recording(self.audio))
        files = write_data({**page, **data_texts(stem, *episode, published=self.published)})
        remove_stale(stem, files)
        return files


def transcribe(
    audio: Recording | Path | str,
    model: Model = "auto",
    *,
    essay: Essay | Path | str | None = None,
    options: TranscribeOptions = TranscribeOptions(),
    progress: OnProgress | None = None,
    checkpoint: Path | None = None,
) -> Transcript:
    """Transcribe a recording with word times, and say who speaks where more than one does.

    Args:
        audio: the recording, or its path; ``Recording(path, track=2)`` is that of another audio track.
        model: what hears.
        essay: the text that it reads, its path or its address; the model then verifies that, and hears
            freely only where the recording departs from it.
        options: language, prompt and so on.
        progress: told the milliseconds done and in all (None: unknown).
        checkpoint: a file for what is finished, from which a run that was killed goes on. Remove it once
            the transcript is stored.

    Raises:
        AudioError, EssayError, DownloadError, ModelError, SettingsError, StorageError.
    """
    text = essay if essay is None or isinstance(essay, Essay) else read_essay(essay)
    with _opened(audio, is_read_once=True) as recording:
        loaded = _loaded(model, options, text)
        heard = loaded.transcribe(recording, text, options, progress=progress, checkpoint=checkpoint)
        device = heard.model.device if heard.model else "auto"
        heard = find_speakers(recording, heard, options.speakers, essay=text, device=device)
        return put_names_of_transcript(recording.path.name, heard, NameEvidence(options.speaker_names))


def align(
    audio: Recording | Path | str,
    essay: Essay | Path | str,
    model: Model = "auto",
    *,
    transcript: Transcript | Path | str | None = None,
    corrections: Sequence[Correction] | Path | str = (),
    transcribe_options: TranscribeOptions = TranscribeOptions(),
    align_options: AlignOptions = AlignOptions(),
    progress: OnProgress | None = None,
    checkpoint: Path | None = None,
) -> AlignedEpisode:
    """Find when each word of an essay is spoken in its recording.

    Whether the result can be trusted says its ``alignment.audit``.

    Args:
        audio: the recording, or its path: see ``transcribe``.
        essay: the text, its path or its address.
        model: what hears.
        transcript: what was heard, or a file with it (Whisper's JSON, SRT, VTT), if it is there already.
        corrections: what a person says otherwise, or the file with it (``docs/corrections.md``); a file that
            does not exist corrects nothing.
        transcribe_options, checkpoint: see ``transcribe``.
        progress: told the milliseconds transcribed and in all; with a transcript, the words aligned.
        align_options: spoken forms of words and so on.

    Raises:
        AlignmentError: there is no word on one of the two sides.
        CorrectionsError: their file makes no sense.
        AudioError, EssayError, DownloadError, ModelError, SettingsError, StorageError.
    """
    said = read_corrections(Path(corrections)) if isinstance(corrections, Path | str) else corrections
    text = essay if isinstance(essay, Essay) else read_essay(essay)
    with _opened(audio) as recording:
        aligned: OnProgress = tell_nobody
        if transcript is None:
            load_aligner_ahead(transcribe_options.language or text.language or "en", align_options)
            heard = transcribe(
                recording,
                model,
                essay=text,
                options=replace(transcribe_options, speaker_names={}),  # its labels tell more
                progress=progress,
                checkpoint=checkpoint,
            )
        else:
            aligned = progress or tell_nobody
            heard = transcript if isinstance(transcript, Transcript) else read_transcript(Path(transcript))
            # Subtitles do not say how long the recording is, and headers only estimate it.
            heard = replace(heard, duration_ms=recording.duration_ms)
            wanted = transcribe_options.speakers
            if isinstance(wanted, int) and not heard.voices:
                heard = find_speakers(recording, heard, wanted, essay=text)
        result = align_corrected(heard, text, recording, align_options, said, aligned)
        warn_of_rough_seeking(recording.path, recording.seeks_roughly)
        evidence = NameEvidence(align_options.speaker_names)
        named = name_corrected(recording.path.name, heard, result, said, evidence)
        return AlignedEpisode(
            recording.path, named.essay, named.transcript, named.alignment, result.lost, text
        )


def read_essay(source: Path | str, part: Part = WHOLE, client: httpx.Client | None = None) -> Essay:
    """The essay of a file or a page.

    Args:
        source: its path or address.
        part: which text, if it holds several.
        client: for addresses; one of our own if None, which refuses those of the local network.

    Raises:
        EssayError, DownloadError: it is not to be had, or holds no essay.
    """
    if not is_web_address(str(source)):
        return read_essay_file(Path(source), part)
    from inkcast.download.client import fetch_bytes

    with _client(client) as open_:
        fetched = fetch_bytes(open_, str(source))
    return parse_essay(fetched.data, fetched.url, fetched.media_type, part)


def read_feed(source: Path | str, client: httpx.Client | None = None) -> Feed:
    """The feed at a path or address, with all its pages, newest episode first.

    Args:
        source: its path or address.
        client: see ``read_essay``.

    Raises:
        FeedError, DownloadError: it is not to be had, or no feed.
    """
    from inkcast.download.fetch_feed import fetch_feed

    with _client(client) as open_:
        return fetch_feed(open_, str(source)).feed


@contextmanager
def _opened(audio: Recording | Path | str, *, is_read_once: bool = False) -> Iterator[Recording]:
    if isinstance(audio, Recording):
        yield audio
    else:
        with Recording(Path(audio), is_read_once=is_read_once) as recording:
            yield recording


@contextmanager
def _client(client: httpx.Client | None) -> Iterator[httpx.Client]:
    if client is not None:
        yield client
    else:
        from inkcast.download.client import open_client

        with open_client() as own:
            yield own


def _loaded(model: Model, options: TranscribeOptions, essay: Essay | None) -> Transcriber:
    return load_model(model, language=options.language, essay=essay) if isinstance(model, str) else model
