"""The README's first steps, run as they are written."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from inkcast.cli.app import COMMANDS
from tests.support.example import ROOT

README = (ROOT / "README.md").read_text("utf-8")
SECTION = re.search(r"^## First steps\n(.*?)^## ", README, re.MULTILINE | re.DOTALL)
BLOCKS = re.findall(r"^```\n(.*?)^```", SECTION[1], re.MULTILINE | re.DOTALL)
STEPS = [
    step for block in BLOCKS for step in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
]


@pytest.fixture
def checkout(tmp_path):
    """A folder like that of the repository, as far as the commands need it."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    return tmp_path


def test_every_line_of_the_first_steps_is_a_command_or_what_it_prints():
    assert "".join(f"$ {command}\n{output}" for command, output in STEPS) == "".join(BLOCKS)
    assert {command.split()[1] for command, _ in STEPS} >= {"sync", "status", "search", "publish"}


def test_every_command_has_a_line_in_the_table():
    table = re.findall(r"^\| `inkcast (\w+)", README, re.MULTILINE)
    assert sorted(table) == sorted(COMMANDS)


@pytest.mark.usefixtures("tiny_en")
def test_the_first_steps_print_what_the_readme_says(checkout):
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    for command, output in STEPS:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=checkout,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
        expected = ".*".join(map(re.escape, output.split("…")))
        assert re.fullmatch(expected, done.stdout, re.DOTALL), f"{command} printed:\n{done.stdout}"
    assert (checkout / "out" / "site" / "index.html").is_file()
