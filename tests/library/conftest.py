"""What the tests of a library begin with: a folder that is not there yet, and a model that is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.shows import Ears


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def ears() -> Ears:
    return Ears()
