"""Recognise the lines of a list of episodes that hold nothing but a date and a duration."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun",
            "july jul", "august aug", "september sept sep", "october oct", "november nov", "december dec",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = r"(?P<{}>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_YEAR = r"(?P<{}>(?:19|20)\d\d)"
_DATES = (
    rf"\b{_MONTH.format('m1')}\s+(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+{_YEAR.format('y1')})?",
    rf"\b(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\.?\s+{_MONTH.format('m2')}(?:,?\s+{_YEAR.format('y2')})?",
    rf"\b{_YEAR.format('y3')}-(?P<m3>\d\d)-(?P<d3>\d\d)(?:T[\d:.]+Z?)?\b",
    rf"\b(?P<m4>\d{{1,2}})/(?P<d4>\d{{1,2}})/{_YEAR.format('y4')}\b",
    rf"\b(?P<d5>\d{{1,2}})\.(?P<m5>\d{{1,2}})\.{_YEAR.format('y5')}\b",
)
_DATE = re.compile("|".join(_DATES), re.IGNORECASE)
_RELATIVE = re.compile(r"\b(?:today|yesterday|\d{1,2} (?:hours?|days?|weeks?|months?|years?) ago)\b", re.I)
_DURATION = re.compile(
    r"""\b\d{1,3}\s*(?:hours?|hrs?|h)\b\.?(?:,?\s*(?:and\s+)?\d{1,2}\s*(?:minutes?|mins?|m)\b\.?)?
      | \b\d{1,3}\s*(?:minutes?|mins?|m)\b\.?(?:\s*\d{1,2}\s*(?:seconds?|secs?|s)\b\.?)?
      | \b(?:\d{1,2}:)?\d{1,2}:\d\d\b""",
    re.IGNORECASE | re.VERBOSE,
)
_AROUND = re.compile(
    r"""\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?
      | \b(?:published|released|aired|posted|recorded|updated|on|date|duration|length|time|left|played)\b
      | \b(?:episode|ep|season|s|e)\.?\s*\#?\d{1,4}\b | \#\d{1,4}\b
      | \b(?:full|bonus|trailer|explicit|clean|audio|video|podcast)\b
      | \b(?:play(?:\s+episode)?|download|share|read|listen|watch)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_PUNCTUATION = re.compile(r"[\W_]*")
_MAX_LINE = 100


@dataclass(frozen=True, slots=True)
class Day:
    """A date as a page prints it: often without a year, or in an order that can be read in two ways."""

    month: int
    day: int
    year: int | None = None
    is_ambiguous: bool = False

    def distance(self, other: date) -> int:
        """How many days lie between the two, by whichever reading brings them closest."""
        readings = [(self.month, self.day)]
        if self.is_ambiguous:
            readings.append((self.day, self.month))
        years = (self.year,) if self.year else (other.year - 1, other.year, other.year + 1)
        days = [day for month, number in readings for year in years if (day := _date(year, month, number))]
        return min((abs(day - other) for day in days), default=timedelta.max).days

    def __str__(self) -> str:
        return f"{self.year or '????'}-{self.month:02}-{self.day:02}"


@dataclass(frozen=True, slots=True)
class FactLine:
    """A line of facts about an episode; ``day`` is None if it only tells the duration."""

    day: Day | None
    has_date: bool


def read_fact_line(line: str) -> FactLine | None:
    """Read "Mar 5, 2026 · 12 min"; None for a line with anything else in it."""
    if len(line) > _MAX_LINE:
        return None
    match = _DATE.search(line)
    rest = _DATE.sub(" ", line)
    relative = _RELATIVE.search(rest)
    rest = _RELATIVE.sub(" ", rest)
    duration = _DURATION.search(rest)
    rest = _AROUND.sub(" ", _DURATION.sub(" ", rest))
    if not (match or relative or duration) or not _PUNCTUATION.fullmatch(rest):
        return None
    day = _day(match) if match else None
    return FactLine(day, day is not None or relative is not None)


def _day(match: re.Match[str]) -> Day | None:
    for number in range(1, len(_DATES) + 1):
        month, day, year = (match[f"{letter}{number}"] for letter in "mdy")
        if month is None:
            continue
        is_name = not month.isdigit()
        found = Day(
            _MONTHS[month.casefold()] if is_name else int(month),
            int(day),
            int(year) if year else None,
            number == 4,
        )
        return found if 1 <= found.month <= (31 if number == 4 else 12) and 1 <= found.day <= 31 else None
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
