"""The text of one block as HTML: marks, words with their times, and text that nobody reads aloud."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby, pairwise
from typing import Literal
from unicodedata import bidirectional

from markupsafe import Markup

from inkcast.alignment.alignment import AlignedWord
from inkcast.essays.essay import Mark
from inkcast.essays.links import is_web_address, safe_image, safe_link
from inkcast.publish.words import SpokenWord, ends_sentence

_TAGS = {
    "emphasis": "em",
    "strong": "strong",
    "code": "code",
    "superscript": "sup",
    "subscript": "sub",
    "strikethrough": "del",
}


@dataclass(frozen=True, slots=True)
class Layer:
    """An element over ``text[start:end]``; its two tags."""

    start: int
    end: int
    opening: Markup
    closing: Markup


@dataclass(frozen=True, slots=True)
class Point:
    """HTML that stands before the character ``at``."""

    at: int
    html: Markup


@dataclass(frozen=True, slots=True)
class Links:
    """What the links of an essay may point to.

    Attributes:
        base: the essay's own address, which relative links start from.
        anchors: ids that exist in the page.
    """

    base: str
    anchors: Collection[str]

    def address(self, target: str) -> str:
        """A safe ``href``, empty when there is none."""
        address = safe_link(target, self.base)
        if not address.startswith("#") or address[1:] in self.anchors:
            return address
        return self.base + address if is_web_address(self.base) else ""


def direction_of(text: str) -> Literal["ltr", "rtl", ""]:
    """The direction of the first character that has one.

    Browsers can find it themselves (``dir=auto``, ``unicode-bidi: plaintext``), but look again for every
    line: minutes for a text that nobody cut into paragraphs.
    """
    for character in text:
        direction = bidirectional(character)
        if direction in ("L", "R", "AL"):
            return "ltr" if direction == "L" else "rtl"
    return ""


def weave(text: str, layers: Sequence[Layer], points: Iterable[Point]) -> Markup:
    """Put elements around stretches of text.

    Stretches may overlap: an element that would break the nesting is closed and opened again.

    Args:
        text: plain; escaped here.
        layers: of those that start together, the first is the outermost.
        points: of those at one place, in order.
    """
    starting: defaultdict[int, list[Layer]] = defaultdict(list)
    html_at: defaultdict[int, list[str]] = defaultdict(list)
    for layer in layers:
        starting[layer.start].append(layer)
    for point in points:
        html_at[point.at].append(point.html)
    cuts = sorted({0, len(text), *starting, *html_at, *(layer.end for layer in layers)})
    html: list[str] = []
    stack: list[Layer] = []
    for here, there in pairwise([*cuts, len(text)]):
        _close_ended(stack, here, html)
        html += html_at[here]
        for layer in starting[here]:
            stack.append(layer)
            html.append(layer.opening)
        html.append(escape(text[here:there], quote=False))
    return Markup("".join(html))


def _close_ended(stack: list[Layer], here: int, html: list[str]) -> None:
    ended = next((depth for depth, layer in enumerate(stack) if layer.end <= here), None)
    if ended is None:
        return
    html += [layer.closing for layer in reversed(stack[ended:])]
    stack[ended:] = [layer for layer in stack[ended:] if layer.end > here]
    html += [layer.opening for layer in stack[ended:]]


def mark_layers(text: str, marks: Sequence[Mark], links: Links) -> list[Layer]:
    """Elements of the marks that have text of their own; links never overlap each other."""
    layers, link_end = [], 0
    for mark in marks:
        start, end = max(0, mark.start), min(mark.end, len(text))
        if start >= end:
            continue
        if mark.kind in _TAGS:
            tag = _TAGS[mark.kind]
            layers.append(Layer(start, end, Markup(f"<{tag}>"), Markup(f"</{tag}>")))
        elif mark.kind == "link" and start >= link_end and (href := links.address(mark.target)):
            opening = Markup(f'<a href="{escape(href)}" rel="noopener">')
            layers.append(Layer(start, end, opening, Markup("</a>")))
            link_end = end
    return layers


def word_layers(words: Sequence[AlignedWord], *, unspoken: bool) -> Iterator[Layer]:
    """A span with its time around each spoken word; with ``unspoken``, one around each run of others.

    The first spoken word of each sentence but the first says so (``data-s``). A dash between two words
    is nothing that anybody could read aloud, so it is not marked.
    """
    begins, closing = _sentence_starts(words), Markup("</span>")
    for silent, run in groupby(words, key=lambda word: word.start_ms is None):
        if not silent:
            for word in run:
                opening = timed_span(word.start_ms, word.end_ms, begins=word.char_start in begins)
                yield Layer(word.char_start, word.char_end, opening, closing)
        elif unspoken:
            silence = tuple(run)
            if any(character.isalnum() for word in silence for character in word.text):
                start, end = silence[0].char_start, silence[-1].char_end
                yield Layer(start, end, Markup('<span class="unspoken">'), closing)


def numbered_layers(block: int, words: Sequence[AlignedWord]) -> Iterator[Layer]:
    """A span around each word, spoken or not, that says which it is (``data-w``: block and word)."""
    begins = _sentence_starts(words)
    for number, word in enumerate(words):
        name = f' data-w="{block}.{number}"'
        opening = Markup(f'<span{name} class="unspoken">')
        if word.start_ms is not None:
            timed = timed_span(word.start_ms, word.end_ms, begins=word.char_start in begins)
            opening = Markup(f"<span{name}{timed.removeprefix('<span')}")
        yield Layer(word.char_start, word.char_end, opening, Markup("</span>"))


def _sentence_starts(words: Sequence[AlignedWord]) -> set[int]:
    """Characters at which sentences begin to be heard, the first aside."""
    starts, ended = set(), False
    for before, word in pairwise(words):
        ended = ended or ends_sentence(SpokenWord(before.text, 0, 0), SpokenWord(word.text, 0, 0))
        if ended and word.start_ms is not None:
            starts.add(word.char_start)
            ended = False
    return starts


def timed_span(start_ms: int | None, end_ms: int | None, *, begins: bool = False) -> Markup:
    """The opening tag of what plays from ``start_ms``: milliseconds and duration.

    With ``begins``, a new sentence begins with it.
    """
    start_ms = start_ms or 0
    sentence = " data-s" if begins else ""
    return Markup(f'<span data-m="{start_ms}" data-d="{max(0, (end_ms or 0) - start_ms)}"{sentence}>')


def image_html(mark: Mark, links: Links) -> Markup:
    """An image by its address; what it shows in words where the address may not be kept."""
    source = safe_image(mark.target, links.base)
    if not source:
        title = escape(mark.title, quote=False)
        return Markup(f'<span class="alt">{title}</span>' if title else "")
    return Markup(f'<img src="{escape(source)}" alt="{escape(mark.title)}" loading="lazy">')


def marker_html(mark: Mark, links: Links, *, identifier: str, inside_link: bool) -> Markup:
    """A footnote's marker; ``identifier`` is what the way back points to."""
    title = escape(mark.title, quote=False)
    href = "" if inside_link else links.address(mark.target)
    if not href:
        return Markup(f"<sup>{title}</sup>")
    own_id = f' id="{escape(identifier)}"' if identifier else ""
    return Markup(f'<sup><a href="{escape(href)}"{own_id} role="doc-noteref">{title}</a></sup>')
