"""Whose voice is heard in each moment of a recording.

Ten seconds at a time, one network tells up to three speakers apart, who differ from window to window; another
says what each sounds like. Those that sound alike are one voice of the recording (docs/speakers.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from inkcast.audio.recording import Recording
from inkcast.diarization.cluster import clusters_after, merge_order
from inkcast.on_progress import OnProgress, tell_nobody

if TYPE_CHECKING:
    from inkcast.diarization.listen import Windows
    from inkcast.diarization.networks import Networks

# docs/speakers.md: clusters of one voice are alike from 0.61 on, those of two voices up to 0.58.
_ALIKE = 0.6
_SHORTEST_TO_CLUSTER_S = 1.0
_SHORTEST_TO_KNOW_S = 0.5
# Who is heard for less is no voice of the recording: a laugh, a jingle. Windows overlap: seconds count twice.
_LEAST_S = 3.0
_LEAST_SHARE = 0.001
_MOST_RUNS = 2_000
# Voices lie up to 0.58 in the space of the others, mixtures from 0.72 on.
_MIXED = 0.65
# How sure a difference in likeness is: at 0.1, one voice is heard seven times as probably as the other.
_SHARPNESS = 20.0
_QUICK_WINDOWS = 12


@dataclass(frozen=True)
class Diarization:
    """Who is heard when.

    Attributes:
        activity: how probably each voice is heard, shape (n_frames, n_voices), in steps of ``FRAME_S``.
        embeddings: what each sounds like, of length 1, shape (n_voices, 192).
    """

    activity: NDArray[np.float32]
    embeddings: NDArray[np.float32]


def diarize(
    recording: Recording,
    networks: Networks,
    n_voices: int | None = None,
    progress: OnProgress = tell_nobody,
) -> Diarization:
    """Tell the voices of a recording apart.

    Args:
        recording: what is listened to.
        networks: from ``load_networks``.
        n_voices: how many there are, if that is known; fewer are found where no more can be told apart.
        progress: told the windows done and in all.

    Raises:
        AudioError: the recording cannot be decoded.
    """
    from inkcast.diarization.listen import listen, window_starts

    windows = listen(recording, networks, window_starts(recording.duration_ms), progress)
    voices = _voices(windows, n_voices)
    return Diarization(_activity(windows, voices, recording.duration_ms), voices)


def lone_voice(
    recording: Recording, networks: Networks, *, is_known: bool = False
) -> NDArray[np.float32] | None:
    """What the only voice sounds like, shape (192,), as far as two minutes tell; None if there are more.

    Args:
        recording: what is listened to.
        networks: from ``load_networks``.
        is_known: whether it is known that there is one.

    Raises:
        AudioError: the recording cannot be decoded.
    """
    from inkcast.diarization.listen import listen, window_starts

    starts = window_starts(recording.duration_ms)
    if len(starts) > _QUICK_WINDOWS:
        starts = starts[np.linspace(0, len(starts) - 1, _QUICK_WINDOWS).round().astype(int)]
    voices = _voices(listen(recording, networks, starts), 1 if is_known else None)
    return voices[0] if len(voices) == 1 else None


def _voices(windows: Windows, n_wanted: int | None) -> NDArray[np.float32]:
    """What each voice sounds like, shape (n_voices, 192), who speaks most first."""
    seconds = windows.run_seconds
    chosen = np.flatnonzero(seconds >= _SHORTEST_TO_CLUSTER_S)
    if len(chosen) == 0:
        chosen = np.arange(len(seconds))
    if len(chosen) > _MOST_RUNS:
        chosen = chosen[np.linspace(0, len(chosen) - 1, _MOST_RUNS).round().astype(int)]
    embeddings, weights = windows.run_embeddings[chosen], seconds[chosen]
    clusters = _cut(merge_order(embeddings, weights), weights, n_wanted)
    sums = [(embeddings[members] * weights[members, None]).sum(axis=0) for members in clusters]
    voices = np.asarray(sums, np.float32).reshape(-1, embeddings.shape[1])
    voices /= np.linalg.norm(voices, axis=1, keepdims=True)
    return voices if n_wanted else _unmixed(voices)


def _unmixed(voices: NDArray[np.float32]) -> NDArray[np.float32]:
    """The voices, the longest first, less those that are mixtures of longer ones.

    Where a telephone is heard for a moment beside a microphone, the mean of both colours what it sounds like.
    """
    kept = voices[:1]
    for voice in voices[1:]:
        axes = np.linalg.qr(kept.T)[0]
        if np.linalg.norm(axes.T @ voice) < _MIXED:
            kept = np.vstack((kept, voice))
    return kept


def _cut(
    steps: list[tuple[float, int, int]], weights: NDArray[np.float64], n_wanted: int | None
) -> list[NDArray[np.int64]]:
    """Members of the clusters that are voices: as many as wanted, or as are unlike."""
    least = max(_LEAST_S, _LEAST_SHARE * float(weights.sum()))
    if n_wanted is None:
        unlike = (index for index, (likeness, _, _) in enumerate(steps) if likeness < _ALIKE)
        n_steps = next(unlike, len(steps))
        return _large(clusters_after(len(weights), steps, n_steps), weights, least)
    best: list[NDArray[np.int64]] = []
    for n_steps in range(len(steps), -1, -1):
        found = _large(clusters_after(len(weights), steps, n_steps), weights, least)
        if len(found) > len(best):
            best = found[:n_wanted]
        if len(best) == n_wanted:
            break
    return best


def _large(
    clusters: NDArray[np.int64], weights: NDArray[np.float64], least: float
) -> list[NDArray[np.int64]]:
    """Clusters that are heard long enough, the longest first; at least one, if there are any."""
    members = [np.flatnonzero(clusters == first) for first in np.unique(clusters)]
    members.sort(key=lambda one: -float(weights[one].sum()))
    return [one for index, one in enumerate(members) if index == 0 or weights[one].sum() >= least]


def _activity(windows: Windows, voices: NDArray[np.float32], duration_ms: int) -> NDArray[np.float32]:
    """How probably each voice is heard, in the mean of the windows that hear a moment.

    Whose a moment is that is too short to tell, or in which two speak, the nearest stretch tells in which the
    same local speaker is alone.
    """
    from inkcast.diarization.listen import FRAME_S, N_FRAMES

    n_frames = round(duration_ms / 1000 / FRAME_S) + N_FRAMES
    heard = np.zeros((n_frames, len(voices)), np.float32)
    n_windows = np.zeros(n_frames, np.float32)
    if len(voices) == 0:
        return heard
    like_windows = windows.embeddings @ voices.T
    like_runs = windows.run_embeddings @ voices.T
    is_long = windows.run_seconds >= _SHORTEST_TO_KNOW_S
    for index, start_ms in enumerate(windows.starts_ms):
        offset = round(int(start_ms) / 1000 / FRAME_S)
        n_windows[offset : offset + N_FRAMES] += 1
        own = is_long & (windows.runs[:, 0] == index)
        for speaker in range(windows.activity.shape[2]):
            likeness = like_windows[index, speaker][None]
            runs = np.flatnonzero(own & (windows.runs[:, 1] == speaker))
            if len(runs):
                likeness = like_runs[runs[_nearest(windows.runs[runs, 2:], N_FRAMES)]]
            share = np.exp(_SHARPNESS * (likeness - likeness.max(axis=1, keepdims=True)))
            share /= share.sum(axis=1, keepdims=True)
            heard[offset : offset + N_FRAMES] += windows.activity[index, :, speaker, None] * share
    return np.asarray(heard / np.maximum(n_windows, 1)[:, None], np.float32)


def _nearest(spans: NDArray[np.int64], n_frames: int) -> NDArray[np.int64]:
    """For each frame the index of the span that holds it, or else is nearest to it."""
    frames = np.arange(n_frames)[:, None]
    outside = np.maximum(spans[:, 0] - frames, frames - (spans[:, 1] - 1))
    return np.asarray(np.maximum(outside, 0).argmin(axis=1), np.int64)
