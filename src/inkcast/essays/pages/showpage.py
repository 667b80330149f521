"""A podcast's page in a directory, or the text saved from it: many episodes, each with its whole essay.

Directories print title, date and duration of each episode in one of three orders. Lines that hold nothing
but a date and a duration tell where one episode ends and the next begins.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from inkcast.errors import EssayError
from inkcast.essays.assemble import assemble, drop_repeated_title
from inkcast.essays.boilerplate import is_boilerplate, is_cut_off
from inkcast.essays.encoding import decode_text
from inkcast.essays.essay import Block, Essay
from inkcast.essays.inline import drop_invisible
from inkcast.essays.pages.article import ARTICLE_RULES, remove_surroundings
from inkcast.essays.pages.dates import Day, FactLine, read_fact_line
from inkcast.essays.pages.html import class_names, read_blocks
from inkcast.essays.pages.page_tree import page_language, parse_html
from inkcast.essays.plaintext import plain_blocks
from inkcast.essays.punctuation import ends_in_punctuation

_Order = Literal["title, facts, text", "facts, title, text", "title, text, facts"]

_LINE_END = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_IS_MARKUP = re.compile(r"<(?:!doctype|html|head|body|div|p|li|article|section)\b", re.IGNORECASE)
_FACT_CLASS = re.compile(r"date|duration|time|length", re.IGNORECASE)
_NUMBERING = re.compile(r"^\s*(?:(?:episode|ep|no)\.?\s*)?#?\d{1,4}\s*[:.)–—|-]\s*", re.IGNORECASE)
_BUTTONS = re.compile(
    r"(?:[\W_]*\b(?:play|pause|share|download|follow|save|like|more|less|show|details|episode|add|to|queue|listen|now"
    r"|later|read|transcript|comments?|menu)\b){0,4}[\W_]*",
    re.IGNORECASE,
)
_NOT_ALNUM = re.compile(r"[\W_]+")
_MAX_TITLE_WORDS = 30
_MIN_LIKENESS = 0.8
_MIN_LEAD = 0.08
# Feeds speak of UTC, pages of wherever they were made.
_SAME_DAY = 1
_OTHER_DAY = 3
_MIN_TEXT_WORDS = 25
_MAX_TEASER_WORDS = 120
_MAX_NAMED = 12
_MAX_BUTTON = 40
# Said so often on one page, a line is the show's name or its plea, and no part of an essay.
_REPEATS = 3
_MAX_PROMOTION_WORDS = 60
# Farther apart, two episodes of one title are two episodes.
_OTHER_MONTH = 31


@dataclass(frozen=True, slots=True)
class Entry:
    """An episode on the page: ``lines[start:end]`` is its text; ``day`` is None where it says "yesterday"."""

    title: str
    day: Day | None
    start: int
    end: int


class _Facts(NamedTuple):
    """A run of lines ``[start:end]`` of dates and durations."""

    start: int
    end: int
    day: Day | None


def essay_from_show_page(
    data: bytes, source: str, title: str, published: date | None = None, media_type: str | None = None
) -> Essay:
    """Read one episode's essay from a page that carries many.

    Args:
        data: the page as HTML, or as text saved from a browser.
        source: its path or address.
        title: the episode's title in its feed; case, punctuation and numbering need not agree.
        published: the episode's date, which decides between titles that are alike.
        media_type: what a server called the page.

    Raises:
        EssayError: it lists no episodes, none or several of that title, or only a teaser of the text.
    """
    text = decode_text(data, source, media_type or "")
    if _IS_MARKUP.search(text[:100_000]):
        root = parse_html(text, source)
        language = page_language(root)
        remove_surroundings(root)
        for element in root.iter("time", "span", "small"):
            if element.tag == "time" or any(_FACT_CLASS.search(name) for name in class_names(element)):
                element.tag = "div"
        blocks = read_blocks(root, ARTICLE_RULES, source)
        lines = [block.text for block in blocks]
        headings = frozenset(i for i, block in enumerate(blocks) if block.kind == "heading")
        entry = choose_entry(split_entries(lines, title, headings), title, published, source)
        body: Sequence[Block] = blocks[entry.start : entry.end]
    else:
        language = ""
        lines = [" ".join(line.split()) for line in _LINE_END.sub("\n", drop_invisible(text)).split("\n")]
        entry = choose_entry(split_entries(lines, title), title, published, source)
        body = plain_blocks("\n".join(lines[entry.start : entry.end]))
    _check_whole(body, entry, source)
    text_of_page = _mark_page_lines(drop_repeated_title(body, entry.title), lines)
    return assemble(entry.title, text_of_page, source, language)


def split_entries(
    lines: Sequence[str], wanted: str = "", headings: frozenset[int] = frozenset()
) -> tuple[Entry, ...]:
    """Find the episodes of a page.

    Args:
        lines: its lines or blocks; empty ones part paragraphs.
        wanted: a title that is looked for: where it stands shows the order of title and date.
        headings: which of the lines are headings.
    """
    counts = Counter(line for line in lines if _is_title(line) and likeness(line, wanted) < _MIN_LIKENESS)
    lines = ["" if counts[line] >= _REPEATS else line for line in lines]
    facts = _find_facts(lines)
    if not facts:
        return ()
    order = _find_order(lines, facts, wanted, headings)
    titles = [_title_of(lines, facts, index, order, wanted) for index in range(len(facts))]
    entries = []
    for index, (fact, title) in enumerate(zip(facts, titles, strict=True)):
        if title is None:
            continue
        following = next((at for at in titles[index + 1 :] if at is not None), len(lines))
        if order == "title, text, facts":
            start, end = title + 1, fact.start
        else:
            start = max(title + 1, fact.end)
            later = facts[index + 1].start if index + 1 < len(facts) else len(lines)
            end = min(following, later)
        start, end = _trimmed(lines, start, end)
        entries.append(Entry(lines[title], fact.day, start, end))
    return tuple(entries)


def choose_entry(entries: Sequence[Entry], title: str, published: date | None, source: str) -> Entry:
    """The entry of an episode.

    Raises:
        EssayError: there is none, or several that could be meant.
    """
    if not entries:
        raise EssayError(
            f"{source} lists no episodes with their dates.", "Is it the podcast's page, saved as a whole?"
        )
    candidates = [
        entry
        for entry in entries
        if not (published and entry.day) or entry.day.distance(published) <= _OTHER_MONTH
    ]
    scored = sorted(
        ((likeness(entry.title, title), entry) for entry in candidates), key=lambda pair: -pair[0]
    )
    best = scored[0][0] if scored else 0.0
    near = [entry for score, entry in scored if score >= max(_MIN_LIKENESS, best - _MIN_LEAD)]
    if best == 1:
        near = [entry for score, entry in scored if score == 1]
    elif published:
        near = [entry for entry in near if entry.day is None or entry.day.distance(published) <= _OTHER_DAY]
    if len(near) > 1 and published:
        same_day = [entry for entry in near if entry.day and entry.day.distance(published) <= _SAME_DAY]
        near = same_day or near
    # "Latest episode" at the top of a page repeats an entry of the list.
    if near and len({(likeness_key(entry.title), entry.day) for entry in near}) == 1:
        return max(near, key=lambda entry: entry.end - entry.start)
    wanted = f"{title!r}" + (f" of {published}" if published else "")
    if not near:
        raise EssayError(f"{source} has no episode {wanted}; it has {_names(entries)}.", "Check the title.")
    raise EssayError(
        f"{source} has several episodes like {wanted}: {_names(near)}.", "Give the date as well."
    )


def likeness(one: str, other: str) -> float:
    """How alike two titles are, 0 to 1, whatever their case, punctuation and numbering."""
    a, b = likeness_key(one), likeness_key(other)
    if not a or not b:
        return 0.0
    if a == b:
        return 1.0
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    return 0.0 if matcher.real_quick_ratio() < _MIN_LIKENESS else min(matcher.ratio(), 0.99)


def likeness_key(title: str) -> str:
    """What is compared of a title: its words alone."""
    return " ".join(_NOT_ALNUM.sub(" ", _NUMBERING.sub("", title[:300])).casefold().split())


def _find_facts(lines: Sequence[str]) -> list[_Facts]:
    """Runs of fact lines that hold a date; a duration alone belongs to the date beside it."""
    found: list[_Facts] = []
    run: list[tuple[int, FactLine]] = []
    for index, line in enumerate([*lines, "end"]):
        if not line:
            continue
        fact = read_fact_line(line)
        if fact is None and run and _is_button(line):
            continue
        if fact is not None:
            run.append((index, fact))
            continue
        if any(fact.has_date for _, fact in run):
            day = next((fact.day for _, fact in run if fact.day), None)
            found.append(_Facts(run[0][0], run[-1][0] + 1, day))
        run = []
    return found


def _find_order(
    lines: Sequence[str], facts: Sequence[_Facts], wanted: str, headings: frozenset[int]
) -> _Order:
    """Where this page puts the title: judged by what looks like one, most of all by the one looked for."""
    above = below = 0.0
    for index in range(len(facts)):
        before = _title_of(lines, facts, index, "title, facts, text")
        after = _title_of(lines, facts, index, "facts, title, text")
        above += _title_score(lines, before, wanted, headings)
        below += _title_score(lines, after, wanted, headings)
    n_last = sum(len(line.split()) for line in lines[facts[-1].end :])
    n_first = sum(len(line.split()) for line in lines[: facts[0].start])
    if n_last < _MIN_TEXT_WORDS <= n_first:
        return "title, text, facts"
    return "facts, title, text" if below > above else "title, facts, text"


def _title_score(lines: Sequence[str], index: int | None, wanted: str, headings: frozenset[int]) -> float:
    if index is None:
        return 0.0
    is_wanted = bool(wanted) and likeness(lines[index], wanted) >= _MIN_LIKENESS
    return 1.0 + (index in headings) + 20.0 * is_wanted


def _title_of(
    lines: Sequence[str], facts: Sequence[_Facts], index: int, order: _Order, wanted: str = ""
) -> int | None:
    fact = facts[index]
    if order == "title, facts, text":
        floor = facts[index - 1].end if index else 0
        return _nearest_title(lines, range(fact.start - 1, floor - 1, -1))
    if order == "facts, title, text":
        ceiling = facts[index + 1].start if index + 1 < len(facts) else len(lines)
        return _nearest_title(lines, range(fact.end, ceiling))
    if index:
        return _nearest_title(lines, range(facts[index - 1].end, fact.start))
    return _top_title(lines, fact, wanted)


def _top_title(lines: Sequence[str], fact: _Facts, wanted: str) -> int | None:
    """The first entry's title, below the show's own name and description.

    The one that is looked for, as headings of the text look like titles; else that above the last long text.
    """
    titles = [i for i in range(fact.start) if _is_title(lines[i])]
    found = next((i for i in titles if wanted and likeness(lines[i], wanted) >= _MIN_LIKENESS), None)
    if found is not None:
        return found
    texts = [i for i in range(fact.start) if len(lines[i].split()) > _MAX_TITLE_WORDS]
    first_text = texts[-1] if texts else fact.start
    return max((i for i in titles if i < first_text), default=None)


def _nearest_title(lines: Sequence[str], places: range) -> int | None:
    """The first title; empty lines and buttons may stand before it, but no sentence."""
    for place in places:
        if not lines[place] or _is_button(lines[place]):
            continue
        return place if _is_title(lines[place]) else None
    return None


def _is_title(line: str) -> bool:
    return (
        0 < len(line.split()) <= _MAX_TITLE_WORDS
        and not line.endswith((".", ",", ";", ":"))
        and not is_boilerplate(line)
        and read_fact_line(line) is None
    )


def _trimmed(lines: Sequence[str], start: int, end: int) -> tuple[int, int]:
    """Without durations, buttons and empty lines at its ends."""

    def is_edge(line: str) -> bool:
        return not line or _is_button(line) or read_fact_line(line) is not None

    while start < end and is_edge(lines[start]):
        start += 1
    while start < end and is_edge(lines[end - 1]):
        end -= 1
    return start, end


def _is_button(line: str) -> bool:
    """Whether a line is the label of a button or two, or nothing but a dot between two things."""
    return len(line) <= _MAX_BUTTON and _BUTTONS.fullmatch(line) is not None


def _mark_page_lines(body: Sequence[Block], lines: Sequence[str]) -> list[Block]:
    """The episode's blocks, with what belongs to the page marked.

    That is what the page says in every episode, and the short lines behind the last sentence.
    """
    counts = Counter(line for line in lines if len(line.split()) <= _MAX_PROMOTION_WORDS)
    marked = [
        replace(block, kind="boilerplate") if counts[block.text] >= _REPEATS else block for block in body
    ]
    for index in range(len(marked) - 1, 0, -1):
        text = marked[index].text
        if marked[index].kind not in ("paragraph", "boilerplate") or ends_in_punctuation(text):
            break
        marked[index] = replace(marked[index], kind="boilerplate")
    return marked


def _check_whole(body: Sequence[Block], entry: Entry, source: str) -> None:
    """Pages that show the first lines of each episode end them in dots or "Show more"."""
    own = [block.text for block in body if not is_boilerplate(block.text) or is_cut_off(block.text)]
    n_words = sum(len(text.split()) for text in own)
    if not own or (n_words < _MAX_TEASER_WORDS and is_cut_off(own[-1])):
        raise EssayError(
            f"{source} has only the beginning of {entry.title!r} ({n_words} words).",
            "Unfold the episode's text before you save the page.",
        )


def _names(entries: Sequence[Entry]) -> str:
    names = [f"{entry.title!r}" + (f" ({entry.day})" if entry.day else "") for entry in entries]
    more = f" and {len(names) - _MAX_NAMED} more" if len(names) > _MAX_NAMED else ""
    return ", ".join(names[:_MAX_NAMED]) + more
