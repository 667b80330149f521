"""A recording in windows of ten seconds: who is heard in each, and what they sound like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from inkcast.audio.decode import SAMPLE_RATE, Samples
from inkcast.audio.recording import Recording
from inkcast.audio.stream import SAMPLES_PER_MS
from inkcast.audio.vad import LEVEL_MS, levels, speech_mask, speech_spans, true_stretches
from inkcast.cores import physical_cores
from inkcast.diarization.filterbank import HOP_SAMPLES, N_BANDS, filterbank
from inkcast.diarization.speaker_segmentation import (
    FIRST_SAMPLE,
    HEARD,
    N_SPEAKERS,
    STEP_SAMPLES,
    WINDOW_MS,
)
from inkcast.diarization.voice_encoder import EMBEDDING_SIZE, FRAMES_A_STEP
from inkcast.on_progress import OnProgress, tell_nobody

if TYPE_CHECKING:
    from inkcast.diarization.networks import Networks

FRAME_S = STEP_SAMPLES / SAMPLE_RATE
STEP_MS = WINDOW_MS // 2
_WINDOWS_AT_ONCE = 2
_WINDOW_SAMPLES = WINDOW_MS * SAMPLES_PER_MS
N_FRAMES = 589
_N_BANK_FRAMES = 998
# Not measured: a run is heard as one voice, but a network that took two voices for one shall not hide it.
_LONGEST_RUN = round(3.0 / FRAME_S)
_PAUSE_MS = 150
_SHORTEST_RUN = round(0.3 / FRAME_S)


@dataclass(frozen=True)
class Windows:
    """What was heard in windows of 589 frames of 17 ms.

    Attributes:
        starts_ms: where each begins, shape (n_windows,).
        activity: how probably each of three local speakers is heard, shape (n_windows, 589, 3).
        embeddings: of each local speaker where nobody else is heard, shape (n_windows, 3, 192).
        runs: stretches in which one local speaker alone is heard, of 0.3 to 3 s: window, local speaker, first
            frame, frame behind the last; shape (n_runs, 4).
        run_embeddings: shape (n_runs, 192).
    """

    starts_ms: NDArray[np.int64]
    activity: NDArray[np.float16]
    embeddings: NDArray[np.float32]
    runs: NDArray[np.int64]
    run_embeddings: NDArray[np.float32]

    @property
    def run_seconds(self) -> NDArray[np.float64]:
        """How long each run is, shape (n_runs,)."""
        return np.asarray((self.runs[:, 3] - self.runs[:, 2]) * FRAME_S, np.float64)


def window_starts(duration_ms: int) -> NDArray[np.int64]:
    """Where windows begin that overlap by half, the last one at the end of the recording."""
    last = max(0, duration_ms - WINDOW_MS)
    return np.unique(np.append(np.arange(0, last, STEP_MS), last)).astype(np.int64)


def listen(
    recording: Recording,
    networks: Networks,
    starts_ms: NDArray[np.int64],
    progress: OnProgress = tell_nobody,
) -> Windows:
    """Listen to some windows of a recording.

    Args:
        recording: what is listened to.
        networks: from ``load_networks``.
        starts_ms: where the windows begin, rising.
        progress: told the windows done and in all.

    Raises:
        AudioError: the recording cannot be decoded.
    """
    heard = []
    firsts = range(0, len(starts_ms), _WINDOWS_AT_ONCE)

    def listen_from(first: int) -> _Heard:
        starts = starts_ms[first : first + _WINDOWS_AT_ONCE]
        batch = [recording.read(int(start), int(start) + WINDOW_MS) for start in starts]
        return _listen(batch, networks, first)

    with _single_threaded_torch(), ThreadPoolExecutor(physical_cores()) as pool:
        for first, result in zip(firsts, pool.map(listen_from, firsts), strict=True):
            progress(first, len(starts_ms))
            heard.append(result)
    progress(len(starts_ms), len(starts_ms))
    if not heard:
        return _NOTHING
    activity, embeddings, runs, run_embeddings = (np.concatenate(parts) for parts in zip(*heard, strict=True))
    return Windows(starts_ms, activity, embeddings, runs, run_embeddings)


@contextmanager
def _single_threaded_torch() -> Iterator[None]:
    """Windows are listened to side by side: torch's own threads would only wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


_NOTHING = Windows(
    np.zeros(0, np.int64),
    np.zeros((0, N_FRAMES, N_SPEAKERS), np.float16),
    np.zeros((0, N_SPEAKERS, EMBEDDING_SIZE), np.float32),
    np.zeros((0, 4), np.int64),
    np.zeros((0, EMBEDDING_SIZE), np.float32),
)


_Heard = tuple[NDArray[np.float16], NDArray[np.float32], NDArray[np.int64], NDArray[np.float32]]


def _listen(batch: Sequence[Samples], networks: Networks, first: int) -> _Heard:
    padded = np.stack([np.pad(samples, (0, _WINDOW_SAMPLES - len(samples))) for samples in batch])
    activity = networks.segmentation.activity(padded)
    is_heard = activity > HEARD
    is_alone = is_heard & (is_heard.sum(-1, keepdims=True) == 1)
    is_loud = np.stack([_loud(samples) for samples in padded])
    found = [run for window, alone in enumerate(is_alone & is_loud) for run in _runs(window, alone)]
    runs = np.array(found, np.int64).reshape(-1, 4)
    bank = np.stack([_bank(samples) for samples in batch])
    n_masks = N_SPEAKERS + int(np.bincount(runs[:, 0], minlength=1).max(initial=0))
    masks = np.zeros((len(batch), n_masks, N_FRAMES), np.float32)
    masks[:, :N_SPEAKERS] = is_alone.transpose(0, 2, 1)
    places = _places(runs)
    for (window, _, start, end), place in zip(runs, places, strict=True):
        masks[window, place, start:end] = 1
    counted = torch.from_numpy(masks[:, :, _BANK_STEPS])
    voices = networks.encoder.embed(torch.from_numpy(bank), counted).numpy()
    run_embeddings = voices[runs[:, 0], places]
    runs[:, 0] += first
    # A view would keep what was found of the runs a second time.
    return activity.astype(np.float16), voices[:, :N_SPEAKERS].copy(), runs, run_embeddings


def _loud(samples: Samples) -> NDArray[np.bool_]:
    """Frames that lie in no pause, shape (589, 1): where voices are alike, a pause tells that a turn ends."""
    mask = np.zeros(WINDOW_MS // LEVEL_MS, np.bool_)
    for start, end in speech_spans(speech_mask(levels(samples)), _PAUSE_MS):
        mask[start // LEVEL_MS : end // LEVEL_MS] = True
    middles = (FIRST_SAMPLE + STEP_SAMPLES * np.arange(N_FRAMES)) // (LEVEL_MS * SAMPLES_PER_MS)
    return np.asarray(mask[middles][:, None], np.bool_)


def _places(runs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Index of each run's mask within its window."""
    firsts = np.searchsorted(runs[:, 0], runs[:, 0])
    return np.asarray(N_SPEAKERS + np.arange(len(runs)) - firsts, np.int64)


def _runs(window: int, is_alone: NDArray[np.bool_]) -> Iterator[tuple[int, int, int, int]]:
    for speaker in range(N_SPEAKERS):
        for start, end in true_stretches(is_alone[:, speaker]):
            n_pieces = -(-(end - start) // _LONGEST_RUN)
            edges = np.linspace(start, end, n_pieces + 1).round().astype(int)
            for left, right in pairwise(edges):
                if right - left >= _SHORTEST_RUN:
                    yield window, speaker, int(left), int(right)


def _bank(samples: Samples) -> NDArray[np.float32]:
    """Mel filterbank, shape (998, 80), less the mean of each band; what a short recording lacks is at it."""
    bank = np.zeros((_N_BANK_FRAMES, N_BANDS), np.float32)
    frames = filterbank(samples)
    if len(frames):
        bank[: len(frames)] = frames - frames.mean(axis=0)
    return bank


def _segmentation_frames(hop_samples: int, n: int) -> NDArray[np.int64]:
    """The segmentation's frame in the middle of each of ``n`` windows of the filterbank."""
    middles = np.arange(n) * hop_samples + 200
    return np.clip(np.round((middles - FIRST_SAMPLE) / STEP_SAMPLES), 0, N_FRAMES - 1).astype(np.int64)


_BANK_STEPS = _segmentation_frames(HOP_SAMPLES * FRAMES_A_STEP, -(-_N_BANK_FRAMES // FRAMES_A_STEP))
