"""The site's lists: every episode by date, and those of each show."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from urllib.parse import quote

from inkcast.essays.links import is_web_address
from inkcast.feeds.about_show import UNKNOWN_SHOW, AboutShow
from inkcast.publish.language_tag import language_tag
from inkcast.publish.pages.head import Head
from inkcast.publish.pages.masthead import written_date, written_month
from inkcast.publish.pages.template import render_page
from inkcast.publish.site.episode_page import Options
from inkcast.publish.site.manifest import Entry
from inkcast.publish.site.structured_data import series_data

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Show:
    """A show with its episodes, newest first; ``cover`` is its path within the site, if it has one."""

    title: str
    folder: str
    entries: tuple[Entry, ...]
    about: AboutShow = UNKNOWN_SHOW
    cover: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """Episodes, newest first, over as many pages as they need.

    Attributes:
        title: of the list.
        folder: of its further pages, within the site; they are ``2.html`` and so on.
        first: path of the first page.
        feed: path of the RSS feed, empty if there is none.
        show: what it lists, if that is one.
    """

    title: str
    folder: str
    first: str
    entries: Sequence[Entry]
    feed: str = ""
    show: Show | None = None

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


def shows_of(
    entries: Sequence[Entry], abouts: Mapping[str, AboutShow], covers: Mapping[str, str]
) -> tuple[Show, ...]:
    """The shows by title, each with its episodes in the order of ``entries``.

    Args:
        entries: all episodes.
        abouts: what is known of each show, by its folder.
        covers: paths within the site, of those that have one, by the same.
    """
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.show_folder, []).append(entry)
    shows = [
        Show(group[0].show, folder, tuple(group), abouts.get(folder, UNKNOWN_SHOW), covers.get(folder, ""))
        for folder, group in groups.items()
    ]
    return tuple(sorted(shows, key=lambda show: (show.title.casefold(), show.folder)))


def list_pages(
    site: str, entries: Sequence[Entry], shows: Sequence[Show], options: Options
) -> dict[str, str]:
    """The HTML of all lists by their path within the site.

    Args:
        site: its title.
        entries: all episodes, newest first.
        shows: the shows that these are of.
        options: what it is like; with a ``base_url`` there are RSS feeds to point to.
    """
    several = len(shows) > 1
    only = shows[0] if len(shows) == 1 else None
    whole = Listing(site, "pages", "index.html", entries, "feed.xml" if options.base_url else "", only)
    pages = dict(_pages(whole, site, shows if several else (), options))
    for show in shows if several else ():
        folder = f"shows/{show.folder}"
        feed = f"{folder}/feed.xml" if options.base_url else ""
        one = Listing(show.title, folder, f"{folder}/index.html", show.entries, feed, show)
        pages |= _pages(one, site, (), options)
    return pages


def _pages(listing: Listing, site: str, shows: Sequence[Show], options: Options) -> dict[str, str]:
    return {
        listing.path(number): _page(listing, number, site, shows, options)
        for number in range(1, listing.n_pages + 1)
    }


def _head(listing: Listing, number: int, site: str, base_url: str) -> Head:
    show = listing.show
    about = show.about if show else UNKNOWN_SHOW
    head = Head(listing.title, site, about.description, author=about.author)
    if not base_url:
        return head
    address = base_url + quote(listing.path(number)).removesuffix("index.html")
    image = base_url + quote(show.cover) if show and show.cover else ""
    data = series_data(listing.title, about, address, image) if show and number == 1 else None
    return replace(head, address=address, image=image, data=data)


def _page(listing: Listing, number: int, site: str, shows: Sequence[Show], options: Options) -> str:
    path = listing.path(number)
    root = "../" * path.count("/")
    part = listing.entries[(number - 1) * PER_PAGE : number * PER_PAGE]
    return render_page(
        "publish/site/list.html",
        style="publish/site/site.css",
        scripts=("publish/pages/address.js", "publish/site/list.js"),
        loads="media",
        head=_head(listing, number, site, options.base_url),
        status=options.status,
        to=lambda path: root + quote(path),
        title=listing.title if number == 1 else f"{listing.title}, page {number}",
        site=site,
        root=root,
        current="list" if path == "index.html" else "",
        feed=root + quote(listing.feed) if listing.feed else "",
        playable=any(entry.audio for entry in part),
        audio_of=lambda entry: _audio_address(entry, root),
        listing=listing,
        number=number,
        facts=_facts(listing, number),
        shows=shows,
        years=_years(listing),
        months=[
            _month(month, tuple(entries), listing)
            for month, entries in groupby(part, key=lambda entry: entry.published[:7])
        ],
        day=lambda published: written_date(datetime.fromisoformat(published)),
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
    name = written_month(int(year), int(number)) if number else "Without a date"
    starts_year = next(entry for entry in listing.entries if entry.published[:4] == year) == entries[0]
    return _Month(name, year if starts_year else "", entries)


def _audio_address(entry: Entry, root: str) -> str:
    """How a list finds an episode's recording; empty if the site cannot play it."""
    if not entry.audio or is_web_address(entry.audio.href):
        return entry.audio.href if entry.audio else ""
    # Beside the episode's page, or somewhere above it.
    return root + quote(posixpath.normpath(f"{entry.path}/{entry.audio.href}"))
