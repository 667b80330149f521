"""What the HTML inside a feed item amounts to: its plain text, and whether that is the whole essay."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree, html

_BLOCKS = ("p", "div", "br", "li", "tr", "td", "blockquote", "figure", "h1", "h2", "h3", "h4", "h5", "h6")
_UNSEEN = ("script", "style", "iframe", "noscript", "template")
# Chinese and Japanese put no spaces between words: count their characters.
_UNSPACED = re.compile(r"[぀-ヿ㐀-鿿]")
_CUT_OFF = re.compile(
    r"\b(?:read|continue reading|keep reading|view|see)\s+(?:more|on\b|the\s+(?:full|whole|rest|entire))"
    r"|continue reading|(?:for|to)\s+paid\s+subscribers|\[\s*(?:…|\.\.\.)\s*\]",
    re.IGNORECASE,
)
_ENDING_CHARACTERS = 160
_LINK_TEXT = etree.XPath("//a//text()", smart_strings=False)

MIN_ESSAY_WORDS = 300
_READ_ALOUD_WORDS_PER_MINUTE = 90
"""Fewer than ``MIN_ESSAY_WORDS`` are a whole essay where they fill the recording: nobody reads slower."""
MIN_WORDS_PER_MINUTE = 30
"""A slow reader speaks about 120 words a minute: far fewer in the text are notes on a conversation."""


def plain_text(markup: str) -> str:
    """The visible text of ``markup`` on one line, single spaces."""
    if "<" not in markup and "&" not in markup:
        return " ".join(markup.split())
    tree = _parse(markup)
    return "" if tree is None else _visible(tree)


def is_whole_essay(markup: str, duration_ms: int | None) -> bool:
    """Judge whether ``markup`` is the whole essay rather than a teaser or show notes.

    It is when it has at least ``MIN_ESSAY_WORDS`` words, or as many as fill the audio if that is short,
    and enough for its length, most of them not links, and does not end like a preview ("Read more", "[…]").
    """
    minutes = (duration_ms or 0) / 60_000
    least = max(MIN_WORDS_PER_MINUTE * minutes, min(MIN_ESSAY_WORDS, _READ_ALOUD_WORDS_PER_MINUTE * minutes))
    tree = _parse(markup) if len(markup) >= (least or MIN_ESSAY_WORDS) else None
    if tree is None:
        return False
    text = _visible(tree)
    words = _count_words(text)
    if words < (least or MIN_ESSAY_WORDS):
        return False
    link_texts: Any = _LINK_TEXT(tree)
    linked = _count_words(" ".join(link_texts))
    return 2 * linked <= words and _CUT_OFF.search(text[-_ENDING_CHARACTERS:]) is None


def _count_words(text: str) -> int:
    return len((_UNSPACED.sub(" x ", text) if _UNSPACED.search(text) else text).split())


def _parse(markup: str) -> html.HtmlElement | None:
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    data = markup.replace("\0", "").encode("utf-8", errors="replace")
    try:
        tree = html.document_fromstring(data, parser=parser)
    except etree.ParserError:  # nothing but white space or comments
        return None
    etree.strip_elements(tree, *_UNSEEN, etree.Comment, etree.ProcessingInstruction, with_tail=False)
    return tree


def _visible(tree: html.HtmlElement) -> str:
    parts = []
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if element.tag in _BLOCKS:
            parts.append(" ")
        parts.append((element.text if event == "start" else element.tail) or "")
    return " ".join("".join(parts).split())
