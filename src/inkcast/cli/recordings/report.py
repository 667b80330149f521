"""``inkcast report``: a page that shows how a recording walks through its essay."""

from __future__ import annotations

import logging
import mimetypes
from pathlib import Path

import click

from inkcast.alignment.alignment import Alignment
from inkcast.cli.shared_options import verbosity_options
from inkcast.errors import AudioError, SettingsError
from inkcast.feeds.address import is_web_address
from inkcast.files import make_folder, write_text
from inkcast.publish.pages.audio_address import relative_path
from inkcast.publish.pages.report import report_page
from inkcast.publish.subtitles.transcript_files import read_alignment

_LOG = logging.getLogger(__name__)


@click.command()
@click.argument("alignment", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "-o",
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The page to write.  [default: <stem>.report.html beside ALIGNMENT]",
)
@click.option(
    "--audio",
    metavar="AUDIO",
    help="The recording, a file or an address.  [default: the one that was aligned]",
)
@verbosity_options
def command(alignment: Path, out: Path | None, audio: str | None) -> None:
    """Show how a recording follows its essay, and every place where it departs from it.

    ALIGNMENT is an .alignment.json, whether it passed its audit or not.

    \b
    Example:
      inkcast report out/episode.alignment.json
    """
    aligned = read_alignment(alignment)
    page = out or alignment.with_name(f"{_stem(alignment)}.report.html")
    recording = _given(audio) if audio else _find_recording(aligned, alignment)
    if page.resolve() in (alignment.resolve(), Path(recording).resolve()):
        raise SettingsError(f"{page} would be replaced by its report.", "Give another file as --out.")
    make_folder(page.parent)
    href = recording if is_web_address(recording) else relative_path(Path(recording), page.parent)
    click.echo(write_text(page, report_page(aligned, href)))


def _stem(alignment: Path) -> str:
    return alignment.name.removesuffix(".json").removesuffix(".alignment")


def _given(audio: str) -> str:
    if not is_web_address(audio) and not Path(audio).is_file():
        raise AudioError(f"There is no file {audio}.", "Check the path.")
    return audio


def _find_recording(aligned: Alignment, path: Path) -> str:
    """The file of the same name beside the alignment, as in a library; else what was aligned."""
    beside = [file for file in sorted(path.parent.glob("*")) if file.stem == _stem(path) and _is_audio(file)]
    source = aligned.audio.source
    if beside or is_web_address(source):
        return str(beside[0]) if beside else source
    for file in (Path(source), path.parent / Path(source).name):
        if file.is_file():
            return str(file)
    _LOG.warning("The recording %s is not there, so the page cannot play it: name it with --audio.", source)
    return source


def _is_audio(file: Path) -> bool:
    return (mimetypes.guess_type(file.name)[0] or "").startswith("audio/")
