"""Read an essay from whatever it comes in. What reads a kind is imported for that kind alone."""

from __future__ import annotations

import re
from pathlib import Path, PurePath
from typing import Literal
from urllib.parse import urlsplit

from inkcast.errors import EssayError
from inkcast.essays.assemble import assemble, drop_repeated_title, preview_error
from inkcast.essays.encoding import BinaryKind, binary_kind, decode_text
from inkcast.essays.essay import Essay
from inkcast.essays.part import WHOLE, Part
from inkcast.essays.plaintext import read_plaintext

_Format = Literal["html", "markdown", "plain"]

# An essay of a megabyte takes fifteen hours to read; pages carry scripts as well.
MAX_BYTES = 32 * 1024 * 1024

_EXTENSIONS: dict[str, _Format] = {
    **dict.fromkeys((".html", ".htm", ".xhtml"), "html"),
    **dict.fromkeys((".md", ".markdown", ".mdown", ".mkd"), "markdown"),
    **dict.fromkeys((".txt", ".text"), "plain"),
}
_MEDIA_TYPES: dict[str, _Format] = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/markdown": "markdown",
    "text/x-markdown": "markdown",
}
_LOOKS_LIKE_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_HAS_HTML_BLOCKS = re.compile(r"<(?:p|div|article|h[1-6]|br)\b[^<>]*>", re.IGNORECASE)
_HAS_MARKDOWN = re.compile(
    r"^(?:#{1,6}\s\S|---[ \t]*$|[ \t]*[-*][ \t]+\S|>\s)|\]\(\S{1,500}\)|\*\*\S", re.MULTILINE
)


def read_essay(path: Path, part: Part = WHOLE) -> Essay:
    """Read an HTML page, Markdown, plain text, an EPUB, a PDF, or a Word, OpenDocument or RTF file.

    Args:
        path: the file.
        part: which of its texts, if it holds several.

    Raises:
        EssayError: the file cannot be read, or holds no essay, or several of which none is chosen.
    """
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= MAX_BYTES else b""
    except OSError as error:
        reason = "it is a folder" if path.is_dir() else error.strerror or str(error)
        raise EssayError(f"Cannot read the essay {path}: {reason}.", "Check the path.") from error
    if size > MAX_BYTES:
        raise EssayError(f"{path} is too large for an essay ({size / 1e6:.0f} MB).", "Is it the right file?")
    return parse_essay(data, str(path), part=part)


def parse_essay(data: bytes, source: str, media_type: str | None = None, part: Part = WHOLE) -> Essay:
    """Read an essay from bytes.

    Args:
        data: the page or file.
        source: its path or address: its extension helps to tell what it is, links are relative to it.
        media_type: what a server called it (``text/html; charset=utf-8``), if one did.
        part: which of its texts, if it holds several: an EPUB, a show page.

    Raises:
        EssayError: no text, no words, nothing but a preview, or no such part.
    """
    if len(data) > MAX_BYTES:
        raise EssayError(
            f"{source} is too large for an essay ({len(data) / 1e6:.0f} MB).", "Is it the right page?"
        )
    if part.episode:
        from inkcast.essays.pages.showpage import essay_from_show_page

        return essay_from_show_page(data, source, part.episode, part.published, media_type)
    kind = binary_kind(data)
    if part.chapter and kind != "epub":
        raise EssayError(
            f"{source} is not an EPUB, so it has no chapter {part.chapter!r}.", "Leave --chapter out."
        )
    if kind and part.select:
        raise EssayError(f"{source} is no web page, so it has no {part.select!r}.", "Leave --select out.")
    if kind:
        return _read_binary(kind, data, source, part)
    text = decode_text(data, source, media_type or "")
    if not text.strip():
        raise EssayError(f"{source} is empty.", "Is it the right page or file?")
    form = "html" if part.select else _format_of(text, source, media_type or "")
    if form == "plain":
        return read_plaintext(text, source)
    if form == "markdown":
        from inkcast.essays.documents.markdown import read_markdown

        return read_markdown(text, source)
    return _read_page(text, source, part)


def essay_from_content(html: str, title: str, source: str) -> Essay:
    """Read an essay from a feed item's ``content:encoded``.

    Args:
        html: the item's HTML.
        title: the item's title.
        source: the item's link, or the feed's address.

    Raises:
        EssayError: there are no words, or only a preview.
    """
    from inkcast.essays.pages.article import ARTICLE_RULES
    from inkcast.essays.pages.html import read_blocks
    from inkcast.essays.pages.page_tree import parse_html

    blocks = read_blocks(parse_html(html, source), ARTICLE_RULES, source)
    return assemble(title, drop_repeated_title(blocks, title), source)


def _read_binary(kind: BinaryKind, data: bytes, source: str, part: Part) -> Essay:
    if kind == "pdf":
        from inkcast.essays.documents.pdf import read_pdf

        return read_pdf(data, source)
    if kind == "docx":
        from inkcast.essays.documents.docx import read_docx

        return read_docx(data, source)
    if kind == "odt":
        from inkcast.essays.documents.odt import read_odt

        return read_odt(data, source)
    if kind == "rtf":
        from inkcast.essays.documents.rtf import read_rtf

        return read_rtf(data, source)
    from inkcast.essays.documents.epub import read_epub

    return read_epub(data, source, part.chapter)


def _read_page(text: str, source: str, part: Part) -> Essay:
    from inkcast.essays.pages.article import read_article, read_selected
    from inkcast.essays.pages.page_tree import parse_html
    from inkcast.essays.pages.paywall import has_paywall
    from inkcast.essays.pages.substack import find_body, read_substack

    root = parse_html(text, source)
    if part.select:
        return read_selected(root, part.select, source)
    if has_paywall(root, text):
        raise preview_error(source)
    body = find_body(root) if "markup" in text else None
    return read_article(root, source) if body is None else read_substack(root, body, source)


def _format_of(text: str, source: str, media_type: str) -> _Format:
    declared = _MEDIA_TYPES.get(media_type.partition(";")[0].strip().lower())
    if declared:
        return declared
    if _LOOKS_LIKE_HTML.match(text):
        return "html"
    path = urlsplit(source).path if "://" in source else source
    if by_name := _EXTENSIONS.get(PurePath(path).suffix.lower()):
        return by_name
    if _HAS_HTML_BLOCKS.search(text):
        return "html"
    return "markdown" if _HAS_MARKDOWN.search(text) else "plain"
