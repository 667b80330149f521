"""``inkcast init``, and what follows from it: a library and a site, by hand and every night."""

import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from inkcast.cli.app import inkcast
from inkcast.settings import read_settings
from tests.support.example import ROOT
from tests.support.shows import Ears, write_show

SITE = "https://me.example/listen/"
WORKFLOW = (ROOT / "examples" / "github-pages.yml").read_text("utf-8")


@pytest.fixture(autouse=True)
def _a_show_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda name: tmp_path / "config")
    monkeypatch.setattr("inkcast.cli.libraries.sync.lazy_transcriber", Ears)
    path = write_show(tmp_path / "show")
    path.write_bytes(path.read_bytes().replace(b"<channel>", b"<channel><language>en-GB</language>"))


def run(*args, **extra):
    return CliRunner().invoke(inkcast, [*args], prog_name="inkcast", **extra)


def settings():
    return read_settings(Path("inkcast.toml"))


def test_three_questions_make_the_file():
    done = run("init", input=f"show/feed.xml\n\nnot an address\n{SITE[:-1]}\n")
    assert done.exit_code == 0, done.stderr
    assert done.stdout == "inkcast.toml\n"
    assert "Slow ways: 2 episodes, 0 with the essay's text in the feed." in done.stderr
    assert len(re.findall(r"\?.*: ", done.stderr)) == 4  # the last question was asked twice
    assert settings() == {
        "library": "library",
        "base_url": SITE,
        "feeds": {"show/feed.xml": {"language": "en"}},
    }


def test_a_language_to_be_detected_and_no_site():
    assert run("init", input="show/feed.xml\n-\n-\n").exit_code == 0
    assert settings() == {"library": "library", "feeds": {"show/feed.xml": {}}}


def test_with_a_feed_nothing_is_asked():
    done = run("init", "show/feed.xml", "--language", "de", "--library", 'pod"casts')
    assert done.exit_code == 0, done.stderr
    assert settings() == {"library": 'pod"casts', "feeds": {"show/feed.xml": {"language": "de"}}}
    assert "\n# Slow ways\n" in Path("inkcast.toml").read_text("utf-8")


def test_a_file_that_is_there_is_kept():
    Path("inkcast.toml").write_text('language = "en"')
    done = run("init", "show/feed.xml")
    assert (done.exit_code, done.stderr) == (
        1,
        "Error: inkcast.toml is there already. Edit it, or begin in another folder.\n",
    )
    assert settings() == {"language": "en"}


def test_what_is_no_feed_makes_no_file():
    assert run("init", "show/trains.html").exit_code == 1
    assert run("init", "show/feed.xml", "--base-url", "here").exit_code == 2
    assert not Path("inkcast.toml").exists()


def test_every_command_of_the_workflow_works_after_init():
    """As it stands in the file, in the folder that init leaves."""
    assert run("init", "show/feed.xml", "--base-url", SITE).exit_code == 0
    (job,) = yaml.safe_load(WORKFLOW)["jobs"].values()
    commands = [step["run"].split() for step in job["steps"] if step.get("run", "").startswith("inkcast ")]
    assert [words[1] for words in commands] == ["sync", "publish"]
    for _, *words in commands:
        done = run(*words)
        assert done.exit_code == 0, done.stderr
    uploaded = next(step["with"]["path"] for step in job["steps"] if "upload-pages" in step.get("uses", ""))
    assert SITE in (Path(uploaded) / "sitemap.xml").read_text("utf-8")
    cached = {step["with"]["path"] for step in job["steps"] if "cache/" in step.get("uses", "")}
    assert cached == {settings()["library"]}
    assert len(list(Path("library").glob("*/*/*.html"))) == 2


def test_the_workflow_installs_what_there_is():
    (job,) = yaml.safe_load(WORKFLOW)["jobs"].values()
    install = next(step["run"] for step in job["steps"] if step.get("run", "").startswith("pip "))
    extras = re.search(r"inkcast\[(\w+)\]", install)[1]
    assert f"\n{extras} = [" in (ROOT / "pyproject.toml").read_text("utf-8")
    assert "https://download.pytorch.org/whl/cpu" in install
