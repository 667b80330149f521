"""What is read back may be anybody's: one line for it, no path that leads out, no link followed."""

from __future__ import annotations

import copy
import hashlib
import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from inkcast.download.download_index import FILE_NAME, DownloadIndex
from inkcast.download.partial import Partial, Version
from inkcast.errors import InkcastError, LibraryError
from inkcast.essays.essay import Block, Essay, Mark
from inkcast.feeds.episode import Enclosure, Episode, Feed
from inkcast.feeds.identity import Traits
from inkcast.files import write_text, write_texts
from inkcast.library.store.catalogue import Catalogue, NewEpisode
from inkcast.library.store.record import StepRecord, StoredFile
from inkcast.library.store.sidecar import read_sidecar, write_sidecar
from inkcast.publish.site.source import Source
from inkcast.publish.subtitles.transcript_files import read_speech
from tests.publish.test_transcript_files import ALIGNMENT, TRANSCRIPT

ESSAY = Essay(
    "Tides",
    (
        Block("title", "Tides"),
        Block(
            "paragraph", "It is low water.", (Mark("link", 0, 2, "https://a.example/"), Mark("strong", 3, 5))
        ),
    ),
    "https://a.example/",
    "en",
)
WRONG: tuple[object, ...] = (
    None,
    True,
    -1,
    1.5,
    1e308,
    10**400,
    float("nan"),
    float("inf"),
    "x",
    "\0",
    [],
    [[]],
    {},
)


def mutations(data: Any) -> Iterator[Any]:
    """The object with each of its values, one at a time, missing or of another kind."""
    for path in places(data):
        for wrong in (*WRONG, KeyError):
            changed = copy.deepcopy(data)
            parent = changed
            for step in path[:-1]:
                parent = parent[step]
            if wrong is KeyError:
                del parent[path[-1]]
            else:
                parent[path[-1]] = wrong
            yield changed


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


def source(folder: Path, transcript: Any, essay: Any = None, alignment: Any = None) -> Source:
    paths = {}
    for name, data in (("transcript", transcript), ("essay", essay), ("alignment", alignment)):
        paths[name] = folder / f"{name}.json"
        paths[name].write_text(json.dumps(data), encoding="utf-8")
    return Source(
        "s", "s", "e", "t", None, folder / "a.mp3", paths["transcript"], paths["essay"] if essay else None,
        paths["alignment"] if essay else None, (), None, (), "",
    )  # fmt: skip


def test_data_of_an_episode_is_read_or_refused_in_one_line(tmp_path: Path) -> None:
    transcript, essay, alignment = (it.to_json() for it in (TRANSCRIPT, ESSAY, ALIGNMENT))
    (transcript, essay, alignment) = json.loads(json.dumps([transcript, essay, alignment]))
    assert source(tmp_path, transcript, essay, alignment).read() == (ESSAY, ALIGNMENT)
    n_refused = 0
    for made in (
        *((changed, None, None) for changed in mutations(transcript)),
        *((transcript, changed, alignment) for changed in mutations(essay)),
        *((transcript, essay, changed) for changed in mutations(alignment)),
    ):
        try:
            source(tmp_path, *made).read()
        except InkcastError as error:
            n_refused += 1
            assert error.hint
            assert "\n" not in str(error)
    assert n_refused > 500


def test_transcripts_from_the_command_line_likewise(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    for data in (TRANSCRIPT.to_json(), ALIGNMENT.to_json()):
        for changed in mutations(json.loads(json.dumps(data))):
            path.write_text(json.dumps(changed), encoding="utf-8")
            try:
                read_speech(path)
            except InkcastError as error:
                assert error.hint


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "JAVASCRIPT:x",
        " javascript:x",
        "data:text/html,x",
        "file:///etc/passwd",
        "vbscript:x",
        "",
    ],
)
def test_addresses_of_an_essay_are_as_safe_as_a_pages(target: str) -> None:
    data = json.loads(json.dumps(ESSAY.to_json()))
    for kind in ("link", "image"):
        data["blocks"][1]["marks"][0] |= {"kind": kind, "target": target}
        assert [mark.kind for mark in Essay.from_json(data).blocks[1].marks] == ["strong"]
    data["blocks"][1]["marks"][0] |= {"kind": "image", "target": "../../secret.png"}
    assert len(Essay.from_json(data).blocks[1].marks) == 1


OUT = ["/etc", "../out", "a/../../out", "", "a\0b"]


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "catalogue.sqlite") as catalogue:
        feed = catalogue.put_feed("a", "https://a.example", "Show", "show")
        catalogue.put_episodes(feed, [NewEpisode(Traits("g"), "episode")])
        file = StoredFile("a.mp3", 1, 1, "0")
        moment = datetime(2026, 1, 1, tzinfo=UTC)
        catalogue.record(feed, "g", StepRecord("download", "done", "k", "", "", 1, 0.0, moment, (file,)))
        yield catalogue


@pytest.mark.parametrize("path", OUT)
@pytest.mark.parametrize("table", ["feeds SET folder", "episodes SET folder", "files SET name"])
def test_paths_of_a_catalogue_stay_in_the_library(
    tmp_path: Path, catalogue: Catalogue, table: str, path: str
) -> None:
    with sqlite3.connect(tmp_path / "catalogue.sqlite") as other:
        other.execute(f"UPDATE {table} = ?", (path,))
    other.close()
    with pytest.raises(LibraryError, match="not in the library"):
        for known in catalogue.episodes():
            catalogue.steps(known.feed, known.traits.guid)


def test_a_sidecar_is_read_or_refused_in_one_line(tmp_path: Path, catalogue: Catalogue) -> None:
    (known,) = catalogue.episodes()
    folder = tmp_path / known.folder
    path = write_sidecar(
        tmp_path, catalogue, known.feed, known.traits, folder, catalogue.steps(known.feed, "g")
    )
    data = json.loads(path.read_text(encoding="utf-8"))
    assert read_sidecar(path).place == known.folder
    for changed in mutations(data):
        path.write_text(json.dumps(changed), encoding="utf-8")
        try:
            read_sidecar(path)
        except LibraryError as error:
            assert error.hint
    for name in OUT:
        data["steps"]["download"]["files"][0]["name"] = name
        path.write_text(json.dumps(data), encoding="utf-8")
        with pytest.raises(LibraryError):
            read_sidecar(path)


def test_a_register_of_downloads_is_read_or_counts_as_empty(tmp_path: Path) -> None:
    episode = Episode("g", "Title", enclosure=Enclosure("https://a.example/a.mp3"))
    feed = Feed("Show", "https://a.example", None, None, (episode,))
    index = DownloadIndex(tmp_path, feed.source)
    (tmp_path / "a.mp3").write_bytes(b"x")
    (tmp_path.parent / "out.mp3").write_bytes(b"x")
    index.add([(episode, tmp_path / "a.mp3")])
    data = json.loads((tmp_path / FILE_NAME).read_text(encoding="utf-8"))
    assert index.known_files(feed) == {"g": tmp_path / "a.mp3"}
    for changed in mutations(data):
        (tmp_path / FILE_NAME).write_text(json.dumps(changed), encoding="utf-8")
        index.known_files(feed)
    (entry,) = next(iter(data.values())).values()
    entry["file"] = "../out.mp3"
    (tmp_path / FILE_NAME).write_text(json.dumps(data), encoding="utf-8")
    assert index.known_files(feed) == {}


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    path = tmp_path / "authorized_keys"
    path.write_text("mine", encoding="utf-8")
    return path


def test_no_link_is_followed_for_writing(tmp_path: Path, victim: Path) -> None:
    folder = tmp_path / "library"
    folder.mkdir()
    made = write_text(folder / "a.json", "ours")
    made.unlink()
    names = [
        f".{hashlib.sha256(b'a.json').hexdigest()[:12]}.part",
        "a.json",
        *(f"{made.name}.part", f"{made.name}.part.json"),
    ]
    for name in names:
        (folder / name).symlink_to(victim)
    write_text(folder / "a.json", "ours")
    write_texts({folder / "a.json": "ours"})
    partial = Partial(folder / "a.json", "https://a.example/a.mp3")
    assert partial.version() is None
    partial.start(Version('"tag"', 4))
    with partial.appending() as stream:
        stream.write(b"ours")
    partial.finish()
    assert (folder / "a.json").read_text(encoding="utf-8") == "ours"
    assert victim.read_text(encoding="utf-8") == "mine"


def test_a_link_that_appears_later_is_not_followed_either(tmp_path: Path, victim: Path) -> None:
    partial = Partial(tmp_path / "a.mp3", "https://a.example/a.mp3")
    partial.path.symlink_to(victim)
    with pytest.raises(InkcastError, match="Cannot write"), partial.appending() as stream:
        stream.write(b"theirs")
    assert victim.read_text(encoding="utf-8") == "mine"
