"""What all tests share: a clean environment, the weights, the browser, and no silent skips in CI."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from inkcast.errors import ModelError
from inkcast.speech.models.model_catalog import find_model

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_MISSING = "missing: "


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on the settings of whoever runs it."""
    for name in list(os.environ):
        if name.startswith("INKCAST_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def tiny_en() -> Path:
    """The folder of the embedded tiny.en weights for CTranslate2."""
    try:
        return find_model("tiny.en", "ctranslate2").path
    except ModelError as error:
        pytest.skip(_MISSING + str(error))


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium for Playwright's ``executable_path``."""
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge"):
        path = shutil.which(name)
        if path:
            return path
    pytest.skip(_MISSING + "Chromium (apt-get install chromium)")


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser for all tests: starting it takes longer than most of them. Pages: ``open_page``."""
    from tests.support.browser import open_browser  # here, so that other tests need no Playwright

    with open_browser(chromium) as running:
        yield running


@pytest.fixture(scope="session")
def reader_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the pages of ``reader_site.py``."""
    from tests.support.reader_site import serve_pages

    with serve_pages(tmp_path_factory.mktemp("reader")) as url:
        yield url


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI, where scripts/test installs every part, a skip for a missing part is a failure."""
    report = yield
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
    if report.skipped and _MISSING in reason and os.environ.get("CI") == "true":
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} may not be skipped in CI: {reason}"
    return report
