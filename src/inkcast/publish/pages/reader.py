"""The reader page: an essay that you can click to hear, in one file."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from inkcast.alignment.alignment import Alignment
from inkcast.essays.essay import Essay
from inkcast.essays.links import is_web_address
from inkcast.publish.conversation import speakers_of
from inkcast.publish.language_tag import language_tag
from inkcast.publish.pages.audio_address import audio_address, recording_name
from inkcast.publish.pages.essay_html import blocks_html, extra_html, make_article
from inkcast.publish.pages.head import Head
from inkcast.publish.pages.masthead import NO_MASTHEAD, Masthead, written_date
from inkcast.publish.pages.template import render_page
from inkcast.publish.sections import headed_sections, reading_of
from inkcast.publish.words import clean_text

LONGEST_NAME = 200
"""Characters of a title or heading where it is only a name: in the window's title, the contents."""

_SCRIPTS = tuple(
    f"publish/pages/{name}.js"
    for name in (
        *("address", "reader", "reader_text", "reader_paint", "reader_bar", "reader_player", "reader_keys"),
        *("reader_quotes", "reader_search", "reader_voices", "reader_settings", "reader_address"),
    )
)


def reader_page(
    essay: Essay,
    alignment: Alignment,
    audio_href: str,
    *,
    inline_audio: bytes | None = None,
    masthead: Masthead = NO_MASTHEAD,
    navigation: Sequence[tuple[str, str]] = (),
    head: Head | None = None,
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
        masthead: whose the essay is.
        navigation: links at the page's end, each a text and an address, to the site that it is part of.
        head: what other programs read of it.
    Raises:
        PublishError: the alignment was made for another text.
    """
    speakers = speakers_of(alignment)
    article = make_article(essay, alignment, [talk.speaker for talk in speakers])
    n_title = 1 if essay.blocks and essay.blocks[0].kind == "title" else 0
    return render_page(
        "publish/pages/reader.html",
        style="publish/pages/reader.css",
        scripts=_SCRIPTS,
        loads="media",
        head=head,
        language=language_tag(essay.language, "en"),
        title=clean_text(essay.title)[:LONGEST_NAME] or "Essay",
        masthead=masthead,
        date=written_date(masthead.published) if masthead.published else "",
        heading=blocks_html(article, 0, n_title),
        direction=article.direction,
        duration_ms=max(0, alignment.audio.duration_ms),
        coverage=f"{alignment.audit.coverage:.0%}",
        has_unspoken=any(
            word.start_ms is None and essay.blocks[word.block].kind not in ("title", "heading")
            for word in alignment.words
        ),
        has_extra=bool(alignment.extra),
        audit=alignment.audit,
        introduction=Markup().join(extra_html(article, extra) for extra, _ in article.extras.get(-1, ())),
        essay=blocks_html(article, n_title, len(essay.blocks)),
        source=essay.source if is_web_address(essay.source) else "",
        navigation=navigation,
        audio=audio_address(audio_href, inline_audio),
        audio_name="" if inline_audio else recording_name(audio_href),
        recording=alignment.audio.sha256[:16],
        contents=_contents(alignment),
        speakers=speakers,
        talk_ms=sum(talk.talk_ms for talk in speakers) or 1,
    )


def _contents(alignment: Alignment) -> list[tuple[str, int | None]]:
    """Headings with the time at which their parts are first heard; empty without any."""
    entries: list[tuple[str, int | None]] = []
    for section in headed_sections(alignment):
        name = clean_text(section.name)[:LONGEST_NAME]
        start_ms = reading_of(alignment.words[section.first : section.end]).start_ms
        if start_ms is None or name or entries:
            entries.append((name, start_ms))
    return entries if len(entries) > 1 else []
