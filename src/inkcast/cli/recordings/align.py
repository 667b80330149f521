"""``inkcast align``: a recording and its essay to an essay you can click to hear."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import click

from inkcast.alignment.align import align
from inkcast.alignment.alignment import Alignment, AudioFacts
from inkcast.audio.decode import length_ms
from inkcast.audio.seeking import warn_of_rough_seeking
from inkcast.audio.vad import speech_of
from inkcast.cli.connection import connect
from inkcast.cli.essay_part import part_options
from inkcast.cli.inputs import audio_file, partial_path, read_text
from inkcast.cli.options import json_option, settings_options, verbosity_options
from inkcast.cli.output import on_one_line, print_json
from inkcast.cli.progress import Reporter
from inkcast.errors import AlignmentError, AudioError, redact
from inkcast.essays.essay import Essay
from inkcast.essays.part import Part
from inkcast.files import make_folder, sha256_of, write_text
from inkcast.publish.pages.page import relative_path
from inkcast.publish.pages.reader import reader_page
from inkcast.publish.subtitles.formats import write_transcript
from inkcast.publish.subtitles.transcript_files import read_transcript
from inkcast.settings import Settings
from inkcast.speech.load import load_engine
from inkcast.speech.transcribe import transcribe
from inkcast.speech.transcript import Transcript


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
    settings: Settings,
    as_json: bool,
) -> None:
    """Find when each word of an essay is spoken, and make its reader page and subtitles.

    AUDIO and ESSAY are files or addresses. The text may be a page, Markdown, plain text, an EPUB, a PDF,
    a Word file, or a podcast's page with many essays (--episode). The exit status is 1 if the alignment
    cannot be trusted; it is written anyway, and says why.

    \b
    Example:
      inkcast align episode.mp3 essay.html --out out
    """
    make_folder(out)
    with connect(allow_private=settings.allow_private) as client, Reporter() as reporter:
        text = read_text(essay, client, part)
        path = audio_file(audio, out, client, reporter)
        partial = partial_path(out, path.stem)
        heard = _transcript(path, text, transcript, settings, reporter, partial)
    facts = AudioFacts(sha256_of(path), heard.duration_ms, redact(audio))
    alignment = align(heard, text, facts, speech_of(path), path, settings.readings)
    files = _write(heard, alignment, text, path, out, inline_audio=inline_audio)
    warn_of_rough_seeking(path)
    partial.unlink(missing_ok=True)
    if as_json:
        audit = alignment.to_json()["audit"]
        print_json({"audio": str(path), "files": [str(file) for file in files], "audit": audit})
    else:
        for file in files:
            click.echo(file)
    if not alignment.audit.passed:
        reasons = " ".join(alignment.audit.problems)
        raise AlignmentError(f"The alignment of {path} cannot be trusted. {reasons}", "Check the essay.")


def _transcript(
    path: Path, essay: Essay, transcript: Path | None, settings: Settings, reporter: Reporter, partial: Path
) -> Transcript:
    if transcript is not None:
        # Subtitles do not say how long the recording is, and headers only estimate it.
        return replace(read_transcript(transcript), duration_ms=length_ms(path))
    engine = load_engine(
        settings.model, settings.engine, settings.device, language=settings.language, essay=essay
    )
    try:
        with reporter.task(on_one_line(path.name), "ms of audio") as progress:
            return transcribe(
                path, engine, essay=essay, language=settings.language, progress=progress, checkpoint=partial
            )
    except AudioError:
        partial.unlink(missing_ok=True)
        raise


def _write(
    transcript: Transcript, alignment: Alignment, essay: Essay, audio: Path, out: Path, *, inline_audio: bool
) -> tuple[Path, ...]:
    """Subtitles carry the essay's own wording, unless the alignment cannot be trusted."""
    stem = audio.stem
    recording = audio.read_bytes() if inline_audio else None
    page = reader_page(essay, alignment, relative_path(audio, out), inline_audio=recording)
    spoken = alignment if alignment.audit.passed else transcript
    files = (
        *write_transcript(transcript, out, stem, ("json",)),
        *write_transcript(spoken, out, stem, ("srt", "vtt", "txt", "tsv")),
        write_text(
            out / f"{stem}.alignment.json",
            json.dumps(alignment.to_json(), ensure_ascii=False) + "\n",
        ),
        write_text(out / f"{stem}.html", page),
    )
    return files
