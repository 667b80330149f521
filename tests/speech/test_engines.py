"""Both engines on the same weights: they hear the same, and agree on what is verified and when."""

from __future__ import annotations

import os

import numpy as np
import pytest
import torch
from whisper.model import ModelDimensions, Whisper

from inkcast.audio.decode import read_samples
from inkcast.audio.logmel import log_mel
from inkcast.errors import ModelError
from inkcast.speech.engines import ctranslate2_engine
from inkcast.speech.engines.engine import DecodeOptions, require_gpu
from inkcast.speech.load import load_model
from inkcast.speech.transcript import ModelInfo
from tests.support.example import JFK, engine, jfk

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("tiny_en")]

ENGINES = ["ctranslate2", "whisper"]
SAID = "ask not what your country can do for you"
TEXT = " And so, my fellow Americans, ask not what your country can do for you,"


@pytest.fixture(scope="module")
def mel() -> np.ndarray:
    return log_mel(read_samples(JFK))


@pytest.fixture(scope="module")
def padded() -> np.ndarray:
    return log_mel(np.pad(read_samples(JFK), (0, 4 * 16_000)))


@pytest.mark.parametrize("name", ENGINES)
def test_the_clip_says_what_it_says(name):
    heard = jfk(name)
    assert SAID in heard.text
    assert heard.language == "en"
    assert heard.failed == ()
    assert heard.duration_ms == 11_000
    assert heard.model == ModelInfo("tiny.en", name, "cpu", "int8" if name == "ctranslate2" else "float32")


def test_both_hear_the_same_words_at_the_same_time():
    first, second = ([word for segment in jfk(name).segments for word in segment.words] for name in ENGINES)
    assert [word.text for word in first] == [word.text for word in second]
    apart = [abs(a.start_ms - b.start_ms) for a, b in zip(first, second, strict=True)]
    assert max(apart) <= 100
    assert np.median(apart) <= 20
    surer = [abs(a.probability - b.probability) for a, b in zip(first, second, strict=True)]
    assert max(surer) < 0.25


def verified(name: str, mel: np.ndarray, *texts: str):
    loaded = engine(name)
    tokenizer = loaded.tokenizer("en")
    features = loaded.encode([mel] * len(texts))
    tokens = [tokenizer.encode(text) for text in texts]
    return loaded.verify(features, tokenizer, tokens, [mel.shape[1]] * len(texts))


def test_both_verify_the_same(mel):
    (first,), (second,) = (verified(name, mel, TEXT) for name in ENGINES)
    n_tokens = len(engine("whisper").tokenizer("en").encode(TEXT))
    for result in (first, second):
        assert result.probabilities.shape == (n_tokens,)
        assert result.starts.shape == (n_tokens + 1,)
        assert (np.diff(result.starts) >= 0).all()
        assert result.starts[0] >= 0 and result.starts[-1] <= mel.shape[1] // 2
    assert np.abs(first.probabilities - second.probabilities).max() < 0.15
    apart = np.abs(first.starts - second.starts)
    assert np.median(apart) <= 1
    # Where a silent comma ends and the next word begins is anybody's guess.
    assert np.quantile(apart, 0.9) <= 5


@pytest.mark.parametrize("name", ENGINES)
def test_a_word_that_was_not_said_is_improbable(name, mel):
    (said,), (other,) = verified(name, mel, TEXT), verified(name, mel, TEXT.replace("country", "kitchen"))
    tokenizer = engine(name).tokenizer("en")
    place = tokenizer.encode(TEXT).index(tokenizer.encode(" country")[0])
    assert said.probabilities[place] > 0.5
    assert other.probabilities[place] < 0.001


@pytest.mark.parametrize("name", ENGINES)
def test_a_batch_may_be_ragged(name, mel):
    """Texts of different lengths in one pass give what each gives alone."""
    short = " And so, my fellow Americans"
    alone = [*verified(name, mel, TEXT), *verified(name, mel, short)]
    for one, batched in zip(alone, verified(name, mel, TEXT, short), strict=True):
        assert batched.probabilities == pytest.approx(one.probabilities, abs=0.02)
        assert np.abs(batched.starts - one.starts).max() <= 2
        if name == "ctranslate2":  # on a CPU one by one
            assert np.array_equal(batched.probabilities, one.probabilities)


@pytest.mark.parametrize("name", ENGINES)
def test_windows_need_not_be_thirty_seconds_and_are_encoded_alike_in_a_batch(name, padded):
    loaded = engine(name)
    tokenizer = loaded.tokenizer("en")
    options = DecodeOptions(max_tokens=60)
    (one,) = loaded.decode(loaded.encode([padded]), tokenizer, options)
    both = loaded.decode(loaded.encode([padded, np.zeros_like(padded)]), tokenizer, options)
    assert SAID in tokenizer.decode(one.tokens)
    assert both[0].tokens == one.tokens
    assert len(both) == 2
    assert -1 < one.average_logprob < 0
    assert 0 <= one.no_speech_probability < 0.5


@pytest.mark.parametrize("name", ENGINES)
def test_several_windows_are_searched_with_several_beams(name, padded):
    loaded = engine(name)
    tokenizer = loaded.tokenizer("en")
    options = DecodeOptions(max_tokens=60, beam_size=5)
    windows = [padded, np.roll(padded, -300, axis=1), np.zeros_like(padded)]
    alone = [loaded.decode(loaded.encode([window]), tokenizer, options)[0] for window in windows]
    together = loaded.decode(loaded.encode(windows), tokenizer, options)
    assert [heard.tokens for heard in together] == [heard.tokens for heard in alone]
    assert SAID in tokenizer.decode(together[0].tokens)
    for one, other in zip(alone, together, strict=True):
        assert other.average_logprob == pytest.approx(one.average_logprob, abs=0.02)
        assert other.no_speech_probability == pytest.approx(one.no_speech_probability, abs=0.02)


@pytest.mark.parametrize("name", ENGINES)
def test_the_last_attempt_hears_the_same_twice(name, padded):
    loaded = engine(name)
    tokenizer = loaded.tokenizer("en")
    options = DecodeOptions(attempt=loaded.n_attempts - 1, max_tokens=10)
    first, second = (loaded.decode(loaded.encode([padded]), tokenizer, options)[0] for _ in range(2))
    assert first.tokens == second.tokens


@pytest.mark.parametrize("name", ENGINES)
def test_an_english_model_hears_english(name, padded):
    assert engine(name).detect_language(engine(name).encode([padded])) == [{"en": 1.0}]
    assert engine(name).tokenizer("de").language == "en"


def probabilities(model, tokenizer, mel, tokens):
    """From openai-whisper's own forward pass on a whole window of 30 seconds."""
    with torch.inference_mode():
        rows = torch.tensor([[*tokenizer.start, tokenizer.no_timestamps, *tokens]])
        logits = model(torch.from_numpy(mel)[None], rows)[0, 1:-1, : tokenizer.end_of_text]
        return logits.softmax(dim=-1)[range(len(tokens)), tokens].numpy()


def test_torch_agrees_with_openai_whispers_own_forward_pass(mel):
    loaded = engine("whisper")
    tokenizer = loaded.tokenizer("en")
    tokens = tokenizer.encode(TEXT)
    full = np.pad(mel, ((0, 0), (0, 3000 - mel.shape[1])))
    (found,) = loaded.verify(loaded.encode([full]), tokenizer, [tokens], [mel.shape[1]])
    wanted = probabilities(loaded._model, tokenizer, full, tokens)
    assert found.probabilities == pytest.approx(wanted, abs=1e-4)


def test_a_checkpoint_of_openai_whisper_is_read(tmp_path, mel):
    torch.manual_seed(3)
    model = Whisper(ModelDimensions(80, 1500, 8, 2, 1, 51_864, 448, 8, 2, 1)).eval()
    # Whisper leaves it as memory happens to be, which is not a number at times.
    torch.nn.init.normal_(model.decoder.positional_embedding, std=0.02)
    path = tmp_path / "own.pt"
    torch.save({"dims": vars(model.dims), "model_state_dict": model.state_dict()}, path)
    loaded = load_model(str(path), device="cpu").engine
    assert loaded.info == ModelInfo("own", "whisper", "cpu", "float32")
    tokenizer = loaded.tokenizer("en")
    tokens = tokenizer.encode(TEXT)
    full = np.pad(mel, ((0, 0), (0, 3000 - mel.shape[1])))
    (found,) = loaded.verify(loaded.encode([full]), tokenizer, [tokens], [mel.shape[1]])
    assert found.probabilities == pytest.approx(probabilities(model, tokenizer, full, tokens), rel=1e-3)


# Loading ---------------------------------------------------------------------------------------------


class _Trap:
    """What a hostile checkpoint would run on this machine."""

    def __reduce__(self):
        return (print, ("owned",))


@pytest.mark.parametrize("content", ["garbage", "pickle", "another"])
def test_a_file_that_is_no_checkpoint_is_refused(tmp_path, capsys, content):
    path = tmp_path / "model.pt"
    if content == "garbage":
        path.write_bytes(b"not a checkpoint" * 100)
    else:
        torch.save(_Trap() if content == "pickle" else {"dims": {"n_mels": 80}}, path)
    with pytest.raises(ModelError, match=r"model\.pt"):
        load_model(str(path), device="cpu")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", ENGINES)
def test_a_folder_with_a_damaged_model_is_refused(tmp_path, tiny_en, name):
    for file in tiny_en.iterdir():
        if file.is_file() and file.name != "model.bin":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "model.bin").write_bytes((tiny_en / "model.bin").read_bytes()[:100_000])
    with pytest.raises(ModelError, match="cannot"):
        load_model(f"{tmp_path}/", name, "cpu")


def test_what_the_environment_says_of_instructions_counts(monkeypatch):
    monkeypatch.setenv("CT2_FORCE_CPU_ISA", "GENERIC")
    ctranslate2_engine._set_up_kernels()
    assert os.environ["CT2_FORCE_CPU_ISA"] == "GENERIC"


@pytest.mark.parametrize(("found", "chosen"), [(["X86_V3"], None), (["X86_V4", "AVX512_ICL"], "AVX512")])
def test_wide_vectors_are_used_where_the_processor_has_them(monkeypatch, found, chosen):
    monkeypatch.setattr(np, "show_config", lambda mode: {"SIMD Extensions": {"found": found}})
    monkeypatch.setenv("CT2_FORCE_CPU_ISA", "")  # so that it is set back
    monkeypatch.delenv("CT2_FORCE_CPU_ISA")
    ctranslate2_engine._set_up_kernels()
    assert os.environ.get("CT2_FORCE_CPU_ISA") == chosen


def test_devices_that_are_not_there(monkeypatch):
    with pytest.raises(ModelError, match="does not run on mps"):
        load_model("tiny.en", "ctranslate2", "mps")
    missing = f"cuda:{torch.cuda.device_count()}"
    for name in ENGINES:
        with pytest.raises(ModelError, match=f"There is no device {missing}: .* finds .*--device cpu"):
            load_model("tiny.en", name, missing)


@pytest.mark.parametrize(
    ("n_gpus", "found"), [(0, "no GPU"), (1, "one GPU, cuda:0"), (4, "4 GPUs, cuda:0 to cuda:3")]
)
def test_a_gpu_beyond_the_last_is_refused_with_those_that_are_there(n_gpus, found):
    with pytest.raises(ModelError, match=f"There is no device cuda:{n_gpus}: CUDA finds {found}"):
        require_gpu(f"cuda:{n_gpus}", n_gpus, "CUDA")
    for device in ("cpu", *(f"cuda:{index}" for index in range(n_gpus)), *["cuda"] * bool(n_gpus)):
        require_gpu(device, n_gpus, "CUDA")


def test_the_engine_follows_the_weights(tiny_en):
    assert load_model(str(tiny_en), device="cpu").info.engine == "ctranslate2"
    with pytest.raises(ModelError, match="no model 'tinny'"):
        load_model("tinny", device="cpu")
