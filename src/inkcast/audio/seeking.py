"""Whether browsers find a place in a recording."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import av

from inkcast.audio.decode import ONLY_THIS_FILE, PROBING
from inkcast.audio.track import N_PACKET_SIZES

_LOG = logging.getLogger(__name__)

_ODD_SHARE = 0.01
"""Of the packets: fewer are damage. Not measured: chosen by hand."""

_MP3 = ("an MP3 of variable bit rate", "a few seconds")
_OGG = ("Ogg with Vorbis or FLAC in it", "a second")


def seeks_roughly(path: Path) -> bool:
    """Whether the file is an MP3 whose bit rate varies, or Ogg with Vorbis or FLAC in it.

    Browsers look up places in such an MP3 in a table of a hundred entries, or guess without one, and then
    hear something else than they believe: in Chromium by up to 2 s in ten minutes with a table, and by
    more than 20 s without. In such an Ogg file, by up to 1 s: it gives no time to the first sound of a page.

    Args:
        path: a recording; what cannot be read seeks no better and no worse than said.
    """
    try:
        with av.open(str(path.absolute()), options=PROBING | ONLY_THIS_FILE) as container:
            kind, codec = container.format.name, container.streams.audio[0].codec_context.name
            packets = islice(container.demux(audio=0), N_PACKET_SIZES) if kind == "mp3" else ()
            return is_rough(kind, codec, [packet.size for packet in packets])
    except (av.error.FFmpegError, IndexError):
        return False


def is_rough(container: str, codec: str, packet_sizes: Sequence[int]) -> bool:
    """Whether it is one of these, by what is known of an opened file.

    At a constant bit rate all packets have one size, and a byte of padding at most.

    Args:
        container, codec: FFmpeg's names.
        packet_sizes: bytes of its packets, from the first on, which is not looked at: it may hold a table.
    """
    if container != "mp3":
        return container == "ogg" and codec in ("vorbis", "flac")
    sizes = sorted(size for size in packet_sizes[1:] if size)
    usual = sizes[len(sizes) // 2] if sizes else 0
    return sum(abs(size - usual) > 1 for size in sizes) > _ODD_SHARE * len(sizes)


def warn_of_rough_seeking(path: Path, roughly: bool) -> None:
    """Tell whoever makes a page for this recording that its words will not be where the page says."""
    if roughly:
        _LOG.warning(
            "%s is %s: browsers seek in it only to within %s. "
            "To seek exactly, convert it first: ffmpeg -i IN -b:a 96k OUT.mp3",
            path.name,
            *(_OGG if path.suffix.lower() in (".ogg", ".oga") else _MP3),
        )
