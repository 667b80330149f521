"""The site's lists: every episode by date, and those of each show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from urllib.parse import quote

from inkcast.publish.language_tag import language_tag
from inkcast.publish.site.manifest import Entry
from inkcast.publish.site.template import make_page
from inkcast.publish.words import clean_text
from inkcast.timecode import clock

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
    root = "../" * listing.path(number).count("/")
    part = listing.entries[(number - 1) * PER_PAGE : number * PER_PAGE]
    content = [_heading(listing, number)]
    if number == 1:
        content.append(_shows(shows, root))
    content.append(_years(listing, root))
    for month, entries in groupby(part, key=lambda entry: entry.published[:7]):
        content.append(_month(month, list(entries), listing, root, with_show=bool(shows)))
    content.append(_pager(listing, number, root))
    title = listing.title if number == 1 else f"{listing.title}, page {number}"
    return make_page(
        "\n".join(filter(None, content)),
        title=title,
        site=site,
        root=root,
        current="list" if listing.path(number) == "index.html" else "",
        feed=root + quote(listing.feed) if listing.feed else "",
    )


def _heading(listing: Listing, number: int) -> str:
    count = len(listing.entries)
    hours = sum(entry.duration_ms for entry in listing.entries) / 3_600_000
    facts = f"{count:,} episode{'' if count == 1 else 's'}"
    if hours >= 1:
        facts += f" · {hours:,.0f} hour{'' if round(hours) == 1 else 's'}"
    if listing.n_pages > 1:
        facts += f" · page {number} of {listing.n_pages}"
    return f'<h1 dir="auto">{_text(listing.title)}</h1>\n<p class="facts">{facts}</p>'


def _shows(shows: Sequence[Show], root: str) -> str:
    items = "".join(
        f'<li><a href="{root}shows/{quote(show.folder)}/index.html"><bdi>{_text(show.title)}</bdi></a> '
        f"<small>{len(show.entries):,}</small></li>\n"
        for show in shows
    )
    return f'<nav class="shows" aria-label="Shows"><ul>\n{items}</ul></nav>' if items else ""


def _years(listing: Listing, root: str) -> str:
    """Links to where each year begins; none if the list is short."""
    if listing.n_pages == 1:
        return ""
    first: dict[str, int] = {}
    for place, entry in enumerate(listing.entries):
        first.setdefault(entry.published[:4], place)
    items = "".join(
        f'<li><a href="{root}{quote(listing.path(place // PER_PAGE + 1))}#y{year}">{year}</a></li>\n'
        for year, place in first.items()
        if year
    )
    return f'<nav class="years" aria-label="Years"><ul>\n{items}</ul></nav>'


def _month(month: str, entries: Sequence[Entry], listing: Listing, root: str, *, with_show: bool) -> str:
    year, _, number = month.partition("-")
    name = f"{_MONTHS[int(number) - 1]} {year}" if number else "Without a date"
    starts_year = next(entry for entry in listing.entries if entry.published[:4] == year) == entries[0]
    anchor = f' id="y{year}"' if year and starts_year else ""
    items = "".join(_item(entry, root, with_show=with_show) for entry in entries)
    return f'<section>\n<h2{anchor}>{name}</h2>\n<ol class="episodes">\n{items}</ol>\n</section>'


def _item(entry: Entry, root: str, *, with_show: bool) -> str:
    facts = []
    if entry.published:
        year, month, day = entry.published[:10].split("-")
        shown = f"{int(day)} {_MONTHS[int(month) - 1]} {year}"
        facts.append(f'<time datetime="{entry.published[:10]}">{shown}</time>')
    if with_show:
        facts.append(f"<bdi>{_text(entry.show)}</bdi>")
    facts.append(clock(max(0, entry.duration_ms)))
    tag = language_tag(entry.language)
    language = f' lang="{tag}"' if tag else ""
    summary = f'<p class="summary" dir="auto"{language}>{_text(entry.summary)}</p>\n' if entry.summary else ""
    return (
        f'<li>\n<h3 dir="auto"{language}><a href="{root}{quote(entry.page)}">{_text(entry.title)}</a></h3>\n'
        f'<p class="facts">{" · ".join(facts)}</p>\n{summary}</li>\n'
    )


def _pager(listing: Listing, number: int, root: str) -> str:
    if listing.n_pages == 1:
        return ""
    items = []
    for page in range(1, listing.n_pages + 1):
        if page in (1, listing.n_pages) or abs(page - number) <= 2:
            href = root + quote(listing.path(page))
            current = ' aria-current="page"' if page == number else ""
            items.append(f'<li><a href="{href}"{current} aria-label="Page {page}">{page}</a></li>')
        elif abs(page - number) == 3:
            items.append('<li aria-hidden="true">…</li>')
    ends = [
        f'<a rel="{rel}" href="{root}{quote(listing.path(page))}">{name}</a>'
        if 1 <= page <= listing.n_pages
        else ""
        for rel, page, name in (("prev", number - 1, "Newer"), ("next", number + 1, "Older"))
    ]
    pages = "\n".join(items)
    return f'<nav class="pager" aria-label="Pages">{ends[0]}\n<ol>\n{pages}\n</ol>\n{ends[1]}</nav>'


def _text(text: str) -> str:
    return escape(clean_text(text), quote=False)
