"""Inkcast: from a podcast episode and its essay to an essay you can click to hear.

    import inkcast

    model = inkcast.load_model("tiny.en")
    result = inkcast.align("episode.mp3", "essay.html", model)
    result.write("out")

Importing this loads next to nothing; what a name stands for is imported when it is used first.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inkcast.alignment.alignment import Alignment
    from inkcast.api import AlignedEpisode, align, read_essay, read_feed, transcribe
    from inkcast.audio.recording import Recording
    from inkcast.errors import InkcastError
    from inkcast.essays.essay import Essay
    from inkcast.feeds.episode import Episode, Feed
    from inkcast.library.sync_library import sync_library
    from inkcast.options import AlignOptions, TranscribeOptions
    from inkcast.publish.subtitles.formats import SubtitleStyle, write_transcript
    from inkcast.settings import Settings
    from inkcast.speech.load import load_model
    from inkcast.speech.transcriber import Transcriber
    from inkcast.speech.transcript import Transcript

__version__ = "0.1.0"

_HOMES = {
    "AlignOptions": "options",
    "AlignedEpisode": "api",
    "Alignment": "alignment.alignment",
    "Episode": "feeds.episode",
    "Essay": "essays.essay",
    "Feed": "feeds.episode",
    "InkcastError": "errors",
    "Recording": "audio.recording",
    "Settings": "settings",
    "SubtitleStyle": "publish.subtitles.formats",
    "TranscribeOptions": "options",
    "Transcriber": "speech.transcriber",
    "Transcript": "speech.transcript",
    "align": "api",
    "load_model": "speech.load",
    "read_essay": "api",
    "read_feed": "api",
    "sync_library": "library.sync_library",
    "transcribe": "api",
    "write_transcript": "publish.subtitles.formats",
}

__all__ = [
    "AlignOptions",
    "AlignedEpisode",
    "Alignment",
    "Episode",
    "Essay",
    "Feed",
    "InkcastError",
    "Recording",
    "Settings",
    "SubtitleStyle",
    "TranscribeOptions",
    "Transcriber",
    "Transcript",
    "__version__",
    "align",
    "load_model",
    "read_essay",
    "read_feed",
    "sync_library",
    "transcribe",
    "write_transcript",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
