"""A recording to a transcript: guided by the essay where there is one, free where there is none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from inkcast import __version__
from inkcast.audio.decode import probe, stream_samples
from inkcast.audio.recording import Recording
from inkcast.errors import SettingsError
from inkcast.essays.essay import Essay
from inkcast.essays.punctuation import ends_in_stop
from inkcast.files import sha256_of
from inkcast.on_progress import OnProgress
from inkcast.speech.checkpoint import Checkpoint, Chunk, checkpoint_key
from inkcast.speech.decoding.detect_language import detect_language
from inkcast.speech.decoding.unguided import listen
from inkcast.speech.engines.engine import MAX_PROMPT_TOKENS, Engine
from inkcast.speech.engines.tokenizer import Tokenizer, language_code
from inkcast.speech.guided.draft import Draft
from inkcast.speech.guided.guide import Guide, Progress
from inkcast.speech.guided.speculative import follow
from inkcast.speech.transcript import Segment, Transcript, TranscriptWord

_MAX_SEGMENT_MS = 20_000
_PAUSE_MS = 1_000
_SENTENCE_PAUSE_MS = 250


def transcribe(
    path: Path,
    engine: Engine,
    *,
    essay: Essay | None = None,
    language: str | None = None,
    prompt: str = "",
    progress: OnProgress | None = None,
    checkpoint: Path | None = None,
) -> Transcript:
    """Transcribe a recording with word times.

    Args:
        path: any audio file.
        engine: loaded weights.
        essay: what the recording is expected to read. Its words are verified and keep its spelling;
            where the recording departs from it, the model hears freely.
        language: ISO code; None lets the model tell.
        prompt: text that every freely decoded window takes as said before: names, spellings.
        progress: called with the milliseconds done and in all (None: unknown).
        checkpoint: a file for the windows that are finished; a run that was killed goes on from it.
            Remove it once the transcript is stored.

    Raises:
        AudioError: no audio.
        SettingsError: a language that Whisper or this model does not know.
        StorageError: the checkpoint cannot be written.
    """
    total_ms = probe(path).duration_ms
    recording = Recording(stream_samples(path))
    tokenizer = engine.tokenizer(_language(engine, recording, language))
    saved = Checkpoint(checkpoint, _key(path, engine, tokenizer, essay, prompt)) if checkpoint else None
    chunks = list(saved.chunks) if saved else []
    try:
        for chunk in _follow(engine, tokenizer, recording, essay, prompt, chunks[-1] if chunks else None):
            chunks.append(chunk)
            if saved:
                saved.add(chunk)
            if progress:
                progress(chunk.time_ms, max(total_ms, chunk.time_ms) if total_ms else None)
    finally:
        if saved:
            saved.close()
    return Transcript(
        language=tokenizer.language,
        segments=segments_of(in_order([word for chunk in chunks for word in chunk.words])),
        duration_ms=chunks[-1].time_ms if chunks else 0,
        model=engine.info,
        failed=tuple(gap for chunk in chunks for gap in chunk.failed),
    )


def _key(path: Path, engine: Engine, tokenizer: Tokenizer, essay: Essay | None, prompt: str) -> str:
    return checkpoint_key(
        version=__version__,
        audio=sha256_of(path),
        model=engine.info.to_json(),
        language=tokenizer.language,
        essay=[[block.kind, block.text] for block in essay.blocks] if essay else None,
        prompt=prompt,
    )


def _follow(
    engine: Engine,
    tokenizer: Tokenizer,
    recording: Recording,
    essay: Essay | None,
    prompt: str,
    last: Chunk | None,
) -> Iterator[Chunk]:
    said = tuple(tokenizer.encode(f" {prompt.strip()}"))[-MAX_PROMPT_TOKENS:] if prompt.strip() else ()
    if essay is None:
        time_ms = last.time_ms if last else 0
        recording.forget(time_ms)
        return listen(engine, tokenizer, recording, time_ms, said)
    guide = Guide(engine, tokenizer, Draft(essay, tokenizer), said)
    progress = Progress.after(last) if last else Progress()
    return guide.settle(follow(guide, recording, progress, engine.workers))


def _language(engine: Engine, recording: Recording, language: str | None) -> str:
    if language is None:
        is_multilingual = engine.tokenizer("en").multilingual
        return detect_language(engine, recording) if is_multilingual else "en"
    code = language_code(language)
    if engine.tokenizer(code).language != code:
        raise SettingsError(
            f"The model {engine.info.name} understands English only, not {language!r}.",
            "Choose a multilingual one: inkcast models list",
        )
    return code


def in_order(words: Sequence[TranscriptWord]) -> list[TranscriptWord]:
    """Make times that neither overlap nor go backwards; the order of the words stays."""
    result: list[TranscriptWord] = []
    for word in words:
        start = word.start_ms
        if result and start < result[-1].end_ms:
            previous = result[-1]
            start = max(start, previous.start_ms + 1)
            result[-1] = replace(previous, end_ms=min(previous.end_ms, start))
        result.append(replace(word, start_ms=start, end_ms=max(word.end_ms, start + 1)))
    return result


def segments_of(words: Sequence[TranscriptWord]) -> tuple[Segment, ...]:
    """Sentences, and at the latest after 20 seconds; a pause of a second ends one, too."""
    segments: list[Segment] = []
    current: list[TranscriptWord] = []
    for index, word in enumerate(words):
        current.append(word)
        following = words[index + 1] if index + 1 < len(words) else None
        if following is None or _ends_segment(current, word, following):
            text = "".join(item.text for item in current)
            segments.append(Segment(current[0].start_ms, word.end_ms, text, tuple(current)))
            current = []
    return tuple(segments)


def _ends_segment(current: Sequence[TranscriptWord], word: TranscriptWord, following: TranscriptWord) -> bool:
    pause = following.start_ms - word.end_ms
    is_sentence = ends_in_stop(word.text) and pause >= _SENTENCE_PAUSE_MS
    return is_sentence or pause >= _PAUSE_MS or following.end_ms - current[0].start_ms > _MAX_SEGMENT_MS
