"""EPUB 3 with media overlays: a book that reads itself aloud and lights each sentence.

Source: EPUB 3.3 (W3C), sections 4 (container), 5 (package document), 7 (navigation) and 9 (media overlays)
"""

from __future__ import annotations

import re
import uuid
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from importlib.resources import files
from itertools import groupby, pairwise
from pathlib import Path

from inkcast.alignment.alignment import AlignedBlock, Alignment
from inkcast.errors import PublishError
from inkcast.files import make_folder, whole_file
from inkcast.publish.conversation import block_labels
from inkcast.publish.language_tag import language_tag
from inkcast.publish.pages.inline_html import direction_of
from inkcast.publish.sections import headed_sections
from inkcast.publish.sentences import LONGEST_NAME, Sentence, essay_sentences, essay_title, length_ms
from inkcast.publish.words import clean_text, showable

AUDIO_TYPES = {".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".mp4": "audio/mp4"}
"""What every reading system plays (EPUB 3.3, 3.2)."""

UNKNOWN_LANGUAGE = "und"

_ACTIVE_CLASS = "-epub-media-overlay-active"
_TAGS = {"title": "h1", "heading": "h2", "list_item": "li", "quote": "p", "code": "pre"}
# Separators that Python takes for spaces, and XML for no characters.
_SPACES = re.compile(r"[\x0b\x0c\x1c-\x1f]")
_XML = '<?xml version="1.0" encoding="utf-8"?>\n'
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class _Clip:
    """What is heard with the sentence ``identifier``."""

    identifier: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class _Part:
    """One document of the book; ``clips`` are in the order of the essay, none if nobody reads it."""

    name: str
    title: str
    body: str
    clips: tuple[_Clip, ...]

    @property
    def duration_ms(self) -> int:
        return sum(clip.end_ms - clip.start_ms for clip in self.clips)


@dataclass(frozen=True, slots=True)
class _Book:
    """Everything that the package document tells."""

    title: str
    language: str
    identifier: str
    modified: str
    audio_name: str
    audio_type: str
    parts: tuple[_Part, ...]


def write_epub(alignment: Alignment, audio: Path, target: Path) -> Path:
    """Make a book of the essay with the recording in it.

    A sentence sounds until the next one begins, so that the book plays the whole recording: pauses and
    what nobody wrote belong to the sentence before, the introduction to the first one.

    Args:
        alignment: of the essay.
        audio: an MP3 or M4A file; its bytes go into the book as they are.
        target: the .epub file.
    Raises:
        PublishError: audio that not every reading system plays, or an essay without words.
        StorageError: the disk refuses.
    """
    audio_type = AUDIO_TYPES.get(audio.suffix.lower())
    if audio_type is None:
        raise PublishError(f"EPUB readers cannot play {audio.name}.", "Convert it to MP3 or M4A first.")
    parts = tuple(_parts(alignment))
    if not parts:
        raise PublishError("The essay has no words, so there is no book to make.", "Align it again.")
    text = "\n".join(part.body for part in parts)
    book = _Book(
        title=essay_title(alignment) or parts[0].title,
        language=language_tag(alignment.language, UNKNOWN_LANGUAGE),
        identifier=f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, alignment.audio.sha256 + text)}",
        modified=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        audio_name=f"audio/recording{audio.suffix.lower()}",
        audio_type=audio_type,
        parts=parts,
    )
    make_folder(target.parent)
    with whole_file(target) as part, zipfile.ZipFile(part, "w") as archive:
        for name, content in _documents(book).items():
            # The type must come first, and as it is, so that it stands at a fixed place in the file.
            method = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), content.encode("utf-8"), method)
        archive.write(audio, f"EPUB/{book.audio_name}", zipfile.ZIP_STORED)
    return target


def _documents(book: _Book) -> dict[str, str]:
    """All files but the recording, by name, in order."""
    documents = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": _CONTAINER,
        "EPUB/package.opf": _package(book),
        "EPUB/nav.xhtml": _navigation(book),
        "EPUB/style.css": files("inkcast.publish.exports").joinpath("epub.css").read_text(encoding="utf-8"),
    }
    for part in book.parts:
        documents[f"EPUB/{part.name}.xhtml"] = _xhtml(book, part.title, part.body)
        if part.clips:
            documents[f"EPUB/{part.name}.smil"] = _smil(book, part)
    return documents


def _parts(alignment: Alignment) -> Iterator[_Part]:
    sentences = {
        block: list(group)
        for block, group in groupby(essay_sentences(alignment), key=lambda each: each.block)
    }
    clips = _clips([sentence for group in sentences.values() for sentence in group], length_ms(alignment))
    for number, section in enumerate(headed_sections(alignment), start=1):
        words = alignment.words[section.first : section.end]
        blocks = [block for block, _ in groupby(word.block for word in words) if block in sentences]
        if blocks:
            yield _Part(
                f"part-{number:03}",
                clean_text(section.name)[:LONGEST_NAME] or essay_title(alignment) or "Essay",
                _body(alignment, sentences, blocks, clips),
                tuple(
                    clips[_identifier(each)]
                    for block in blocks
                    for each in sentences[block]
                    if _identifier(each) in clips
                ),
            )


def _identifier(sentence: Sentence) -> str:
    return f"s{sentence.block}-{sentence.words[0].char_start}"


def _clips(sentences: Sequence[Sentence], end_ms: int) -> Mapping[str, _Clip]:
    """Cut the recording where sentences begin; sentences that begin at one instant share the first's clip."""
    starts: dict[int, str] = {}
    for sentence in sorted(sentences, key=lambda each: each.start_ms or 0):
        if sentence.start_ms is not None:
            starts.setdefault(sentence.start_ms if starts else 0, _identifier(sentence))
    edges = [*starts, end_ms]
    return {
        name: _Clip(name, start_ms, stop_ms)
        for name, (start_ms, stop_ms) in zip(starts.values(), pairwise(edges), strict=True)
        if stop_ms > start_ms
    }


def _body(
    alignment: Alignment,
    sentences: Mapping[int, Sequence[Sentence]],
    blocks: Sequence[int],
    clips: Mapping[str, _Clip],
) -> str:
    html, labels = [], block_labels(alignment)
    for kind, group in groupby(blocks, key=lambda block: alignment.blocks[block].kind):
        inner = "".join(
            _block(alignment.blocks[block], labels[block], sentences[block], clips) for block in group
        )
        wrapper = {"list_item": "ul", "quote": "blockquote"}.get(kind)
        html.append(f"<{wrapper}>\n{inner}</{wrapper}>\n" if wrapper else inner)
    return "".join(html)


def _block(
    block: AlignedBlock, speaker: str, sentences: Sequence[Sentence], clips: Mapping[str, _Clip]
) -> str:
    tag = _TAGS.get(block.kind, "p")
    silent = " silent" if all(sentence.start_ms is None for sentence in sentences) else ""
    names = (block.kind if block.kind in ("caption", "boilerplate", "footnote") else "") + silent
    attributes = f' class="{names.strip()}"' if names else ""
    if direction_of(block.text) == "rtl":
        attributes += ' dir="rtl"'
    label = f"<b>{escape(speaker)}:</b> " if speaker else ""
    code = _SPACES.sub(" ", block.text)
    spans, end = "", sentences[0].words[0].char_start
    for sentence in sentences:
        name, start = _identifier(sentence), sentence.words[0].char_start
        text, gap = sentence.text, " " if spans else ""
        if block.kind == "code":
            gap, end = code[end:start], sentence.words[-1].char_end
            text = showable(code[start:end])
        spans += gap + (f'<span id="{name}">{escape(text)}</span>' if name in clips else escape(text))
    return f"<{tag}{attributes}>{label}{spans}</{tag}>\n"


def _xhtml(book: _Book, title: str, body: str) -> str:
    return (
        f'{_XML}<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml" '
        f'xmlns:epub="http://www.idpf.org/2007/ops" lang="{book.language}" xml:lang="{book.language}">\n'
        f"<head><title>{escape(title)}</title>"
        f'<link rel="stylesheet" type="text/css" href="style.css"/></head>\n'
        f"<body>\n{body}</body>\n</html>\n"
    )


def _navigation(book: _Book) -> str:
    items = "".join(f'<li><a href="{part.name}.xhtml">{escape(part.title)}</a></li>\n' for part in book.parts)
    return _xhtml(book, book.title, f'<nav epub:type="toc" id="toc">\n<ol>\n{items}</ol>\n</nav>\n')


def _smil(book: _Book, part: _Part) -> str:
    pairs = "".join(
        f'<par id="p-{clip.identifier}"><text src="{part.name}.xhtml#{clip.identifier}"/>'
        f'<audio src="{book.audio_name}" clipBegin="{_clock(clip.start_ms)}" '
        f'clipEnd="{_clock(clip.end_ms)}"/>'
        "</par>\n"
        for clip in part.clips
    )
    return (
        f'{_XML}<smil xmlns="http://www.w3.org/ns/SMIL" xmlns:epub="http://www.idpf.org/2007/ops" '
        f'version="3.0">\n<body epub:textref="{part.name}.xhtml">\n{pairs}</body>\n</smil>\n'
    )


def _package(book: _Book) -> str:
    spoken = [part for part in book.parts if part.clips]
    durations = "".join(
        f'<meta property="media:duration" refines="#{part.name}-overlay">{_clock(part.duration_ms)}</meta>\n'
        for part in spoken
    )
    total = _clock(sum(part.duration_ms for part in spoken))
    overlay = f'<meta property="media:active-class">{_ACTIVE_CLASS}</meta>\n' if spoken else ""
    overlay += f'<meta property="media:duration">{total}</meta>\n' if spoken else ""
    items = "".join(_manifest_items(part) for part in book.parts)
    spine = "".join(f'<itemref idref="{part.name}"/>\n' for part in book.parts)
    return (
        f'{_XML}<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" '
        f'xml:lang="{book.language}">\n'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f'<dc:identifier id="id">{book.identifier}</dc:identifier>\n'
        f"<dc:title>{escape(book.title)}</dc:title>\n<dc:language>{book.language}</dc:language>\n"
        f'<meta property="dcterms:modified">{book.modified}</meta>\n{overlay}{durations}</metadata>\n'
        '<manifest>\n<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>\n'
        '<item id="style" href="style.css" media-type="text/css"/>\n'
        f'<item id="audio" href="{book.audio_name}" media-type="{book.audio_type}"/>\n'
        f"{items}</manifest>\n<spine>\n{spine}</spine>\n</package>\n"
    )


def _manifest_items(part: _Part) -> str:
    page = f'<item id="{part.name}" href="{part.name}.xhtml" media-type="application/xhtml+xml"'
    if not part.clips:
        return f"{page}/>\n"
    return (
        f'{page} media-overlay="{part.name}-overlay"/>\n'
        f'<item id="{part.name}-overlay" href="{part.name}.smil" media-type="application/smil+xml"/>\n'
    )


def _clock(ms: int) -> str:
    return f"{ms // 1000}.{ms % 1000:03}s"


_CONTAINER = (
    f'{_XML}<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">\n<rootfiles>\n'
    '<rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/>\n'
    "</rootfiles>\n</container>\n"
)
