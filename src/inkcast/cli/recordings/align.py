"""``inkcast align``: a recording and its essay to an essay you can click to hear."""

from __future__ import annotations

import logging
from pathlib import Path

import click

from inkcast.api import align, read_essay, transcribe
from inkcast.audio.recording import Recording
from inkcast.cli.connection import connect
from inkcast.cli.essay_part import part_options
from inkcast.cli.inputs import audio_file, forgotten_if_no_audio, load_model_for, partial_path
from inkcast.cli.output import on_one_line, print_json
from inkcast.cli.progress import Reporter
from inkcast.cli.shared_options import json_option, settings_options, track_option, verbosity_options
from inkcast.cli.verdicts import tell_verdict
from inkcast.corrections.corrections_file import corrections_path
from inkcast.errors import AlignmentError, redact
from inkcast.essays.part import Part
from inkcast.files import make_folder
from inkcast.settings import Settings
from inkcast.speech.transcript import Transcript

_LOG = logging.getLogger(__name__)


@click.command()
@click.argument("audio")
@click.argument("essay")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="DIR",
    help="Where the results go.",
)
@click.option(
    "--transcript",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Use this transcript (Whisper's JSON, SRT or VTT) instead of making one.",
)
@click.option(
    "--inline-audio", is_flag=True, help="Embed the recording in the page, which is then a single file."
)
@part_options
@track_option
@settings_options
@json_option
@verbosity_options
def command(
    audio: str,
    essay: str,
    out: Path,
    transcript: Path | None,
    inline_audio: bool,
    part: Part,
    track: int | None,
    settings: Settings,
    as_json: bool,
) -> None:
    """Find when each word of an essay is spoken, and make its reader page and subtitles.

    AUDIO and ESSAY are files or addresses. The text may be a page, Markdown, plain text, an EPUB, a PDF,
    a Word file, or a podcast's page with many essays (--episode). The exit status is 1 if the alignment
    cannot be trusted; it is written anyway, and says why. Corrections in DIR/<stem>.corrections.toml are
    applied, and stay.

    \b
    Example:
      inkcast align episode.mp3 essay.html --out out
    """
    make_folder(out)
    with connect(allow_private=settings.allow_private) as client, Reporter() as reporter:
        text = read_essay(essay, part, client)
        path = audio_file(audio, out, client, reporter)
        name = on_one_line(path.name)
        partial = partial_path(out, path.stem)
        model = load_model_for(settings, text) if transcript is None else ""
        with (
            forgotten_if_no_audio(partial),
            Recording(path, redact(audio), track=track) as recording,
        ):
            heard: Transcript | Path | None = transcript
            if heard is None:
                with reporter.task(f"{name}: transcribing", "ms of audio") as progress:
                    heard = transcribe(
                        recording,
                        model,
                        essay=text,
                        options=settings.transcribe_options(),
                        progress=progress,
                        checkpoint=partial,
                    )
            with reporter.task(f"{name}: aligning"):
                result = align(
                    recording,
                    text,
                    transcript=heard,
                    corrections=corrections_path(out, path.stem),
                    align_options=settings.align_options(),
                )
        with reporter.task(f"{name}: writing"):
            files = result.write(out, inline_audio=inline_audio)
    partial.unlink(missing_ok=True)
    audit = result.alignment.audit
    for lost in result.lost:
        _LOG.warning("A correction of %s has lost its place: %s.", path.name, lost)
    if as_json:
        facts = {"audit": result.alignment.to_json()["audit"], "lost": [str(lost) for lost in result.lost]}
        print_json({"audio": str(path), "files": [str(file) for file in files], **facts})
    else:
        if audit.passed:
            tell_verdict(result.alignment)
        for file in files:
            click.echo(file)
    if not audit.passed:
        reasons = " ".join(audit.problems)
        raise AlignmentError(f"The alignment of {path} cannot be trusted. {reasons}", "Check the essay.")
