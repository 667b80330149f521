"""What was spoken: the pairs of essay words and heard words that belong together."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise
from math import log2

from inkcast.wording.anchors import Run, find_anchors
from inkcast.wording.gaps import Link, Sides, link_gap
from inkcast.wording.pieces import cut
from inkcast.wording.slide import slide

# Not measured: chosen by hand.
# Links with at most this many unlinked pieces between them vouch for each other.
_CLOSE = 3
_MOST_NEED = 5.0
_LITTLE_WORD_LETTERS = 3
_JUMP_PIECES = 1000
_WEAK_QUALITY = 0.7
_GAP_COST = 0.25  # a piece
_DOUBTFUL = 0.5
# An island of so many links needs nobody to vouch for it.
_SURE_LINKS = 40
_ALL = (0.0, 1.0)
# Where the essay goes on elsewhere, text this much longer than what was heard is looked at.
_REACH = 2


@dataclass(frozen=True, slots=True)
class Heard:
    """A heard word; ``doubt`` is 1 - probability, ``essay_word`` an essay word that was verified."""

    text: str
    doubt: float = 0.0
    essay_word: int | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """Essay word ``essay`` was heard in the words ``heard`` (indexes, ascending, without holes).

    ``starts`` and ``ends`` tell where in its first and last heard word it begins and ends, 0 .. 1:
    "way" of "half way" begins at 4/7 of a heard "halfway". ``quality`` is 1 letter for letter.
    """

    essay: int
    heard: range
    starts: float
    ends: float
    quality: float


def match(
    essay: Sequence[str],
    heard: Sequence[Heard],
    language: str = "en",
    extra_readings: Mapping[str, Sequence[str]] | None = None,
) -> list[Match]:
    """Find which essay words were heard, and where.

    Anchors (rare n-grams) are chained first, then the gaps between them are linked word by word.
    Sections may stand in another order than they were read in. Time and memory grow linearly with
    the length of both in practice.

    Args:
        essay: words as written.
        heard: words as heard, in the order of the recording.
        language: ISO 639 code of both.
        extra_readings: spoken forms of written words, beside those that are known.

    Returns:
        One match for each heard essay word, in heard order. No heard piece serves two essay words,
        but parts of one heard word may ("halfway" for "half way").
    """
    sides = cut(
        essay, [word.text for word in heard], [word.doubt for word in heard], language, extra_readings
    )
    verified = _verified(sides, heard)
    anchors = find_anchors(
        [piece.key for piece in sides[0]], [piece.key for piece in sides[1]], known=_runs(verified)
    )
    fixed = {link.heard for link in verified}
    links = _drop_stray(slide(_link(sides, anchors), sides), sides, fixed)
    trusted = {sides[0][link.essay].word for link in verified}
    matches = _to_words(links, sides, trusted)
    return sorted(matches, key=lambda match: (match.heard.start, match.starts, match.essay))


def match_closely(essay: Sequence[str], heard: Sequence[Heard], language: str = "en") -> list[Match]:
    """Like ``match``, for a few words that are known to lie in the same stretch of audio.

    Nothing is searched or thrown out as a stray: every word is linked that is like its counterpart.
    """
    sides = cut(essay, [word.text for word in heard], [word.doubt for word in heard], language)
    links = link_gap(sides, range(len(sides[0])), range(len(sides[1])))
    return _to_words(links, sides, set())


def _verified(sides: Sides, heard: Sequence[Heard]) -> list[Link]:
    """The pieces of verified words, in heard order."""
    trusted = [_is_trusted(heard, index) for index in range(len(heard))]
    if not any(trusted):
        return []
    ours: dict[int, list[int]] = {}
    theirs: dict[int, list[int]] = {}
    for index, piece in enumerate(sides[0]):
        ours.setdefault(piece.word, []).append(index)
    for index, piece in enumerate(sides[1]):
        word = heard[piece.word].essay_word
        if word is not None and trusted[piece.word]:
            theirs.setdefault(word, []).append(index)
    links = [
        Link(i, j, 1.0)
        for word, places in theirs.items()
        for i, j in zip(ours.get(word, ()), places, strict=False)
    ]
    return sorted(links, key=lambda link: link.heard)


def _is_trusted(heard: Sequence[Heard], index: int) -> bool:
    """A verified word that was improbable needs one beside it that goes on from it."""
    word = heard[index].essay_word
    if word is None or heard[index].doubt <= _DOUBTFUL:
        return word is not None
    before = heard[index - 1].essay_word if index else None
    after = heard[index + 1].essay_word if index + 1 < len(heard) else None
    return (before is not None and 0 < word - before <= _CLOSE) or (
        after is not None and 0 < after - word <= _CLOSE
    )


def _runs(links: Sequence[Link]) -> list[Run]:
    runs: list[Run] = []
    for essay, heard, _ in links:
        last = runs[-1] if runs else Run(-1, -1, 0)
        if (last.essay_end, last.heard_end) == (essay, heard) and last.length:
            runs[-1] = last._replace(length=last.length + 1)
        else:
            runs.append(Run(essay, heard, 1))
    return runs


def _link(sides: Sides, anchors: Sequence[Run]) -> list[Link]:
    """The anchors' links and those found between them, by heard position."""
    starts = [*sorted(run.essay_start for run in anchors), len(sides[0])]
    ends = [0, *sorted(run.essay_end for run in anchors)]
    links: list[Link] = []
    taken: set[int] = set()
    border = Run(0, 0, 0), Run(len(sides[0]), len(sides[1]), 0)
    for run, following in pairwise([border[0], *anchors, border[1]]):
        links += (Link(run.essay_start + k, run.heard_start + k, 1.0) for k in range(run.length))
        heard = range(run.heard_end, following.heard_start)
        if not heard:
            continue
        after = range(run.essay_end, starts[bisect_left(starts, run.essay_end)])
        before = range(ends[bisect_right(ends, following.essay_start) - 1], following.essay_start)
        found = link_gap(sides, after, heard) if after == before else _link_jump(sides, after, before, heard)
        found = [link for link in found if link.essay not in taken]
        taken.update(link.essay for link in found)
        links += found
    return links


def _link_jump(sides: Sides, after: range, before: range, heard: range) -> list[Link]:
    """The reader goes on elsewhere: what was heard may end one passage and begin the other."""
    reach = _REACH * len(heard) + _CLOSE
    links = link_gap(sides, after[:reach], heard)
    if links:
        heard = range(links[-1].heard + 1, heard.stop)
    return links + link_gap(sides, before[-reach:], heard)


def _drop_stray(links: Sequence[Link], sides: Sides, fixed: Set[int]) -> list[Link]:
    """Drop a few words that happen to agree amid long stretches that do not; ``fixed`` places stay."""
    islands: list[list[Link]] = []
    for link in links:
        if islands and _is_close(islands[-1][-1], link):
            islands[-1].append(link)
        else:
            islands.append([link])
    islands = [trimmed for island in islands if (trimmed := _trim(_trim(island, sides)[::-1], sides)[::-1])]
    border = Link(-1, -1, 0.0), Link(len(sides[0]), len(sides[1]), 0.0)
    kept: list[Link] = []
    for index, island in enumerate(islands):
        # Only islands that stayed can vouch: those that were dropped are part of the gap.
        left = kept[-1] if kept else border[0]
        right = islands[index + 1][0] if index + 1 < len(islands) else border[1]
        gaps = (_distance(left, island[0]), _distance(island[-1], right))
        essay_gap, heard_gap = (min(sizes) for sizes in zip(*gaps, strict=True))
        need = min(_MOST_NEED, 0.25 * log2(1 + essay_gap) + 0.75 * log2(1 + heard_gap))
        if len(island) > _SURE_LINKS or sum(_worth(link, sides) for link in island) >= need:
            kept += island
    if fixed:
        there = {link.heard for link in kept}
        kept += (link for link in links if link.heard in fixed and link.heard not in there)
        kept.sort()
        kept.sort(key=lambda link: link.heard)
    return kept


def _trim(island: list[Link], sides: Sides) -> list[Link]:
    """Cut off the end if it hangs on by chance: a few little words with others between them."""
    rest = least = 0.0
    end = len(island)
    for at in range(len(island) - 1, -1, -1):
        rest += _worth(island[at], sides)
        if at:
            essay_gap = island[at].essay - island[at - 1].essay
            heard_gap = island[at].heard - island[at - 1].heard
            rest -= _GAP_COST * (max(0, abs(essay_gap) - 1) + max(0, abs(heard_gap) - 1))
        if rest < least:
            least, end = rest, at
        if rest > least + _MOST_NEED:
            break
    return island[:end]


def _worth(link: Link, sides: Sides) -> float:
    """What a link says for its neighbourhood; a little word taken for another speaks against it."""
    is_little = sides[0][link.essay].letters <= _LITTLE_WORD_LETTERS
    if link.quality < _WEAK_QUALITY and sides[0][link.essay].letters <= _LITTLE_WORD_LETTERS + 1:
        return -0.5
    return link.quality * (0.4 if is_little else 1.0)


def _is_close(link: Link, following: Link) -> bool:
    return 0 <= following.essay - link.essay <= _CLOSE + 1 and 0 <= following.heard - link.heard <= _CLOSE + 1


def _distance(link: Link, following: Link) -> tuple[int, int]:
    """Unlinked pieces between two links, on each side; a jump is as good as endless."""
    essay = following.essay - link.essay - 1
    return (essay if essay >= 0 else _JUMP_PIECES), max(0, following.heard - link.heard - 1)


def _to_words(links: Sequence[Link], sides: Sides, trusted: Set[int]) -> list[Match]:
    """Gather links by essay word; a word counts once half of its letters were heard, or if trusted."""
    letters: dict[int, int] = {}
    for piece in sides[0]:
        letters[piece.word] = letters.get(piece.word, 0) + piece.letters
    by_word: dict[int, list[Link]] = {}
    for link in links:
        by_word.setdefault(sides[0][link.essay].word, []).append(link)
    whole = {}
    for word, found in by_word.items():
        linked = {link.essay for link in found} if len(found) > 1 else (found[0].essay,)
        if sum(sides[0][place].letters for place in linked) * 2 >= letters[word] or word in trusted:
            whole[word] = found
    shares = _shares(whole, sides)
    matches = []
    for word, found in whole.items():
        spoken = [sides[1][link.heard].word for link in found]
        first, last = min(spoken), max(spoken)
        quality = sum(link.quality for link in found) / len(found)
        starts, ends = shares.get((first, word), _ALL)[0], shares.get((last, word), _ALL)[1]
        matches.append(Match(word, range(first, last + 1), starts, ends, quality))
    return matches


def _shares(by_word: dict[int, list[Link]], sides: Sides) -> dict[tuple[int, int], tuple[float, float]]:
    """For (heard word, essay word): which part of the heard word is this essay word's, by letters.

    Heard words that belong to one essay word alone are left out: all of them is that word's.
    """
    owner: dict[int, int] = {}
    shared: set[int] = set()
    for word, found in by_word.items():
        for link in found:
            if owner.setdefault(sides[1][link.heard].word, word) != word:
                shared.add(sides[1][link.heard].word)
    if not shared:
        return {}
    fan = Counter(link.essay for found in by_word.values() for link in found)
    claims: dict[int, dict[int, float]] = {}
    ordered = sorted(
        (link.heard, link.essay)
        for found in by_word.values()
        for link in found
        if sides[1][link.heard].word in shared
    )
    for heard, essay in ordered:
        piece = sides[0][essay]
        claim = claims.setdefault(sides[1][heard].word, {})
        claim[piece.word] = claim.get(piece.word, 0.0) + piece.letters / fan[essay]
    shares = {}
    for heard, claim in claims.items():
        total, done = sum(claim.values()), 0.0
        for word, size in claim.items():
            shares[heard, word] = (done / total, (done + size) / total)
            done += size
    return shares
