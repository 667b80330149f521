"""Any other page: find the article, read its blocks."""

# ruff: noqa: SIM905 - forty names in quotes and commas are harder to read than forty words

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain, islice
from typing import cast

from cssselect import SelectorError
from lxml import etree
from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

from inkcast.errors import EssayError
from inkcast.essays.assemble import assemble, drop_repeated_title, letters_of, same_words
from inkcast.essays.essay import Block, Essay
from inkcast.essays.pages.html import PageRules, class_names, read_blocks, read_places, remove_left_out_tags
from inkcast.essays.pages.json_ld import article_body
from inkcast.essays.pages.masks import count_words, is_masked, running_text, take_off_masks
from inkcast.essays.pages.page_tree import meta_content, page_language, parse_html, plain_text
from inkcast.essays.pages.substack import SUBSTACK_RULES
from inkcast.essays.plaintext import plain_blocks

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
        "poll poll-container poll-widget polldaddy-poll wp-block-polldaddy-poll wp-polls crowdsignal-poll "
        "related related-story related-stories related-article related-articles related-content "
        "related-links inline-related recommended-reading recommended-articles recommended-stories "
        "more-stories you-may-also-like yarpp yarpp-related wp-block-jetpack-related-posts "
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
_BODY_XPATHS = (
    "//*[@id='content-blocks']", "//*[@itemprop='articleBody']", "//article", "//main", "//*[@role='main']",
)  # fmt: skip
_SUBTITLES = frozenset({"gh-article-excerpt", "article-excerpt", "post-subtitle", "pw-subtitle-paragraph"})
_SUBTITLE_XPATH = "//*[contains(@class, '-excerpt') or contains(@class, '-subtitle')]"
_SELECTORS = "Give a tag, a .class or an #id, as the browser's inspector shows it."
_ASIDES = ("nav", "aside", "footer", "header")
_DROPPED_IDS = ("comments", "respond", "disqus_thread", "sidebar", "toc", "TableOfContents", "secondary")
# Words: with few, the judge makes mistakes, and with fewer it knows nothing.
_FEW, _FEWER = 100, 25
# What a named element that has little else than the judge's words may have more.
_LITTLE_ELSE = 1.5
_BODY_SHARE = 0.8
# Of the text that the page tells search engines: with less, the judge has missed it.
_HALF = 0.5
# Pages have one article; what has hundreds is a list of them.
_MAX_CANDIDATES = 20


def read_article(root: HtmlElement, source: str) -> Essay:
    """Read the essay of a page of unknown make.

    Raises:
        EssayError: there is no text.
    """
    from inkcast.essays.pages.extraction import blocks_of_article, share_held, verdict_on

    title = find_title(root)
    language = page_language(root)
    top, told = _subtitle(root), article_body(root)
    take_off_masks(root, ARTICLE_RULES)
    remove_left_out_tags(root)
    places = read_places(root, ARTICLE_RULES, source)
    blocks = blocks_of_article(root, places, verdict_on(root), title)
    if count_words(told) >= _FEW and share_held(told, blocks) < _HALF:
        by_what_is_told = blocks_of_article(root, places, told, title)
        if share_held(told, by_what_is_told) >= _HALF:
            blocks = by_what_is_told
        elif _n_words(blocks) < _FEW:  # a script would write the text
            return assemble(title, drop_repeated_title(_told_blocks(told, source), title), source, language)
    if _n_words(blocks) < _FEW:
        blocks = _by_name(root, blocks, source)
    text = drop_repeated_title(blocks, title)
    if top and not any(same_words(block.text, top.text) for block in text[:2]):
        text.insert(0, top)
    return assemble(title, text, source, language)


def read_selected(root: HtmlElement, selector: str, source: str) -> Essay:
    """Read the essay of the elements that somebody names, whatever they are called and hold.

    Raises:
        EssayError: it is no CSS selector, or there is no such element, or no text in it.
    """
    try:
        found = cast(list[HtmlElement], CSSSelector(selector, translator="html")(root))
    except (SelectorError, etree.XPathError) as error:
        raise EssayError(f"{selector!r} is no CSS selector ({error}).", _SELECTORS) from error
    if not found:
        raise EssayError(f"{source} has no element {selector!r}.", _SELECTORS)
    title, inside = find_title(root), set(found)
    outermost = [one for one in found if not any(around in inside for around in one.iterancestors())]
    blocks = chain.from_iterable(read_blocks(element, ARTICLE_RULES, source) for element in outermost)
    return assemble(title, drop_repeated_title(blocks, title), source, page_language(root))


def find_title(root: HtmlElement) -> str:
    """The h1 that the page's head names, else the head's title, else the only h1; empty if there is none.

    The head often adds the site's name ("Title - Site", "Site: Title"), and some sites set that as h1.
    """
    site = meta_content(root, "og:site_name")
    head = meta_content(root, "og:title") or plain_text_of_first(root, "title")
    whole, name = letters_of(head), letters_of(site)
    headings = [plain_text(element) for element in islice(root.iter("h1"), _MAX_CANDIDATES)]
    for heading in headings:
        letters = letters_of(heading)
        is_sites = letters == name and whole != name
        if letters and not is_sites and (whole.startswith(letters) or whole in ("", name + letters)):
            return heading
    return _without_site(head, site) or (headings[0] if len(headings) == 1 else "")


def _without_site(head: str, site: str) -> str:
    """A title without the name of the site before or behind it."""
    if not site or letters_of(head) == letters_of(site):
        return head
    for pattern in (rf"{re.escape(site)}\s*[|–—·•»:-]\s*(.+)", rf"(.+?)\s*[|–—·•«-]\s*{re.escape(site)}"):
        if match := re.fullmatch(pattern, head, re.IGNORECASE):
            return match[1]
    return head


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


def _told_blocks(told: str, source: str) -> tuple[Block, ...]:
    """The blocks of a text in JSON-LD: some publishers write HTML there, others lines."""
    if "</" in told:
        return read_blocks(parse_html(told, source), ARTICLE_RULES, source)
    return tuple(plain_blocks(told))


def _subtitle(root: HtmlElement) -> Block | None:
    """What stands below the title in a header of its own; few people read it aloud."""
    for element in root.xpath(_SUBTITLE_XPATH)[:_MAX_CANDIDATES]:
        if class_names(element) & _SUBTITLES and (text := plain_text(element)):
            return Block("boilerplate", text)
    return None


def _by_name(root: HtmlElement, judged: tuple[Block, ...], source: str) -> tuple[Block, ...]:
    """The blocks of a page with so little text that names say more than the judge."""
    body = _named_body(root)
    if body is None and judged:
        return judged
    body = root if body is None else body
    remove_surroundings(body)
    named = read_blocks(body, ARTICLE_RULES, source)
    n_judged = _n_words(judged)
    return named if n_judged < _FEWER or _n_words(named) <= _LITTLE_ELSE * n_judged else judged


def _named_body(root: HtmlElement) -> HtmlElement | None:
    """The element that is the article by its name, and holds most of the running text."""
    amounts = running_text(root, lambda element: is_masked(element, ARTICLE_RULES))
    most = _BODY_SHARE * amounts.get(root, 0)
    by_class = (root.find_class(name) for name in _BODY_CLASSES)
    by_path = (root.xpath(path) for path in _BODY_XPATHS)
    elements = chain.from_iterable(chain(by_class, by_path))
    return next((element for element in elements if amounts.get(element, 0) >= most), None)


def _n_words(blocks: Iterable[Block]) -> int:
    return sum(count_words(block.text) for block in blocks)
