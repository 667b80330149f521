"""What the reader page offers besides playing: search, quotes, contents, settings; and to whom: all."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page

from inkcast.alignment.alignment import Extra
from inkcast.essays.essay import Block, Essay, Mark
from tests.publish.test_reader import HOSTILE
from tests.support.browser import axe_problems, contrast, open_page, wait_until, write_wav
from tests.support.reader_site import LOOKS, now, painted, pause, place, playing, select, start_of, write_page

pytestmark = pytest.mark.browser


@pytest.fixture
def site(reader_site: str) -> str:
    return reader_site


def copied(page: Page) -> str:
    """What the page puts on the clipboard next."""
    wait_until(page, "window.copied !== undefined")
    text = page.evaluate("copied")
    page.evaluate("window.copied = undefined")
    return str(text)


def catch_copies(page: Page) -> None:
    page.evaluate(
        """() => {
            const clipboard = { writeText: async (text) => { window.copied = text; } };
            Object.defineProperty(navigator, "clipboard", { value: clipboard });
        }"""
    )


# Search ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 320])
def test_search_counts_and_goes_round_by_keyboard(browser: Browser, site: str, width: int) -> None:
    with open_page(browser, f"{site}/chapters.html", width=width, height=640) as page:
        found = page.locator(".found")
        page.keyboard.press("/")
        page.keyboard.type("part")
        assert found.text_content() == "1 of 4"
        assert painted(page, "found") == ["Part", "part", "part", "part"]
        page.keyboard.press("Enter")
        assert found.text_content() == "2 of 4"
        page.keyboard.press("Shift+Enter")
        page.keyboard.press("Shift+Enter")
        assert found.text_content() == "4 of 4"
        assert painted(page, "found-now") == ["part"]
        box = page.get_by_text("part", exact=True).last.bounding_box()
        player = page.locator(".player").bounding_box()
        assert box and player and 0 < box["y"] < player["y"] - box["height"]
        page.keyboard.press("Escape")
        assert not page.locator(".search").is_visible()
        previous = "document.activeElement.previousElementSibling.textContent"
        assert page.evaluate(previous) == "LAST", "from there on by keyboard"
        assert painted(page, "found") == [] == painted(page, "found-now")


def test_search_finds_what_is_meant(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/chapters.html") as page:
        page.locator(".open-search").click()
        for wanted, expected in [
            ("cafe", "1 of 2"),
            ("CAFÉ", "1 of 2"),
            ('it\'s the "first"', "1 of 1"),
            ("שלום", "1 of 1"),
            ("zebra", "Not found"),
            ("Listen", "Not found"),
            ("  ", ""),
        ]:
            page.locator(".search input").fill(wanted)
            assert page.locator(".found").text_content() == expected, wanted
        page.locator(".search input").fill("nobody")
        assert page.locator(".found").text_content() == "1 of 1"
        page.keyboard.press("Escape")
        page.keyboard.press("u")
        page.keyboard.press("/")
        page.locator(".search input").fill("nobody")
        assert page.locator(".found").text_content() == "Not found", "hidden text is not searched"


@pytest.mark.parametrize("width", [1280, 320])
def test_search_in_ten_thousand_words(browser: Browser, site: str, width: int) -> None:
    with open_page(browser, f"{site}/long.html", width=width) as page:
        page.keyboard.press("/")
        page.keyboard.type("end.")
        assert page.locator(".found").text_content() == "1 of 100"
        page.locator(".previous").click()
        assert page.locator(".found").text_content() == "100 of 100"
        page.locator(".close").click()
        box = page.locator("article span[data-m]").last.bounding_box()
        assert box is not None and 0 < box["y"] < 700


# Quotes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 320])
def test_a_quote_carries_its_clip(browser: Browser, site: str, width: int) -> None:
    with open_page(browser, f"{site}/page.html", width=width) as page:
        catch_copies(page)
        page.get_by_text("word33", exact=True).scroll_into_view_if_needed()
        select(page, "word30", "word33")
        bar, player = page.locator(".quote").bounding_box(), page.locator(".player").bounding_box()
        assert bar and player and bar["y"] + bar["height"] <= player["y"]
        assert not page.locator(".quote-share").is_visible(), "this browser has no way to share"
        assert bar["x"] >= 0 and bar["x"] + bar["width"] <= width
        page.locator(".quote-copy").click()
        link = f"{site}/page.html#t=12.8,14.3"
        assert copied(page) == f"“word30 word31 word32 word33”\n— Small labs, 0:12\n{link}"
        assert page.locator(".toast").text_content() == "Quote copied"
        page.locator(".quote-link").click()
        assert copied(page) == link
        page.locator(".quote-play").click()
        wait_until(page, "!document.querySelector('audio').paused")
        wait_until(page, "document.querySelector('audio').paused")
        assert start_of(33) < now(page) < start_of(50)
        page.evaluate("getSelection().removeAllRanges()")
        page.locator(".quote").wait_for(state="hidden")


@pytest.mark.parametrize("width", [1280, 320])
def test_a_clip_is_shared_where_the_system_can(browser: Browser, site: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 640})
    context.add_init_script("navigator.share = async (data) => { window.copied = JSON.stringify(data); }")
    page = context.new_page()
    page.goto(f"{site}/page.html")
    page.get_by_text("word33", exact=True).scroll_into_view_if_needed()
    select(page, "word30", "word33")
    bar = page.locator(".quote").bounding_box()
    assert bar and bar["x"] >= 0 and bar["x"] + bar["width"] <= width
    assert bar["height"] < 60, "one row of buttons"
    page.locator(".quote-share").click()
    assert json.loads(copied(page)) == {
        "title": "Small labs",
        "text": "“word30 word31 word32 word33”",
        "url": f"{site}/page.html#t=12.8,14.3",
    }
    context.close()


@LOOKS
def test_quotes_by_keyboard(browser: Browser, site: str, width: int, dark: bool) -> None:
    with open_page(browser, f"{site}/page.html", width=width, height=640, dark=dark) as page:
        catch_copies(page)
        page.keyboard.press("q")
        assert page.locator(".toast").text_content() == "Select some text first."
        place(page, start_of(20))
        page.keyboard.press("s")
        assert copied(page) == f"{site}/page.html#t=8.8"
        select(page, "word7", "word21")
        page.keyboard.press("q")
        quote = copied(page).splitlines()
        assert quote[0] == "“" + " ".join(f"word{n}" for n in range(7, 20))
        assert quote[1] == "word20 word21”", "no margin note and no time stands in the quote"
        page.evaluate("getSelection().selectAllChildren(document.querySelector('.unspoken:not(.about *)'))")
        page.locator(".quote-play:disabled").wait_for()
        page.keyboard.press("q")
        assert copied(page) == f"“word8 word9 word10”\n— Small labs\n{site}/page.html"


def test_copying_where_the_clipboard_is_closed(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/page.html") as page:
        page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
        page.evaluate("document.execCommand = () => { window.copied = String(getSelection()); return true }")
        page.keyboard.press("s")
        wait_until(page, "document.querySelector('.toast').textContent === 'Link copied'")


# Contents, settings, memory --------------------------------------------------------------------------


@LOOKS
def test_contents_by_keyboard(browser: Browser, site: str, width: int, dark: bool) -> None:
    with open_page(browser, f"{site}/chapters.html", width=width, height=640, dark=dark) as page:
        page.keyboard.press("c")
        assert page.locator(".contents li").all_text_contents() == [
            "Small labs 0:00",
            "Part one 0:03",
            "Never read not read",
            "שלום <b>last</b> 0:09",
        ]
        current = page.locator(".contents [aria-current]")
        assert current.text_content() == "Small labs 0:00"
        assert page.locator(".seek").get_attribute("aria-valuetext") == "0:00 of 1:00, Small labs"
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        wait_until(page, "!document.querySelector('audio').paused")
        assert not page.locator("#inkcast-contents").is_visible(), "it has been made use of"
        assert 3 < now(page) < 8
        assert page.url.endswith("#t=3")
        pause(page)
        assert current.text_content() == "Part one 0:03"
        place(page, 20)
        assert current.text_content() == "שלום <b>last</b> 0:09"
        chapters = page.locator(".seek").evaluate("e => e.style.getPropertyValue('--chapters')")
        assert chapters.count("var(--bar)") == 2, "two parts begin within the recording"
        place(page, 2.9)
        page.keyboard.press("Escape")
        bar = page.locator(".seek").bounding_box()
        assert bar
        page.mouse.move(bar["x"] + bar["width"] / 2, bar["y"] + 20)
        assert page.locator(".hint").text_content() == "0:30 · שלום <b>last</b>"
        page.locator(".open-settings").click()
        page.locator(".sleep").select_option("chapter")
        page.keyboard.press("Escape")
        page.locator(".play").click()
        wait_until(
            page, "document.querySelector('audio').paused && document.querySelector('.sleep').value === ''"
        )
        assert 3.2 <= now(page) < 8, "asleep where the next part begins"
    with open_page(browser, f"{site}/page.html", width=width, height=640, dark=dark) as page:
        assert not page.locator(".open-contents").is_visible(), "one part needs no list"


def test_contents_fit_with_a_word_longer_than_the_screen(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/listed.html", width=320, height=640) as page:
        page.keyboard.press("c")
        panel = page.locator("#inkcast-contents")
        assert panel.evaluate("e => e.scrollWidth - e.clientWidth") == 0
        time = panel.get_by_text("0:40").bounding_box()
        assert time and time["x"] + time["width"] < 320


@LOOKS
def test_what_is_not_read_can_be_hidden(browser: Browser, site: str, width: int, dark: bool) -> None:
    with open_page(browser, f"{site}/chapters.html", width=width, height=640, dark=dark) as page:
        silent = page.get_by_text("Nobody says this part.")
        assert silent.is_visible()
        page.locator(".open-settings").click()
        page.locator(".show-unspoken").uncheck()
        assert not silent.is_visible()
        page.reload()
        assert not silent.is_visible(), "remembered"
        page.keyboard.press("u")
        assert silent.is_visible()


def test_the_size_of_the_text_is_chosen_and_remembered(browser: Browser, site: str) -> None:
    size = "parseFloat(getComputedStyle(document.querySelector('article > p')).fontSize)"
    with open_page(browser, f"{site}/page.html") as page:
        normal = page.evaluate(size)
        page.locator(".open-settings").click()
        page.get_by_label("Very large").check(force=True)
        assert page.evaluate(size) > 1.3 * normal
        page.reload()
        assert page.evaluate(size) > 1.3 * normal


def test_words_that_the_site_has_found_are_marked(browser: Browser, site: str) -> None:
    query = quote('CAFE "with cafe" par*')
    with open_page(browser, f"{site}/chapters.html#t=9&q={query}") as page:
        assert now(page) == 9
        found = ["café", "cafe", "With cafe", "Part", "part", "part", "part"]
        assert sorted(painted(page, "found")) == sorted(found), "whole words, but for the beginning of one"


def test_colours_are_chosen_and_remembered(browser: Browser, site: str) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    with open_page(browser, f"{site}/page.html") as page:
        light = page.evaluate(paper)
        page.locator(".open-settings").click()
        page.locator(".themes input").first.focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        dark = page.evaluate(paper)
        assert dark != light
        assert contrast(page, "article p") >= 4.5
        page.reload()
        assert page.evaluate(paper) == dark
        page.emulate_media(color_scheme="dark")
        page.locator(".open-settings").click()
        page.locator(".themes input[value=light]").check()
        assert page.evaluate(paper) == light


@LOOKS
def test_the_place_and_the_speed_are_remembered(browser: Browser, site: str, width: int, dark: bool) -> None:
    with open_page(browser, f"{site}/long.html", width=width, height=640, dark=dark) as page:
        page.locator(".speed").select_option("1.5")
        place(page, 50)
        page.reload()
        assert now(page) == pytest.approx(50)
        assert page.evaluate("document.querySelector('audio').playbackRate") == 1.5
        assert page.evaluate("scrollY") == 0 and not playing(page), "nothing moves by itself"
        chip = page.locator(".follow")
        assert chip.text_content() == "Go to 0:50"
        chip.click()
        wait_until(page, "scrollY > 0")
        page.goto(f"{site}/long.html#t=12,12.5")
        page.reload()
        assert now(page) == 12, "an address comes first"
        page.locator(".invite-play").click()
        wait_until(page, "document.querySelector('audio').paused")
        page.goto(f"{site}/page.html")
        page.goto(f"{site}/long.html")
        assert now(page) == pytest.approx(50), "a passage that somebody shared is no place to go on from"


def test_a_browser_that_remembers_nothing(browser: Browser, site: str) -> None:
    context = browser.new_context()
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no') } })"
    )
    page = context.new_page()
    errors: list[object] = []
    page.on("pageerror", lambda error: errors.append(error))
    page.goto(f"{site}/page.html")
    page.get_by_text("word30", exact=True).click()
    pause(page)
    page.locator(".open-settings").click()
    page.locator(".show-unspoken").uncheck()
    assert now(page) >= start_of(30) and not errors
    context.close()


# Everybody -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1280, 320])
def test_axe_finds_nothing(browser: Browser, site: str, width: int, dark: bool) -> None:
    with open_page(browser, f"{site}/chapters.html", width=width, height=640, dark=dark) as page:
        place(page, 4)
        select(page, "Part", "part")
        assert axe_problems(page) == []
        page.evaluate("getSelection().removeAllRanges()")
        page.locator("article [tabindex='0']").focus()
        for key in ("c", "?", "/"):
            page.keyboard.press(key)
            assert axe_problems(page) == [], key
            page.keyboard.press("Escape")
        page.locator(".open-settings").click()
        assert axe_problems(page) == []
        page.keyboard.press("Escape")
        page.evaluate("location.hash = 't=4,5'")
        page.locator(".invite").wait_for(state="visible")
        assert axe_problems(page) == []
        page.evaluate("document.querySelector('.play').removeAttribute('aria-label')")
        assert "button-name" in axe_problems(page)[0], "the oracle has eyes"


# Nobody's scripts ------------------------------------------------------------------------------------

ATTACKS = (
    HOSTILE,
    "<img src=x onerror=document.title='hacked'>",
    "</title></style></script><script>document.title='hacked'</script>",
    "<style>*{display:none}</style><svg onload=document.title='hacked'>",
    "\u202egnp.elif\u202c \u2067rtl\u2069 \u200f",
    "x' style='position:fixed;inset:0",
)


def test_hostile_text_runs_nothing(browser: Browser, tmp_path: Path) -> None:
    marks = (
        Mark("link", 0, 5, "javascript:document.title='hacked'"),
        Mark("image", 0, 0, "x:y", HOSTILE),
        Mark("link", 3, 9, "data:text/html,<script>document.title='hacked'</script>"),
    )
    kinds = ("paragraph", "heading", "list_item", "quote", "caption", "footnote", "code", "boilerplate")
    blocks = tuple(Block(kind, attack, marks, 1, 0, "audio", attack) for kind in kinds for attack in ATTACKS)
    extra = tuple(Extra(n, attack, 0, 9) for n, attack in enumerate(ATTACKS))
    write_wav(tmp_path / "a.wav", 1)
    for title in ATTACKS[0], ATTACKS[2]:
        write_page(tmp_path / "page.html", Essay(title, blocks), "a.wav", extra=extra)
        with open_page(browser, (tmp_path / "page.html").as_uri()) as page:
            assert page.title() == " ".join(title.split())
            assert page.locator("article li > p:not(.speaker)").all_text_contents() == list(ATTACKS)
            assert page.locator("script").count() == 1 == page.locator("style").count()
            assert page.locator("[onerror], [onload], [style]:not(input, .quote)").count() == 0
            assert page.locator("a[href^=javascript], a[href^=data]").count() == 0
            page.keyboard.press("c")
            assert page.locator("#inkcast-contents").is_visible()
            assert page.evaluate("document.querySelector('audio').controls") is False
            assert page.title() == " ".join(title.split()), "nothing has run"


def test_one_word_of_five_megabytes(browser: Browser, tmp_path: Path) -> None:
    essay = Essay("x" * 5_000_000, (Block("title", "x" * 5_000_000), Block("paragraph", "After it.")))
    write_wav(tmp_path / "a.wav", 3)
    write_page(tmp_path / "page.html", essay, "a.wav", extra=(Extra(0, "y" * 100_000, 0, 9),))
    with open_page(browser, (tmp_path / "page.html").as_uri(), width=320) as page:
        assert len(page.title()) == 200
        assert page.evaluate("document.documentElement.scrollWidth") == 320
        page.evaluate("document.querySelector('audio').currentTime = 0.5")
        wait_until(page, "document.querySelector('article [aria-current]').textContent === 'After'")
