"""``inkcast subtitles``: subtitles again, from what was transcribed or aligned before; and their check."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click
from click.core import ParameterSource

from inkcast.cli.output import on_one_line, print_json, verbosity
from inkcast.cli.shared_options import formats_option, json_option, verbosity_options
from inkcast.errors import PublishError, SettingsError
from inkcast.publish.checks.check_subtitles import Checked, check_subtitles, subtitle_format
from inkcast.publish.subtitles.formats import FORMATS, SubtitleStyle, file_name, write_transcript
from inkcast.publish.subtitles.highlight import WordMarks
from inkcast.publish.subtitles.limits import DEFAULT_PRESET, PRESETS
from inkcast.publish.subtitles.transcript_files import read_speech

_WRITING_OPTIONS = ("out", "formats", "word_times", "highlight")


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "-o",
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where the subtitles go.  [default: beside each FILE]",
)
@formats_option("vtt")
@click.option(
    "--preset",
    type=click.Choice(list(PRESETS)),
    default=DEFAULT_PRESET,
    show_default=True,
    help="The limits to keep.",
)
@click.option("--max-chars", type=click.IntRange(min=1), help="Characters in a line.  [default: 42]")
@click.option("--max-lines", type=click.IntRange(min=1), help="Lines in a cue.  [default: 2]")
@click.option(
    "--max-cps", type=click.FloatRange(min=0, min_open=True), help="Characters a second.  [default: 20]"
)
@click.option("--word-times", is_flag=True, help="Put each word's time into VTT; karaoke in ASS.")
@click.option("--highlight", is_flag=True, help="Underline the current word in SRT and VTT; karaoke in ASS.")
@click.option("--check", is_flag=True, help="Write nothing: report problems of SRT, VTT or ASS files.")
@json_option
@verbosity_options
@click.pass_context
def command(
    ctx: click.Context,
    files: tuple[Path, ...],
    out: Path | None,
    formats: tuple[str, ...],
    preset: str,
    max_chars: int | None,
    max_lines: int | None,
    max_cps: float | None,
    word_times: bool,
    highlight: bool,
    check: bool,
    as_json: bool,
) -> None:
    """Write subtitles from transcripts or alignments, or check subtitles.

    FILE is a .transcript.json, an .alignment.json, Whisper's JSON, an SRT or a VTT. With --check, the
    exit status is 1 if a file has problems.

    \b
    Examples:
      inkcast subtitles out/episode.alignment.json --format srt,vtt --preset podcast
      inkcast subtitles --check out/episode.srt --preset podcast
    """
    marks: WordMarks = "highlighted" if highlight else "timed" if word_times else "plain"
    style = SubtitleStyle(preset, max_chars, max_lines, max_cps, marks)
    if check:
        _refuse_with_check(ctx)
        _check_all(ctx, files, style, as_json)
        return
    if word_times and highlight:
        raise click.UsageError("--word-times and --highlight exclude each other.")
    if marks != "plain" and not any(marks in known.marks for name in formats if (known := FORMATS[name])):
        raise click.UsageError(f"--format {','.join(formats)} cannot mark words: choose vtt or ass.")
    _write_all(files, out, formats, style, as_json)


def _refuse_with_check(ctx: click.Context) -> None:
    for name in _WRITING_OPTIONS:
        if ctx.get_parameter_source(name) == ParameterSource.COMMANDLINE:
            option = {"formats": "format"}.get(name, name).replace("_", "-")
            raise click.UsageError(f"--{option} has no meaning with --check.")


@dataclass(frozen=True, slots=True)
class _Job:
    """One file, and what becomes of it."""

    file: Path
    folder: Path
    stem: str
    targets: tuple[Path, ...]


def _write_all(
    files: tuple[Path, ...], out: Path | None, formats: tuple[str, ...], style: SubtitleStyle, as_json: bool
) -> None:
    """Every input is read, and every name compared, before anything is written."""
    speeches = [read_speech(file) for file in files]
    jobs = []
    for file, speech in zip(files, speeches, strict=True):
        stem = file.name.removesuffix(file.suffix).removesuffix(".transcript").removesuffix(".alignment")
        folder = out or file.parent
        targets = tuple(folder / file_name(speech, stem, name) for name in formats)
        jobs.append(_Job(file, folder, stem, targets))
    _refuse_collisions(jobs)
    results = []
    for job, speech in zip(jobs, speeches, strict=True):
        written = write_transcript(speech, job.folder, job.stem, formats, style)
        results.append({"file": str(job.file), "files": [str(path) for path in written]})
        if not as_json:
            for path in written:
                click.echo(path)
    if as_json:
        print_json(results)


def _refuse_collisions(jobs: list[_Job]) -> None:
    """No result takes the place of an input or of another result, also where case does not count."""
    owners = {_identity(job.file): job.file for job in jobs}
    if len(owners) < len(jobs):
        raise SettingsError("The same file is given twice.", "Name each file once.")
    made: dict[str, Path] = {}
    for job in jobs:
        for target in job.targets:
            identity = _identity(target)
            if identity in owners:
                # Subtitles under other limits have lost what they were made from: times, speakers.
                raise SettingsError(
                    f"{owners[identity]} would be replaced by subtitles of {job.file}.",
                    "Give another folder as --out.",
                )
            other = made.setdefault(identity, job.file)
            if other is not job.file:
                raise SettingsError(
                    f"{other} and {job.file} would both become {target}.",
                    "Rename one, or write them to different --out folders.",
                )


def _identity(path: Path) -> str:
    return str(path.resolve()).casefold()


def _check_all(ctx: click.Context, files: tuple[Path, ...], style: SubtitleStyle, as_json: bool) -> None:
    results = [(file, _check_file(file, style)) for file in files]
    if as_json:
        print_json([_to_json(file, checked) for file, checked in results])
    for file, checked in results:
        _report(file, checked, lines=not as_json)
    if not all(checked.passed for _, checked in results):
        ctx.exit(1)


def _check_file(file: Path, style: SubtitleStyle) -> Checked:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise PublishError(f"Cannot read {file}: {error.strerror}.", "Check the path.") from error
    format_name = subtitle_format(file, data)
    return check_subtitles(data, format_name, style.limits(format_name))


def _report(file: Path, checked: Checked, lines: bool) -> None:
    """One line for each problem on stdout, as compilers write them; the sum on stderr."""
    unavoidable = [problem for problem in checked.problems if not problem.avoidable]
    for problem in checked.problems if lines else ():
        if problem.avoidable:
            click.echo(f"{file}:{problem.line}: {on_one_line(problem.message)}")
        elif verbosity() > 0:
            click.echo(
                f"{file}:{problem.line}: {on_one_line(problem.message)}: the speech allows no more time"
            )
    if verbosity() >= 0:
        n_problems = len(checked.problems) - len(unavoidable)
        text = f"{file}: {checked.n_cues} cues, {n_problems} problems"
        if unavoidable:
            text += f", {len(unavoidable)} limits that the speech leaves no time to keep"
        click.echo(f"{text}.", err=True)


def _to_json(file: Path, checked: Checked) -> dict[str, object]:
    return {
        "file": str(file),
        "format": checked.format,
        "cues": checked.n_cues,
        "passed": checked.passed,
        "problems": [
            {
                "line": problem.line,
                "kind": problem.kind,
                "message": problem.message,
                "avoidable": problem.avoidable,
            }
            for problem in checked.problems
        ],
    }
