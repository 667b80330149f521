"""A real browser for tests: Chromium that reports whatever goes wrong in a page."""

from __future__ import annotations

import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, sync_playwright

RATE = 8_000


@contextmanager
def open_browser(executable: str) -> Iterator[Browser]:
    """Start the Chromium at ``executable`` (the ``chromium`` fixture) without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--mute-audio", "--disable-dev-shm-usage"]
        )
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
) -> Iterator[Page]:
    """Open ``url``; at the end fail on any dialog, page error, console error or policy violation.

    Console errors that contain ``expected`` are not counted.
    """
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        java_script_enabled=scripts,
    )
    problems: list[str] = []
    try:
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: problems.append(f"error: {error}"))

        def note(message: ConsoleMessage) -> None:
            if message.type == "error" and not (expected and expected in message.text):
                problems.append(message.text)

        def dismiss(dialog: Dialog) -> None:
            problems.append("a dialog opened")
            dialog.dismiss()

        page.on("console", note)
        page.on("dialog", dismiss)
        page.goto(url)
        yield page
        assert not problems, problems
    finally:
        context.close()


def wait_until(page: Page, expression: str, argument: object = None, timeout_s: float = 20) -> None:
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
    page.evaluate(axe)
    found = page.evaluate("axe.run().then((results) => results.violations)")
    return [
        f"{each['id']} ({each['help']}): {node['html'][:120]} {node['failureSummary']}"
        for each in found
        for node in each["nodes"][:3]
    ]


def contrast(page: Page, selector: str, paint: str = "color") -> float:
    """Contrast of an element's ``paint`` with the page, 1 to 21 (WCAG 2.2, relative luminance)."""
    ratio = page.evaluate(
        """([selector, paint]) => {
            const light = (color) => {
                const [r, g, b] = color.match(/[\\d.]+/g).map((v) => v / 255)
                    .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
            };
            const ink = light(getComputedStyle(document.querySelector(selector))[paint]);
            const paper = light(getComputedStyle(document.body).backgroundColor);
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
