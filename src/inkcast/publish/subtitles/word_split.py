"""Words cut into pieces: characters of scripts without spaces, and what is longer than a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from inkcast.publish.subtitles.limits import clusters, text_width
from inkcast.publish.words import UNSPACED, SpokenWord

OPENING = "([{“‘«（「『【〈《〔［｛"
# Never at the start of a line (JIS X 4051): small kana, long vowel and iteration marks, closing marks.
_CLINGING = "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶー々ゝゞヽヾ"
_UNIT = re.compile(
    rf"[{re.escape(OPENING)}]*(?:(?=\w){UNSPACED}|(?:(?!{UNSPACED})[^{re.escape(OPENING)}])+)"
    rf"(?:[{_CLINGING}]|[^\w\s{re.escape(OPENING)}])*|.",
    re.DOTALL,
)
_HAS_UNSPACED = re.compile(UNSPACED)


def cut_word(word: SpokenWord, max_chars: int) -> Iterator[SpokenWord]:
    """Pieces of ``word``, each no longer than a line if its characters are not; they share its time."""
    pieces = [piece for unit in _units(word.text) for piece in _fitting(unit, max_chars)]
    if len(pieces) == 1:
        yield word
        return
    length_ms, before = word.end_ms - word.start_ms, 0
    for piece in pieces:
        after = before + len(piece)
        start_ms, end_ms = (word.start_ms + length_ms * n // len(word.text) for n in (before, after))
        first = before == 0
        yield replace(
            word,
            text=piece,
            start_ms=start_ms,
            end_ms=end_ms,
            glued=word.glued or not first,
            timed=word.timed and first,
        )
        before = after


def _units(text: str) -> list[str]:
    """Characters that lines may end after, with the marks that cling to them; runs of others whole."""
    return _UNIT.findall(text) if _HAS_UNSPACED.search(text) else [text]


def _fitting(unit: str, max_chars: int) -> Iterator[str]:
    if text_width(unit) <= max_chars:
        yield unit
        return
    if unit.isascii():
        yield from (unit[at : at + max_chars] for at in range(0, len(unit), max_chars))
        return
    piece = ""
    width = 0
    for cluster in clusters(unit):
        columns = text_width(cluster)
        if piece and width + columns > max_chars:
            yield piece
            piece, width = "", 0
        piece, width = piece + cluster, width + columns
    yield piece
