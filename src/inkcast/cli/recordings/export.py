"""``inkcast export``: chapters, tags, a book and other forms of an alignment."""

from __future__ import annotations

import logging
import mimetypes
from pathlib import Path

import click

from inkcast.alignment.alignment import Alignment
from inkcast.cli.shared_options import names_option, verbosity_options
from inkcast.errors import AudioError, SettingsError
from inkcast.feeds.address import is_web_address
from inkcast.files import sha256_of
from inkcast.publish.exports.export import LINKED, SUFFIXES, WITH_AUDIO, AudioLink, export
from inkcast.publish.pages.audio_address import relative_path
from inkcast.publish.subtitles.transcript_files import read_alignment

_LOG = logging.getLogger(__name__)


@click.command()
@click.argument("alignment", type=click.Path(dir_okay=False, path_type=Path))
@names_option("--format", "formats", tuple(SUFFIXES), required=True)
@click.option(
    "-o",
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where the files go.  [default: beside ALIGNMENT]",
)
@click.option(
    "--audio",
    metavar="AUDIO",
    help="The recording; mp3 and epub need a file.  [default: the one that was aligned]",
)
@click.option(
    "--link",
    metavar="URL",
    help="Where listeners find the recording, for markdown and embed.  [default: AUDIO]",
)
@verbosity_options
def command(
    alignment: Path, formats: tuple[str, ...], out: Path | None, audio: str | None, link: str | None
) -> None:
    """Export an alignment as chapters, tags, a book and other formats.

    \b
    chapters       chapters for podcast apps (Podcasting 2.0 JSON)
    podcast-json   transcript for podcast apps (Podcasting 2.0 JSON)
    lrc            lines for music players
    textgrid       words and sentences for Praat
    audacity       a label track for Audacity
    markdown       the essay with links to its times, to paste into a post
    embed          the essay with a player, to paste into a web page or show in a frame
    mp3            a copy of the MP3 with chapters and text in its tags
    epub           an EPUB 3 book with the recording (media overlays)

    \b
    Examples:
      inkcast export out/episode.alignment.json --format chapters,podcast-json
      inkcast export out/episode.alignment.json --format mp3,epub --audio episode.mp3 --out book
      inkcast export out/episode.alignment.json --format embed --link https://example.org/episode.mp3
    """
    aligned = read_alignment(alignment)
    folder = out or alignment.parent
    stem = alignment.name.removesuffix(".json").removesuffix(".alignment")
    path = _recording_file(aligned, alignment, audio)
    if path is not None and set(formats) & {*WITH_AUDIO} and sha256_of(path) != aligned.audio.sha256:
        _LOG.warning("%s is not the file that was aligned: its times may be off.", path)
    address = link or _address(aligned, path, audio, folder)
    if set(formats) & {*LINKED} and not is_web_address(address):
        _LOG.warning("The links lead to the file %s: give its address on the web with --link.", address)
    _refuse_collisions([folder / f"{stem}{SUFFIXES[name]}" for name in formats], alignment, path)
    for file in export(aligned, formats, AudioLink(path, address), folder, stem):
        click.echo(file)


def _recording_file(aligned: Alignment, alignment: Path, audio: str | None) -> Path | None:
    """The recording that was named, that lies beside the alignment, or that was aligned."""
    if audio is not None:
        if is_web_address(audio):
            return None
        if not Path(audio).is_file():
            raise AudioError(f"There is no file {audio}.", "Check the path.")
        return Path(audio)
    source = aligned.audio.source
    if is_web_address(source):
        names = [f"{alignment.name.removesuffix('.alignment.json')}{suffix}" for suffix in (".mp3", ".m4a")]
    else:
        names = [Path(source).name]
    candidates = [alignment.with_name(name) for name in names if _is_audio(name)]
    if not is_web_address(source):
        candidates.append(Path(source))
    return next((file for file in candidates if file.is_file()), None)


def _is_audio(name: str) -> bool:
    return (mimetypes.guess_type(name)[0] or "").startswith("audio/")


def _address(aligned: Alignment, path: Path | None, audio: str | None, folder: Path) -> str:
    for address in (audio, aligned.audio.source):
        if address and is_web_address(address):
            return address
    return relative_path(path, folder) if path else aligned.audio.source


def _refuse_collisions(targets: list[Path], *inputs: Path | None) -> None:
    taken = {str(file.resolve()).casefold() for file in inputs if file is not None}
    for target in targets:
        if str(target.resolve()).casefold() in taken:
            raise SettingsError(f"{target} would be replaced by its export.", "Give another folder as --out.")
