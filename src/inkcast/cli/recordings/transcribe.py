"""``inkcast transcribe``: recordings to transcripts and subtitles."""

from __future__ import annotations

import logging
from pathlib import Path

import click

from inkcast.api import read_essay, transcribe
from inkcast.audio.recording import Recording
from inkcast.cli.connection import connect
from inkcast.cli.essay_part import part_options
from inkcast.cli.inputs import (
    audio_file,
    audio_path,
    distinct_stems,
    forgotten_if_no_audio,
    load_model_for,
    partial_path,
)
from inkcast.cli.output import on_one_line, print_json
from inkcast.cli.progress import Reporter
from inkcast.cli.shared_options import (
    formats_option,
    json_option,
    settings_options,
    track_option,
    verbosity_options,
)
from inkcast.errors import AudioError, DownloadError, TranscriptionError, redact
from inkcast.essays.part import Part
from inkcast.files import make_folder
from inkcast.publish.subtitles.formats import write_transcript
from inkcast.settings import Settings

_LOG = logging.getLogger(__name__)


@click.command()
@click.argument("audio", nargs=-1, required=True)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="DIR",
    help="Where the transcripts go.",
)
@click.option("--essay", metavar="ESSAY", help="The text that was read: a file or an address.")
@part_options
@formats_option("srt,vtt,json,txt,tsv")
@track_option
@settings_options
@json_option
@verbosity_options
@click.pass_context
def command(
    ctx: click.Context,
    audio: tuple[str, ...],
    out: Path,
    essay: str | None,
    part: Part,
    formats: tuple[str, ...],
    track: int | None,
    settings: Settings,
    as_json: bool,
) -> None:
    """Transcribe recordings, and print the path of each file made.

    AUDIO is a file or an address. With --essay, the text is verified against the audio and keeps its
    spelling; where the recording departs from it, the model transcribes freely. One recording that fails
    does not stop the others; the exit status is 1 then.

    \b
    Example:
      inkcast transcribe episode.mp3 --essay essay.html --out out
    """
    make_folder(out)
    results: list[dict[str, object]] = []
    with connect(allow_private=settings.allow_private) as client, Reporter() as reporter:
        text = read_essay(essay, part, client) if essay else None
        stems = distinct_stems([audio_path(item, out) for item in audio])
        model = load_model_for(settings, text)
        for item, stem in zip(audio, stems, strict=True):
            partial = partial_path(out, stem)
            try:
                with forgotten_if_no_audio(partial):
                    path = audio_file(item, out, client, reporter)
                    with (
                        Recording(path, track=track, is_read_once=True) as recording,
                        reporter.task(f"{on_one_line(path.name)}: transcribing", "ms of audio") as progress,
                    ):
                        transcript = transcribe(
                            recording,
                            model,
                            essay=text,
                            options=settings.transcribe_options(),
                            progress=progress,
                            checkpoint=partial,
                        )
            except (AudioError, DownloadError, TranscriptionError) as error:
                if len(audio) == 1:
                    raise
                _LOG.error("%s", on_one_line(str(error)))
                results.append({"audio": redact(item), "error": str(error)})
                continue
            files = write_transcript(transcript, out, stem, formats)
            partial.unlink(missing_ok=True)
            results.append({"audio": str(path), "files": [str(file) for file in files]})
            if not as_json:
                for file in files:
                    click.echo(file)
    if as_json:
        print_json(results)
    failed = sum("error" in result for result in results)
    if failed:
        click.echo(f"Error: {failed} of {len(audio)} recordings failed.", err=True)
        ctx.exit(1)
