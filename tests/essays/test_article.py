"""Pages of unknown make."""

from __future__ import annotations

import json

import pytest

from inkcast.errors import EssayError
from inkcast.essays.read import parse_essay

URL = "https://site.example/2026/essay/"

WORDPRESS = """<html lang="en-GB"><head><title>On rivers - A Blog</title></head><body>
<header class="site-header"><h1 class="site-title">A Blog</h1><nav><a href="/">Home</a></nav></header>
<main><article class="post"><header class="entry-header"><h1 class="entry-title">On rivers</h1>
<div class="entry-meta">Posted on May 1</div></header>
<div class="entry-content"><p>All rivers run.</p><div class="sharedaddy"><p>Share this:</p></div>
<figure class="wp-caption"><img src="/r.jpg" alt="river"><figcaption>A river</figcaption></figure>
<blockquote><p>So it goes.</p><footer>Someone</footer></blockquote></div>
<footer class="entry-footer">Filed under: water</footer></article>
<div id="comments" class="comments-area"><p>First!</p></div></main>
<aside><p>Recent posts, with a long list of them that goes on and on and on.</p></aside>
<footer><p>Powered by WordPress</p></footer></body></html>"""

PLAIN_HTML5 = """<body><nav>Menu</nav><article><header><h1>On rivers</h1><p>by Ann</p></header>
<p>All rivers run.</p>
<section><header><h2>Deltas</h2></header><p>They spread.</p></section><aside><p>A callout.</p></aside>
<footer>Tags</footer></article></body>"""

NINETIES = """<html><head><title>On rivers</title></head><body bgcolor=white>
<font face=arial><center><h1>On rivers</h1>
</center>All rivers run.<br><br>They <i>spread</i>.<p>End</body></html>"""


def read(html: str) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in parse_essay(html.encode(), URL).blocks]


def test_wordpress() -> None:
    essay = parse_essay(WORDPRESS.encode(), URL, "text/html")
    assert (essay.title, essay.language, essay.source) == ("On rivers", "en-GB", URL)
    assert read(WORDPRESS) == [
        ("title", "On rivers"),
        ("paragraph", "All rivers run."),
        ("caption", "A river"),
        ("quote", "So it goes."),
        ("quote", "Someone"),
    ]


def test_plain_html5() -> None:
    assert read(PLAIN_HTML5) == [
        ("title", "On rivers"),
        ("paragraph", "All rivers run."),
        ("heading", "Deltas"),
        ("paragraph", "They spread."),
        ("paragraph", "A callout."),
    ]


def test_a_page_without_any_structure() -> None:
    assert read(NINETIES) == [
        ("title", "On rivers"),
        ("paragraph", "All rivers run."),
        ("paragraph", "They spread."),
        ("paragraph", "End"),
    ]


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("<title>The piece - Site</title>", "<h1>The piece</h1>", "The piece"),
        ("<title>The piece</title>", "<h1>Site</h1>", "The piece"),
        ('<meta property="og:title" content="The piece"><title>x</title>', "<h1>Site</h1>", "The piece"),
        (
            '<meta property="og:title" content="The piece | A Site"><meta property="og:site_name" '
            'content="A Site">',
            "<h1>A Site</h1><h1>The piece</h1>",
            "The piece",
        ),
        (
            '<meta property="og:title" content="A Site: The piece"><meta property="og:site_name" '
            'content="A Site">',
            "<h1>A Site</h1><h1>The piece</h1>",
            "The piece",
        ),
        (
            '<title>The piece - part 2 — A Site</title><meta property="og:site_name" content="A Site">',
            "<h1>A Site</h1>",
            "The piece - part 2",
        ),
        ('<meta property="og:site_name" content="A Site"><title>A Site</title>', "", "A Site"),
        ("", "<h1>The piece</h1>", "The piece"),
        ("", "", ""),
    ],
)
def test_the_title_is_the_essays_and_not_the_sites(head: str, body: str, title: str) -> None:
    blocks = read(f"<html><head>{head}</head><body>{body}<article><p>Text.</p></article></body></html>")
    assert blocks == ([("title", title)] if title else []) + [("paragraph", "Text.")]


def test_a_page_of_scripts_is_an_error() -> None:
    with pytest.raises(EssayError, match="no words") as caught:
        read("<html><head><title>App</title></head><body><div id='root'></div><script>go()</script></body>")
    assert URL in caught.value.message


@pytest.mark.parametrize("control", ["\x01", "\x0f", "\ufffe", "&#1;", "&#x1F;", "&#031"])
def test_control_characters_do_not_stop_what_is_around_the_essay_from_being_taken_out(control: str) -> None:
    between = f"{control} here<nav>Menu</nav>there {control}{'<p>More of it.</p>' * 20}"
    page = f"<article><p>Before.</p>{between}<p>After.</p></article>"
    texts = [text for _, text in read(page)]
    assert texts[0] == "Before." and texts[-1] == "After." and "Menu" not in " ".join(texts)


# --- JSON-LD ---

PARAGRAPHS = tuple(
    f"In the {n}th year the harbour keeps its own time and nobody argues with it, or with the moon {n}."
    for n in range(8)
)
SHELL = "<html><head><title>Low water</title>{}</head><body><p>Loading the story.</p></body>"


def told(body: str, **rest: object) -> bytes:
    graph = {"@graph": [None, {"@type": "Article", "articleBody": body, **rest}, {"articleBody": "short"}]}
    return SHELL.format(f'<script type="application/ld+json">{json.dumps(graph)}</script>').encode()


@pytest.mark.parametrize(
    "body", ["\n\n".join(PARAGRAPHS), "".join(f"<p>{text}</p>" for text in PARAGRAPHS)], ids=["lines", "HTML"]
)
def test_a_text_that_a_script_would_write_is_read_where_search_engines_do(body: str) -> None:
    essay = parse_essay(told(body), "https://e.example/", "text/html")
    assert [(block.kind, block.text) for block in essay.blocks] == [
        ("title", "Low water"),
        *(("paragraph", text) for text in PARAGRAPHS),
    ]


def test_a_text_for_search_engines_that_others_have_to_pay_for_is_left_alone() -> None:
    essay = parse_essay(
        told("\n\n".join(PARAGRAPHS), isAccessibleForFree="False"), "https://e.example/", "text/html"
    )
    assert [block.text for block in essay.blocks] == ["Low water", "Loading the story."]


@pytest.mark.parametrize("script", ['{"articleBody": "x"', "[" * 100_000 + '"articleBody"', "3", ""])
def test_json_ld_that_is_none_does_no_harm(script: str) -> None:
    html = SHELL.format(f'<script type="application/ld+json">{script}</script>')
    assert read(html) == [("title", "Low water"), ("paragraph", "Loading the story.")]
