"""Transcription without an essay: every window decoded freely, none dropped in silence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

from inkcast.audio.recording import Recording
from inkcast.audio.vad import levels, speech_mask
from inkcast.speech.checkpoint import Chunk
from inkcast.speech.decoding.free_decode import Heard, decode_windows
from inkcast.speech.decoding.window import PADDING_MS, WindowLimits, open_windows, window_end
from inkcast.speech.engines.engine import Engine
from inkcast.speech.engines.tokenizer import Tokenizer
from inkcast.speech.transcript import Gap, TranscriptWord

_WHOLE = WindowLimits(min_ms=18_000, max_ms=26_000)
# Half a window often passes where the whole one failed: music, a second voice, a cough.
_PARTS = WindowLimits(min_ms=6_000, max_ms=11_000)
# Whisper's own default: a tenth to a fifth fewer word errors for a tenth to a third more time.
_BEAM = 5
_BATCH = 4

Span = tuple[int, int]


def listen(
    engine: Engine,
    tokenizer: Tokenizer,
    recording: Recording,
    time_ms: int = 0,
    prompt: tuple[int, ...] = (),
) -> Iterator[Chunk]:
    """Transcribe from ``time_ms`` to the end of the recording, a batch of windows at a time.

    Args:
        engine: any engine.
        tokenizer: the engine's, in the recording's language.
        recording: the audio.
        time_ms: where to start.
        prompt: tokens of text that every window takes as said before: names, spellings.
    """
    with ThreadPoolExecutor(engine.workers) as pool:
        listener = _Listener(engine, tokenizer, recording, prompt, pool)
        while spans := _spans(recording, time_ms, _BATCH * engine.workers):
            words: list[TranscriptWord] = []
            failed: list[Gap] = []
            for span, heard in zip(spans, listener.hear(spans), strict=True):
                if heard.failed:
                    parts = _spans(recording, span[0], limits=_PARTS, until=span[1])
                    for part, again in zip(parts, listener.hear(parts), strict=True):
                        words += again.words
                        failed += [Gap(*part, again.failed)] if again.failed else []
                else:
                    words += heard.words
            time_ms = spans[-1][1]
            yield Chunk(tuple(words), tuple(failed), time_ms)
            recording.forget(time_ms)


class _Listener:
    """Hears windows in batches, several at a time."""

    def __init__(
        self,
        engine: Engine,
        tokenizer: Tokenizer,
        recording: Recording,
        prompt: tuple[int, ...],
        pool: ThreadPoolExecutor,
    ) -> None:
        self._engine = engine
        self._tokenizer = tokenizer
        self._recording = recording
        self._prompt = prompt
        self._pool = pool

    def hear(self, spans: Sequence[Span]) -> list[Heard]:
        """What is said in each span; nothing where the signal holds no speech."""
        spoken = [span for span in spans if speech_mask(levels(self._recording.read(*span))).any()]
        batches = [spoken[i : i + _BATCH] for i in range(0, len(spoken), _BATCH)]
        results = chain.from_iterable(self._pool.map(self._decode, batches))
        heard = dict(zip(spoken, results, strict=True))
        return [heard.get(span, Heard(())) for span in spans]

    def _decode(self, batch: Sequence[Span]) -> list[Heard]:
        windows = open_windows(self._engine, [(self._recording, *span) for span in batch], PADDING_MS)
        return decode_windows(self._engine, self._tokenizer, windows, prompt=self._prompt, beam_size=_BEAM)


def _spans(
    recording: Recording,
    start_ms: int,
    count: int | None = None,
    limits: WindowLimits = _WHOLE,
    until: int | None = None,
) -> list[Span]:
    """The next windows: ``count`` of them, or all up to ``until``."""
    spans: list[Span] = []
    while count is None or len(spans) < count:
        end = window_end(recording, start_ms, limits)
        end = end if until is None else min(end, until)
        if end <= start_ms:
            break
        spans.append((start_ms, end))
        start_ms = end
    return spans
