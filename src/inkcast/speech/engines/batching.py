"""Windows of several threads in one batch: a GPU hears eight in hardly more time than one.

Dynamic batching, as inference servers do it, without a wait: while the device hears one batch, what
other threads ask for gathers, and is the next one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any, TypeVar

import numpy as np

from inkcast.audio.logmel import LogMel
from inkcast.errors import ModelError
from inkcast.speech.engines.engine import (
    WINDOW_FRAMES,
    DecodeOptions,
    Engine,
    Features,
    Hypothesis,
    Verification,
)
from inkcast.speech.engines.tokenizer import Tokenizer
from inkcast.speech.models.traits import ModelTraits
from inkcast.speech.transcript import ModelInfo

_LOG = logging.getLogger(__name__)
# Not measured, as no GPU was at hand (docs/guided.md): chosen by hand.
_WORKERS = 8
_MOST_WINDOWS = 16
# Windows of one length go together, and silence costs a GPU little.
_STEP_FRAMES = 800
# Where a spectrogram is cut off: 8 decades below its peak, or at 1e-10 (audio/logmel.py), a quarter each.
_FLOOR_BELOW_PEAK = 2.0
_LEAST_FLOOR = -1.5

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, eq=False)
class _Request:
    """What one caller wants of his windows; requests of one ``kind`` can be answered together."""

    kind: Hashable
    windows: Sequence[Any]
    answer: Future[list[Any]]


class BatchingEngine:
    """An engine for several threads, which hears their windows together.

    If the device runs out of memory, it goes on with half as many windows at a time.

    Args:
        engine: does the work, one batch at a time.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._most = _MOST_WINDOWS
        self._device = Lock()
        self._door = Lock()
        self._waiting: list[_Request] = []

    @property
    def info(self) -> ModelInfo:
        return self._engine.info

    @property
    def traits(self) -> ModelTraits:
        return self._engine.traits

    @property
    def n_attempts(self) -> int:
        return self._engine.n_attempts

    @property
    def n_mels(self) -> int:
        return self._engine.n_mels

    @property
    def workers(self) -> int:
        return _WORKERS

    def tokenizer(self, language: str) -> Tokenizer:
        return self._engine.tokenizer(language)

    def encode(self, windows: Sequence[LogMel]) -> list[Features]:
        length = min(WINDOW_FRAMES, -(-windows[0].shape[1] // _STEP_FRAMES) * _STEP_FRAMES)
        padded = [_pad(window, length) for window in windows]
        return self._ask(("encode", length), padded, self._engine.encode)

    def decode(
        self, features: Sequence[Features], tokenizer: Tokenizer, options: DecodeOptions
    ) -> list[Hypothesis]:
        def decode(batch: Sequence[tuple[Features, int]]) -> list[Hypothesis]:
            longest = replace(options, max_tokens=max(most for _, most in batch))
            heard = self._engine.decode([item for item, _ in batch], tokenizer, longest)
            return [
                replace(hypothesis, tokens=hypothesis.tokens[:most])
                for hypothesis, (_, most) in zip(heard, batch, strict=True)
            ]

        kind = ("decode", len(features[0]), tokenizer.language, replace(options, max_tokens=0))
        return self._ask(kind, [(item, options.max_tokens) for item in features], decode)

    def verify(
        self,
        features: Sequence[Features],
        tokenizer: Tokenizer,
        texts: Sequence[Sequence[int]],
        n_frames: Sequence[int],
    ) -> list[Verification]:
        def verify(batch: Sequence[tuple[Features, Sequence[int], int]]) -> list[Verification]:
            items, tokens, lengths = zip(*batch, strict=True)
            return self._engine.verify(items, tokenizer, tokens, lengths)

        kind = ("verify", len(features[0]), tokenizer.language)
        return self._ask(kind, list(zip(features, texts, n_frames, strict=True)), verify)

    def detect_language(self, features: Sequence[Features]) -> list[dict[str, float]]:
        return self._ask(("language", len(features[0])), features, self._engine.detect_language)

    def _ask(
        self,
        kind: Hashable,
        windows: Sequence[Any],
        compute: Callable[[Sequence[Any]], list[Result]],
    ) -> list[Result]:
        """Wait for the device, and hear with the caller's windows what waits with them.

        Whose turn it is answers for all of his kind; ``compute`` does the same for each of them.
        """
        request = _Request(kind, windows, Future())
        with self._door:
            self._waiting.append(request)
        with self._device:
            if not request.answer.done():
                self._answer(self._joined(request), compute)
        return request.answer.result()

    def _joined(self, first: _Request) -> list[_Request]:
        """Take ``first`` from those that wait, and as many of its kind as go with it."""
        with self._door:
            joined, n_windows = [first], len(first.windows)
            for request in self._waiting:
                fits = n_windows + len(request.windows) <= self._most
                if request is not first and request.kind == first.kind and fits:
                    joined.append(request)
                    n_windows += len(request.windows)
            self._waiting = [request for request in self._waiting if request not in joined]
        return joined

    def _answer(self, requests: Sequence[_Request], compute: Callable[[Sequence[Any]], list[Any]]) -> None:
        try:
            results = self._compute([item for request in requests for item in request.windows], compute)
        except BaseException as error:
            for request in requests:
                request.answer.set_exception(error)
            return
        done = 0
        for request in requests:
            request.answer.set_result(results[done : done + len(request.windows)])
            done += len(request.windows)

    def _compute(
        self, windows: Sequence[Any], compute: Callable[[Sequence[Any]], list[Result]]
    ) -> list[Result]:
        results: list[Result] = []
        while len(results) < len(windows):
            try:
                results += compute(windows[len(results) : len(results) + self._most])
            except (RuntimeError, MemoryError) as error:
                self._shrink(error, len(windows) - len(results))
        return results

    def _shrink(self, error: Exception, n_windows: int) -> None:
        """Halve the batch if the device is out of memory. Raises ``error`` if that is not it."""
        if not (isinstance(error, MemoryError) or "out of memory" in str(error).lower()):
            raise error
        most = min(self._most, n_windows)
        if most == 1:
            raise ModelError(
                f"{self.info.device} has too little memory for the model {self.info.name}.",
                "Use a smaller model, or --device cpu.",
            ) from error
        self._most = most // 2
        _LOG.warning(
            "%s is out of memory: continuing with %d windows at a time.", self.info.device, self._most
        )


def _pad(window: LogMel, n_frames: int) -> LogMel:
    """Put silence behind a spectrogram: what the spectrogram of padded samples is."""
    silence = max(_LEAST_FLOOR, float(window.max()) - _FLOOR_BELOW_PEAK)
    return np.pad(window, ((0, 0), (0, n_frames - window.shape[1])), constant_values=silence)
