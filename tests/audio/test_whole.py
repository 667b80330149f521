from __future__ import annotations

import logging
from pathlib import Path

import av
import numpy as np
import pytest

from inkcast.audio.decode import packets_ms, probe
from inkcast.audio.whole import require_whole
from inkcast.download.enclosure import UnwantedError

SECONDS = 20


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty seconds of noise as an MP3 whose header tells its length."""
    path = tmp_path_factory.mktemp("audio") / "whole.mp3"
    noise = np.random.default_rng(1).normal(0, 3000, (1, 16_000 * SECONDS)).astype(np.int16)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mp3", rate=16_000, layout="mono")
        for start in range(0, noise.shape[1], 1152):
            frame = av.AudioFrame.from_ndarray(noise[:, start : start + 1152], format="s16", layout="mono")
            frame.rate = 16_000
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.fixture
def half(whole: Path, tmp_path: Path) -> Path:
    path = tmp_path / "half.mp3.part"
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    return path


def test_packets_tell_the_truth_where_the_header_does_not(whole: Path, half: Path) -> None:
    assert packets_ms(whole) == pytest.approx(SECONDS * 1000, rel=0.02)
    assert packets_ms(half) == pytest.approx(SECONDS * 500, rel=0.02)
    assert probe(half).duration_ms == pytest.approx(SECONDS * 1000, rel=0.02)


def test_a_cut_file_is_refused_where_nobody_marked_its_end(half: Path) -> None:
    with pytest.raises(UnwantedError, match=r"Trains: the feed says 0:20, the file has 0:(09|10)") as caught:
        require_whole(half, "Trains", SECONDS * 1000, end_is_marked=False)
    assert "again" in caught.value.hint


def test_feeds_that_exaggerate_are_only_warned_of(half: Path, caplog: pytest.LogCaptureFixture) -> None:
    require_whole(half, "Trains", SECONDS * 1000, end_is_marked=True)
    assert "the feed says 0:20" in caplog.text and "the file is complete" in caplog.text


@pytest.mark.parametrize("said_ms", [None, 1000, 19_000, 21_000])
def test_nothing_is_said_of_small_differences_and_longer_files(
    whole: Path, caplog: pytest.LogCaptureFixture, said_ms: int | None
) -> None:
    with caplog.at_level(logging.DEBUG):
        require_whole(whole, "Trains", said_ms, end_is_marked=False)
    assert caplog.text == ""


def test_what_does_not_decode_at_all_was_cut_too(tmp_path: Path) -> None:
    path = tmp_path / "x.m4a"
    path.write_bytes(b"\0\0\0\x20ftypM4A " + bytes(100))
    with pytest.raises(UnwantedError, match="has 0:00"):
        require_whole(path, "Trains", 1000, end_is_marked=False)
