"""The reader page in a real browser: clicks, keys, playing, following, addresses, paper."""

from __future__ import annotations

import threading
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from inkcast.publish.pages.reader import reader_page
from tests.support.alignments import align
from tests.support.browser import contrast, open_page, wait_until, write_wav
from tests.support.reader_site import (
    ESSAY,
    LOOKS,
    WORDS,
    lit,
    long_essay,
    now,
    painted,
    pause,
    place,
    playing,
    start_of,
    tinted,
    wait_until_lit,
    write_page,
)
from tests.support.servers import Handler, Route, serve

pytestmark = pytest.mark.browser


@pytest.fixture
def site(reader_site: str) -> str:
    return reader_site


# Words -----------------------------------------------------------------------------------------------


@LOOKS
def test_a_click_plays_from_the_word_and_the_light_follows(
    browser: Browser, site: str, width: int, dark: bool
) -> None:
    with open_page(browser, f"{site}/page.html", width=width, height=640, dark=dark) as page:
        page.get_by_text("word30", exact=True).click()
        assert start_of(30) <= now(page) < start_of(30) + 5
        wait_until_lit(page, 32)
        assert playing(page)
        page.get_by_text("word5", exact=True).click()
        pause(page)
        assert start_of(5) <= now(page) < start_of(30)


def test_the_light_is_right_while_paused_and_scrubbed(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/page.html") as page:
        for n in (50, 3, 19, 20):
            place(page, start_of(n))
            assert lit(page) == [f"word{n}"]
        place(page, 0.9)
        assert "".join(lit(page)) == "word0", "a word that emphasis cuts lights as one"
        page.locator(".seek").fill(str(start_of(33)))
        assert lit(page) == ["word33"]
        assert page.locator(".seek").get_attribute("aria-valuetext") == "0:14 of 1:00"
        page.locator(".forward").click()
        assert now(page) == pytest.approx(start_of(33) + 30)
        assert page.locator(".left").text_content() == "−0:16"
        page.locator(".back").click()
        assert now(page) == pytest.approx(start_of(33) + 15)
        bar = page.locator(".seek").bounding_box()
        assert bar
        page.mouse.move(bar["x"] + bar["width"] / 2, bar["y"] + 20)
        assert page.locator(".hint").text_content() == "0:30"
        page.mouse.move(5, 5)
        assert page.locator(".hint").is_hidden()
        facts = "(({ title, artist, album }) => [title, artist, album])(navigator.mediaSession.metadata)"
        assert page.evaluate(facts) == ["Small labs", "", ""]


@LOOKS
def test_the_sentence_is_lit_with_the_word(browser: Browser, site: str, width: int, dark: bool) -> None:
    with open_page(browser, f"{site}/page.html", width=width, height=640, dark=dark) as page:
        place(page, start_of(22))
        assert tinted(page, "sentence") == " ".join(WORDS[20:26])
        place(page, start_of(26))
        assert tinted(page, "sentence") == " ".join(WORDS[26:40])
        place(page, 40)
        assert tinted(page, "sentence") == ""


def test_unspoken_text_does_not_play_and_is_not_told_by_colour_alone(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/page.html") as page:
        unspoken = page.locator("article > p > .unspoken")
        assert unspoken.text_content() == "word8 word9 word10"
        unspoken.click()
        assert now(page) == 0 and not playing(page)
        assert "underline" in unspoken.evaluate("e => getComputedStyle(e).textDecorationLine")
        assert "97% of the text is read aloud. Text like this is not." in (
            page.locator(".legend").text_content() or ""
        )


@pytest.mark.parametrize("width", [1280, 320])
def test_extra_speech_stands_in_the_margin_or_between_paragraphs(
    browser: Browser, site: str, width: int
) -> None:
    with open_page(browser, f"{site}/page.html#t=9", width=width) as page:
        assert page.locator("aside b").all_text_contents() == ["Also said", "Said instead"]
        note = page.locator("aside").first.bounding_box()
        paragraph = page.locator("article > p").first.bounding_box()
        assert note and paragraph
        in_margin = note["x"] >= paragraph["x"] + paragraph["width"]
        assert in_margin == (width == 1280)
        assert in_margin or note["y"] + note["height"] <= paragraph["y"]
        page.get_by_text("Hello there.").click()
        pause(page)
        assert now(page) < 5


def test_words_can_be_heard_before_all_of_a_long_page_is_there(browser: Browser, tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", 60)
    write_page(tmp_path / "page.html", long_essay(2_000), "a.wav")
    data = (tmp_path / "page.html").read_bytes()
    rest = threading.Event()

    def send_slowly(handler: Handler) -> None:
        handler.reply(200, data[: len(data) // 2], media_type="text/html; charset=utf-8", length=len(data))
        rest.wait(60)
        handler.wfile.write(data[len(data) // 2 :])

    routes: dict[str, Route] = {"/a.wav": lambda handler: handler.reply_file(tmp_path / "a.wav")}
    with (
        serve(routes | {"/page.html": send_slowly}) as slow,
        open_page(browser, f"{slow.url}/page.html#t=30", until="commit") as page,
    ):
        page.locator("article > p span[data-m]").nth(10).click()
        wait_until(page, "!document.querySelector('audio').paused")
        assert page.evaluate("document.readyState") == "loading"
        assert 4.8 <= now(page) < 10
        rest.set()
        wait_until(page, "document.querySelector('article [aria-current]') !== null")
        assert 4.8 <= now(page) < 20, "what was clicked comes before the address"


# Keys ------------------------------------------------------------------------------------------------


@LOOKS
def test_keys_move_within_one_tab_stop(browser: Browser, site: str, width: int, dark: bool) -> None:
    with open_page(browser, f"{site}/page.html", width=width, height=640, dark=dark) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Small", "the first word"
        for key, expected in [
            ("ArrowDown", "Hello there."),
            ("ArrowDown", "deux"),
            ("ArrowDown", "wor"),
            ("ArrowDown", "word20"),
            ("ArrowRight", "word21"),
            ("ArrowRight", "word22"),
            ("ArrowLeft", "word21"),
            ("ArrowDown", "word40"),
            ("ArrowUp", "word20"),
            ("End", "word39"),
            ("Home", "word20"),
        ]:
            page.keyboard.press(key)
            assert page.evaluate("document.activeElement.textContent") == expected
            assert page.locator("article [tabindex='0']").count() == 1
        page.keyboard.press("Enter")
        assert start_of(20) <= now(page) < start_of(20) + 5 and playing(page)
        page.keyboard.press(" ")
        wait_until(page, "document.querySelector('audio').paused")
        page.keyboard.press("Tab")
        assert page.evaluate("!document.querySelector('.essay').contains(document.activeElement)")


@LOOKS
def test_from_an_address_the_tab_key_leads_into_the_text(
    browser: Browser, site: str, width: int, dark: bool
) -> None:
    with open_page(browser, f"{site}/page.html#t=8", width=width, height=640, dark=dark) as page:
        link = page.locator("a.time:focus")
        assert link.text_content() == "0:08", "browsers give the focus to what an address leads to"
        assert link.evaluate("e => getComputedStyle(e).outlineStyle") == "none"
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "word20"


def test_paragraphs_are_read_as_plain_text(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/page.html") as page:
        snapshot = page.locator("article").aria_snapshot()
        assert "paragraph: " + " ".join(f"word{n}" for n in range(40, 60)) in snapshot
        assert "button" not in snapshot.split("Listen")[1]
        page.get_by_text("word50", exact=True).click()
        pause(page)
        page.locator("article [tabindex='0']").focus()
        assert 'button "word50"' in page.locator("article").aria_snapshot(), "what has the focus has a role"


@LOOKS
def test_single_keys(browser: Browser, site: str, width: int, dark: bool) -> None:
    with open_page(browser, f"{site}/page.html", width=width, height=640, dark=dark) as page:
        page.keyboard.press("k")
        wait_until(page, "!document.querySelector('audio').paused")
        page.keyboard.press(" ")
        wait_until(page, "document.querySelector('audio').paused")
        place(page, start_of(22))
        for key, expected in [
            ("l", start_of(26)),
            ("l", start_of(40)),
            ("j", start_of(26)),
            ("ArrowRight", start_of(26) + 5),
            ("j", start_of(26)),
            ("ArrowLeft", start_of(26) - 5),
        ]:
            page.keyboard.press(key)
            assert now(page) == pytest.approx(expected), key
        page.keyboard.press(">")
        page.keyboard.press(">")
        assert page.evaluate("document.querySelector('audio').playbackRate") == 1.25
        page.keyboard.press("<")
        wait_until(page, "document.querySelector('.speed').value === '1.1'")
        assert page.locator(".toast").text_content() == "Speed 1.1×"
        page.keyboard.press("?")
        assert page.locator("#inkcast-help").is_visible()
        assert page.locator(".keys dt").count() == 17
        page.locator(".single-keys").uncheck()
        page.keyboard.press("Escape")
        assert not page.locator("#inkcast-help").is_visible()
        page.keyboard.press("l")
        page.keyboard.press("?")
        assert now(page) == pytest.approx(start_of(26) - 5), "switched off"
        assert not page.locator("#inkcast-help").is_visible()


# Addresses -------------------------------------------------------------------------------------------


def test_paragraph_links_and_deep_links(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/page.html#t=9") as page:
        assert now(page) == 9
        assert lit(page) == ["word20"]
        link = page.locator("a.time", has_text="0:16")
        assert link.evaluate("e => getComputedStyle(e).opacity") == "0"
        page.get_by_text("word45", exact=True).hover()
        wait_until(page, "getComputedStyle(document.getElementById('t=16')).opacity === '1'")
        link.click()
        pause(page)
        assert page.url.endswith("#t=16")
        assert start_of(40) <= now(page) < start_of(40) + 5
        page.evaluate("location.hash = 't=0:02.5'")
        wait_until(page, "document.querySelector('audio').currentTime === 2.5")
        for nonsense in ("t=alert(1)", "%", "t=5,2", "t=,", "t=1:2:3:4"):
            page.evaluate("hash => { location.hash = hash }", nonsense)
        page.evaluate("new Promise((done) => setTimeout(done, 50))")
        assert now(page) == 2.5 or not playing(page)


@pytest.mark.parametrize("width", [1280, 320])
def test_an_address_far_down_is_in_view(browser: Browser, site: str, width: int) -> None:
    for scripts in (True, False):
        with open_page(browser, f"{site}/long.html#t=2400", width=width, height=640, scripts=scripts) as page:
            wait_until(
                page,
                """() => { const { y } = document.querySelector('[id="t=2400"] + p').getBoundingClientRect();
                return y > -20 && y < 500; }""",
            )


@pytest.mark.parametrize("width", [1280, 320])
def test_a_paragraph_link_needs_no_script(browser: Browser, site: str, width: int) -> None:
    with open_page(browser, f"{site}/long.html", width=width, scripts=False) as page:
        assert page.locator("audio").is_visible()
        assert not page.get_by_text("Click a word").is_visible()
        assert not page.locator(".controls").is_visible() and not page.locator(".listen").is_visible()
        assert page.locator("article > p").nth(99).text_content() == ("word " * 99) + "end."
        link = page.locator("a.time").nth(50)
        link.click()
        box = link.bounding_box()
        assert box is not None and 0 <= box["y"] < 800


def test_addresses_lead_to_headings_and_list_items_on_small_screens(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/listed.html", width=320, height=640, scripts=False) as page:
        item = page.locator("article li").last
        assert item.locator(".time").is_hidden(), "lists keep their lines"
        page.goto(f"{site}/listed.html#t=1")
        box = item.bounding_box()
        assert box and 0 <= box["y"] < 640
        heading = page.locator("article h2")
        page.goto(f"{site}/listed.html#t=40")
        box = heading.bounding_box()
        assert box and 0 <= box["y"] < 640, "also without a script"
        assert not heading.locator("xpath=preceding-sibling::a[1]").is_visible()


@LOOKS
def test_a_deep_link_with_an_end_plays_that_and_stops(
    browser: Browser, site: str, width: int, dark: bool
) -> None:
    with open_page(browser, f"{site}/page.html#t=2,2.9", width=width, height=640, dark=dark) as page:
        assert painted(page, "clip") == ["word3 word4 word5"]
        assert tinted(page, "clip") == "word3 word4 word5"
        page.locator(".invite-play").click()
        wait_until(page, "document.querySelector('audio').paused")
        assert 2.899 <= now(page) < 10
        assert page.locator(".invite").is_visible(), "it can be played again"
        page.keyboard.press("k")
        wait_until(page, "document.querySelector('audio').currentTime > 3.2")
        assert playing(page), "whoever plays on plays on"
        pause(page)
        assert page.locator(".invite").is_hidden()
        page.evaluate("location.hash = 't=10,10.4'")
        wait_until(page, "document.querySelector('audio').paused")
        assert 10.399 <= now(page) < 20, "an address that is followed within the page plays at once"


# Following -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 320])
def test_following_stops_when_the_reader_scrolls_away(browser: Browser, site: str, width: int) -> None:
    with open_page(browser, f"{site}/long.html", width=width, height=640) as page:
        chip = page.locator(".follow")
        page.locator("article > p span[data-m]").nth(10).click()
        assert chip.get_attribute("aria-pressed") == "true" and not chip.is_visible()
        page.mouse.move(200, 300)
        page.mouse.wheel(0, 5_000)
        chip.wait_for(state="visible")
        assert chip.text_content() == "Follow"
        scrolled = page.evaluate("scrollY")
        page.wait_for_timeout(700)
        assert page.evaluate("scrollY") >= scrolled, "the page stays where the reader put it"
        chip.click()
        wait_until(
            page,
            "() => { const box = document.querySelector('article [aria-current]')?.getBoundingClientRect();"
            " return box && box.top > 0 && box.bottom < innerHeight; }",
        )
        assert chip.get_attribute("aria-pressed") == "true"


@LOOKS
def test_the_page_goes_with_the_voice(browser: Browser, site: str, width: int, dark: bool) -> None:
    with open_page(browser, f"{site}/long.html", height=640) as page:
        page.emulate_media(reduced_motion="reduce")
        page.keyboard.press("k")
        page.evaluate("document.querySelector('audio').currentTime = 50")
        wait_until(page, "scrollY > 0 && document.querySelector('article [aria-current]')")
        box = page.locator("article [aria-current]").bounding_box()
        assert box is not None and 0 < box["y"] < 500


def test_ten_thousand_words_touch_only_what_changes(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/long.html") as page:
        assert page.locator("span[data-m]").count() == 10_002
        wait_until(page, "reader.heights.settled")
        high = "document.documentElement.scrollHeight"
        before = page.evaluate(high)
        for at in (0.5, 1, 0):
            page.evaluate(f"scrollTo(0, {at} * {high})")
            page.evaluate("new Promise(requestAnimationFrame)")
            assert page.evaluate(high) == before, "the page is as high wherever one is"
        place(page, 8.05)
        page.evaluate(
            """() => {
                window.touched = [];
                new MutationObserver((records) => touched.push(...records.map((r) => r.target)))
                    .observe(document.body, { subtree: true, attributes: true, childList: true });
            }"""
        )
        place(page, 8.45)
        assert page.evaluate("touched.filter((node) => node.matches('article *')).length") == 2
        assert page.evaluate("new Set(touched).size") <= 3, "and the slider"
        page.evaluate("touched.length = 0")
        place(page, 50)
        assert lit(page) == ["word"]
        assert page.locator("article .now").all_text_contents() == ["0:40"]
        assert page.evaluate("touched.filter((node) => node.matches('article *')).length") == 6, (
            "and the times and the tints of two paragraphs"
        )


# Everywhere ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1280, 320])
def test_it_fits_and_can_be_read(browser: Browser, site: str, width: int, dark: bool) -> None:
    with open_page(browser, f"{site}/chapters.html", width=width, height=640) as page:
        for button in page.locator(".controls > button:visible").all():
            box = button.bounding_box()
            assert box is not None and min(box["width"], box["height"]) >= 43.5, "with contents, one more"
    with open_page(browser, f"{site}/page.html", width=width, height=640, dark=dark) as page:
        assert page.evaluate("document.documentElement.scrollWidth") == width
        player = page.locator(".player").bounding_box()
        assert player is not None and player["height"] < 100
        paint = page.locator(".player").evaluate("e => getComputedStyle(e).backgroundColor")
        assert paint.startswith("rgb("), "nothing shines through"
        rows: set[int] = set()
        for control in page.locator(".controls > :visible, .seek").all():
            box = control.bounding_box()
            assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width
            if control.evaluate("e => e.matches('button, select')"):
                rows.add(round(box["y"] + box["height"] / 2))
            if control.evaluate("e => e.matches('button, select, input')"):
                assert min(box["width"], box["height"]) >= 44, "a finger's size"
        assert len(rows) == 1, "all buttons stand in one row"
        page.locator("aside span[data-m]").first.scroll_into_view_if_needed()
        for seconds in (0.1, 2.5):
            place(page, seconds)
            assert contrast(page, "article [aria-current]") >= 4.5
        for selector in ("article p", ".unspoken", "a.time", ".extra b"):
            assert contrast(page, selector) >= 4.5, selector  # WCAG 2.2, 1.4.3
        page.set_viewport_size({"width": 768, "height": 640})
        boxes = [button.bounding_box() for button in page.locator(".controls > button:visible").all()]
        assert max(b["x"] - a["x"] - a["width"] for a, b in pairwise(filter(None, boxes[-2:]))) < 20


def test_paper_has_no_player(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/page.html", dark=True) as page:
        place(page, start_of(20))
        page.emulate_media(media="print")
        assert not page.locator(".player").is_visible()
        assert not page.get_by_text("Click a word").is_visible()
        assert not page.locator("a.time").first.is_visible()
        assert page.locator("article p", has_text="word20").is_visible()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_a_missing_recording_is_named_and_can_be_chosen(browser: Browser, tmp_path: Path) -> None:
    write_page(tmp_path / "page.html", ESSAY, "gone away.wav")
    elsewhere, other = write_wav(tmp_path / "b.wav", 60), write_wav(tmp_path / "c.wav", 20)
    with open_page(browser, (tmp_path / "page.html").as_uri(), expected="ERR_FILE_NOT_FOUND") as page:
        failed = page.locator(".failed")
        failed.wait_for(state="visible")
        assert "gone away.wav could not be loaded" in (failed.text_content() or "")
        page.locator(".choose input").set_input_files(other)
        page.get_by_text("It is 0:20 long, not 1:00").wait_for()
        page.locator(".choose input").set_input_files(elsewhere)
        failed.wait_for(state="hidden")
        page.get_by_text("word30", exact=True).click()
        wait_until_lit(page, 31)


def test_inline_audio_plays(browser: Browser, tmp_path: Path) -> None:
    audio = write_wav(tmp_path / "a.wav", 20).read_bytes()
    page_text = reader_page(ESSAY, align(ESSAY), "a.wav", inline_audio=audio)
    (tmp_path / "page.html").write_text(page_text, encoding="utf-8")
    (tmp_path / "a.wav").unlink()
    with open_page(browser, (tmp_path / "page.html").as_uri()) as page:
        page.get_by_text("word30", exact=True).click()
        wait_until_lit(page, 31)
