"""Put title and blocks together: the last step of every reader in this room."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePath
from urllib.parse import unquote, urlsplit

from inkcast.errors import EssayError
from inkcast.essays.bare_notes import mark_bare_notes
from inkcast.essays.boilerplate import is_paywall, mark_boilerplate
from inkcast.essays.essay import Block, Essay
from inkcast.essays.speakers import mark_speakers
from inkcast.essays.superscripts import write_superscripts
from inkcast.unicode_forms import normalized

_SPACE = re.compile(r"\s+")
_NO_LETTER = re.compile(r"[\W_]+")
# A page repeats its title at the top of the body, at most below a date or a kicker.
_TITLE_REPEATS_WITHIN = 3


def assemble(title: str, blocks: Iterable[Block], source: str, language: str = "") -> Essay:
    """Make the essay: the title first, boilerplate and speakers marked.

    Args:
        title: as the text carries it; empty when it carries none.
        blocks: the body in reading order, without the title.
        source: where the text came from, for messages and as a name of last resort.
        language: as the page states it.

    Raises:
        EssayError: there are no words, or only a preview for those who do not pay.
    """
    title = _SPACE.sub(" ", title).strip()
    noted = [write_superscripts(block) for block in mark_bare_notes(list(blocks))]
    body = mark_speakers([mark_boilerplate(block) for block in noted])
    if any(is_paywall(block.text) for block in body):
        raise preview_error(source)
    if not any(block.text.split() for block in body):
        raise no_words_error(source)
    if title:
        body.insert(0, Block("title", title))
    return Essay(title or _name_of(source), tuple(body), source, language.strip())


def no_words_error(source: str) -> EssayError:
    """What to say of a page or file with nothing in it."""
    return EssayError(f"There are no words to read in {source}.", "Is it the right page or file?")


def preview_error(source: str) -> EssayError:
    """What to say of a page that ends where paying begins."""
    return EssayError(
        f"{source} shows only a preview: the post is for paid subscribers.",
        "Open it signed in, save the whole page, and give Inkcast that file.",
    )


def drop_repeated_title(blocks: Iterable[Block], title: str) -> list[Block]:
    """The body of a page that has shown its title above it, without the first line that repeats it."""
    body = list(blocks)
    for index, block in enumerate(body):
        is_line = index == 0 or block.kind == "heading" or _is_all_strong(block)
        is_near = index < _TITLE_REPEATS_WITHIN and is_line
        is_main_heading = block.kind == "heading" and block.level == 1
        if title and (is_near or is_main_heading) and same_words(block.text, title):
            return body[:index] + body[index + 1 :]
    return body


def cut_title(blocks: list[Block]) -> tuple[str, list[Block]]:
    """The title of a document, if a heading of level 1 opens it, and the blocks below it."""
    if blocks and blocks[0].kind == "heading" and blocks[0].level == 1:
        return write_superscripts(blocks[0]).text, blocks[1:]
    return "", blocks


def same_words(one: str, other: str) -> bool:
    """Whether two titles differ in nothing but case, spaces and punctuation."""
    return letters_of(one) == letters_of(other)


def letters_of(text: str) -> str:
    """Letters and digits alone, case folded, raised ones like others."""
    return _NO_LETTER.sub("", normalized("NFKC", text)).casefold()


def _is_all_strong(block: Block) -> bool:
    return any(
        mark.kind == "strong" and (mark.start, mark.end) == (0, len(block.text)) for mark in block.marks
    )


def _name_of(source: str) -> str:
    path = unquote(urlsplit(source).path) if "://" in source else source
    return PurePath(path).stem or source
