"""A conversation on the reader page, in a browser: names, colours, and only what one speaker says."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from inkcast.alignment.alignment import Extra
from inkcast.publish.pages.reader import reader_page
from tests.support.browser import axe_problems, contrast, open_page, wait_until, write_wav
from tests.support.conversations import HOSTILE_NAMES, TURNS, interview
from tests.support.reader_site import LOOKS, lit, now, pause, place, select
from tests.support.servers import serve_folder

TEN = [(f"Speaker {n}", f"I am number {n} of ten.") for n in range(1, 11)]
THROWN_IN = Extra(6, "Right.", 2_720, 2_790, "Bo Chen")
NOISE = Extra(20, "um,", 8_720, 8_790, "Bo Chen")
COLOURS = "[...document.querySelectorAll('.turn')].map((turn) => getComputedStyle(turn).borderLeftColor)"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("conversations")
    write_wav(folder / "a.wav", 60)
    pages = {
        "interview": interview(TURNS, THROWN_IN, NOISE, labelled=False),
        "ten": interview(TEN),
        "hostile": interview(
            [(name, f"I am number {n}.") for n, name in enumerate(HOSTILE_NAMES)],
            Extra(3, "evil", 1_450, 1_500, HOSTILE_NAMES[0]),
        ),
    }
    for name, (essay, alignment) in pages.items():
        (folder / f"{name}.html").write_text(reader_page(essay, alignment, "a.wav"), encoding="utf-8")
    with serve_folder(folder) as served:
        yield served.url


def shown(page: Page) -> list[str]:
    """The first two words of each paragraph that is on the page."""
    texts = page.locator(".essay .turn > p:not(.speaker):visible").all_text_contents()
    return [" ".join(text.split()[:2]) for text in texts]


@LOOKS
def test_each_turn_has_its_name_and_its_bar(browser: Browser, site: str, width: int, dark: bool) -> None:
    with open_page(browser, f"{site}/interview.html", width=width, dark=dark) as page:
        assert page.locator(".speaker").all_text_contents() == ["Ada Brown", "Bo Chen"] * 2
        ada, bo, *others = page.evaluate(COLOURS)
        assert ada != bo and others == [ada, bo]
        notes = page.locator(".extra p").all_text_contents()
        assert notes == ["Also said by Bo Chen Right.", "Also said um,"], "named where it is another's turn"
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        boxes = [element.bounding_box() for element in page.locator(".speaker bdi, .turn > .time").all()]
        edges = [(box["x"], box["x"] + box["width"], box["y"], box["y"] + box["height"]) for box in boxes]
        for one, other in combinations(edges, 2):
            beside = one[1] <= other[0] or other[1] <= one[0]
            assert beside or one[3] <= other[2] or other[3] <= one[2], "no time stands on a name"


@LOOKS
def test_only_what_one_speaker_says_by_keyboard(browser: Browser, site: str, width: int, dark: bool) -> None:
    with open_page(browser, f"{site}/interview.html", width=width, dark=dark) as page:
        everything = ["Welcome to", "By accident.", "It was", "And the", "Still there."]
        assert shown(page) == everything
        page.keyboard.press("v")
        assert axe_problems(page) == []
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        assert page.evaluate("document.activeElement.labels[0].querySelector('bdi').textContent") == "Bo Chen"
        assert page.locator(".toast").text_content() == "Only Bo Chen"
        page.keyboard.press("Escape")
        assert shown(page) == ["By accident.", "It was", "Still there."]
        assert page.locator(".extra:visible").count() == 2, "what he throws in, too"
        assert page.locator("h1:visible").count() == 1
        assert axe_problems(page) == []
        page.keyboard.press("/")
        page.keyboard.type("and the")
        assert page.locator(".found").text_content() == "Not found"
        page.keyboard.press("Escape")
        page.keyboard.press("v")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowUp")
        assert shown(page) == everything


def test_what_others_say_is_passed_over(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/interview.html") as page:
        page.locator(".open-speakers").click()
        page.locator("label[data-voice='1']").click()
        page.keyboard.press("Escape")
        question = page.locator("p:has-text('And the boot?') span").first
        start = int(question.get_attribute("data-m") or "") / 1000
        place(page, 5.8)  # Bo has begun
        page.locator(".play").click()
        wait_until(page, "document.querySelector('article [aria-current]')?.textContent === 'And'")
        pause(page)
        assert start <= now(page) < start + 2
        page.locator(".play").click()  # after the question there is nothing more of hers
        wait_until(page, "document.querySelector('audio').paused")
        assert now(page) < start + 3


def test_keys_go_from_turn_to_turn(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/interview.html") as page:
        heard = []
        for key in "nnnpp":
            page.keyboard.press(key)
            heard.append((*lit(page), page.locator(".toast").text_content()))
        assert heard.pop(0) == ("Welcome", "Ada Brown"), "after the title"
        assert heard == [("By", "Bo Chen"), ("And", "Ada Brown"), ("By", "Bo Chen"), ("Welcome", "Ada Brown")]


def test_a_quote_says_whose_it_is(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/interview.html") as page:
        page.evaluate(
            """() => {
                const clipboard = { writeText: async (text) => { window.copied = text; } };
                Object.defineProperty(navigator, "clipboard", { value: clipboard });
            }"""
        )
        select(page, "pays", "rent.")
        page.keyboard.press("q")
        wait_until(page, "window.copied")
        assert page.evaluate("copied").split("\n")[:2] == ["“pays no rent.”", "— Bo Chen, Mud, 0:22"]


def test_an_address_shows_what_it_leads_to(browser: Browser, site: str) -> None:
    with open_page(browser, f"{site}/interview.html") as page:
        page.keyboard.press("v")
        page.keyboard.press("ArrowDown")
        assert "By accident." not in shown(page)
        page.evaluate("location.hash = '#t=6'")
        wait_until(page, "document.querySelector('[name=voice]').checked")
        assert "By accident." in shown(page)


def test_without_speakers_there_is_nothing_to_choose(browser: Browser, tmp_path: Path) -> None:
    essay, alignment = interview([("Ada", "I talk."), ("Ada", "To myself.")])
    (tmp_path / "page.html").write_text(reader_page(essay, alignment, "a.wav"), encoding="utf-8")
    write_wav(tmp_path / "a.wav", 1)
    with open_page(browser, (tmp_path / "page.html").as_uri()) as page:
        assert page.locator(".speaker").all_text_contents() == ["Ada"]
        assert page.locator(".turn, .open-speakers:visible, #inkcast-speakers").count() == 0
        page.keyboard.press("n")
        assert now(page) == 0


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_ten_speakers_have_ten_colours_that_can_be_read(browser: Browser, site: str, dark: bool) -> None:
    with open_page(browser, f"{site}/ten.html", dark=dark) as page:
        colours = page.evaluate(COLOURS)
        assert len(colours) == 10
        for one, other in combinations(colours, 2):
            assert far_apart(one, other), (one, other)
        for n in range(1, 11):
            assert contrast(page, f".turn[data-voice='{n}'] .speaker") >= 4.5
        assert axe_problems(page) == []


def far_apart(one: str, other: str) -> bool:
    """By the weighted distance of sRGB that Riemersma proposes (https://www.compuphase.com/cmetric.htm)."""
    r, g, b = (int(x) for x in one.removeprefix("rgb(").removesuffix(")").split(","))
    red, green, blue = (int(x) for x in other.removeprefix("rgb(").removesuffix(")").split(","))
    mean = (r + red) / 2
    square = (
        (2 + mean / 256) * (r - red) ** 2 + 4 * (g - green) ** 2 + (2 + (255 - mean) / 256) * (b - blue) ** 2
    )
    return square > 100**2


@LOOKS
def test_hostile_names_are_names(browser: Browser, site: str, width: int, dark: bool) -> None:
    with open_page(browser, f"{site}/hostile.html", width=width, dark=dark) as page:
        assert page.locator(".speaker").all_text_contents() == [
            " ".join(name.replace("\u202e", "").split()) for name in HOSTILE_NAMES
        ]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.keyboard.press("v")
        for _ in HOSTILE_NAMES:
            page.keyboard.press("ArrowDown")
        assert page.locator(".toast").bounding_box()["width"] <= width
        assert page.locator(".essay img, .essay script").count() == 0
        assert axe_problems(page) == []
