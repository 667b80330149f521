"""The report page in a real browser: playing departures, the charts, no script, hostile text, all widths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from inkcast.alignment.alignment import Alignment, Extra
from inkcast.publish.pages.report import report_page
from tests.publish.test_reader import HOSTILE, PASSED
from tests.publish.test_report import alignment_of
from tests.support.browser import contrast, open_page, wait_until, write_wav
from tests.support.servers import serve_folder

pytestmark = pytest.mark.browser

TEXTS = [" ".join(f"{name}{n}" for n in range(40)) for name in ("one", "two", "three")]
ALIGNMENT = alignment_of(
    "First part", TEXTS[0], "A rather long heading for a second part", TEXTS[1], TEXTS[2],
    kinds=("heading", "paragraph", "heading", "paragraph", "paragraph"),
    unspoken=(20, *range(60, 70)),
    extra=(Extra(19, "other", 8_000, 8_400), Extra(99, "Besides, this was said.", 40_300, 42_000)),
)  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("site")
    write_wav(folder / "a b#1.wav", 60)
    (folder / "page.html").write_text(report_page(ALIGNMENT, "a b#1.wav"), encoding="utf-8")
    failed = replace(ALIGNMENT, audit=replace(PASSED, passed=False, problems=("It is another essay.",)))
    (folder / "failed.html").write_text(report_page(failed, "a b#1.wav"), encoding="utf-8")
    with serve_folder(folder) as served:
        yield served.url


def now(page: Page) -> float:
    """Where the audio is, in seconds."""
    return float(page.evaluate("document.querySelector('audio').currentTime"))


def wait_for_pause(page: Page) -> None:
    wait_until(page, "document.querySelector('audio').paused")


def pause(page: Page) -> None:
    page.evaluate("document.querySelector('audio').pause()")
    wait_for_pause(page)


def test_a_departure_plays_with_what_is_around_it_and_stops(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/page.html") as page:
        item = page.locator("li.replaced")
        assert item.locator("del").text_content() == "one16" and item.locator("ins").text_content() == "other"
        item.locator("a.play").click()
        assert 6.8 <= now(page) < 11
        assert item.get_attribute("aria-current") == "true"
        wait_for_pause(page)
        assert 9.6 <= now(page) < 15, "it stops after the stretch from 8.0 to 8.4 s, and a little more"
        wait_until(page, "!document.querySelector('[aria-current]')")


def test_the_same_link_again_pauses_and_another_takes_over(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/page.html") as page:
        first, second = page.locator("li.replaced a.play"), page.locator("li.extra a.play")
        first.click()
        first.click()
        wait_for_pause(page)
        first.click()
        second.click()
        assert 39 <= now(page) < 43 and not page.evaluate("document.querySelector('audio').paused")
        assert page.locator("li[aria-current]").count() == 1
        assert page.locator("li.extra").get_attribute("aria-current") == "true"
        pause(page)


def test_keys_reach_every_departure(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/page.html") as page:
        page.locator("li.unspoken a.play").focus()
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('li').className") == "extra"
        page.keyboard.press("Enter")
        wait_until(page, "document.querySelector('audio').currentTime > 39")
        pause(page)


def test_a_click_into_the_chart_plays_that_moment(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/page.html") as page:
        walk = page.locator("svg.walk")
        box = walk.bounding_box()
        assert box is not None
        for chart in (walk, page.locator("svg.pace")):
            chart.click(position={"x": box["width"] * 0.75, "y": 20})
            assert 44.5 <= now(page) < 55
            pause(page)
            page.evaluate("document.querySelector('audio').currentTime = 15")
            wait_until(page, "document.querySelector('.playhead').getAttribute('x1') === '25%'")
            assert page.locator(".playhead.on").count() == 2


def test_a_sign_in_the_chart_leads_to_its_departure(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/page.html") as page:
        page.locator("svg.walk .sign.extra").click()
        wait_until(page, "document.querySelector('li.extra').matches(':target')")
        box = page.locator("li.extra").bounding_box()
        assert box is not None and 0 < box["y"] < 720
        assert page.evaluate("document.querySelector('audio').paused")


def test_signs_stand_where_their_departures_are(browser: Browser, site: str) -> None:
    n_words = len(ALIGNMENT.words)
    with open_page(browser, f"{site}/page.html") as page:
        frame = page.locator("svg.walk").bounding_box()
        assert frame is not None
        for kind, ms, word in (
            ("replaced", 8_000, 20.5),
            ("unspoken", 59 * 400 + 300, 65),
            ("extra", 40_300, 100),
        ):
            sign = page.locator(f"svg.walk .sign.{kind} use").bounding_box()
            assert sign is not None
            x, y = sign["x"] + sign["width"] / 2, sign["y"] + sign["height"] / 2
            assert x == pytest.approx(frame["x"] + frame["width"] * ms / 60_000, abs=2)
            assert y == pytest.approx(frame["y"] + frame["height"] * word / n_words, abs=2)


def test_reading_needs_no_script(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/page.html", scripts=False) as page:
        assert page.locator("svg.walk .steps").bounding_box()
        assert page.locator("table tbody tr").count() == 3
        assert not page.get_by_text("Click it").is_visible()
        href = page.locator("li.replaced a.play").get_attribute("href")
        assert href == "a%20b%231.wav#t=6.8,9.6", "the browser's own player then plays the stretch"


def test_a_failed_audit_is_the_first_thing_seen(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/failed.html", width=400, height=640) as page:
        box = page.get_by_text("The audit did not pass.").bounding_box()
        assert box is not None and box["y"] < 400
        assert page.get_by_text("It is another essay.").is_visible()


def test_nothing_but_the_recording_is_asked_for(browser: Browser, site: str) -> None:
    asked: list[str] = []
    context = browser.new_context()
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site}/page.html")
    page.locator("svg.walk").click()
    pause(page)
    context.close()
    assert set(asked) <= {f"{site}/page.html", f"{site}/a%20b%231.wav", "data:,"}


def test_hostile_text_runs_nothing(browser: Browser, tmp_path: Path) -> None:
    hostile = alignment_of(
        HOSTILE, HOSTILE, HOSTILE, kinds=("heading", "paragraph", "paragraph"),
        unspoken=(5, 6), extra=(Extra(4, HOSTILE, 0, 9),),
        audit=replace(PASSED, passed=False, problems=(HOSTILE,)),
    )  # fmt: skip
    hostile = replace(hostile, blocks=(replace(hostile.blocks[0], text=HOSTILE), *hostile.blocks[1:]))
    write_wav(tmp_path / "a.wav", 1)
    (tmp_path / "page.html").write_text(report_page(hostile, "a.wav"), encoding="utf-8")
    with open_page(browser, (tmp_path / "page.html").as_uri()) as page:
        assert page.locator("h1").text_content() == HOSTILE
        assert page.locator("script").count() == 1
        assert page.locator("img").count() == 0


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1280, 320])
def test_it_fits_and_can_be_read(browser: Browser, site: str, width: int, dark: bool) -> None:
    with open_page(browser, f"{site}/failed.html", width=width, height=640, dark=dark) as page:
        assert page.evaluate("document.documentElement.scrollWidth") == width
        for selector in (".facts", ".figures dt", "thead th", ".quote", "del", "ins", "a.play", ".kind"):
            assert contrast(page, selector) >= 4.5, selector  # WCAG 2.2, 1.4.3
        for selector in ("svg.walk text.name", "svg.pace text"):
            assert contrast(page, selector, "fill") >= 4.5, selector
        for selector in (".steps", ".sign.unspoken", ".sign.extra"):
            assert contrast(page, selector, "stroke") >= 3, selector  # 1.4.11
        walk = page.locator("svg.walk").bounding_box()
        assert walk is not None and walk["height"] >= 300
        for text in page.locator("svg.walk text").all():
            box = text.bounding_box()
            assert box is not None and box["x"] >= walk["x"] and box["x"] + box["width"] <= width


def test_paper_has_no_player(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/page.html") as page:
        page.emulate_media(media="print")
        assert not page.locator(".player").is_visible() and not page.get_by_text("Click it").is_visible()
        assert page.locator("svg.walk").is_visible()


def test_a_missing_recording_is_said(browser: Browser, tmp_path: Path) -> None:
    page_text = report_page(ALIGNMENT, "gone.wav")
    (tmp_path / "page.html").write_text(page_text, encoding="utf-8")
    with open_page(browser, (tmp_path / "page.html").as_uri(), expected="ERR_FILE_NOT_FOUND") as page:
        page.locator(".failed").wait_for(state="visible")


def test_an_alignment_of_nothing(browser: Browser, tmp_path: Path) -> None:
    nothing: Alignment = replace(ALIGNMENT, words=(), blocks=(), extra=())
    write_wav(tmp_path / "a.wav", 1)
    (tmp_path / "page.html").write_text(report_page(nothing, "a.wav"), encoding="utf-8")
    with open_page(browser, (tmp_path / "page.html").as_uri()) as page:
        assert page.locator("svg.walk").is_visible()
