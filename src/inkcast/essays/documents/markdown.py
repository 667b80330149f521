"""Markdown: CommonMark with tables, strikethrough, footnotes and front matter, read as the HTML it means."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from inkcast.errors import EssayError
from inkcast.essays.assemble import assemble, cut_title
from inkcast.essays.essay import Block, Essay
from inkcast.essays.pages.article import ARTICLE_RULES
from inkcast.essays.pages.html import read_blocks
from inkcast.essays.pages.page_tree import parse_html

# That many are a book. Each line costs the parser about 30 microseconds, and each sign up to 20.
_MAX_CHARACTERS = 1_500_000
_MAX_SIGNS = 80_000
_SIGNS = "\n[]*_`|<&^~"
_DATE = re.compile(
    r"(?:\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}|(?:\d{1,2}\s)?[A-Z][a-z]{2,8}\.?(?:\s\d{1,2},?)?\s\d{4})"
)
_FRONT_MATTER_TITLE = re.compile(
    r"^title:[ \t]*(?P<quote>[\"']?)(?P<title>.{1,300}?)(?P=quote)[ \t]*$", re.MULTILINE
)


def read_markdown(text: str, source: str) -> Essay:
    """Read an essay written in Markdown; raw HTML in it is as untrusted as any page's.

    The first heading, if it opens the text and is of level 1, is the title, else the front matter's.

    Raises:
        EssayError: there is no text, or a whole library of it.
    """
    if len(text) > _MAX_CHARACTERS or sum(map(text.count, _SIGNS)) > _MAX_SIGNS:
        raise EssayError(f"{source} is too large for an essay in Markdown.", "Give one chapter of it.")
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    parser.use(footnote_plugin).use(front_matter_plugin)
    environment: dict[str, object] = {}
    tokens = parser.parse(text, environment)
    front_matter = next((token.content for token in tokens if token.type == "front_matter"), "")
    root = parse_html(parser.renderer.render(tokens, parser.options, environment), source)
    title, blocks = cut_title(list(read_blocks(root, ARTICLE_RULES, source)))
    if not title and (match := _FRONT_MATTER_TITLE.search(front_matter)):
        title = match["title"]
    return assemble(title, _mark_date_line(blocks), source)


def _mark_date_line(blocks: list[Block]) -> list[Block]:
    """A lone date below the title says when the essay appeared; it is not read aloud."""
    if blocks and blocks[0].kind == "paragraph" and _DATE.fullmatch(blocks[0].text):
        first = blocks[0]
        blocks = [Block("boilerplate", first.text, first.marks, anchor=first.anchor), *blocks[1:]]
    return blocks
