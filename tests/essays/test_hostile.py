"""Pages that want to run something in the reader's browser: only words and plain addresses are left."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from inkcast.essays.essay import Essay
from inkcast.essays.read import essay_from_content, parse_essay
from inkcast.publish.pages.inline_html import Links, Point, image_html, mark_layers, weave

TAB, NEWLINE = "\t", "\n"

HOSTILE = [
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    '<img src=x onerror="alert(1)">',
    '<img src="javascript:alert(1)">',
    "<img src='x' srcset='javascript:alert(1) 1x'>",
    '<img src="data:image/svg+xml;base64,PHN2Zy8+">',
    '<img """><script>alert("x")</script>">',
    "<svg onload=alert(1)><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<math href='javascript:alert(1)'><mi>x</mi></math>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<template><img src=x onerror=alert(1)></template>",
    "<form><form action='javascript:alert(1)'><input type=submit></form></form>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='javascript:alert(1)'></object><embed src='javascript:alert(1)'>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href='javascript:alert(1)//'><a href='x'>x</a>",
    "<link rel=stylesheet href='javascript:alert(1)'>",
    "<style>@import 'javascript:alert(1)';</style>",
    "<p style='background:url(javascript:alert(1))'>styled</p>",
    "<div style='width:expression(alert(1))'>styled</div>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href='java&#x09;script:alert(1)'>x</a>",
    "<a href='java&#10;script:alert(1)'>x</a>",
    f"<a href='java{TAB}script:alert(1)'>x</a>",
    f"<a href='java{NEWLINE}script:alert(1)'>x</a>",
    "<a href='&#106;&#97;&#118;&#97;script:alert(1)'>x</a>",
    "<a href='javascript&colon;alert(1)'>x</a>",
    "<a href=' &#14; javascript:alert(1)'>x</a>",
    "<a href='\x01javascript:alert(1)'>x</a>",
    "<a href='view-source:javascript:alert(1)'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='data:text/html,&lt;script&gt;alert(1)&lt;/script&gt;'>x</a>",
    "<a href='blob:https://e.example/x'>x</a>",
    "<a href='https://e.example/\" onmouseover=\"alert(1)'>x</a>",
    '<a href="https://e.example/\'><script>alert(1)</script>">x</a>',
    "<a href='#\" onclick=\"alert(1)'>x</a>",
    "<p id='\" onclick=\"alert(1)'>anchored</p>",
    "<img alt='\"><script>alert(1)</script>' src='https://e.example/a.png'>",
    "<img src='https://e.example/a.png\" onerror=\"alert(1)'>",
    "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
    "<xmp><script>alert(1)</script></xmp><listing><img src=x onerror=alert(1)></listing>",
    "<plaintext><script>alert(1)</script>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<video><source onerror=alert(1)></video><audio src=x onerror=alert(1)>",
    "<details ontoggle=alert(1) open>x</details><marquee onstart=alert(1)>x</marquee>",
    "<isindex action=javascript:alert(1)><keygen autofocus onfocus=alert(1)>",
    "<p><custom-element onclick=alert(1)>x</custom-element></p>",
    "<a href='https://e.example/' target='_blank' onclick='alert(1)' style='position:fixed'>x</a>",
]


class _Seen(HTMLParser):
    """Every tag and attribute that a browser would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def rendered(essay: Essay, base: str) -> str:
    links = Links(base, {block.anchor for block in essay.blocks})
    html = []
    for block in essay.blocks:
        images = [mark for mark in block.marks if mark.kind == "image"]
        points = [Point(mark.start, image_html(mark, links)) for mark in images]
        html.append(weave(block.text, mark_layers(block.text, block.marks, links), points))
    return "\n".join(html)


@pytest.mark.parametrize("base", ["https://site.example/p", "page.html", ""])
@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_that_runs_is_left(hostile: str, base: str) -> None:
    page = f"<html><body><article><p>Before.</p>{hostile}<p>Behind.</p></article></body></html>"
    for essay in (parse_essay(page.encode(), base, "text/html"), essay_from_content(page, "Title", base)):
        assert "Before." in [block.text for block in essay.blocks]
        for mark in (mark for block in essay.blocks for mark in block.marks):
            if mark.target and not mark.target.startswith("#"):
                scheme = urlsplit(mark.target).scheme
                assert scheme in ("http", "https", "mailto") or (not scheme and mark.kind == "image")
        seen = _Seen()
        seen.feed(rendered(essay, base))
        for tag, attributes in seen.tags:
            assert tag in ("a", "img", "em", "strong", "code", "sup", "sub", "del", "span")
            assert set(attributes) <= {"href", "rel", "src", "alt", "loading", "class"}
            address = attributes.get("href") or attributes.get("src") or ""
            assert urlsplit(address).scheme in ("http", "https", "mailto", "")


def test_what_is_behind_a_hostile_element_is_not_swallowed() -> None:
    """But for elements that swallow the rest in browsers too."""
    swallow = ("<plaintext", "<style><a", "<style></math>", "<style><!--", "<iframe", "<svg></p>", "<audio")
    for hostile in HOSTILE:
        if any(start in hostile for start in swallow):
            continue
        page = f"<article><p>Before.</p>{hostile}<p>Behind.</p></article>"
        texts = [block.text for block in parse_essay(page.encode(), "page.html", "text/html").blocks]
        assert "Behind." in texts, hostile
