"""Whether a downloaded recording is all there: where a server does not mark the end, nobody else can tell."""

from __future__ import annotations

import logging
from pathlib import Path

from inkcast.audio.decode import packets_ms
from inkcast.download.enclosure import UnwantedError
from inkcast.errors import AudioError
from inkcast.timecode import clock

_LOG = logging.getLogger(__name__)

SHORTEST_SHARE = 0.9
"""Of what the feed says; feeds round, and forget what was cut out. Not measured: chosen by hand."""


def require_whole(path: Path, title: str, said_ms: int | None, end_is_marked: bool) -> None:
    """Compare a recording's length with the feed's word for it.

    A file whose end the server marked is whole, and the feed is wrong: that is only a warning.

    Args:
        path: the downloaded file.
        title: the episode's, for messages.
        said_ms: what the feed says, None if it does not.
        end_is_marked: whether a download that was cut off would have been noticed.
    Raises:
        UnwantedError: the file was cut off, as far as anybody can tell.
    """
    if said_ms is None:
        return
    try:
        length_ms = packets_ms(path)
    except AudioError:  # whoever decodes it will say more
        length_ms = 0
    if length_ms >= SHORTEST_SHARE * said_ms:
        return
    found = f"{title}: the feed says {clock(said_ms)}, the file has {clock(length_ms)}."
    if end_is_marked:
        _LOG.warning("%s Its server says that the file is complete.", found)
        return
    raise UnwantedError(
        found,
        "It was probably cut off, and its server does not say how long it should be: run the command again. "
        "If that does not help, download it in a browser and put it there.",
    )
