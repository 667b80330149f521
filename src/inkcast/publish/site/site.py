"""A library as a static site: everything that changed is made again, nothing else is touched.

index.html  pages/2.html …          all episodes by date
shows/<show>/index.html …           those of one show, where there are several
<date>-<title>/                     index.html (the reader), subtitles, search.js, the recording
episodes/<show>/<episode>/          where that was in sites of older versions: leads to it
search.html  search/*.js            full-text search
feed.xml  shows/<show>/feed.xml  sitemap.xml    with a base address only
feeds/<show>.xml                    copies of publishers' feeds
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

from inkcast import __version__
from inkcast.errors import PublishError
from inkcast.files import digest, make_folder
from inkcast.on_progress import OnProgress, tell_nobody
from inkcast.publish.pages.head import Head
from inkcast.publish.pages.template import render_page
from inkcast.publish.site.addresses import new_address
from inkcast.publish.site.episode_page import Options, cover_path, file_names, make_episode, read_cover
from inkcast.publish.site.feed import PublisherFeed, copied_feed, rss_feed, sitemap
from inkcast.publish.site.folder import put_all, remove_files
from inkcast.publish.site.lists import Show, list_pages, newest_first, shows_of
from inkcast.publish.site.manifest import Entry, Manifest, read_manifest, write_manifest
from inkcast.publish.site.shards import index_shards
from inkcast.publish.site.source import Source


@dataclass(slots=True)
class Result:
    """What publishing did, in paths of episodes within the site.

    ``problems`` are episodes and copies of feeds that could not be made, with the reason: where there was an
    older page, it stays. ``silent`` have no recording that the site's visitors could play.
    """

    made: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    silent: list[str] = field(default_factory=list)


def publish_site(
    sources: Sequence[Source],
    site: Path,
    options: Options,
    feeds: Sequence[PublisherFeed] = (),
    *,
    progress: OnProgress = tell_nobody,
) -> Result:
    """Make a site, or bring it up to date.

    Args:
        sources: all episodes that it is to have.
        site: its folder: new, empty, or a site made before.
        options: what it is like.
        feeds: publishers' feeds to copy, with links to the site's transcripts; only with a ``base_url``.
        progress: told how many episodes are done, and of how many.
    Raises:
        PublishError: the folder holds something else.
        StorageError: the disk refuses; the next run goes on from there.
    """
    before = read_manifest(make_folder(site))
    entries, result = _numbered(sources, before, options), Result()
    moved = _moved(entries, before)
    next_number = max((entry.number + 1 for entry in entries.values()), default=0)
    next_number = max(next_number, before.next_number)
    old = _where_they_are_now(before, entries)
    # Known before they are made: a killed run leaves no file behind that nobody knows.
    planned = old | {source.path: _planned(source, entries[source.path], old) for source in sources}
    unknown = tuple(before.all_files() - Manifest(entries=planned).all_files())
    write_manifest(site, Manifest(next_number, planned, unknown, moved))
    done: dict[str, Entry] = {}
    for index, source in enumerate(sources):
        progress(index, len(sources))
        entry = _update(source, entries[source.path], old.get(source.path), site, options, result)
        if entry:
            done[source.path] = entry
    result.removed = sorted(old[source].path for source in set(old) - set(done))
    result.silent = [entry.path for entry in done.values() if entry.audio is None]
    moved = {path: source for path, source in moved.items() if source in done}
    shared = _shared_files(site, sources, done, before, options, result)
    shared |= {f"{path}/index.html": _redirect(path, done[source]) for path, source in moved.items()}
    files = put_all(site, shared | _copied_feeds(feeds, done, options, result))
    after = Manifest(next_number, done, tuple(files), moved)
    remove_files(site, before.all_files() - after.all_files())
    write_manifest(site, after)
    return result


def _numbered(sources: Iterable[Source], before: Manifest, options: Options) -> dict[str, Entry]:
    """An entry for each episode with its number, key and folder."""
    makers = _makers()
    entries, number = {}, before.next_number
    taken = {entry.path for entry in before.entries.values()}
    for source in sources:
        known = before.entries.get(source.path)
        facts = (
            *(source.key, source.title, source.show, source.published, makers, options.remote_images),
            *(options.with_audio, options.base_url, "" if options.with_audio else source.audio),
        )
        path = known.path if known and known.path != source.path else new_address(source, taken)
        taken.add(path)
        entries[source.path] = Entry(known.number if known else number, digest(facts), source.path, path)
        number += known is None
    return entries


def _moved(entries: Mapping[str, Entry], before: Manifest) -> dict[str, str]:
    """Every folder that one of the episodes had before it came to where it is."""
    left = {entry.path: source for source, entry in before.entries.items() if source in entries}
    return {
        path: source
        for path, source in {**before.moved, **left}.items()
        if source in entries and path != entries[source].path
    }


def _where_they_are_now(before: Manifest, entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """The entries that are known, without the files of those that move."""
    return {
        source: entry
        if source not in entries or entries[source].path == entry.path
        else replace(entry, key="", path=entries[source].path, files=())
        for source, entry in before.entries.items()
    }


def _redirect(path: str, entry: Entry) -> bytes:
    """The page that stands where an episode was."""
    target = "../" * len(Path(path).parts) + quote(entry.page)
    page = render_page(
        "publish/site/redirect.html",
        style="publish/site/site.css",
        scripts=("publish/site/redirect.js",),
        title=entry.title,
        target=target,
    )
    return page.encode("utf-8", errors="replace")


def _makers() -> str:
    """Digest of what turns sources into pages: with another Inkcast, all are made again."""
    found = hashlib.sha256(__version__.encode())
    folder = Path(__file__).parents[1]
    for path in sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".js", ".css", ".html")):
        found.update(path.read_bytes())
    return found.hexdigest()


def _planned(source: Source, entry: Entry, old: Mapping[str, Entry]) -> Entry:
    """What is known of an episode before it is made: the files that it has and those that it may get."""
    before = old.get(entry.source, entry)
    if before.key == entry.key and entry.source in old:
        return before
    return replace(before, key="", files=tuple({*before.files, *file_names(source)}))


def _update(
    source: Source, entry: Entry, old: Entry | None, site: Path, options: Options, result: Result
) -> Entry | None:
    """The episode's entry with its files in place; None if it has none."""
    folder = site / entry.path
    if old and old.key == entry.key and all((folder / name).is_file() for name in old.files):
        result.unchanged.append(entry.path)
        return old
    try:
        entry = make_episode(source, entry, folder, options)
        if old:
            remove_files(folder, set(old.files) - set(entry.files))
        result.made.append(entry.path)
        return entry
    except PublishError as error:
        result.problems[entry.path] = str(error)
        return old if old and old.key else None


def _shared_files(
    site: Path,
    sources: Sequence[Source],
    entries: Mapping[str, Entry],
    before: Manifest,
    options: Options,
    result: Result,
) -> dict[str, bytes | None]:
    """The files that belong to no episode; None for those that may stay as they are."""
    ordered = newest_first(list(entries.values()))
    abouts = {source.show_folder: source.about for source in sources}
    pictures = {source.show_folder: source.cover for source in sources if source.cover}
    shows = shows_of(ordered, abouts, {folder: cover_path(folder) for folder in pictures})
    title = options.title or (shows[0].title if len(shows) == 1 else "Library")
    files = _search_files(site, title, ordered, before, options, result)
    files |= {show.cover: read_cover(pictures[show.folder]) for show in shows if show.cover}
    pages = list_pages(title, ordered, shows, options)
    files |= {path: page.encode("utf-8", errors="replace") for path, page in pages.items()}
    if options.base_url:
        files |= _feeds(title, ordered, shows, options.base_url)
        files["sitemap.xml"] = sitemap([*pages, *(entry.page for entry in ordered)], options.base_url)
    return files


def _search_files(
    site: Path, title: str, ordered: Sequence[Entry], before: Manifest, options: Options, result: Result
) -> dict[str, bytes | None]:
    files: dict[str, bytes | None] = {}
    known = [path for path in before.files if path.startswith("search/")]
    if result.made or result.removed or not all((site / path).is_file() for path in known) or not known:
        files |= {path: text.encode() for path, text in index_shards(site, ordered).items()}
    else:
        files |= dict.fromkeys(known)
    page = render_page(
        "publish/site/search.html",
        style="publish/site/site.css",
        scripts=("publish/site/search.js",),
        loads="scripts",
        head=Head("Search", title, address=f"{options.base_url}search.html" if options.base_url else ""),
        to=quote,
        title="Search",
        site=title,
        current="search",
        status=options.status,
        feed="",
    )
    return files | {"search.html": page.encode("utf-8", errors="replace")}


def _feeds(
    title: str, ordered: Sequence[Entry], shows: Sequence[Show], base_url: str
) -> dict[str, bytes | None]:
    several = len(shows) > 1
    whole = replace(shows[0], title=title) if len(shows) == 1 else Show(title, "", tuple(ordered))
    feeds = {"": whole, **{f"shows/{show.folder}/": show for show in shows if several}}
    return {
        f"{folder}feed.xml": rss_feed(
            *(show.title, show.entries),
            base_url=base_url,
            path=f"{folder}feed.xml",
            page=f"{folder}index.html",
            about=show.about,
            cover=show.cover,
        )
        for folder, show in feeds.items()
    }


def _copied_feeds(
    feeds: Sequence[PublisherFeed], entries: Mapping[str, Entry], options: Options, result: Result
) -> dict[str, bytes | None]:
    copies: dict[str, bytes | None] = {}
    for feed in feeds if options.base_url else ():
        try:
            copies[feed.path] = copied_feed(feed, entries, options.base_url)
        except PublishError as error:
            result.problems[feed.path] = str(error)
    return copies
