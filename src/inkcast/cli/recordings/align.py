"""``inkcast align``: a recording and its essay to an essay you can click to hear."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from inkcast.alignment.aligners import load_aligner_ahead
from inkcast.api import AlignedEpisode, align, read_essay, transcribe
from inkcast.audio.recording import Recording
from inkcast.cli.connection import connect_for
from inkcast.cli.essay_part import part_options
from inkcast.cli.inputs import (
    audio_file,
    audio_path,
    forgotten_if_no_audio,
    in_order,
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
    json_option,
    settings_options,
    track_option,
    verbosity_options,
)
from inkcast.cli.verdicts import tell_verdict
from inkcast.corrections.corrections_file import corrections_path, read_corrections
from inkcast.errors import AlignmentError, SettingsError, redact
from inkcast.essays.essay import Essay
from inkcast.essays.part import Part
from inkcast.files import make_folder
from inkcast.publish.episode_files import ALIGNMENT, ESSAY, PAGE, SUBTITLES, TRANSCRIPT
from inkcast.settings import Settings
from inkcast.speech.transcript import Transcript

_LOG = logging.getLogger(__name__)
_RESULTS = (PAGE, *(f".{name}" for name in SUBTITLES), ALIGNMENT, TRANSCRIPT, ESSAY)


@click.command()
@click.argument("audio", type=FILE_OR_ADDRESS)
@click.argument("essay", required=False, type=FILE_OR_ADDRESS)
@click.option(
    "-o",
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where the results go.  [default: the folder of AUDIO, if nothing is replaced there]",
)
@click.option(
    "--transcript",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Use this transcript (Whisper's JSON, SRT or VTT) instead of making one.",
)
@click.option(
    "--with-audio", is_flag=True, help="Put the recording beside the page, so that the folder can be moved."
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
    essay: str | None,
    out: Path | None,
    transcript: Path | None,
    with_audio: bool,
    inline_audio: bool,
    part: Part,
    track: int | None,
    settings: Settings,
    as_json: bool,
) -> None:
    """Find when each word of an essay is spoken, and make its reader page and subtitles.

    AUDIO and ESSAY are files or addresses; AUDIO may be a folder with one recording. The text may be a page,
    Markdown, plain text, an EPUB, a PDF, a Word file, or a podcast's page with many essays (--episode). The
    exit status is 1 if the alignment cannot be trusted; it is written anyway, and says why. Corrections in
    <stem>.corrections.toml beside the results are applied, and stay.

    \b
    Examples:
      inkcast align episode.mp3 essay.html
      inkcast align episode.mp3 essay.html -o out --with-audio
    """
    if essay is None:
        raise click.UsageError(
            f"Missing argument 'ESSAY', the text that is read. Without one: inkcast transcribe {audio}"
        )
    audio, essay = in_order(audio, essay)
    audio = _only_recording(audio)
    folder = results_folder(audio, out)
    stem = folder / audio_path(audio, folder).stem
    # A transcript of our own format is written as it was read.
    kept: list[Path | str] = [essay, *([transcript] if transcript and transcript.suffix != ".json" else [])]
    require_free(stem, _RESULTS, kept, mark="" if out else ALIGNMENT)
    make_folder(folder)
    with connect_for((audio, essay), allow_private=settings.allow_private) as client, Reporter() as reporter:
        text = read_essay(essay, part, client)
        path = audio_file(audio, folder, client, reporter)
        result = _align(path, redact(audio), text, transcript, folder, track, settings, reporter)
        with reporter.task(f"{on_one_line(path.name)}: writing"):
            files = result.write(folder, inline_audio=inline_audio, with_audio=with_audio)
    partial_path(folder, path.stem).unlink(missing_ok=True)
    _tell(result, files, as_json)


def _only_recording(audio: str) -> str:
    found = recordings_of([audio])
    if len(found) > 1:
        raise SettingsError(
            f"{audio} has {len(found)} recordings: {', '.join(Path(each).name for each in found[:3])} …",
            "Name the one that reads the essay.",
        )
    return found[0]


def _align(
    path: Path,
    source: str,
    essay: Essay,
    transcript: Path | Transcript | None,
    folder: Path,
    track: int | None,
    settings: Settings,
    reporter: Reporter,
) -> AlignedEpisode:
    """Hear the recording, unless a transcript is there, and find the essay's words in it."""
    partial = partial_path(folder, path.stem)
    corrections = read_corrections(corrections_path(folder, path.stem))
    options = settings.align_options()
    load_aligner_ahead(settings.language or essay.language or "en", options)
    with forgotten_if_no_audio(partial), Recording(path, source, track=track) as recording:
        if transcript is None:
            heard = _heard(recording, essay, partial, settings, reporter)
            transcript = with_speakers(recording, heard, essay, settings, reporter)
        with reporter.task(f"{on_one_line(path.name)}: aligning") as progress:
            return align(
                recording,
                essay,
                transcript=transcript,
                corrections=corrections,
                transcribe_options=settings.transcribe_options(),
                align_options=options,
                progress=progress,
            )


def _heard(
    recording: Recording, essay: Essay, partial: Path, settings: Settings, reporter: Reporter
) -> Transcript:
    """What the model hears; it is given back before others need its memory."""
    model = load_model_for(settings, essay)
    with reporter.task(f"{on_one_line(recording.path.name)}: transcribing", "ms of audio") as progress:
        return transcribe(
            recording,
            model,
            essay=essay,
            options=replace(settings.transcribe_options(), speakers="off", speaker_names={}),
            progress=progress,
            checkpoint=partial,
        )


def _tell(result: AlignedEpisode, files: Sequence[Path], as_json: bool) -> None:
    """Print what was made. Raises AlignmentError where it cannot be trusted."""
    audit = result.alignment.audit
    for lost in result.lost:
        _LOG.warning("A correction of %s has lost its place: %s.", result.audio.name, lost)
    if as_json:
        facts: dict[str, object] = {
            "audit": result.alignment.to_json()["audit"],
            "lost": [str(lost) for lost in result.lost],
        }
        facts |= speakers_json(result.transcript)
        print_json({"audio": str(result.audio), "files": [str(file) for file in files], **facts})
    else:
        if audit.passed:
            tell_verdict(result.alignment)
        for file in files:
            click.echo(file)
    if not audit.passed:
        reasons = " ".join(audit.problems)
        raise AlignmentError(
            f"The alignment of {result.audio} cannot be trusted. {reasons}", "Check the essay."
        )
