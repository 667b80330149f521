"""``--model auto``: what is chosen, and that an engine which does not understand is noticed."""

import numpy as np
import pytest

from inkcast.errors import ModelError
from inkcast.essays.essay import Block, Essay
from inkcast.speech.engines import ctranslate2_engine
from inkcast.speech.engines.batching import BatchingEngine
from inkcast.speech.engines.ctranslate2_engine import CTranslate2Engine
from inkcast.speech.engines.engine import Hypothesis
from inkcast.speech.load import load_model
from inkcast.speech.models.auto import choose_model, looks_english
from inkcast.speech.models.model_catalog import CatalogueEntry
from inkcast.speech.selftest import self_test
from inkcast.speech.whisper_loader import load_whisper

ENGLISH_TEXT = (
    "This is the story of a small lab that reads its own essays to the people who write with it. " * 3
)
SPANISH_TEXT = (
    "En un lugar de la Mancha, de cuyo nombre no quiero acordarme, no ha mucho tiempo que vivía. " * 3
)


def entry(name, parameters, languages="multilingual"):
    return CatalogueEntry(name, (), "ctranslate2", parameters, languages, "MIT", ())


TINY_EN, BASE, BASE_EN = entry("tiny.en", 39, "en"), entry("base", 74), entry("base.en", 74, "en")
LARGE = entry("large-v3", 1550)
ALL = (TINY_EN, BASE, BASE_EN, LARGE)


def essay(text, language=""):
    return Essay("Title", (Block("paragraph", text),), language=language)


@pytest.mark.parametrize(
    ("device", "language", "text", "chosen"),
    [
        ("cpu", None, ENGLISH_TEXT, "tiny.en"),
        ("cuda", "en", ENGLISH_TEXT, "tiny.en"),
        ("cpu", None, SPANISH_TEXT, "base"),
        ("cpu", "es", ENGLISH_TEXT, "base"),
        ("cpu", "en", None, "base.en"),
        ("cpu", None, None, "base"),
        ("cuda", None, None, "large-v3"),
        ("cuda:1", "en", None, "large-v3"),
    ],
)
def test_the_task_and_the_device_decide(device, language, text, chosen):
    assert choose_model(device, language, essay(text) if text else None, ALL).model == chosen


def test_the_only_model_is_tried_where_nothing_is_known():
    assert choose_model("cpu", None, None, (TINY_EN,)).model == "tiny.en"


@pytest.mark.parametrize(("language", "pull"), [("es", "pull base"), (None, "pull base")])
def test_an_unsuitable_model_is_never_chosen(language, pull):
    with pytest.raises(ModelError, match=pull):
        choose_model("cpu", language, essay(SPANISH_TEXT), (TINY_EN,))


def test_the_page_says_its_language():
    assert looks_english(essay(SPANISH_TEXT, "en-GB"))
    assert not looks_english(essay(ENGLISH_TEXT, "es"))


@pytest.mark.model
def test_the_reason_is_logged(caplog, tiny_en):
    caplog.set_level("INFO", "inkcast")
    model = load_model("auto", essay=essay(ENGLISH_TEXT))
    assert model.info.name == "tiny.en"
    assert "guided by the essay" in caplog.text


@pytest.mark.model
@pytest.mark.parametrize("kind", ["ctranslate2", "whisper"])
def test_a_healthy_engine_passes_its_self_test(kind, tiny_en):
    self_test(load_whisper("tiny.en", kind, "cpu").engine)


@pytest.mark.model
def test_an_engine_that_does_not_understand_is_an_error(tiny_en):
    engine = Wordless(load_whisper("tiny.en", "auto", "cpu").engine)
    with pytest.raises(ModelError, match=r"hears '' where .*--device cpu"):
        self_test(engine)


@pytest.mark.model
def test_on_a_gpu_several_threads_are_heard_in_batches_if_it_hears_at_all(tiny_en, monkeypatch):
    """The real engine, which believes to be on a GPU."""
    real = CTranslate2Engine
    monkeypatch.setattr(
        ctranslate2_engine,
        "CTranslate2Engine",
        lambda path, name, _, traits: real(path, name, "cpu", traits),
    )
    loaded = load_model("tiny.en", device="cuda:1").engine
    assert isinstance(loaded, BatchingEngine)
    assert loaded.workers > 1
    monkeypatch.setattr(
        ctranslate2_engine, "CTranslate2Engine", lambda path, name, _, traits: Wordless(real(path, name))
    )
    with pytest.raises(ModelError, match="--device cpu"):
        load_model("tiny.en", device="cuda:1")


class Wordless:
    """The real engine, but the decoder stops at once, as on a GPU whose libraries do not fit."""

    def __init__(self, engine):
        self._engine = engine

    def __getattr__(self, name):
        return getattr(self._engine, name)

    def decode(self, features, tokenizer, options):
        return [Hypothesis((), float(np.log(0.5)), 0.0)] * len(features)
