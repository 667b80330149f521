"""What stands above an essay in its page: whose it is, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class Masthead:
    """Whose an essay is; what is not known is empty.

    Attributes:
        show, author: as shown.
        published: when, in UTC.
        cover: address of a square picture, relative to the page or ``data:``.
        home: address of the show's own list of episodes.
        transcribed: the text was written by a machine that listened; there is no essay.
    """

    show: str = ""
    author: str = ""
    published: datetime | None = None
    cover: str = ""
    home: str = ""
    transcribed: bool = False


NO_MASTHEAD = Masthead()


def written_date(moment: datetime) -> str:
    """``19 May 2026``, as all of the page is English but the essay."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def written_month(year: int, month: int) -> str:
    """``May 2026``."""
    return f"{_MONTHS[month - 1]} {year}"
