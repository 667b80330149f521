"""Templates let nothing in: whatever stands in a page is escaped for where it stands."""

from __future__ import annotations

import base64
import hashlib
import re
from importlib.resources import files
from pathlib import Path

import jinja2
import pytest
from markupsafe import Markup

import inkcast
from inkcast.publish.pages.template import Loads, render, render_page

ROOT = Path(inkcast.__file__).parent
TEMPLATES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.html"))
QUOTES = """<b> & "x" 'y'"""


def filters(template: str) -> list[tuple[str, bool]]:
    """Each filter that a template uses, and whether its value stands within a tag, as attributes do."""
    found, data, is_filter = [], "", False
    for _, kind, value in jinja2.Environment().lex((ROOT / template).read_text("utf-8")):
        data += value if kind == "data" else ""
        if kind == "name" and is_filter:
            found.append((value, data.rfind("<") > data.rfind(">")))
        is_filter = (kind, value) == ("operator", "|")
    return found


def test_the_templates_are_there() -> None:
    assert {"publish/pages/reader.html", "publish/site/list.html", "library/status.html"} <= set(TEMPLATES)
    assert ("text", False) in filters("publish/pages/reader.html")


@pytest.mark.parametrize("template", TEMPLATES)
def test_quotation_marks_are_escaped_within_tags(template: str) -> None:
    assert ("text", True) not in filters(template)
    assert not {"safe", "forceescape"} & {name for name, _ in filters(template)}


def test_text_is_escaped_and_markup_is_not() -> None:
    page = render("publish/site/folder.html", title=QUOTES, names=[Markup("<i>")])
    assert "<h1>&lt;b&gt; &amp; &quot;x&quot; &#x27;y&#x27;</h1>" in page
    assert page.endswith('<li><a href="./%3Ci%3E"><i></a></li>\n</ul>\n</html>\n')


def test_between_tags_quotation_marks_stay() -> None:
    page = site_page("search", title=QUOTES, site=QUOTES + "\x00", feed="")
    assert f"<title>{QUOTES.replace('&', '&amp;').replace('<b>', '&lt;b&gt;')}</title>" in page
    assert 'title="' not in page
    assert 'title="&lt;b&gt; &amp; &quot;x&quot; &#x27;y&#x27;"' in site_page(
        "search", title="", site=QUOTES, feed="feed.xml"
    )


def test_a_part_that_is_missing_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError, match="names"):
        render("publish/site/folder.html", title="")


@pytest.mark.parametrize(
    ("loads", "after_style"),
    [
        ("nothing", "script-src HASH; img-src data:"),
        ("scripts", "script-src HASH 'strict-dynamic'; img-src data:"),
        (
            "media",
            "script-src HASH; img-src 'self' file: https: http: data:; "
            "media-src 'self' file: https: http: data: blob:",
        ),
    ],
)
def test_the_policy_names_the_page_s_own_style_and_script(loads: Loads, after_style: str) -> None:
    page = site_page("search", loads=loads, title="", site="", feed="")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]  # type: ignore[index]
    assert policy == (
        f"default-src 'none'; style-src {hash_of(page, 'style')}; "
        f"{after_style.replace('HASH', hash_of(page, 'script'))}; base-uri 'none'; form-action 'none'"
    )


def test_the_script_is_the_file() -> None:
    script = files("inkcast").joinpath("publish/site/search.js").read_text(encoding="utf-8")
    assert f"<script>{script}</script>" in site_page("search", title="", site="", feed="")


def site_page(name: str, *, loads: Loads = "nothing", **parts: object) -> str:
    return render_page(
        f"publish/site/{name}.html",
        style="publish/site/site.css",
        scripts=("publish/site/search.js",),
        loads=loads,
        **{"to": str, "current": "", "status": "", **parts},
    )


def hash_of(page: str, element: str) -> str:
    content = page.partition(f"<{element}>")[2].partition(f"</{element}>")[0]
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"
