"""Which transcribers there are, and how they are loaded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

from inkcast.errors import SettingsError

if TYPE_CHECKING:  # so that naming them loads nothing
    from inkcast.essays.essay import Essay
    from inkcast.speech.transcriber import Transcriber


class Choose(Protocol):
    """Says which model "auto" stands for: see ``choose_model_name``."""

    def __call__(self, model: str, device: str, language: str | None, essay: Essay | None) -> str: ...


def _as_named(model: str, device: str, language: str | None, essay: Essay | None) -> str:
    return model


@dataclass(frozen=True, slots=True)
class TranscriberKind:
    """How to load a model by name onto a device, and which one "auto" stands for.

    ``load`` is also told whether the model was chosen, so that what is heard may change the choice.
    """

    load: Callable[[str, str, bool], Transcriber]
    choose: Choose = _as_named


def _load_whisper(engine: str, model: str, device: str, is_chosen: bool) -> Transcriber:
    from inkcast.speech.whisper_loader import load_whisper

    return load_whisper(model, engine, device, may_change=is_chosen)


def _choose_whisper(model: str, device: str, language: str | None, essay: Essay | None) -> str:
    from inkcast.speech.whisper_loader import resolve_model

    return resolve_model(model, device, language, essay)


TRANSCRIBERS: dict[str, TranscriberKind] = {
    engine: TranscriberKind(partial(_load_whisper, engine), _choose_whisper)
    for engine in ("auto", "ctranslate2", "whisper")
}
"""By the name that ``--engine`` takes. "auto" runs Whisper on what suits weights and device."""


def load_model(
    model: str = "auto",
    engine: str = "auto",
    device: str = "auto",
    *,
    language: str | None = None,
    essay: Essay | None = None,
) -> Transcriber:
    """Load a model onto a device.

    Args:
        model: "auto", a name from ``inkcast models list``, a folder of CTranslate2 weights or a ``.pt`` file.
        engine: what runs it: a name in ``TRANSCRIBERS``.
        device: "auto", "cpu", "cuda", "cuda:N" or "mps".
        language: of the recording, if it is known; "auto" chooses the model by it.
        essay: what is going to be transcribed; "auto" chooses the model by it.

    Raises:
        ModelError: not installed, damaged, or not for this engine or device.
        SettingsError: there is no such engine.
    """
    name = choose_model_name(model, engine, device, language=language, essay=essay)
    return load_chosen(name, engine, device, is_chosen=model == "auto")


def choose_model_name(
    model: str, engine: str, device: str, *, language: str | None, essay: Essay | None
) -> str:
    """The model that ``load_model`` would load, without loading it. Raises as that does."""
    return _kind(engine).choose(model, device, language, essay)


def load_chosen(model: str, engine: str, device: str, *, is_chosen: bool) -> Transcriber:
    """Load what ``choose_model_name`` gave, ``is_chosen`` if for "auto". Raises as ``load_model`` does."""
    return _kind(engine).load(model, device, is_chosen)


def _kind(engine: str) -> TranscriberKind:
    if engine not in TRANSCRIBERS:
        raise SettingsError(f"There is no engine {engine!r}.", f"Choose from {', '.join(TRANSCRIBERS)}.")
    return TRANSCRIBERS[engine]
