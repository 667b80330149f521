"""The only place that turns milliseconds into text and back.

Formats: SubRip ``00:01:02,345``; WebVTT ``00:01:02.345`` (W3C WebVTT, hours optional when read);
a person's ``1:02:03``.
"""

from __future__ import annotations

import re

CUE_TIME = r"(?:\d+:)?[0-5]?\d:[0-5]?\d(?:[.,]\d{1,3})?"
"""A time in SubRip or WebVTT. Publishers' files leave out hours, and write points for commas."""

CUE_TIMES = re.compile(rf"^\s*({CUE_TIME})\s*-->\s*({CUE_TIME})(?:\s.*)?$")
"""The line above a cue's text; coordinates may follow the two times."""

_TIMECODE = re.compile(r"^(?:(\d+):)?([0-5]?\d):([0-5]?\d)(?:[.,](\d{1,3}))?$")


def _split(ms: int) -> tuple[int, int, int, int]:
    if ms < 0:
        raise ValueError(f"time before the start of the audio: {ms} ms")
    seconds, ms = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return hours, minutes, seconds, ms


def srt_time(ms: int) -> str:
    """``3723045`` → ``01:02:03,045``."""
    hours, minutes, seconds, ms = _split(ms)
    return f"{hours:02}:{minutes:02}:{seconds:02},{ms:03}"


def vtt_time(ms: int) -> str:
    """``3723045`` → ``01:02:03.045``."""
    hours, minutes, seconds, ms = _split(ms)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{ms:03}"


def clock(ms: int) -> str:
    """``3723045`` → ``1:02:03``; below an hour ``62045`` → ``1:02``."""
    hours, minutes, seconds, _ = _split(ms)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def parse_time(text: str) -> int:
    """Read any of the above; milliseconds.

    Raises:
        ValueError: the text is no time.
    """
    match = _TIMECODE.match(text.strip())
    if match is None:
        raise ValueError(f"not a time: {text!r}")
    hours, minutes, seconds, fraction = match.groups()
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return whole * 1000 + int((fraction or "0").ljust(3, "0"))


def seconds_to_ms(seconds: float) -> int:
    """Nearest millisecond."""
    return round(seconds * 1000)


def ms_to_seconds(ms: int) -> float:
    """Seconds with three digits, as file formats want them."""
    return round(ms / 1000, 3)
