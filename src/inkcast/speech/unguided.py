"""Transcription without an essay: every window decoded freely, none dropped in silence."""

from __future__ import annotations

from collections.abc import Iterator

from inkcast.audio.recording import Recording
from inkcast.speech.checkpoint import Chunk
from inkcast.speech.decode import Heard, decode_windows
from inkcast.speech.engine import Engine
from inkcast.speech.tokenizer import Tokenizer
from inkcast.speech.transcript import Gap, TranscriptWord
from inkcast.speech.window import PADDING_MS, Window, WindowLimits, open_window, window_end

_WHOLE = WindowLimits(min_ms=16_000, max_ms=26_000)
# Half a window often passes where the whole one failed: music, a second voice, a cough.
_PARTS = WindowLimits(min_ms=6_000, max_ms=11_000)


def listen(
    engine: Engine, tokenizer: Tokenizer, recording: Recording, time_ms: int = 0, prompt: tuple[int, ...] = ()
) -> Iterator[Chunk]:
    """Transcribe from ``time_ms`` to the end of the recording, a window at a time.

    Args:
        engine: any engine.
        tokenizer: the engine's, in the recording's language.
        recording: the audio.
        time_ms: where to start.
        prompt: tokens of text that every window takes as said before: names, spellings.
    """
    while True:
        end = window_end(recording, time_ms, _WHOLE)
        if end <= time_ms:
            return
        window = open_window(engine, recording, time_ms, end, PADDING_MS)
        heard = _hear(engine, tokenizer, window, prompt)
        words, failed = (
            _hear_parts(engine, tokenizer, recording, window, prompt) if heard.failed else (heard.words, ())
        )
        yield Chunk(words, failed, end)
        time_ms = end
        recording.forget(time_ms)


def _hear(engine: Engine, tokenizer: Tokenizer, window: Window, prompt: tuple[int, ...]) -> Heard:
    if not window.mask.any():
        return Heard(())
    return decode_windows(engine, tokenizer, [window], prompt=prompt)[0]


def _hear_parts(
    engine: Engine, tokenizer: Tokenizer, recording: Recording, window: Window, prompt: tuple[int, ...]
) -> tuple[tuple[TranscriptWord, ...], tuple[Gap, ...]]:
    words: list[TranscriptWord] = []
    failed: list[Gap] = []
    start = window.start_ms
    while start < window.end_ms:
        end = min(window.end_ms, window_end(recording, start, _PARTS))
        heard = _hear(engine, tokenizer, open_window(engine, recording, start, end, PADDING_MS), prompt)
        words += heard.words
        if heard.failed:
            failed.append(Gap(start, end, heard.failed))
        start = end
    return tuple(words), tuple(failed)
