"""Names as an archive writes them: what a model that never read it would misspell."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from rapidfuzz import fuzz, process

from inkcast.essays.essay import Essay
from inkcast.essays.punctuation import ends_in_stop
from inkcast.wording.likeness import likeness
from inkcast.wording.normal import fold, pieces

# A name's own letters: what stands around them is the sentence's.
_CORE = re.compile(r"\w(?:\S*\w)?")
_POSSESSIVE = re.compile(r"['’]s\Z")
_CONTRACTION = re.compile(r"['’]")
_VERSION = re.compile(r"\d[\d.]*\w?\Z")
_RUNNING = frozenset(("paragraph", "list_item", "quote"))
# Not measured: chosen by hand.
_SHORTEST_KEY = 2
_SHORTEST_ALIKE = 3
_ENDINGS = ("s", "es", "ed", "n", "an", "'s")
_MOST_ALIKE = 3
_LEAST_RATIO = 35


def key_of(text: str) -> str:
    """Letters and digits of one or several words, joined: equal if they sound the same whatever the spaces.

    >>> key_of("GPT-5.5"), key_of("open AI")
    ('gpt5.5', 'openai')
    """
    return "".join(piece if piece[0].isdigit() else fold(piece) for piece in pieces(text))


@dataclass(frozen=True, slots=True)
class NameCounts:
    """How often a text writes each key: as a name in each form, as a plain word, as two neighbours."""

    forms: Mapping[str, Counter[str]]
    plain: Counter[str]
    neighbours: Counter[str]


def count_names(essay: Essay) -> NameCounts:
    """What a text shows of names.

    A sentence's beginning proves nothing, and a title's capitals neither. With a version that follows it
    ("Opus 4.5") a name is another.
    """
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    plain: Counter[str] = Counter()
    neighbours: Counter[str] = Counter()
    for words, starts in _blocks(essay):
        for word, is_start in zip(words, starts, strict=True):
            key = key_of(word)
            if word[0].islower() and not _is_odd(word):
                plain[key] += 1
            elif len(key) >= _SHORTEST_KEY and not _CONTRACTION.search(word) and word[0].isalpha():
                forms[key][word] += not is_start or _is_odd(word)
        for before, word in pairwise(words):
            neighbours[key_of(before + word)] += 1
            if _VERSION.match(word) and "." in word and before[0].isupper():
                forms[key_of(f"{before} {word}")][f"{before} {word}"] += 1
    return NameCounts(forms, plain, neighbours)


def names_of(texts: Iterable[NameCounts]) -> tuple[str, ...]:
    """The names in an archive's texts, each as it is written most often, the most frequent first.

    A name is a word that no text writes with a small letter at its beginning, nor mostly as two words.
    """
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    plain: Counter[str] = Counter()
    neighbours: Counter[str] = Counter()
    for text in texts:
        plain.update(text.plain)
        neighbours.update(text.neighbours)
        for key, form in text.forms.items():
            forms[key].update(form)
    found = []
    for key, form in forms.items():
        written, count = min(form.items(), key=lambda each: (-each[1], each[0]))
        if count and not plain[key] and (" " in written or neighbours[key] <= count):
            found.append((-count, written))
    return tuple(written for _, written in sorted(found))


def _blocks(essay: Essay) -> Iterator[tuple[list[str], list[bool]]]:
    """The words of each block of running text, bare, and whether each may begin a sentence."""
    blocks: dict[int, tuple[list[str], list[bool]]] = defaultdict(lambda: ([], []))
    before = ""
    for word in essay.words():
        bare = _CORE.search(word.text)
        if bare and essay.blocks[word.block].kind in _RUNNING:
            words, starts = blocks[word.block]
            # Behind an opening quotation mark a sentence may begin, too.
            starts.append(not words or ends_in_stop(before, colon=True) or bare.start() > 0)
            words.append(_POSSESSIVE.sub("", bare[0]))
            before = word.text
    yield from blocks.values()


def _is_odd(word: str) -> bool:
    """Whether no plain word is written so: capitals inside, digits among letters."""
    letters = any(char.isalpha() for char in word)
    return any(char.isupper() for char in word[1:]) or (letters and any(char.isdigit() for char in word))


@dataclass(frozen=True)
class Vocabulary:
    """Names to be found by how they sound.

    Attributes:
        names: as they are written.
    """

    names: tuple[str, ...]

    @cached_property
    def _by_key(self) -> dict[str, str]:
        return {key: name for name in reversed(self.names) if len(key := key_of(name)) >= _SHORTEST_KEY}

    @cached_property
    def _keys(self) -> Sequence[str]:
        return tuple(key for key in self._by_key if len(key) >= _SHORTEST_ALIKE)

    @cached_property
    def _versioned(self) -> frozenset[str]:
        """Keys of names that stand before a version, with a space between."""
        parts = (name.rpartition(" ") for name in self.names)
        return frozenset(key_of(name) for name, _, version in parts if name and _VERSION.match(version))

    def written(self, key: str) -> str | None:
        """The name with exactly these letters and digits."""
        return self._by_key.get(key)

    def with_version(self, text: str) -> str | None:
        """ "GPT-5.5" as "GPT 5.5", if that is how versions are written behind this name."""
        name, _, version = text.rpartition("-")
        return f"{name} {version}" if _VERSION.match(version) and key_of(name) in self._versioned else None

    def is_odd(self, key: str) -> bool:
        """Whether the name is written as no plain word is."""
        name = self._by_key.get(key, "")
        return sum(char.isupper() or char.isdigit() for char in name) >= _SHORTEST_KEY

    def alike(self, key: str, least: float) -> list[tuple[float, str]]:
        """The few names most like what was heard, best first, with their likeness of at least ``least``."""
        if len(key) < _SHORTEST_ALIKE:
            return []
        near = process.extract(key, self._keys, scorer=fuzz.ratio, score_cutoff=_LEAST_RATIO, limit=20)
        likely = [
            (likeness(key, found), self._by_key[found]) for found, _, _ in near if not _is_form(key, found)
        ]
        return sorted((pair for pair in likely if pair[0] >= least), reverse=True)[:_MOST_ALIKE]


def _is_form(heard: str, name: str) -> bool:
    """Whether one is the other's plural or the like: which of them was said only the ear can tell."""
    return heard != name and any(heard + end == name or name + end == heard for end in _ENDINGS)
