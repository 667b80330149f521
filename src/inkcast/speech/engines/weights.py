"""A CTranslate2 model folder read as openai-whisper's tensors: one download serves both engines.

Format of model.bin: CTranslate2 python/ctranslate2/specs/model_spec.py (``ModelSpec._serialize``,
binary version 6). CTranslate2 stacks query, key and value in one matrix; Whisper's keys have no bias.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from inkcast.errors import ModelError

_BINARY_VERSION = 6
# By CTranslate2's numbers for them.
_DTYPES = (np.float32, np.int8, np.int16, np.int32, np.float16)
_BFLOAT16 = 5

Tensors = dict[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class WhisperWeights:
    """openai-whisper's state dict in NumPy, its dimensions and its alignment heads (layer, head)."""

    dimensions: dict[str, int]
    tensors: Tensors
    alignment_heads: tuple[tuple[int, int], ...]


def read_ctranslate2(folder: Path) -> WhisperWeights:
    """Read a folder with ``model.bin`` and ``config.json``, quantised or not.

    Raises:
        ModelError: another format, or a damaged file.
    """
    path = folder / "model.bin"
    try:
        with path.open("rb") as stream:
            variables = _read_variables(stream, path)
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        tensors = _to_openai(_dequantised(variables))
        heads = tuple((int(layer), int(head)) for layer, head in config.get("alignment_heads") or ())
        return WhisperWeights(_dimensions(tensors, int(variables["encoder/num_heads"])), tensors, heads)
    except (OSError, struct.error, LookupError, ValueError, TypeError, AttributeError) as error:
        raise ModelError(
            f"{path} cannot be read as Whisper weights ({error}).",
            "Fetch the model again: inkcast models pull",
        ) from error


def _read_variables(stream: BinaryIO, path: Path) -> dict[str, NDArray[Any]]:
    version = _integer(stream)
    if version > _BINARY_VERSION:
        raise ModelError(
            f"{path} has CTranslate2 format {version}, newer than {_BINARY_VERSION}.", "Update inkcast."
        )
    name = _string(stream)
    if name != "WhisperSpec":
        raise ModelError(f"{path} contains a {name}, not a Whisper model.", "Choose another folder.")
    _integer(stream)
    variables = dict(_variable(stream) for _ in range(_integer(stream)))
    for _ in range(_integer(stream)):
        alias, target = _string(stream), _string(stream)
        variables[alias] = variables[target]
    return variables


def _integer(stream: BinaryIO) -> int:
    return int(struct.unpack("I", stream.read(4))[0])


def _string(stream: BinaryIO) -> str:
    (length,) = struct.unpack("H", stream.read(2))
    text = stream.read(length)
    if len(text) < length:
        raise ValueError("the file is cut off")
    return text[:-1].decode()


def _variable(stream: BinaryIO) -> tuple[str, NDArray[Any]]:
    name = _string(stream)
    (rank,) = struct.unpack("B", stream.read(1))
    shape = struct.unpack(f"{rank}I", stream.read(4 * rank))
    (kind,) = struct.unpack("B", stream.read(1))
    data = stream.read(_integer(stream))
    if kind == _BFLOAT16:
        # NumPy has no bfloat16: it is the upper half of a float32.
        values: NDArray[Any] = (np.frombuffer(data, np.uint16).astype(np.uint32) << 16).view(np.float32)
    else:
        values = np.frombuffer(data, _DTYPES[kind])
    return name, values.reshape(shape)


def _dequantised(variables: dict[str, NDArray[Any]]) -> Tensors:
    """float32 throughout; int8 and int16 rows are divided by their scale."""
    result: Tensors = {}
    for name, values in variables.items():
        if name.endswith("_scale"):
            continue
        tensor = values.astype(np.float32)
        scale = variables.get(f"{name}_scale")
        if scale is not None:
            tensor = tensor / scale.astype(np.float32).reshape(-1, *[1] * (tensor.ndim - 1))
        result[name] = tensor
    return result


def _to_openai(source: Tensors) -> Tensors:
    target: Tensors = {
        "encoder.conv1.weight": source["encoder/conv1/weight"],
        "encoder.conv1.bias": source["encoder/conv1/bias"],
        "encoder.conv2.weight": source["encoder/conv2/weight"],
        "encoder.conv2.bias": source["encoder/conv2/bias"],
        "encoder.positional_embedding": source["encoder/position_encodings/encodings"],
        "decoder.token_embedding.weight": source["decoder/embeddings/weight"],
        "decoder.positional_embedding": source["decoder/position_encodings/encodings"],
    }
    target |= _norm(source, "encoder/layer_norm", "encoder.ln_post")
    target |= _norm(source, "decoder/layer_norm", "decoder.ln")
    for half in ("encoder", "decoder"):
        layer = 0
        while f"{half}/layer_{layer}/self_attention/linear_0/weight" in source:
            target |= _layer(source, f"{half}/layer_{layer}", f"{half}.blocks.{layer}")
            layer += 1
    return target


def _layer(source: Tensors, old: str, new: str) -> Tensors:
    state = source[f"{old}/self_attention/layer_norm/gamma"].shape[0]
    stacked = source[f"{old}/self_attention/linear_0/weight"], source[f"{old}/self_attention/linear_0/bias"]
    result = _attention(stacked[0], stacked[1], state, f"{new}.attn", ("query", "key", "value"))
    result |= _linear(source, f"{old}/self_attention/linear_1", f"{new}.attn.out")
    result |= _norm(source, f"{old}/self_attention/layer_norm", f"{new}.attn_ln")
    if f"{old}/attention/linear_0/weight" in source:
        result |= _linear(source, f"{old}/attention/linear_0", f"{new}.cross_attn.query")
        stacked = source[f"{old}/attention/linear_1/weight"], source[f"{old}/attention/linear_1/bias"]
        result |= _attention(stacked[0], stacked[1], state, f"{new}.cross_attn", ("key", "value"))
        result |= _linear(source, f"{old}/attention/linear_2", f"{new}.cross_attn.out")
        result |= _norm(source, f"{old}/attention/layer_norm", f"{new}.cross_attn_ln")
    result |= _linear(source, f"{old}/ffn/linear_0", f"{new}.mlp.0")
    result |= _linear(source, f"{old}/ffn/linear_1", f"{new}.mlp.2")
    return result | _norm(source, f"{old}/ffn/layer_norm", f"{new}.mlp_ln")


def _attention(
    weight: NDArray[np.float32], bias: NDArray[np.float32], state: int, new: str, parts: tuple[str, ...]
) -> Tensors:
    result: Tensors = {}
    for index, part in enumerate(parts):
        rows = slice(index * state, (index + 1) * state)
        result[f"{new}.{part}.weight"] = weight[rows]
        if part != "key":
            result[f"{new}.{part}.bias"] = bias[rows]
    return result


def _linear(source: Tensors, old: str, new: str) -> Tensors:
    return {f"{new}.weight": source[f"{old}/weight"], f"{new}.bias": source[f"{old}/bias"]}


def _norm(source: Tensors, old: str, new: str) -> Tensors:
    return {f"{new}.weight": source[f"{old}/gamma"], f"{new}.bias": source[f"{old}/beta"]}


def _dimensions(tensors: Tensors, n_head: int) -> dict[str, int]:
    state, n_mels, _ = tensors["encoder.conv1.weight"].shape
    layers = {
        half: sum(key.startswith(f"{half}.") and key.endswith(".mlp_ln.bias") for key in tensors)
        for half in ("encoder", "decoder")
    }
    return {
        "n_mels": n_mels,
        "n_audio_ctx": tensors["encoder.positional_embedding"].shape[0],
        "n_audio_state": state,
        "n_audio_head": n_head,
        "n_audio_layer": layers["encoder"],
        "n_vocab": tensors["decoder.token_embedding.weight"].shape[0],
        "n_text_ctx": tensors["decoder.positional_embedding"].shape[0],
        "n_text_state": state,
        "n_text_head": n_head,
        "n_text_layer": layers["decoder"],
    }
