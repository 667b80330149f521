"""The essay as Markdown with links to its times, to paste into a post or into show notes.

Source: CommonMark 0.31, sections 2.4 (backslash escapes) and 4.5 (fenced code blocks)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from inkcast.alignment.alignment import AlignedBlock, Alignment
from inkcast.publish.conversation import block_labels
from inkcast.publish.exports.chapters import chapters_of
from inkcast.publish.pages.audio_address import audio_address
from inkcast.publish.sentences import essay_sentences
from inkcast.publish.words import clean_text
from inkcast.timecode import clock

_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|~&$]")
_LIST_LIKE = re.compile(r"^(?:[-+]|\d+(?=[.)]))")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_FENCE = re.compile(r"`{3,}")


def write_markdown(alignment: Alignment, address: str) -> str:
    """Markdown in which each block that is read aloud begins with its time, each turn with its speaker.

    Text keeps its words whatever they look like: what Markdown or HTML would take for markup is escaped.

    Args:
        alignment: of the essay.
        address: where the times lead: the reader page, or the recording itself.
    """
    return "\n\n".join(_parts(alignment, address)) + "\n"


def _parts(alignment: Alignment, address: str) -> Iterator[str]:
    chapters = chapters_of(alignment)
    if len(chapters) > 1:
        yield "\n".join(
            f"- {_time_link(chapter.start_ms, address)} {_escaped(chapter.title)}" for chapter in chapters
        )
    starts: dict[int, int] = {}
    for sentence in essay_sentences(alignment):
        if sentence.start_ms is not None:
            starts[sentence.block] = min(sentence.start_ms, starts.get(sentence.block, sentence.start_ms))
    for index, (block, label) in enumerate(zip(alignment.blocks, block_labels(alignment), strict=True)):
        if block.kind != "boilerplate" or index in starts:
            yield _block(block, label, starts.get(index), address)


def _block(block: AlignedBlock, speaker: str, start_ms: int | None, address: str) -> str:
    link = "" if start_ms is None else _time_link(start_ms, address) + " "
    if block.kind == "code":
        return f"{link}\n\n{_fenced(block.text)}".strip()
    text = _escaped(clean_text(block.text))
    if not link:
        text = _LIST_LIKE.sub(lambda match: _shielded(match[0]), text)
    if speaker:
        text = f"**{_escaped(speaker)}:** {text}"
    if block.kind == "caption":
        return f"{link}*{text}*"
    before = {"title": "# ", "heading": "## ", "list_item": "- ", "quote": "> "}.get(block.kind, "")
    return f"{before}{link}{text}"


def _shielded(start: str) -> str:
    """A sign or number that would begin a list."""
    return f"\\{start}" if start in "-+" else f"{start}\\"


def _fenced(text: str) -> str:
    """Code as it is, in a fence that is longer than any in it."""
    lines = "\n".join(_CONTROLS.sub("", line) for line in text.splitlines())
    fence = "`" * max([3, *(len(run) + 1 for run in _FENCE.findall(lines))])
    return f"{fence}\n{lines}\n{fence}"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)


def _time_link(start_ms: int, address: str) -> str:
    target = quote(audio_address(address).partition("#")[0], safe="/:?&=%+,;@~!$*'")
    return f"[{clock(start_ms)}](<{target}#t={start_ms // 1000}>)"
