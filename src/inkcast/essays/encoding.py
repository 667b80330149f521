"""Bytes of unknown encoding -> text, or a clear reason why not."""

from __future__ import annotations

import codecs
import re
from typing import Literal

from inkcast.errors import EssayError

_SAVE_AS = "Save it as HTML, Markdown or plain text and give Inkcast that file."
_UNSUPPORTED = (
    (b"PK\x03\x04", "a ZIP archive but no EPUB, Word or OpenDocument file"),
    (b"\xd0\xcf\x11\xe0", "an old Word file"),
    (b"\x1f\x8b", "a compressed file"),
)
BinaryKind = Literal["pdf", "epub", "docx", "odt", "rtf"]
_MAGIC_WITHIN = 1024

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Pages declare their encoding within the first 1024 bytes (HTML standard); some are late.
_DECLARATION_WITHIN = 4096
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META_CHARSET = re.compile(rf"<meta\b[^>]*?{_CHARSET.pattern}", re.IGNORECASE)
_XML_ENCODING = re.compile(r"^\s*<\?xml\b[^>]*?\bencoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)
# The web says Latin-1 and ASCII and means windows-1252 (WHATWG Encoding, "names and labels").
_WEB_ALIASES = {"iso8859-1": "cp1252", "ascii": "cp1252"}
# Python's codecs that no text file is in; and UTF-16 would have had NUL bytes.
_NO_ENCODINGS = (
    "idna",
    "punycode",
    "undefined",
    "unicode-escape",
    "raw-unicode",
    "utf-7",
    "utf-16",
    "utf-32",
)
_REPLACEMENT = "\ufffd"
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
# A text that a server or an editor damaged has a NUL or two; what is no text has many.
_MIN_BYTES_A_NUL = 200
_CONTROLS = bytes([*range(0x09), *range(0x0E, 0x20), 0x7F])


def binary_kind(data: bytes) -> BinaryKind | None:
    """What a file is that is not text; None for text and for what Inkcast does not know.

    The first member of an EPUB or an OpenDocument file says so, uncompressed; a Word file's members are named
    word/.
    """
    if data[:_MAGIC_WITHIN].lstrip().startswith(b"%PDF-"):
        return "pdf"
    if data.startswith(b"{\\rtf"):
        return "rtf"
    if not data.startswith(b"PK\x03\x04"):
        return None
    if b"application/vnd.oasis.opendocument.text" in data[:_MAGIC_WITHIN]:
        return "odt"
    if b"application/epub+zip" in data[:_MAGIC_WITHIN] or b"META-INF/container.xml" in data:
        return "epub"
    return "docx" if b"word/document.xml" in data else None


def decode_text(data: bytes, source: str, media_type: str = "") -> str:
    """Decode a page or file: byte-order mark, then what server or page declare, UTF-8, windows-1252.

    Args:
        data: the bytes.
        source: their path or address, for messages.
        media_type: the server's Content-Type.

    Raises:
        EssayError: the bytes are another kind of file, or no text in any encoding.
    """
    for magic, name in _UNSUPPORTED:
        if data.startswith(magic):
            raise EssayError(f"{source} is {name}, which Inkcast cannot read yet.", _SAVE_AS)
    bom = next((encoding for bom, encoding in _BOMS if data.startswith(bom)), None)
    if bom is None and data.count(0) * _MIN_BYTES_A_NUL > len(data):
        raise EssayError(f"{source} is not a text: it contains binary data.", _SAVE_AS)
    declared = _declared(data, media_type)
    candidates = [bom] if bom else [declared, "utf-8", "cp1252"]
    for encoding in filter(None, candidates):
        text = _decoded(data, encoding, is_declared=encoding in (bom, declared))
        if text is not None and _n_controls(text) * 50 <= len(text):
            return text.replace("\0", _REPLACEMENT)
    raise EssayError(f"{source} is not text in any encoding that Inkcast knows.", "Save it as UTF-8.")


def _n_controls(text: str) -> int:
    data = text.encode("utf-8", errors="replace")
    return len(data) - len(data.translate(None, _CONTROLS))


def _decoded(data: bytes, encoding: str, is_declared: bool) -> str | None:
    """The text, with U+FFFD for the bytes of a damaged UTF-8; None if it is not in that encoding.

    It is UTF-8 with damages, and not something else, where most of what is not ASCII is sound; a page
    that says so itself may have one bad byte and nothing to prove it by.
    """
    try:
        return data.decode(encoding)
    except (UnicodeError, ValueError):
        if not encoding.startswith("utf-8"):
            return None
    text = data.decode(encoding, errors="replace")
    damages = text.count(_REPLACEMENT)
    sound = sum(map(len, _NOT_ASCII.findall(text))) - damages
    return text if damages <= (sound + 1 if is_declared else sound / 10) else None


def _declared(data: bytes, media_type: str) -> str | None:
    head = data[:_DECLARATION_WITHIN].decode("latin-1")
    match = _CHARSET.search(media_type) or _META_CHARSET.search(head) or _XML_ENCODING.search(head)
    try:
        codec = codecs.lookup(match[1]) if match else None
    except LookupError:
        return None
    if codec is None or not codec._is_text_encoding or codec.name.startswith(_NO_ENCODINGS):
        return None
    return _WEB_ALIASES.get(codec.name, codec.name)
