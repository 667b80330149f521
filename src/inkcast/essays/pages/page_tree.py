"""An untrusted page as a tree, and what the page as a whole says of itself."""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from inkcast.errors import EssayError
from inkcast.essays.assemble import no_words_error
from inkcast.essays.pages.combining_marks import thin_out_marks
from inkcast.essays.superscripts import raised

MAX_TAGS = 200_000
"""Opening and closing ones of a page or chapter; a long novel has 40,000. Each costs some 20 microseconds."""
# The time that libxml2 takes for a tag grows with the square of its attributes.
_MAX_ATTRIBUTES = 150
_MANY_ATTRIBUTES = re.compile(
    r"<[a-z][^\s<>\"'/]*+(?:[\s/]++(?:[^\s<>\"'/=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')?+)++)"
    rf"{{{_MAX_ATTRIBUTES}}}",
    re.IGNORECASE,
)
# lxml's own asks Python about each element that somebody looks at, in case it is a form.
_LOOKUP = etree.ElementDefaultClassLookup(element=HtmlElement)
_MENTION = "profile-hover-card-target"
_SIDE_NOTES = ("sidenote", "marginnote", "margin-toggle")
_PARAGRAPH_TAGS = ("p", "li", "dd", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6")
_MOST_SIDE_NOTES = 2000
_NUMBER = re.compile(r"\s*\d{1,3}\s*")
_SPACE = re.compile(r"\s+")
# What lxml reads, but refuses to write when elements around it are taken out.
_TO_SPACES = bytes(0x20 if (i < 0x20 and i not in b"\t\n\r") or i == 0x7F else i for i in range(256))
_NO_CHARACTER = b"\xef\xbf"
_CONTROL_REFERENCES = re.compile(
    rb"&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01])(?![0-9])|x0*(?:[0-8bcef]|1[0-9a-f])(?![0-9a-f]));?",
    re.IGNORECASE,
)


def parse_html(text: str, source: str) -> HtmlElement:
    """Parse HTML as leniently as lxml can.

    Raises:
        EssayError: there is nothing in it, or far more than an essay, or too much for libxml2, which would
            cut it short.
    """
    if text.count("<") > MAX_TAGS or _MANY_ATTRIBUTES.search(text):
        raise EssayError(f"{source} has more markup than an essay can have.", "Give the essay alone.")
    # Dropping comments at this stage joins the text around them, which the walk would lose.
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    parser.set_element_class_lookup(_LOOKUP)
    try:
        data = text.encode("utf-8", errors="replace").translate(_TO_SPACES)
        if _NO_CHARACTER in data:
            data = data.replace(b"\xef\xbf\xbe", b" ").replace(b"\xef\xbf\xbf", b" ")
        data = _CONTROL_REFERENCES.sub(b" ", data)
        root: HtmlElement = document_fromstring(data, parser=parser)
    except etree.ParserError as error:
        raise no_words_error(source) from error
    if any(entry.level_name == "FATAL" for entry in parser.error_log):
        raise EssayError(f"{source} nests its elements too deeply to be read.", "Save it as plain text.")
    if _MENTION in text:
        _join_mentions(root)
    if any(name in text for name in _SIDE_NOTES):
        _set_side_notes_apart(root)
    thin_out_marks(root)
    return root


def _join_mentions(root: HtmlElement) -> None:
    """Put people whom a Substack page names back into the paragraph that their ``div`` has ended."""
    for mention in root.xpath(f"//div[contains(@class, '{_MENTION}')]"):
        paragraph = mention.getprevious()
        if mention.tag != "div" or paragraph is None or paragraph.tag != "p":
            continue
        mention.tag = "span"
        for inner in mention.iter("div", "p"):
            inner.tag = "span"
        rest = mention.getnext()
        paragraph.append(mention)  # with the text behind it
        if rest is not None and rest.tag == "p" and not len(rest) and not (rest.text or "").strip():
            rest.drop_tag()  # what the stray end of the paragraph has become


def _set_side_notes_apart(root: HtmlElement) -> None:
    """Put notes that stand inside a paragraph behind it, with markers that lead to them.

    So Tufte CSS has it: ``<label class="margin-toggle"></label><input …><span class="sidenote">…</span>``.
    """
    claims = " or ".join(f"contains(@class, '{name}')" for name in _SIDE_NOTES)
    notes = root.xpath(f"//*[self::span or self::small or self::label][{claims}]")
    behind: dict[HtmlElement, HtmlElement] = {}
    number = 0
    for note in notes[:_MOST_SIDE_NOTES]:
        if note.tag == "label":
            note.drop_tree()
            continue
        around = next(note.iterancestors(*_PARAGRAPH_TAGS), None)
        if around is None or not set(note.get("class").split()) & set(_SIDE_NOTES):
            continue
        number += 1
        before = note.getprevious()
        if before is not None and before.tag == "sup" and not (before.tail or "").strip():
            before.drop_tree()
        marker, link = note.makeelement("sup"), note.makeelement("a", href=f"#side-note-{number}")
        marker.append(link)
        link.text = str(number)
        marker.tail, note.tail = note.tail, None
        note.getparent().replace(note, marker)
        first = next(note.iter("sup"), None)
        if first is not None and not (note.text or "").strip() and _NUMBER.fullmatch(first.text or ""):
            first.drop_tree()
        note.tag = "div"
        note.set("class", "footnote")
        note.set("id", f"side-note-{number}")
        note.tail, last = None, behind.get(around, around)
        note.tail, last.tail = last.tail, None
        last.addnext(note)
        behind[around] = note


def plain_text(element: HtmlElement) -> str:
    """All text under ``element`` with single spaces, exponents raised."""
    if element.find(".//sup") is None:
        return _SPACE.sub(" ", "".join(element.itertext())).strip()
    pieces: list[str] = []
    for piece in element.xpath(".//text()"):
        is_raised = piece.is_text and piece.getparent().tag == "sup"
        pieces.append(raised("".join(pieces[-2:])[-2:], str(piece)) if is_raised else str(piece))
    return _SPACE.sub(" ", "".join(pieces)).strip()


def meta_content(root: HtmlElement, name: str) -> str:
    """What the page's head says under ``name`` (``og:title``); empty when it says nothing."""
    for meta in root.iter("meta"):
        if name in (meta.get("property"), meta.get("name")):
            return _SPACE.sub(" ", meta.get("content", "")).strip()
    return ""


def page_language(root: HtmlElement) -> str:
    """The language that the page declares, or an empty string."""
    language: str = root.getroottree().getroot().get("lang", "")
    return language.strip()
