"""The essay as Whisper would write it, and the search for a place in it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from inkcast.essays.essay import SELDOM_READ, Essay
from inkcast.essays.punctuation import ends_in_stop
from inkcast.speech.engines.tokenizer import Tokenizer
from inkcast.unicode_forms import normalized
from inkcast.wording.likeness import likeness

_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": "", "”": "", '"': "", "«": "", "»": "", "„": ""})
_UNWRITTEN = re.compile(r"[()\[\]{}~*_<>|]")
_EXPONENT = re.compile(r"(?<=[0-9)])[⁺⁻]?[⁰¹²³⁴-⁹]+")
_RAISED = re.compile(r"[⁰¹²³⁴-⁹]+")
_NOTE = re.compile(r"(?<=[^\W\d_]{2})[⁰¹²³⁴-⁹]+|(?<=\S)\[\d{1,3}\]|\A\[\d{1,3}\](?=\W*\Z)")
_GLUED_SENTENCE = re.compile(r"(?<=[a-z0-9][.!?])(?=[A-Z][a-z])")
_DASHES = re.compile(r"[–—]+")
_NAME = re.compile(r"[A-Z][\w.-]*[\w]|[a-z]+[A-Z]\w*")
_AROUND_WORDS = " .,;:!?()[]{}\"'“”‘’—–"
_SPOKEN = re.compile(r"\w")
# Not measured: chosen by hand, as are the numbers in ``Match``. That misheard words are bridged is
# measured in docs/guided.md.
_MISHEARD_LIKENESS = 0.6
_NEAR_WORDS = 2
_BRIDGE_WORDS = 8
_BRIDGE_SLACK_WORDS = 3
_NEAR_RESTART_WORDS = (2, 3)
_LONGEST_RESTART_WORDS = 25
# Bylines, dates and headings that are marked as none.
_MOST_HEADING_WORDS = 12


@dataclass(frozen=True, slots=True)
class DraftWord:
    """One essay word as the model is asked about it.

    Attributes:
        essay_word: index in ``Essay.words()``.
        place: index in ``Draft.words``.
        block: index in ``Essay.blocks``.
        text: as the transcript shows it, with a leading space if the essay has one.
        key: letters and digits only, casefolded, for comparison.
        tokens: of the text as Whisper would write it; empty for a lone dash.
        content: which tokens hold letters or digits; only those are judged.
        follows_in_block: whether a word of the same block stands before it.
    """

    essay_word: int
    place: int
    block: int
    text: str
    key: str
    tokens: tuple[int, ...]
    content: tuple[int, ...]
    follows_in_block: bool = False


def word_key(text: str) -> str:
    """Letters and digits, casefolded and decomposed: what two spellings of a word share."""
    folded = normalized("NFKD", text).casefold()
    return "".join(char for char in folded if char.isalnum())


def as_whisper_writes(word: str, language: str = "en") -> str:
    """Straight apostrophes, no quotation marks or brackets, sentences apart; with leading space.

    Exponents as they are said: tiny.en takes "10 to the 26" for 100 times likelier than "1026".
    """
    word = _UNWRITTEN.sub("", _NOTE.sub("", word).translate(_QUOTES))
    if language == "en":
        word = _EXPONENT.sub(_as_said, word)
    word = _RAISED.sub(lambda found: normalized("NFKC", found[0]), word)
    word = _GLUED_SENTENCE.sub(" ", word)
    word = _DASHES.sub(" ", word).strip()
    return f" {word}" if _SPOKEN.search(word) else ""


def _as_said(exponent: re.Match[str]) -> str:
    number = normalized("NFKC", exponent[0]).replace("−", "minus ").replace("+", "")
    return {"2": " squared", "3": " cubed"}.get(number, f" to the {number}")


class Draft:
    """The words of an essay, ready to be verified. A *place* is an index in ``words``.

    ``headings`` are the blocks that a reader may pass over: titles, headings, and what is as short.
    """

    def __init__(self, essay: Essay, tokenizer: Tokenizer) -> None:
        words: list[DraftWord] = []
        end = -1, -1
        for index, word in enumerate(essay.words()):
            space = "" if (word.block, word.char_start) == end else " "
            end = word.block, word.char_end
            tokens = tuple(tokenizer.encode(as_whisper_writes(word.text, tokenizer.language)))
            if tokens:
                content = [i for i, token in enumerate(tokens) if _SPOKEN.search(tokenizer.decode((token,)))]
                words.append(
                    DraftWord(
                        essay_word=index,
                        place=len(words),
                        block=word.block,
                        text=space + word.text,
                        key=word_key(word.text),
                        tokens=tokens,
                        content=tuple(content) or tuple(range(len(tokens))),
                        follows_in_block=bool(words) and words[-1].block == word.block,
                    )
                )
        self.words = tuple(words)
        lengths = Counter(word.block for word in words)
        self.headings = frozenset(
            i
            for i, block in enumerate(essay.blocks)
            if block.kind in ("title", "heading") or lengths[i] <= _MOST_HEADING_WORDS
        )
        self._seldom = frozenset(i for i, block in enumerate(essay.blocks) if block.kind in SELDOM_READ)
        self._places: dict[tuple[str, str], list[int]] = defaultdict(list)
        for place, (first, second) in enumerate(pairwise(words)):
            self._places[first.key, second.key].append(place)

    def names(self, most: int) -> list[str]:
        """The essay's names and rare words, the most frequent first: what a model would misspell."""
        counts: Counter[str] = Counter()
        starts = True
        for word in self.words:
            text = word.text.strip(_AROUND_WORDS).removesuffix("'s").removesuffix("’s")
            if not starts and _NAME.fullmatch(text):
                counts[text] += 1
            starts = ends_in_stop(word.text, colon=True)
        return [name for name, _ in counts.most_common(most)]

    def __len__(self) -> int:
        return len(self.words)

    def after(self, place: int) -> int:
        """Where a reader goes on after ``place``: blocks that are seldom read are passed over.

        They stay findable: a reader who does read them is followed.
        """
        block = self.words[place].block
        place += 1
        while place < len(self.words) and self._is_passed_over(place, block):
            place += 1
        return place

    def _is_passed_over(self, place: int, inside: int) -> bool:
        return self.words[place].block in self._seldom and self.words[place].block != inside

    def begin(self, heard: Sequence[str], match: Match) -> int:
        """The place of the first heard word, though the words before the match were misheard.

        Readers pause between sentences, so what begins after a pause begins a sentence, unless its first
        word says otherwise. What is heard before a sentence's first word is a breath.
        """
        if self._opens_sentence(match.first_place):
            return match.first_place
        place = match.first_place - match.first_heard
        near = sorted(
            range(max(0, place - _NEAR_WORDS), place + _NEAR_WORDS + 1), key=lambda other: abs(other - place)
        )
        same = (other for other in near if other <= match.first_place and self.words[other].key == heard[0])
        return next(same, next((other for other in near if self._opens_sentence(other)), place))

    def restarts(self, place: int) -> list[int]:
        """Where a reader who broke off before ``place`` may begin again: the sentence, or a little before."""
        first = max(0, place - 1)
        while first > max(0, place - _LONGEST_RESTART_WORDS) and not self._opens_sentence(first):
            first -= 1
        near = {place - back for back in _NEAR_RESTART_WORDS if back <= place}
        return sorted({first, *near} if self._opens_sentence(first) and first < place - 1 else near)

    def _opens_sentence(self, place: int) -> bool:
        if not 0 < place < len(self.words):
            return place == 0
        before = self.words[place - 1]
        return before.block != self.words[place].block or ends_in_stop(before.text)

    def ahead(self, place: int, max_tokens: int, unread: frozenset[int] = frozenset()) -> list[DraftWord]:
        """The words a reader at ``place`` is expected to say next.

        Blocks that are seldom read are passed over, unless ``place`` is inside one; so are ``unread`` ones.
        """
        expected: list[DraftWord] = []
        inside = self.words[place].block if place < len(self.words) else -1
        for word in self.words[place:]:
            if self._is_passed_over(word.place, inside) or word.block in unread:
                continue
            max_tokens -= len(word.tokens)
            if max_tokens < 0:
                break
            expected.append(word)
        return expected

    def find(self, heard: Sequence[str], expected: int) -> Match | None:
        """Where free speech falls back into the essay.

        Every pair of heard words that stands in the essay votes for a diagonal; the run of the
        longest stretch wins, ties go to the place nearest to ``expected``, rather after it than before.

        Args:
            heard: keys of heard words, in order.
            expected: index in ``words`` where the reader should be.
        """
        runs: list[Match] = []
        seen: set[tuple[int, int]] = set()
        for i, pair in enumerate(pairwise(heard)):
            for place in self._places.get(pair, ()):
                if (i, place) not in seen:
                    runs.append(self._extend(heard, i, place, seen))
        best = max(runs, key=lambda run: _rank(run, expected), default=None)
        if best is None or not best.is_certain(expected):
            return None
        for run in reversed(runs):
            if run.leads_to(best):
                best = replace(best, first_heard=run.first_heard, first_place=run.first_place)
        return self._extend_back(heard, best)

    def _extend_back(self, heard: Sequence[str], match: Match) -> Match:
        """Take in words before the match that were misheard: "so, fun the" for "so fund the"."""
        i, place = match.first_heard, match.first_place
        while i > 0 and place > 0 and likeness(heard[i - 1], self.words[place - 1].key) >= _MISHEARD_LIKENESS:
            i, place = i - 1, place - 1
        return replace(match, first_heard=i, first_place=place)

    def _extend(self, heard: Sequence[str], i: int, place: int, seen: set[tuple[int, int]]) -> Match:
        """Follow a diagonal, forgiving single words that were misheard or split."""
        start, matched, weight, misses = (i, place), 0, 0, 0
        last = start
        while i < len(heard) and place < len(self.words) and misses < 2:
            if heard[i] == self.words[place].key:
                seen.add((i, place))
                matched, misses, last = matched + 1, 0, (i, place)
                weight += len(heard[i])
                i, place = i + 1, place + 1
                continue
            misses += 1
            step = self._resume(heard, i, place)
            i, place = i + step[0], place + step[1]
        return Match(*start, *last, matched, weight)

    def _resume(self, heard: Sequence[str], i: int, place: int) -> tuple[int, int]:
        for step in ((1, 1), (1, 2), (2, 1), (0, 1), (1, 0)):
            pair = tuple(heard[i + step[0] : i + step[0] + 2])
            there = tuple(word.key for word in self.words[place + step[1] : place + step[1] + 2])
            if len(pair) == 2 and pair == there:
                return step
        return 1, 1


@dataclass(frozen=True, slots=True)
class Match:
    """Heard words ``first_heard..last_heard`` stand at ``first_place..last_place`` of the draft."""

    first_heard: int
    first_place: int
    last_heard: int
    last_place: int
    matched: int
    weight: int

    def is_certain(self, expected: int) -> bool:
        """Far from the expected place it takes more evidence: "in the last few" stands anywhere."""
        near = -3 <= self.first_place - expected <= 60
        return self.matched >= 2 and self.weight >= 7 if near else self.matched >= 4 and self.weight >= 16

    def leads_to(self, other: Match) -> bool:
        """Whether a few misheard words lie between this run and ``other``, and nothing else."""
        heard = other.first_heard - self.last_heard
        places = other.first_place - self.last_place
        return (
            0 < heard <= _BRIDGE_WORDS
            and 0 < places <= _BRIDGE_WORDS
            and abs(heard - places) <= _BRIDGE_SLACK_WORDS
        )


def _rank(match: Match, expected: int) -> tuple[int, int, int]:
    distance = match.first_place - expected
    return (min(match.weight, 60), -match.first_heard, -abs(distance) - (5 if distance < 0 else 0))
