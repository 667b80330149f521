"""Whether browsers find a place in a recording."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import av

from inkcast.audio.decode import N_PACKET_SIZES, ONLY_THIS_FILE, PROBING

_LOG = logging.getLogger(__name__)


def seeks_roughly(path: Path) -> bool:
    """Whether the file is an MP3 whose bit rate varies.

    Browsers look up places in such a file in a table of a hundred entries, or guess without one, and then
    hear something else than they believe: in Chromium by up to 2 s in ten minutes with a table, and by
    more than 20 s without.

    Args:
        path: a recording; what cannot be read seeks no better and no worse than said.
    """
    try:
        with av.open(str(path.absolute()), options=PROBING | ONLY_THIS_FILE) as container:
            if container.format.name != "mp3":
                return False
            packets = islice(container.demux(audio=0), N_PACKET_SIZES)
            return varies("mp3", [packet.size for packet in packets])
    except (av.error.FFmpegError, IndexError):
        return False


def varies(container: str, packet_sizes: Sequence[int]) -> bool:
    """Whether these are an MP3's packets at a varying bit rate: others differ by a byte of padding at most.

    Args:
        container: FFmpeg's name of the file's format.
        packet_sizes: bytes of its packets, from the first on, which is not looked at: it may hold a table.
    """
    sizes = [size for size in packet_sizes[1:] if size]
    return container == "mp3" and bool(sizes) and max(sizes) - min(sizes) > 1


def warn_of_rough_seeking(path: Path, roughly: bool) -> None:
    """Tell whoever makes a page for this recording that its words will not be where the page says."""
    if roughly:
        _LOG.warning(
            "%s is an MP3 of variable bit rate: browsers seek in it only to within a few seconds. "
            "To seek exactly, convert it first: ffmpeg -i IN.mp3 -b:a 96k OUT.mp3",
            path.name,
        )
