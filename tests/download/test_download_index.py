from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from inkcast.download.download_index import FILE_NAME, DownloadIndex
from inkcast.feeds.episode import Enclosure, Episode, Feed

ADDRESS = "https://feeds.example/private/0f3a77c1-9b2e/rss?token=s3cret"


def episode(number: int) -> Episode:
    return Episode(
        f"https://cdn.example/{number}?token=s3cret",
        f"Episode {number}",
        datetime(2024, 3, number, tzinfo=UTC),
        enclosure=Enclosure(f"https://cdn.example/{number}.mp3?token=s3cret"),
    )


def feed_of(*episodes: Episode) -> Feed:
    return Feed("Show", ADDRESS, None, None, episodes)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With two episodes, one of them in a folder of its own."""
    (tmp_path / "2024").mkdir()
    index = DownloadIndex(tmp_path, ADDRESS)
    for number, name in ((1, "one.mp3"), (2, "2024/two.mp3")):
        (tmp_path / name).write_bytes(b"x")
        index.add([(episode(number), tmp_path / name)])
    return tmp_path


def known(folder: Path, *episodes: Episode, address: str = ADDRESS) -> dict[str, str]:
    files = DownloadIndex(folder, address).known_files(feed_of(*episodes))
    return {guid: file.relative_to(folder).as_posix() for guid, file in files.items()}


def test_files_are_known_again(folder: Path) -> None:
    one, two = episode(1), episode(2)
    assert known(folder, one, two, episode(3)) == {one.guid: "one.mp3", two.guid: "2024/two.mp3"}


def test_a_new_title_guid_or_address_changes_nothing(folder: Path) -> None:
    retitled, renamed = replace(episode(1), title="Other"), replace(episode(2), guid="new")
    assert known(folder, retitled, renamed) == {retitled.guid: "one.mp3", "new": "2024/two.mp3"}
    moved = replace(episode(1), enclosure=Enclosure("https://other.example/x.mp3"))
    assert known(folder, moved) == {moved.guid: "one.mp3"}
    assert known(folder, episode(1), address=ADDRESS.replace("s3cret", "rotated")) == {
        episode(1).guid: "one.mp3"
    }


def test_the_digest_of_a_download_stays_until_the_next(folder: Path) -> None:
    def digests() -> set[str | None]:
        (entries,) = json.loads((folder / FILE_NAME).read_text("utf-8")).values()
        return {entry["sha256"] for entry in entries.values() if entry["file"] == "one.mp3"}

    index = DownloadIndex(folder, ADDRESS)
    assert digests() == {None}
    for sha256, kept in (("ab", "ab"), ("", "ab"), ("cd", "cd")):
        index.add([(replace(episode(1), guid=f"new{sha256}"), folder / "one.mp3")], sha256)
        assert digests() == {kept}


def test_a_file_that_is_gone_is_not_known(folder: Path) -> None:
    (folder / "one.mp3").unlink()
    assert known(folder, episode(1), episode(2)) == {episode(2).guid: "2024/two.mp3"}


def test_feeds_that_share_a_folder_do_not_share_guids(folder: Path) -> None:
    assert known(folder, episode(1), address="https://other.example/rss") == {}


def test_it_holds_no_secrets(folder: Path) -> None:
    text = (folder / FILE_NAME).read_text(encoding="utf-8")
    assert "Episode 1" in text and "s3cret" not in text and "0f3a77c1" not in text


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"x": 1}', '{"x": {"y": {}}}', '{"x": {"y": 1}}', "null"])
def test_a_damaged_one_counts_as_empty_and_is_replaced(folder: Path, damage: str) -> None:
    (folder / FILE_NAME).write_text(damage)
    assert known(folder, episode(1)) == {}
    DownloadIndex(folder, ADDRESS).add([(episode(1), folder / "one.mp3")])
    assert known(folder, episode(1)) == {episode(1).guid: "one.mp3"}


def test_a_file_keeps_one_guid_of_many(folder: Path) -> None:
    """Else an episode that changes its guid, and later its title, would look like two others."""
    renamed = replace(episode(1), guid="new")
    DownloadIndex(folder, ADDRESS).add([(renamed, folder / "one.mp3")])
    again = replace(episode(1), guid="newer", title="Other")
    assert known(folder, again) == {"newer": "one.mp3"}
