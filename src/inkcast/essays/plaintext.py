"""Plain text: paragraphs between blank lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from inkcast.errors import EssayError
from inkcast.essays.assemble import assemble
from inkcast.essays.essay import Block, Essay
from inkcast.essays.inline import drop_invisible
from inkcast.essays.punctuation import ends_in_punctuation
from inkcast.essays.speakers import find_label, find_speakers

_BLANK_LINES = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")
_LINE_END = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_BULLET = re.compile(r"[-*•–]\s+(?=\S)")
_SPACE = re.compile(r"\s+")
# People wrap lines below this; a longer line is a whole paragraph of an editor that does not wrap.
_WRAP_COLUMN = 100
_MAX_TITLE_WORDS = 14
_MAX_LINES = 200_000


def read_plaintext(text: str, source: str) -> Essay:
    """Read an essay from plain text.

    The first line is the title if it stands alone, is short, and does not end like a sentence.

    Raises:
        EssayError: there is no text, or a whole library of it.
    """
    if text.count("\n") + text.count("\r") > _MAX_LINES:
        raise EssayError(f"{source} has more lines than an essay can have.", "Give one chapter of it.")
    chunks = _chunks(text)
    title = ""
    if len(chunks) > 1 and _is_title(chunks[0]):
        title = chunks.pop(0)
    return assemble(title, _blocks_of(chunks), source)


def plain_blocks(text: str) -> list[Block]:
    """The paragraphs and list items of a text without a title; empty if it has no words."""
    return _blocks_of(_chunks(text))


def _chunks(text: str) -> list[str]:
    lines = _LINE_END.sub("\n", drop_invisible(text)).strip()
    return [chunk for chunk in _BLANK_LINES.split(lines) if chunk.strip()]


def _blocks_of(chunks: Sequence[str]) -> list[Block]:
    lines = [_SPACE.sub(" ", line).strip() for chunk in chunks for line in chunk.split("\n")]
    speakers = find_speakers(lines)
    return [block for chunk in chunks for block in _read_chunk(chunk, speakers)]


def _is_title(chunk: str) -> bool:
    line = chunk.strip()
    return (
        "\n" not in line
        and len(line.split()) <= _MAX_TITLE_WORDS
        and not ends_in_punctuation(line)
        and not _BULLET.match(line)
    )


def _read_chunk(chunk: str, speakers: frozenset[str]) -> list[Block]:
    """One paragraph, or one for each bullet, speaker, or line that is too long to have been wrapped."""
    lines = chunk.strip().split("\n")
    is_wrapped = all(len(line) <= _WRAP_COLUMN for line in lines)
    paragraphs: list[list[str]] = []
    for line in lines:
        is_new = not paragraphs or _begins_paragraph(line, speakers) or _is_label(paragraphs[-1], speakers)
        if is_wrapped and not is_new:
            paragraphs[-1].append(line)
        else:
            paragraphs.append([line])
    texts = (_SPACE.sub(" ", " ".join(paragraph)).strip() for paragraph in paragraphs)
    return [_make_block(text) for text in texts if text]


def _begins_paragraph(line: str, speakers: frozenset[str]) -> bool:
    line = _SPACE.sub(" ", line).strip()
    label = find_label(line) if speakers else None
    return bool(_BULLET.match(line)) or (label is not None and label.name in speakers)


def _is_label(paragraph: Sequence[str], speakers: frozenset[str]) -> bool:
    """Whether it is a speaker's name and nothing else; the words stand below it."""
    if len(paragraph) > 1 or not speakers:
        return False
    line = _SPACE.sub(" ", paragraph[0]).strip()
    label = find_label(line)
    return label is not None and label.name in speakers and label.end == len(line)


def _make_block(text: str) -> Block:
    bullet = _BULLET.match(text)
    return Block("list_item", text[bullet.end() :], level=1) if bullet else Block("paragraph", text)
