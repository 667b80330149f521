"""A passage of an essay, by its words or by its time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inkcast.alignment.alignment import AlignedWord, Alignment
from inkcast.errors import PublishError
from inkcast.publish.sentences import essay_sentences
from inkcast.publish.words import as_written, clean_text
from inkcast.timecode import clock
from inkcast.wording.normal import split

_NEAREST = 3
_SHOWN_CHARS = 80


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a recording; ``text`` is what the essay says there, on one line."""

    start_ms: int
    end_ms: int
    text: str


def find_quote(alignment: Alignment, quote: str) -> Passage:
    """Find where a quotation is read; case, accents, punctuation and kinds of quotes do not count.

    "…" or "..." between two parts of the quotation stands for any words: the passage goes from the first
    part to the last.

    Raises:
        PublishError: the essay has no such words, has them several times, or nobody reads them; the
            message names the nearest passages.
    """
    parts = [keys for part in quote.replace("...", "…").split("…") if (keys := _keys_of(part))]
    if not parts:
        raise PublishError("The quotation has no words.", "Give some words of the essay.")
    keys, owners = _keyed(alignment.words)
    found = list(_occurrences(keys, parts))
    shown = _shown(quote)
    if not found:
        raise PublishError(f"The essay does not contain {shown}.", _nearest(alignment, quote))
    passages = [_passage(alignment.words[owners[first] : owners[last] + 1]) for first, last in found]
    read = [passage for passage in passages if passage is not None]
    if not read:
        raise PublishError(f"{shown} is in the essay, but nobody reads it.", "Quote something else.")
    if len(read) > 1:
        times = ", ".join(clock(passage.start_ms) for passage in read)
        raise PublishError(
            f"{shown} is read {len(read)} times, at {times}.", "Quote more of it, or use --from and --to."
        )
    return read[0]


def passage_between(alignment: Alignment, start_ms: int, end_ms: int) -> Passage:
    """The words that are read between two times, and those times.

    Raises:
        PublishError: the times are in the wrong order, or outside the recording.
    """
    if end_ms <= start_ms:
        raise PublishError(f"{clock(end_ms)} is not after {clock(start_ms)}.", "Give --from before --to.")
    if start_ms >= alignment.audio.duration_ms:
        raise PublishError(
            f"The recording ends at {clock(alignment.audio.duration_ms)}.", "Give an earlier --from."
        )
    words = [
        word
        for word in alignment.words
        if word.start_ms is not None
        and word.end_ms is not None
        and start_ms < (word.start_ms + word.end_ms) / 2 < end_ms
    ]
    return Passage(start_ms, min(end_ms, alignment.audio.duration_ms), as_written(words))


def _keys_of(text: str) -> list[str]:
    return [key for word in text.split() for key in split(word)]


def _keyed(words: Sequence[AlignedWord]) -> tuple[list[str], list[int]]:
    """The keys of all words in a row, and for each the index of its word."""
    pairs = [(key, index) for index, word in enumerate(words) for key in split(word.text)]
    return [key for key, _ in pairs], [index for _, index in pairs]


def _occurrences(keys: Sequence[str], parts: Sequence[Sequence[str]]) -> Iterator[tuple[int, int]]:
    """First and last key of each place where the parts follow each other, as close as they can."""
    at = 0
    while (first := _find(keys, parts[0], at)) >= 0:
        end = first + len(parts[0])
        for part in parts[1:]:
            place = _find(keys, part, end)
            if place < 0:
                return
            end = place + len(part)
        yield first, end - 1
        at = first + 1 if len(parts) == 1 else end


def _find(keys: Sequence[str], part: Sequence[str], start: int) -> int:
    wanted = list(part)
    places = range(start, len(keys) - len(wanted) + 1)
    return next((at for at in places if keys[at] == wanted[0] and keys[at : at + len(wanted)] == wanted), -1)


def _passage(words: Sequence[AlignedWord]) -> Passage | None:
    """The time of the words that are read; None if not even half of them are."""
    starts = [word.start_ms for word in words if word.start_ms is not None]
    ends = [word.end_ms for word in words if word.end_ms is not None]
    if not starts or len(starts) * 2 < len(words):
        return None
    return Passage(min(starts), max(ends), as_written(words))


def _nearest(alignment: Alignment, quote: str) -> str:
    """The sentences that share most with the quotation, with the times at which they are read."""
    wanted = Counter(_keys_of(quote))
    ranked = []
    for sentence in essay_sentences(alignment):
        own = Counter(key for word in sentence.words for key in split(word.text))
        common = (wanted & own).total()
        if common and sentence.start_ms is not None:
            ranked.append((common / (wanted | own).total(), sentence.start_ms, sentence.text))
    ranked.sort(key=lambda each: (-each[0], each[1]))
    if not ranked:
        return "Copy some words from the essay as it was published."
    nearest = "; ".join(f"{_shown(text)} ({clock(start_ms)})" for _, start_ms, text in ranked[:_NEAREST])
    return f"Nearest: {nearest}."


def _shown(text: str) -> str:
    text = clean_text(text)
    return f"“{text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 1] + '…'}”"
