"""Which transcribers there are, and how they are loaded."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from inkcast.errors import SettingsError

if TYPE_CHECKING:  # so that naming them loads nothing
    from inkcast.essays.essay import Essay
    from inkcast.speech.transcriber import Transcriber


class Load(Protocol):
    """Loads a model: see ``load_model``."""

    def __call__(
        self, model: str, device: str, *, language: str | None, essay: Essay | None
    ) -> Transcriber: ...


def _whisper(
    engine: str, model: str, device: str, *, language: str | None, essay: Essay | None
) -> Transcriber:
    from inkcast.speech.whisper_loader import load_whisper

    return load_whisper(model, engine, device, language=language, essay=essay)


TRANSCRIBERS: dict[str, Load] = {
    "auto": partial(_whisper, "auto"),
    "ctranslate2": partial(_whisper, "ctranslate2"),
    "whisper": partial(_whisper, "whisper"),
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
    if engine not in TRANSCRIBERS:
        raise SettingsError(f"There is no engine {engine!r}.", f"Choose from {', '.join(TRANSCRIBERS)}.")
    return TRANSCRIBERS[engine](model, device, language=language, essay=essay)
