"""Nothing of the machine that the tests run on matters to them: here is one with habits of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.environment import ROOT

# Of each kind that a habit could reach: settings, dates, terminals, downloads, credentials, a real model.
TESTS = (
    "tests/test_settings.py",
    "tests/cli/test_app.py",
    "tests/cli/test_progress.py",
    "tests/download/test_credentials.py",
    "tests/download/test_fetch_feed.py",
    "tests/download/test_naming.py",
    "tests/essays/test_showpage.py",
    "tests/speech/test_free_decode.py",
)


@pytest.mark.model
@pytest.mark.slow
def test_a_users_habits_change_no_result(tmp_path: Path, tiny_en: Path) -> None:
    home = tmp_path / "home"
    (home / ".config" / "inkcast").mkdir(parents=True)
    (home / ".config" / "inkcast" / "inkcast.toml").write_text(
        'model = "base"\nlanguage = "de"\nbeam_size = 1\n'
    )
    (home / ".netrc").write_text("machine 127.0.0.1 login somebody password s3cret\n")
    (home / ".netrc").chmod(0o600)
    pytests = {name for name in os.environ if name.startswith("PYTEST_")}
    habits = {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "NETRC": str(home / ".netrc"),
        "INKCAST_MODEL": "base",
        "INKCAST_LANGUAGE": "fr",
        "INKCAST_REFINE": "0",
        "INKCAST_MODELS": str(home / "models"),
        "HTTP_PROXY": "http://127.0.0.1:9",
        "ALL_PROXY": "http://127.0.0.1:9",
        "SSL_CERT_FILE": str(home / "none.pem"),
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "tr_TR.UTF-8",
        "COLUMNS": "20",
        "NO_COLOR": "1",
        "PYTHONHASHSEED": "7",
    }
    environment = {name: value for name, value in os.environ.items() if name not in pytests} | habits
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:]
