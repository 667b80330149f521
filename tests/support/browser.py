"""A real browser for tests: Chromium that reports whatever goes wrong in a page."""

from __future__ import annotations

import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Error, Page, sync_playwright

RATE = 8_000

_IDLE = "about:blank#idle"


@contextmanager
def open_browser(executable: str) -> Iterator[Browser]:
    """Start the Chromium at ``executable`` without a window. Tests take the ``browser`` fixture."""
    # Without a GPU, painting in this process costs less than asking another one to do it in software.
    arguments = ["--no-sandbox", "--mute-audio", "--disable-dev-shm-usage", "--disable-gpu"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def open_page(
    browser: Browser,
    url: str,
    *,
    width: int = 1280,
    height: int = 800,
    dark: bool = False,
    scripts: bool = True,
    expected: str = "",
    until: Literal["load", "commit"] = "load",
) -> Iterator[Page]:
    """Open ``url``; at the end fail on any dialog, page error, console error or policy violation.

    A tab costs more than most tests, so the next page takes over the tab of the last, which remembers
    nothing of it. Console errors that contain ``expected`` are not counted. ``until`` is how far the page is
    when it is given: all there, or only begun.
    """
    page = (_idle_tab(browser) if scripts else None) or browser.new_context(
        java_script_enabled=scripts
    ).new_page()
    problems: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not (expected and expected in message.text):
            problems.append(message.text)

    def dismiss(dialog: Dialog) -> None:
        problems.append("a dialog opened")
        dialog.dismiss()

    def fail(error: Error) -> None:
        problems.append(f"error: {error}")

    page.on("pageerror", fail)
    page.on("console", note)
    page.on("dialog", dismiss)
    page.set_default_timeout(30_000)
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if dark else "light", media="null", reduced_motion="null")
    reusable = False
    try:
        page.goto(url, timeout=60_000, wait_until=until)  # a page of five megabytes, on a busy machine
        yield page
        assert not problems, problems
        reusable = scripts
    finally:
        for event, listener in (("pageerror", fail), ("console", note), ("dialog", dismiss)):
            page.remove_listener(event, listener)
        if reusable:
            _clear(page)
        else:
            page.context.close()


def _idle_tab(browser: Browser) -> Page | None:
    """A tab that ``_clear`` left; contexts that a test has made itself have none."""
    tabs = (page for context in browser.contexts for page in context.pages)
    return next((page for page in tabs if page.url == _IDLE), None)


def _clear(page: Page) -> None:
    """Forget what pages have stored, where the mouse is, and the page."""
    page.mouse.move(0, 0)
    page.goto(_IDLE)  # first: pages store things as they are left
    session = page.context.new_cdp_session(page)
    session.send("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": "all"})
    session.detach()


def wait_until(page: Page, expression: str, argument: object = None, timeout_s: float = 60) -> None:
    """Wait until JavaScript says yes. Playwright's own wait needs ``eval``, which the pages forbid."""
    deadline = time.monotonic() + timeout_s
    while not page.evaluate(expression, argument):
        assert time.monotonic() < deadline, f"never true: {expression}"
        page.wait_for_timeout(20)


def axe_problems(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA and its own best practice."""
    try:
        axe = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    except ModuleNotFoundError:
        pytest.skip("missing: axe-core (pip install axe-playwright-python)")
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe)
    found = page.evaluate("axe.run().then((results) => results.violations)")
    return [
        f"{each['id']} ({each['help']}): {node['html'][:120]} {node['failureSummary']}"
        for each in found
        for node in each["nodes"][:3]
    ]


def contrast(page: Page, selector: str, paint: str = "color") -> float:
    """Contrast of an element's ``paint`` with what is behind it, 1 to 21 (WCAG 2.2, relative luminance)."""
    ratio = page.evaluate(
        """([selector, paint]) => {
            const light = (color) => {
                const [r, g, b] = color.match(/[\\d.]+/g).map((v) => v / 255)
                    .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
            };
            const style = getComputedStyle(document.querySelector(selector));
            const own = paint === 'color' && style.backgroundColor.startsWith('rgb(');
            const ink = light(style[paint]);
            const paper = light((own ? style : getComputedStyle(document.body)).backgroundColor);
            return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
        }""",
        [selector, paint],
    )
    return float(ratio)


def write_wav(path: Path, seconds: float) -> Path:
    """Silence as a mono 16-bit WAV file."""
    with wave.open(str(path), "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(RATE)
        wav.writeframes(bytes(2 * round(RATE * seconds)))
    return path
