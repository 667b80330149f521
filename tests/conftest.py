"""What all tests share: a clean environment, the weights, the browser, and no silent skips in CI."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest

from inkcast.errors import ModelError
from inkcast.speech.catalogue import find_model

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
