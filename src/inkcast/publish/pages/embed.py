"""The essay as a piece of HTML to paste into a blog: click a word to hear it.

It brings its own few lines of style and script, and loads nothing but the recording. Where a blog takes
scripts out, text, player and links to the times stay.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files
from string import Template

from inkcast.alignment.alignment import AlignedBlock, AlignedWord, Alignment
from inkcast.publish.language_tag import language_tag
from inkcast.publish.pages.audio_address import audio_address
from inkcast.publish.pages.inline_html import direction_of
from inkcast.publish.sentences import essay_title
from inkcast.publish.words import clean_text
from inkcast.timecode import clock

_TAGS = {"title": "h2", "heading": "h3", "quote": "blockquote", "code": "pre"}


def write_embed(alignment: Alignment, address: str) -> str:
    """An HTML fragment; several of them may stand in one page.

    Args:
        alignment: of the essay.
        address: of the recording as the blog finds it: an http(s) address, or a path.
    """
    audio = audio_address(address)
    words: defaultdict[int, list[AlignedWord]] = defaultdict(list)
    for word in alignment.words:
        words[word.block].append(word)
    essay = "".join(
        _block(block, words[index], audio)
        for index, block in enumerate(alignment.blocks)
        if block.kind != "boilerplate" or _is_read(words[index])
    )
    parts = {
        "language": language_tag(alignment.language),
        "title": escape(essay_title(alignment) or "Essay"),
        "audio": escape(audio),
        "essay": essay,
    }
    template = files("inkcast.publish.pages").joinpath("embed.html").read_text(encoding="utf-8")
    return Template(template).substitute(parts)


def _is_read(words: Sequence[AlignedWord]) -> bool:
    return any(word.start_ms is not None for word in words)


def _block(block: AlignedBlock, words: Sequence[AlignedWord], audio: str) -> str:
    tag = _TAGS.get(block.kind, "p")
    starts = [word.start_ms for word in words if word.start_ms is not None]
    direction = direction_of(block.text)
    attributes = f' dir="{direction}"' if direction == "rtl" else ""
    attributes += "" if starts else ' class="inkcast-silent"'
    time = ""
    if starts:
        start_ms = min(starts)
        href = escape(f"{audio}#t={start_ms // 1000}")
        time = f'<a class="inkcast-time" href="{href}" data-m="{start_ms}" data-e="0">{clock(start_ms)}</a>'
    speaker = clean_text(block.speaker)
    label = f"<strong>{escape(speaker)}:</strong> " if speaker else ""
    bullet = "• " if block.kind == "list_item" else ""
    return f"<{tag}{attributes}>{time}{bullet}{label}{' '.join(_words(words))}</{tag}>\n"


def _words(words: Sequence[AlignedWord]) -> Iterator[str]:
    for word in words:
        text = escape(clean_text(word.text), quote=False)
        if word.start_ms is None:
            yield text
        elif text:
            yield f'<span data-m="{word.start_ms}" data-e="{word.end_ms}">{text}</span>'
