"""What the benchmarks measure on: a folder of recordings with the texts that were read.

Layout: ``NAME.mp3`` (or another audio format) beside ``NAME.md`` and, where there are any,
``NAME.edited.md`` (the same recording, its text changed afterwards), ``NAME.truth.json`` (every
sentence as spoken, with its published form) and ``NAME.words.json`` (reference times).

Or, for recordings whose times people made, a folder LANGUAGE_SET_READER for each, with ``audio.*``,
``text.txt`` and ``words.json``; the readers of a set are pooled.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Levenshtein

AUDIO = {".mp3", ".m4a", ".flac", ".wav", ".ogg", ".opus"}


@dataclass(frozen=True, slots=True)
class Item:
    """A recording and one text of it; ``group`` is the set that its words are pooled with."""

    name: str
    audio: Path
    text: Path
    truth: dict[str, Any] | None
    words: list[dict[str, Any]] | None
    language: str = "en"
    group: str = ""


def items(folder: Path, match: str = "") -> Iterator[Item]:
    """Every recording with each of its texts."""
    yield from _readings(folder, match)
    for audio in sorted(path for path in folder.iterdir() if path.suffix in AUDIO):
        truth = _load(audio.with_suffix(".truth.json"))
        for kind in ("", ".edited"):
            text = audio.with_suffix(f"{kind}.md")
            if match in f"{audio.stem}{kind}" and text.exists():
                words = _load(audio.with_suffix(f"{kind}.words.json"))
                yield Item(f"{audio.stem}{kind}", audio, text, truth, words)


def _readings(folder: Path, match: str) -> Iterator[Item]:
    for text in sorted(folder.glob("*/text.txt")):
        name = text.parent.name
        audio = next((path for path in text.parent.glob("audio.*") if path.suffix in AUDIO), None)
        if audio and match in name:
            words = _load(text.with_name("words.json"))
            language = name.partition("_")[0]
            yield Item(name, audio, text, None, words, language, group_of(name))


def group_of(name: str) -> str:
    """The set that a reader belongs to: LANGUAGE_SET."""
    return "_".join(name.split("_")[:2])


def _load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def words_of(text: str) -> list[str]:
    """Lower-case words without punctuation, split at dashes between words."""
    parts = re.split(r"\s+|(?<=\w)[—–]+(?=\w)", text)
    return [word for part in parts if (word := re.sub(r"[^\w]", "", part.lower()))]


def reference(truth: dict[str, Any]) -> list[str]:
    """What was said: in the essay's wording where it was read, else as spoken."""
    return [
        word for s in truth["sentences"] for word in words_of((s["published"] or s["spoken"]).lstrip("* "))
    ]


def word_error_rate(said: list[str], heard: list[str]) -> float:
    """Levenshtein distance over words, divided by the words said."""
    return Levenshtein.distance(said, heard) / max(1, len(said))
