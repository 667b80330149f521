"""Whether browsers find a place in a recording."""

from __future__ import annotations

import logging
from itertools import islice
from pathlib import Path

import av

from inkcast.audio.decode import PROBING

_LOG = logging.getLogger(__name__)

_FRAMES = 2_000
"""Looked at: 50 seconds or so, and a few milliseconds of work."""


def seeks_roughly(path: Path) -> bool:
    """Whether the file is an MP3 whose bit rate varies.

    Browsers look up places in such a file in a table of a hundred entries, or guess without one, and then
    hear something else than they believe: in Chromium by up to 2 s in ten minutes with a table, and by
    more than 20 s without. Frames of a constant rate differ by a byte of padding at most.

    Args:
        path: a recording; what cannot be read seeks no better and no worse than said.
    """
    try:
        with av.open(str(path), options=PROBING) as container:
            if container.format.name != "mp3":
                return False
            sizes = [packet.size for packet in islice(container.demux(audio=0), 1, _FRAMES) if packet.size]
    except (av.error.FFmpegError, IndexError):
        return False
    return bool(sizes) and max(sizes) - min(sizes) > 1


def warn_of_rough_seeking(path: Path) -> None:
    """Tell whoever makes a page for this recording that its words will not be where the page says."""
    if seeks_roughly(path):
        _LOG.warning(
            "%s is an MP3 of variable bit rate: browsers seek in it only to within a few seconds. "
            "To seek exactly, convert it first: ffmpeg -i IN.mp3 -b:a 96k OUT.mp3",
            path.name,
        )
