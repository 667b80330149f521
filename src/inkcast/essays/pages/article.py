"""Any other page: find the article, read its blocks."""

# ruff: noqa: SIM905 - forty names in quotes and commas are harder to read than forty words

from __future__ import annotations

from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from inkcast.essays.assemble import assemble, drop_repeated_title, same_words
from inkcast.essays.essay import Block, Essay
from inkcast.essays.pages.html import PageRules, meta_content, page_language, plain_text, read_blocks
from inkcast.essays.pages.substack import SUBSTACK_RULES

# Names that WordPress, Ghost, Medium, Hugo, Jekyll, Beehiiv, Buttondown, Sphinx and their themes give to
# what is not the text.
ARTICLE_RULES = PageRules(
    dropped=SUBSTACK_RULES.dropped
    | frozenset(
        "navigation banner contentinfo complementary search breadcrumb breadcrumbs site-header site-footer "
        "entry-meta post-meta byline byline-wrapper posted-on post-date reading-time toc table-of-contents "
        "sharedaddy jp-relatedposts social-share share-buttons sharing "
        "wp-block-buttons wp-block-search wp-block-post-date wp-block-post-author wp-block-post-author-name "
        "wp-block-post-terms wp-block-post-time-to-read wp-block-comments wp-block-latest-posts "
        "wp-block-query wp-block-social-links wp-block-file wp-block-audio wp-block-video wp-block-embed "
        "wp-block-table-of-contents wp-block-jetpack-subscriptions wp-block-navigation wpcnt tptn_counter "
        "post-navigation nav-links related-posts comments comments-area comment-respond respond "
        "kg-bookmark-card kg-signup-card kg-button-card kg-header-card kg-audio-card kg-video-card "
        "kg-file-card kg-email-cta kg-cta-card kg-product-card gh-post-upgrade-cta gh-comments gh-share "
        "speechify-ignore headerClapButton headerSocialShareButton audioPlayButton storyReadTime "
        "storyPublishDate authorName authorPhoto "
        "lnt lnlinks lineno linenos linenodiv gutter hanchor anchor-link copy-code-button "
        "newsletter-signup subscribe-form beehiiv-embed subscribe-embed recommendations share_buttons "
        "headerlink skip-link screen-reader-text sr-only visually-hidden mw-editsection navbox "
        "cookie-banner".split()
    ),
    kinds={
        **SUBSTACK_RULES.kinds,
        "wp-caption-text": "caption",
        "wp-element-caption": "caption",
        "wp-block-pullquote": "quote",
        "wp-block-verse": "quote",
        "pw-subtitle-paragraph": "boilerplate",
        "post-subtitle": "boilerplate",
        "article-excerpt": "boilerplate",
        "gh-article-excerpt": "boilerplate",
    },
)

# Best guess first: names that mean "the text", then the elements that HTML has for it.
_BODY_CLASSES = (
    "available-content",
    "entry-content",
    "wp-block-post-content",
    "gh-content",
    "post-content",
    "article-content",
    "e-content",
    "content-blocks",
    "email-body-content",
)
_BODY_XPATHS = ("//*[@id='content-blocks']", "//*[@itemprop='articleBody']", "//article")
# Elements that may hold the article among other things.
_AROUND_XPATHS = ("//main", "//*[@role='main']", "//body")
_ASIDES = ("nav", "aside", "footer", "header")
_DROPPED_IDS = ("comments", "respond", "disqus_thread", "sidebar", "toc", "TableOfContents", "secondary")
# Pages have one article; what has hundreds is a list of them.
_MAX_CANDIDATES = 20


def read_article(root: HtmlElement, source: str) -> Essay:
    """Read the essay of a page of unknown make.

    Raises:
        EssayError: there is no text.
    """
    title = find_title(root)
    language = page_language(root)
    top = _subtitle(root)
    body = _find_body(root)
    if body is None:
        blocks = _judged_blocks(root, title, source)
    else:
        remove_surroundings(body)
        blocks = read_blocks(body, ARTICLE_RULES, source)
    text = drop_repeated_title(blocks, title)
    if top and not any(same_words(block.text, top.text) for block in text[:2]):
        text.insert(0, top)
    return assemble(title, text, source, language)


def find_title(root: HtmlElement) -> str:
    """The page's only h1, else what its head says; empty when it says nothing.

    The head often adds the site's name ("Title - Site"), and some sites set their own name as h1: an
    h1 that the head's title begins with is the title.
    """
    head = meta_content(root, "og:title") or plain_text_of_first(root, "title")
    headings = [plain_text(element) for element in islice(root.iter("h1"), _MAX_CANDIDATES)]
    for heading in headings:
        if heading and (not head or same_words(head[: len(heading)], heading)):
            return heading
    return head or (headings[0] if len(headings) == 1 else "")


def plain_text_of_first(root: HtmlElement, tag: str) -> str:
    """The text of the first ``tag``, or an empty string."""
    element = next(root.iter(tag), None)
    return "" if element is None else plain_text(element)


def remove_surroundings(body: HtmlElement) -> None:
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
    for element in body.xpath(" | ".join(f".//*[@id='{name}']" for name in _DROPPED_IDS)):
        if element.tag in ("div", "ul", "ol", "section", "details") and element.getparent() is not None:
            element.drop_tree()


def _subtitle(root: HtmlElement) -> Block | None:
    """What stands below the title in a header of its own; few people read it aloud."""
    for name in ("gh-article-excerpt", "article-excerpt", "post-subtitle", "pw-subtitle-paragraph"):
        for element in root.find_class(name)[:_MAX_CANDIDATES]:
            if text := plain_text(element):
                return Block("boilerplate", text)
    return None


def _find_body(root: HtmlElement) -> HtmlElement | None:
    """The element whose name says that it is the article; None on pages that do not name it."""
    for name in _BODY_CLASSES:
        if found := root.find_class(name)[:_MAX_CANDIDATES]:
            return max(found, key=_text_length)
    return _longest(root, _BODY_XPATHS)


def _longest(root: HtmlElement, paths: tuple[str, ...]) -> HtmlElement | None:
    for path in paths:
        found = [element for element in root.xpath(path)[:_MAX_CANDIDATES] if _text_length(element)]
        if found:
            return max(found, key=_text_length)
    return None


def _judged_blocks(root: HtmlElement, title: str, source: str) -> tuple[Block, ...]:
    """All blocks of the page that a general extractor takes for the article's."""
    from inkcast.essays.pages.extraction import blocks_of_article

    around = _longest(root, _AROUND_XPATHS)
    body = root if around is None else around
    remove_surroundings(body)
    return blocks_of_article(root, read_blocks(body, ARTICLE_RULES, source), title)


def _text_length(element: HtmlElement) -> int:
    length = 0
    events = etree.iterwalk(element, events=("start",), tag=("p", "li", "blockquote"))
    for _, paragraph in events:
        length += len(plain_text(paragraph))
        events.skip_subtree()  # lists in lists are counted once, and in linear time
    return length or len(plain_text(element))
