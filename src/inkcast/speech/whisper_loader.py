"""Whisper's weights onto a device of this machine."""

from __future__ import annotations

import logging
import sys
from importlib.util import find_spec

from inkcast.errors import ModelError
from inkcast.essays.essay import Essay
from inkcast.speech.engines.batching import BatchingEngine
from inkcast.speech.engines.engine import Engine
from inkcast.speech.engines.tokenizer import language_code
from inkcast.speech.models.auto import choose_model, choose_multilingual
from inkcast.speech.models.model_catalog import DIARIZATION, ModelFiles, find_model
from inkcast.speech.models.traits import ModelTraits
from inkcast.speech.selftest import self_test
from inkcast.speech.whisper_transcriber import WhisperTranscriber

_LOG = logging.getLogger(__name__)


def load_whisper(
    model: str, engine: str = "auto", device: str = "auto", *, may_change: bool = False
) -> WhisperTranscriber:
    """Load weights onto a device; on a GPU, make sure that they hear.

    CTranslate2 is the faster engine on CPUs and CUDA; torch is for Apple's GPUs, and for checkpoints
    that were not converted.

    Args:
        model: a catalogue name, a CTranslate2 folder or a ``.pt`` file.
        engine: "auto", "ctranslate2" or "whisper".
        device: "auto", "cpu", "cuda", "cuda:N" or "mps".
        may_change: whether an English model that does not understand may be changed for another.

    Raises:
        ModelError: not installed, damaged, or not for this engine or device.
    """
    device = best_device() if device == "auto" else device
    loaded = _load(model, engine, device)

    def load_multilingual() -> Engine | None:
        name = choose_multilingual(device)
        return _load(name, engine, device) if name else None

    return WhisperTranscriber(loaded, load_multilingual, may_change=may_change)


def _load(model: str, engine: str, device: str) -> Engine:
    files = _files(model, engine)
    traits = files.entry.traits if files.entry else ModelTraits()
    if _runs_on_ctranslate2(files, engine, device):
        from inkcast.speech.engines.ctranslate2_engine import CTranslate2Engine

        loaded: Engine = CTranslate2Engine(files.path, files.name, device, traits)
    else:
        from inkcast.speech.engines.whisper_engine import WhisperEngine

        loaded = WhisperEngine(files.path, files.name, device, traits)
    if device == "cpu":
        return loaded
    self_test(loaded)
    return BatchingEngine(loaded)


def resolve_model(model: str, device: str, language: str | None, essay: Essay | None) -> str:
    """The model's name; "auto" is chosen from what is installed, and the reason logged.

    Raises:
        ModelError: nothing that is installed suits.
        SettingsError: a language that Whisper does not know.
    """
    if model != "auto":
        return model
    language = language_code(language) if language else None
    device = best_device() if device == "auto" else device
    choice = choose_model(device, language, essay)
    _LOG.info("Using the model %s on %s: %s.", choice.model, device, choice.reason)
    return choice.model


def best_device() -> str:
    """The GPU if there is one, found without loading torch where that is possible."""
    import ctranslate2

    if ctranslate2.get_cuda_device_count() > 0:
        return "cuda"
    if sys.platform == "darwin" and find_spec("torch"):
        import torch

        if torch.backends.mps.is_available():
            return "mps"
    return "cpu"


def _files(model: str, engine: str) -> ModelFiles:
    if model == DIARIZATION:
        raise ModelError(f"'{model}' tells speakers apart and does not transcribe.", "Use another model.")
    if engine == "ctranslate2":
        return find_model(model, "ctranslate2")
    if engine == "whisper":
        try:
            return find_model(model, "openai")
        except ModelError:
            # The same weights serve both engines.
            return find_model(model)
    return find_model(model)


def _runs_on_ctranslate2(files: ModelFiles, engine: str, device: str) -> bool:
    if device == "mps":
        if engine == "ctranslate2":
            raise ModelError("CTranslate2 does not run on mps.", "Use --engine whisper, or --device cpu.")
        return False
    return engine != "whisper" and files.format == "ctranslate2"
