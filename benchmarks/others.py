"""The systems that Inkcast is compared with, loaded with the same weights and as many threads."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any

from inkcast.cores import physical_cores


def load_faster_whisper(folder: Path, device: str) -> Any:
    """faster-whisper's model, None where it is not installed."""
    try:
        from faster_whisper import WhisperModel
    except ImportError:
        return None
    return WhisperModel(
        str(folder), device=device, compute_type=_number_type(device), cpu_threads=physical_cores()
    )


def load_stable_ts(folder: Path, device: str) -> Any:
    """stable-ts's model, None where it is not installed."""
    try:
        import torchaudio  # noqa: F401
    except (ImportError, OSError):
        # Only resampling needs it, and the samples given are at 16 kHz already.
        sys.modules["torchaudio"] = types.ModuleType("torchaudio")
    try:
        import stable_whisper
    except ImportError:
        return None
    return stable_whisper.load_faster_whisper(
        str(folder), device=device, compute_type=_number_type(device), cpu_threads=physical_cores()
    )


def _number_type(device: str) -> str:
    return "int8" if device == "cpu" else "float16"
