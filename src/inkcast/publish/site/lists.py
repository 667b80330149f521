"""The site's lists: every episode by date, and those of each show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import quote

from inkcast.publish.language_tag import language_tag
from inkcast.publish.pages.template import render_page
from inkcast.publish.site.manifest import Entry

PER_PAGE = 50

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class Show:
    """A show with its episodes, newest first."""

    title: str
    folder: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """Episodes, newest first, over as many pages as they need.

    Attributes:
        title: of the list.
        folder: of its further pages, within the site; they are ``2.html`` and so on.
        first: path of the first page.
        feed: path of the RSS feed, empty if there is none.
    """

    title: str
    folder: str
    first: str
    entries: Sequence[Entry]
    feed: str = ""

    def path(self, number: int) -> str:
        """The path of a page, counted from 1."""
        return self.first if number == 1 else f"{self.folder}/{number}.html"

    @property
    def n_pages(self) -> int:
        """At least one."""
        return max(1, -(-len(self.entries) // PER_PAGE))


@dataclass(frozen=True, slots=True)
class _Month:
    """Episodes of one month; ``new_year`` is the year if they are the list's first of it."""

    name: str
    new_year: str
    entries: tuple[Entry, ...]


def newest_first(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """By date; those without one last."""
    return tuple(sorted(entries, key=lambda entry: (entry.published, entry.number), reverse=True))


def shows_of(entries: Sequence[Entry]) -> tuple[Show, ...]:
    """The shows by title, each with its episodes in the order of ``entries``."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.show_folder, []).append(entry)
    shows = [Show(group[0].show, folder, tuple(group)) for folder, group in groups.items()]
    return tuple(sorted(shows, key=lambda show: (show.title.casefold(), show.folder)))


def list_pages(site: str, entries: Sequence[Entry], *, with_feeds: bool) -> dict[str, str]:
    """The HTML of all lists by their path within the site.

    Args:
        site: its title.
        entries: all episodes, newest first.
        with_feeds: whether there are RSS feeds to point to.
    """
    shows = shows_of(entries)
    several = len(shows) > 1
    whole = Listing(site, "pages", "index.html", entries, "feed.xml" if with_feeds else "")
    pages = dict(_pages(whole, site, shows if several else ()))
    for show in shows if several else ():
        folder = f"shows/{show.folder}"
        feed = f"{folder}/feed.xml" if with_feeds else ""
        pages |= _pages(Listing(show.title, folder, f"{folder}/index.html", show.entries, feed), site, ())
    return pages


def _pages(listing: Listing, site: str, shows: Sequence[Show]) -> dict[str, str]:
    return {
        listing.path(number): _page(listing, number, site, shows) for number in range(1, listing.n_pages + 1)
    }


def _page(listing: Listing, number: int, site: str, shows: Sequence[Show]) -> str:
    path = listing.path(number)
    root = "../" * path.count("/")
    part = listing.entries[(number - 1) * PER_PAGE : number * PER_PAGE]
    return render_page(
        "publish/site/list.html",
        style="publish/site/site.css",
        title=listing.title if number == 1 else f"{listing.title}, page {number}",
        site=site,
        root=root,
        current="list" if path == "index.html" else "",
        feed=root + quote(listing.feed) if listing.feed else "",
        listing=listing,
        number=number,
        facts=_facts(listing, number),
        shows=shows,
        years=_years(listing),
        months=[
            _month(month, tuple(entries), listing)
            for month, entries in groupby(part, key=lambda entry: entry.published[:7])
        ],
        day=_day,
        tag=language_tag,
    )


def _facts(listing: Listing, number: int) -> str:
    count = len(listing.entries)
    hours = sum(entry.duration_ms for entry in listing.entries) / 3_600_000
    facts = f"{count:,} episode{'' if count == 1 else 's'}"
    if hours >= 1:
        facts += f" · {hours:,.0f} hour{'' if round(hours) == 1 else 's'}"
    if listing.n_pages > 1:
        facts += f" · page {number} of {listing.n_pages}"
    return facts


def _years(listing: Listing) -> list[tuple[str, str]]:
    """Each year with the page on which it begins."""
    first: dict[str, int] = {}
    for place, entry in enumerate(listing.entries):
        first.setdefault(entry.published[:4], place)
    return [(year, listing.path(place // PER_PAGE + 1)) for year, place in first.items() if year]


def _month(month: str, entries: tuple[Entry, ...], listing: Listing) -> _Month:
    year, _, number = month.partition("-")
    name = f"{_MONTHS[int(number) - 1]} {year}" if number else "Without a date"
    starts_year = next(entry for entry in listing.entries if entry.published[:4] == year) == entries[0]
    return _Month(name, year if starts_year else "", entries)


def _day(published: str) -> str:
    year, month, day = published[:10].split("-")
    return f"{int(day)} {_MONTHS[int(month) - 1]} {year}"
