"""The editor in Chromium, by keyboard: corrections are on screen at once, and in the files at the end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from inkcast.api import align
from inkcast.corrections.corrections_file import read_corrections
from tests.support import example
from tests.support.browser import axe_problems, open_page, wait_until
from tests.support.editing import editing

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory, tiny_en: Path) -> Path:
    folder = tmp_path_factory.mktemp("edited")
    align(example.AUDIO, example.essay(), transcript=example.guided()).write(folder)
    return folder / f"{example.STEM}.alignment.json"


def word(page: Page, text: str) -> str:
    """The name of a word that is heard."""
    return str(page.locator("[data-w][data-m]", has_text=text).first.get_attribute("data-w"))


def saved(page: Page, message: str = "Saved") -> None:
    wait_until(page, "text => document.querySelector('.saved').textContent === text", message)


def focus(page: Page, name: str) -> None:
    page.locator(f"[data-w='{name}']").first.click()


def test_five_corrections_by_keyboard(browser: Browser, path: Path) -> None:
    with editing(path) as server, open_page(browser, server.url, width=1440, height=900) as page:
        page.locator("[data-w]").first.wait_for()
        assert axe_problems(page) == []

        # A sentence that is not read.
        focus(page, word(page, "Analysts"))
        for _ in range(3):
            page.keyboard.press("Shift+ArrowRight")
        assert "Analysts now value the" in (page.locator(".what").text_content() or "")
        page.keyboard.press("x")
        saved(page)
        assert page.locator("[data-w].unspoken", has_text="Analysts").count() == 1

        # Extra speech that was something else: the next doubtful place that is such.
        note = page.locator("aside.extra p", has_text="welcome back")
        note.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("e")
        page.keyboard.type("Hello and welcome.")
        page.keyboard.press("Enter")
        page.locator("aside.extra", has_text="Hello and welcome.").wait_for()

        # A start that is 150 ms earlier.
        moved = word(page, "borrowed")
        focus(page, moved)
        start = int(page.locator(f"[data-w='{moved}']").get_attribute("data-m") or 0)
        page.locator(".border.from").focus()
        page.keyboard.press("Shift+ArrowLeft")
        for _ in range(5):
            page.keyboard.press("ArrowLeft")
        page.locator(f"[data-w='{moved}'][data-m='{start - 150}']").wait_for()
        assert page.locator(".border.from").get_attribute("aria-valuenow") == str(start - 150)

        # A typo; and one that is taken back.
        focus(page, word(page, "rounding"))
        page.keyboard.press("w")
        page.keyboard.type("roundoff")
        page.keyboard.press("Enter")
        page.locator("[data-w].chosen", has_text="roundoff").wait_for()
        page.keyboard.press("x")
        page.locator("[data-w].unspoken", has_text="roundoff").wait_for()
        page.keyboard.press("Control+z")
        saved(page, "Undone")
        page.locator("[data-w][data-m]", has_text="roundoff").wait_for()

        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 360, "height": 740})
        assert axe_problems(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        for button in page.locator(".round button").all():
            box = button.bounding_box()
            assert box and box["x"] >= 0 and box["x"] + box["width"] <= 360 and box["height"] >= 44

        page.locator(".done").click()
        assert "were made anew" in (page.locator(".end").text_content() or "")
    assert server.is_done.is_set()
    kinds = [one.kind for one in read_corrections(path.with_name(f"{example.STEM}.corrections.toml"))]
    assert kinds == ["not read", "extra speech", "starts here", "wording"]
    data = json.loads(path.read_bytes())
    times = {each["text"]: each["start_ms"] for each in data["words"]}
    assert times["Analysts"] is None and times["borrowed"] == start - 150 and times["roundoff"] is not None
    assert data["extra"][0]["text"] == "Hello and welcome."
    assert "roundoff" in path.with_name(f"{example.STEM}.vtt").read_text(encoding="utf-8")


def test_doubtful_places_are_gone_through_and_heard_in_a_loop(browser: Browser, path: Path) -> None:
    with editing(path) as server, open_page(browser, server.url, width=1280, height=800) as page:
        page.locator(".doubt").first.wait_for()
        page.keyboard.press("n")
        wait_until(page, "document.querySelector('[data-act=loop]').getAttribute('aria-pressed') === 'true'")
        first = page.locator(".what").text_content()
        page.keyboard.press("n")
        second = page.locator(".what").text_content()
        assert page.locator(".chosen.doubt").count() and second != first
        page.keyboard.press("p")
        assert page.locator(".what").text_content() == first
        count = page.locator(".count").text_content() or ""
        page.keyboard.press("y")
        saved(page)
        assert page.locator(".count").text_content() == f"{int(count.split()[0]) - 1} doubts"
        page.keyboard.press("Escape")
        wait_until(page, "document.querySelector('[data-act=loop]').getAttribute('aria-pressed') === 'false'")
        # What is selected by hand; a mistake is said, and nothing is changed.
        page.locator("a [data-w]", has_text="Olmo").click()  # a link leads nowhere
        page.locator("[data-w]", has_text="ships,").click(modifiers=["Shift"])
        assert page.locator("[data-w].chosen").all_text_contents() == ["Olmo", "ships,"]
        page.keyboard.press("s")
        wait_until(page, "document.querySelector('.saved').classList.contains('wrong')")
        # A passage that is read after all, between two borders.
        page.locator("[data-w].unspoken", has_text="Notes").click()
        page.keyboard.press("Shift+End")
        page.keyboard.press("r")
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("Enter")
        page.locator("[data-w][data-m]", has_text="Notes").wait_for()
        assert page.evaluate("document.activeElement.className") == "border from"
