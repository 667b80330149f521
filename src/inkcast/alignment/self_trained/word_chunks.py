"""A recording's words in chunks that are searched one after the other, so that hours cost no memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inkcast.alignment.forced_aligner import ExpectedWord

_CHUNK_MS = 20_000
# Words beside a chunk that are searched with it and forgotten.
_SENTINELS = 4


@dataclass(frozen=True, slots=True)
class Chunk:
    """Words [first, stop) are searched together, of which [kept, kept_stop) are kept."""

    first: int
    stop: int
    kept: int
    kept_stop: int


def chunks_of(words: Sequence[ExpectedWord]) -> Iterator[Chunk]:
    """Cut the words at the longest pause in each second half of a chunk's length."""
    kept = 0
    while kept < len(words):
        begin = words[kept].start_ms
        stop = kept + 1
        while stop < len(words) and words[stop].end_ms - begin < _CHUNK_MS:
            stop += 1
        if stop < len(words):
            late = [at for at in range(kept + 1, stop + 1) if 2 * (words[at].start_ms - begin) > _CHUNK_MS]
            stop = max(late or [stop], key=lambda at: words[at].start_ms - words[at - 1].end_ms)
        yield Chunk(max(0, kept - _SENTINELS), min(len(words), stop + _SENTINELS), kept, stop)
        kept = stop


def sample_of(chunks: Sequence[Chunk], words: Sequence[ExpectedWord], length_ms: int) -> Sequence[Chunk]:
    """Chunks from all over the recording, together about as long as ``length_ms``."""
    lengths = [words[chunk.kept_stop - 1].end_ms - words[chunk.kept].start_ms for chunk in chunks]
    share = length_ms / max(1, sum(lengths))
    if share >= 1:
        return chunks
    count = max(1, round(share * len(chunks)))
    return [chunks[at * len(chunks) // count] for at in range(count)]
