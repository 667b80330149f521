"""An essay as semantic HTML, with the time of every spoken word."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from markupsafe import Markup

from inkcast.alignment.alignment import AlignedWord, Alignment, Extra
from inkcast.errors import PublishError
from inkcast.essays.essay import Block, Essay, Mark
from inkcast.publish.conversation import block_names
from inkcast.publish.pages.departures import find_departures
from inkcast.publish.pages.inline_html import (
    Links,
    Point,
    direction_of,
    image_html,
    mark_layers,
    marker_html,
    numbered_layers,
    timed_span,
    weave,
    word_layers,
)
from inkcast.publish.words import clean_text
from inkcast.timecode import clock

DEEPEST_LIST = 6
LONG_NOTE = 240
"""Characters; a longer note would not stand beside its paragraph."""

MANY_NOTES = 3
"""Notes of one kind at a block, which as many would crowd it."""

_PLAIN_ID = re.compile(r"(?!t=|ref-)[^\s\"'<>&]{1,200}")


@dataclass(frozen=True, slots=True)
class Article:
    """Everything that rendering a block needs, by block index where a mapping.

    ``markers`` tells for each footnote's anchor which (block, mark) refers to it first, ``addresses``
    which blocks are the first of their second, so that ``#t=`` and the second is theirs, ``instead``
    which extra speech stands for words of the essay, ``names`` who says each block, ``voices`` the numbers
    of the speakers where there are several. With ``is_numbered`` each word says which one it is.
    """

    essay: Essay
    words: Mapping[int, Sequence[AlignedWord]]
    extras: Mapping[int, Sequence[tuple[Extra, int]]]
    links: Links
    markers: Mapping[str, tuple[int, int]]
    top_level: int
    direction: str
    addresses: Collection[int]
    instead: Collection[Extra]
    names: Sequence[str]
    voices: Mapping[str, int]
    is_numbered: bool = False


def make_article(
    essay: Essay, alignment: Alignment, speakers: Sequence[str] = (), *, is_numbered: bool = False
) -> Article:
    """Bring an essay and its alignment together.

    Args:
        essay: that was aligned.
        alignment: of that essay.
        speakers: those whose turns are set apart.
        is_numbered: let each word say which one of its block it is.

    Raises:
        PublishError: the alignment was made for another text.
    """
    wrong = "The alignment is not of this text"
    if len(essay.blocks) != len(alignment.blocks):
        raise PublishError(f"{wrong}: it has {len(alignment.blocks)} blocks.", "Align again.")
    words: defaultdict[int, list[AlignedWord]] = defaultdict(list)
    for word in alignment.words:
        texts = [block.text for block in essay.blocks[word.block : word.block + 1]]
        if word.block < 0 or [text[word.char_start : word.char_end] for text in texts] != [word.text]:
            raise PublishError(f"{wrong}: {word.text!r} is not where it says.", "Align again.")
        words[word.block].append(word)
    extras: defaultdict[int, list[tuple[Extra, int]]] = defaultdict(list)
    for extra in alignment.extra:
        before = alignment.words[extra.after_word] if 0 <= extra.after_word < len(alignment.words) else None
        extras[before.block if before else -1].append((extra, before.char_end if before else 0))
    markers: dict[str, tuple[int, int]] = {}
    for index, block in enumerate(essay.blocks):
        for number, mark in enumerate(block.marks):
            if _is_marker(mark):
                markers.setdefault(mark.target.removeprefix("#"), (index, number))
    anchors = {block.anchor for block in essay.blocks if _PLAIN_ID.fullmatch(block.anchor)}
    anchors |= {f"ref-{anchor}" for anchor in markers}
    levels = [block.level for block in essay.blocks if block.kind == "heading"]
    return Article(
        essay,
        words,
        extras,
        Links(essay.source, anchors),
        markers,
        min(levels, default=1),
        next((found for block in essay.blocks if (found := direction_of(block.text))), "ltr"),
        _addresses(words),
        _instead(alignment),
        block_names(alignment),
        {name: number for number, name in enumerate(speakers, start=1)},
        is_numbered,
    )


def _addresses(words: Mapping[int, Sequence[AlignedWord]]) -> frozenset[int]:
    first: dict[int, int] = {}
    for block in sorted(words):
        start_ms = _start_ms(words[block])
        if start_ms is not None:
            first.setdefault(start_ms // 1000, block)
    return frozenset(first.values())


def _instead(alignment: Alignment) -> frozenset[Extra]:
    """Extra speech that the narrator said in the place of written words."""
    places = {
        at
        for departure in find_departures(alignment)
        if departure.kind == "replaced"
        for at in range(departure.first - 1, departure.end)
    }
    return frozenset(extra for extra in alignment.extra if extra.after_word in places)


def _start_ms(words: Sequence[AlignedWord]) -> int | None:
    return min((word.start_ms for word in words if word.start_ms is not None), default=None)


def blocks_html(article: Article, first: int, last: int) -> Markup:
    """The blocks ``first`` to ``last`` (excluded), lists, quotations and turns put together."""
    html: list[Markup] = []
    for name, turn in groupby(range(first, last), key=lambda index: article.names[index]):
        indices = list(turn)
        goes_on = indices[0] > 0 and article.names[indices[0] - 1] == name
        inner = (Markup() if goes_on else _name_html(name)) + _run_html(article, indices)
        if name in article.voices:
            inner = Markup(f'<div class="turn"{_voice(article, name)}>\n{inner}</div>\n')
        html.append(inner)
    return Markup().join(html)


def _run_html(article: Article, indices: Sequence[int]) -> Markup:
    html: list[Markup] = []
    for kind, group in groupby(indices, key=lambda index: article.essay.blocks[index].kind):
        if kind == "list_item":
            html.append(_list_html(article, list(group)))
        elif kind == "quote":
            inner = Markup().join(_block_html(article, index) for index in group)
            html.append(Markup(f"<blockquote>\n{inner}</blockquote>\n"))
        else:
            html += [_block_html(article, index) for index in group]
    return Markup().join(html)


def _name_html(name: str) -> Markup:
    return Markup(f'<p class="speaker"><bdi>{escape(name, quote=False)}</bdi></p>\n' if name else "")


def _voice(article: Article, name: str) -> Markup:
    """An attribute that says whose voice it is; nothing where there is only one."""
    return Markup(f' data-voice="{article.voices[name]}"' if name in article.voices else "")


def extra_html(article: Article, extra: Extra, turn: str = "") -> Markup:
    """A note of what was said although nobody wrote it, and by whom, if it is not ``turn``'s."""
    return _note_html(article, [extra], turn)


def _note_html(article: Article, extras: Sequence[Extra], turn: str) -> Markup:
    label, name = _kind_of_note(article, extras[0])
    if name not in ("", turn):
        label += f" by <bdi>{escape(name, quote=False)}</bdi>"
    texts = [clean_text(extra.text) for extra in extras]
    spans: list[str] = []
    for extra, text in zip(extras, texts, strict=True):
        opening = timed_span(extra.start_ms, extra.end_ms, begins=bool(spans))
        spans.append(f"<bdi>{opening}{escape(text, quote=False)}</span></bdi>")
    long = " long" if sum(map(len, texts)) > LONG_NOTE else ""
    return Markup(
        f'<aside class="extra{long}"{_voice(article, name)}>{_time_link(extras[0].start_ms)}'
        f'<p><b lang="en">{label}</b> {" · ".join(spans)}</p></aside>\n'
    )


def _kind_of_note(article: Article, extra: Extra) -> tuple[str, str]:
    """Its label, and who says it."""
    return "Said instead" if extra in article.instead else "Also said", clean_text(extra.speaker)


def _list_html(article: Article, indices: Sequence[int]) -> Markup:
    """Items of one depth; deeper ones that follow an item become a list inside it."""
    html, at, tag = [], 0, ""
    while at < len(indices):
        item = article.essay.blocks[indices[at]]
        end = at + 1
        while end < len(indices) and _depth(article.essay.blocks[indices[end]]) > _depth(item):
            end += 1
        wanted = "ol" if item.ordinal else "ul"
        if wanted != tag:
            html.append((f"</{tag}>\n" if tag else "") + f"<{wanted}>\n")
            tag = wanted
        inner = _list_html(article, indices[at + 1 : end]) if end > at + 1 else ""
        number = f' value="{item.ordinal}"' if item.ordinal else ""
        html.append(f"<li{number}>{_block_html(article, indices[at])}{inner}</li>\n")
        at = end
    return Markup("".join([*html, f"</{tag}>\n"]))


def _depth(block: Block) -> int:
    return min(block.level, DEEPEST_LIST)


def _block_html(article: Article, index: int) -> Markup:
    """One block: its time, what was said besides, its images, its text."""
    block = article.essay.blocks[index]
    words = article.words.get(index, ())
    start_ms = _start_ms(words)
    before, after = _notes(article, index)
    images = [mark for mark in block.marks if mark.kind == "image"]
    leading = _images_html(article, (mark for mark in images if mark.start <= 0))
    trailing = _images_html(article, (mark for mark in images if mark.start >= len(block.text)))
    is_head = block.kind in ("title", "heading")
    text = _text_html(article, index, unspoken=start_ms is not None and not is_head)
    attributes = "" if start_ms is not None or not words else ' class="unspoken"'
    if is_head and attributes:  # it looks like a title or heading, whoever reads it
        attributes = ' class="unread"'
    if direction_of(block.text) not in ("", article.direction):
        attributes += f' dir="{direction_of(block.text)}"'
    time = Markup() if start_ms is None else _time_link(start_ms, has_address=index in article.addresses)
    if block.kind == "caption":
        figure = f"<figure>{leading}<figcaption{attributes}>{text}</figcaption>{trailing}</figure>"
        return Markup(f"{before}{time}{figure}\n{after}")
    if block.kind == "footnote":
        note = _footnote_html(article, index, time + leading, text, attributes)
        return Markup(f"{before}{note}{trailing}{after}")
    leading, trailing = (
        Markup(f"<figure>{images}</figure>\n") if images else images for images in (leading, trailing)
    )
    element = time + _element(article, block, text, attributes)
    if block.kind == "heading":
        element = Markup(f'<div class="head">{element}</div>')
    return Markup(f"{before}{leading}{element}\n{trailing}{after}")


def _images_html(article: Article, images: Iterable[Mark]) -> Markup:
    return Markup().join(image_html(mark, article.links) for mark in images)


def _element(article: Article, block: Block, text: Markup, attributes: str) -> Markup:
    own_id = f' id="{block.anchor}"' if block.anchor in article.links.anchors else ""
    if block.kind == "code":
        return Markup(f"<pre{own_id}{attributes}><code>{text}</code></pre>")
    if block.kind == "boilerplate":
        attributes = attributes.replace('"unspoken"', '"boilerplate unspoken"')
        attributes = attributes if "class" in attributes else ' class="boilerplate"' + attributes
    tag = "p"
    if block.kind == "title":
        tag = "h1" if block is article.essay.blocks[0] else "h2"
    elif block.kind == "heading":
        tag = f"h{min(6, block.level - article.top_level + 2)}"
    return Markup(f"<{tag}{own_id}{attributes}>{text}</{tag}>")


def _footnote_html(article: Article, index: int, lead: Markup, text: Markup, attributes: str) -> Markup:
    block = article.essay.blocks[index]
    own_id = f' id="{block.anchor}"' if block.anchor in article.links.anchors else ""
    label = str(block.ordinal or "")
    back = ""
    if own_id and block.anchor in article.markers:
        at, number = article.markers[block.anchor]
        label = escape(article.essay.blocks[at].marks[number].title, quote=False)
        back = (
            f'<a class="label" href="#ref-{block.anchor}" role="doc-backlink" title="Back to the text">'
            f"{label}</a>"
        )
    elif label:
        back = f'<span class="label">{label}</span>'
    return Markup(f'<div class="footnote"{own_id} role="note">{back}{lead}<p{attributes}>{text}</p></div>\n')


def _text_html(article: Article, index: int, *, unspoken: bool) -> Markup:
    block = article.essay.blocks[index]
    words = article.words.get(index, ())
    layers = mark_layers(block.text, block.marks, article.links)
    if article.is_numbered:
        layers += numbered_layers(index, words)
    else:
        layers += word_layers(words, unspoken=unspoken)
    points = [*_points(article, index), *_carets(article, index)]
    return weave(block.text, layers, points)


def _points(article: Article, index: int) -> Iterator[Point]:
    """Images within the text and footnotes' markers."""
    block = article.essay.blocks[index]
    for number, mark in enumerate(block.marks):
        if mark.kind == "image" and 0 < mark.start < len(block.text):
            yield Point(mark.start, image_html(mark, article.links))
        elif _is_marker(mark):
            anchor = mark.target.removeprefix("#")
            identifier = f"ref-{anchor}" if article.markers.get(anchor) == (index, number) else ""
            inside = any(m.kind == "link" and m.start < mark.start < m.end for m in block.marks)
            at = min(max(0, mark.start), len(block.text))
            yield Point(at, marker_html(mark, article.links, identifier=identifier, inside_link=inside))


def _carets(article: Article, index: int) -> Iterator[Point]:
    """A caret, as proof-readers write it, where words were said that are not there."""
    for extra, at in article.extras.get(index, ()):
        title = escape(clean_text(extra.text)[:LONG_NOTE])
        yield Point(at, Markup(f'<span class="caret" title="{title}"></span>'))


def _notes(article: Article, index: int) -> tuple[Markup, Markup]:
    """Notes that stand beside the block, and those that come after its last word.

    Many of one kind and speaker, as "mhm" and "um" in a conversation, are one note.
    """
    sides: tuple[list[Extra], list[Extra]] = ([], [])
    for extra, at in article.extras.get(index, ()):
        sides[at >= len(article.essay.blocks[index].text)].append(extra)
    before, after = (_side_html(article, side, article.names[index]) for side in sides)
    return before, after


def _side_html(article: Article, extras: Sequence[Extra], turn: str) -> Markup:
    kinds: defaultdict[tuple[str, str], list[Extra]] = defaultdict(list)
    for extra in extras:
        kinds[_kind_of_note(article, extra)].append(extra)
    html = Markup()
    for extra in extras:
        own = kinds[_kind_of_note(article, extra)]
        if len(own) < MANY_NOTES or article.is_numbered:
            html += extra_html(article, extra, turn)
        elif extra is own[0]:
            html += _note_html(article, own, turn)
    return html


def _time_link(start_ms: int, *, has_address: bool = False) -> Markup:
    """The block's address in time; whole seconds, as podcast players write them.

    With ``has_address``, browsers find the block there without any script.
    """
    time, address = clock(start_ms), f"t={start_ms // 1000}"
    own_id = f' id="{address}"' if has_address else ""
    return Markup(
        f'<a class="time" href="#{address}"{own_id} data-start="{start_ms}" '
        f'aria-label="Play from {time}">{time}</a>'
    )


def _is_marker(mark: Mark) -> bool:
    return mark.kind == "link" and mark.start == mark.end and bool(mark.title)
