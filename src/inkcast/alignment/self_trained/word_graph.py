"""Words as a graph of hidden states, in every way in which they may be said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from inkcast.alignment.forced_aligner import ExpectedWord
from inkcast.alignment.self_trained.phone_model import SILENCE, STATES, PhoneModel
from inkcast.alignment.self_trained.pronunciation import Pronounce
from inkcast.alignment.self_trained.search_windows import Windows

BEGINNING = -1
"""In ``entries``: no node, but the beginning."""
NO_WORD = -1
"""In ``word``: silence."""

# Each silence lasts as long as a phone at least.
_SILENCE_STATES = 3
# Natural logarithms.
_SILENCE_COST = 2.0
_SKIPPED_WORD_COST = 20.0
_SKIPPED_PART_COST = 4.0
_MOST_FORMS = 8


class WordGraph(NamedTuple):
    """Nodes in the order of the words; all arrays but the last three have one row for each.

    Attributes:
        state: of the model.
        word: index of the word, or ``NO_WORD``.
        is_border: whether a phone or silence begins here.
        windows: as ``search_windows.py`` makes them, in ms.
        first_entry: node n is entered from ``entries[first_entry[n] : first_entry[n + 1]]``.
        entries: nodes, or ``BEGINNING``.
        costs: of each entry, natural logarithms.
        exits: nodes that may be the last.
    """

    state: NDArray[np.int64]
    word: NDArray[np.int64]
    is_border: NDArray[np.bool_]
    windows: Windows
    first_entry: NDArray[np.int64]
    entries: NDArray[np.int64]
    costs: NDArray[np.float32]
    exits: NDArray[np.int64]


def build_graph(
    words: Sequence[ExpectedWord], windows: Windows, pronounce: Pronounce, model: PhoneModel
) -> WordGraph:
    """The graph of words that all have a sound, with silence between them or not.

    Args:
        words: in order; what may be absent can be passed by.
        windows: of each.
        pronounce: in the recording's language.
        model: what phones and states there are.
    """
    build = _Builder(model)
    for index, word in enumerate(words):
        window = tuple(map(int, windows[index]))
        build.add_silence(int(windows[max(0, index - 1), 0]), window[-1])
        before = build.open
        for forms in pronounce(word.text):
            build.add_part(forms[:_MOST_FORMS], index, window)
        if word.may_be_absent:
            build.open = [*build.open, *((node, cost + _SKIPPED_WORD_COST) for node, cost in before)]
    build.add_silence(int(windows[-1, 0]), int(windows[-1, 3]))
    return build.graph()


class _Builder:
    """``open``: the nodes after which the next begins, each with what it costs to go on from there."""

    def __init__(self, model: PhoneModel) -> None:
        self._states_of = {phone: model.states_of(phone) for phone in model.phones}
        self._state: list[int] = []
        self._word: list[int] = []
        self._windows: list[tuple[int, ...]] = []
        self._entries: list[list[tuple[int, float]]] = []
        self.open: list[tuple[int, float]] = [(BEGINNING, 0.0)]

    def _add_chain(self, states: Sequence[int], word: int, window: tuple[int, ...]) -> tuple[int, float]:
        for at, state in enumerate(states):
            self._entries.append([(len(self._state) - 1, 0.0)] if at else self.open)
            self._state.append(state)
            self._word.append(word)
            self._windows.append(window)
        return len(self._state) - 1, 0.0

    def add_silence(self, earliest: int, latest: int) -> None:
        """A pause that may be there."""
        passing = self.open
        self.open = [(node, cost + _SILENCE_COST) for node, cost in passing]
        window = (earliest, earliest, latest, latest)
        self.open = [*passing, self._add_chain([SILENCE] * _SILENCE_STATES, NO_WORD, window)]

    def add_part(self, forms: Sequence[str], word: int, window: tuple[int, ...]) -> None:
        """One part of a word in any of its pronunciations."""
        ends = [(node, cost + _SKIPPED_PART_COST) for node, cost in self.open] if "" in forms else []
        for form in filter(None, forms):
            states = [state for phone in form.split() for state in self._states_of[phone]]
            ends.append(self._add_chain(states, word, window))
        self.open = ends

    def graph(self) -> WordGraph:
        flat = [entry for entries in self._entries for entry in entries]
        state = np.array(self._state)
        return WordGraph(
            state,
            np.array(self._word),
            (state == SILENCE) | ((state - 1) % STATES == 0),
            np.array(self._windows),
            np.cumsum([0, *map(len, self._entries)]),
            np.array([node for node, _ in flat]),
            np.array([cost for _, cost in flat], np.float32),
            np.array([node for node, _ in self.open if node != BEGINNING]),
        )
