"""The site in a real browser: from files and from its server, by keyboard alone, on small screens."""

import json
from urllib.parse import quote, unquote

import pytest

from inkcast.alignment.alignment import Extra
from inkcast.essays.essay import Block
from inkcast.library.store.contents import contents
from inkcast.publish.search.query import parse_query
from inkcast.publish.search.terms import terms_of
from inkcast.publish.site.episode_page import Options
from inkcast.publish.site.site import publish_site
from tests.cli.test_serve import serving
from tests.publish.test_site import HOSTILE
from tests.support.alignments import WORD_MS
from tests.support.browser import axe_problems, open_page, wait_until
from tests.support.conversations import TURNS
from tests.support.libraries import Told, write_library
from tests.support.reader_site import painted

pytestmark = pytest.mark.browser

BOATS = Told(
    "Boats of the Café",
    ("Every harbour keeps a boat that never sails. Nobody planned it. 日本語の本。",),
    show="Harbours",
    extra=(Extra(9, "constructor of boats", 3_600, 4_000),),
    unspoken=(13,),
)
MUD = Told(
    "Mud",
    blocks=tuple(Block("paragraph", text, speaker=name) for name, text in TURNS),
    extra=(Extra(6, "Right, boots.", 2_720, 2_790, "Bo Chen"),),
    show="Talks",
)
EPISODES = [
    BOATS,
    Told("Night trains", ("Nobody ever planned the GPT-4’s return.", "Œuvre and straße and __proto__.")),
    MUD,
    Told("A talk", heard="Nobody wrote this down but it was said.", published="2025-12-01"),
    *(
        Told(f"Notes {n}", (f"A common text, number {n}. " + "More of it. " * 20,), f"20{10 + n}-01-02")
        for n in range(12)
    ),
    HOSTILE,
    Told("Endless", ("Say " + "w" * 5_000_000,), "2001-02-03"),
]
QUERIES = [
    *(
        'harb "never sails"',
        "NOBODY",
        '"nobody planned"',
        "pod* gpt-4’s",
        "œuvre STRASSE",
        "日本 本*",
        "“a b”*",
    ),
    *(
        "",
        '"',
        "*",
        "__proto__",
        "constructor",
        "İstanbul ı",
        "e\u0301te\u0301 Ångström",
        "हिन्दी",
        "가나 ガ",
        "«x» 10,000",
        "x" * 63 + "𝒳" * 3,
        "speaker:ada tide",
        'SPEAKER: "Ada Brown"* "low tide" speaker:bo',
        "speaker:",
        "speaker: ",
        'x speaker:"',
        "speaker:speaker:x loudspeaker:y",
        "\u017fpeaker:ada",
        "𐐷" * 200,
    ),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("web")
    library = write_library(folder / "library", EPISODES)
    out = folder / "site"
    publish_site(contents(library), out, Options(base_url="https://x.example/", with_audio=True))
    return out


def seek(page, query):
    """Type a query and wait for its answer."""
    page.locator("#query").fill(query)
    page.keyboard.press("Enter")
    wait_until(page, "document.querySelector('.status').textContent !== ''")


def titles(page):
    return page.locator(".results h2").all_text_contents()


@pytest.mark.parametrize("served", [False, True], ids=["file", "http"])
def test_search_finds_words_and_leads_to_their_time(browser, site, served):
    with serving(site) as server:
        start = server.url if served else f"{site.as_uri()}/"
        with open_page(browser, f"{start}search.html") as page:
            seek(page, "SAILS")
            assert titles(page) == [BOATS.title]
            assert page.locator(".results mark").all_text_contents() == ["sails."]
            page.locator(".passages a").click()
            page.wait_for_url("**/index.html#t=*")
            at = (4 + BOATS.paragraphs[0].split().index("sails.")) * WORD_MS
            assert page.url.endswith(f"#t={at // 1000}&q=SAILS")
            assert painted(page, "found") == ["sails"]
            wait_until(page, "document.querySelector('audio').readyState > 0")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("harbour cafe", [BOATS.title]),
        ('"nobody planned"', [BOATS.title]),
        ('"planned nobody"', []),
        ("nobody plan*", [BOATS.title, "Night trains"]),
        ('"4 s return"', ["Night trains"]),
        ("oeuvre strasse", ["Night trains"]),
        ("proto", ["Night trains"]),
        ("constructor", [BOATS.title]),
        ('"it constructor"', []),
        ("日本", [BOATS.title]),
        ("zeppelin", []),
        ("toString", []),
    ],
)
def test_what_a_query_finds(browser, site, query, expected):
    with open_page(browser, f"{site.as_uri()}/search.html#q={quote(query)}") as page:
        wait_until(page, "document.querySelector('.status').textContent !== ''")
        assert sorted(titles(page)) == sorted(expected)


SAID = {
    "speaker:bo boot": ["0:08 … Bo Chen: By accident. I had lost a [boot] in it, and"],
    'speaker:"ada brown" boot': ["0:18 … Bo Chen: stayed for eleven years. Ada Brown: And the [boot?]"],
    "speaker:bo boots": ["0:02 … Bo Chen: and pays no rent. … Bo Chen: Right, [boots.]"],
    "speaker:ada": ["0:00 … Ada Brown: Welcome to the show", "0:17 … Ada Brown: And the boot? …"],
    "speaker:bro* show": ["0:01 Mud Ada Brown: Welcome to the [show] about"],
    "speaker:ada speaker:bo crab": ["0:20 … Ada Brown: And the boot? Bo Chen: Still there. A [crab]"],
    "speaker:ada crab": [],
    "speaker:own boot": [],
    'speaker:"brown ada"': [],
    "speaker:nobody": [],
    "chen": [],  # a name is no word of the text
}
"""How the passages begin that answer a query."""


def test_what_one_speaker_says(browser, site):
    with open_page(browser, f"{site.as_uri()}/search.html") as page:
        for query, expected in SAID.items():
            page.locator("#query").fill("")
            wait_until(page, "document.querySelector('.status').textContent === ''")
            seek(page, query)
            assert titles(page) == ([MUD.title] if expected else []), query
            page.evaluate(
                "for (const hit of document.querySelectorAll('mark')) hit.prepend('['), hit.append(']')"
            )
            shown = [" ".join(text.split()) for text in page.locator(".passages li").all_text_contents()]
            starts = [text[: len(start)] for text, start in zip(shown, expected, strict=True)]
            assert starts == expected, query


def test_who_was_asked_for_is_no_word_on_the_page(browser, site):
    with open_page(browser, f"{site.as_uri()}/search.html#q={quote('speaker:bo boot')}") as page:
        page.locator(".passages a").click()
        page.wait_for_url("**/index.html#t=*")
        wait_until(page, "CSS.highlights.has('inkcast-found')")
        assert painted(page, "found") == ["boot", "boot"]


def test_browser_and_library_read_queries_alike(browser, site):
    with open_page(browser, f"{site.as_uri()}/search.html") as page:
        for query in QUERIES:
            read = parse_query(query)
            ours = [
                [[list(phrase.terms), phrase.prefix] for phrase in part]
                for part in (read.phrases, read.speakers)
            ]
            pairs = "(part) => part.map((p) => [p.terms, p.prefix])"
            parts = "((parsed) => [parsed.phrases, parsed.speakers])(inkcastParse(q))"
            assert page.evaluate(f"q => {parts}.map({pairs})", query) == ours, query
        for text in ("don’t", "ΣΟΦΟΣ", "naïve—co-op", "x²", "ﬁne", "ﾊﾟ", "ｶﾞ"):
            assert page.evaluate("t => inkcastParse(t).phrases.flatMap((p) => p.terms)", text) == list(
                terms_of(text)
            )


def test_results_come_in_pages_and_focus_moves_to_the_new_ones(browser, site):
    with open_page(browser, f"{site.as_uri()}/search.html#q=common") as page:
        page.locator(".more").wait_for(state="visible")
        assert len(titles(page)) == 10
        assert page.locator(".status").text_content() == "12 episodes"
        page.locator(".more").press("Enter")
        wait_until(page, "document.querySelectorAll('.results h2').length === 12")
        assert page.evaluate(
            "document.activeElement.closest('li') === document.querySelectorAll('.results > li')[10]"
        )
        assert page.locator(".more").is_hidden()


def test_words_that_nobody_reads_have_no_time(browser, site):
    with open_page(browser, f"{site.as_uri()}/search.html#q=planned%20harbour") as page:
        page.locator(".results").get_by_text("planned").first.wait_for()
        assert titles(page) == [BOATS.title]


def test_search_works_by_keyboard_alone(browser, site):
    with open_page(browser, f"{site.as_uri()}/index.html") as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        while page.evaluate("document.activeElement.textContent") != "Search":
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search.html")
        page.keyboard.type("sails")
        wait_until(page, "document.querySelectorAll('.results h2').length === 1")
        assert page.url.endswith("#q=sails")
        while page.evaluate("!document.activeElement.closest('.passages')"):
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**/index.html#t=*")
        page.go_back()
        wait_until(page, "document.querySelectorAll('.results h2').length === 1")


def test_hostile_texts_stay_texts_in_results(browser, site):
    with open_page(browser, f"{site.as_uri()}/search.html#q=evil") as page:
        page.locator(".results h2").wait_for()
        assert titles(page) == ['</script><script>alert(1)</script>&"evil']
        assert page.locator(".results :is(img, script, i, b)").count() == 0
        assert "<b>bold</b>" in page.locator(".results").text_content()


def test_an_endless_word_is_found_by_its_start_and_shown_in_part(browser, site):
    with open_page(browser, f"{site.as_uri()}/search.html#q=wwww*", width=320) as page:
        page.locator(".results h2").wait_for()
        assert titles(page) == ["Endless"]
        assert page.locator(".results mark").text_content() == "w" * 80 + "…"
        assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_a_site_at_home_has_clean_addresses_and_plays_from_its_list(browser, tmp_path):
    library, out = write_library(tmp_path / "library", [BOATS]), tmp_path / "site"
    out.mkdir()
    with serving(out) as server:
        options = Options(base_url=server.url, with_audio=True)
        publish_site(contents(library), out, options)
        manifest = out / ".inkcast-site.json"
        data = json.loads(manifest.read_text())
        manifest.write_text(json.dumps(data | {"moved": {"episodes/a b/c": data["episodes"][0]["source"]}}))
        publish_site(contents(library), out, options)
        there = f"{server.url}2026-05-20-boats-of-the-cafe/"
        with open_page(browser, f"{server.url}index.html") as page:
            assert page.url == server.url
            page.get_by_role("button", name="Play Boats of the Café").click()
            page.get_by_role("button", name="Pause Boats of the Café").wait_for()
            page.locator(".playing-now a[href*='#t=']").click()
            wait_until(page, "/^#t=\\d$/.test(location.hash)")
            assert page.url.startswith(f"{there}#t=")
            page.goto(f"{server.url}episodes/a%20b/c/index.html#t=1")
            page.wait_for_url(f"{there}#t=1")


def test_without_scripts_only_search_is_missing(browser, site):
    with open_page(browser, f"{site.as_uri()}/index.html", scripts=False) as page:
        page.get_by_role("link", name="Night trains").click()
        assert page.get_by_text("ever planned the").first.is_visible()
        page.get_by_role("link", name="All episodes").click()
        page.get_by_role("link", name="Search").click()
        assert page.locator("noscript .notice").is_visible()


def test_nothing_is_asked_of_other_sites(browser, site):
    with serving(site) as server, open_page(browser, server.url) as page:
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        for target in ("index.html", "search.html#q=common", "pages/../index.html"):
            page.goto(server.url + target)
        page.get_by_role("link", name="Night trains").click()
        wait_until(page, "document.querySelector('audio').readyState > 0")
        page.wait_for_timeout(100)
        assert len(asked) > 5
        assert not [url for url in asked if not url.startswith((server.url, "data:", "blob:"))]


def test_a_damaged_index_says_so(browser, site, tmp_path):
    page_only = tmp_path / "search.html"
    page_only.write_bytes((site / "search.html").read_bytes())
    with open_page(browser, page_only.as_uri() + "#q=x", expected="ERR_FILE_NOT_FOUND") as page:
        page.get_by_text("Search failed: search/index.js could not be loaded.").wait_for()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("target", ["index.html", "search.html#q=nobody"])
def test_pages_fit_and_are_accessible(browser, site, target, width, dark):
    with open_page(browser, f"{site.as_uri()}/{target}", width=width, dark=dark) as page:
        if "#" in target:
            page.locator(".results h2").first.wait_for()
        else:
            page.locator(".episodes .play").first.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert axe_problems(page) == []
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (sum(map(int, paper[4:-1].split(","))) < 200) == dark


def test_a_show_has_a_page_with_its_way_back(browser, site):
    with open_page(browser, f"{site.as_uri()}/index.html") as page:
        page.locator(".shows").get_by_role("link", name="Harbours").click()
        assert page.locator("h3").all_text_contents() == [BOATS.title]
        page.get_by_role("link", name="Episodes").click()
        assert unquote(page.url) == unquote(f"{site.as_uri()}/index.html")


def test_a_page_finds_nothing_of_the_page_before(browser, site):
    """Of the tests themselves: they share a tab."""
    start = f"{site.as_uri()}/index.html"
    with open_page(browser, start, width=500, dark=True) as page:
        page.evaluate("localStorage.setItem('a', 'b'); sessionStorage.setItem('a', 'b'); window.left = 1")
        page.evaluate(
            "document.cookie = 'a=b'; addEventListener('pagehide', () => localStorage.setItem('c', 'd'))"
        )
        page.emulate_media(media="print", reduced_motion="reduce")
        page.mouse.move(100, 100)
    with open_page(browser, start) as again:
        assert again is page, "the tab is shared"
        found = again.evaluate(
            "[localStorage.length, sessionStorage.length, window.left, document.cookie, innerWidth, "
            "matchMedia('print').matches, matchMedia('(prefers-reduced-motion: reduce)').matches, "
            "matchMedia('(prefers-color-scheme: dark)').matches]"
        )
        assert found == [0, 0, None, "", 1280, False, False, False]
    with (
        pytest.raises(AssertionError, match="uncaught"),
        open_page(browser, start) as broken,
        broken.expect_event("pageerror"),
    ):
        broken.evaluate("setTimeout(() => { throw new Error('uncaught') })")
    with open_page(browser, start) as fresh:
        assert fresh is not broken, "what went wrong is closed"
