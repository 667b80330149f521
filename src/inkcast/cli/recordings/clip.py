"""``inkcast clip``: the audio of a passage, with its subtitles."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from pathlib import Path

import click

from inkcast.alignment.alignment import Alignment
from inkcast.audio.clip import BREATH_MS, CLIP_FORMATS, Clip, cut_clip
from inkcast.cli.inputs import in_order
from inkcast.cli.output import print_json
from inkcast.cli.shared_options import json_option, track_option, verbosity_options
from inkcast.errors import AudioError, SettingsError
from inkcast.files import sha256_of, write_text
from inkcast.publish.passage import Passage, find_quote, passage_between
from inkcast.publish.subtitles.cues import make_cues
from inkcast.publish.subtitles.limits import preset_limits
from inkcast.publish.subtitles.srt import write_srt
from inkcast.publish.subtitles.transcript_files import read_alignment
from inkcast.publish.words import spoken_words
from inkcast.timecode import parse_time
from inkcast.unicode_forms import normalized

_LOG = logging.getLogger(__name__)

_NAME_CHARS = 40


def _time(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    try:
        if value is not None and re.fullmatch(r"\d{1,6}(?:\.\d{1,3})?", value):
            return round(float(value) * 1000)
        return None if value is None else parse_time(value)
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is not a time such as 1:02 or 62.5.") from error


@click.command()
@click.argument("audio", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("alignment", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--quote", metavar="TEXT", help="Words of the essay; … stands for any words between two parts.")
@click.option("--from", "start_ms", callback=_time, metavar="TIME", help="Where to begin, such as 1:02.")
@click.option("--to", "end_ms", callback=_time, metavar="TIME", help="Where to end.")
@click.option(
    "-o",
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="An .mp3, .m4a or .wav file.  [default: an MP3 named after the passage, in this folder]",
)
@track_option
@json_option
@verbosity_options
def command(
    audio: Path,
    alignment: Path,
    quote: str | None,
    start_ms: int | None,
    end_ms: int | None,
    out: Path | None,
    track: int | None,
    as_json: bool,
) -> None:
    """Cut a passage out of a recording, by its words or by its times.

    The cuts are in pauses; the clip is as loud as podcasts are (-16 LUFS). Subtitles (.srt) are
    written beside it, and the paths of both are printed.

    \b
    Examples:
      inkcast clip episode.mp3 out/episode.alignment.json --quote "They show their work"
      inkcast clip episode.mp3 out/episode.alignment.json --from 1:02 --to 1:30 --out clip.m4a
    """
    timed = start_ms is not None and end_ms is not None
    if (quote is not None) == timed or (start_ms is None) != (end_ms is None):
        raise click.UsageError("Give either --quote, or both --from and --to.")
    audio, alignment = map(Path, in_order(str(audio), str(alignment)))
    if not audio.is_file():
        raise AudioError(f"There is no file {audio}.", "Check the path.")
    aligned = read_alignment(alignment)
    if quote is not None:
        passage = find_quote(aligned, quote)
    else:
        passage = passage_between(aligned, start_ms or 0, end_ms or 0)
    if sha256_of(audio) != aligned.audio.sha256:
        _LOG.warning("%s is not the file that was aligned: its times may be off.", audio)
    target = out or Path(
        f"{alignment.name.removesuffix('.json').removesuffix('.alignment')}-{_name(passage)}.mp3"
    )
    subtitles = target.with_suffix(".srt")
    _check_names(target, subtitles, audio, alignment)
    clip = cut_clip(
        audio, passage.start_ms, passage.end_ms, target, room=_room(aligned, passage), track=track
    )
    write_text(subtitles, _subtitles(aligned, clip))
    if as_json:
        print_json(
            {
                "clip": str(clip.path),
                "subtitles": str(subtitles),
                "start_ms": clip.start_ms,
                "end_ms": clip.end_ms,
                "text": passage.text,
            }
        )
        return
    click.echo(clip.path)
    click.echo(subtitles)


def _check_names(target: Path, subtitles: Path, *inputs: Path) -> None:
    if target.suffix.lower() not in CLIP_FORMATS:
        raise SettingsError(
            f"{target} is not a file name for a clip.", f"End it in {', '.join(CLIP_FORMATS)}."
        )
    for name in (target, subtitles):
        if name.resolve() in [file.resolve() for file in inputs]:
            raise SettingsError(f"{name} would be replaced by its clip.", "Give another file as --out.")


def _name(passage: Passage) -> str:
    """A few words of the passage, as every file system takes them."""
    plain = normalized("NFKD", passage.text).encode("ascii", "ignore").decode()
    words = "-".join(re.findall(r"[a-z0-9]+", plain.lower()))[:_NAME_CHARS].strip("-")
    return words or f"{passage.start_ms // 1000}s"


def _room(aligned: Alignment, passage: Passage) -> tuple[int, int]:
    """How far the clip may reach on both sides: to the words around it, but no further than a breath."""
    before = after = BREATH_MS
    for word in spoken_words(aligned):
        if word.end_ms <= passage.start_ms:
            before = min(BREATH_MS, passage.start_ms - word.end_ms)
        elif word.start_ms >= passage.end_ms:
            after = min(BREATH_MS, word.start_ms - passage.end_ms)
            break
    return before, after


def _subtitles(aligned: Alignment, clip: Clip) -> str:
    """SubRip of what is heard in the clip, from its own start on."""
    words = [
        replace(
            word,
            start_ms=max(0, word.start_ms - clip.start_ms),
            end_ms=min(word.end_ms, clip.end_ms) - clip.start_ms,
        )
        for word in spoken_words(aligned)
        if clip.start_ms <= (word.start_ms + word.end_ms) // 2 < clip.end_ms
    ]
    return write_srt(make_cues(words, preset_limits("podcast", "srt")))
