"""Walk an untrusted HTML tree and write down its blocks: the one path for pages, feeds and Markdown.

Nothing of the page survives but plain text, addresses that ``links.py`` lets through, and ids.
"""

# ruff: noqa: SIM905 - forty names in quotes and commas are harder to read than forty words

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count, islice
from typing import Literal, NamedTuple

from lxml import etree
from lxml.html import HtmlElement

from inkcast.essays.essay import Block, BlockKind, MarkKind
from inkcast.essays.inline import InlineText
from inkcast.essays.links import safe_image, safe_link

# Not "embed": libxml2 does not know that it has no content, and puts what follows it inside.
_DROPPED_TAGS = frozenset(
    "script style template noscript form iframe frame object applet svg canvas audio video button "
    "input select textarea datalist nav dialog head title meta link map area rp rt annotation".split()
)
_BLOCK_TAGS = frozenset(
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure "
    "footer h1 h2 h3 h4 h5 h6 header hgroup hr legend li main ol p pre section summary table tbody tfoot "
    "thead tr ul".split()
)
_MARK_TAGS: dict[str, MarkKind] = {
    **dict.fromkeys(("em", "i", "cite", "dfn", "var"), "emphasis"),
    **dict.fromkeys(("strong", "b"), "strong"),
    **dict.fromkeys(("code", "kbd", "samp", "tt"), "code"),
    **dict.fromkeys(("s", "strike", "del"), "strikethrough"),
    "sup": "superscript",
    "sub": "subscript",
}
_KIND_TAGS: dict[str, BlockKind] = {
    "blockquote": "quote",
    "figcaption": "caption",
    "caption": "caption",
    "pre": "code",
}
_MORE_NAMES = ("role", "data-component-name", "data-testid")
_NOTE_CLASSES = frozenset(
    "footnote footnotes footnotes-list footnote-item footnote-definition wp-block-footnotes doc-footnote "
    "doc-endnote doc-endnotes sidenote side-note marginnote margin-note".split()
)
_VERSE_CLASSES = frozenset("verse poem poetry stanza wp-block-verse".split())
_HIDDEN_STYLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_NOTE_MARKER = re.compile(r"[\[(]?(\d{1,3}|[a-z]|[*†‡§¶]{1,3})[\])]?", re.IGNORECASE)
_BRACKETED = re.compile(r"\[\d{1,3}\]")
_MARKER_CLASSES = frozenset({"footnote-anchor", "footnote-ref", "doc-noteref"})
_BACK_LINK_CLASSES = frozenset({"footnote-number", "footnote-backref", "doc-backlink", "reversefootnote"})
# The way back from a footnote, and a heading's link to itself.
_SIGN = re.compile(r"[\s↩↑⏎^\ufe0e\ufe0f\[\]]*|[#¶§🔗]")
_FIRST_NUMBER = re.compile(r"\d{1,6}")
_SPACE = re.compile(r"\s+")

# Sticky kinds: whatever stands inside a footnote is a part of the footnote.
_STICKY: frozenset[BlockKind] = frozenset({"footnote", "boilerplate", "caption", "code"})


_MAX_STEPS = 1000
_MAX_SIGN = 20
_FIRST_CHARS = 80


@dataclass(frozen=True, slots=True)
class PageRules:
    """What the names that a site gives its elements mean; see ``class_names``.

    Attributes:
        dropped: elements that are no part of the text.
        kinds: elements whose text is of a kind that its tags do not tell.
    """

    dropped: frozenset[str] = frozenset()
    kinds: dict[str, BlockKind] = field(default_factory=dict)


class Place(NamedTuple):
    """A block, and the innermost block element of the page that it was read from."""

    block: Block
    element: HtmlElement


class _Context(NamedTuple):
    """What the text at this place of the tree is part of."""

    element: HtmlElement
    kind: BlockKind = "paragraph"
    level: int = 0
    depth: int = 0
    numbers: Iterator[int] | None = None
    is_verse: bool = False
    keeps_line_ends: bool = False


_Frame = Literal["block", "mark", "cell", "none"]


def read_blocks(root: HtmlElement, rules: PageRules, base: str) -> tuple[Block, ...]:
    """Turn the tree under ``root`` into blocks in reading order.

    Args:
        root: the element that holds the essay.
        rules: what the site's own names mean.
        base: the page's address, for relative links; anything else than http(s) leaves them out.
    """
    return tuple(place.block for place in read_places(root, rules, base))


def read_places(root: HtmlElement, rules: PageRules, base: str) -> tuple[Place, ...]:
    """The blocks that ``read_blocks`` gives, and where they stand."""
    walker = _Walker(rules, base, root)
    events = etree.iterwalk(root, events=("start", "end"))
    for event, element in events:
        if event == "end":
            walker.leave(element)
        elif not walker.enter(element):
            events.skip_subtree()
    return walker.finish()


def class_names(element: HtmlElement) -> set[str]:
    """The names by which sites tell what an element is: classes, role, component, test id."""
    if not element.keys():
        return set()
    names = set(element.get("class", "").split())
    for attribute in _MORE_NAMES:
        if more := element.get(attribute):
            names.update(more.split())
    return names


def is_left_out(element: HtmlElement, names: set[str], rules: PageRules) -> bool:
    """Whether an element's tag, names or attributes say that it is no part of the text."""
    if not element.keys():
        return element.tag in _DROPPED_TAGS
    return (
        element.tag in _DROPPED_TAGS
        or bool(names & rules.dropped)
        or element.get("hidden") is not None
        or (element.get("aria-hidden") == "true" and not _is_only_copy(element, rules))
        or bool(_HIDDEN_STYLE.search(element.get("style", "")))
    )


def _is_only_copy(element: HtmlElement, rules: PageRules) -> bool:
    """Whether what screen readers do not see is there for eyes alone, its twin being for them alone.

    That is how drop caps are made; and what a ruby explains is what the author wrote.
    """
    parent = element.getparent()
    if parent is not None and parent.tag == "ruby":
        return True
    text = "".join(_first_text(element).split())
    return bool(text) and any(
        twin is not None and class_names(twin) & rules.dropped and "".join(_first_text(twin).split()) == text
        for twin in (element.getprevious(), element.getnext())
    )


def remove_left_out_tags(root: HtmlElement) -> None:
    """Take away the elements that ``read_blocks`` passes over for their tags; all else is faster then."""
    etree.strip_elements(root, *(_DROPPED_TAGS - {"head", "title"}), with_tail=False)


def _first_text(element: HtmlElement) -> str:
    """The first 80 characters, at least, of what ``plain_text`` gives; cheap on huge elements."""
    pieces: list[str] = []
    length = 0
    for event, inner in islice(etree.iterwalk(element, events=("start", "end")), _MAX_STEPS):
        piece = inner.text if event == "start" else inner.tail if inner is not element else None
        pieces.append((piece or "")[: 4 * _FIRST_CHARS])
        length += len(pieces[-1].strip())
        if length > _FIRST_CHARS:
            break
    return _SPACE.sub(" ", "".join(pieces)).strip()


class _Walker:
    """One pass over the tree; lxml's events instead of recursion, since pages nest as deep as they like."""

    def __init__(self, rules: PageRules, base: str, root: HtmlElement) -> None:
        self._rules = rules
        self._base = base
        self._blocks: list[Block] = []
        self._places: list[HtmlElement] = []
        self._line = InlineText()
        self._contexts = [_Context(root)]
        self._frames: list[_Frame] = []
        self._anchor = ""
        self._ordinal = 0
        self._first_in_item = False
        self._after_break = False

    def enter(self, element: HtmlElement) -> bool:
        """Begin an element; False when what is in it does not count."""
        names = class_names(element)
        if (self._frames and is_left_out(element, names, self._rules)) or (
            element.tag == "a" and self._enter_note_link(element, names)
        ):
            self._frames.append("none")
            if self._contexts[-1].kind == "heading":
                self._note_inner_anchor(element)
            return False
        self._frames.append(self._open(element, names))
        if element.text:
            self._write(element.text)
        return True

    def leave(self, element: HtmlElement) -> None:
        """End an element and write the text behind it."""
        frame = self._frames.pop()
        if frame == "block":
            self._flush()
            self._contexts.pop()
        elif frame == "mark":
            self._line.close()
        elif frame == "cell":
            self._line.write(" ")
        if self._frames and element.tail:
            self._write(element.tail)

    def finish(self) -> tuple[Place, ...]:
        """All blocks and where they stand; images after the last text belong to the last block."""
        self._flush()
        images = self._line.take_images()
        if images and self._blocks:
            last = self._blocks[-1]
            end = len(last.text)
            points = tuple(replace(image, start=end, end=end) for image in images)
            self._blocks[-1] = replace(last, marks=last.marks + points)
        links = (mark for block in self._blocks for mark in block.marks if mark.kind == "link")
        markers = {mark.target: mark.title for mark in links if mark.title}
        blocks = [_as_note(block, markers.get(f"#{block.anchor}", "")) for block in self._blocks]
        return tuple(map(Place, blocks, self._places))

    def _enter_note_link(self, element: HtmlElement, names: set[str]) -> bool:
        """Handle the links that are signs rather than words; False for any other link."""
        href = element.get("href")
        if href is None:
            return False
        is_back = bool(names & _BACK_LINK_CLASSES)
        is_named = bool(names & _MARKER_CLASSES)
        if not (is_back or is_named or href.startswith("#") or _is_raised(element)):
            return False
        text = _first_text(element)
        if is_back:
            self._note_anchor(element)
            number = _FIRST_NUMBER.search(text)
            self._ordinal = int(number.group()) if number else self._ordinal
            return True
        if href.startswith("#") and _SIGN.fullmatch(text) and element.find(".//img") is None:
            self._note_anchor(element)
            return True
        marker = _NOTE_MARKER.fullmatch(text)
        is_raised = _is_raised(element) or (href.startswith("#") and bool(_BRACKETED.fullmatch(text)))
        if marker is None or not (is_named or is_raised):
            return False
        if self._line.is_empty and href.startswith("#") and (element.get("id") or element.get("name")):
            # Nothing is before it that it could be a note to: it is the note's own number.
            self._note_anchor(element)
            number = _FIRST_NUMBER.search(text)
            self._ordinal = int(number.group()) if number else 0
            return True
        # Feeds and e-mails spell out the page's address before the fragment.
        target = "#" + href.partition("#")[2] if is_named else href
        self._line.add_point("link", safe_link(target, self._base), marker.group(1))
        return True

    def _open(self, element: HtmlElement, names: set[str]) -> _Frame:
        tag = element.tag
        kind = self._kind_of(element, names)
        if tag in _BLOCK_TAGS or kind is not None:
            self._flush()
            self._contexts.append(self._context_of(element, kind, names))
            self._note_anchor(element)
            return "block"
        self._note_anchor(element)
        if tag in _MARK_TAGS:
            return self._open_mark(_MARK_TAGS[tag])
        if tag == "a":
            return self._open_link(element)
        if tag in ("td", "th"):
            return "cell"
        if tag == "br":
            self._break()
        elif tag == "img":
            self._add_image(element)
        return "none"

    def _kind_of(self, element: HtmlElement, names: set[str]) -> BlockKind | None:
        if not names:
            return _KIND_TAGS.get(element.tag)
        for name in names:
            if name in self._rules.kinds:
                return self._rules.kinds[name]
        if names & _NOTE_CLASSES and element.tag in _BLOCK_TAGS:
            return "footnote"
        if _is_verse(element, names):
            return "quote" if element.tag == "pre" else "paragraph"
        return _KIND_TAGS.get(element.tag)

    def _context_of(self, element: HtmlElement, kind: BlockKind | None, names: set[str]) -> _Context:
        outer, tag = self._contexts[-1], element.tag
        if tag in ("ol", "ul"):
            numbers = count(_number(element.get("start"), 1)) if tag == "ol" else None
            inner = outer._replace(kind=kind or outer.kind, depth=outer.depth + 1, numbers=numbers)
        elif tag == "li":
            self._ordinal = _number(element.get("value"), next(outer.numbers)) if outer.numbers else 0
            self._first_in_item = True
            inner = outer._replace(kind=kind or "list_item", level=outer.depth or 1)
        elif kind is None and tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            inner = outer._replace(kind="heading", level=int(tag[1]))
        else:
            inner = outer._replace(kind=kind or outer.kind, level=0 if kind else outer.level)
        if outer.kind in _STICKY:
            inner = inner._replace(kind=outer.kind, level=0)
        elif _is_verse(element, names):
            inner = inner._replace(is_verse=True, keeps_line_ends=tag == "pre")
        return inner._replace(element=element)

    def _open_link(self, element: HtmlElement) -> _Frame:
        target = safe_link(element.get("href", ""), self._base)
        return self._open_mark("link", target) if target else "none"

    def _open_mark(self, kind: MarkKind, target: str = "") -> _Frame:
        """One inside another of its kind says nothing, and thousands would cost hours."""
        if self._contexts[-1].kind == "code" or self._line.is_marked(kind):
            return "none"
        self._line.open(kind, target)
        return "mark"

    def _add_image(self, element: HtmlElement) -> None:
        is_tracker = element.get("width") in ("0", "1") or element.get("height") in ("0", "1")
        sources = (element.get(name, "") for name in ("src", "data-src", "data-original"))
        target = next(filter(None, (safe_image(source, self._base) for source in sources)), "")
        if target and not is_tracker:
            alt = _SPACE.sub(" ", element.get("alt", "")).strip()
            self._line.add_point("image", target, alt)

    def _note_anchor(self, element: HtmlElement) -> None:
        if not self._line.is_empty:
            return
        anchor = element.get("id") or (element.get("name", "") if element.tag == "a" else "")
        if anchor and not any(map(str.isspace, anchor)):
            self._anchor = anchor

    def _note_inner_anchor(self, element: HtmlElement) -> None:
        """A heading's id, where it is that of the sign that copies its link."""
        inner = (one.get("id") for one in islice(element.iter(), _MAX_SIGN))
        anchor = next(filter(None, inner), "")
        if anchor and not self._anchor and not any(map(str.isspace, anchor)):
            self._anchor = anchor

    def _write(self, text: str) -> None:
        if self._contexts[-1].kind == "code":
            self._line.write_verbatim(text)
            return
        if not text.isspace():
            self._after_break = False
        first, *others = text.split("\n") if self._contexts[-1].keeps_line_ends else (text,)
        self._line.write(first)
        for line in others:
            self._flush()
            self._line.write(line)

    def _break(self) -> None:
        """A line break is a space; two in a row are what old pages and show notes use for a paragraph."""
        if self._contexts[-1].kind == "code":
            self._line.write_verbatim("\n")
        elif self._after_break or self._contexts[-1].is_verse:
            self._flush()
        else:
            self._line.write(" ")
            self._after_break = True

    def _flush(self) -> None:
        text, marks = self._line.take()
        if not text:
            return
        context = self._contexts[-1]
        kind, level = context.kind, context.level
        if kind == "list_item" and not self._first_in_item:
            kind, level = "paragraph", 0
        ordinal = self._ordinal if kind in ("list_item", "footnote") else 0
        self._blocks.append(Block(kind, text, marks, level, ordinal, self._anchor))
        self._places.append(context.element)
        self._anchor, self._ordinal, self._first_in_item = "", 0, False


def _as_note(block: Block, marker: str) -> Block:
    """The block as a footnote if a marker leads to it, with the marker's number."""
    if not marker or block.kind not in ("paragraph", "list_item", "footnote"):
        return block
    if block.kind == "footnote" and block.ordinal:
        return block
    return replace(block, kind="footnote", level=0, ordinal=_number(marker, block.ordinal))


def _is_verse(element: HtmlElement, names: set[str]) -> bool:
    """Whether an element's lines are lines of verse; Substack's are in ``pre.text``, without ``code``."""
    if not names:
        return False
    is_substacks = element.tag == "pre" and "text" in names and element.find(".//code") is None
    return is_substacks or (element.tag in _BLOCK_TAGS and bool(names & _VERSE_CLASSES))


def _is_raised(link: HtmlElement) -> bool:
    """Whether a link stands in, or holds, a superscript: how pages set a footnote's marker."""
    parent = link.getparent()
    inside = any(child.tag == "sup" for child in link)
    return inside or (parent is not None and parent.tag == "sup")


def _number(text: str | None, default: int) -> int:
    match = _FIRST_NUMBER.fullmatch(text.strip()) if text else None
    return int(match.group()) if match else default
