from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkcast.download.sniff import HEAD_BYTES, audio_format, describe


def encode(path: Path, codec: str, container: str, rate: int) -> bytes:
    """Half a second of noise, by FFmpeg: what the world's encoders write."""
    noise = np.random.default_rng(7).normal(0, 3000, rate // 2).astype(np.int16)[None]
    with av.open(str(path), "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate, layout="mono")
        resampler = av.AudioResampler(
            stream.format.name, "mono", rate, stream.codec_context.frame_size or 1024
        )
        frame = av.AudioFrame.from_ndarray(noise, format="s16", layout="mono")
        frame.sample_rate = rate
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            output.mux(stream.encode(piece))
        output.mux(stream.encode(None))
    return path.read_bytes()


@pytest.mark.parametrize(
    ("container", "codec", "expected"),
    [
        ("mp3", "libmp3lame", "mp3"),
        ("mp2", "mp2", "mp3"),
        ("adts", "aac", "aac"),
        ("ipod", "aac", "mp4"),
        ("ogg", "libopus", "ogg"),
        ("flac", "flac", "flac"),
        ("wav", "pcm_s16le", "wav"),
        ("aiff", "pcm_s16be", "aiff"),
        ("caf", "pcm_s16be", "caf"),
        ("webm", "libopus", "matroska"),
        ("au", "pcm_s16be", "au"),
    ],
)
def test_recognises_what_encoders_write(tmp_path: Path, container: str, codec: str, expected: str) -> None:
    data = encode(tmp_path / "x", codec, container, 48_000)
    assert audio_format(data[:HEAD_BYTES]) == expected


@pytest.mark.parametrize("rate", [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000])
@pytest.mark.parametrize(
    ("container", "codec", "name"), [("mp3", "libmp3lame", "mp3"), ("adts", "aac", "aac")]
)
def test_recognises_streams_cut_anywhere(
    tmp_path: Path, container: str, codec: str, name: str, rate: int
) -> None:
    data = encode(tmp_path / "x", codec, container, rate)
    tail = data[len(data) // 3 :]
    assert audio_format(tail) == name
    assert audio_format(b"\0" * 1000 + tail) == name
    assert audio_format(b"PK\x03\x04" + tail) is None


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (b"\xef\xbb\xbf\n<!DOCTYPE html><p>Sign in", "a web page"),
        (b"<!-- saved --><HTML>", "a web page"),
        (b'{"error": "expired"}', "a JSON message"),
        (b"[]", "a JSON message"),
        (b'<?xml version="1.0"?><Error/>', "an XML message"),
        (b"<Error><Code>AccessDenied", "an XML message"),
        (b"#EXTM3U\n#EXT-X-VERSION:3", "a playlist"),
        (b"error code: 1020", "plain text"),
        ("Zugang verweigert: Prüfung".encode(), "plain text"),
        (b"\x89PNG\r\n\x1a\n", "an image"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "an image"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "an image"),
        (b"\0\0\0\x1cftypavif\0\0\0\0", "unknown data"),
        (b"%PDF-1.7", "a PDF"),
        (b"PK\x03\x04", "an archive"),
        ("<html>Hi".encode("utf-16"), "unknown data"),
        (b"\0" * 5000, "unknown data"),
    ],
)
def test_names_what_is_no_audio(head: bytes, what: str) -> None:
    assert audio_format(head) is None
    assert describe(head) == what


@given(st.text(max_size=500))
def test_no_text_is_audio(text: str) -> None:
    assert audio_format(b"<p>" + text.encode()) is None


@given(st.binary(max_size=300))
def test_any_bytes_are_something(head: bytes) -> None:
    assert audio_format(head) or describe(head)
