"""The reader page in a real browser: clicks, keys, playing, following, and hostile text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from browser import contrast, open_browser, open_page, wait_until, write_wav
from inkcast.alignment.alignment import Extra
from inkcast.essays.essay import Block, Essay, Mark
from inkcast.publish.reader import reader_page
from servers import serve_folder
from test_reader import HOSTILE, align, essay_of

pytestmark = pytest.mark.browser

WORDS = [f"word{n}" for n in range(60)]
ESSAY = essay_of(
    Block("paragraph", " ".join(WORDS[:20]), (Mark("emphasis", 0, 3), Mark("link", 6, 11, "#nowhere"))),
    Block("paragraph", " ".join(WORDS[20:40])),
    Block("paragraph", " ".join(WORDS[40:])),
)
UNSPOKEN = (10, 11, 12)  # word8 to word10: the title has two words


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with open_browser(chromium) as running:
        yield running


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("site")
    write_wav(folder / "a b#1.wav", 60)
    alignment = align(ESSAY, unspoken=UNSPOKEN, extra=(Extra(-1, "Hello there.", 0, 700),))
    (folder / "page.html").write_text(reader_page(ESSAY, alignment, "a b#1.wav"), encoding="utf-8")
    long = essay_of(*(Block("paragraph", " ".join(["word"] * 100)) for _ in range(100)))
    (folder / "long.html").write_text(reader_page(long, align(long), "a b#1.wav"), encoding="utf-8")
    with serve_folder(folder) as served:
        yield served.url


def now(page: Page) -> float:
    """Where the audio is, in seconds."""
    return float(page.evaluate("document.querySelector('audio').currentTime"))


def lit(page: Page) -> list[str]:
    return page.locator("[aria-current]").all_text_contents()


def start_of(n: int) -> float:
    """Seconds at which ``WORDS[n]`` starts."""
    return (n + 2) * 400 / 1000


def pause(page: Page) -> None:
    page.evaluate("document.querySelector('audio').pause()")
    wait_until(page, "document.querySelector('audio').paused")


def test_a_click_plays_from_the_word_and_the_light_follows(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/page.html") as page:
        page.get_by_text("word30", exact=True).click()
        assert start_of(30) <= now(page) < start_of(30) + 5
        wait_until(page, "document.querySelector('[aria-current]').textContent === 'word32'")
        assert not page.evaluate("document.querySelector('audio').paused")
        pause(page)
        page.get_by_text("word5", exact=True).click()
        pause(page)
        assert start_of(5) <= now(page) < start_of(30)


def test_the_light_is_right_while_paused_and_scrubbed(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/page.html") as page:
        for n in (50, 3, 19, 20):
            page.evaluate("s => { document.querySelector('audio').currentTime = s }", start_of(n))
            wait_until(page, "w => document.querySelector('[aria-current]')?.textContent === w", f"word{n}")
            assert lit(page) == [f"word{n}"]


def test_a_word_that_emphasis_cuts_lights_as_one(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/page.html#t=0.9") as page:
        assert "".join(lit(page)) == "word0"


def test_unspoken_text_does_not_play_and_is_not_told_by_colour_alone(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/page.html") as page:
        unspoken = page.locator("p > .unspoken")
        assert unspoken.text_content() == "word8 word9 word10"
        unspoken.click()
        assert now(page) == 0 and page.evaluate("document.querySelector('audio').paused")
        assert "underline" in unspoken.evaluate("e => getComputedStyle(e).textDecorationLine")
        assert "Text like this is not read aloud." in (page.locator(".legend").text_content() or "")


def test_extra_speech_plays_too(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/page.html#t=9") as page:
        page.get_by_text("Hello there.").click()
        pause(page)
        assert now(page) < 5


def test_keys_move_within_one_tab_stop(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/page.html") as page:
        stops = page.locator("article [tabindex]")
        page.get_by_text("word21", exact=True).click()
        pause(page)
        assert stops.count() == 1
        stops.focus()
        for key, expected in [
            ("ArrowRight", "word22"),
            ("ArrowLeft", "word21"),
            ("ArrowDown", "word40"),
            ("ArrowUp", "word20"),
            ("End", "word39"),
            ("Home", "word20"),
            ("ArrowRight", "word21"),
        ]:
            page.keyboard.press(key)
            assert page.evaluate("document.activeElement.textContent") == expected
            assert stops.count() == 1
        page.evaluate("document.querySelector('audio').currentTime = 0")
        page.keyboard.press("Enter")
        assert now(page) >= start_of(21)
        pause(page)
        page.keyboard.press("Home")
        page.keyboard.press(" ")
        pause(page)
        assert start_of(20) <= now(page) < start_of(20) + 5


def test_paragraph_links_and_deep_links(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/page.html#t=9") as page:
        assert now(page) == 9
        assert lit(page) == ["word20"]
        page.locator("a.time", has_text="0:16").click()
        pause(page)
        assert page.url.endswith("#t=16")
        assert start_of(40) <= now(page) < start_of(40) + 5
        page.evaluate("location.hash = 't=0:02.5'")
        wait_until(page, "document.querySelector('audio').currentTime === 2.5")
        page.evaluate("location.hash = 't=alert(1)'")
        page.evaluate("location.hash = '%'")


def test_a_deep_link_with_an_end_stops_there(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/page.html#t=2,2.6") as page:
        page.evaluate("document.querySelector('audio').play()")
        wait_until(page, "document.querySelector('audio').paused")
        assert 2.6 <= now(page) < 5


def test_following_stops_when_the_reader_scrolls_away(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/long.html") as page:
        chip = page.locator(".follow")
        page.locator("span[data-m]").nth(30).click()
        assert chip.get_attribute("aria-pressed") == "true"
        page.mouse.move(600, 300)
        page.mouse.wheel(0, 5_000)
        wait_until(page, "document.querySelector('.follow').getAttribute('aria-pressed') === 'false'")
        scrolled = page.evaluate("scrollY")
        page.wait_for_timeout(700)
        assert page.evaluate("scrollY") >= scrolled, "the page stays where the reader put it"
        chip.click()
        wait_until(
            page,
            "() => { const box = document.querySelector('[aria-current]')?.getBoundingClientRect();"
            " return box && box.top > 0 && box.bottom < innerHeight; }",
        )
        assert chip.get_attribute("aria-pressed") == "true"


def test_ten_thousand_words_touch_only_what_changes(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/long.html") as page:
        assert page.locator("span[data-m]").count() == 10_002
        page.evaluate(
            """() => {
                window.touched = [];
                new MutationObserver((records) => touched.push(...records.map((r) => r.target)))
                    .observe(document.body, { subtree: true, attributes: true, childList: true });
                document.querySelector('audio').currentTime = 8.05;
            }"""
        )
        wait_until(page, "document.querySelector('[aria-current]')")
        page.evaluate("window.touched.length = 0; document.querySelector('audio').currentTime = 8.45")
        wait_until(page, "touched.length > 0")
        assert page.evaluate("new Set(touched).size") <= 3


def test_hostile_text_runs_nothing(browser: Browser, tmp_path: Path) -> None:
    marks = (Mark("link", 0, 9, "javascript:alert(1)"), Mark("image", 0, 0, "x:y", HOSTILE))
    kinds = ("paragraph", "heading", "list_item", "quote", "caption", "footnote", "code")
    blocks = tuple(Block(kind, HOSTILE, marks, 1, 0, "audio", HOSTILE) for kind in kinds)
    essay = Essay(HOSTILE, blocks)
    write_wav(tmp_path / "a.wav", 1)
    page_text = reader_page(essay, align(essay, extra=(Extra(1, HOSTILE, 0, 9),)), "a.wav")
    (tmp_path / "page.html").write_text(page_text, encoding="utf-8")
    with open_page(browser, (tmp_path / "page.html").as_uri()) as page:
        assert page.title() == HOSTILE
        assert page.locator("li > p").text_content() == HOSTILE
        assert page.locator("script").count() == 1


def test_reading_needs_no_script(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/page.html", scripts=False) as page:
        assert page.locator("article p", has_text="word20").is_visible()
        assert page.locator("audio").is_visible()
        assert not page.get_by_text("Click a word").is_visible()
        assert not page.locator(".follow").is_visible()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1280, 320])
def test_it_fits_and_can_be_read(browser: Browser, site: str, width: int, dark: bool) -> None:
    with open_page(browser, f"{site}/page.html", width=width, height=640, dark=dark) as page:
        assert page.evaluate("document.documentElement.scrollWidth") == width
        player = page.locator(".player").bounding_box()
        assert player is not None and player["height"] < 90
        for selector in ("article p", ".unspoken", "a.time", ".extra b"):
            assert contrast(page, selector) >= 4.5, selector  # WCAG 2.2, 1.4.3


def test_paper_has_no_player(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/page.html") as page:
        page.emulate_media(media="print")
        assert not page.locator(".player").is_visible()
        assert not page.get_by_text("Click a word").is_visible()
        assert page.locator("article p", has_text="word20").is_visible()


def test_a_missing_recording_is_said(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(reader_page(ESSAY, align(ESSAY), "gone.wav"), encoding="utf-8")
    with open_page(browser, (tmp_path / "page.html").as_uri(), expected="ERR_FILE_NOT_FOUND") as page:
        page.locator(".failed").wait_for(state="visible")


def test_inline_audio_plays(browser: Browser, tmp_path: Path) -> None:
    audio = write_wav(tmp_path / "a.wav", 20).read_bytes()
    page_text = reader_page(ESSAY, align(ESSAY), "a.wav", inline_audio=audio)
    (tmp_path / "page.html").write_text(page_text, encoding="utf-8")
    (tmp_path / "a.wav").unlink()
    with open_page(browser, (tmp_path / "page.html").as_uri()) as page:
        page.get_by_text("word30", exact=True).click()
        wait_until(page, "document.querySelector('[aria-current]').textContent === 'word31'")
