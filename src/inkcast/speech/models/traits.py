"""What was measured of a model's hearing. Figures: docs/guided.md, docs/models.md."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModelTraits:
    """What guided transcription has to know of a model. ``models/catalog.toml`` has these fields, too.

    The defaults are for models that nobody measured: the limits are those of tiny.en, and no bias.

    Attributes:
        attention_bias_ms: how late its cross-attention times are on read speech.
        evidence_nats: by how much what is heard must be likelier than the essay's word to replace it;
            words that were said lose by 2 to 5 at times.
        rare_evidence_nats: the same for names and rare words, which a small model seldom finds by itself.
        left_out: a word that is less probable than this, and has no time either, was left out.
        impossible: no plain word that was said is as improbable as this.
    """

    attention_bias_ms: int = 0
    evidence_nats: float = 6.0
    rare_evidence_nats: float = 9.0
    left_out: float = 0.001
    impossible: float = 1e-6
