"""The house rules that a machine can hold."""

import ast
import builtins
import functools
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
    "alignment",
    "publish",
    "library",
    "cli",
)
CORRIDOR = {"cores", "errors", "files", "timecode", "settings"}
MODULES = sorted(SOURCE.rglob("*.py"))
MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 60


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
    assert folders == set(ROOMS)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_room_imports_only_from_rooms_above_it(path):
    room = path.relative_to(SOURCE).parts[0]
    if room not in ROOMS and room.removesuffix(".py") not in CORRIDOR:
        return  # __init__ and __main__ of the whole
    above = set(ROOMS[: ROOMS.index(room) + 1]) if room in ROOMS else set()
    for name in imported_by(parse(path)):
        part = name.split(".")[1] if "." in name else "__version__"
        assert part in above | CORRIDOR | {"__version__"}, f"{name_of(path)} imports {name}"


@pytest.mark.parametrize("room", ROOMS)
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


def test_nothing_else_lies_in_the_corridor():
    modules = {path.stem for path in SOURCE.glob("*.py") if not path.stem.startswith("__")}
    assert modules == CORRIDOR
