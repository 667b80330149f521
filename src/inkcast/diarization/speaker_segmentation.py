"""Who of at most three speakers is heard in each moment of ten seconds, two at once included.

Source: Plaquet & Bredin 2023, "Powerset multi-class cross entropy loss for neural speaker diarization"
(arXiv 2310.13025), and Ravanelli & Bengio 2018 for its first layer (SincNet, arXiv 1808.00158). The weights
are pyannote's segmentation-3.0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from inkcast.audio.decode import SAMPLE_RATE

WINDOW_MS = 10_000
STEP_SAMPLES = 270
"""From one frame to the next."""
FIRST_SAMPLE = 495
"""The middle of what the first frame sees."""
N_SPEAKERS = 3
HEARD = 0.5
"""How probable it is that a speaker is heard, from which on they count as heard."""

# Classes: nobody, one of three, two of three.
_MEMBERS = ((), (0,), (1,), (2,), (0, 1), (0, 2), (1, 2))
_LOWEST_HZ = 50.0
_LSTM_LAYERS, _LSTM_SIZE = 4, 128


class SpeakerSegmentation:
    """The network with its weights.

    Args:
        weights: pyannote's state dict.
        device: where it runs.
    """

    def __init__(self, weights: Mapping[str, Tensor], device: torch.device) -> None:
        self._weights = {name: value.to(device) for name, value in weights.items()}
        self._device = device
        self._filters = _band_passes(self._weights).to(device)
        self._lstm = torch.nn.LSTM(
            60, _LSTM_SIZE, _LSTM_LAYERS, batch_first=True, bidirectional=True, device=device
        ).eval()
        self._lstm.load_state_dict(
            {name.removeprefix("lstm."): value for name, value in weights.items() if name.startswith("lstm.")}
        )

    @torch.inference_mode()  # type: ignore[untyped-decorator]
    def activity(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """How probably each of three speakers is heard, shape (n_windows, n_frames, 3).

        Who is first, second and third differs from window to window.

        Args:
            samples: shape (n_windows, 160,000), 16 kHz.
        """
        x = torch.from_numpy(samples).to(self._device).unsqueeze(1)
        x = self._normalised(x, "sincnet.wav_norm1d")
        x = F.conv1d(x, self._filters, stride=10).abs()
        x = self._pooled(x, 0)
        for layer in (1, 2):
            name = f"sincnet.conv1d.{layer}"
            x = F.conv1d(x, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])
            x = self._pooled(x, layer)
        x = self._lstm(x.transpose(1, 2))[0]
        for layer in (0, 1):
            x = F.leaky_relu(self._linear(x, f"linear.{layer}"))
        classes = self._linear(x, "classifier").softmax(-1)
        members = torch.zeros(len(_MEMBERS), N_SPEAKERS, device=self._device)
        for index, speakers in enumerate(_MEMBERS):
            members[index, list(speakers)] = 1
        return np.asarray((classes @ members).cpu().numpy(), np.float32)

    def _pooled(self, x: Tensor, layer: int) -> Tensor:
        return F.leaky_relu(self._normalised(F.max_pool1d(x, 3), f"sincnet.norm1d.{layer}"))

    def _normalised(self, x: Tensor, name: str) -> Tensor:
        return F.instance_norm(x, weight=self._weights[f"{name}.weight"], bias=self._weights[f"{name}.bias"])

    def _linear(self, x: Tensor, name: str) -> Tensor:
        return F.linear(x, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])


def _band_passes(weights: Mapping[str, Tensor]) -> Tensor:
    """Learnt band-pass filters in two phases, shape (80, 1, 251)."""
    prefix = "sincnet.conv1d.0.filterbank."
    low = _LOWEST_HZ + weights[f"{prefix}low_hz_"].abs()
    high = (low + _LOWEST_HZ + weights[f"{prefix}band_hz_"].abs()).clamp(_LOWEST_HZ, SAMPLE_RATE / 2)
    window = weights[f"{prefix}window_"]
    n_half = len(window)
    time = 2 * math.pi * torch.arange(-n_half, 0, device=low.device).float()[None] / SAMPLE_RATE
    width = 2 * (high - low)
    even = (torch.sin(high * time) - torch.sin(low * time)) / (time / 2) * window
    odd = (torch.cos(low * time) - torch.cos(high * time)) / (time / 2) * window
    cosines = torch.cat((even, width, even.flip(1)), dim=1) / width
    sines = torch.cat((odd, torch.zeros_like(width), -odd.flip(1)), dim=1) / width
    return torch.cat((cosines, sines)).unsqueeze(1)
