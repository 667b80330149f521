"""``--model auto``: which of the weights on this machine suit the task. Measurements: docs/models.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inkcast.errors import ModelError
from inkcast.essays.essay import Essay
from inkcast.speech.models.model_catalog import CatalogueEntry, installed_transcribers

# Words that make up a quarter of any English text and hardly occur elsewhere.
_ENGLISH = frozenset({"the", "of", "and", "to", "is", "that", "for", "it", "with", "this"})
_ENGLISH_SHARE = 0.1
_ENOUGH_WORDS = 30
# Beyond this size (millions of parameters) a CPU transcribes slower than people listen to twice.
_LARGEST_ON_CPU = 250


@dataclass(frozen=True, slots=True)
class Choice:
    """A model's name, and why it was chosen."""

    model: str
    reason: str


def choose_model(
    device: str,
    language: str | None = None,
    essay: Essay | None = None,
    catalogue: Sequence[CatalogueEntry] | None = None,
) -> Choice:
    """Choose from what is installed.

    With an English essay the smallest English model is as good as any: the essay spells the names.
    Without one, accuracy grows with size; a CPU sets the limit.

    Args:
        device: what it will run on.
        language: ISO code if it is known.
        essay: the text that was read, if there is one.
        catalogue: the models that may be chosen; those on this machine if None.

    Raises:
        ModelError: none suits; the hint names one to fetch.
    """
    if catalogue is None:
        catalogue = installed_transcribers()
    english = language == "en" or (language is None and essay is not None and looks_english(essay))
    suitable = [entry for entry in catalogue if english or entry.languages == "multilingual"]
    if not suitable and language is None and essay is None:
        # Nothing is known of the language: English is the likeliest.
        suitable = list(catalogue)
    if device == "cpu":
        suitable = [entry for entry in suitable if entry.parameters <= _LARGEST_ON_CPU] or suitable
    if not suitable:
        wanted = "tiny.en" if english else "base"
        raise ModelError(
            f"No installed model understands {'English' if english else language or 'this essay'}.",
            f"Run: inkcast models pull {wanted}",
        )
    # Of two of one size the English one hears English better.
    if essay is not None and english:
        chosen = min(suitable, key=lambda entry: (entry.parameters, entry.languages != "en"))
        return Choice(chosen.name, "guided by the essay, a small model is as accurate as a large one")
    chosen = max(suitable, key=lambda entry: (entry.parameters, entry.languages == "en" and english))
    return Choice(chosen.name, f"the most accurate installed one that is fast on {device}")


def choose_multilingual(device: str, catalogue: Sequence[CatalogueEntry] | None = None) -> str | None:
    """The largest installed model that knows other languages than English, or None.

    Args:
        device: what it will run on; on a CPU only what is fast there.
        catalogue: the models that may be chosen; those on this machine if None.
    """
    if catalogue is None:
        catalogue = installed_transcribers()
    known = [entry for entry in catalogue if entry.languages == "multilingual"]
    fast = [entry for entry in known if device != "cpu" or entry.parameters <= _LARGEST_ON_CPU]
    best = max(fast or known, key=lambda entry: entry.parameters, default=None)
    return best.name if best else None


def looks_english(essay: Essay) -> bool:
    """Whether the essay says that it is English, or is written like it."""
    if essay.language:
        return essay.language.lower().partition("-")[0] == "en"
    words = [word.text.lower() for word in essay.words()]
    if len(words) < _ENOUGH_WORDS:
        return True
    return sum(word in _ENGLISH for word in words) / len(words) >= _ENGLISH_SHARE
