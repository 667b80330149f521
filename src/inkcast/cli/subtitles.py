"""``inkcast subtitles``: subtitles again, from what was transcribed or aligned before."""

from __future__ import annotations

from pathlib import Path

import click

from inkcast.cli.options import formats_option, verbosity_options
from inkcast.errors import SettingsError
from inkcast.publish.formats import SubtitleStyle, write_transcript
from inkcast.publish.limits import CueLimits
from inkcast.publish.read import read_speech


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where the subtitles go.  [default: beside FILE]",
)
@formats_option("vtt")
@click.option("--max-chars", default=CueLimits().max_chars, show_default=True, help="Characters in a line.")
@click.option("--max-lines", default=CueLimits().max_lines, show_default=True, help="Lines in a cue.")
@click.option("--max-cps", default=CueLimits().max_cps, show_default=True, help="Characters a second.")
@verbosity_options
def command(
    file: Path, out: Path | None, formats: tuple[str, ...], max_chars: int, max_lines: int, max_cps: float
) -> None:
    """Write subtitles from a transcript or an alignment, under other limits.

    FILE is a .transcript.json, an .alignment.json, Whisper's JSON, an SRT or a VTT.

    \b
    Example:
      inkcast subtitles out/episode.alignment.json --format srt --max-chars 32
    """
    style = SubtitleStyle(max_chars=max_chars, max_lines=max_lines, max_cps=max_cps)
    stem = file.name.removesuffix(file.suffix).removesuffix(".transcript").removesuffix(".alignment")
    folder = out or file.parent
    speech = read_speech(file)
    if folder.resolve() == file.parent.resolve() and _would_replace(file, stem, formats):
        raise SettingsError(
            f"{file} would be replaced by its own subtitles.", "Give another folder as --out."
        )
    for path in write_transcript(speech, folder, stem, formats, style):
        click.echo(path)


def _would_replace(file: Path, stem: str, formats: tuple[str, ...]) -> bool:
    """Subtitles under other limits have lost what the ones they were made from hold: times, speakers."""
    made = {f"{stem}.{name}" for name in formats if name != "json"}
    return file.name in made or ("json" in formats and file.name == f"{stem}.transcript.json")
