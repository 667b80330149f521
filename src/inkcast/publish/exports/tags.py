"""Chapters and text inside an MP3 file: CHAP and CTOC, SYLT and USLT of ID3v2.

Sources: ID3v2 Chapter Frame Addendum 1.0 (https://id3.org/id3v2-chapters-1.0), ID3v2.4 frames 4.8 and 4.9
"""

from __future__ import annotations

import shutil
from pathlib import Path

from mutagen import MutagenError
from mutagen.id3 import CHAP, CTOC, ID3, SYLT, TIT2, USLT, CTOCFlags, Encoding
from mutagen.mp3 import MP3

from inkcast.alignment.alignment import Alignment
from inkcast.errors import PublishError
from inkcast.files import make_folder, whole_file
from inkcast.publish.exports.chapters import chapters_of
from inkcast.publish.subtitles.cues import make_cues
from inkcast.publish.subtitles.limits import CueLimits
from inkcast.publish.subtitles.txt import write_txt
from inkcast.publish.words import spoken_words

UNKNOWN_LANGUAGE = "XXX"

_LINE = CueLimits(max_chars=60, max_lines=1)
_NO_OFFSET = 0xFFFFFFFF
_MOST_CHILDREN = 255  # their number is one byte
_MILLISECONDS = 2
_LYRICS = 1
_HEADER = 10  # bytes, of the tag and of each frame


def write_tagged_mp3(alignment: Alignment, audio: Path, target: Path) -> Path:
    """Copy an MP3 file and put chapters and text into the copy; its other tags and its sound stay.

    Chapters and texts that were there before are replaced.

    Raises:
        PublishError: ``audio`` is not an MP3 file, or ``target`` is ``audio``.
        StorageError: the disk refuses.
    """
    if target.resolve() == audio.resolve():
        raise PublishError(f"{audio} would be replaced by its copy.", "Choose another folder.")
    make_folder(target.parent)
    with whole_file(target) as part:
        try:
            MP3(audio)
        except MutagenError as error:
            raise PublishError(
                f"{audio} is not an MP3 file, so it cannot hold ID3 tags.", "Convert it to MP3 first."
            ) from error
        shutil.copyfile(audio, part)
        try:
            file = MP3(part)
            if file.tags is None:
                file.add_tags()
            _tag(file.tags, alignment)
            file.save()
            _sort_chapters(part)
        except MutagenError as error:
            raise PublishError(f"The tags of {audio} cannot be changed.", "Is the file damaged?") from error
    return target


def _tag(tags: ID3, alignment: Alignment) -> None:
    for name in ("CHAP", "CTOC", "SYLT", "USLT"):
        tags.delall(name)
    chapters = chapters_of(alignment)
    names = [f"chp{number}" for number in range(len(chapters))]
    for name, chapter in zip(names, chapters, strict=True):
        tags.add(
            CHAP(
                element_id=name,
                start_time=chapter.start_ms,
                end_time=chapter.end_ms,
                start_offset=_NO_OFFSET,
                end_offset=_NO_OFFSET,
                sub_frames=[TIT2(encoding=Encoding.UTF8, text=[chapter.title])],
            )
        )
    if chapters:
        flags = CTOCFlags.TOP_LEVEL | CTOCFlags.ORDERED
        tags.add(CTOC(element_id="toc", flags=flags, child_element_ids=names[:_MOST_CHILDREN], sub_frames=[]))
    words = spoken_words(alignment)
    lines = [(cue.label + cue.text, cue.start_ms) for cue in make_cues(words, _LINE)]
    if lines:
        text = write_txt(words)
        tags.add(USLT(encoding=Encoding.UTF8, lang=UNKNOWN_LANGUAGE, desc="", text=text))
        tags.add(
            SYLT(
                encoding=Encoding.UTF8,
                lang=UNKNOWN_LANGUAGE,
                format=_MILLISECONDS,
                type=_LYRICS,
                desc="",
                text=lines,
            )
        )


def _sort_chapters(file: Path) -> None:
    """Bring the chapters of a tag that mutagen has written into the order of time.

    mutagen writes frames by their size, while players and FFmpeg list chapters as they stand in the file.
    """
    with file.open("r+b") as stream:
        header = stream.read(_HEADER)
        body = stream.read(_synchsafe(header[6:]))
        frames, at = [], 0
        while body[at : at + 1].strip(b"\0"):
            end = at + _HEADER + _synchsafe(body[at + 4 : at + 8])
            frames.append(body[at:end])
            at = end
        chapters = sorted((frame for frame in frames if frame.startswith(b"CHAP")), key=_start_of_chapter)
        others = [frame for frame in frames if not frame.startswith(b"CHAP")]
        stream.seek(len(header))
        stream.write(b"".join((*others, *chapters)))


def _synchsafe(size: bytes) -> int:
    """Seven bits in each byte (ID3v2.4 structure, 6.2)."""
    return sum(byte << 7 * place for place, byte in enumerate(reversed(size)))


def _start_of_chapter(frame: bytes) -> int:
    """Milliseconds; they follow the element's name, which ends in a zero."""
    times = frame.index(b"\0", _HEADER) + 1
    return int.from_bytes(frame[times : times + 4], "big")
