"""Servers that are slow, and servers that send a part for the whole."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import httpx
import pytest

from inkcast.download.client import fetch_bytes
from inkcast.download.enclosure import download
from inkcast.download.pace import LEAST_BYTES, paced
from inkcast.errors import DownloadError

URL = "https://a.example/a.mp3"
SOUND = b"ID3" + bytes(100_000)


def ticking(step_s: float) -> Iterator[float]:
    return count(0.0, step_s)


def test_a_byte_a_second_is_given_up_after_a_minute() -> None:
    clock = ticking(1)
    received = bytearray()
    with pytest.raises(DownloadError, match="too slowly"):
        for chunk in paced((b"x" for _ in count()), URL, clock=lambda: next(clock)):
            received += chunk
    assert 50 < len(received) <= 61


def test_what_is_fast_enough_may_take_its_time() -> None:
    clock = ticking(30)
    chunks = [bytes(LEAST_BYTES)] * 1000
    assert sum(map(len, paced(chunks, URL, clock=lambda: next(clock)))) == 1000 * LEAST_BYTES
    with pytest.raises(DownloadError, match="too slowly"):
        list(paced(chunks, URL, longest_s=300, clock=lambda: next(clock)))


def serving(*responses: httpx.Response) -> httpx.Client:
    left = list(responses)
    return httpx.Client(transport=httpx.MockTransport(lambda _: left.pop(0)))


@pytest.mark.parametrize("value", ["bytes 5-9/10", "bytes 0-4/10", "bytes 0-4/*", "nonsense", "bytes */10"])
def test_a_200_that_says_it_is_a_part_is_no_whole_file(tmp_path: Path, value: str) -> None:
    part = httpx.Response(200, headers={"Content-Range": value}, content=SOUND[5:])
    with serving(part, httpx.Response(200, content=SOUND)) as client:
        target = download(client, URL, tmp_path / "a.mp3", sleep=lambda _: None)
    assert target.read_bytes() == SOUND
    part = httpx.Response(206, headers={"Content-Range": value}, content=b"<rss")
    with serving(part, httpx.Response(200, content=b"<rss/>")) as client:
        assert fetch_bytes(client, URL, sleep=lambda _: None).data == b"<rss/>"


def test_a_range_that_is_everything_is_the_whole_file(tmp_path: Path) -> None:
    headers = {"Content-Range": f"bytes 0-{len(SOUND) - 1}/{len(SOUND)}"}
    with serving(httpx.Response(200, headers=headers, content=SOUND)) as client:
        assert download(client, URL, tmp_path / "a.mp3").read_bytes() == SOUND
