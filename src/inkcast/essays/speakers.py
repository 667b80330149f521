"""Published interviews: take "Name:" and "[00:06:54]" out of what is spoken, and note who speaks.

Shapes that are known: ``Name: text``, ``Name [00:06:54]: text``, ``NAME (00:12): text``,
``[00:06:54] Name: text``, a line of its own with name and time, its text below, and a name in bold before
the text or above it.
"""

# ruff: noqa: SIM905 - forty words in quotes and commas are harder to read than forty words

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from inkcast.essays.essay import Block, Mark

_CLOCK = r"\d{1,2}(?::\d{2}){1,2}(?:[.,]\d{1,3})?"
_IN_BRACKETS = rf"(?:\[{_CLOCK}\]|\({_CLOCK}\))"
_TIME = rf"(?:{_IN_BRACKETS}|{_CLOCK})"
_NAME_WORD = r"(?:[^\W\d_][\w.’'-]{0,30}|\d{1,2}(?!\d|:\d))"
_NAME = rf"(?P<name>[^\W\d_][\w.’'-]{{0,30}}(?: {_NAME_WORD}){{0,4}})"
_LABEL = re.compile(
    rf"(?:(?P<before>{_TIME}) ?[-–—]? ?)?{_NAME}(?: ?[-–—]? ?(?P<after>{_TIME}))?(?P<colon> ?[:：])?"
    rf"(?: ?(?P<last>{_IN_BRACKETS}))?(?= |$)"
)
_NAME_ALONE = re.compile(_NAME)
_LONE_TIME = re.compile(_TIME)
_BRACKETED_TIME = re.compile(rf" ?{_IN_BRACKETS}(?= |$)")
_SECONDS = (1, 60, 3600)
_MAX_LABEL = 80
# Words that stand before colons in ordinary prose, in pairs even.
_NO_SPEAKERS = frozenset(
    "note notes update edit correction example examples pro pros con cons claim fact facts myth tip warning "
    "caveat summary conclusion introduction abstract disclaimer disclosure spoiler ps tldr tl;dr step part "
    "chapter figure fig table source sources via photo image credit credits answer-key theorem lemma proof "
    "definition remark before after then now problem solution input output result results first second "
    "third finally today yesterday yes no".split()
)
_PARTICLES = frozenset("van von de der den da di du la le al bin ben of and".split())
_SPOKEN_KINDS = frozenset({"paragraph", "quote", "list_item", "heading"})
_MIN_TURNS = 4
_MIN_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Label:
    """What stands before somebody's words: ``text[:end]``; ``seconds`` is when, if it says."""

    name: str
    end: int
    seconds: int | None = None
    is_bracketed: bool = False


def find_label(text: str) -> Label | None:
    """The label that a paragraph begins with, if it begins with what could be one.

    Args:
        text: with single spaces.
    """
    head = text[:_MAX_LABEL]
    match = _LABEL.match(head)
    if match is None or not _is_name(match["name"]):
        return None
    time = match["before"] or match["after"] or match["last"]
    is_whole = match.end() == len(text)
    is_named_in_time = bool(match["after"]) and match["after"][0] in "[("
    if not (match["colon"] or is_named_in_time or (is_whole and time)):
        return None
    return Label(match["name"], match.end(), _seconds(time), bool(time) and not time[0].isdigit())


def find_speakers(texts: Iterable[str]) -> frozenset[str]:
    """The names that speak in these paragraphs; empty when it is no interview.

    A colon alone proves little: without times there must be two or more who take turns, and most of
    the talking must be theirs.
    """
    return _speakers_of([find_label(text) for text in texts])


def _speakers_of(labels: Sequence[Label | None]) -> frozenset[str]:
    found = [label for label in labels if label]
    counts = Counter(label.name for label in found)
    if _has_running_times(found):
        timed = {label.name for label in found if label.seconds is not None}
        return frozenset(name for name in counts if name in timed or counts[name] > 1)
    named = frozenset(name for name, number in counts.items() if number > 1)
    turns = [label.name for label in found if label.name in named]
    changes = sum(one != other for one, other in pairwise(turns))
    if len(named) < 2 or len(turns) < _MIN_TURNS or changes < 2 or len(turns) < _MIN_SHARE * len(labels):
        return frozenset()
    # Somebody who speaks once among people who speak often: a full name, since "Note:" is none.
    return named | frozenset(name for name in counts if " " in name)


def _has_running_times(labels: Sequence[Label]) -> bool:
    """Whether the labels carry times that go on; "John 3:16" and "John 1:1" do not."""
    times = [label.seconds for label in labels if label.seconds is not None]
    bracketed = sum(label.is_bracketed for label in labels)
    if bracketed < 2 and len(times) < _MIN_TURNS:
        return False
    forward = sum(one <= other for one, other in pairwise(times))
    return forward >= 0.9 * (len(times) - 1)


def _seconds(time: str | None) -> int | None:
    if not time:
        return None
    parts = reversed(re.split(r"[.,]", time.strip("[]()"))[0].split(":"))
    return sum(int(part) * unit for part, unit in zip(parts, _SECONDS, strict=False))


def mark_speakers(blocks: Sequence[Block]) -> list[Block]:
    """The blocks with speakers noted and labels and times gone; as they are when it is no interview."""
    speakers = _speakers_of([_label_of(block) for block in blocks if _may_be_turn(block)])
    if not speakers:
        return list(blocks)
    marked: list[Block] = []
    speaker, anchor = "", ""
    for block in blocks:
        if block.kind not in _SPOKEN_KINDS:
            marked.append(block)
            continue
        label = _label_of(block)
        if label is not None and label.name in speakers and _may_be_turn(block):
            speaker = label.name
            block = cut(block, 0, label.end)
        elif block.kind == "heading":
            marked.append(block)
            continue
        block = _without_times(block)
        if not block.text:
            anchor = anchor or block.anchor
            continue
        kind = "paragraph" if block.kind == "heading" else block.kind
        marked.append(replace(block, kind=kind, speaker=speaker, anchor=block.anchor or anchor))
        anchor = ""
    return marked


def _label_of(block: Block) -> Label | None:
    return find_label(block.text) or _bold_label(block)


def _bold_label(block: Block) -> Label | None:
    """A name that the block begins with in bold; without time or colon it says less than other labels."""
    end = next((mark.end for mark in block.marks if mark.kind == "strong" and mark.start == 0), 0)
    name = block.text[:end]
    is_whole = end == len(block.text) or block.text[end].isspace()
    if not (is_whole and _NAME_ALONE.fullmatch(name) and _is_name(name)):
        return None
    return Label(name, end)


def _may_be_turn(block: Block) -> bool:
    """Whether a block could be somebody's words; a heading only where it is nothing but a label."""
    if block.kind != "heading":
        return block.kind in _SPOKEN_KINDS
    label = find_label(block.text)
    return label is not None and label.end == len(block.text)


def cut(block: Block, start: int, end: int) -> Block:
    """The block without ``text[start:end]`` and the space that this leaves at its ends."""
    rest = block.text[:start] + block.text[end:]
    lead = len(rest) - len(rest.lstrip())
    text = rest.strip()

    def moved(position: int) -> int:
        shifted = position if position <= start else max(start, position - (end - start))
        return min(max(shifted - lead, 0), len(text))

    marks = []
    for mark in block.marks:
        new = replace(mark, start=moved(mark.start), end=moved(mark.end))
        if new.start < new.end or mark.start == mark.end:
            marks.append(_trimmed(new, text))
    return replace(block, text=text, marks=tuple(marks))


def _trimmed(mark: Mark, text: str) -> Mark:
    inside = text[mark.start : mark.end]
    start = mark.start + len(inside) - len(inside.lstrip())
    return replace(mark, start=start, end=start + len(inside.strip()))


def _without_times(block: Block) -> Block:
    if _LONE_TIME.fullmatch(block.text):
        return replace(block, text="", marks=())
    times = list(_BRACKETED_TIME.finditer(block.text))
    for match in reversed(times):
        block = cut(block, match.start(), match.end())
    return block


def _is_name(name: str) -> bool:
    words = name.split()
    if name.casefold() in _NO_SPEAKERS or words[0].casefold() in _NO_SPEAKERS:
        return False
    if name.endswith(".") and len(words) == 1 and len(name) > 4:
        return False
    return words[0][0].isupper() and all(
        word[0].isupper() or word[0].isdigit() or word.casefold() in _PARTICLES for word in words
    )
