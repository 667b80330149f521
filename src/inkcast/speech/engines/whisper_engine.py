"""Whisper on torch: openai-whisper's model on CUDA, MPS or the CPU."""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch
import whisper
from whisper.decoding import DecodingOptions, DecodingTask, detect_language
from whisper.model import ModelDimensions, Whisper

from inkcast.audio.logmel import LogMel
from inkcast.errors import ModelError
from inkcast.speech.engines.dtw import token_starts
from inkcast.speech.engines.engine import (
    DecodeOptions,
    Features,
    Hypothesis,
    Verification,
    require_gpu,
)
from inkcast.speech.engines.tokenizer import Tokenizer
from inkcast.speech.engines.weights import read_ctranslate2
from inkcast.speech.models.traits import ModelTraits
from inkcast.speech.transcript import ModelInfo

_SEED = 0
# openai/whisper, transcribe.py.
_TEMPERATURES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


class WhisperEngine:
    """An openai-whisper model, from its own checkpoint or from a CTranslate2 folder.

    Args:
        path: a ``.pt`` file, or a CTranslate2 folder.
        name: what users call the model.
        device: "cpu", "cuda", "cuda:N" or "mps".
        traits: what was measured of the model.

    Raises:
        ModelError: the file is no Whisper model, or the device is not there.
    """

    def __init__(
        self, path: Path, name: str, device: str = "cpu", traits: ModelTraits = ModelTraits()
    ) -> None:
        require_gpu(device, torch.cuda.device_count(), "torch")
        try:
            model = _from_folder(path) if path.is_dir() else _from_checkpoint(path, name)
            self._half = device.startswith("cuda")
            self._model = model.to(device).eval()
            if self._half:
                self._model = self._model.half()
        except (RuntimeError, AssertionError, OSError, KeyError, TypeError, UnpicklingError) as error:
            raise ModelError(
                f"torch cannot load {path} on {device}: {error}.",
                "Try --device cpu, or fetch the model again: inkcast models pull " + name,
            ) from error
        self._traits = traits
        self._info = ModelInfo(name, "whisper", device, "float16" if self._half else "float32")

    @property
    def traits(self) -> ModelTraits:
        return self._traits

    @property
    def info(self) -> ModelInfo:
        return self._info

    @property
    def n_attempts(self) -> int:
        return len(_TEMPERATURES)

    @property
    def workers(self) -> int:
        # One call keeps the GPU or all cores busy, and openai-whisper's cache hangs on the model.
        return 1

    @property
    def n_mels(self) -> int:
        return int(self._model.dims.n_mels)

    def tokenizer(self, language: str) -> Tokenizer:
        return Tokenizer(self._model.dims.n_vocab, language)

    @torch.inference_mode()
    def encode(self, windows: Sequence[LogMel]) -> list[Features]:
        encoder = self._model.encoder
        mel = torch.from_numpy(np.stack(windows)).to(self._model.device, self._dtype)
        # The encoder's own forward insists on 30 seconds; its layers do not.
        x = torch.nn.functional.gelu(encoder.conv1(mel))
        x = torch.nn.functional.gelu(encoder.conv2(x)).permute(0, 2, 1)
        x = (x + encoder.positional_embedding[: x.shape[1]]).to(x.dtype)
        for block in encoder.blocks:
            x = block(x)
        return list(encoder.ln_post(x))

    @torch.inference_mode()
    def decode(
        self, features: Sequence[Features], tokenizer: Tokenizer, options: DecodeOptions
    ) -> list[Hypothesis]:
        temperature = _TEMPERATURES[options.attempt]
        if temperature > 0:
            # A run that goes on after a kill must hear what an undisturbed run hears.
            torch.manual_seed(_SEED)
        task = _EncodedTask(
            self._model,
            DecodingOptions(
                language=tokenizer.language,
                temperature=temperature,
                sample_len=options.max_tokens,
                beam_size=options.beam_size if options.beam_size > 1 and not temperature else None,
                without_timestamps=True,
                prompt=list(options.prompt) or None,
                fp16=self._half,
            ),
        )
        return [
            Hypothesis(tuple(result.tokens), result.avg_logprob, result.no_speech_prob)
            for result in task.run(torch.stack(list(features)))
        ]

    @torch.inference_mode()
    def verify(
        self,
        features: Sequence[Features],
        tokenizer: Tokenizer,
        texts: Sequence[Sequence[int]],
        n_frames: Sequence[int],
    ) -> list[Verification]:
        start = tokenizer.start
        longest = max(len(text) for text in texts)
        rows = [
            [*start, tokenizer.no_timestamps, *text, *[tokenizer.end_of_text] * (1 + longest - len(text))]
            for text in texts
        ]
        tokens = torch.tensor(rows, device=self._model.device)
        hidden, scores = self._teacher_force(tokens, torch.stack(list(features)))
        words = self._model.decoder.token_embedding.weight[: tokenizer.end_of_text].to(hidden.dtype)
        results = []
        for i, text in enumerate(texts):
            first, last = len(start), len(start) + len(text)
            among_words = (hidden[i, first:last] @ words.T).float().softmax(dim=-1)
            chosen = torch.tensor(text, device=hidden.device)[:, None]
            probabilities = among_words.gather(1, chosen)[:, 0]
            weights = scores[i, :, : last + 2, : n_frames[i] // 2].float().softmax(dim=-1)
            path = token_starts(weights.cpu().numpy(), len(start))
            results.append(Verification(probabilities.cpu().numpy(), path))
        return results

    def _teacher_force(self, tokens: Any, features: Any) -> tuple[Any, Any]:
        """One uncached pass of the decoder, as its own forward makes it.

        That one hands out no attention where it uses the fast kernels, and counts all tokens' logits.

        Returns:
            What it makes of each token, shape (n_windows, n_tokens, n_state), and the alignment heads'
            scores before the softmax, shape (n_windows, n_heads, n_tokens, n_positions).
        """
        decoder = self._model.decoder
        heads = self._model.alignment_heads.indices().T.tolist()
        x = decoder.token_embedding(tokens) + decoder.positional_embedding[: tokens.shape[1]]
        x = x.to(features.dtype)
        scores = []
        for layer, block in enumerate(decoder.blocks):
            x = x + block.attn(block.attn_ln(x), mask=decoder.mask)[0]
            cross = block.cross_attn
            query, key = cross.query(block.cross_attn_ln(x)), cross.key(features)
            width = query.shape[-1] // cross.n_head
            for head in (head for in_layer, head in heads if in_layer == layer):
                part = slice(head * width, (head + 1) * width)
                scores.append(query[..., part] @ key[..., part].transpose(1, 2) * width**-0.5)
            x = x + cross.out(cross.qkv_attention(query, key, cross.value(features))[0])
            x = x + block.mlp(block.mlp_ln(x))
        return decoder.ln(x), torch.stack(scores, dim=1)

    @torch.inference_mode()
    def detect_language(self, features: Sequence[Features]) -> list[dict[str, float]]:
        if not self._model.is_multilingual:
            return [{"en": 1.0}] * len(features)
        return list(detect_language(self._model, torch.stack(list(features)))[1])

    @property
    def _dtype(self) -> Any:
        return torch.float16 if self._half else torch.float32


class _EncodedTask(DecodingTask):  # type: ignore[misc]
    """openai-whisper's decoder on windows of any length that are encoded already.

    Its own searches with several beams in one window alone: it repeats the tokens for each, not the window.
    """

    def _get_audio_features(self, features: Any) -> Any:
        return features.repeat_interleave(self.n_group, dim=0)

    def _detect_language(self, audio_features: Any, tokens: Any) -> tuple[list[Any], None]:
        return [self.options.language] * len(tokens), None


def _from_folder(folder: Path) -> Whisper:
    weights = read_ctranslate2(folder)
    model = Whisper(ModelDimensions(**weights.dimensions))
    # assign: the arrays become the parameters, without a second copy in memory.
    model.load_state_dict(
        {name: torch.from_numpy(np.ascontiguousarray(tensor)) for name, tensor in weights.tensors.items()},
        strict=False,
    )
    if weights.alignment_heads:
        heads = torch.zeros(model.dims.n_text_layer, model.dims.n_text_head, dtype=torch.bool)
        for layer, head in weights.alignment_heads:
            heads[layer, head] = True
        model.register_buffer("alignment_heads", heads.to_sparse(), persistent=False)
    return model


def _from_checkpoint(path: Path, name: str) -> Whisper:
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    model = Whisper(ModelDimensions(**checkpoint["dims"]))
    model.load_state_dict(checkpoint["model_state_dict"])
    # A file of the user's own may have a known name and other dimensions: half of all heads will do.
    if (heads := whisper._ALIGNMENT_HEADS.get(name)) is not None:
        with suppress(ValueError, RuntimeError):
            model.set_alignment_heads(heads)
    return model
