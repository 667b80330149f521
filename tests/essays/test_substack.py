"""Substack's pages and the HTML of its feeds."""

from __future__ import annotations

import pytest

from inkcast.errors import EssayError
from inkcast.essays.essay import Essay
from inkcast.essays.read import essay_from_content, parse_essay

URL = "https://pub.substack.com/p/slug"


def page(body: str, head: str = "", before: str = "", after: str = "") -> bytes:
    html = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">{head}</head><body>{before}
    <div class="available-content"><div class="body markup" dir="auto">{body}</div></div>
    {after}</body></html>"""
    return html.encode()


def read(body: str, **parts: str) -> Essay:
    return parse_essay(page(body, **parts), URL, "text/html; charset=utf-8")


def shape(essay: Essay) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in essay.blocks]


HEADER = """<div class="post-header"><h1 class="post-title published">A <em>title</em></h1>
<h3 class="subtitle">And a subtitle</h3><div class="byline-wrapper">Ann Author</div></div>"""


def test_title_and_subtitle_come_from_the_header() -> None:
    essay = read("<p>Text.</p>", before=HEADER)
    assert essay.title == "A title"
    assert shape(essay) == [("title", "A title"), ("boilerplate", "And a subtitle"), ("paragraph", "Text.")]


def test_title_comes_from_the_head_where_the_page_has_no_header() -> None:
    essay = read("<p>Text.</p>", head='<meta property="og:title" content="It&#8217;s a title">')
    assert shape(essay) == [("title", "It’s a title"), ("paragraph", "Text.")]


@pytest.mark.parametrize(
    "repeated", ["<h1>A title</h1>", "<h2>A Title.</h2>", "<p><strong>A title</strong></p>", "<p>A title</p>"]
)
def test_a_title_that_the_body_repeats_stands_once(repeated: str) -> None:
    essay = read(f"{repeated}<p>Text.</p>", before=HEADER)
    assert [text for kind, text in shape(essay) if kind != "boilerplate"] == ["A title", "Text."]


@pytest.mark.parametrize(
    "widget",
    [
        '<div class="native-audio-embed" data-component-name="AudioPlaceholder"><p>0:00 -12:34</p></div>',
        '<div data-component-name="AudioEmbedPlayer"><p>0:00</p><p>-12:34</p></div>',
        '<p class="button-wrapper" data-component-name="ButtonCreateButton"><a href="x">Go</a></p>',
        '<div class="poll-embed" data-attrs="{}"><p>A poll</p></div>',
        '<div class="digest-post-embed"><p>Another post</p></div>',
        '<div class="embedded-post-wrap"><a class="embedded-post">Read it</a></div>',
        '<div class="share-dialog"><p>Copy link</p></div>',
        '<div class="image-link-expand"><p>expand</p></div>',
        '<div class="post-footer"><p>Discussion about this post</p></div>',
        '<div class="footer-wrap"><p>© 2026</p></div>',
        '<div class="instagram-embed-wrap"><div class="instagram-top-bar"><p>A picture</p></div></div>',
        '<div class="bluesky-wrap outer"><p>Said there</p></div>',
    ],
)
def test_widgets_are_no_text(widget: str) -> None:
    assert shape(read(f"<p>Before.</p>{widget}<p>After.</p>")) == [
        ("paragraph", "Before."),
        ("paragraph", "After."),
    ]


@pytest.mark.parametrize(
    "widget",
    [
        """<div class="subscription-widget-wrap-editor"><div class="subscription-widget">
        <div class="preamble"><p>Pub is free today. But if you liked it, subscribe.</p></div>
        <form><input value="Subscribe"></form></div></div>""",
        """<div class="subscription-widget-wrap"><p>Pub is free today.
        But if you liked it, subscribe.</p></div>""",
        """<div class="captioned-button-wrap"><div class="preamble"><p class="cta-caption">Pub is free today.
        But if you liked it, subscribe.</p></div><p class="button-wrapper"><a href="x">Share</a></p></div>""",
    ],
)
def test_what_a_widget_says_to_readers_is_boilerplate(widget: str) -> None:
    assert shape(read(f"<p>Before.</p>{widget}<p>After.</p>")) == [
        ("paragraph", "Before."),
        ("boilerplate", "Pub is free today. But if you liked it, subscribe."),
        ("paragraph", "After."),
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Pub is a reader-supported publication. To receive new posts, subscribe.", "boilerplate"),
        (
            "This is a public episode. If you'd like to discuss this with other subscribers, visit x.",
            "boilerplate",
        ),
        ("This is a free preview of a paid episode. To hear more, visit pub.example", "boilerplate"),
        ("Thanks for reading Pub! This post is public so feel free to share it.", "boilerplate"),
        ("Share", "boilerplate"),
        ("Subscribe now", "boilerplate"),
        ("Leave a comment", "boilerplate"),
        ("Share prices fell.", "paragraph"),
        ("Subscribers left in droves, and this is a public scandal.", "paragraph"),
        ("Reader-supported publications are rare.", "paragraph"),
        ("He said thanks for reading it.", "paragraph"),
    ],
)
def test_the_platforms_own_sentences_are_boilerplate(text: str, kind: str) -> None:
    assert shape(read(f"<p>Essay.</p><p>{text}</p>"))[-1] == (kind, text)


def test_a_poem_keeps_its_lines_without_the_editors_label() -> None:
    poem = (
        '<div class="preformatted-block" data-component-name="PreformattedTextBlockToDOM">'
        '<label class="hide-text" contenteditable="false">Text within this block will maintain its original '
        'spacing when published</label><pre class="text">Slow water,\n  late water.</pre></div>'
    )
    assert shape(read(f"<p>Before.</p>{poem}"))[1:] == [
        ("quote", "Slow water,"),
        ("quote", "late water."),
    ]


def test_pull_quotes_and_nested_lists() -> None:
    html = """<div class="pullquote"><p>Said twice.</p></div><blockquote><p>One.</p><p>Two.</p></blockquote>
    <ol><li><p>First</p><ul><li><p>inner</p></li></ul></li><li><p>Second</p></li></ol>"""
    essay = read(html)
    assert [(b.kind, b.text, b.level, b.ordinal) for b in essay.blocks] == [
        ("quote", "Said twice.", 0, 0),
        ("quote", "One.", 0, 0),
        ("quote", "Two.", 0, 0),
        ("list_item", "First", 1, 1),
        ("list_item", "inner", 2, 0),
        ("list_item", "Second", 1, 2),
    ]


def test_the_longest_body_wins_over_previews_of_other_posts() -> None:
    after = '<div class="post-preview"><div class="body markup"><p>Teaser.</p></div></div>'
    assert shape(read("<p>The essay itself, at length.</p>", after=after)) == [
        ("paragraph", "The essay itself, at length.")
    ]


@pytest.mark.parametrize(
    "wall",
    [
        '<div class="paywall"><h2 class="paywall-title">This post is for paid subscribers</h2></div>',
        '<div data-testid="paywall" class="paywall"><h2>This episode is for paid subscribers</h2></div>',
    ],
)
def test_a_preview_is_an_error_that_says_so(wall: str) -> None:
    with pytest.raises(EssayError, match="paid subscribers") as caught:
        read("<p>The first paragraph.</p>", after=wall)
    assert "save the whole page" in caught.value.hint


def test_an_essay_about_paid_posts_is_no_preview() -> None:
    text = "Some wrote “This post is for paid subscribers” below every post."
    assert shape(read(f"<p>{text}</p>")) == [("paragraph", text)]


def test_a_feeds_content_is_read_by_the_same_rules() -> None:
    html = """<p>Claim<a class="footnote-anchor" href="https://pub.substack.com/p/slug#footnote-1">1</a></p>
    <div class="subscription-widget-wrap-editor"><p>Pub is reader-supported.</p></div>
    <div class="footnote"><a id="footnote-1" class="footnote-number" href="x#footnote-anchor-1">1</a>
    <div class="footnote-content"><p>Note.</p></div></div>"""
    essay = essay_from_content(html, " The\ntitle ", URL)
    assert shape(essay) == [
        ("title", "The title"),
        ("paragraph", "Claim"),
        ("boilerplate", "Pub is reader-supported."),
        ("footnote", "Note."),
    ]
    assert essay.blocks[1].marks[0].target == "#" + essay.blocks[3].anchor


def test_a_feeds_preview_is_an_error() -> None:
    with pytest.raises(EssayError, match="paid subscribers"):
        essay_from_content("<p>Begin.</p><p>This post is for paid subscribers.</p>", "Title", URL)


def test_the_main_heading_of_the_body_is_the_title_wherever_it_stands() -> None:
    html = "".join(f"<p>Kicker {n}</p>" for n in range(5)) + "<h1>A title</h1><p>Text.</p><p>A title</p>"
    kinds = [kind for kind, _ in shape(essay_from_content(html, "A title", URL))]
    assert kinds == ["title"] + ["paragraph"] * 7


@pytest.mark.parametrize("html", ["", "  ", "<p> </p>", "<!-- x -->"])
def test_a_feed_without_content_is_an_error(html: str) -> None:
    with pytest.raises(EssayError, match="no words"):
        essay_from_content(html, "Title", URL)


MENTION = '<div class="pencraft profile-hover-card-target"><a href="https://substack.com/@ann"><div>Ann</div></a></div>'


def test_a_mention_does_not_split_its_paragraph() -> None:
    essay = read(f"<p>I asked {MENTION} and {MENTION} again.</p><p>She knew.</p>")
    assert shape(essay)[-2:] == [("paragraph", "I asked Ann and Ann again."), ("paragraph", "She knew.")]
    assert [mark.kind for mark in essay.blocks[-2].marks] == ["link", "link"]


def test_a_heading_has_the_id_of_its_sign() -> None:
    sign = '<div class="header-anchor-parent"><div id="§weirs" class="header-anchor"></div></div>'
    heading = read(f"<p>Text.</p><h2>Weirs{sign}</h2><p>More.</p>").blocks[-2]
    assert (heading.kind, heading.text, heading.anchor) == ("heading", "Weirs", "§weirs")


NOT_FREE = '<script type="application/ld+json">{"isAccessibleForFree": false}</script>'


@pytest.mark.parametrize(
    ("sentence", "head"),
    [
        ("Continue reading this post for free, courtesy of Ann.", ""),
        ("Subscribe to Tidal Desk to unlock the rest.", ""),
        ("Weiterlesen mit einem Abo.", NOT_FREE),
    ],
)
def test_a_wall_of_2026_is_a_wall(sentence: str, head: str) -> None:
    wall = f'<div data-testid="paywall"><h2>{sentence}</h2></div>'
    with pytest.raises(EssayError, match="only a preview"):
        read("<p>It begins.</p>", head=head, after=wall)


def test_a_whole_page_that_somebody_paid_for_is_no_preview() -> None:
    essay = read("<p>It begins, and here it ends.</p>", head=NOT_FREE)
    assert shape(essay)[-1] == ("paragraph", "It begins, and here it ends.")


def test_a_wall_that_a_newspaper_leaves_for_a_script_is_none() -> None:
    essay = read(
        "<p>It begins, and here it ends.</p>", head=NOT_FREE, after='<div class="paywall">Offers</div>'
    )
    assert shape(essay)[-1] == ("paragraph", "It begins, and here it ends.")
