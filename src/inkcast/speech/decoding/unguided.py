"""Transcription without an essay: every window decoded freely, none dropped in silence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain

from inkcast.audio.stream import SampleStream
from inkcast.audio.vad import levels, speech_mask
from inkcast.options import LONGEST_WINDOW_MS, TranscribeOptions
from inkcast.speech.checkpoint import Chunk
from inkcast.speech.decoding.free_decode import Heard, decode_windows
from inkcast.speech.decoding.spell_names import spell_names
from inkcast.speech.decoding.unheard import Hearing, hear_out
from inkcast.speech.decoding.window import WindowLimits, open_windows, window_end
from inkcast.speech.engines.engine import Engine
from inkcast.speech.engines.tokenizer import Tokenizer
from inkcast.speech.transcript import TranscriptWord
from inkcast.wording.vocabulary import Vocabulary

# Not measured: chosen by hand. Half a window often passes where the whole one failed: music, a second
# voice, a cough.
_PART_LIMITS = WindowLimits(min_ms=6_000, max_ms=11_000)
_BATCH_WINDOWS = 4

Span = tuple[int, int]


def listen(
    engine: Engine,
    tokenizer: Tokenizer,
    stream: SampleStream,
    time_ms: int = 0,
    prompt: tuple[int, ...] = (),
    options: TranscribeOptions = TranscribeOptions(),
) -> Iterator[Chunk]:
    """Transcribe from ``time_ms`` to the end of the recording, a batch of windows at a time.

    Args:
        engine: any engine.
        tokenizer: the engine's, in the recording's language.
        stream: the audio.
        time_ms: where to start.
        prompt: tokens of text that every window takes as said before: names, spellings.
        options: how wide to search, and in which windows.
    """
    limits = WindowLimits(*options.free_window_ms)
    vocabulary = Vocabulary((*options.vocabulary, *options.names))
    with ThreadPoolExecutor(engine.workers) as pool:
        listener = _Listener(engine, tokenizer, stream, prompt, options.beam_size, pool)
        while spans := _spans(stream, time_ms, limits, _BATCH_WINDOWS * engine.workers):
            hearings: list[Hearing] = []
            for span, heard in zip(spans, listener.hear(spans), strict=True):
                words = heard.words
                if heard.failed:
                    parts = _spans(stream, span[0], _PART_LIMITS, until=span[1])
                    words = tuple(chain.from_iterable(again.words for again in listener.hear(parts)))
                hearings.append(Hearing(stream, *span, words))
            found = hear_out(engine, tokenizer, hearings)
            named = pool.map(partial(_with_names, engine, tokenizer, vocabulary=vocabulary), found)
            time_ms = spans[-1][1]
            yield Chunk(
                tuple(chain.from_iterable(named)),
                tuple(chain.from_iterable(hearing.failed for hearing in found)),
                time_ms,
            )
            stream.forget(time_ms)


def _with_names(
    engine: Engine, tokenizer: Tokenizer, hearing: Hearing, vocabulary: Vocabulary
) -> tuple[TranscriptWord, ...]:
    return spell_names(engine, tokenizer, hearing.sound, hearing.words, vocabulary)


class _Listener:
    """Hears windows in batches, several at a time."""

    def __init__(
        self,
        engine: Engine,
        tokenizer: Tokenizer,
        stream: SampleStream,
        prompt: tuple[int, ...],
        beam_size: int,
        pool: ThreadPoolExecutor,
    ) -> None:
        self._engine = engine
        self._tokenizer = tokenizer
        self._stream = stream
        self._prompt = prompt
        self._beam_size = beam_size
        self._pool = pool

    def hear(self, spans: Sequence[Span]) -> list[Heard]:
        """What is said in each span; nothing where the signal holds no speech."""
        spoken = [span for span in spans if speech_mask(levels(self._stream.read(*span))).any()]
        batches = [spoken[i : i + _BATCH_WINDOWS] for i in range(0, len(spoken), _BATCH_WINDOWS)]
        results = chain.from_iterable(self._pool.map(self._decode, batches))
        heard = dict(zip(spoken, results, strict=True))
        return [heard.get(span, Heard(())) for span in spans]

    def _decode(self, batch: Sequence[Span]) -> list[Heard]:
        spans = [(self._stream, *span) for span in batch]
        # docs/guided.md: less is misheard in the half minute that Whisper was made for.
        windows = open_windows(self._engine, spans, LONGEST_WINDOW_MS)
        return decode_windows(
            self._engine, self._tokenizer, windows, prompt=self._prompt, beam_size=self._beam_size
        )


def _spans(
    stream: SampleStream,
    start_ms: int,
    limits: WindowLimits,
    count: int | None = None,
    until: int | None = None,
) -> list[Span]:
    """The next windows: ``count`` of them, or all up to ``until``."""
    spans: list[Span] = []
    while count is None or len(spans) < count:
        end = window_end(stream, start_ms, limits)
        end = end if until is None else min(end, until)
        if end <= start_ms:
            break
        spans.append((start_ms, end))
        start_ms = end
    return spans
