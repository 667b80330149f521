"""The networks that tell speakers apart, and a conversation of two people."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from numpy.typing import NDArray

from inkcast.audio.recording import Recording
from inkcast.download.client import open_client
from inkcast.errors import ModelError
from inkcast.on_progress import tell_nobody
from inkcast.speech.models import fetch
from inkcast.speech.models.model_catalog import DIARIZATION, find_entries
from tests.support.example import AUDIO, JFK
from tests.support.sounds import write_wav

TURNS = ((JFK, 0.1, 8.0), (AUDIO, 5.5, 11.0), (JFK, 8.0, 10.9), (AUDIO, 11.15, 17.15))
PAUSES_S = (0.4, 0.2, 0.5, 0.3)


@pytest.fixture(scope="session")
def speaker_models() -> Path:
    """A models folder with the networks, which the environment of the tests keeps."""
    folder = Path(sys.prefix) / "speaker-models"
    folder.mkdir(exist_ok=True)
    try:
        with FileLock(folder / "lock"), open_client() as client, pytest.MonkeyPatch.context() as patch:
            patch.setenv("INKCAST_MODELS", str(folder))
            fetch.pull(find_entries(DIARIZATION)[0], folder, client, tell_nobody)
    except ModelError as error:
        pytest.skip(f"missing: {error}")
    return folder


@pytest.fixture
def speaker_networks(speaker_models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the networks be found."""
    monkeypatch.setenv("INKCAST_MODELS", str(speaker_models))


def samples_of(path: Path, start_s: float, end_s: float) -> NDArray[np.float32]:
    """A piece of a recording, as loud as the others."""
    with Recording(path) as recording:
        samples = recording.read(round(1000 * start_s), round(1000 * end_s))
    return np.asarray(0.1 * samples / samples.std(), np.float32)


@pytest.fixture(scope="session")
def conversation(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[int, int, str]]]:
    """A president and a synthetic voice who take turns, and when each speaks, in ms."""
    pieces, truth, cursor = [], [], 0
    for (path, start_s, end_s), pause_s in zip(TURNS, PAUSES_S, strict=True):
        piece = samples_of(path, start_s, end_s)
        pieces += [piece, np.zeros(round(16_000 * pause_s), np.float32)]
        truth.append((cursor, cursor + len(piece) // 16, path.stem))
        cursor += (len(piece) + len(pieces[-1])) // 16
    return write_wav(tmp_path_factory.mktemp("conversation") / "two.wav", np.concatenate(pieces)), truth
