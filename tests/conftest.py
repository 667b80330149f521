"""What all tests share: a clean environment, the weights, the browser, and no silent skips in CI."""

from __future__ import annotations

import math
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from inkcast.errors import ModelError
from inkcast.speech.models import model_catalog
from tests.support.environment import clean_environment

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_MISSING = "missing: "
_MARKS = {"ray": "ray", "tiny_en": "model", "chromium": "browser"}
"""What tests are marked as by a fixture that they use."""
_SLOW = {
    "alignment": ("align", "confirm", "refine"),
    "cli": ("edit", "feeds", "parallel", "publish", "retry", "search", "serve", "status", "sync"),
    "download": ("enclosure", "kill", "twenty_failures"),
    "editor": ("edit_server", "session"),
    "essays": ("books", "hostile", "library", "markdown", "plaintext"),
    "feeds": ("fuzz",),
    "library": ("check", "corrected", "finish", "kill", "plan", "processes", "sync", "trouble", "up_to_date"),
    "publish": ("exports", "site", "subtitles", "subtitles_limits", "subtitles_players"),
    "speech": ("model_catalog",),
    "": ("benchmarks", "bombs", "growth", "readme", "secrets"),
}
"""Modules whose tests take long together, by folder: ``scripts/test --fast`` leaves them out."""


def pytest_configure(config: pytest.Config) -> None:
    """Before anything is imported that reads the environment; the processes of xdist inherit it."""
    if not hasattr(config, "workerinput"):
        home = Path(tempfile.mkdtemp(prefix="inkcast-home-"))
        config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
        clean_environment(home)


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark tests; for xdist, begin with files that take long, so that no process ends alone with one."""
    long = set()
    for item in items:
        for mark in {_MARKS[name] for name in getattr(item, "fixturenames", ()) if name in _MARKS}:
            item.add_marker(mark)
            long.add(item.path)
        folder = item.path.parent.name if item.path.parent.parent.name == "tests" else ""
        if item.path.stem.removeprefix("test_") in _SLOW.get(folder, ()):
            item.add_marker("slow")
            long.add(item.path)
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: item.path not in long)


@pytest.fixture(autouse=True, scope="session")
def _whatever_the_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Weights and settings in the checkout are not found, and nobody is told that the machine is slow.

    The first is so in this process only: one that a test starts finds weights in the checkout.
    """
    catalogue = model_catalog._checkout() / "models" / "catalog.toml"
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "models").mkdir()
    shutil.copy(catalogue, elsewhere / "models")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model_catalog, "_checkout", lambda: elsewhere)
        patch.chdir(tmp_path_factory.mktemp("here"))
        patch.setattr("inkcast.cli.progress._MIN_SECONDS", math.inf)
        yield


@pytest.fixture(scope="session")
def tiny_en() -> Path:
    """The folder of the embedded tiny.en weights for CTranslate2."""
    try:
        return model_catalog.find_model("tiny.en", "ctranslate2").path
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
