"""``inkcast publish``: what it prints, and what it refuses."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from inkcast.cli.app import inkcast
from libraries import Told, write_library


@pytest.fixture
def library(tmp_path):
    episodes = [Told("Trains", ("Night trains are coming back.",)), Told("A talk", heard="Nobody wrote it.")]
    return write_library(tmp_path / "library", episodes)


def run(library, out, *args):
    return CliRunner().invoke(
        inkcast, ["publish", "--library", str(library), "--out", str(out), *args], prog_name="inkcast"
    )


def test_it_prints_the_first_page_and_counts(library, tmp_path):
    out = tmp_path / "site"
    result = run(library, out)
    assert (result.exit_code, result.stdout) == (0, f"{out / 'index.html'}\n")
    assert result.stderr == "2 made, 0 unchanged.\n"
    assert run(library, out).stderr == "0 made, 2 unchanged.\n"


def test_json_says_the_same(library, tmp_path):
    out = tmp_path / "site"
    data = json.loads(run(library, out, "--json", "--base-url", "https://x.example/a").stdout)
    assert data["index"] == str(out / "index.html") and (out / "index.html").is_file()
    assert len(data["made"]) == 2 and len(data["without_audio"]) == 1
    assert all((out / path / "index.html").is_file() for path in data["made"])
    assert "https://x.example/a/feed.xml" in (out / "feed.xml").read_text()


def test_a_damaged_episode_is_exit_1_and_stops_no_other(library, tmp_path):
    next(library.rglob("*.alignment.json")).write_text("{")
    result = run(library, tmp_path / "site")
    assert result.exit_code == 1
    assert "Cannot read" in result.stderr and "1 made, 0 unchanged, 1 failed." in result.stderr
    assert (tmp_path / "site" / "index.html").is_file()


@pytest.mark.parametrize(
    "url", ["x.example", "ftp://x.example", "https://x.example/?a=b", "https://me:pw@x.example", "http://["]
)
def test_a_base_url_must_be_an_address(library, tmp_path, url):
    result = run(library, tmp_path / "site", "--base-url", url)
    assert result.exit_code == 2 and "must be an address" in result.stderr
    assert not (tmp_path / "site").exists()


def test_the_library_is_never_taken_for_the_site(library, tmp_path):
    for out in (library, tmp_path):
        result = run(library, out)
        assert result.exit_code == 1 and "holds the library" in result.stderr
    assert run(tmp_path / "nowhere", tmp_path / "site").exit_code == 1
    assert not (tmp_path / "site").exists()


def test_the_title_can_be_given(library, tmp_path):
    run(library, tmp_path / "site", "--title", "My <own> radio")
    assert "<title>My &lt;own&gt; radio</title>" in (tmp_path / "site" / "index.html").read_text()


def test_no_torch_is_loaded(library, tmp_path):
    code = (
        "import sys; from inkcast.cli.app import inkcast\n"
        f"inkcast(['publish', '--library', {str(library)!r}, '--out', {str(tmp_path / 'site')!r}],"
        " standalone_mode=False)\nassert not {'torch', 'av', 'numpy', 'httpx'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
