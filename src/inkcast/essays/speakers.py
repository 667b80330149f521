"""Published interviews: take "Name:" and "[00:06:54]" out of what is spoken, and note who speaks.

Shapes that are known: ``Name: text``, ``Name (host): text``, ``Name, host: text``, ``[Name]: text``,
``Name [00:06:54]: text``, ``NAME (00:12): text``, ``[00:06:54] Name: text``, ``Q. text``, a line of its own
with name and time, its text below, a name in bold before the text or above it, and a name that is a line or a
heading.
"""

# ruff: noqa: SIM905 - forty words in quotes and commas are harder to read than forty words

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from inkcast.essays.essay import Block, Mark

_MOMENT = r"\d{1,2}(?::\d{2}){1,2}(?:[.,]\d{1,3})?"
_CLOCK = rf"{_MOMENT}(?: ?(?:-->|[-–—]) ?{_MOMENT})?"
_IN_BRACKETS = rf"(?:\[{_CLOCK}\]|\({_CLOCK}\))"
_TIME = rf"(?:{_IN_BRACKETS}|{_CLOCK})"
_NAME_WORD = r"(?:[^\W\d_][\w.’'-]{0,30}|\d{1,2}(?!\d|:\d))"
_NAME = rf"(?P<name>[^\W\d_][\w.’'-]{{0,30}}(?: {_NAME_WORD}){{0,4}})"
_ROLE = r"(?: ?[(\[][^\W\d_][\w .’'-]{0,30}[)\]]|, [^\W\d_][\w .’'-]{0,30}(?= ?[:：]))"
_LABEL = re.compile(
    rf"(?:(?P<before>{_TIME}) ?[-–—|]? ?)?(?P<open>\[)?{_NAME}(?(open)\])(?P<role>{_ROLE})?"
    rf"(?:(?: ?[-–—|@·•,])? ?(?P<after>{_TIME}))?(?P<colon> ?(?::(?= |$)|：))?"
    rf"(?: ?(?P<last>{_IN_BRACKETS}))?(?:(?= |$)|(?<=：))"
)
_LETTER = re.compile(r"(?P<name>[QA])\.(?= )")
_NAME_ALONE = re.compile(_NAME)
_LONE_TIME = re.compile(rf"{_TIME}:?")
_BRACKETED_TIME = re.compile(rf"(?:^{_IN_BRACKETS}:| ?{_IN_BRACKETS})(?= |$)")
# "12:30 was late" may be said; "00:12" and "1:02:30" are counters.
_LEADING_COUNTER = re.compile(r"(?:\d{1,2}:\d{2}:\d{2}|0\d:\d{2})(?:[.,]\d{1,3})?:? (?=\S)")
_SECONDS = (1, 60, 3600)
_MAX_LABEL = 80
# Words that stand before colons in ordinary prose, in pairs even.
_NO_SPEAKERS = frozenset(
    "note notes update updates edit correction example examples pro pros con cons claim fact facts myth tip "
    "tips warning caveat summary conclusion introduction abstract disclaimer disclosure spoiler ps tldr "
    "tl;dr step part chapter figure fig table source sources via photo image credit credits theorem lemma "
    "proof definition remark before after then now problem solution input output result results first "
    "second third finally today yesterday yes no reality advantages disadvantages strengths weaknesses "
    "benefits risks verdict takeaway takeaways background context overview when where what why how date time "
    "location venue place price cost tickets title subject author published link links answer-key".split()
)
# No name begins with these where nothing but bold print says that it is one.
_FUNCTION_WORDS = frozenset(
    "the a an in on at by to for from of with and or but not my our your his her its their this that these "
    "those who which is are was were do does it we you i".split()
)
_ROLES = frozenset(
    "q a host co-host cohost guest interviewer interviewee moderator question answer narrator speaker caller "
    "audience listener".split()
)
_PARTICLES = frozenset("van von de der den da di du la le al bin ben of and".split())
_SPOKEN_KINDS = frozenset({"paragraph", "quote", "list_item", "heading"})
_MIN_TURNS = 4
_MIN_CHANGES = 0.1  # of speakers, for each turn
_MIN_SHARE = 0.25
# Answers may have many paragraphs; what looks like a full name or a role needs less to prove it.
_MIN_SHARE_OF_NAMES = 0.1
# Of names that stand alone on their lines: how many must be speakers' with words below, how often each.
_MOST = 0.8
_FEW_TURNS = 3


@dataclass(frozen=True, slots=True)
class Label:
    """What stands before somebody's words: ``text[:end]``; ``seconds`` is when, if it says.

    ``form`` is how it shows that it is one: with a colon or time, in bold print, or as a line of its own;
    ``is_whole`` if nothing follows in its paragraph.
    """

    name: str
    end: int
    seconds: int | None = None
    is_bracketed: bool = False
    form: Literal["marked", "bold", "line"] = "marked"
    is_whole: bool = False


def find_label(text: str) -> Label | None:
    """The label that a paragraph begins with, if it begins with what could be one.

    Args:
        text: with single spaces.
    """
    head = text[:_MAX_LABEL]
    if letter := _LETTER.match(head):
        return Label(letter["name"], letter.end())
    match = _LABEL.match(head)
    if match is None or not _is_name(match["name"]):
        return None
    time = match["before"] or match["after"] or match["last"]
    is_whole = match.end() == len(text)
    is_named_in_time = bool(match["after"]) and match["after"][0] in "[("
    if match["colon"] or is_named_in_time or (is_whole and time):
        bracketed = bool(time) and not time[0].isdigit()
        return Label(match["name"], match.end(), _seconds(time), bracketed, is_whole=is_whole)
    return _bare_label(text, len(text), "line") if is_whole else None


def find_speakers(texts: Iterable[str]) -> frozenset[str]:
    """The names that speak in these paragraphs; empty when it is no interview.

    A colon alone proves little: without times there must be two or more who take turns, and most of
    the talking must be theirs.
    """
    return _speakers_of([find_label(text) for text in texts])


def _speakers_of(labels: Sequence[Label | None]) -> frozenset[str]:
    """What is marked most clearly decides: bold lines among paragraphs with "Name:" are headings."""

    def of(*forms: str) -> list[Label | None]:
        return [label if label is not None and label.form in forms else None for label in labels]

    return _marked_speakers(of("marked")) or _bare_speakers(of("marked", "bold")) or _bare_speakers(labels)


def _marked_speakers(labels: Sequence[Label | None]) -> frozenset[str]:
    found = [label for label in labels if label]
    counts = Counter(label.name for label in found)
    if _has_running_times(found):
        timed = {label.name for label in found if label.seconds is not None}
        return frozenset(name for name in counts if name in timed or counts[name] > 1)
    speakers = _who_take_turns(labels)
    # Somebody who speaks once among people who speak often: a full name, since "Note:" is none.
    return speakers | frozenset(name for name in counts if speakers and " " in name)


def _bare_speakers(labels: Sequence[Label | None]) -> frozenset[str]:
    """Who takes turns, unless their names are lines that might as well be headings."""
    speakers = _who_take_turns(labels)
    lines = [
        (label, following)
        for label, following in pairwise([*labels, None])
        if label and label.is_whole and label.form != "marked"
    ]
    turns = sum(label.name in speakers for label, _ in lines)
    spoken = sum(following is None for _, following in lines)
    if min(turns, spoken) < _MOST * len(lines):
        return frozenset()  # headings are there once, or in a table of contents
    is_bold = all(label.form == "bold" for label, _ in lines)
    if lines and not (is_bold and all(map(_is_full_name, speakers))) and turns < _FEW_TURNS * len(speakers):
        return frozenset()
    return speakers if is_bold or all(map(_is_full_name, speakers)) else frozenset()


def _who_take_turns(labels: Sequence[Label | None]) -> frozenset[str]:
    counts = Counter(label.name for label in labels if label)
    named = frozenset(name for name, number in counts.items() if number > 1)
    turns = [label.name for label in labels if label and label.name in named]
    changes = sum(one != other for one, other in pairwise(turns))
    if len(named) < 2 or len(turns) < _MIN_TURNS or changes < max(2, _MIN_CHANGES * len(turns)):
        return frozenset()
    is_dialogue = 2 * changes > len(turns) and all(map(_is_full_name, named))
    least = _MIN_SHARE_OF_NAMES if is_dialogue else _MIN_SHARE
    return named if len(turns) >= least * len(labels) else frozenset()


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
    parts = re.findall(r"\d+", re.split(r"[^\d:]", time.strip("[]()"))[0])
    return sum(int(part) * unit for part, unit in zip(reversed(parts), _SECONDS, strict=False))


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
    label = find_label(block.text)
    return label if label and label.form == "marked" else _bold_label(block) or label


def _bold_label(block: Block) -> Label | None:
    """A name that the block begins with in bold."""
    end = next((mark.end for mark in block.marks if mark.kind == "strong" and mark.start == 0), 0)
    is_whole = end == len(block.text) or block.text[end].isspace()
    return _bare_label(block.text, end, "bold") if is_whole else None


def _bare_label(text: str, end: int, form: Literal["bold", "line"]) -> Label | None:
    name = text[:end]
    if not (_NAME_ALONE.fullmatch(name) and _is_name(name)) or name.split()[0].casefold() in _FUNCTION_WORDS:
        return None
    return Label(name, end, form=form, is_whole=end == len(text))


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
    if counter := _LEADING_COUNTER.match(block.text):
        block = cut(block, 0, counter.end())
    times = list(_BRACKETED_TIME.finditer(block.text))
    for match in reversed(times):
        block = cut(block, match.start(), match.end())
    return block


def _is_name(name: str) -> bool:
    words = name.split()
    if {name.casefold(), words[0].casefold(), words[-1].casefold()} & _NO_SPEAKERS:
        return False
    if name.endswith(".") and len(words) == 1 and len(name) > 4:
        return False
    # Many scripts have no capitals.
    return not words[0][0].islower() and all(
        not word[0].islower() or word.casefold() in _PARTICLES for word in words
    )


def _is_full_name(name: str) -> bool:
    """Whether it is more than one word, a role or initials: of single words, most are no names."""
    words = name.split()
    role = words[0].rstrip(".").casefold() in _ROLES
    return role or len(words) > 1 or len(name.replace(".", "")) <= 2
