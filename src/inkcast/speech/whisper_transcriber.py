"""Whisper as a transcriber: guided by the essay where there is one, free where there is none."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

from inkcast import __version__
from inkcast.audio.recording import Recording
from inkcast.audio.stream import SampleStream
from inkcast.errors import SettingsError, TranscriptionError
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
from inkcast.speech.segments import in_order, last_tries, segments_of, spaced
from inkcast.speech.transcript import ModelInfo, Transcript

_LOG = logging.getLogger(__name__)

# docs/guided.md, the wrong model: words of English are 0.82 probable or more on the average, of German
# and Spanish 0.49 or less.
_LEAST_PROBABILITY = 0.65
_ENOUGH_WORDS = 15


class WhisperTranscriber:
    """A ``Transcriber`` on one of the engines that run Whisper.

    Args:
        engine: loaded weights.
        load_multilingual: loads the best installed model that knows more than English; None if none is.
        may_change: whether that model may take the place of an English one that does not understand.
    """

    def __init__(
        self,
        engine: Engine,
        load_multilingual: Callable[[], Engine | None] = lambda: None,
        *,
        may_change: bool = False,
    ) -> None:
        self.engine = engine
        self._load_multilingual = load_multilingual
        self._may_change = may_change

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
        """Transcribe a recording with word times: see ``Transcriber``.

        Raises also TranscriptionError: an English model, and a recording in another language.
        """
        transcript = self._transcribe(recording, essay, options, progress, checkpoint)
        if self.engine.tokenizer("en").multilingual or _is_understood(transcript):
            return transcript
        other = self._load_multilingual()
        language = detect_language(other, recording.stream()) if other else None
        if language == "en":
            return transcript
        if other is None or not self._may_change:
            raise _not_understood(self.engine, other, language)
        _LOG.info("This is not English but %s: using the model %s.", language, other.info.name)
        # Threads that come after speak the same language, as a rule, or English.
        return WhisperTranscriber(other).transcribe(
            recording, essay, options, progress=progress, checkpoint=checkpoint
        )

    def _transcribe(
        self,
        recording: Recording,
        essay: Essay | None,
        options: TranscribeOptions,
        progress: OnProgress | None,
        checkpoint: Path | None,
    ) -> Transcript:
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
        words = [word for chunk in chunks for word in chunk.words]
        return Transcript(
            language=tokenizer.language,
            segments=segments_of(in_order(last_tries(spaced(words)))),
            duration_ms=chunks[-1].time_ms if chunks else 0,
            model=self.engine.info,
            failed=tuple(gap for chunk in chunks for gap in chunk.failed),
        )


def _is_understood(transcript: Transcript) -> bool:
    sure = [word.probability for segment in transcript.segments for word in segment.words]
    return len(sure) < _ENOUGH_WORDS or sum(sure) / len(sure) >= _LEAST_PROBABILITY


def _not_understood(engine: Engine, other: Engine | None, language: str | None) -> TranscriptionError:
    name = engine.info.name
    spoken = f"its language seems to be {language!r}" if language else "it seems to be in another language"
    return TranscriptionError(
        f"The model {name} knows English only and is hardly sure of a word of this recording: {spoken}.",
        f"Use --model {other.info.name}" if other else "Run: inkcast models pull base, then use --model base",
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
        audio=recording.identity,
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
