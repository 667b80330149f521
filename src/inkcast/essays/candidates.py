"""Which of several sources has the essay that was read, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from inkcast.errors import EssayError
from inkcast.essays.boilerplate import is_cut_off
from inkcast.essays.essay import SELDOM_READ, Essay
from inkcast.feeds.content import MIN_WORDS_PER_MINUTE

SourceName = Literal["show page", "content", "link"]

_CALLED: dict[SourceName, str] = {
    "show page": "the show's page",
    "content": "the text in the feed",
    "link": "the episode's page",
}

_MIN_COVERAGE = 0.5
# No other text could be much more of what is read: it need not be asked for.
_NEARLY_ALL = 0.9
# A teaser of a short episode may have words enough for its length; it ends in dots all the same.
_MAX_TEASER_WORDS = 150


@dataclass(frozen=True, slots=True)
class Candidate:
    """A source that could have the essay.

    Attributes:
        name: which.
        essay: what it gave; None if it gave none.
        problem: why it gave none.
        coverage: share of its words that the recording contains, 0 to 1, if it has been aligned.
        is_gone: there is nothing any more where it was.
    """

    name: SourceName
    essay: Essay | None = None
    problem: str = ""
    coverage: float | None = None
    is_gone: bool = False


def objection(candidate: Candidate, duration_ms: int | None) -> str:
    """Why a candidate is not the essay of a recording of that length; empty if nothing speaks against it."""
    essay = candidate.essay
    if essay is None:
        return candidate.problem or "it has no text"
    if candidate.coverage is not None and candidate.coverage < _MIN_COVERAGE:
        return f"the recording has {candidate.coverage:.0%} of its words"
    texts = [block.text for block in essay.blocks if block.kind not in SELDOM_READ]
    n_words = sum(len(text.split()) for text in texts)
    minutes = (duration_ms or 0) / 60_000
    if n_words < MIN_WORDS_PER_MINUTE * minutes:
        return f"a teaser or notes: {n_words} words for {minutes:.0f} minutes"
    if n_words < _MAX_TEASER_WORDS and texts and is_cut_off(texts[-1]):
        return f"a teaser: it ends in “{texts[-1][-12:]}”"
    return ""


def choose(candidates: Iterable[Candidate], duration_ms: int | None) -> Essay:
    """Take the first source that nothing speaks against.

    Candidates may be made while they are looked at: those behind the first good one, which could cost
    a download, are not asked for. If some have been aligned, the one with the best coverage wins;
    nearly all of its words are good enough.

    Args:
        candidates: best first.
        duration_ms: the recording's length, if known.

    Returns:
        The essay, with ``chosen`` saying which source it is and what was wrong with those before it.

    Raises:
        EssayError: something speaks against each of them; the message says what.
    """
    passed_over: list[str] = []
    aligned: list[Candidate] = []
    for candidate in candidates:
        reason = objection(candidate, duration_ms)
        if reason:
            passed_over.append(f"{_CALLED[candidate.name]}: {reason}")
        elif candidate.coverage is not None:
            aligned.append(candidate)
            if candidate.coverage >= _NEARLY_ALL:
                break
        elif not aligned:
            return _taken(candidate, passed_over)
    if aligned:
        return _taken(max(aligned, key=lambda candidate: candidate.coverage or 0.0), passed_over)
    if not passed_over:
        raise EssayError("No source of the essay was found.", "Give its file or address.")
    raise EssayError(
        f"No source has the whole essay ({'; '.join(passed_over)}).", "Give its file or address yourself."
    )


def _taken(candidate: Candidate, passed_over: list[str]) -> Essay:
    assert candidate.essay is not None
    reason = _CALLED[candidate.name]
    if candidate.coverage is not None:
        reason += f", {candidate.coverage:.0%} of which is in the recording"
    if passed_over:
        reason += f" (not {'; '.join(passed_over)})"
    return replace(candidate.essay, chosen=reason)
