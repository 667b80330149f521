"""Which aligners there are, and which languages they know."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from threading import Thread

from inkcast.alignment.forced_aligner import ForcedAligner
from inkcast.errors import InkcastError, SettingsError
from inkcast.options import AlignOptions


@dataclass(frozen=True, slots=True)
class AlignerKind:
    """How to open an aligner for a language, and which (ISO codes) it knows; none stands for all."""

    languages: Collection[str]
    open: Callable[[str], AbstractContextManager[ForcedAligner]]

    def knows(self, language: str) -> bool:
        """Whether it can align this language (ISO code or tag)."""
        return not self.languages or language.lower().partition("-")[0] in self.languages


def _self_trained(language: str) -> AbstractContextManager[ForcedAligner]:
    from inkcast.alignment.self_trained.self_trained_aligner import SelfTrainedAligner

    return nullcontext(SelfTrainedAligner(language))


ALIGNERS: dict[str, AlignerKind] = {"self-trained": AlignerKind((), _self_trained)}
"""By name; "auto" takes the first that knows the language."""


def open_aligner(
    language: str, options: AlignOptions = AlignOptions()
) -> AbstractContextManager[ForcedAligner | None]:
    """The aligner for a language; None where none knows it, or none is wanted.

    Raises:
        SettingsError: there is no aligner of that name.
    """
    if options.aligner not in ("auto", *ALIGNERS):
        raise SettingsError(
            f"There is no aligner {options.aligner!r}.", f"Choose from auto, {', '.join(ALIGNERS)}."
        )
    names = ALIGNERS if options.aligner == "auto" else (options.aligner,)
    known = [ALIGNERS[name] for name in names if ALIGNERS[name].knows(language)]
    return known[0].open(language) if options.refine and known else nullcontext()


def load_aligner_ahead(language: str, options: AlignOptions = AlignOptions()) -> None:
    """Load in a thread what ``open_aligner`` will need, beside a model that is loaded or hears.

    What cannot be loaded is told by ``open_aligner``.
    """

    def load() -> None:
        with suppress(InkcastError), open_aligner(language, options):
            pass

    Thread(target=load, name="aligner").start()
