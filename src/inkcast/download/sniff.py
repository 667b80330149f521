"""Tell audio from anything else by its first bytes: servers send error pages as ``audio/mpeg``."""

from __future__ import annotations

import re

HEAD_BYTES = 16 * 1024
"""Enough for ten of the largest MPEG frames."""

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"ID3", "mp3"),
    (b"OggS", "ogg"),
    (b"fLaC", "flac"),
    (b"\x1aE\xdf\xa3", "matroska"),
    (b"caff", "caf"),
    (b"#!AMR", "amr"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"),
    (b"wvpk", "wavpack"),
    (b"MAC ", "ape"),
    (b".snd", "au"),
)
_RIFF = re.compile(rb"(?:RIFF|RF64|BW64).{4}WAVE", re.DOTALL)
_AIFF = re.compile(rb"FORM.{4}AIF[FC]", re.DOTALL)
_MP4 = re.compile(rb".{4}(?:ftyp(?!heic|heix|hevc|mif1|msf1|avif|avis|crx )|moov|mdat|wide)", re.DOTALL)

_NOT_AUDIO: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (
        re.compile(rb"(?>(?><!--.*?-->)\s*+)*+<(?:!doctype html|html|head|body|script|title)", re.I | re.S),
        "a web page",
    ),
    (re.compile(rb"#EXTM3U|\[playlist\]", re.I), "a playlist"),
    (re.compile(rb"[{\[]\s*[\"{\[}\]]"), "a JSON message"),
    (re.compile(rb"<(?:\?xml|[a-z]+)", re.I), "an XML message"),
    (re.compile(rb"\xff\xd8\xff|\x89PNG|GIF8|RIFF....WEBP", re.S), "an image"),
    (re.compile(rb"%PDF"), "a PDF"),
    (re.compile(rb"PK\x03\x04|\x1f\x8b"), "an archive"),
)

# ISO 11172-3 and 13818-3: kbit/s by (version 1?, layer), samples a frame, Hz.
_BITRATES = {
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_SAMPLE_RATES = (44_100, 48_000, 32_000)


def audio_format(head: bytes) -> str | None:
    """Name the format of a file that begins with ``head``; None if it is no audio that we know.

    MPEG and ADTS streams may begin in the middle of a frame: two frames in a row identify them.
    """
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    for pattern, name in ((_RIFF, "wav"), (_AIFF, "aiff"), (_MP4, "mp4")):
        if pattern.match(head):
            return name
    # In a large enough file of another kind two frames in a row may come about by chance.
    return _frames(head) if describe(head) == "unknown data" else None


def describe(head: bytes) -> str:
    """Say in two words what a file that is no audio seems to be."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for pattern, name in _NOT_AUDIO:
        if pattern.match(text):
            return name
    return "plain text" if text and not re.search(rb"[^\t-\r -~\x80-\xff]", text) else "unknown data"


def _frames(head: bytes) -> str | None:
    start = head.find(b"\xff")
    while start >= 0:
        for name, length_of in (("mp3", _mpeg_frame_bytes), ("aac", _adts_frame_bytes)):
            length = length_of(head, start)
            following = start + length
            if length and (length_of(head, following) or (start == 0 and following >= len(head))):
                return name
        start = head.find(b"\xff", start + 1)
    return None


def _mpeg_frame_bytes(head: bytes, at: int) -> int:
    """Length of the MPEG audio frame (layer I-III) at ``at``; 0 if there is none."""
    if len(head) < at + 4 or head[at] != 0xFF or head[at + 1] & 0xE0 != 0xE0:
        return 0
    version, layer = head[at + 1] >> 3 & 3, 4 - (head[at + 1] >> 1 & 3)
    bitrate, rate, padding = head[at + 2] >> 4, head[at + 2] >> 2 & 3, head[at + 2] >> 1 & 1
    if version == 1 or layer == 4 or not 0 < bitrate < 15 or rate == 3:
        return 0
    bits = _BITRATES[version == 3, layer][bitrate - 1] * 1000
    hz = _SAMPLE_RATES[rate] >> (3 - version if version else 2)
    if layer == 1:
        return (12 * bits // hz + padding) * 4
    return (72 if layer == 3 and version != 3 else 144) * bits // hz + padding


def _adts_frame_bytes(head: bytes, at: int) -> int:
    """Length of the AAC frame with an ADTS header (ISO 13818-7) at ``at``; 0 if there is none."""
    if len(head) < at + 7 or head[at] != 0xFF or head[at + 1] & 0xF6 != 0xF0 or head[at + 2] >> 2 & 15 > 12:
        return 0
    length = (head[at + 3] & 3) << 11 | head[at + 4] << 3 | head[at + 5] >> 5
    return length if length > 7 else 0
