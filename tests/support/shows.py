"""Small podcasts for tests of the library: a feed, pages and tones in a folder, and ears without a model."""

from __future__ import annotations

import functools
import io
import math
import struct
import wave
from dataclasses import dataclass, field
from pathlib import Path

from inkcast.audio.recording import Recording
from inkcast.essays.essay import Essay
from inkcast.settings import Settings
from inkcast.speech.transcript import ModelInfo, Segment, Transcript, TranscriptWord

WORD_MS = 300

TRAINS = """Night trains are coming back, and nobody planned it. A traveller goes to sleep in one
country and wakes up in another, which no aeroplane has ever managed with any dignity. The berths are
narrow, the coffee is weak, and the windows open. None of this explains why the tickets sell out in
an hour. People like to arrive slowly, I think, and to see the land change under them."""
BOATS = """Every harbour keeps a boat that never sails. Children learn its name before they learn to
swim, painters put it in the corner of their canvas, and the owner repairs the same plank each spring.
Ask him when he will leave and he points at the weather. The weather is fine. It was fine last year,
too, and the boat lay where it lies now, dry, polished and quite content."""


@functools.cache
def tone(seconds: float, hertz: int = 220) -> bytes:
    """A WAV file: 8 kHz, mono, 16 bits."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        samples = [int(9000 * math.sin(2 * math.pi * hertz * i / 8000)) for i in range(int(8000 * seconds))]
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return buffer.getvalue()


def page(title: str, *paragraphs: str) -> bytes:
    """A post as Substack's pages have it."""
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f'<!doctype html><html lang="en"><title>{title}</title><body><h1 class="post-title">{title}</h1>'
        f'<div class="available-content"><div class="body markup">{body}</div></div></body></html>'
    ).encode()


def item(slug: str, title: str, day: int, *, link: str | None = "", audio: str = "", extra: str = "") -> str:
    """A feed item; its page is ``<slug>.html`` and its audio ``<slug>.wav`` unless told otherwise."""
    where = "" if link is None else f"<link>{link or f'{slug}.html'}</link>"
    return f"""<item><guid isPermaLink="false">{slug}</guid><title>{title}</title>{where}
      <pubDate>{day:02} May 2026 08:00:00 GMT</pubDate>
      <enclosure url="{audio or f"{slug}.wav"}" type="audio/wav" length="0"/>{extra}</item>"""


def feed(*items: str, title: str = "Slow ways") -> bytes:
    """An RSS feed."""
    return (
        f'<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel><title>{title}</title>{''.join(items)}</channel></rss>"
    ).encode()


def write_show(folder: Path) -> Path:
    """Two episodes, "Boats" newer than "Trains", and the path of their feed."""
    folder.mkdir(parents=True, exist_ok=True)
    for slug, title, text, hertz in (("trains", "Trains", TRAINS, 220), ("boats", "Boats", BOATS, 330)):
        (folder / f"{slug}.wav").write_bytes(tone(WORD_MS * len(text.split()) / 1000, hertz))
        (folder / f"{slug}.html").write_bytes(page(title, text))
    path = folder / "feed.xml"
    path.write_bytes(feed(item("boats", "Boats", 20), item("trains", "Trains", 13)))
    return path


@dataclass
class Ears:
    """A transcriber that hears what it is told: ``says``, else the essay word for word; "" is silence.

    ``heard`` lists the names of the files that it was given; ``failure`` is raised
    instead of hearing; ``names`` are those that it was told. ``resumed_from`` is what the last run had left
    at its checkpoint.
    """

    says: str | None = None
    model: str = "ears"
    failure: BaseException | None = None
    heard: list[str] = field(default_factory=list)
    settings: list[Settings] = field(default_factory=list)
    names: list[tuple[str, ...]] = field(default_factory=list)
    resumed_from: str = ""

    def __call__(
        self,
        recording: Recording,
        essay: Essay | None,
        checkpoint: Path,
        progress,
        settings: Settings,
        names: tuple[str, ...] = (),
    ) -> Transcript:
        self.heard.append(recording.path.name)
        self.settings.append(settings)
        self.names.append(names)
        self.resumed_from = checkpoint.read_text() if checkpoint.exists() else ""
        checkpoint.write_text("half of it")
        if self.failure:
            raise self.failure
        if self.says is not None:
            text = self.says
        else:
            text = " ".join(word.text for word in essay.words()) if essay else "Nobody wrote this down."
        words = tuple(
            TranscriptWord(f" {word}", index * WORD_MS, index * WORD_MS + 280, 0.9)
            for index, word in enumerate(text.split())
        )
        progress(1, 1)
        return Transcript(
            "en",
            (Segment(0, words[-1].end_ms, f" {text}", words),) if words else (),
            duration_ms=len(words) * WORD_MS,
            model=ModelInfo(self.model, "ears", "cpu", "none"),
        )
