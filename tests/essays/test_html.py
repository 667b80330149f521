"""The walker: HTML -> blocks and marks, whatever the HTML."""

from __future__ import annotations

import re
from itertools import pairwise
from unicodedata import normalize
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from inkcast.errors import EssayError
from inkcast.essays.essay import Block, Essay, Mark
from inkcast.essays.pages.article import ARTICLE_RULES
from inkcast.essays.pages.html import PageRules, read_blocks
from inkcast.essays.pages.page_tree import parse_html
from inkcast.essays.read import essay_from_content, parse_essay
from inkcast.essays.superscripts import write_superscripts

PAGE = "https://site.example/p/essay"


def blocks_of(html: str, base: str = PAGE, rules: PageRules = ARTICLE_RULES) -> list[Block]:
    return list(read_blocks(parse_html(html, base), rules, base))


def block_of(html: str, base: str = PAGE) -> Block:
    (block,) = blocks_of(html, base)
    return block


def marked(block: Block) -> list[tuple[str, str, str]]:
    return [(mark.kind, block.text[mark.start : mark.end], mark.target or mark.title) for mark in block.marks]


def test_whitespace_collapses_and_entities_are_text() -> None:
    assert block_of("<p>\n  One\t two&nbsp;three<br>four &amp; &lt;five&gt; &mdash; six  </p>").text == (
        "One two three four & <five> — six"
    )


def test_inline_elements_do_not_part_words_but_blocks_and_cells_do() -> None:
    html = "<p>un<em>believ</em>able</p><div>one<div>two</div>three</div><table><tr><td>a<td>b</table>"
    assert [block.text for block in blocks_of(html)] == ["unbelievable", "one", "two", "three", "a b"]


def test_invisible_characters_do_not_get_into_words() -> None:
    assert block_of("<p>soft\u00adware and zero\u200bwidth\ufeff</p>").text == "software and zerowidth"


def test_comments_do_not_swallow_the_text_behind_them() -> None:
    assert block_of("<p>before<!-- x --> behind <?php echo 1 ?>all</p>").text == "before behind all"


def test_every_inline_mark() -> None:
    block = block_of(
        '<p>A <a href="/x">link</a>, <em>em</em>, <b>strong</b>, <code>code</code>, 10<sup>26</sup>, '
        'H<sub>2</sub>O, <del>gone</del> <img src="pic.png" alt="A  pic"> end</p>'
    )
    assert block.text == "A link, em, strong, code, 1026, H2O, gone end"
    assert marked(block) == [
        ("link", "link", "https://site.example/x"),
        ("emphasis", "em", ""),
        ("strong", "strong", ""),
        ("code", "code", ""),
        ("superscript", "26", ""),
        ("subscript", "2", ""),
        ("strikethrough", "gone", ""),
        ("image", "", "https://site.example/p/pic.png"),
    ]
    assert block.marks[-1].title == "A pic"


def test_marks_nest_outer_first_and_leave_outer_spaces_out() -> None:
    block = block_of('<p>one<a href="#x"><em> <b>two</b> <s>three</s> </em></a>four</p>')
    assert block.text == "one two three four"
    assert marked(block) == [
        ("link", "two three", "#x"),
        ("emphasis", "two three", ""),
        ("strong", "two", ""),
        ("strikethrough", "three", ""),
    ]


def test_a_link_around_blocks_goes_on_in_each() -> None:
    blocks = blocks_of('See <a href="https://a.example/">one<p>two</p></a><p>three</p>')
    assert [marked(block) for block in blocks] == [
        [("link", "one", "https://a.example/")],
        [("link", "two", "https://a.example/")],
        [],
    ]


def test_lists_have_depth_and_numbers() -> None:
    html = """<ul><li>a<ul><li><p>b</p></li></ul></li></ul>
    <ol start="3"><li>c</li><li value="9">d</li><li><p>e</p><p>more of e</p></li></ol>"""
    assert [(b.kind, b.text, b.level, b.ordinal) for b in blocks_of(html)] == [
        ("list_item", "a", 1, 0),
        ("list_item", "b", 2, 0),
        ("list_item", "c", 1, 3),
        ("list_item", "d", 1, 9),
        ("list_item", "e", 1, 5),
        ("paragraph", "more of e", 0, 0),
    ]


def test_headings_quotes_captions_and_code() -> None:
    html = """<h2 id="part">Part</h2><blockquote>bare <p>p</p></blockquote>
    <figure><img src="a.png"><figcaption>The <i>caption</i></figcaption></figure>
    <pre><code>
def f():
    return  1
</code></pre>"""
    blocks = blocks_of(html, base="page.html")
    assert [(b.kind, b.text, b.level, b.anchor) for b in blocks] == [
        ("heading", "Part", 2, "part"),
        ("quote", "bare", 0, ""),
        ("quote", "p", 0, ""),
        ("caption", "The caption", 0, ""),
        ("code", "def f():\n    return  1", 0, ""),
    ]
    assert marked(blocks[3]) == [("image", "", "a.png"), ("emphasis", "caption", "")]
    assert blocks[4].marks == ()


def test_two_line_breaks_are_a_paragraph() -> None:
    assert [b.text for b in blocks_of("<div>one<br>line<br><br>two<br/> <br/>three</div>")] == [
        "one line",
        "two",
        "three",
    ]


def test_an_image_without_caption_goes_with_the_next_block_or_the_last() -> None:
    first, last = blocks_of('<p><img src="/a.png"></p><p>one</p><p>end</p><p><img src="/b.png"></p>')
    assert first.marks == (Mark("image", 0, 0, "https://site.example/a.png"),)
    assert last.marks == (Mark("image", 3, 3, "https://site.example/b.png"),)


@pytest.mark.parametrize(
    ("marker", "target"),
    [
        ('<a class="footnote-anchor" id="footnote-anchor-1" href="#footnote-1">1</a>', "#footnote-1"),
        ('<a class="footnote-anchor" href="https://site.example/p/essay#footnote-1">1</a>', "#footnote-1"),
        ('<sup class="footnote-ref"><a href="#fn1" id="fnref1">[1]</a></sup>', "#fn1"),
        ('<a href="#note"><sup>1</sup></a>', "#note"),
        ('<sup><a href="https://source.example/">1</a></sup>', "https://source.example/"),
    ],
)
def test_a_footnote_marker_is_a_mark_and_no_part_of_the_word(marker: str, target: str) -> None:
    block = block_of(f"<p>A <em>claim.</em>{marker} Next</p>")
    assert block.text == "A claim. Next"
    assert block.marks[-1] == Mark("link", 8, 8, target, "1")


def test_a_superscript_that_is_no_footnote_stays() -> None:
    block = block_of("<p>100<sup>2</sup> on the 2<sup>nd</sup></p>")
    assert block.text == "1002 on the 2nd"
    assert [kind for kind, _, _ in marked(block)] == ["superscript", "superscript"]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("10<sup>26</sup>", "10²⁶"),
        ("10<sup>−3</sup> m/s<sup>-2</sup>", "10⁻³ m/s⁻²"),
        ("E=mc<sup>2</sup>, 3 m<sup>3</sup>", "E=mc², 3 m³"),
        ("x<sup>n+1</sup> and f<sup>(n)</sup>", "xⁿ⁺¹ and f⁽ⁿ⁾"),
        ("2<sup>k</sup>, 10<sup>6.5</sup>, e<sup>x</sup>, e<sup>2x</sup>", "2^k, 10^6.5, e^x, e^2x"),
        ("1<sup>st</sup> 2<sup>e</sup> N<sup>o</sup> M<sup>r</sup> S<sup>t</sup> Inkcast<sup>TM</sup>",
         "1st 2e No Mr St InkcastTM"),
        ("3<sup>1</sup>/<sub>2</sub> cups, <sup>3</sup>/<sub>16</sub>, 4<sup>3</sup>⁄<sub>16</sub> in",
         "3½ cups, 3/16, 4 3/16 in"),
        ("a claim<sup>4</sup>, and <sup>5</sup> alone", "a claim⁴, and 5 alone"),
        ("H<sub>2</sub>O", "H2O"),
        ("<code>10<sup>2</sup></code> <em>m<sup>2</sup></em>", "10² m²"),
    ],
)  # fmt: skip
def test_an_exponent_stays_one_without_its_markup(html: str, text: str) -> None:
    for number in "42":
        page = f"<p>Of {html} it is.</p><h2>A{number}: {html}</h2>"
        blocks = essay_from_content(page, "", "").blocks
        assert [block.text for block in blocks] == [f"Of {text} it is.", f"A{number}: {text}"]


def test_marks_around_an_exponent_keep_their_places() -> None:
    html = '<p><b>10<sup>26</sup></b> <a href="https://a.example/">is 2<sup>k</sup> or</a> <i>more</i>.</p>'
    (block,) = essay_from_content(html, "", "").blocks
    assert block.text == "10²⁶ is 2^k or more."
    assert marked(block) == [
        ("strong", "10²⁶", ""),
        ("link", "is 2^k or", "https://a.example/"),
        ("emphasis", "more", ""),
    ]


def test_a_title_with_an_exponent_is_said_once() -> None:
    heads = "<title>Past 10^26 drops</title><h1>Past 10<sup>26</sup> drops</h1>"
    page = f"{heads}<article><p>One by one.</p></article>"
    blocks = parse_essay(page.encode(), "https://a.example/", "text/html").blocks
    assert [(block.kind, block.text) for block in blocks] == [
        ("title", "Past 10²⁶ drops"),
        ("paragraph", "One by one."),
    ]


@pytest.mark.parametrize(
    "html",
    [
        '<div class="footnote"><a id="n-1" href="#r-1" class="footnote-number">1</a><div><p>A note.</p>'
        "<p>Its end.</p></div></div>",
        '<section class="footnotes"><ol><li id="n-1" class="footnote-item"><p>A note.</p><p>Its end. '
        '<a href="#r-1" class="footnote-backref">↩︎</a></p></li></ol></section>',
        '<ol role="doc-endnotes"><li id="n-1"><p>A note.</p><p>Its end. <a href="#r">↑</a></p></li></ol>',
    ],
)
def test_footnotes_have_anchor_and_number(html: str) -> None:
    assert [(b.kind, b.text, b.anchor, b.ordinal) for b in blocks_of(html)] == [
        ("footnote", "A note.", "n-1", 1),
        ("footnote", "Its end.", "", 0),
    ]


def test_what_readers_do_not_see_is_left_out() -> None:
    html = """<body><nav>menu</nav><p>seen</p><p hidden>a</p><p style="Display : none">b</p><button>c</button>
    <p aria-hidden="true">d</p><script>e</script><style>f</style><noscript>g</noscript><iframe>h</iframe>
    <form>i <p>j</p></form><template><p>k</p></template><svg><text>l</text></svg>
    <textarea>m</textarea></body>"""
    assert [block.text for block in blocks_of(html)] == ["seen"]


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        " JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        "\x01javascript:alert(1)",
        "javascript&#58;alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "http://[",
        "",
    ],
)
@pytest.mark.parametrize("base", [PAGE, "folder/page.html", ""])
def test_dangerous_addresses_leave_only_their_text(address: str, base: str) -> None:
    html = (
        f'<p><a href="{address}" onclick="alert(2)">text</a> <img src="{address}" onerror="alert(3)"> end</p>'
    )
    block = block_of(html.replace("<script>", "&lt;script>"), base)
    assert block.text == "text end"
    assert [mark for mark in block.marks if mark.target not in ("", PAGE)] == []


@pytest.mark.parametrize("base", [PAGE, "page.html"])
def test_addresses_are_cleaned_as_browsers_do(base: str) -> None:
    block = block_of('<p><a href=" \thttps://a.exam\nple/ ">a</a></p>', base)
    assert marked(block) == [("link", "a", "https://a.example/")]


def test_relative_addresses_need_a_page_to_be_relative_to() -> None:
    html = '<p><a href="b">b</a> <a href="#c">c</a> <a href="mailto:d@e.f">d</a> <img src="i/j.png"></p>'
    targets = {
        base: [mark.target for mark in block_of(html, base).marks] for base in (PAGE, "/home/me/page.html")
    }
    assert targets == {
        PAGE: ["https://site.example/p/b", "#c", "mailto:d@e.f", "https://site.example/p/i/j.png"],
        "/home/me/page.html": ["#c", "mailto:d@e.f", "i/j.png"],
    }


@pytest.mark.parametrize(
    "src", ["/etc/passwd", "../secret.png", "a/../../b.png", "..\\b.png", "//host/a.png", "C:x"]
)
def test_images_of_a_local_page_stay_in_its_folder(src: str) -> None:
    assert block_of(f'<p>text <img src="{src}"></p>', base="page.html").marks == ()


def test_tracking_pixels_are_no_images() -> None:
    assert block_of('<p>text <img src="https://t.example/x.gif" width="1" height="1"></p>').marks == ()


def test_lazy_images_are_found() -> None:
    (mark,) = block_of(
        '<p>t <img src="data:image/gif;base64,R0" data-src="https://a.example/b.png"></p>'
    ).marks
    assert mark.target == "https://a.example/b.png"


def test_deep_nesting_is_no_problem() -> None:
    depth = 2000
    html = "<div>" * depth + "deep" + "</div>" * depth + "<p>after</p>"
    assert [block.text for block in blocks_of(html)] == ["deep", "after"]


def test_text_is_never_cut_short_in_silence() -> None:
    with pytest.raises(EssayError, match="deeply"):
        blocks_of("<div>" * 5000 + "deep")


# Fragments that put the walker into every state, in any order, closed or not.
_TAGS = (
    *("p", "div", "ul", "ol", "li", "em", "a", "sup", "pre", "blockquote", "h1", "figure", "figcaption"),
    *("table", "tr", "td", "script", "style", "form", "svg"),
)
_FRAGMENTS = st.sampled_from(
    [
        *(f"<{tag}>" for tag in _TAGS),
        *(f"</{tag}>" for tag in _TAGS),
        *("<br>", "<hr>", "<!--", "-->", "<![CDATA[", "]]>", "<?pi", "&amp;", "&nbsp;", "&#0;", "&#x1F600;"),
        *('<a href="#x">', '<a href="javascript:x">', '<a href="https://e.example/">', '<li value="7">'),
        *(
            '<img src="a.png">',
            '<img src="javascript:x">',
            '<div class="pullquote">',
            '<div class="footnote">',
        ),
        *('<a class="footnote-number" href="#f">1', '<a class="footnote-anchor" href="#f">2</a>'),
        *("word", "word.", "1", "$2-10T", "“q”", "🙂", "é", "é", "\u200b", "\u00ad", "\u2028", "\x1c", "\n"),
    ]
)
_HTML = st.lists(st.one_of(_FRAGMENTS, st.text(max_size=8), st.just(" ")), max_size=40).map("".join)


@settings(deadline=None)
@given(_HTML)
@example("<pre>\n\n x <b>y</b> \n</pre>")
@example("<a class='footnote-number' href='#f'>1</a>" * 2)
def test_any_html_gives_sound_blocks(html: str) -> None:
    essay = Essay("", tuple(blocks_of("<p>Start.</p>" + html)))
    assert essay.blocks[0].text == "Start."
    for word in essay.words():
        assert essay.blocks[word.block].text[word.char_start : word.char_end] == word.text
    for block in essay.blocks:
        assert block.text.strip()
        if block.kind != "code":
            assert block.text == " ".join(block.text.split())
        starts = [(mark.start, -mark.end) for mark in block.marks]
        assert starts == sorted(starts)
        for mark in block.marks:
            assert_sound_mark(mark, block)
    assert Essay.from_json(essay.to_json()) == essay


def assert_sound_mark(mark: Mark, block: Block) -> None:
    assert 0 <= mark.start <= mark.end <= len(block.text)
    if mark.start == mark.end:
        assert mark.kind in ("image", "link")
    else:
        assert block.text[mark.start : mark.end] == block.text[mark.start : mark.end].strip()
    if mark.kind in ("link", "image") and mark.target:
        scheme = urlsplit(mark.target).scheme
        assert scheme in ("http", "https", "mailto", "")
        assert not re.match(r"[\s\x00-\x20]*javascript", mark.target, re.IGNORECASE)


@pytest.mark.parametrize("twin", ["visually-hidden", "sr-only"])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_twins_for_eyes_and_for_screen_readers_one_is_kept(twin: str, order: tuple[int, int]) -> None:
    copies = (
        f'<span class="{twin}">The</span>',
        '<span aria-hidden="true"><b class="cap">T</b>he</span>',
    )
    page = f"<article><p>{copies[order[0]]}{copies[order[1]]} river came up.</p><p>More.</p></article>"
    assert essay_from_content(page, "a", "").blocks[1].text == "The river came up."


def test_what_is_hidden_from_screen_readers_without_a_twin_stays_out() -> None:
    ruby = '<ruby><rb aria-hidden="true">r</rb><rt>ar</rt></ruby>'
    page = f'<p>The <span aria-hidden="true">→</span> river {ruby}.</p>'
    assert essay_from_content(page, "a", "").blocks[1].text == "The river r."


@pytest.mark.parametrize(
    "verse",
    [
        '<pre class="text">The water <em>came</em>\nand went\n\nand came.</pre>',
        '<pre class="wp-block-verse">The water <em>came</em>\nand went\n\nand came.</pre>',
        '<p class="verse">The water <em>came</em><br>and went<br>\nand\n came.</p>',
        '<div class="poem"><p>The water <em>came</em><br>and went</p><p>and came.</p></div>',
    ],
)
def test_verse_keeps_its_lines(verse: str) -> None:
    blocks = essay_from_content(f"<p>Before.</p>{verse}<p>a<br>b</p>", "a", "").blocks[2:]
    assert [block.text for block in blocks] == ["The water came", "and went", "and came.", "a b"]
    assert {block.kind for block in blocks} <= {"paragraph", "quote"}


@pytest.mark.parametrize(
    ("marker", "notes"),
    [
        (
            '<sup><a href="#ftnt1" id="ftnt_ref1">[1]</a></sup>',
            '<div><p><a href="#ftnt_ref1" id="ftnt1">[1]</a> Or so.</p></div>',
        ),
        (
            '<a href="#_ftn1" name="_ftnref1"><span>[1]</span></a>',
            '<div><p><a href="#_ftnref1" name="_ftn1"><span>[1]</span></a> Or so.</p></div>',
        ),
        ('<sup><a href="#n1">1</a></sup>', '<ol><li id="n1">Or so. <a href="#r1">↩</a></li></ol>'),
        ('<a href="#n1"><sup>1</sup></a>', '<p><sup><a href="#r1" id="n1">1</a></sup> Or so.</p>'),
    ],
    ids=["Google Docs", "Word", "a list", "a paragraph"],
)
def test_what_a_marker_leads_to_is_a_footnote(marker: str, notes: str) -> None:
    text, note = essay_from_content(f"<p>A weir keeps nothing{marker} for long.</p>{notes}", "", "").blocks
    assert text.text == "A weir keeps nothing for long."
    assert (note.kind, note.text, note.ordinal) == ("footnote", "Or so.", 1)
    (point,) = [mark for mark in text.marks if mark.kind == "link"]
    assert (point.title, point.target, point.start) == ("1", f"#{note.anchor}", 20)


@pytest.mark.parametrize("sign", ["<sup>{}</sup>", "[{}]", "<sup>[{}]</sup>"])
def test_notes_without_links_are_notes(sign: str) -> None:
    one, two = sign.format(1), sign.format(2)
    page = f"<p>A weir{one} keeps nothing.{two} Or so.</p><p>{one} A dam.</p><p>{two} Water.</p>"
    assert essay_from_content(page.replace(one, f" {one} ", 1), "", "").blocks[0].text[:12] == "A weir keeps"
    text, dam, water = essay_from_content(page, "", "").blocks
    assert text.text == "A weir keeps nothing. Or so."
    assert [(mark.start, mark.target, mark.title) for mark in text.marks] == [
        (6, f"#{dam.anchor}", "1"),
        (21, f"#{water.anchor}", "2"),
    ]
    assert [(note.kind, note.text, note.ordinal) for note in (dam, water)] == [
        ("footnote", "A dam.", 1),
        ("footnote", "Water.", 2),
    ]


@pytest.mark.parametrize(
    "page",
    [
        "<p>It has 3 m<sup>2</sup> of E=mc<sup>2</sup>.</p><p>More.</p>",
        "<p>As in [2], but not [1].</p><p>[1] A book.</p><p>[2] Another.</p>",
        "<p>The 1<sup>st</sup> of May[1].</p><p>More.</p>",
    ],
)
def test_other_raised_numbers_stay(page: str) -> None:
    assert {block.kind for block in essay_from_content(page, "", "").blocks} == {"paragraph"}


@given(st.text("a1 2²⁶-−/⁄.kn()\n", max_size=14), st.lists(st.integers(0, 14), max_size=6))
def test_marks_stay_within_a_text_whose_exponents_are_written(text: str, places: list[int]) -> None:
    places = sorted(min(place, len(text)) for place in places)
    marks = tuple(
        Mark(kind, start, end)
        for start, end in pairwise(places)
        for kind in ("strong", "superscript")
        if start < end
    )
    block = write_superscripts(Block("paragraph", text, marks))
    assert all(0 <= mark.start < mark.end <= len(block.text) for mark in block.marks)
    same = normalize("NFKC", text).translate(dict.fromkeys(map(ord, " −-/⁄^")))
    assert normalize("NFKC", block.text).translate(dict.fromkeys(map(ord, " −-/⁄^"))) == same
