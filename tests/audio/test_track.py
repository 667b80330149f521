"""The clock of a player: each expected time is where Chromium plays that sound after a seek.

``benchmarks/player_clock.py`` asks it.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from inkcast.audio.clip import read_between
from inkcast.audio.decode import SAMPLE_RATE, AudioFile, read_samples
from inkcast.audio.spans import total_ms
from inkcast.errors import AudioError
from tests.support.clocks import (
    CLOCKS,
    DAMAGE,
    FRAGMENTS,
    MARKS,
    OTHER,
    RATE,
    SOUND,
    TRACKS,
    ZEROS,
    encode,
    write_sources,
    write_two_tracks,
)
from tests.support.sounds import Sound, where


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return write_sources(tmp_path_factory.mktemp("clock"))


def offsets(heard: Sound, sound: Sound = SOUND) -> list[float]:
    """How much later than in ``sound`` each mark is heard, in seconds."""
    return [where(heard, sound, mark, RATE) - mark for mark in MARKS]


@pytest.mark.parametrize(("name", "source", "before", "after", "later"), CLOCKS)
def test_times_are_those_that_a_player_shows(folder, name, source, before, after, later):
    path = encode(folder / source, *after, folder / name, before=before)
    assert offsets(read_samples(path)) == pytest.approx(later, abs=0.02)
    # A clip begins in the middle, and is where the whole has it.
    start_ms = round(1000 * (5 + later[1]))
    part, rate = read_between(path, start_ms, start_ms + 500)
    assert part.shape[1] == rate // 2
    assert where(part[0], SOUND, 5.1, RATE, rate) == pytest.approx(0.1, abs=0.02)


def test_an_edit_list_may_name_any_encoder_delay(folder):
    data = bytearray((folder / "a.m4a").read_bytes())
    media_time = data.index(b"elst") + 16
    assert data[media_time : media_time + 4] == struct.pack(">I", 1024)
    data[media_time : media_time + 4] = struct.pack(">I", 2112)
    path = folder / "delay.m4a"
    path.write_bytes(data)
    assert offsets(read_samples(path)) == pytest.approx([-1088 / RATE] * 3, abs=0.002)


def test_a_file_may_begin_with_a_later_fragment(folder):
    whole = encode(folder / "a.wav", *FRAGMENTS, folder / "whole.mp4").read_bytes()
    boxes, at = [], 0
    while at < len(whole):
        size = struct.unpack(">I", whole[at : at + 4])[0]
        boxes.append(whole[at : at + size])
        at += size
    fragments = [index for index, box in enumerate(boxes) if box[4:8] == b"moof"]
    path = folder / "rest.mp4"
    path.write_bytes(b"".join(boxes[: fragments[0]] + boxes[fragments[1] :]))
    heard = read_samples(path)
    assert not heard[: round(1.9 * SAMPLE_RATE)].any()
    assert where(heard, SOUND, 5.0, RATE) == pytest.approx(5.023, abs=0.002)


@pytest.mark.parametrize(("name", "codec", "damage", "later"), DAMAGE, ids=[row[0] for row in DAMAGE])
def test_what_follows_damage_keeps_its_time(folder, tmp_path, name, codec, damage, later):
    whole = encode(folder / "a.wav", *codec, tmp_path / name)
    before = offsets(read_samples(whole))
    path = tmp_path / f"damaged-{name}"
    path.write_bytes(damage(whole.read_bytes()))
    with AudioFile(path) as file:
        heard = np.concatenate(list(file.blocks()))
    assert np.subtract(offsets(heard), before) == pytest.approx([0, 0, later], abs=0.03)
    # What is said of the loss is what is silent.
    silent = np.abs(heard[5 * SAMPLE_RATE : 11 * SAMPLE_RATE]).reshape(-1, 160).max(axis=1) == 0
    assert total_ms(file.track.missing) == pytest.approx(10 * silent.sum(), abs=150)
    assert total_ms(file.track.missing) >= 450
    assert all(4_800 <= start < end <= 9_500 for start, end in file.track.missing)
    part, rate = read_between(path, round(1000 * (9.5 + later)), round(1000 * (10 + later)))
    assert where(part[0], SOUND, 9.6, RATE, rate) == pytest.approx(0.1 + before[2], abs=0.03)


def test_damage_at_the_end_keeps_its_time(folder, tmp_path):
    path = tmp_path / "a.m4a"
    data = (folder / "a.m4a").read_bytes()
    end = data.index(b"moov") - 4
    path.write_bytes(data[: end - 12_000] + ZEROS[:12_000] + data[end:])
    with AudioFile(path) as file:
        assert sum(map(len, file.blocks())) / SAMPLE_RATE == pytest.approx(12, abs=0.03)
    assert [round(start, -3) for start, _ in file.track.missing] == [11_000]


def test_times_that_no_file_of_that_length_can_have_are_not_believed(folder, tmp_path):
    data = bytearray((folder / "a.webm").read_bytes())
    cluster = data.index(b"\x1f\x43\xb6\x75", data.index(b"\x1f\x43\xb6\x75") + 4)
    time = data.index(b"\xe7", cluster) + 2
    data[time] |= 0x40  # some hundred seconds later
    path = tmp_path / "a.webm"
    path.write_bytes(data)
    assert len(read_samples(path)) / SAMPLE_RATE == pytest.approx(12, abs=0.1)


@pytest.mark.parametrize(("name", "first", "second", "played"), TRACKS)
def test_the_track_is_the_one_that_players_play_or_that_was_named(folder, name, first, second, played):
    path = write_two_tracks(folder, name, first, second)
    tracks = []
    for number in (None, 1, 2):
        with AudioFile(path, number) as file:
            tracks.append(np.concatenate(list(file.blocks())))
    assert np.array_equal(tracks[0], tracks[played])
    assert offsets(tracks[1]) == pytest.approx([0, 0, 0], abs=0.01)
    assert offsets(tracks[2], OTHER) == pytest.approx([0, 0, 0], abs=0.01)
    part, rate = read_between(path, 5_000, 5_500, track=1)
    assert where(part[0], SOUND, 5.1, RATE, rate) == pytest.approx(0.1, abs=0.01)


def test_a_track_that_is_not_there_is_an_error(folder):
    for number, path in ((3, write_two_tracks(folder, "two.m4a", "default", "0")), (2, folder / "a.webm")):
        with pytest.raises(AudioError, match=f"there is no track {number}"):
            AudioFile(path, number)
