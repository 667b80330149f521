"""When an item was published, in whatever language and form its feed writes dates."""

from __future__ import annotations

import re
from calendar import timegm
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

# Earlier than any feed: such "dates" are numbers that were taken for years.
_FIRST_YEAR = 1970
_TWO_DIGITS = re.compile(r"[ -](\d\d) +\d\d?:\d\d")
# What may be a date in words: a number and a name, not an essay.
_IN_WORDS = re.compile(r"(?=.*\d)(?=.*[^\W\d_]).{6,60}")
_AHEAD = timedelta(days=366)
# All of the two hundred that dateparser knows take it more than a second to load.
_LANGUAGES = (
    "en de fr es it pt nl sv da nb fi pl cs sk ru uk bg hr ro hu el tr ar he fa hi id vi th ja zh ko ca eu"
)
# Each costs some 10 ms; a feed that has only such "dates" has none.
_MOST_FAILURES = 10


class DateReader:
    """Reads the dates of one feed, whose items write them alike."""

    def __init__(self) -> None:
        self._failures = 0
        self._words: Any = None

    def published(self, entry: Any) -> datetime | None:
        """An item's date in UTC, as feedparser found it or as it stands there; None without one."""
        # Asked for what is missing, feedparser warns that it takes one for the other.
        names = [name for name in ("published", "updated") if name in entry]
        for name in names:
            if f"{name}_parsed" in entry and (moment := entry[f"{name}_parsed"]):
                found = _from_struct(moment)
                return found and _of_this_century(found, str(entry[name]))
        texts = (str(entry[name]).strip() for name in names)
        return next((found for text in texts if (found := self._in_words(text))), None)

    def _in_words(self, text: str) -> datetime | None:
        if self._failures >= _MOST_FAILURES or not _IN_WORDS.fullmatch(text):
            return None
        if self._words is None:
            # It takes a fifth of a second.
            from dateparser.date import DateDataParser  # type: ignore[import-untyped]

            settings = {
                "TIMEZONE": "UTC",
                "TO_TIMEZONE": "UTC",
                "RETURN_AS_TIMEZONE_AWARE": True,
                "STRICT_PARSING": True,
                "PARSERS": ["absolute-time"],
            }
            self._words = DateDataParser(
                languages=_LANGUAGES.split(), try_previous_locales=True, settings=settings
            )
        found = None
        with suppress(ValueError, OverflowError, RecursionError):
            found = self._words.get_date_data(text).date_obj
        self._failures = 0 if found else self._failures + 1
        return found if found and found.year >= _FIRST_YEAR else None


def _from_struct(moment: Any) -> datetime | None:
    if moment.tm_year < _FIRST_YEAR:
        return None
    try:
        return datetime.fromtimestamp(timegm(moment), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _of_this_century(found: datetime, text: str) -> datetime:
    """ "70" is 1970, not 2070."""
    if found > datetime.now(UTC) + _AHEAD and _TWO_DIGITS.search(text):
        with suppress(ValueError):  # 29 February
            return found.replace(year=found.year - 100)
    return found
