"""Whisper on CTranslate2: int8 on the CPU, float16 on CUDA."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
from numpy.typing import NDArray

from inkcast.audio.logmel import LogMel
from inkcast.cores import physical_cores
from inkcast.errors import ModelError
from inkcast.speech.engines.engine import (
    MAX_TOKENS,
    DecodeOptions,
    Features,
    Hypothesis,
    Verification,
    require_gpu,
)
from inkcast.speech.engines.tokenizer import Tokenizer
from inkcast.speech.models.traits import ModelTraits
from inkcast.speech.transcript import ModelInfo

# CTranslate2's random generator cannot be set back, so a run that goes on after a kill would not hear
# what an undisturbed run hears. Where openai-whisper samples hotter, the search gets wider instead, and
# then may not repeat itself. How much wider was not measured: chosen by hand.
_WIDER_SEARCHES: tuple[dict[str, Any], ...] = (
    {},
    {"beam_size": 5, "patience": 2, "repetition_penalty": 1.1},
    {"beam_size": 5, "no_repeat_ngram_size": 4, "repetition_penalty": 1.2},
)
# Not measured either.
_MOST_WORKERS = 8
# oneDNN, on processors that are not Intel's, makes code for each shape and keeps it for a thousand of them.
# Windows are seldom alike: of 17 minutes it kept 80 MB, of 105 minutes 200, and no time was saved by them.
_KEPT_SHAPES = "100"
# CTranslate2 uses AVX-512 by itself on Intel's processors only. It takes a tenth to a fifth off encoding on
# AMD's, too (docs/benchmarks.md). Those before this set of instructions slow their clock down for it.
_WIDE_VECTORS = "AVX512_ICL"


class CTranslate2Engine:
    """A CTranslate2 model folder, loaded.

    Args:
        folder: holds model.bin, config.json and a vocabulary.
        name: what users call the model.
        device: "cpu", "cuda" or "cuda:N".
        traits: what was measured of the model.

    Raises:
        ModelError: the folder is no Whisper model, or the device cannot run it.
    """

    def __init__(
        self, folder: Path, name: str, device: str = "cpu", traits: ModelTraits = ModelTraits()
    ) -> None:
        require_gpu(device, ctranslate2.get_cuda_device_count(), "CTranslate2")
        kind, _, index = device.partition(":")
        self._compute_type = "int8" if kind == "cpu" else "float16"
        cores = physical_cores()
        self._workers = min(_MOST_WORKERS, cores) if kind == "cpu" else 1
        _set_up_kernels()
        try:
            self._model = ctranslate2.models.Whisper(
                str(folder),
                device=kind,
                device_index=int(index or 0),
                compute_type=self._compute_type,
                # Two windows on a core each take 15 % less time than one after the other on two cores.
                inter_threads=self._workers,
                intra_threads=cores // self._workers if kind == "cpu" else 0,
            )
        except (RuntimeError, ValueError) as error:
            raise ModelError(
                f"CTranslate2 cannot load {folder} on {device}: {error}.",
                "Try --device cpu, or fetch the model again: inkcast models pull " + name,
            ) from error
        self._n_vocab = _vocabulary_size(folder)
        self._traits = traits
        self._info = ModelInfo(name, "ctranslate2", device, self._compute_type)

    @property
    def traits(self) -> ModelTraits:
        return self._traits

    @property
    def info(self) -> ModelInfo:
        return self._info

    @property
    def n_attempts(self) -> int:
        return 1 + len(_WIDER_SEARCHES)

    @property
    def workers(self) -> int:
        return self._workers

    @property
    def n_mels(self) -> int:
        return int(self._model.n_mels)

    def tokenizer(self, language: str) -> Tokenizer:
        return Tokenizer(self._n_vocab, language)

    def encode(self, windows: Sequence[LogMel]) -> list[Features]:
        if self.info.device == "cpu":
            # One by one they stay in the processor's cache; a batch of eight takes half as long again.
            return [self._encode(window[None])[0] for window in windows]
        return list(self._encode(np.stack(windows)))

    def _encode(self, batch: NDArray[np.float32]) -> NDArray[np.generic]:
        # In the computer's memory, where batches can be taken apart and put together: a megabyte a window.
        return np.asarray(self._model.encode(_storage(batch), to_cpu=True))

    def decode(
        self, features: Sequence[Features], tokenizer: Tokenizer, options: DecodeOptions
    ) -> list[Hypothesis]:
        previous = (tokenizer.start_of_previous, *options.prompt) if options.prompt else ()
        prompt = [*previous, *tokenizer.start, tokenizer.no_timestamps]
        search: dict[str, Any] = {"beam_size": options.beam_size}
        if options.attempt:
            search = {"beam_size": max(5, 2 * options.beam_size), **_WIDER_SEARCHES[options.attempt - 1]}
        results = self._model.generate(
            _storage(np.stack(features)),
            [prompt] * len(features),
            # CTranslate2 caps new tokens at half of max_length.
            max_length=min(MAX_TOKENS, max(2 * options.max_tokens, len(prompt) + options.max_tokens)),
            return_scores=True,
            return_no_speech_prob=True,
            **search,
        )
        hypotheses = []
        for result in results:
            tokens = tuple(result.sequences_ids[0])
            # The score is the mean over the tokens; Whisper's own mean counts <|endoftext|> too.
            total = result.scores[0] * len(tokens)
            hypotheses.append(Hypothesis(tokens, total / (len(tokens) + 1), result.no_speech_prob))
        return hypotheses

    def verify(
        self,
        features: Sequence[Features],
        tokenizer: Tokenizer,
        texts: Sequence[Sequence[int]],
        n_frames: Sequence[int],
    ) -> list[Verification]:
        if self.info.device == "cpu":
            # One by one: the scores of all words of the vocabulary take 25 MB for each text.
            each = zip(features, texts, n_frames, strict=True)
            return [self._verify([item], tokenizer, [text], [n])[0] for item, text, n in each]
        return self._verify(features, tokenizer, texts, n_frames)

    def _verify(
        self,
        features: Sequence[Features],
        tokenizer: Tokenizer,
        texts: Sequence[Sequence[int]],
        n_frames: Sequence[int],
    ) -> list[Verification]:
        results = self._model.align(
            _storage(np.stack(features)),
            list(tokenizer.start),
            [list(text) for text in texts],
            list(n_frames),
        )
        return [
            Verification(
                np.asarray(result.text_token_probs, np.float32), _starts(result.alignments, len(text))
            )
            for result, text in zip(results, texts, strict=True)
        ]

    def detect_language(self, features: Sequence[Features]) -> list[dict[str, float]]:
        if not self._model.is_multilingual:
            return [{"en": 1.0}] * len(features)
        return [
            {token.strip("<|>"): probability for token, probability in result}
            for result in self._model.detect_language(_storage(np.stack(features)))
        ]


def _set_up_kernels() -> None:
    """Choose what CTranslate2 computes with; what the environment says already counts."""
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", _KEPT_SHAPES)
    if _WIDE_VECTORS in np.show_config(mode="dicts").get("SIMD Extensions", {}).get("found", ()):
        os.environ.setdefault("CT2_FORCE_CPU_ISA", "AVX512")


def _storage(array: NDArray[np.generic]) -> ctranslate2.StorageView:
    return ctranslate2.StorageView.from_array(np.ascontiguousarray(array))


def _starts(path: Sequence[tuple[int, int]], n_tokens: int) -> NDArray[np.int64]:
    """First frame of each token in the alignment path, which runs over n_tokens + 1 rows."""
    starts = np.zeros(n_tokens + 1, np.int64)
    for token, frame in reversed(path):
        starts[token] = frame
    return starts


def _vocabulary_size(folder: Path) -> int:
    for name in ("vocabulary.json", "vocabulary.txt"):
        if (path := folder / name).exists():
            text = path.read_text(encoding="utf-8")
            return len(json.loads(text)) if name.endswith("json") else len(text.splitlines())
    raise ModelError(
        f"{folder} has no vocabulary.", "It is not a CTranslate2 Whisper model: choose another folder."
    )
