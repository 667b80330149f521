"""Finished libraries for tests, made without hearing anything: essays, times and silent recordings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from inkcast.alignment.alignment import Extra
from inkcast.essays.essay import Block, Essay
from inkcast.feeds.identity import Traits
from inkcast.files import digest
from inkcast.library.store.catalogue import Catalogue, NewEpisode
from inkcast.library.store.record import StepName, StepRecord, StoredFile
from inkcast.publish.subtitles.formats import write_transcript
from inkcast.speech.transcript import Segment, Transcript, TranscriptWord
from tests.support.alignments import WORD_MS, align
from tests.support.browser import write_wav


@dataclass(frozen=True)
class Told:
    """An episode for ``write_library``; without paragraphs it has only a transcript.

    Each word takes 0.4 seconds; ``unspoken`` are indices of words that nobody reads.
    """

    title: str
    paragraphs: tuple[str, ...] = ()
    published: str = "2026-05-20"
    show: str = "Slow ways"
    heard: str = ""
    address: str = "https://audio.example/a.wav"
    unspoken: tuple[int, ...] = ()
    extra: tuple[Extra, ...] = ()
    blocks: tuple[Block, ...] = field(default=())


def essay_of(told: Told) -> Essay:
    blocks = told.blocks or tuple(Block("paragraph", text) for text in told.paragraphs)
    return Essay(told.title, (Block("title", told.title), *blocks), "https://essays.example/p", "en")


def hear(text: str) -> Transcript:
    words = tuple(
        TranscriptWord(f" {word}", i * WORD_MS, i * WORD_MS + 300, 0.9) for i, word in enumerate(text.split())
    )
    return Transcript("en", (Segment(0, len(words) * WORD_MS, f" {text}", words),), len(words) * WORD_MS)


def write_library(library: Path, episodes: Sequence[Told]) -> Path:
    """Write episodes, or write those of the same title again; returns ``library``."""
    library.mkdir(exist_ok=True)
    with Catalogue(library / "catalogue.sqlite") as catalogue:
        for told in episodes:
            name = digest(told.show)[:8]
            feed = catalogue.put_feed(name, f"https://{name}.example/feed", told.show, name)
            stem = f"{told.published} {digest(told.title)[:6]} é"
            published = datetime.fromisoformat(told.published).replace(tzinfo=UTC)
            traits = Traits(digest(told.title), told.title, published)
            catalogue.put_episodes(feed, [NewEpisode(traits, stem)])
            folder = library / feed.folder / stem
            for step, files in _write_files(folder, told):
                stored = tuple(StoredFile.of(path, folder) for path in files)
                key = stored[0].sha256
                record = StepRecord(step, "done", key, key, "", 1, 0.1, datetime.now(UTC), stored)
                catalogue.record(feed, traits.guid, record)
    return library


def _write_files(folder: Path, told: Told) -> list[tuple[StepName, tuple[Path, ...]]]:
    folder.mkdir(parents=True, exist_ok=True)

    def path(suffix: str) -> Path:
        return folder / (folder.name + suffix)

    essay = essay_of(told)
    heard = hear(told.heard or " ".join(word.text for word in essay.words()))
    path(".transcript.json").write_text(json.dumps(heard.to_json()), encoding="utf-8")
    steps: list[tuple[StepName, tuple[Path, ...]]] = [
        ("download", (write_wav(path(".wav"), 1),)),
        ("transcribe", (path(".transcript.json"),)),
    ]
    if not (told.paragraphs or told.blocks):
        steps.append(("publish", write_transcript(heard, folder, folder.name, ("vtt", "srt"))))
        return steps
    duration_ms = WORD_MS * sum(1 for _ in essay.words())
    alignment = align(
        essay, unspoken=told.unspoken, extra=told.extra, source=told.address, duration_ms=duration_ms
    )
    path(".essay.json").write_text(json.dumps(essay.to_json()), encoding="utf-8")
    path(".alignment.json").write_text(json.dumps(alignment.to_json()), encoding="utf-8")
    path(".html").write_text("the library's own page", encoding="utf-8")
    subtitles = write_transcript(alignment, folder, folder.name, ("vtt", "srt"))
    return [
        *steps,
        ("essay", (path(".essay.json"),)),
        ("align", (path(".alignment.json"),)),
        ("publish", (path(".html"), *subtitles)),
    ]
