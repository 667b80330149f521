"""Benchmarks are run seldom: each answers ``--help``, and what it takes from Inkcast is there."""

import ast
import importlib
import importlib.util
import sys

import pytest

from tests.support.example import ROOT

FOLDER = ROOT / "benchmarks"
PARTS = {"corpus", "foreign_pages", "others", "scoring"}
"""What the others are made of; these have no command line."""
FILES = sorted(FOLDER.glob("*.py"))


def name_of(path):
    return path.stem


def imports(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] in ("inkcast", "tests"):
            yield from ((node.module, alias.name) for alias in node.names)


@pytest.fixture
def load(monkeypatch):
    """Load a benchmark under a name of its own: one is called like a module of Python."""
    monkeypatch.syspath_prepend(str(FOLDER))

    def load(path):
        spec = importlib.util.spec_from_file_location(f"benchmark_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, spec.name, module)
        spec.loader.exec_module(module)
        return module

    return load


@pytest.mark.parametrize("path", [path for path in FILES if path.stem not in PARTS], ids=name_of)
def test_a_benchmark_says_how_it_is_run(path, load, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", [path.name, "--help"])
    with pytest.raises(SystemExit) as end:
        load(path).main()
    assert end.value.code == 0
    assert f"python benchmarks/{path.name}" in capsys.readouterr().out


def test_what_the_backlog_times_is_there(load):
    for name, module in load(FOLDER / "backlog.py").CALLERS.items():
        assert callable(getattr(module, name)), name


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_what_a_benchmark_takes_from_inkcast_is_there(path):
    for module, name in imports(path):
        found = importlib.import_module(module)
        assert hasattr(found, name) or importlib.util.find_spec(f"{module}.{name}"), f"{module}.{name}"
