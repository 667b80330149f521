"""What was said, as one stream of words in the order of time: the ground of every text format.

Inputs come from anywhere: our own alignments, Whisper's JSON with or without word times, a
publisher's subtitles. Times may overlap, run backwards or be missing. Here they become a stream
whose starts never decrease, so that the writers need no defences of their own.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from inkcast.alignment.alignment import AlignedWord, Alignment, Extra
from inkcast.essays.punctuation import ends_in_stop
from inkcast.speech.transcript import Segment, Transcript

# These three times are not measured: chosen by hand.
WORD_MS = 300
"""How long a word takes that nothing is known about: about 200 words a minute."""

LEAST_WORD_MS = 60
"""Nobody says words faster than that: 1,000 a minute."""

SECTION_JUMP_MS = 1_000
"""Essay words further apart than this may belong to sections that were read in another order."""

# What somebody says inside another's turn, as "mhm" or "oh, right": so many words, for which the other one
# stops no longer than this, and of whose own words there are several times as many.
_ASIDE_WORDS = 3
_ASIDE_MS = 1_500
_ASIDE_SHARE = 4

_APART = ("title", "heading")

# Controls other than white space, surrogates, invisible marks, and the bidirectional embeddings,
# overrides and isolates: cut apart by a line break they would turn the rest of a display around.
_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
UNSPACED = (
    "[\u2e80-\u2fdf\u3000-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
)
"""Chinese and Japanese: written without spaces, so that a line may end after any character."""

WORD_JOINER = "\u2060"
"""Nobody sees it, and it keeps two characters from being read as markup."""

_UNSPACED_END = re.compile(UNSPACED + "$")
_UNSPACED_START = re.compile("^" + UNSPACED)

_ABBREVIATION = re.compile(
    r"^\W*(?:mr|mrs|ms|dr|prof|st|vs|cf|al|etc|no|fig|eq|ch|vol|inc|ltd|approx|e\.g|i\.e|\d{1,2}|[a-z](?:\.[a-z])*)\.$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word in the order of speech.

    Attributes:
        text: no white space, no control characters, never empty.
        start_ms: never before the start of the word before it.
        end_ms: at or after ``start_ms``, never after the start of the next word.
        speaker: who says it, where that is known.
        paragraph: words of different paragraphs belong apart.
        glued: no space stands before it (Chinese, or a part of a longer word).
        apart: it belongs to a title or heading, which stands alone.
        timed: its start was claimed by the source, not inferred here from what stands around it.
        inside: of a few words thrown in while somebody else goes on talking: who that is.
    """

    text: str
    start_ms: int
    end_ms: int
    speaker: str = ""
    paragraph: int = 0
    glued: bool = False
    apart: bool = False
    timed: bool = True
    inside: str = ""

    @property
    def turn(self) -> str:
        """Whose turn it is; that changes less often than who is heard."""
        return self.inside or self.speaker


@dataclass(frozen=True, slots=True)
class _Draft:
    """A word whose times are claims, or unknown."""

    text: str
    start_ms: int | None
    end_ms: int | None
    speaker: str
    paragraph: int = 0
    glued: bool = False
    apart: bool = False
    timed: bool = True


def clean_text(text: str) -> str:
    """One line of showable text: runs of white space become single spaces, controls go."""
    return " ".join(showable(text).split())


def showable(text: str) -> str:
    """The text without controls; its lines and spaces stay."""
    return _UNSHOWABLE.sub("", text)


def join_lines(lines: Sequence[str]) -> str:
    """Lines as one line; no space where a script without spaces was wrapped."""
    text: list[str] = []
    for line in lines:
        unspaced = text and _UNSPACED_END.search(text[-1][-2:]) and _UNSPACED_START.search(line)
        text += [line] if not text or unspaced else [" ", line]
    return "".join(text)


def join_words(words: Sequence[SpokenWord]) -> str:
    """The words as running text."""
    return "".join(word.text if word.glued else " " + word.text for word in words).strip()


def in_brackets(words: Sequence[SpokenWord]) -> list[SpokenWord]:
    """The words as running text shows them: what is thrown in by somebody else stands in brackets."""
    shown = list(words)
    for is_inside, run in groupby(range(len(words)), key=lambda at: bool(words[at].inside)):
        *_, last = places = list(run)
        first = places[0]
        # Subtitles of our own that are read back have the brackets already.
        if is_inside and not (words[first].text.startswith("(") and words[last].text.endswith(")")):
            shown[first] = replace(shown[first], text=f"({shown[first].text}")
            shown[last] = replace(shown[last], text=f"{shown[last].text})")
    return shown


def as_written(words: Sequence[AlignedWord]) -> str:
    """Words of an essay as one line of showable text."""
    pairs = zip((None, *words), words, strict=False)
    return clean_text("".join(("" if word.follows(before) else " ") + word.text for before, word in pairs))


def ends_sentence(word: SpokenWord, following: SpokenWord | None) -> bool:
    """Whether a sentence ends with ``word``; "Dr.", "e.g." and "J." do not end one."""
    if not ends_in_stop(word.text) or _ABBREVIATION.match(word.text):
        return False
    return following is None or not following.text[0].islower()


def spoken_words(source: Transcript | Alignment) -> tuple[SpokenWord, ...]:
    """Everything that was said, in the order of time.

    Of an alignment: the essay's own spelling of each spoken word, with speech that the essay does
    not contain at its place; unspoken words are left out, paragraphs are the essay's blocks.
    Of a transcript: its words; a segment without word times is spread over its time by length.
    """
    if isinstance(source, Alignment):
        drafts = _in_order_of_speech(list(_alignment_drafts(source)))
    else:
        segments = sorted(source.segments, key=lambda segment: segment.start_ms)
        drafts = [draft for segment in segments for draft in _segment_drafts(segment)]
    return _in_turns(_settle(drafts))


def _in_turns(words: tuple[SpokenWord, ...]) -> tuple[SpokenWord, ...]:
    """Say of a few words inside somebody else's turn whose turn it is.

    A question is a turn, and so is its answer, and what the essay gives a paragraph of its own.
    """
    runs = [list(run) for _, run in groupby(range(len(words)), key=lambda at: words[at].speaker)]
    settled = list(words)
    turn: list[int] = []
    for run, following in zip(runs, [*runs[1:], []], strict=False):
        if turn and following and _is_thrown_in(words, turn, run, following):
            for at in run:
                settled[at] = replace(words[at], inside=words[turn[-1]].speaker)
        elif turn and words[turn[-1]].speaker == words[run[0]].speaker:
            turn += run
        else:
            turn = run
    return tuple(settled)


def _is_thrown_in(words: Sequence[SpokenWord], turn: list[int], run: list[int], following: list[int]) -> bool:
    before, own, after = words[turn[-1]], words[run[0]], words[following[0]]
    return (
        len(run) <= _ASIDE_WORDS
        and own.speaker != ""
        and before.speaker == after.speaker != ""
        and before.paragraph == own.paragraph
        and after.start_ms - before.end_ms <= _ASIDE_MS
        and len(turn) + len(following) >= _ASIDE_SHARE * len(run)
        and not _asks(before)
        and not _asks(words[run[-1]])
    )


def _asks(word: SpokenWord) -> bool:
    return word.text.rstrip("\"'”’)").endswith(("?", "？", "؟"))


def _spread(text: str, start_ms: int, end_ms: int, speaker: str, paragraph: int = 0) -> Iterator[_Draft]:
    """The words of ``text``, each with a share of the time that its length suggests.

    Only the first one's start is known.
    """
    words = clean_text(text).split()
    total = sum(map(len, words)) + len(words)
    if end_ms <= start_ms:
        for index, word in enumerate(words):
            yield _Draft(word, None if index else start_ms, None, speaker, paragraph)
        return
    before = 0
    for word in words:
        after = before + len(word) + 1
        start, end = (start_ms + (end_ms - start_ms) * n // total for n in (before, after))
        yield _Draft(word, start, end, speaker, paragraph, timed=before == 0)
        before = after


def _untimed(text: str, speaker: str) -> Iterator[_Draft]:
    return (_Draft(word, None, None, speaker) for word in text.split())


def _segment_drafts(segment: Segment) -> Iterator[_Draft]:
    """The segment's text is the truth; words that have times lend them to it.

    Some tools leave out words that they could not time, and some write words without the leading
    space: where each one stands in the text tells both.
    """
    speaker = clean_text(segment.speaker)
    names = {word.speaker: clean_text(word.speaker) or speaker for word in segment.words}
    text = clean_text(segment.text) or clean_text("".join(word.text for word in segment.words))
    if not segment.words:
        yield from _spread(text, segment.start_ms, segment.end_ms, speaker)
        return
    cursor, speaker = 0, names[segment.words[0].speaker]
    for word in segment.words:
        core = clean_text(word.text)
        at = text.find(core, cursor) if core else -1
        if at < 0:
            continue
        yield from _untimed(text[cursor:at], speaker)
        glued = cursor > 0 and at == cursor
        speaker = names[word.speaker]
        for draft in _spread(core, word.start_ms, word.end_ms, speaker):
            yield replace(draft, glued=glued)
            glued = False
        cursor = at + len(core)
    yield from _untimed(text[cursor:], speaker)


def _alignment_drafts(alignment: Alignment) -> Iterator[_Draft]:
    """Spoken words and extra speech, in essay order."""
    extras: dict[int, list[Extra]] = {}
    for extra in alignment.extra:
        extras.setdefault(extra.after_word, []).append(extra)
    speakers = [clean_text(block.speaker) for block in alignment.blocks]
    own_paragraph = len(alignment.blocks)
    last: AlignedWord | None = None
    for index, word in enumerate((None, *alignment.words), start=-1):
        if word is not None and word.status != "unspoken":
            text = clean_text(word.text).replace(" ", "")
            if text:
                kind = alignment.blocks[word.block].kind
                draft = _Draft(text, word.start_ms, word.end_ms, speakers[word.block], word.block)
                yield replace(draft, glued=word.follows(last), apart=kind in _APART)
        last = word if word and word.status != "unspoken" else None
        for extra in sorted(extras.get(index, ()), key=lambda extra: extra.start_ms):
            last = None
            name = clean_text(extra.speaker)
            block = _block_around(alignment, index)
            if block is None and name and _is_one_turn(alignment, index, speakers):
                block = alignment.words[index].block
            paragraph = own_paragraph if block is None else block
            own_paragraph += block is None
            speaker = name or ("" if block is None else speakers[block])
            apart = block is not None and alignment.blocks[block].kind in _APART
            for draft in _spread(extra.text, extra.start_ms, extra.end_ms, speaker, paragraph):
                yield replace(draft, apart=apart)


def _block_around(alignment: Alignment, index: int) -> int | None:
    """The block that the words ``index`` and ``index + 1`` both stand in."""
    if not 0 <= index < len(alignment.words) - 1:
        return None
    block = alignment.words[index].block
    return block if alignment.words[index + 1].block == block else None


def _is_one_turn(alignment: Alignment, index: int, speakers: Sequence[str]) -> bool:
    """Whether the words ``index`` and ``index + 1`` stand in two paragraphs of one speaker."""
    around = [alignment.words[at].block for at in (index, index + 1) if 0 <= at < len(alignment.words)]
    names = {speakers[block] for block in around}
    is_text = not any(alignment.blocks[block].kind in _APART for block in around)
    return len(around) == 2 and len(names) == 1 and "" not in names and is_text


def _in_order_of_speech(drafts: Sequence[_Draft]) -> list[_Draft]:
    """Put sections that were read in another order where they were read."""
    runs: list[list[_Draft]] = []
    last: _Draft | None = None
    for draft in drafts:
        if not runs or _jumps(last, draft):
            runs.append([])
        runs[-1].append(draft)
        if draft.start_ms is not None:
            last = draft
    runs.sort(key=lambda run: next((d.start_ms for d in run if d.start_ms is not None), 0))
    return [draft for run in runs for draft in run]


def _jumps(last: _Draft | None, draft: _Draft) -> bool:
    if last is None or last.start_ms is None or draft.start_ms is None:
        return False
    end_ms = last.start_ms if last.end_ms is None else last.end_ms
    return abs(draft.start_ms - end_ms) > SECTION_JUMP_MS


def _settle(drafts: Sequence[_Draft]) -> tuple[SpokenWord, ...]:
    """Keep the times that agree with each other, infer the others, and let no word overlap the next."""
    trusted = longest_rising([draft.start_ms for draft in drafts])
    starts = _fill_starts(drafts, trusted)
    words = []
    for index, draft in enumerate(drafts):
        start_ms = starts[index]
        end_ms = draft.end_ms if index in trusted else None
        if end_ms is None or end_ms < start_ms:
            end_ms = start_ms + WORD_MS
        if index + 1 < len(drafts):
            end_ms = min(end_ms, starts[index + 1])
        words.append(
            SpokenWord(
                draft.text,
                start_ms,
                end_ms,
                draft.speaker,
                draft.paragraph,
                draft.glued,
                draft.apart,
                draft.timed and index in trusted,
            )
        )
    return tuple(_without_piles(words))


def _without_piles(words: Sequence[SpokenWord]) -> Iterator[SpokenWord]:
    """Share the time among words that all claim to start at once, as lost aligners pile them up.

    They get the time until the last of them ends; if nobody could say them in it, as long as unknown
    words take, but no longer than until the next word.
    """
    first = 0
    for index, word in enumerate(words):
        following = words[index + 1] if index + 1 < len(words) else None
        if following is not None and following.start_ms == word.start_ms:
            continue
        pile, first = words[first : index + 1], index + 1
        if len(pile) == 1:
            yield word
            continue
        end_ms = word.end_ms
        if end_ms - word.start_ms < LEAST_WORD_MS * len(pile):
            end_ms = word.start_ms + WORD_MS * len(pile)
            end_ms = min(end_ms, following.start_ms) if following is not None else end_ms
        edges = [*_share([w.text for w in pile], word.start_ms, end_ms), end_ms]
        for place, (start_ms, stop_ms) in enumerate(pairwise(edges)):
            timed = pile[place].timed and place == 0
            yield replace(pile[place], start_ms=start_ms, end_ms=stop_ms, timed=timed)


def longest_rising(starts_ms: Sequence[int | None]) -> set[int]:
    """Indices of the longest subsequence whose starts never decrease (patience sorting)."""
    tails: list[int] = []
    tail_starts: list[int] = []
    previous: dict[int, int | None] = {}
    for index, start_ms in enumerate(starts_ms):
        if start_ms is None or start_ms < 0:
            continue
        at = bisect_right(tail_starts, start_ms)
        previous[index] = tails[at - 1] if at else None
        tails[at : at + 1] = [index]
        tail_starts[at : at + 1] = [start_ms]
    chosen: set[int] = set()
    at_index = tails[-1] if tails else None
    while at_index is not None:
        chosen.add(at_index)
        at_index = previous[at_index]
    return chosen


def _fill_starts(drafts: Sequence[_Draft], trusted: set[int]) -> list[int]:
    """A start for every word; those between two trusted ones share the time by their length."""
    starts: list[int] = []
    pending: list[int] = []
    left_ms: int | None = None
    for index, draft in enumerate(drafts):
        if index not in trusted or draft.start_ms is None:
            pending.append(index)
            continue
        if left_ms is None:
            left_ms = max(0, draft.start_ms - WORD_MS * len(pending))
        starts += _share([drafts[i].text for i in pending], min(left_ms, draft.start_ms), draft.start_ms)
        starts.append(draft.start_ms)
        pending = []
        left_ms = max(draft.start_ms, draft.end_ms or 0)
    left_ms = left_ms or 0
    return starts + _share([drafts[i].text for i in pending], left_ms, left_ms + WORD_MS * len(pending))


def _share(texts: Sequence[str], left_ms: int, right_ms: int) -> list[int]:
    total = sum(map(len, texts))
    starts, before = [], 0
    for text in texts:
        starts.append(left_ms + (right_ms - left_ms) * before // total)
        before += len(text)
    return starts
