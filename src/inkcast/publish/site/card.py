"""The picture that others show for a link to an episode: its title beside the show's cover.

FFmpeg draws it, which we have for recordings anyway: libass knows every script that the machine has letters
for, and breaks lines.
"""

from __future__ import annotations

import logging
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from inkcast.publish.subtitles.ass import protected

WIDTH, HEIGHT = 1200, 630
"""Pixels, as Facebook and X ask for."""

_COVER = 430
_EDGE = 90
_LONG_TITLE = 60  # letters
_LONGEST_TITLE, _LONGEST_LINE = 180, 70
_MOST_SECONDS = 60
_PAPER, _INK, _QUIET, _ACCENT = "1A1817", "D5DCDF", "909AA0", "78A8E0"  # blue, green, red, as in ASS
_LOG = logging.getLogger(__name__)


def draw_card(title: str, show: str, about: str, cover: Path | None) -> bytes | None:
    """A JPEG, 1200 by 630; None where nothing can be drawn, on a machine without any letters for example.

    Args:
        title: of the episode.
        show: its title.
        about: a line below, author and date say.
        cover: the show's, a JPEG.
    """
    with TemporaryDirectory() as folder:
        script, card = Path(folder, "card.ass"), Path(folder, "card.jpg")
        script.write_text(_script(title, show, about, beside_cover=cover is not None), encoding="utf-8")
        ground = f"color=0x17181a:s={WIDTH}x{HEIGHT}:d=1:r=1"
        inputs = ["-f", "lavfi", "-i", ground]
        graph = "[0:v]ass=card.ass[out]"
        if cover is not None:
            inputs += ["-i", str(cover.resolve())]
            y = (HEIGHT - _COVER) // 2
            overlay = f"[1:v]scale={_COVER}:{_COVER}[c];[0:v][c]overlay={_EDGE}:{y}:eof_action=repeat[b]"
            graph = f"{overlay};[b]ass=card.ass[out]"
        command = [_ffmpeg(), "-v", "error", "-nostdin", *inputs, "-filter_complex", graph, "-map", "[out]"]
        try:
            subprocess.run(
                [*command, "-frames:v", "1", "-q:v", "3", "-y", card.name],
                cwd=folder,
                check=True,
                capture_output=True,
                timeout=_MOST_SECONDS,
            )
            return card.read_bytes() if _has_letters(card, _left(cover is not None)) else None
        except (OSError, subprocess.SubprocessError) as error:
            _LOG.info("No card for %s: %s", title, error)
            return None


def _ffmpeg() -> str:
    import imageio_ffmpeg  # type: ignore[import-untyped]

    return str(imageio_ffmpeg.get_ffmpeg_exe())


def _left(beside_cover: bool) -> int:
    """Where the text begins."""
    return 2 * _EDGE + _COVER - 25 if beside_cover else _EDGE


def _has_letters(card: Path, left: int) -> bool:
    """Whether there is anything on the ground where the text belongs."""
    import av

    with av.open(card) as container:
        frame = next(container.decode(video=0)).to_ndarray(format="gray")
    text = frame[_EDGE:-_EDGE, left:]
    return bool(text.max() > text.min() + 60)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most].rstrip()} …"


def _script(title: str, show: str, about: str, *, beside_cover: bool) -> str:
    """As ASS: the show above, the title in the middle, the rest below."""
    left = _left(beside_cover)
    size = 62 if beside_cover else 84
    size = round(size * (0.8 if len(title) > _LONG_TITLE else 1))
    styles = (
        ("Show", "sans-serif", 27, _ACCENT, 7),
        ("Title", "serif", size, _INK, 4),
        ("About", "sans-serif", 25, _QUIET, 1),
    )
    lines = (
        ("Show", _cut(show, _LONGEST_LINE)),
        ("Title", _cut(title, _LONGEST_TITLE)),
        ("About", _cut(about, _LONGEST_LINE)),
    )
    bold = {"Title": -1, "Show": -1}
    return "\n".join(
        (
            "[Script Info]",
            "ScriptType: v4.00+",
            f"PlayResX: {WIDTH}",
            f"PlayResY: {HEIGHT}",
            "WrapStyle: 0",
            "[V4+ Styles]",
            "Format: Name, Fontname, Fontsize, PrimaryColour, Bold, BorderStyle, Outline, Shadow, Alignment, "
            "MarginL, MarginR, MarginV",
            *(
                f"Style: {name},{font},{points},&H00{colour},{bold.get(name, 0)},1,0,0,"
                f"{place},{left},{_EDGE},{(HEIGHT - _COVER) // 2}"
                for name, font, points, colour, place in styles
            ),
            "[Events]",
            "Format: Layer, Start, End, Style, Text",
            *(f"Dialogue: 0,0:00:00.00,0:00:10.00,{style},{protected(text)}" for style, text in lines),
            "",
        )
    )
