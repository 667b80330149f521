"""Whisper as a transcriber: guided by the essay where there is one, free where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from inkcast import __version__
from inkcast.audio.recording import Recording
from inkcast.audio.stream import SampleStream
from inkcast.errors import SettingsError
from inkcast.essays.essay import Essay
from inkcast.on_progress import OnProgress
from inkcast.options import TranscribeOptions
from inkcast.speech.checkpoint import Checkpoint, Chunk, checkpoint_key
from inkcast.speech.decoding.detect_language import detect_language
from inkcast.speech.decoding.unguided import listen
from inkcast.speech.engines.engine import MAX_PROMPT_TOKENS, Engine
from inkcast.speech.engines.tokenizer import Tokenizer, language_code
from inkcast.speech.guided.draft import Draft
from inkcast.speech.guided.guide import Guide, Progress
from inkcast.speech.guided.speculative import follow
from inkcast.speech.segments import in_order, segments_of
from inkcast.speech.transcript import ModelInfo, Transcript


class WhisperTranscriber:
    """A ``Transcriber`` on one of the engines that run Whisper.

    Args:
        engine: loaded weights.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @property
    def info(self) -> ModelInfo:
        """What the transcripts say of their model."""
        return self.engine.info

    def transcribe(
        self,
        recording: Recording,
        essay: Essay | None = None,
        options: TranscribeOptions = TranscribeOptions(),
        *,
        progress: OnProgress | None = None,
        checkpoint: Path | None = None,
    ) -> Transcript:
        """Transcribe a recording with word times: see ``Transcriber``."""
        said_ms = recording.said_ms
        stream = recording.stream()
        tokenizer = self.engine.tokenizer(_language(self.engine, stream, options.language))
        key = _key(recording, self.engine, tokenizer, essay, options) if checkpoint else ""
        saved = Checkpoint(checkpoint, key) if checkpoint else None
        chunks = list(saved.chunks) if saved else []
        try:
            last = chunks[-1] if chunks else None
            for chunk in _follow(self.engine, tokenizer, stream, essay, options, last):
                chunks.append(chunk)
                if saved:
                    saved.add(chunk)
                if progress:
                    progress(chunk.time_ms, max(said_ms, chunk.time_ms) if said_ms else None)
        finally:
            if saved:
                saved.close()
        return Transcript(
            language=tokenizer.language,
            segments=segments_of(in_order([word for chunk in chunks for word in chunk.words])),
            duration_ms=chunks[-1].time_ms if chunks else 0,
            model=self.engine.info,
            failed=tuple(gap for chunk in chunks for gap in chunk.failed),
        )


def _key(
    recording: Recording,
    engine: Engine,
    tokenizer: Tokenizer,
    essay: Essay | None,
    options: TranscribeOptions,
) -> str:
    return checkpoint_key(
        version=__version__,
        audio=recording.sha256,
        model=engine.info.to_json(),
        language=tokenizer.language,
        essay=[[block.kind, block.text] for block in essay.blocks] if essay else None,
        prompt=options.said_before,
        options=options.digest(),
    )


def _follow(
    engine: Engine,
    tokenizer: Tokenizer,
    stream: SampleStream,
    essay: Essay | None,
    options: TranscribeOptions,
    last: Chunk | None,
) -> Iterator[Chunk]:
    text = options.said_before
    prompt = tuple(tokenizer.encode(f" {text}"))[-MAX_PROMPT_TOKENS:] if text else ()
    if essay is None:
        time_ms = last.time_ms if last else 0
        stream.forget(time_ms)
        return listen(engine, tokenizer, stream, time_ms, prompt, options)
    guide = Guide(engine, tokenizer, Draft(essay, tokenizer), prompt, options)
    progress = Progress.after(last) if last else Progress()
    return guide.settle(follow(guide, stream, progress, engine.workers))


def _language(engine: Engine, stream: SampleStream, language: str | None) -> str:
    if language is None:
        is_multilingual = engine.tokenizer("en").multilingual
        return detect_language(engine, stream) if is_multilingual else "en"
    code = language_code(language)
    if engine.tokenizer(code).language != code:
        raise SettingsError(
            f"The model {engine.info.name} understands English only, not {language!r}.",
            "Choose a multilingual one: inkcast models list",
        )
    return code
