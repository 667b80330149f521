"""Substack's pages: https://<publication>.substack.com/p/<slug>, and its feeds' HTML.

Substack does not document its class names; these were seen in pages and feeds of 2024 to 2026. A page
without ``div.body.markup`` is read like any other article.
"""

# ruff: noqa: SIM905 - forty names in quotes and commas are harder to read than forty words

from __future__ import annotations

from lxml.html import HtmlElement

from inkcast.essays.assemble import assemble, drop_repeated_title
from inkcast.essays.essay import Block, Essay
from inkcast.essays.pages.html import PageRules, class_names, read_blocks
from inkcast.essays.pages.masks import is_masked, running_text
from inkcast.essays.pages.page_tree import meta_content, page_language, plain_text

SUBSTACK_RULES = PageRules(
    dropped=frozenset(
        "AudioEmbedPlayer AudioPlaceholder native-audio-embed audio-player VideoEmbedPlayer "
        "VideoPlaceholder native-video-embed button-wrapper image-link-expand header-anchor-parent "
        "poll-embed PollToDOM digest-post-embed DigestPostEmbed share-dialog post-footer post-ufi "
        "footer-wrap embedded-post-wrap EmbeddedPostToDOM embedded-publication-wrap "
        "EmbeddedPublicationToDOM install-substack-app-embed InstallSubstackAppToDOM community-chat "
        "CommunityChatRenderPlaceholder directMessage comment comments-page file-embed-wrapper "
        "subscription-widget-subscribe fake-input-wrapper youtube-wrap youtube-inner "
        "tweet-header tweet-footer tweet-date "
        "spotify-wrap apple-podcast-container paywall recipe-embed post-preview hide-text "
        "instagram instagram-embed-wrap bluesky-wrap tiktok-wrap vimeo-wrap soundcloud-wrap "
        "datawrapper-wrap github-gist prediction-market-wrap".split()
    ),
    kinds={
        "pullquote": "quote",
        "tweet": "quote",
        "Twitter2ToDOM": "quote",
        "image-caption": "caption",
        "subscription-widget": "boilerplate",
        "subscription-widget-wrap": "boilerplate",
        "subscription-widget-wrap-editor": "boilerplate",
        "subscribe-widget": "boilerplate",
        "captioned-button-wrap": "boilerplate",
    },
)

# Comments may be several times as long as a short post. Characters, and times the body's.
_MIN_ELSEWHERE = 2000
_MOST_ELSEWHERE = 5


def find_body(root: HtmlElement) -> HtmlElement | None:
    """The ``div.body.markup`` with the most text (previews of other posts have one too), if any.

    None, too, if the page has far more running text elsewhere: then it is read like any other.
    """
    bodies = [
        element
        for element in root.xpath("//*[contains(@class, 'markup')]")
        if {"body", "markup"} <= class_names(element)
    ]
    body = max(bodies[:20], key=lambda body: len(plain_text(body)), default=None)
    if body is None:
        return None
    amounts = running_text(root, lambda element: is_masked(element, SUBSTACK_RULES))
    elsewhere = amounts.get(root, 0) - amounts.get(body, 0)
    return None if elsewhere > max(_MOST_ELSEWHERE * amounts.get(body, 0), _MIN_ELSEWHERE) else body


def read_substack(root: HtmlElement, body: HtmlElement, source: str) -> Essay:
    """Read a Substack page; its subtitle is kept as boilerplate, since few people read it aloud.

    Args:
        root: the page.
        body: what ``find_body`` found in it.
        source: the page's address.

    Raises:
        EssayError: the page has no text.
    """
    title = _first(root, "post-title", ("h1", "h2"))
    title = meta_content(root, "og:title") if title is None else title
    subtitle = _first(root, "subtitle", ("h2", "h3"))
    top = [Block("boilerplate", subtitle)] if subtitle else []
    text = drop_repeated_title(read_blocks(body, SUBSTACK_RULES, source), title)
    return assemble(title, [*top, *text], source, page_language(root))


def _first(root: HtmlElement, name: str, tags: tuple[str, ...]) -> str | None:
    """The text of the first element of that class that is one of ``tags``."""
    found = (plain_text(element) for element in root.find_class(name) if element.tag in tags)
    return next(found, None)
