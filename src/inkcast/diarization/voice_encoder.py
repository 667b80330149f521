"""CAM++: what a voice sounds like, as a vector.

Source: Wang et al. 2023, "CAM++: A Fast and Efficient Network for Speaker Verification Using Context-Aware
Masking" (arXiv 2303.00332). The weights are 3D-Speaker's, trained on 200,000 Chinese and English speakers.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

EMBEDDING_SIZE = 192
FRAMES_A_STEP = 2
"""The network looks at every second frame after its first layer."""

_DILATIONS = {1: 1, 2: 2, 3: 2}
_LAYERS = {1: 12, 2: 24, 3: 16}
_CONTEXT = 100
_EPSILON = 1e-5


class VoiceEncoder:
    """The network with its weights.

    Args:
        weights: 3D-Speaker's state dict.
        device: where it runs.
    """

    def __init__(self, weights: Mapping[str, Tensor], device: torch.device) -> None:
        self._weights = {
            name: value.to(device) for name, value in weights.items() if value.is_floating_point()
        }
        self._norms: dict[str, tuple[Tensor, Tensor]] = {}
        self._device = device

    @torch.inference_mode()  # type: ignore[untyped-decorator]
    def embed(self, frames: Tensor, shares: Tensor) -> Tensor:
        """Embeddings of length 1 of voices in a batch of windows.

        Args:
            frames: shape (n_windows, n_frames, 80), the mean of each band over the window taken off.
            shares: how much each voice counts in each step, shape (n_windows, n_voices, ceil(n_frames / 2)).

        Returns:
            Shape (n_windows, n_voices, 192).
        """
        steps = self._trunk(frames.to(self._device))
        shares = shares.to(self._device)
        weights = shares / shares.sum(-1, keepdim=True).clamp_min(_EPSILON)
        mean = torch.einsum("wct,wvt->wvc", steps, weights)
        square = torch.einsum("wct,wvt->wvc", steps**2, weights)
        deviation = (square - mean**2).clamp_min(_EPSILON).sqrt()
        statistics = torch.cat((mean, deviation), dim=-1)
        dense = statistics @ self._weights["xvector.dense.linear.weight"][:, :, 0].T
        scale, shift = self._norm("xvector.dense.nonlinear.batchnorm")
        return F.normalize(dense * scale + shift, dim=-1).cpu()

    def _trunk(self, frames: Tensor) -> Tensor:
        """Features of each step, shape (n_windows, 512, n_steps)."""
        x = self._head(frames.transpose(1, 2).unsqueeze(1))
        x = F.conv1d(x, self._weights["xvector.tdnn.linear.weight"], stride=2, padding=2)
        x = self._norm_relu(x, "xvector.tdnn.nonlinear.batchnorm")
        for block, n_layers in _LAYERS.items():
            for layer in range(1, n_layers + 1):
                x = torch.cat((x, self._layer(x, f"xvector.block{block}.tdnnd{layer}", _DILATIONS[block])), 1)
            x = self._norm_relu(x, f"xvector.transit{block}.nonlinear.batchnorm")
            x = F.conv1d(x, self._weights[f"xvector.transit{block}.linear.weight"])
        return self._norm_relu(x, "xvector.out_nonlinear.batchnorm")

    def _head(self, x: Tensor) -> Tensor:
        """Two-dimensional convolutions: shape (n, 1, 80, n_frames) to (n, 320, n_frames)."""
        x = F.relu(self._conv(x, "head.conv1", "head.bn1", padding=1))
        for layer in ("head.layer1", "head.layer2"):
            for index, stride in ((0, (2, 1)), (1, (1, 1))):
                name = f"{layer}.{index}"
                y = F.relu(self._conv(x, f"{name}.conv1", f"{name}.bn1", stride, 1))
                y = self._conv(y, f"{name}.conv2", f"{name}.bn2", padding=1)
                if index == 0:
                    x = self._conv(x, f"{name}.shortcut.0", f"{name}.shortcut.1", stride)
                x = F.relu(x + y)
        x = F.relu(self._conv(x, "head.conv2", "head.bn2", (2, 1), 1))
        return x.flatten(1, 2)

    def _layer(self, x: Tensor, name: str, dilation: int) -> Tensor:
        x = self._norm_relu(x, f"{name}.nonlinear1.batchnorm")
        x = F.conv1d(x, self._weights[f"{name}.linear1.weight"])
        x = self._norm_relu(x, f"{name}.nonlinear2.batchnorm")
        kernel = self._weights[f"{name}.cam_layer.linear_local.weight"]
        y = F.conv1d(x, kernel, padding=dilation, dilation=dilation)
        near = F.avg_pool1d(x, _CONTEXT, _CONTEXT, ceil_mode=True)
        context = x.mean(-1, keepdim=True) + near
        context = F.relu(self._affine(context, f"{name}.cam_layer.linear1"))
        mask = torch.sigmoid(self._affine(context, f"{name}.cam_layer.linear2"))
        return y * mask.repeat_interleave(_CONTEXT, dim=-1)[..., : y.shape[-1]]

    def _affine(self, x: Tensor, name: str) -> Tensor:
        return F.conv1d(x, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])

    def _conv(
        self, x: Tensor, name: str, norm: str, stride: tuple[int, int] = (1, 1), padding: int = 0
    ) -> Tensor:
        scale, shift = self._norm(norm)
        kernel = self._weights[f"{name}.weight"] * scale[:, None, None, None]
        return F.conv2d(x, kernel, shift, stride, padding)

    def _norm_relu(self, x: Tensor, name: str) -> Tensor:
        scale, shift = self._norm(name)
        return F.relu(x * scale[:, None] + shift[:, None])

    def _norm(self, name: str) -> tuple[Tensor, Tensor]:
        """A batch normalisation as a factor and a summand for each channel."""
        if name not in self._norms:
            deviation = (self._weights[f"{name}.running_var"] + _EPSILON).sqrt()
            scale = self._weights.get(f"{name}.weight", torch.ones_like(deviation)) / deviation
            shift = -self._weights[f"{name}.running_mean"] * scale
            self._norms[name] = scale, shift + self._weights.get(f"{name}.bias", torch.zeros_like(shift))
        return self._norms[name]
