"""``inkcast publish``: a library as a static site."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import click

from inkcast.cli.libraries.library_options import library_option
from inkcast.cli.output import on_one_line, print_json, verbosity
from inkcast.cli.progress import Reporter
from inkcast.cli.shared_options import allow_private_option, json_option, verbosity_options
from inkcast.errors import SettingsError, redact
from inkcast.feeds.address import is_web_address
from inkcast.library.store.contents import contents
from inkcast.publish.site.episode_page import Options
from inkcast.publish.site.feed import PublisherFeed
from inkcast.publish.site.site import Result, publish_site


def check_base_url(ctx: click.Context | None, param: click.Parameter | None, value: str | None) -> str:
    """An address with a slash at its end; empty without one. Raises click.BadParameter."""
    value = value or ""
    try:
        parts = urlsplit(value)
        is_plain = is_web_address(value) and not (parts.query or parts.fragment or "@" in parts.netloc)
    except ValueError:  # malformed, such as http://[
        is_plain = False
    if value and not is_plain:
        raise click.BadParameter("it must be an address such as https://example.com/listen/.")
    return f"{value.rstrip('/')}/" if value else ""


@click.command()
@library_option()
@click.option(
    "-o",
    "--out",
    "site",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="SITE",
    help="The site's folder: new, empty, or published before.",
)
@click.option(
    "--base-url",
    callback=check_base_url,
    default="",
    envvar="INKCAST_BASE_URL",
    show_envvar=True,
    metavar="URL",
    help="Where the site will be on the web. Adds RSS feeds and a sitemap.",
)
@click.option("--title", default="", metavar="TEXT", help="The site's title.")
@click.option("--with-audio", is_flag=True, help="Include the recordings in the site.")
@click.option(
    "--feed-copy",
    "feeds",
    multiple=True,
    metavar="FEED",
    help="Include a copy of the publisher's FEED, with transcripts and chapters. May be repeated.",
)
@click.option("--remote-images", is_flag=True, help="Load the essays' images from where they were published.")
@allow_private_option
@json_option
@verbosity_options
@click.pass_context
def command(
    ctx: click.Context,
    library: Path,
    site: Path,
    base_url: str,
    title: str,
    with_audio: bool,
    feeds: tuple[str, ...],
    remote_images: bool,
    allow_private: bool,
    as_json: bool,
) -> None:
    """Make a static site of a library: lists, reader pages, search, feeds.

    It works from any web server, or opened as files. Only what has changed since the last time is made
    again; episodes that have left the library leave the site. The path of its first page is printed, and
    those of copied feeds.

    \b
    Examples:
      inkcast publish --library library --out site --with-audio
      inkcast serve site
    \b
      inkcast publish --library library --out site --base-url https://example.com/listen \\
        --feed-copy https://example.com/podcast.xml
    """  # fmt: skip
    if feeds and not base_url:
        raise click.UsageError("--feed-copy needs --base-url: apps must find the transcripts.")
    inside, outside = site.resolve(), library.resolve()
    if inside == outside or inside in outside.parents:
        raise SettingsError(f"{site} contains the library itself.", "Choose another folder for the site.")
    sources = contents(library)
    copies = _publisher_feeds(feeds, library, allow_private)
    with Reporter() as reporter, reporter.task("Publishing") as progress:
        options = Options(title, base_url, with_audio, remote_images)
        result = publish_site(sources, site, options, copies, progress=progress)
    made_copies = [str(site / copy.path) for copy in copies if copy.path not in result.problems]
    page = site / "index.html"
    if as_json:
        print_json(
            {
                "index": str(page),
                "made": result.made,
                "unchanged": len(result.unchanged),
                "removed": result.removed,
                "without_audio": result.silent,
                "feed_copies": made_copies,
                "problems": [{"episode": path, "reason": why} for path, why in result.problems.items()],
            }
        )
    else:
        for path in (page, *made_copies):
            click.echo(path)
    _report(result)
    if result.problems:
        ctx.exit(1)


def _publisher_feeds(feeds: tuple[str, ...], library: Path, allow_private: bool) -> list[PublisherFeed]:
    if not feeds:
        return []
    # Most sites need no network: reaching for it takes longer than publishing what has not changed.
    from inkcast.cli.connection import connect
    from inkcast.download.client import fetch_bytes
    from inkcast.feeds.rss import parse_feed
    from inkcast.library.own_feed import publisher_feed

    copies: dict[str, PublisherFeed] = {}
    with connect(allow_private=allow_private, addresses=feeds) as client:
        for feed in feeds:
            if redact(feed, guess=False) != feed:
                raise SettingsError(
                    f"{feed} is private: a copy of it on a site would reveal its addresses.",
                    "Name the show's public feed.",
                )
            fetched = fetch_bytes(client, feed)
            copy = publisher_feed(library, parse_feed(fetched.data, fetched.url), fetched.data)
            if copy.path in copies:
                raise SettingsError(f"{feed} is a feed of the same show.", "Name one of them.")
            copies[copy.path] = copy
    return list(copies.values())


def _report(result: Result) -> None:
    for path, reason in result.problems.items():
        click.echo(on_one_line(f"{path}: {reason}"), err=True)
    if verbosity() < 0:
        return
    if result.silent:
        click.echo(
            f"{len(result.silent)} episodes cannot be heard: their recordings have no public address. "
            "Add --with-audio.",
            err=True,
        )
    counts = [f"{len(result.made)} made", f"{len(result.unchanged)} unchanged"]
    if result.removed:
        counts.append(f"{len(result.removed)} removed")
    if result.problems:
        counts.append(f"{len(result.problems)} failed")
    click.echo(", ".join(counts) + ".", err=True)
