"""The house rules that a machine can hold."""

import ast
import builtins
import functools
import graphlib
import re
from collections import defaultdict
from pathlib import Path

import pytest

import inkcast

SOURCE = Path(inkcast.__file__).parent
ROOMS = (
    "feeds",
    "download",
    "essays",
    "wording",
    "audio",
    "speech",
    "diarization",
    "alignment",
    "corrections",
    "publish",
    "api",
    "library",
    "editor",
    "cli",
)
CORRIDOR = {
    "cores",
    "errors",
    "files",
    "on_progress",
    "options",
    "settings",
    "shape",
    "timecode",
    "unicode_forms",
}
MODULES = sorted(SOURCE.rglob("*.py"))
MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 60
MAX_MODULES_IN_A_FOLDER = 15
SQL = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE FROM|CREATE TABLE|ALTER TABLE|PRAGMA|BEGIN)\b")


def name_of(path):
    return path.relative_to(SOURCE).as_posix()


@functools.cache
def parse(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imported_by(tree):
    """Dotted names of everything of ours that a module imports, anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "inkcast")
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            if node.module == "inkcast":
                yield from (f"inkcast.{alias.name}" for alias in node.names)
            elif node.module.startswith("inkcast."):
                yield node.module


def lines_of_code(function):
    """Lines from ``def`` to the end, less the docstring."""
    start, end = function.lineno, function.end_lineno
    docstring = function.body[0] if ast.get_docstring(function) is not None else None
    return end - start + 1 - (docstring.end_lineno - docstring.lineno + 1 if docstring else 0)


def test_the_rooms_are_those_on_the_plan():
    folders = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    assert folders == set(ROOMS) - {"api"}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_room_imports_only_from_rooms_above_it(path):
    room = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    if room not in ROOMS and room not in CORRIDOR:
        return  # __init__ and __main__ of the whole
    above = set(ROOMS[: ROOMS.index(room) + 1]) if room in ROOMS else set()
    for name in imported_by(parse(path)):
        part = name.split(".")[1] if "." in name else "__version__"
        assert part in above | CORRIDOR | {"__version__"}, f"{name_of(path)} imports {name}"


def module_file(name):
    """The file of a dotted name of ours; None for a package or a name inside a module."""
    path = SOURCE.joinpath(*name.split(".")[1:]).with_suffix(".py")
    return path if path.is_file() else None


def rooms_with_sub_rooms():
    folders = {path.parent for path in MODULES if path.parent != SOURCE}
    return sorted({folder.relative_to(SOURCE).parts[0] for folder in folders})


@pytest.mark.parametrize("room", rooms_with_sub_rooms())
def test_no_import_runs_back_up_inside_a_room(room):
    """A room's modules and sub-rooms can be put in an order in which each needs only those before it."""
    needs = defaultdict(set)
    for path in (SOURCE / room).rglob("*.py"):
        own = path.relative_to(SOURCE / room).parts[0]
        for name in imported_by(parse(path)):
            parts = name.split(".")
            if parts[1:2] == [room] and len(parts) > 2:
                other = parts[2] if (SOURCE / room / parts[2]).is_dir() else f"{parts[2]}.py"
                needs[own] |= {other} - {own}
    graphlib.TopologicalSorter(needs).prepare()  # raises CycleError


def test_no_module_needs_itself():
    needs = defaultdict(set)
    for path in MODULES:
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("inkcast"):
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
                needs[path] |= {file for name in names if (file := module_file(name))} - {path}
    graphlib.TopologicalSorter(needs).prepare()


def test_folders_stay_small():
    count = defaultdict(int)
    for path in MODULES:
        count[path.parent] += not path.stem.startswith("__")
    assert {name_of(folder): n for folder, n in count.items() if n > MAX_MODULES_IN_A_FOLDER} == {}


def test_a_module_name_means_one_thing():
    """A command has the name of what it calls; no other name is taken twice."""
    places = defaultdict(list)
    for path in MODULES:
        if path.relative_to(SOURCE).parts[0] != "cli" and not path.stem.startswith("__"):
            places[path.stem].append(name_of(path))
    assert [names for names in places.values() if len(names) > 1] == []
    shared = {path.stem for path in (SOURCE / "cli").glob("*.py") if not path.stem.startswith("__")}
    assert shared & set(places) == set()


@pytest.mark.parametrize("room", sorted(set(ROOMS) - {"api"}))
def test_entering_a_room_imports_nothing(room):
    body = parse(SOURCE / room / "__init__.py").body
    assert ast.get_docstring(parse(SOURCE / room / "__init__.py"))
    assert not [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_files_and_functions_stay_small(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_FILE_LINES
    long = [
        f"{node.name}: {lines_of_code(node)} lines"
        for node in ast.walk(parse(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and lines_of_code(node) > MAX_FUNCTION_LINES
    ]
    assert not long


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_public_names_are_documented(path):
    tree = parse(path)
    missing = [] if ast.get_docstring(tree) else ["the module"]
    missing += [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert not missing


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_errors_have_one_root(path):
    """So that each of them hides secrets, pickles, and is one line and exit 1."""
    bases = {
        node.name: {ast.unparse(base) for base in node.bases}
        for node in ast.walk(parse(path))
        if isinstance(node, ast.ClassDef) and node.name != "InkcastError" and not node.name.startswith("_")
    }
    builtin = {name for name, value in vars(builtins).items() if isinstance(value, type)}
    exceptions = {name for name in builtin if issubclass(getattr(builtins, name), BaseException)}
    assert not [name for name, names in bases.items() if names & exceptions]


def docstrings_of(tree):
    nodes = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, nodes) and ast.get_docstring(node) is not None
    }


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_sql_is_in_the_store_alone(path):
    if path.parent == SOURCE / "library" / "store":
        return
    tree = parse(path)
    docstrings = docstrings_of(tree)
    sql = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
        if SQL.search(node.value)
    ]
    calls = [
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if node.func.attr in {"execute", "executemany", "executescript", "rows"}
    ]
    imported = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    assert (sql, calls) == ([], [])
    assert "sqlite3" not in imported


def test_nothing_else_lies_in_the_corridor():
    modules = {path.stem for path in SOURCE.glob("*.py") if not path.stem.startswith("__")}
    assert modules == CORRIDOR | {"api"}
