"""Whether our check, pysubs2 and FFmpeg read the same cues from every subtitle file.

    python benchmarks/subtitles.py FILE...

Makes SRT, WebVTT and ASS of each ``.alignment.json`` or ``.transcript.json`` under every preset: plain,
with word times, and with the current word highlighted. Compares what stands in the file with what others
find in it: times to the millisecond, texts without markup. Prints what differs, then counts.
"""

from __future__ import annotations

import argparse
import html
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import imageio_ffmpeg  # type: ignore[import-untyped]
import pysubs2

from inkcast.publish.checks.check_subtitles import check_subtitles
from inkcast.publish.subtitles.formats import SubtitleStyle, write_transcript
from inkcast.publish.subtitles.highlight import WordMarks
from inkcast.publish.subtitles.limits import PRESETS
from inkcast.publish.subtitles.transcript_files import read_speech
from inkcast.timecode import parse_time

Shown = list[tuple[int, int, str]]

MARKS: tuple[WordMarks, ...] = ("plain", "timed", "highlighted")
FORMATS = ("srt", "vtt", "ass")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", type=Path, nargs="+")
    counts: Counter[str] = Counter()
    for source in parser.parse_args().files:
        speech = read_speech(source)
        for preset in PRESETS:
            for marks in MARKS:
                style = SubtitleStyle(preset=preset, marks=marks)
                with tempfile.TemporaryDirectory() as folder:
                    for path in write_transcript(speech, Path(folder), "made", FORMATS, style):
                        counts["files"] += 1
                        counts["cues"] += len(cues_in(path))
                        for reader, found in differences(path, style):
                            counts[f"files in which {reader} finds something else"] += 1
                            print(f"{source} {preset} {marks} {path.suffix}: {reader}: {found}")
    for name, count in counts.items():
        print(f"{count:8,} {name}")


def differences(path: Path, style: SubtitleStyle) -> Iterator[tuple[str, object]]:
    """Each reader that finds a problem or other cues, with what it finds."""
    format_name = path.suffix[1:]
    expected = [(start, end, plain(text)) for start, end, text in cues_in(path)]
    checked = check_subtitles(path.read_bytes(), format_name, style.limits(format_name))
    if not checked.passed:
        yield "the check", next(problem for problem in checked.problems if problem.avoidable)
    if checked.n_cues != len(expected):
        yield "the check", f"{checked.n_cues} cues of {len(expected)}"
    if format_name == "srt":
        events = pysubs2.load(str(path), format_="srt", keep_unknown_html_tags=True)
    else:
        events = pysubs2.load(str(path), format_=format_name)
    theirs = [(event.start, event.end, plain(event.text)) for event in events]
    if theirs != expected:
        yield "pysubs2", first_difference(theirs, expected)
    copy = path.with_name("ffmpeg.ass" if format_name == "ass" else "ffmpeg.srt")
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "warning", "-y", "-i", str(path), str(copy)]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stderr.strip()
    theirs = [(start, end, plain(text)) for start, end, text in cues_in(copy)] if copy.exists() else []
    if said or theirs != expected:
        yield "FFmpeg", said or first_difference(theirs, expected)


def cues_in(path: Path) -> Shown:
    """Times and raw text of each cue, by a few lines that know nothing of the readers."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ass":
        fields = (line.split(",", 9) for line in text.splitlines() if line.startswith("Dialogue:"))
        return [(parse_time(start), parse_time(end), shown) for _, start, end, *_, shown in fields]
    found = re.findall(r"^([\d:.,]+) --> ([\d:.,]+).*\n((?:.+\n?)*)", text, re.MULTILINE)
    return [(parse_time(start), parse_time(end), shown) for start, end, shown in found]


def plain(text: str) -> str:
    """Text without tags, codes and the joiners that keep text from being taken for them."""
    text = re.sub(r"\{\\[^}]*\}|\{\}|<[^>]*>|\u2060", "", text)
    text = text.replace("\\N", " ").replace("\\{", "{").replace("\\}", "}")
    return " ".join(html.unescape(text).split())


def first_difference(theirs: Shown, ours: Shown) -> object:
    pairs = [pair for pair in zip(theirs, ours, strict=False) if pair[0] != pair[1]]
    return pairs[0] if pairs else f"{len(theirs)} cues of {len(ours)}"


if __name__ == "__main__":
    main()
