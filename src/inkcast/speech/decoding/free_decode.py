"""Free decoding with Whisper's safety nets, and the time of every word that was heard.

Sources: openai/whisper transcribe.py (temperature fallback, compression ratio, log-probability and
no-speech checks); the loop detector is ours (openai/whisper discussion 679: loops that compress well
enough to pass).
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from inkcast.speech.decoding.window import Window
from inkcast.speech.engines.engine import (
    MAX_DECODED_TOKENS,
    MAX_TEXT_TOKENS,
    DecodeOptions,
    Engine,
    Features,
    Hypothesis,
    Verification,
)
from inkcast.speech.engines.tokenizer import Tokenizer
from inkcast.speech.transcript import TranscriptWord

# openai/whisper, transcribe.py.
_MOST_COMPRESSION_RATIO = 2.4
_LEAST_AVERAGE_LOGPROB = -1.0
_NO_SPEECH_PROBABILITY = 0.6
# Not measured: chosen by hand. Fast speech is 5 tokens a second; a window that needs more loops.
_MOST_TOKENS_A_SECOND = 8
_SPARE_TOKENS = 16
_LOOP_REPEATS = 4
_LONGEST_LOOP_TOKENS = 24
_SHORTEST_LOOP_TOKENS = 8
_FASTEST_LETTER_MS = 20
_SURE_PROBABILITY = 0.7
_OPENING = "\"'“¿([{-"


@dataclass(frozen=True, slots=True)
class Heard:
    """What free decoding heard in a window.

    ``failed`` names the check that no attempt passed; ``no_speech`` is whether the model hears nobody.
    """

    words: tuple[TranscriptWord, ...]
    failed: str = ""
    no_speech: bool = False


def decode_windows(
    engine: Engine,
    tokenizer: Tokenizer,
    windows: Sequence[Window],
    *,
    prompt: tuple[int, ...] = (),
    beam_size: int = 1,
    insist: bool = True,
) -> list[Heard]:
    """Decode windows of one length; those that fail a check again, as Whisper does.

    Args:
        engine: any engine.
        tokenizer: the engine's, in the recording's language.
        windows: one batch of ``open_windows``, padded.
        prompt: tokens of text that the model should take as said before.
        beam_size: of the first attempt.
        insist: attempt until the checks pass, and give no words where they do not; otherwise decode
            once and give what was heard.
    """
    longest_s = max(window.end_ms - window.start_ms for window in windows) / 1000
    max_tokens = min(MAX_DECODED_TOKENS, int(longest_s * _MOST_TOKENS_A_SECOND) + _SPARE_TOKENS)
    failures = [""] * len(windows)
    best: list[Hypothesis | None] = [None] * len(windows)
    waiting = list(range(len(windows)))
    for attempt in range(engine.n_attempts if insist else 1):
        options = DecodeOptions(beam_size, attempt, max_tokens, prompt)
        features = [windows[i].features for i in waiting]
        for i, hypothesis in zip(waiting, _decode(engine, tokenizer, features, options), strict=True):
            failures[i] = _failure(tokenizer, hypothesis, max_tokens)
            kept = best[i]
            if not failures[i] or kept is None or hypothesis.average_logprob > kept.average_logprob:
                best[i] = hypothesis
        waiting = [i for i in waiting if failures[i]]
        if not waiting:
            break
    texts = [
        without_loop(_text_tokens(tokenizer, hypothesis)) if not insist or not failure else []
        for hypothesis, failure in zip(best, failures, strict=True)
    ]
    words = time_tokens(engine, tokenizer, windows, texts)
    return [
        Heard(found, failure, hypothesis is not None and _is_silence(hypothesis))
        for found, failure, hypothesis in zip(words, failures, best, strict=True)
    ]


def _decode(
    engine: Engine, tokenizer: Tokenizer, features: Sequence[Features], options: DecodeOptions
) -> list[Hypothesis]:
    hypotheses = engine.decode(features, tokenizer, options)
    silent = [i for i, hypothesis in enumerate(hypotheses) if _may_be_silence(hypothesis)]
    if silent and options.beam_size > 1:
        # A wide search finds something to say in music.
        narrow = engine.decode([features[i] for i in silent], tokenizer, replace(options, beam_size=1))
        for i, hypothesis in zip(silent, narrow, strict=True):
            hypotheses[i] = hypothesis
    return hypotheses


def time_tokens(
    engine: Engine,
    tokenizer: Tokenizer,
    windows: Sequence[Window],
    texts: Sequence[Sequence[int]],
) -> list[tuple[TranscriptWord, ...]]:
    """Words and their times for text tokens that were decoded in windows of one batch."""
    if not any(texts):
        return [()] * len(windows)
    # A batch has one text a window: a window without words gets a token that is thrown away.
    asked = [list(text[:MAX_TEXT_TOKENS]) or tokenizer.encode(".") for text in texts]
    features = [window.features for window in windows]
    n_frames = [window.n_frames for window in windows]
    verifications = engine.verify(features, tokenizer, asked, n_frames)
    return [
        _words(tokenizer, window, tokens, verification, engine.traits.attention_bias_ms) if text else ()
        for window, text, tokens, verification in zip(windows, texts, asked, verifications, strict=True)
    ]


def _failure(tokenizer: Tokenizer, hypothesis: Hypothesis, max_tokens: int) -> str:
    if _is_silence(hypothesis):
        return ""
    text = tokenizer.decode(hypothesis.tokens)
    if compression_ratio(text) > _MOST_COMPRESSION_RATIO or is_looping(hypothesis.tokens):
        return "the model repeats itself"
    if len(hypothesis.tokens) >= max_tokens:
        return "the model does not come to an end"
    if hypothesis.average_logprob < _LEAST_AVERAGE_LOGPROB:
        return "the model is not sure of any word"
    return ""


def _is_silence(hypothesis: Hypothesis) -> bool:
    return _may_be_silence(hypothesis) and hypothesis.average_logprob < _LEAST_AVERAGE_LOGPROB


def _may_be_silence(hypothesis: Hypothesis) -> bool:
    return hypothesis.no_speech_probability > _NO_SPEECH_PROBABILITY


def _text_tokens(tokenizer: Tokenizer, hypothesis: Hypothesis | None) -> list[int]:
    if hypothesis is None or _is_silence(hypothesis):
        return []
    return [token for token in hypothesis.tokens if token < tokenizer.end_of_text]


def compression_ratio(text: str) -> float:
    """Bytes of UTF-8 over bytes of zlib: repeated text compresses well."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if data else 0.0


def is_looping(tokens: tuple[int, ...]) -> bool:
    """Whether the tokens end in one phrase said four times or more."""
    for length in range(1, min(_LONGEST_LOOP_TOKENS, len(tokens) // _LOOP_REPEATS) + 1):
        tail = tokens[-length:]
        repeats = 1
        while tokens[-length * (repeats + 1) : -length * repeats] == tail and repeats < _LOOP_REPEATS:
            repeats += 1
        # "no no no no" is speech; a longer phrase said four times, or one word ten times, is not.
        if repeats >= _LOOP_REPEATS and (length > 2 or tokens[-10 * length :] == tail * 10):
            return True
    return False


def without_loop(tokens: list[int]) -> list[int]:
    """Cut a text that ends in repetitions of a phrase after the first of them."""
    best = len(tokens)
    for period in range(1, min(_LONGEST_LOOP_TOKENS, len(tokens) // 2) + 1):
        start = len(tokens)
        while start > period and tokens[start - 1] == tokens[start - 1 - period]:
            start -= 1
        if len(tokens) - (start - period) >= max(2 * period, _SHORTEST_LOOP_TOKENS):
            best = min(best, start)
    return tokens[:best]


def _words(
    tokenizer: Tokenizer,
    window: Window,
    tokens: Sequence[int],
    verification: Verification,
    bias_ms: int,
) -> tuple[TranscriptWord, ...]:
    times = window.token_times(verification, bias_ms)
    words: list[TranscriptWord] = []
    first = 0
    for text, count, content in _spoken_words(tokenizer, tokens):
        start, end = window.trim(times[first], times[first + content])
        probability = float(verification.probabilities[first : first + content].mean())
        # Of music, Whisper writes dots and notes.
        if any(char.isalnum() for char in text):
            words.append(TranscriptWord(text, start, end, probability))
        first += count
    while words and _is_made_up(words[-1]):
        words.pop()
    return tuple(words)


def _is_made_up(word: TranscriptWord) -> bool:
    """Where a window ends the model runs on at times, with words that nobody says in their time."""
    letters = sum(map(str.isalnum, word.text))
    return (
        word.end_ms - word.start_ms <= letters * _FASTEST_LETTER_MS and word.probability < _SURE_PROBABILITY
    )


def _spoken_words(tokenizer: Tokenizer, tokens: Sequence[int]) -> list[tuple[str, int, int]]:
    """Text, tokens and tokens before closing punctuation of each word; punctuation joins its word."""
    result: list[tuple[str, int, int]] = []
    opening: tuple[str, int] | None = None
    for text, word_tokens in zip(*tokenizer.split_words(list(tokens)), strict=True):
        count = len(word_tokens)
        if opening is not None:
            text, count, opening = opening[0] + text, count + opening[1], None
        alone = text.startswith(" ") or not tokenizer.spaced
        if not result or (alone and any(char.isalnum() for char in text)):
            result.append((text, count, count))
        elif text.startswith(" ") and text.strip() and text.strip() in _OPENING:
            opening = (text, count)
        else:
            previous, total, content = result[-1]
            ends_in_letters = any(char.isalnum() for char in text)
            result[-1] = (previous + text, total + count, total + count if ends_in_letters else content)
    if opening is not None and result:
        previous, total, content = result[-1]
        result[-1] = (previous + opening[0], total + opening[1], content)
    return result
