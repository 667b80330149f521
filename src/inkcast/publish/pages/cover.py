"""Covers: pictures of shows, made as small as pages need them."""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO

from inkcast.errors import PublishError

COVER_PIXELS = 640
"""Each side of a cover as it is kept."""
MOST_PIXELS = 36_000_000
"""Twice what podcast directories allow each side: a larger picture is no cover, but a trap."""


def small_cover(data: bytes, pixels: int = COVER_PIXELS) -> bytes:
    """A picture as a square JPEG, cut to its middle; feeds' own have up to 3,000 pixels a side.

    Raises:
        PublishError: the bytes are no picture.
    """
    import av
    import numpy as np

    try:
        with av.open(BytesIO(data)) as container:
            stream = container.streams.video[0]
            # A kind of picture that nothing here can read has no width.
            if stream.width * stream.height > MOST_PIXELS:
                raise ValueError(f"{stream.width} × {stream.height} pixels")
            picture = next(container.decode(stream)).to_ndarray(format="rgb24")
        height, width, _ = picture.shape
        side = min(height, width) // 2 * 2
        top, left = (height - side) // 2, (width - side) // 2
        square = np.ascontiguousarray(picture[top : top + side, left : left + side])
        frame = av.VideoFrame.from_ndarray(square, format="rgb24").reformat(
            min(pixels, side), min(pixels, side), "yuvj420p", interpolation="AREA"
        )
        encoder = av.CodecContext.create("mjpeg", "w")
        encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, "yuvj420p"
        encoder.time_base, encoder.options = Fraction(1), {"qmin": "3", "qmax": "3"}
        return b"".join(bytes(packet) for packet in (*encoder.encode(frame), *encoder.encode(None)))
    except (av.FFmpegError, AttributeError, StopIteration, IndexError, ValueError) as error:
        raise PublishError("This is not a picture.", "Covers are JPEG or PNG files.") from error
