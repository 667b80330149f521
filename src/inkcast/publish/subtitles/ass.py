"""Advanced SubStation Alpha (.ass): subtitles with styles and karaoke, for players and video editors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from inkcast.publish.subtitles.cues import Cue
from inkcast.publish.subtitles.highlight import WordMarks, timed_groups
from inkcast.publish.words import WORD_JOINER, clean_text

_CODE = re.compile(r"\\(?=[Nnh{}]|$)")


def write_ass(cues: Sequence[Cue], marks: WordMarks = "plain") -> str:
    """ASS text for a picture of 1920 x 1080; speakers stand in the events' names.

    Times are cut to hundredths of a second, the finest that the format has.

    Args:
        cues: in the order of time.
        marks: ``timed`` and ``highlighted`` both become karaoke: words light up when they are said.
    """
    import pysubs2  # takes longer to import than SRT and VTT take to write

    subtitles = pysubs2.SSAFile()
    subtitles.info.update({"PlayResX": "1920", "PlayResY": "1080", "WrapStyle": "2"})
    style = subtitles.styles["Default"]
    style.fontsize, style.outline, style.marginv = 64.0, 3.0, 60
    style.secondarycolor = pysubs2.Color(150, 150, 150)
    for cue in cues:
        text = _karaoke(cue) if marks != "plain" else "\\N".join(map(protected, cue.lines))
        event = pysubs2.SSAEvent(start=_cut(cue.start_ms), end=_cut(cue.end_ms), text=text)
        event.name = clean_text(cue.speaker).replace(",", ";")  # commas part the fields
        subtitles.append(event)
    return subtitles.to_string("ass")


def _cut(ms: int) -> int:
    return ms - ms % 10


def protected(text: str) -> str:
    """Text of a line in which nothing is a code: braces are escaped, a backslash is kept from its letter."""
    text = _CODE.sub(lambda match: match[0] + WORD_JOINER, text)
    return text.replace("{", "\\{").replace("}", "\\}")


def _karaoke(cue: Cue) -> str:
    groups = timed_groups(cue)
    edges = [*(start_ms for start_ms, _ in groups), cue.end_ms]
    lengths = [_cut(end) // 10 - _cut(start) // 10 for start, end in pairwise(edges)]
    code_at = {position: length for (_, position), length in zip(groups, lengths, strict=True)}
    lines, position = [], 0
    for row in cue.rows:
        line = ""
        for word in row:
            line += "" if word.glued or not line else " "
            line += f"{{\\k{code_at[position]}}}" if position in code_at else ""
            line += protected(word.text)
            position += 1
        lines.append(line)
    return "\\N".join(lines)
