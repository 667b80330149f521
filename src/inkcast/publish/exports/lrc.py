"""LRC: the text that music players show line by line.

Sources: https://en.wikipedia.org/wiki/LRC_(file_format); the line form ``[mm:ss.xx]`` is the one that every
player knows, so there are no word times, no hours, and hundredths of a second.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from inkcast.alignment.alignment import Alignment
from inkcast.publish.sentences import essay_title, length_ms
from inkcast.publish.subtitles.cues import Cue, make_cues
from inkcast.publish.subtitles.limits import CueLimits
from inkcast.publish.words import WORD_JOINER, spoken_words

SILENCE_MS = 3_000
"""A line is taken away if nothing follows it for that long."""

_LINE = CueLimits(max_chars=60, max_lines=1)
# Players take these for tags, for times of words, or for the start of a comment.
_LIKE_MARKUP = re.compile(r"\[(?=[0-9a-zA-Z:#])|<(?=\d)")


def write_lrc(alignment: Alignment) -> str:
    """One line for each cue; an empty one where a longer silence begins.

    The format has no escapes: where text looks like a tag an invisible word joiner keeps it text.
    """
    title = _protected(essay_title(alignment)).replace("]", ")")
    head = f"[ti:{title}]\n" if title else ""
    cues = make_cues(spoken_words(alignment), _LINE)
    return head + f"[length:{_time(length_ms(alignment))[:-3]}]\n\n" + "".join(_lines(cues))


def _lines(cues: Sequence[Cue]) -> list[str]:
    lines = []
    for cue, following in zip(cues, [*cues[1:], None], strict=False):
        lines.append(f"[{_time(cue.start_ms)}]{_protected(cue.label + cue.text)}\n")
        if following is None or following.start_ms - cue.end_ms >= SILENCE_MS:
            lines.append(f"[{_time(cue.end_ms)}]\n")
    return lines


def _protected(text: str) -> str:
    return _LIKE_MARKUP.sub(lambda match: match[0] + WORD_JOINER, text)


def _time(ms: int) -> str:
    minutes, hundredths = divmod(ms // 10, 6_000)
    return f"{minutes:02}:{hundredths // 100:02}.{hundredths % 100:02}"
