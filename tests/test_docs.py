"""What the documentation and the sources say of each other is there."""

import re

import pytest

from tests.support.example import ROOT

SOURCE = ROOT / "src" / "inkcast"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
SOURCES = [*sorted(SOURCE.rglob("*.py")), *sorted((ROOT / "benchmarks").glob("*.py"))]
SPAN = re.compile(r"`([^`\n]+)`")
FILE = re.compile(r"(?:^|(?<=\s))(?:[\w.-]+/)*[\w-]+\.(?:py|js|css|html|toml|md)(?=\s|$)")
FOLDER = re.compile(r"(?:\w+/)+")
COMMAND = re.compile(r"(?:benchmarks|examples|scripts)/[\w./-]*\w")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[\w-]+)?\)")


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def files_said(page):
    """Files of ours that a page names: with a folder of ours, or of a kind that only we have."""
    text = page.read_text("utf-8")
    yield from COMMAND.findall(text)
    for span in SPAN.findall(text):
        for name in FILE.findall(span):
            first = name.split("/")[0]
            is_ours = name != first and ((ROOT / first).is_dir() or (SOURCE / first).is_dir())
            if is_ours or name.endswith((".py", ".js")):
                yield name


def is_there(name):
    """From the top of the repository or of the sources; a name alone may be anywhere among those."""
    if (ROOT / name).exists() or (SOURCE / name).exists():
        return True
    return "/" not in name.rstrip("/") and any(SOURCE.rglob(name.rstrip("/")))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_files_and_folders_that_a_page_names_are_there(page):
    folders = [span for span in SPAN.findall(page.read_text("utf-8")) if FOLDER.fullmatch(span)]
    assert [name for name in [*files_said(page), *folders] if not is_there(name)] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_links_of_a_page_lead_somewhere(page):
    links = [link for link in LINK.findall(page.read_text("utf-8")) if ":" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_pages_that_sources_name_are_there():
    said = {
        name
        for path in SOURCES
        for name in re.findall(r"\bdocs/[\w-]+\.(?:md|svg|png)", path.read_text("utf-8"))
    }
    assert {"docs/guided.md", "docs/accuracy.md"} <= said
    assert [name for name in sorted(said) if not (ROOT / name).exists()] == []


def test_these_tests_find_what_they_look_for():
    said = {name for page in PAGES for name in files_said(page)}
    assert {"speech/guided/guide.py", "benchmarks/fuzz.py", "models/catalog.toml", "reader_text.js"} <= said
    assert is_there("speech/guided/guide.py") and is_there("guided/")
    assert not is_there("speech/guided.py") and not is_there("leaps/")
