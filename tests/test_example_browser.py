"""The example's own reader page: its essay, its MP3, times from the real model, in a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from inkcast.alignment.align import align
from inkcast.publish.pages.reader import reader_page
from tests.support import example
from tests.support.browser import open_page, wait_until
from tests.support.servers import serve_folder


@pytest.fixture
def page(browser: Browser, tiny_en: Path, tmp_path: Path) -> Iterator[Page]:
    transcript = example.guided()
    alignment = align(transcript, example.essay())
    html = reader_page(example.essay(), alignment, example.AUDIO.name)
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    shutil.copy(example.AUDIO, tmp_path)
    shutil.copy(example.AUDIO.with_name("repeat-cost.svg"), tmp_path)
    with serve_folder(tmp_path) as site, open_page(browser, f"{site.url}/page.html") as opened:
        yield opened


@pytest.mark.browser
@pytest.mark.model
def test_a_click_on_a_word_plays_the_recording_from_there(page: Page) -> None:
    sentence = next(s for s in example.sentences() if (s["published"] or "").startswith("Data recipes"))
    page.get_by_text("mixtures", exact=True).click()
    wait_until(page, "!document.querySelector('audio').paused")
    place = page.evaluate("document.querySelector('audio').currentTime")
    assert sentence["start"] - 0.3 < place < sentence["end"] - 1
    # The light goes on with the voice: to the sentence's next words.
    lit = "document.querySelector('[aria-current]')?.textContent"
    wait_until(page, f"![undefined, 'mixtures'].includes({lit})")
    assert page.evaluate(lit) in sentence["published"].split("mixtures")[1].split()


@pytest.mark.browser
@pytest.mark.model
def test_what_was_not_read_is_set_apart(page: Page) -> None:
    skipped = page.locator(".unspoken").all_text_contents()
    assert any("That curve will bend." in text for text in skipped)
    assert "older than the student" in page.locator("aside.extra").all_text_contents()[-1]
