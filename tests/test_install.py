"""What docs/install.md, the Dockerfile and the scripts say, as far as one machine can tell."""

import os
import re
import subprocess
import sys
import tomllib

import pytest

from tests.support.example import JFK, ROOT

DOCKERFILE = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text("utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
INDEX = "https://download.pytorch.org/whl/cpu"
LEFT_OUT = re.search(r"uninstall --yes ([a-z ]+)", DOCKERFILE)[1].split()


def stub(folder, name, script):
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.mark.skipif(os.name == "nt", reason="the scripts are for bash")
@pytest.mark.parametrize(
    ("system", "gpu", "index_is_up", "asks"),
    [
        ("Linux", False, True, True),
        ("Linux", False, False, True),
        ("Linux", True, True, False),
        ("Darwin", False, True, False),
    ],
)
def test_the_scripts_take_the_small_torch_where_there_is_no_gpu(tmp_path, system, gpu, index_is_up, asks):
    stub(tmp_path, "uname", f"echo {system}")
    stub(tmp_path, "nvidia-smi", f"exit {0 if gpu else 9}")
    python = stub(tmp_path, "python", f'echo "$@" >> "{tmp_path}/asked"; exit {0 if index_is_up else 1}')
    code = f". scripts/environment.sh; set -eu; install_small_torch {python}"
    path = os.pathsep.join([str(tmp_path), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-c", code], cwd=ROOT, env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    asked = (tmp_path / "asked").read_text() if asks else ""
    assert (tmp_path / "asked").exists() == asks
    assert not asks or (f"--index-url {INDEX} " in asked and "--constraint constraints.txt" in asked)
    assert ("cannot be reached" in done.stderr) == (not index_is_up)


def test_the_dockerfile_copies_and_installs_what_there_is():
    lines = [line for line in DOCKERFILE.splitlines() if line and not line.startswith("#")]
    known = {*("FROM", "WORKDIR", "COPY", "RUN", "USER", "ENV", "VOLUME", "ENTRYPOINT", "CMD")}
    assert {line.split()[0] for line in lines} <= known
    for line in lines:
        if line.startswith("COPY ") and "--from=" not in line:
            assert all((ROOT / name).exists() for name in line.split()[1:-1]), line
    needed = [PROJECT["readme"], "constraints.txt", "pyproject.toml", "src", "models/catalog.toml", "LICENSE"]
    assert all(re.search(rf"^COPY .*\b{name}\b", DOCKERFILE, re.MULTILINE) for name in needed)
    copied = {name.rstrip("/") for line in lines if line.startswith("COPY ") for name in line.split()[1:-1]}
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert sent == {name for name in copied if not name.startswith(("--from", "/opt"))}
    versions = re.findall(r"^FROM python:3\.(\d+)", DOCKERFILE, re.MULTILINE)
    assert all(int(version) >= 11 for version in versions)
    extra = re.search(r'"\.\[(\w+)\]"', DOCKERFILE)[1]
    assert extra in PROJECT["optional-dependencies"]


def test_nothing_that_inkcast_asks_for_is_left_out_of_the_image_but_torch():
    asked = {re.split(r"[^\w-]", name)[0] for name in PROJECT["dependencies"]}
    assert asked & set(LEFT_OUT) == {"torch"}


@pytest.mark.usefixtures("tiny_en")
def test_the_default_engine_needs_nothing_that_the_image_leaves_out(tmp_path):
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({LEFT_OUT!r}))\n"
        "from inkcast.cli import main; sys.argv[0] = 'inkcast'; main()"
    )
    command = ["transcribe", JFK, "--out", tmp_path, "--model", "tiny.en", "--format", "txt"]
    done = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "fellow Americans" in (tmp_path / "jfk.txt").read_text()


def test_the_page_names_the_index_that_the_scripts_use():
    page = (ROOT / "docs" / "install.md").read_text("utf-8")
    assert page.count(INDEX) == 2
    for name in ("pipx install", "uv tool install --torch-backend cpu", "docker build"):
        assert name in page
