"""Any other page: find the article, read its blocks."""

# ruff: noqa: SIM905 - forty names in quotes and commas are harder to read than forty words

from __future__ import annotations

from lxml.html import HtmlElement

from inkcast.essays.assemble import assemble, drop_repeated_title, same_words
from inkcast.essays.essay import Essay
from inkcast.essays.html import PageRules, meta_content, page_language, plain_text, read_blocks
from inkcast.essays.substack import SUBSTACK_RULES

# Names that WordPress, Ghost, Hugo, Jekyll, Sphinx and their themes give to what is not the text.
ARTICLE_RULES = PageRules(
    dropped=SUBSTACK_RULES.dropped
    | frozenset(
        "navigation banner contentinfo complementary search breadcrumb breadcrumbs site-header site-footer "
        "entry-meta post-meta byline byline-wrapper posted-on post-date reading-time toc table-of-contents "
        "sharedaddy jp-relatedposts social-share share-buttons sharing wp-block-buttons wp-block-search "
        "post-navigation nav-links related-posts comments comments-area comment-respond respond "
        "kg-bookmark-card kg-signup-card kg-button-card kg-header-card newsletter-signup "
        "headerlink skip-link screen-reader-text sr-only visually-hidden mw-editsection navbox "
        "cookie-banner".split()
    ),
    kinds={**SUBSTACK_RULES.kinds, "wp-caption-text": "caption", "wp-block-pullquote": "quote"},
)

# Best guess first: names that mean "the text", then the elements that HTML has for it.
_BODY_CLASSES = (
    "available-content",
    "entry-content",
    "post-content",
    "gh-content",
    "article-content",
    "e-content",
)
_BODY_XPATHS = ("//*[@itemprop='articleBody']", "//article", "//main", "//*[@role='main']", "//body")
_ASIDES = ("nav", "aside", "footer", "header")


def read_article(root: HtmlElement, source: str) -> Essay:
    """Read the essay of a page of unknown make.

    Raises:
        EssayError: there is no text.
    """
    title = find_title(root)
    language = page_language(root)
    body = _find_body(root)
    _remove_surroundings(body)
    blocks = drop_repeated_title(read_blocks(body, ARTICLE_RULES, source), title)
    return assemble(title, blocks, source, language)


def find_title(root: HtmlElement) -> str:
    """The page's only h1, else what its head says; empty when it says nothing.

    The head often adds the site's name ("Title - Site"), and some sites set their own name as h1: an
    h1 that the head's title begins with is the title.
    """
    head = meta_content(root, "og:title") or plain_text_of_first(root, "title")
    headings = [plain_text(element) for element in root.iter("h1")]
    for heading in headings:
        if heading and (not head or same_words(head[: len(heading)], heading)):
            return heading
    return head or (headings[0] if len(headings) == 1 else "")


def plain_text_of_first(root: HtmlElement, tag: str) -> str:
    """The text of the first ``tag``, or an empty string."""
    element = next(root.iter(tag), None)
    return "" if element is None else plain_text(element)


def _find_body(root: HtmlElement) -> HtmlElement:
    for name in _BODY_CLASSES:
        if found := root.find_class(name):
            return max(found, key=_text_length)
    for path in _BODY_XPATHS:
        found = [element for element in root.xpath(path) if _text_length(element)]
        if found:
            return max(found, key=_text_length)
    return root


def _text_length(element: HtmlElement) -> int:
    return sum(len(plain_text(paragraph)) for paragraph in element.iter("p", "li", "blockquote")) or len(
        plain_text(element)
    )


def _remove_surroundings(body: HtmlElement) -> None:
    """Take away what stands around the text; a quotation's footer and a section's header belong to it."""
    for element in [found for tag in _ASIDES for found in body.iter(tag)]:
        parent = element.getparent()
        is_inner = (
            element.tag in ("header", "footer")
            and parent is not None
            and parent.tag in ("blockquote", "section")
        )
        is_callout = element.tag == "aside" and body.tag == "article"
        if element is not body and parent is not None and not is_inner and not is_callout:
            element.drop_tree()
