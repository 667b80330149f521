"""``inkcast transcribe``: recordings to transcripts and subtitles."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from inkcast.alignment.name_voices import NameEvidence
from inkcast.alignment.put_names import put_names_of_transcript
from inkcast.api import read_essay, transcribe
from inkcast.audio.recording import Recording
from inkcast.cli.connection import connect_for
from inkcast.cli.essay_part import part_options
from inkcast.cli.inputs import (
    audio_file,
    audio_path,
    distinct_stems,
    forgotten_if_no_audio,
    load_model_for,
    partial_path,
    recordings_of,
    require_free,
    results_folder,
)
from inkcast.cli.output import on_one_line, print_json, speakers_json
from inkcast.cli.progress import Reporter
from inkcast.cli.recordings.speakers import with_speakers
from inkcast.cli.shared_options import (
    FILE_OR_ADDRESS,
    formats_option,
    json_option,
    settings_options,
    track_option,
    verbosity_options,
)
from inkcast.errors import AudioError, DownloadError, TranscriptionError, redact
from inkcast.essays.essay import Essay
from inkcast.essays.part import Part
from inkcast.files import make_folder, write_texts
from inkcast.publish.episode_files import PAGE, TRANSCRIPT
from inkcast.publish.pages.audio_address import relative_path
from inkcast.publish.pages.reader import reader_page
from inkcast.publish.pages.recording_tags import masthead_of_recording
from inkcast.publish.site.spoken import transcript_as_essay
from inkcast.publish.subtitles.formats import transcript_texts
from inkcast.settings import Settings
from inkcast.speech.transcriber import Transcriber
from inkcast.speech.transcript import Transcript

_LOG = logging.getLogger(__name__)
_PAGE = "html"


@click.command()
@click.argument("audio", nargs=-1, required=True, type=FILE_OR_ADDRESS)
@click.option(
    "-o",
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where the transcripts go.  [default: the folder of each AUDIO, if nothing is replaced there]",
)
@click.option("--essay", metavar="ESSAY", help="The text that was read: a file or an address.")
@part_options
@formats_option("srt,vtt,json,txt,tsv", "html")
@track_option
@settings_options
@json_option
@verbosity_options
@click.pass_context
def command(
    ctx: click.Context,
    audio: tuple[str, ...],
    out: Path | None,
    essay: str | None,
    part: Part,
    formats: tuple[str, ...],
    track: int | None,
    settings: Settings,
    as_json: bool,
) -> None:
    """Transcribe recordings, and print the path of each file made.

    AUDIO is a file, a folder, a pattern ("*.mp3") or an address. With --essay, the text is verified against
    the audio and keeps its spelling; where the recording departs from it, the model transcribes freely. The
    format html is a page to click. One recording that fails does not stop the others; the exit status is 1
    then.

    \b
    Examples:
      inkcast transcribe episode.mp3 --format vtt,html
      inkcast transcribe recordings --out out
      inkcast transcribe episode.mp3 --essay essay.html --out out
    """
    if essay and _PAGE in formats:
        raise click.UsageError("The page of an essay is made by: inkcast align AUDIO ESSAY")
    audio = recordings_of(audio)
    folders = [results_folder(item, out) for item in audio]
    places = [folder / audio_path(item, folder).name for item, folder in zip(audio, folders, strict=True)]
    stems = distinct_stems(places)
    for folder, stem in zip(folders, stems, strict=True):
        suffixes = [TRANSCRIPT if name == "json" else f".{name}" for name in formats]
        require_free(folder / stem, suffixes, [essay or ""], mark="" if out else TRANSCRIPT)
        make_folder(folder)
    results: list[dict[str, object]] = []
    sources = (*audio, *([essay] if essay else []))
    with connect_for(sources, allow_private=settings.allow_private) as client, Reporter() as reporter:
        text = read_essay(essay, part, client) if essay else None
        hear = _Hearing(load_model_for(settings, text), text, track, settings, reporter)
        for item, folder, stem in zip(audio, folders, stems, strict=True):
            partial = partial_path(folder, stem)
            try:
                with forgotten_if_no_audio(partial):
                    path = audio_file(item, folder, client, reporter)
                    transcript = hear(path, partial)
            except (AudioError, DownloadError, TranscriptionError) as error:
                if len(audio) == 1:
                    raise
                _LOG.error("%s", on_one_line(str(error)))
                results.append({"audio": redact(item), "error": str(error)})
                continue
            files = _write(transcript, path, folder / stem, formats)
            partial.unlink(missing_ok=True)
            names = [str(file) for file in files]
            results.append({"audio": str(path), "files": names, **speakers_json(transcript)})
            if not as_json:
                for file in files:
                    click.echo(file)
    if as_json:
        print_json(results)
    failed = sum("error" in result for result in results)
    if failed:
        click.echo(f"Error: {failed} of {len(audio)} recordings failed.", err=True)
        ctx.exit(1)


@dataclass(frozen=True, slots=True)
class _Hearing:
    """How the recordings of one call are heard."""

    model: Transcriber
    essay: Essay | None
    track: int | None
    settings: Settings
    reporter: Reporter

    def __call__(self, path: Path, checkpoint: Path) -> Transcript:
        """Transcribe one."""
        label = f"{on_one_line(path.name)}: transcribing"
        with Recording(path, track=self.track, is_read_once=True) as recording:
            with self.reporter.task(label, "ms of audio") as progress:
                transcript = transcribe(
                    recording,
                    self.model,
                    essay=self.essay,
                    options=replace(self.settings.transcribe_options(), speakers="off", speaker_names={}),
                    progress=progress,
                    checkpoint=checkpoint,
                )
            transcript = with_speakers(recording, transcript, self.essay, self.settings, self.reporter)
        return put_names_of_transcript(path.name, transcript, NameEvidence(self.settings.speaker_names))


def _write(transcript: Transcript, audio: Path, stem: Path, formats: Sequence[str]) -> tuple[Path, ...]:
    """The files, the page first."""
    texts = transcript_texts(transcript, stem.parent, stem.name, [name for name in formats if name != _PAGE])
    if _PAGE in formats:
        page = reader_page(
            *transcript_as_essay(transcript, stem.name),
            relative_path(audio, stem.parent),
            masthead=replace(masthead_of_recording(audio), transcribed=True),
        )
        texts = {stem.with_name(f"{stem.name}{PAGE}"): page, **texts}
    return write_texts(texts)
