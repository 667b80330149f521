"""The reader page: an essay that you can click to hear, in one file."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from inkcast.alignment.alignment import Alignment, Audit
from inkcast.essays.essay import Essay
from inkcast.essays.links import is_web_address
from inkcast.publish.language_tag import language_tag
from inkcast.publish.pages.audio_address import audio_address
from inkcast.publish.pages.essay_html import blocks_html, extra_html, make_article
from inkcast.publish.pages.page import make_page
from inkcast.publish.sections import headed_sections, reading_of
from inkcast.publish.words import clean_text
from inkcast.timecode import clock

LONGEST_NAME = 200
"""Characters of a title or heading where it is only a name: in the window's title, the contents."""


def reader_page(
    essay: Essay,
    alignment: Alignment,
    audio_href: str,
    *,
    inline_audio: bytes | None = None,
    navigation: Sequence[tuple[str, str]] = (),
) -> str:
    """Make the page that plays an essay.

    It needs no other file but the audio, loads nothing from other sites but the essay's images, and
    can be read without JavaScript.

    Args:
        essay: as published.
        alignment: of that essay.
        audio_href: where the page finds the recording: an http(s) address, or a file path, best
            relative to the page.
        inline_audio: the recording's bytes, to put them into the page; ``audio_href`` then only
            tells the type.
        navigation: links at the page's end, each a text and an address, to the site that it is part of.
    Raises:
        PublishError: the alignment was made for another text.
    """
    article = make_article(essay, alignment)
    n_title = 1 if essay.blocks and essay.blocks[0].kind == "title" else 0
    title = clean_text(essay.title)[:LONGEST_NAME] or "Essay"
    contents = _contents(alignment)
    heading = blocks_html(article, 0, n_title) if n_title else f"<h1>{escape(title, quote=False)}</h1>\n"
    parts = {
        "language": language_tag(essay.language, "en"),
        "title": escape(title, quote=False),
        "heading": heading,
        "direction": article.direction,
        "facts": _facts(alignment),
        "legend": _legend(alignment),
        "notice": _notice(alignment.audit),
        "introduction": "".join(extra_html(article, extra) for extra, _ in article.extras.get(-1, ())),
        "essay": blocks_html(article, n_title, len(essay.blocks)),
        "source": _source(essay.source),
        "navigation": _navigation(navigation),
        "audio": escape(audio_address(audio_href, inline_audio)),
        "recording": escape(alignment.audio.sha256[:16]),
        "seconds": f"{max(0, alignment.audio.duration_ms) / 1000:.1f}",
        "length": clock(max(0, alignment.audio.duration_ms)),
        "contents": contents,
        "contents_hidden": "" if contents else " hidden",
    }
    return make_page("reader", parts, ("text", "player", "keys", "quotes", "search"))


def _contents(alignment: Alignment) -> str:
    """Headings with the time at which their parts are first heard; empty without any."""
    items = []
    for section in headed_sections(alignment):
        name = escape(clean_text(section.name)[:LONGEST_NAME], quote=False)
        start_ms = reading_of(alignment.words[section.first : section.end]).start_ms
        if start_ms is None:
            items.append(f'<li><span class="silent"><bdi>{name}</bdi> <small>not read</small></span></li>')
        elif name or items:
            items.append(
                f'<li><a href="#t={start_ms // 1000}" data-start="{start_ms}"><bdi>{name}</bdi> '
                f"<small>{clock(start_ms)}</small></a></li>"
            )
    return "\n".join(items) if len(items) > 1 else ""


def _facts(alignment: Alignment) -> str:
    share = f"{alignment.audit.coverage:.0%} of the text is read aloud"
    return f"{clock(max(0, alignment.audio.duration_ms))} · {share}"


def _legend(alignment: Alignment) -> str:
    """Explain only what the page shows."""
    parts = ['<span class="needs-script">Click a word to hear it.</span>']
    if any(word.start_ms is None for word in alignment.words):
        parts.append('<span><span class="unspoken">Text like this</span> is not read aloud.</span>')
    if alignment.extra:
        parts.append('<span><span class="caret"></span> Said, but not written.</span>')
    return " ".join(parts)


def _notice(audit: Audit) -> str:
    if audit.passed:
        return ""
    problems = "".join(f"<li>{escape(clean_text(problem), quote=False)}</li>" for problem in audit.problems)
    return (
        '<div class="notice" role="note" lang="en"><p><strong>The times on this page may be wrong.</strong> '
        "They did not pass the check that compares text and recording.</p>"
        + (f"<ul>{problems}</ul>" if problems else "")
        + "</div>"
    )


def _navigation(links: Sequence[tuple[str, str]]) -> str:
    if not links:
        return ""
    items = (f'<a href="{escape(address)}">{escape(text, quote=False)}</a>' for text, address in links)
    return f'<nav aria-label="Site">{" · ".join(items)}</nav>\n'


def _source(source: str) -> str:
    if not is_web_address(source):
        return ""
    return f'<p><a href="{escape(source)}" rel="noopener">Read the essay where it was published</a></p>'
