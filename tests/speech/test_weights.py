"""CTranslate2 folders as openai-whisper's tensors: CTranslate2's own writer makes what is read here."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from ctranslate2.specs.whisper_spec import WhisperSpec
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from whisper.model import ModelDimensions, Whisper

from inkcast.errors import ModelError
from inkcast.speech.engines.weights import read_ctranslate2

DIMENSIONS = {
    "n_mels": 80,
    "n_audio_ctx": 20,
    "n_audio_state": 8,
    "n_audio_head": 4,
    "n_audio_layer": 2,
    "n_vocab": 50,
    "n_text_ctx": 12,
    "n_text_state": 8,
    "n_text_head": 4,
    "n_text_layer": 3,
}
HEADS = [[0, 1], [2, 3]]


@pytest.fixture(scope="module")
def whisper() -> dict[str, np.ndarray]:
    """The tensors of a small Whisper with random weights, under openai-whisper's names."""
    torch.manual_seed(1)
    model = Whisper(ModelDimensions(**DIMENSIONS))
    return {name: torch.rand(tensor.shape).numpy() - 0.5 for name, tensor in model.state_dict().items()}


def fill(spec, whisper):
    """Put openai-whisper's tensors where CTranslate2 keeps them."""

    def linear(target, name, parts=("",)):
        weights = [whisper[f"{name}{part}.weight"] for part in parts]
        # Whisper's keys have no bias; a stacked matrix needs one.
        zeros = np.zeros(len(weights[0]), np.float32)
        target.weight = np.concatenate(weights)
        target.bias = np.concatenate([whisper.get(f"{name}{part}.bias", zeros) for part in parts])

    def norm(target, name):
        target.gamma, target.beta = whisper[f"{name}.weight"], whisper[f"{name}.bias"]

    def layer(target, name):
        linear(target.self_attention.linear[0], f"{name}.attn.", ("query", "key", "value"))
        linear(target.self_attention.linear[1], f"{name}.attn.out")
        norm(target.self_attention.layer_norm, f"{name}.attn_ln")
        if hasattr(target, "attention"):
            linear(target.attention.linear[0], f"{name}.cross_attn.query")
            linear(target.attention.linear[1], f"{name}.cross_attn.", ("key", "value"))
            linear(target.attention.linear[2], f"{name}.cross_attn.out")
            norm(target.attention.layer_norm, f"{name}.cross_attn_ln")
        linear(target.ffn.linear_0, f"{name}.mlp.0")
        linear(target.ffn.linear_1, f"{name}.mlp.2")
        norm(target.ffn.layer_norm, f"{name}.mlp_ln")

    for half, ours in (("encoder", spec.encoder), ("decoder", spec.decoder)):
        ours.position_encodings.encodings = whisper[f"{half}.positional_embedding"]
        for index, target in enumerate(ours.layer):
            layer(target, f"{half}.blocks.{index}")
    linear(spec.encoder.conv1, "encoder.conv1")
    linear(spec.encoder.conv2, "encoder.conv2")
    norm(spec.encoder.layer_norm, "encoder.ln_post")
    norm(spec.decoder.layer_norm, "decoder.ln")
    spec.decoder.embeddings.weight = whisper["decoder.token_embedding.weight"]
    spec.decoder.projection.weight = whisper["decoder.token_embedding.weight"]


def save(folder: Path, whisper, quantization=None) -> Path:
    spec = WhisperSpec(2, 4, 3, 4)
    fill(spec, {name: tensor.copy() for name, tensor in whisper.items()})
    spec.config.alignment_heads = HEADS
    spec.register_vocabulary([f"<{i}>" for i in range(DIMENSIONS["n_vocab"])])
    spec.validate()
    spec.optimize(quantization=quantization)
    folder.mkdir(exist_ok=True)
    spec.save(str(folder))
    return folder


@pytest.fixture(scope="module")
def folder(whisper, tmp_path_factory) -> Path:
    return save(tmp_path_factory.mktemp("float32"), whisper)


@pytest.mark.parametrize(
    ("quantization", "tolerance"),
    [
        ("float32", 0),
        ("float16", 3e-4),
        ("bfloat16", 2e-3),
        ("int8", 0.5 / 254 + 1e-6),
        ("int16", 0.5 / 2046),
    ],
)
def test_every_tensor_comes_back(tmp_path, whisper, quantization, tolerance):
    weights = read_ctranslate2(save(tmp_path, whisper, quantization))
    assert weights.dimensions == DIMENSIONS
    assert weights.alignment_heads == ((0, 1), (2, 3))
    assert set(weights.tensors) == set(whisper)
    for name, tensor in weights.tensors.items():
        assert tensor.dtype == np.float32
        assert tensor.shape == whisper[name].shape, name
        assert np.abs(tensor - whisper[name]).max() <= tolerance, name


def test_what_is_stored_once_is_read_as_the_embeddings(tmp_path, whisper):
    """Where the projection comes first in the file, the embeddings are its alias."""
    spec = WhisperSpec(2, 4, 3, 4)
    fill(spec, whisper)
    spec.register_vocabulary([f"<{i}>" for i in range(DIMENSIONS["n_vocab"])])
    spec.validate()
    spec.decoder.embeddings.weight = "decoder/projection/weight"
    spec.save(str(tmp_path))
    found = read_ctranslate2(tmp_path).tensors["decoder.token_embedding.weight"]
    assert np.array_equal(found, whisper["decoder.token_embedding.weight"])


def test_without_alignment_heads_there_are_none(tmp_path, whisper):
    save(tmp_path, whisper)
    (tmp_path / "config.json").write_text('{"alignment_heads": null}')
    assert read_ctranslate2(tmp_path).alignment_heads == ()
    (tmp_path / "config.json").write_text("{}")
    assert read_ctranslate2(tmp_path).alignment_heads == ()


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 0.9999))
@example(share=0.00017140527889289352)
def test_a_truncated_file_says_to_fetch_it_again(folder, tmp_path, share):
    data = (folder / "model.bin").read_bytes()
    (tmp_path / "config.json").write_bytes((folder / "config.json").read_bytes())
    (tmp_path / "model.bin").write_bytes(data[: int(len(data) * share)])
    with pytest.raises(ModelError, match=r"model\.bin") as caught:
        read_ctranslate2(tmp_path)
    assert "inkcast models pull" in caught.value.hint
    assert "\n" not in str(caught.value)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(offset=st.integers(0, 3000), value=st.binary(min_size=1, max_size=6))
def test_a_damaged_file_is_read_or_refused(folder, tmp_path, offset, value):
    data = bytearray((folder / "model.bin").read_bytes())
    data[offset : offset + len(value)] = value
    (tmp_path / "config.json").write_bytes((folder / "config.json").read_bytes())
    (tmp_path / "model.bin").write_bytes(data)
    try:
        weights = read_ctranslate2(tmp_path)
    except ModelError as error:
        assert "model.bin" in error.message
    else:
        assert set(weights.dimensions) == set(DIMENSIONS)


@pytest.mark.parametrize(
    "config", ["", "[]", "{", '{"alignment_heads": [1, 2]}', '{"alignment_heads": [["a", 1]]}']
)
def test_a_damaged_config_is_refused(folder, tmp_path, config):
    (tmp_path / "model.bin").write_bytes((folder / "model.bin").read_bytes())
    (tmp_path / "config.json").write_text(config)
    with pytest.raises(ModelError, match="cannot be read as Whisper weights"):
        read_ctranslate2(tmp_path)


def test_another_model_and_a_newer_format_are_named(folder, tmp_path):
    data = (folder / "model.bin").read_bytes()
    (tmp_path / "model.bin").write_bytes(struct.pack("I", 7) + data[4:])
    with pytest.raises(ModelError, match="CTranslate2 format 7, newer than 6"):
        read_ctranslate2(tmp_path)
    (tmp_path / "model.bin").write_bytes(data.replace(b"WhisperSpec", b"MarianXSpec", 1))
    with pytest.raises(ModelError, match="contains a MarianXSpec, not a Whisper model"):
        read_ctranslate2(tmp_path)
    with pytest.raises(ModelError, match=r"none.model\.bin"):
        read_ctranslate2(tmp_path / "none")


@pytest.mark.model
def test_the_real_tiny_en_has_every_tensor_that_whisper_wants(tiny_en):
    weights = read_ctranslate2(tiny_en)
    assert weights.dimensions == {
        "n_mels": 80,
        "n_audio_ctx": 1500,
        "n_audio_state": 384,
        "n_audio_head": 6,
        "n_audio_layer": 4,
        "n_vocab": 51_864,
        "n_text_ctx": 448,
        "n_text_state": 384,
        "n_text_head": 6,
        "n_text_layer": 4,
    }
    wanted = Whisper(ModelDimensions(**weights.dimensions)).state_dict()
    assert {name: tensor.shape for name, tensor in weights.tensors.items()} == {
        name: tuple(tensor.shape) for name, tensor in wanted.items()
    }
    heads = json.loads((tiny_en / "config.json").read_text(encoding="utf-8"))["alignment_heads"]
    assert [list(pair) for pair in weights.alignment_heads] == heads
