"""Settings: flags, then ``INKCAST_*`` variables, then ``inkcast.toml``, then the defaults here.

The command line resolves that order; this module says which settings there are and reads the file.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

import platformdirs

from inkcast.errors import SettingsError

Engine = Literal["auto", "ctranslate2", "whisper"]
ENGINES: tuple[Engine, ...] = ("auto", "ctranslate2", "whisper")
FILE_NAME = "inkcast.toml"

_DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d+)?")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the steps of an episode have in common. Each field is a key of ``inkcast.toml``.

    Attributes:
        model: ``auto``, a catalogue name (``tiny.en``), a folder of CTranslate2 weights or a ``.pt`` file.
        engine: what runs the weights; ``auto`` takes the one that the weights were made for.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:N`` or ``mps``.
        language: a code such as ``en``; None lets the model tell.
        allow_private: also fetch from addresses of the local network.
    """

    model: str = "auto"
    engine: Engine = "auto"
    device: str = "auto"
    language: str | None = None
    allow_private: bool = False


def is_device(text: str) -> bool:
    """Tell whether ``text`` names a kind of device that an engine could be asked for."""
    return _DEVICE.fullmatch(text) is not None


_CHECKS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "model": (lambda value: isinstance(value, str) and value != "", "a model's name or path"),
    "engine": (lambda value: value in ENGINES, "one of " + ", ".join(ENGINES)),
    "device": (
        lambda value: isinstance(value, str) and is_device(value),
        "auto, cpu, cuda, cuda:N or mps",
    ),
    "language": (lambda value: isinstance(value, str) and value != "", 'a language code such as "en"'),
    "allow_private": (lambda value: isinstance(value, bool), "true or false"),
}


def find_settings_file(folder: Path) -> Path | None:
    """``inkcast.toml`` in ``folder``, else in the user's configuration folder, else None."""
    places = (folder, platformdirs.user_config_path("inkcast"))
    return next((place / FILE_NAME for place in places if (place / FILE_NAME).is_file()), None)


def read_settings(path: Path) -> dict[str, str | bool]:
    """Read a settings file: only the keys that it sets.

    Raises:
        SettingsError: the file cannot be read, is no TOML, or holds a key or value that makes no sense.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsError(f"Cannot read {path}: {error.strerror or error}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is no valid TOML: {error}.", "Mend or remove the file.") from error
    for key, value in data.items():
        _check(path, key, value)
    return data


def _check(path: Path, key: str, value: object) -> None:
    if key not in _CHECKS:
        known = [field.name for field in fields(Settings)]
        near = difflib.get_close_matches(key, known)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"Known settings: {', '.join(known)}."
        raise SettingsError(f"{path}: unknown setting '{key}'.", hint)
    is_valid, wanted = _CHECKS[key]
    if not is_valid(value):
        raise SettingsError(f"{path}: {key} = {value!r} makes no sense.", f"It must be {wanted}.")
