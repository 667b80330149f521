"""The seam between Inkcast and whatever runs Whisper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from inkcast.audio.logmel import LogMel
from inkcast.errors import ModelError
from inkcast.speech.engines.tokenizer import Tokenizer
from inkcast.speech.models.traits import ModelTraits
from inkcast.speech.transcript import ModelInfo

# What Whisper is made for (openai/whisper, audio.py, model.py and decoding.py).
WINDOW_FRAMES = 3000  # log-mel columns in 30 seconds
TOKEN_FRAME_MS = 20  # one encoder position; the convolution halves the 10 ms log-mel columns
MAX_TOKENS = 448  # positions of the decoder
MAX_TEXT_TOKENS = 440  # those, less the start sequence, <|notimestamps|> and <|endoftext|>
MAX_DECODED_TOKENS = 224  # half of them
MAX_PROMPT_TOKENS = 223  # the other half, for the previous text

Features = Any


def require_gpu(device: str, n_gpus: int, runtime: str) -> None:
    """Refuse a CUDA device that is not there. Raises ModelError."""
    kind, _, index = device.partition(":")
    if kind != "cuda" or int(index or 0) < n_gpus:
        return
    found = {0: "no GPU", 1: "one GPU, cuda:0"}.get(n_gpus, f"{n_gpus} GPUs, cuda:0 to cuda:{n_gpus - 1}")
    raise ModelError(
        f"There is no device {device}: {runtime} finds {found}.",
        "'inkcast doctor' lists the devices; --device cpu does without a GPU.",
    )


@dataclass(frozen=True, slots=True)
class DecodeOptions:
    """How to decode freely.

    Attributes:
        beam_size: of the first attempt.
        attempt: how many attempts failed Whisper's checks before this one. Each engine has a ladder
            of its own, ``n_attempts`` long, and the same attempt always hears the same.
        max_tokens: of text.
        prompt: text that the model takes as said before.
    """

    beam_size: int = 1
    attempt: int = 0
    max_tokens: int = MAX_DECODED_TOKENS
    prompt: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """The text tokens that the model heard in one window."""

    tokens: tuple[int, ...]
    average_logprob: float
    no_speech_probability: float


@dataclass(frozen=True, slots=True)
class Verification:
    """One teacher-forced pass over given text.

    Attributes:
        probabilities: shape (n_tokens,), each token's probability among text tokens.
        starts: shape (n_tokens + 1,), encoder position (20 ms) where each token begins in the
            cross-attention path; the last entry is where the last token ends.
    """

    probabilities: NDArray[np.float32]
    starts: NDArray[np.int64]


class Engine(Protocol):
    """Whisper on some library and device. A batch is a list of windows of one length.

    ``Features`` are what the encoder made of one window; batches are put together of any of them.
    """

    @property
    def info(self) -> ModelInfo: ...

    @property
    def traits(self) -> ModelTraits:
        """What was measured of the model."""
        ...

    @property
    def n_attempts(self) -> int:
        """How many ways to decode there are for a window that fails the checks."""
        ...

    @property
    def n_mels(self) -> int: ...

    @property
    def workers(self) -> int:
        """How many threads may call the engine at a time; more would wait, or do harm."""
        ...

    def tokenizer(self, language: str) -> Tokenizer:
        """The tokens of this model, steered to a language (ISO code)."""
        ...

    def encode(self, windows: Sequence[LogMel]) -> list[Features]:
        """Run the encoder. Windows: float32 (n_mels, n_frames), n_frames even, alike, at most 3,000."""
        ...

    def decode(
        self, features: Sequence[Features], tokenizer: Tokenizer, options: DecodeOptions
    ) -> list[Hypothesis]:
        """Decode each window freely."""
        ...

    def verify(
        self,
        features: Sequence[Features],
        tokenizer: Tokenizer,
        texts: Sequence[Sequence[int]],
        n_frames: Sequence[int],
    ) -> list[Verification]:
        """Probability and place of given tokens, one pass a batch.

        Args:
            features: of each window, from ``encode``.
            tokenizer: steered to the language of the texts.
            texts: text tokens for each window, 1 to 440.
            n_frames: log-mel columns of each window that hold audio.
        """
        ...

    def detect_language(self, features: Sequence[Features]) -> list[dict[str, float]]:
        """Probability of each language (ISO code) for each window; English-only models say English."""
        ...
