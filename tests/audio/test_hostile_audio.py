"""Recordings that somebody made to do harm: a sentence each, nothing opened, soon."""

from __future__ import annotations

import struct
import time
from pathlib import Path

import numpy as np
import pytest

from inkcast.audio import decode
from inkcast.audio.clip import read_between
from inkcast.audio.decode import packets_ms, probe, read_samples, stream_samples
from inkcast.audio.seeking import seeks_roughly
from inkcast.errors import AudioError
from tests.support.sounds import sine, write_tracks, write_wav

ID3 = b"ID3\x03\x00\x00\x00\x00\x00\x0a" + b"\0" * 10
TARGET = "secret.wav"
REFERENCES = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{}\n#EXT-X-ENDLIST\n",
    "playlist": "[playlist]\nFile1={}\nNumberOfEntries=1\n",
    "concat": "ffconcat version 1.0\nfile '{}'\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period>'
    '<AdaptationSet mimeType="audio/wav"><Representation id="1" bandwidth="1"><BaseURL>{}</BaseURL>'
    "</Representation></AdaptationSet></Period></MPD>",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns={}\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
    "ffmetadata": ";FFMETADATA1\ntitle={}\n",
    "imf": '<?xml version="1.0"?><CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016">{}'
    "</CompositionPlaylist>",
}


@pytest.mark.parametrize("suffix", [".mp3", ".m3u8", ".wav"])
@pytest.mark.parametrize("head", [b"", ID3], ids=["plain", "behind a tag"])
@pytest.mark.parametrize("kind", REFERENCES)
def test_what_names_other_files_opens_none(tmp_path: Path, kind: str, head: bytes, suffix: str) -> None:
    write_wav(tmp_path / TARGET, sine(440, 1))
    path = tmp_path / f"a{suffix}"
    path.write_bytes(head + REFERENCES[kind].format(TARGET).encode())
    for read in (probe, read_samples, packets_ms):
        with pytest.raises(AudioError) as caught:
            read(path)
        assert "\n" not in str(caught.value)
    assert not seeks_roughly(path)


@pytest.mark.parametrize(
    "name", ["concat:secret.wav", "data:audio;base64,AAAA", "http:a", "subfile,,start,0,end,9,,:x"]
)
def test_a_name_is_never_taken_for_an_order(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_wav(tmp_path / TARGET, sine(440, 1))
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(write_wav(tmp_path / "b.wav", sine(440, 2)).read_bytes())
    assert packets_ms(Path(name)) == 2000
    assert read_between(Path(name), 0, 3000)[0].shape[1] == 32_000
    assert not seeks_roughly(Path(name))


def wav(rate: int, channels: int, size: int, bits: int = 16) -> bytes:
    block = channels * bits // 8
    form = struct.pack("<HHIIHH", 1, channels & 0xFFFF, rate, rate * block & 0xFFFFFFFF, block & 0xFFFF, bits)
    return (
        b"RIFF" + struct.pack("<I", size) + b"WAVEfmt " + struct.pack("<I", 16) + form + b"data"
        + struct.pack("<I", size) + bytes(3200)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rate", "channels"),
    [(0, 1), (1, 1), (2**32 - 1, 1), (16_000, 0), (16_000, 65_535), (768_001, 1), (8_000, 65)],
)
def test_headers_that_no_sound_has_are_refused(tmp_path: Path, rate: int, channels: int) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav(rate, channels, 3200))
    for read in (probe, read_samples) if 0 < channels < 65_535 else (read_samples,):
        with pytest.raises(AudioError) as caught:
            read(path)
        assert caught.value.hint


@pytest.mark.parametrize("size", [0, 1, 0x7FFFFFFF, 0xFFFFFFF0, 0xFFFFFFFF])
def test_a_size_that_is_not_true_costs_nothing(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav(16_000, 1, size))
    try:
        assert len(read_samples(path)) <= 1600
    except AudioError as error:
        assert error.hint


def test_days_at_one_sample_a_second_are_refused_at_once(tmp_path: Path) -> None:
    info = (
        struct.pack(">HH", 4096, 4096)
        + bytes(6)
        + ((1 << 44) | (15 << 36) | 864_000).to_bytes(8, "big")
        + bytes(16)
    )
    path = tmp_path / "a.flac"
    path.write_bytes(b"fLaC\x80\x00\x00\x22" + info + b"\xff\xf8" * 5000)
    started = time.process_time()
    with pytest.raises(AudioError, match="1 samples a second"):
        read_samples(path)
    assert time.process_time() - started < 2


def test_bytes_that_unpack_to_more_than_sound_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_tracks(tmp_path / "a.flac", np.zeros(160_000, np.float32), codec="flac", rate=16_000)
    assert len(read_samples(path)) == 160_000
    monkeypatch.setattr(decode, "_SHORT_S", 5)
    monkeypatch.setattr(decode, "_LEAST_BYTES_A_SECOND", 10_000)
    with pytest.raises(AudioError, match=r"claims hours of sound in [\d,]+ bytes"):
        list(stream_samples(path))


def test_a_tag_with_a_huge_picture_is_only_a_tag(tmp_path: Path) -> None:
    sound = write_tracks(tmp_path / "b.mp3", sine(440, 1), codec="mp3", rate=16_000).read_bytes()
    picture = b"\x00image/png\x00\x03\x00\x89PNG" + bytes(20_000_000)
    frame = b"APIC" + struct.pack(">I", len(picture)) + b"\0\0" + picture
    size = bytes((len(frame) >> shift) & 0x7F for shift in (21, 14, 7, 0))
    path = tmp_path / "a.mp3"
    path.write_bytes(b"ID3\x03\x00\x00" + size + frame + sound)
    assert probe(path).codec.startswith("mp3")
    assert 15_000 < len(read_samples(path)) < 20_000
