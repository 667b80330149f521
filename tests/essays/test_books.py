"""EPUB, Word, OpenDocument, RTF and PDF files."""

from __future__ import annotations

import warnings
import zipfile
from html import unescape
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inkcast.errors import EssayError
from inkcast.essays.essay import Essay, Mark
from inkcast.essays.part import Part
from inkcast.essays.read import parse_essay, read_essay
from tests.support.books import docx, epub, odt, paragraph, pdf, zipped

LONG = " ".join(["The harbour keeps its own time and nobody argues with it."] * 12)


def shape(essay: Essay) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in essay.blocks]


# --- EPUB ---

DOCUMENTS = {
    "cover.xhtml": "<p>The tide book</p>",
    "one.xhtml": f"<section id='c1'><h1 id='x'>Low water</h1><p>{LONG}</p></section>",
    "two.xhtml": f"""<h1 id="c2">High water</h1>
      <p>{LONG} Two<a epub:type="noteref" href="#n1"><sup>1</sup></a>.</p>
      <aside epub:type="footnote" id="n1" class="footnote"><p>A note.</p></aside>
      <h2 id="c2b">The spring tide</h2><p>{LONG} Spring.</p>
      <h1 id="c3">Slack</h1><p>{LONG} Slack.</p>""",
    "three.xhtml": "<p>It goes on in a file of its own.</p>",
}
NAV = """<ol><li><a href="cover.xhtml">Cover</a></li><li><a href="one.xhtml#c1">1. Low water</a></li>
  <li><a href="two.xhtml#c2">High water</a><ol><li><a href="two.xhtml#c2b">The spring tide</a></li></ol></li>
  <li><a href="two.xhtml#c3">Slack</a></li></ol>"""
NCX = """<navPoint><navLabel><text>Cover</text></navLabel><content src="cover.xhtml"/></navPoint>
  <navPoint><navLabel><text>1. Low water</text></navLabel><content src="one.xhtml#c1"/></navPoint>
  <navPoint><navLabel><text>High water</text></navLabel><content src="two.xhtml#c2"/>
    <navPoint><navLabel><text>The spring tide</text></navLabel><content src="two.xhtml#c2b"/></navPoint>
  </navPoint>
  <navPoint><navLabel><text>Slack</text></navLabel><content src="two.xhtml#c3"/></navPoint>"""
BOOKS = {3: epub(DOCUMENTS, NAV), 2: epub(DOCUMENTS, NCX, version=2)}


@pytest.mark.parametrize("version", BOOKS)
def test_several_chapters_and_none_chosen_are_listed(version: int) -> None:
    with pytest.raises(EssayError) as caught:
        parse_essay(BOOKS[version], "book.epub")
    assert (
        "has 5 chapters: 1 Cover, 2 1. Low water, 3 High water, 4 The spring tide, 5 Slack"
        in caught.value.message
    )
    assert "--chapter" in caught.value.hint


@pytest.mark.parametrize("version", BOOKS)
@pytest.mark.parametrize(
    ("chapter", "expected"),
    [
        ("2", [("title", "1. Low water"), ("heading", "Low water"), ("paragraph", LONG)]),
        (
            "high WATER!",
            [
                ("title", "High water"),
                ("paragraph", f"{LONG} Two."),
                ("footnote", "A note."),
                ("heading", "The spring tide"),
                ("paragraph", f"{LONG} Spring."),
            ],
        ),
        ("spring", [("title", "The spring tide"), ("paragraph", f"{LONG} Spring.")]),
        (
            "5",
            [
                ("title", "Slack"),
                ("paragraph", f"{LONG} Slack."),
                ("paragraph", "It goes on in a file of its own."),
            ],
        ),
    ],
)
def test_a_chapter_reaches_to_the_next(version: int, chapter: str, expected: list[tuple[str, str]]) -> None:
    essay = parse_essay(BOOKS[version], "book.epub", part=Part(chapter=chapter))
    assert (shape(essay), essay.language) == (expected, "en")


@pytest.mark.parametrize("version", BOOKS)
def test_all_chapters_are_one_text_with_their_headings(version: int) -> None:
    assert shape(parse_essay(BOOKS[version], "book.epub", part=Part(chapter="all"))) == [
        ("title", "The tide book"),
        ("heading", "Low water"),
        ("paragraph", LONG),
        ("heading", "High water"),
        ("paragraph", f"{LONG} Two."),
        ("footnote", "A note."),
        ("heading", "The spring tide"),
        ("paragraph", f"{LONG} Spring."),
        ("heading", "Slack"),
        ("paragraph", f"{LONG} Slack."),
        ("paragraph", "It goes on in a file of its own."),
    ]


def test_the_whole_text_has_no_covers_and_each_chapter_its_title_once() -> None:
    documents = {
        "half.xhtml": "<p>The tide book, by Nobody.</p>",
        "copy.xhtml": "<section epub:type='copyright-page'><p>All rights reserved.</p></section>",
        "one.xhtml": f"<p>I</p><p>Low water</p><p>{LONG}</p>",
        "two.xhtml": f"<p>{LONG} Two.</p><p id='b'>{LONG} Three.</p>",
        "toc.xhtml": "<section epub:type='toc'><p>I. Low water</p></section>",
    }
    titles = {
        "copy.xhtml": "Copyright",
        "one.xhtml": "I. Low water",
        "two.xhtml": "High water",
        "two.xhtml#b": "Slack",
        "two.xhtml#gone": "Gone",
    }
    links = "".join(f"<li><a href='{path}'>{title}</a></li>" for path, title in titles.items())
    book = parse_essay(epub(documents, f"<ol>{links}</ol>"), "b.epub", part=Part(chapter="all"))
    assert [(block.kind, block.level, block.text) for block in book.blocks] == [
        ("title", 0, "The tide book"),
        ("paragraph", 0, "I"),
        ("paragraph", 0, "Low water"),
        ("paragraph", 0, LONG),
        ("heading", 2, "High water"),
        ("paragraph", 0, f"{LONG} Two."),
        ("heading", 2, "Slack"),
        ("paragraph", 0, f"{LONG} Three."),
    ]


def test_contents_that_point_backwards_end_where_the_text_goes_on() -> None:
    body = "".join(f"<h2 id='c{n}'>Part {n}</h2><p>Text {n}.</p>" for n in range(3))
    links = "".join(f"<li><a href='a.xhtml#c{n}'>Part {n}</a></li>" for n in (2, 0, 1))
    book = epub({"a.xhtml": body}, f"<ol>{links}</ol>")
    texts = [
        [block.text for block in parse_essay(book, "b.epub", part=Part(chapter=str(n))).blocks]
        for n in (1, 2)
    ]
    assert texts == [["Part 2", "Text 2."], ["Part 0", "Text 0."]]


@pytest.mark.parametrize("chapter", ["0", "6", "water", "Ebb"])
def test_no_single_such_chapter(chapter: str) -> None:
    with pytest.raises(EssayError, match=r"no single chapter .*1 Cover"):
        parse_essay(BOOKS[3], "book.epub", part=Part(chapter=chapter))


def test_the_only_long_text_needs_no_choice() -> None:
    book = epub({"cover.xhtml": "<p>Cover</p>", "one.xhtml": f"<h1>Low water</h1><p>{LONG}</p>"}, "")
    assert shape(parse_essay(book, "b.epub")) == [("title", "Low water"), ("paragraph", LONG)]


def test_only_books_have_chapters(tmp_path: Path) -> None:
    path = tmp_path / "essay.txt"
    path.write_text(LONG)
    with pytest.raises(EssayError, match="is not an EPUB"):
        read_essay(path, Part(chapter="2"))


def encrypted(data: bytes) -> bytes:
    """The same archive, claiming that its members need a password."""
    out = bytearray(data)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = out.find(signature)
        while at >= 0:
            out[at + offset] |= 1
            at = out.find(signature, at + 1)
    return bytes(out)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (BOOKS[3][:-40], "cannot be read as an EPUB"),
        (zipped({"mimetype": "application/epub+zip"}), "META-INF/container.xml is missing"),
        (zipped({"mimetype": "application/epub+zip", "META-INF/container.xml": "no"}), "EPUB"),
        (epub({}, ""), "no words"),
        (epub({"one.xhtml": ""}, NAV), "no words"),
        (encrypted(BOOKS[3]), "password or DRM"),
        (epub({f"{n}.xhtml": "<p>x</p>" + " " * 9_000_000 for n in range(1)}, ""), "far more than an essay"),
        (epub({f"{n}.xhtml": "<p>x</p>" + " " * 7_000_000 for n in range(4)}, ""), "far more than an essay"),
    ],
    ids=["cut", "empty", "no package", "no text", "empty text", "encrypted", "bomb", "bombs"],
)
def test_what_is_wrong_with_a_book_is_said(data: bytes, said: str) -> None:
    with pytest.raises(EssayError, match=said):
        parse_essay(data, "book.epub", part=Part(chapter="1"))


def test_entities_of_a_book_are_not_expanded() -> None:
    members = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<!DOCTYPE c [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">'
        '<!ENTITY x SYSTEM "file:///etc/hostname">]><container>&b;&x;</container>',
    }
    with pytest.raises(EssayError, match="names no package"):
        parse_essay(zipped(members), "book.epub")


# --- Word ---

STYLES = {
    "Titel": "Title",
    "berschrift2": "heading 2",
    "Zitat": "Quote",
    "Liste": "List Bullet",
    "Bild": "caption",
}


def test_a_word_file() -> None:
    note = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    runs = """<w:p><w:r><w:t xml:space="preserve">See </w:t></w:r>
      <w:hyperlink r:id="r1"><w:r><w:rPr><w:b/></w:rPr><w:t>this</w:t></w:r></w:hyperlink>
      <w:r><w:t xml:space="preserve"> and 10</w:t></w:r>
      <w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>26</w:t></w:r>
      <w:del><w:r><w:delText>gone</w:delText></w:r></w:del>
      <w:r><w:rPr><w:i w:val="0"/></w:rPr><w:t>.</w:t></w:r></w:p>"""
    body = "".join(
        [
            paragraph("Low water", "Titel"),
            paragraph("The sea goes out.", extra=note),
            paragraph(""),
            paragraph("What it leaves", "berschrift2"),
            runs,
            paragraph("Shells", "Liste"),
            paragraph("So it goes.", "Zitat"),
            paragraph("A shell", "Bild"),
            f"<w:tbl><w:tr><w:tc>{paragraph('In a table')}</w:tc></w:tr></w:tbl>",
        ]
    )
    notes = (
        '<w:footnote w:id="-1" w:type="separator"><w:p><w:r><w:t>-</w:t></w:r></w:p></w:footnote>'
        f'<w:footnote w:id="2">{paragraph("Twice a day.")}</w:footnote>'
    )
    links = '<Relationship Id="r1" Target="https://e.example/"/>'
    essay = parse_essay(docx(body, notes=notes, styles=STYLES, links=links), "essay.docx")
    assert shape(essay) == [
        ("title", "Low water"),
        ("paragraph", "The sea goes out."),
        ("heading", "What it leaves"),
        ("paragraph", "See this and 10²⁶."),
        ("list_item", "Shells"),
        ("quote", "So it goes."),
        ("caption", "A shell"),
        ("paragraph", "In a table"),
        ("footnote", "Twice a day."),
    ]
    assert essay.blocks[1].marks == (Mark("link", 17, 17, "#footnote-2", "2"),)
    assert (essay.blocks[-1].anchor, essay.blocks[-1].ordinal) == ("footnote-2", 2)
    assert essay.blocks[3].marks == (
        Mark("link", 4, 8, "https://e.example/"),
        Mark("strong", 4, 8),
    )


def test_links_of_a_word_file_are_as_safe_as_a_pages() -> None:
    body = '<w:p><w:hyperlink r:id="r1"><w:r><w:t>click</w:t></w:r></w:hyperlink></w:p>'
    links = '<Relationship Id="r1" Target="java&#9;script:alert(1)"/>'
    assert parse_essay(docx(body, links=links), "a.docx").blocks[0].marks == ()


def test_a_word_file_without_words() -> None:
    with pytest.raises(EssayError, match="no words"):
        parse_essay(docx(""), "a.docx")


# --- OpenDocument ---


def test_an_opendocument_text() -> None:
    automatic = """
      <style:style style:name="P1" style:family="paragraph" style:parent-style-name="Quotations"/>
      <style:style style:name="T1" style:family="text"><style:text-properties fo:font-weight="bold"/>
      </style:style><style:style style:name="T2" style:family="text">
      <style:text-properties style:text-position="super 58%"/></style:style>
      <style:style style:name="T3" style:family="text"><style:text-properties style:text-position="-33% 58%"
      fo:font-style="italic"/></style:style>"""
    styles = """<style:style style:name="Preformatted_20_Text" style:family="paragraph"/>
      <style:style style:name="Loop" style:family="paragraph" style:parent-style-name="Loop"/>
      <style:style style:name="Figure" style:family="paragraph" style:parent-style-name="Caption"/>
      <style:style style:name="Caption" style:family="paragraph"/>
      <style:style style:name="Quotations" style:family="paragraph"/>"""
    body = """<text:tracked-changes><text:changed-region><text:deletion><text:p>gone</text:p></text:deletion>
      </text:changed-region></text:tracked-changes>
      <text:h text:outline-level="1">Low water</text:h>
      <text:p>The sea<text:note text:note-class="footnote"><text:note-citation>*</text:note-citation>
        <text:note-body><text:p>Twice a day.</text:p><text:p>And no more.</text:p></text:note-body>
        </text:note>
        goes<text:s text:c="999999999"/>out<office:annotation><text:p>a comment</text:p></office:annotation>.
      </text:p>
      <text:h text:outline-level="2">What it leaves</text:h>
      <text:p>See <text:a xlink:href="https://e.example/"><text:span text:style-name="T1">this</text:span>
        </text:a>and 10<text:span text:style-name="T2">26</text:span> of
        H<text:span text:style-name="T3">2</text:span>O,
        <text:a xlink:href="javascript:alert(1)">not that</text:a>.</text:p>
      <text:list><text:list-header/><text:list-item><text:p>Shells</text:p><text:p>of all kinds</text:p>
        <text:list><text:list-item><text:p>Cockles</text:p></text:list-item></text:list></text:list-item>
      </text:list>
      <text:p text:style-name="P1">So it goes.</text:p>
      <text:p text:style-name="Preformatted_20_Text">wait()</text:p>
      <text:p text:style-name="Figure">A shell</text:p>
      <text:p text:style-name="Loop">On and on.</text:p>
      <table:table><table:table-row><table:table-cell><text:p>In a table</text:p></table:table-cell>
      </table:table-row></table:table>"""
    essay = parse_essay(odt(body, automatic=automatic, styles=styles), "essay.odt")
    assert [(block.kind, block.level, block.text) for block in essay.blocks] == [
        ("title", 0, "Low water"),
        ("paragraph", 0, "The sea goes out."),
        ("heading", 2, "What it leaves"),
        ("paragraph", 0, "See this and 10²⁶ of H2O, not that."),
        ("list_item", 1, "Shells"),
        ("paragraph", 0, "of all kinds"),
        ("list_item", 2, "Cockles"),
        ("quote", 0, "So it goes."),
        ("code", 0, "wait()"),
        ("caption", 0, "A shell"),
        ("paragraph", 0, "On and on."),
        ("paragraph", 0, "In a table"),
        ("footnote", 0, "Twice a day."),
        ("footnote", 0, "And no more."),
    ]
    assert essay.blocks[1].marks == (Mark("link", 7, 7, "#footnote-1", "*"),)
    assert essay.blocks[3].marks == (
        Mark("link", 4, 8, "https://e.example/"),
        Mark("strong", 4, 8),
        Mark("emphasis", 22, 23),
        Mark("subscript", 22, 23),
    )
    notes = [(block.anchor, block.ordinal) for block in essay.blocks[-2:]]
    assert notes == [("footnote-1", 1), ("", 0)]


def test_an_opendocument_text_with_a_password() -> None:
    with pytest.raises(EssayError, match="protected by a password"):
        parse_essay(odt("<text:p>x</text:p>", manifest="<encryption-data/>"), "a.odt")


# --- RTF ---

RTF = r"""{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\froman\fcharset0 Times;}{\f1\fswiss\fcharset204 Arial;}}
{\colortbl;\red0\green0\blue0;}{\stylesheet{\s0 Normal;}{\s1\outlinelevel0\b heading 1;}{\*\cs9 Emphasis;}
{\s2\sbasedon0 Quote;}{\s3\outlinelevel1 Unterkapitel;}{\s4 Caption;}}{\info{\title Nothing}}
{\header A header.\par}
{\pard\plain\s1\b Low water\par}
\pard\plain The sea{\super\chftn
{\*\footnote\pard\plain{\super\chftn} Twice a \i day\i0 .\par And no more.}} goes out\emdash and \ldblquote
in\rdblquote.{\*\nobody knows} caf\'e9 {\v hidden }\u1055\'3f\u-10179?\uc0\u-8704\uc1 .\par
\pard\s3 What it leaves\par
\pard\plain See {\field{\*\fldinst{ HYPERLINK "https://e.example/" }}{\fldrslt{\ul th{\b is}}}} and
 10{\super 26} of H{\sub 2}O, {\field{\*\fldinst HYPERLINK "javascript:alert(1)"}{\fldrslt not that}}.
{\pict\bin5 }{}}x0a00}\par
{\listtext\'95\tab}\ls1\ilvl0 Shells\par{\listtext -\tab}\ilvl1 Cockles\par
\pard\s2 So it \{goes\}.\par\pard\s4 A shell\par
\pard\plain\f1 \'cc\'ee\'f0\'e5\f0\par
\pard\intbl One\cell Two\cell\row\pard End}
Nothing after it."""


def test_a_rich_text() -> None:
    essay = parse_essay(RTF.encode("ascii"), "essay.rtf")
    assert [(block.kind, block.level, block.text) for block in essay.blocks] == [
        ("title", 0, "Low water"),
        ("paragraph", 0, "The sea goes out—and “in”. café П😀."),
        ("heading", 2, "What it leaves"),
        ("paragraph", 0, "See this and 10²⁶ of H2O, not that."),
        ("list_item", 1, "Shells"),
        ("list_item", 2, "Cockles"),
        ("quote", 0, "So it {goes}."),
        ("caption", 0, "A shell"),
        ("paragraph", 0, "Море"),
        ("paragraph", 0, "One"),
        ("paragraph", 0, "Two"),
        ("paragraph", 0, "End"),
        ("footnote", 0, "Twice a day."),
        ("footnote", 0, "And no more."),
    ]
    assert essay.blocks[1].marks == (Mark("link", 7, 7, "#footnote-1", "1"),)
    assert essay.blocks[3].marks == (
        Mark("link", 4, 8, "https://e.example/"),
        Mark("strong", 6, 8),
        Mark("subscript", 22, 23),
    )
    assert essay.blocks[-2].marks == (Mark("emphasis", 8, 11),)
    notes = [(block.anchor, block.ordinal) for block in essay.blocks[-2:]]
    assert notes == [("footnote-1", 1), ("", 0)]


# --- PDF ---


def lines_of(
    texts: list[str], top: int = 700, size: int = 11, x: int = 72
) -> list[tuple[int, int, int, str]]:
    return [(x, top - 14 * index, size, text) for index, text in enumerate(texts)]


FULL = "The harbour keeps its own time and nobody argues with it"


def test_a_pdf_is_put_together_again() -> None:
    pages = [
        [
            (72, 750, 9, "Journal of Harbours"),
            (72, 720, 20, "Low water"),
            *lines_of(
                [FULL, "or with the unrea-", "sonable moon, whatever the well-", "known almanac says of it."],
                690,
            ),
            *lines_of(
                [f"{FULL}, we say.", "So a re-opened door is a well-known sign, and the sentence goes"], 620
            ),
            (72, 50, 9, "1"),
        ],
        [
            (72, 750, 9, "Journal of Harbours"),
            *lines_of(["on over the page as sentences will when nobody stops", "them."], 720),
            (72, 680, 14, "What it leaves"),
            *lines_of([FULL + ".", "- shells"], 650),
            (72, 80, 8, "1 A note in small print."),
            (72, 50, 9, "Page 2 of 3"),
        ],
        [(72, 750, 9, "Journal of Harbours"), *lines_of([FULL + "."], 720), (72, 50, 9, "Page 3 of 3")],
    ]
    assert shape(parse_essay(pdf(pages), "essay.pdf")) == [
        ("title", "Low water"),
        (
            "paragraph",
            f"{FULL} or with the unreasonable moon, whatever the well-known almanac says of it.",
        ),
        (
            "paragraph",
            f"{FULL}, we say. So a re-opened door is a well-known sign, and the sentence goes "
            "on over the page as sentences will when nobody stops them.",
        ),
        ("heading", "What it leaves"),
        ("paragraph", FULL + "."),
        ("list_item", "shells"),
        ("paragraph", FULL + "."),
        ("footnote", "A note in small print."),
    ]


def test_a_pdf_of_pictures_says_that_it_needs_ocr() -> None:
    with pytest.raises(EssayError, match="pictures") as caught:
        parse_essay(pdf([[], []]), "scan.pdf")
    assert "ocrmypdf" in caught.value.hint


def test_indented_lines_begin_paragraphs() -> None:
    page = [
        (90, 700, 11, FULL), (72, 686, 11, f"{FULL}."), (90, 672, 11, FULL), (72, 658, 11, f"{FULL}."),
    ]  # fmt: skip
    assert shape(parse_essay(pdf([page]), "a.pdf")) == [("paragraph", f"{FULL} {FULL}.")] * 2


@pytest.mark.filterwarnings("ignore")
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=25)
@given(st.sampled_from(["book.epub", "essay.docx", "essay.odt", "essay.rtf", "essay.pdf"]), st.data())
def test_damage_gives_an_essay_or_an_error(name: str, data: st.DataObject) -> None:
    whole = {
        "book.epub": BOOKS[3],
        "essay.docx": docx(paragraph("Low water")),
        "essay.odt": odt("<text:p>Low water</text:p>"),
        "essay.rtf": RTF.encode("ascii"),
        "essay.pdf": pdf([lines_of([FULL])]),
    }
    damaged = bytearray(whole[name])
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(damaged)))
    for sample in (bytes(damaged), bytes(damaged[:end])):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                parse_essay(sample, name, part=Part())
            except EssayError:
                continue


@pytest.mark.parametrize("reference", ["&#xD800;", "&#x0dfff;", "&#55296;", "&#057343;", "&#xD800"])
def test_half_a_character_is_left_out(reference: str) -> None:
    data = docx(paragraph("Low water").replace("water", f"wa{reference}ter"))
    assert shape(parse_essay(data, "essay.docx")) == [("paragraph", "Low water")]


@pytest.mark.parametrize("reference", ["&#xD7FB;", "&#57344;", "&#x20AC;"])
def test_its_neighbours_are_characters(reference: str) -> None:
    data = docx(paragraph("Low water").replace("water", f"wa{reference}ter"))
    assert shape(parse_essay(data, "essay.docx")) == [("paragraph", f"Low wa{unescape(reference)}ter")]


def test_the_books_of_these_tests_are_sound() -> None:
    """So that an error above is about what was changed."""
    import io

    for data in (*BOOKS.values(), docx(paragraph("x"))):
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            assert file.testzip() is None
