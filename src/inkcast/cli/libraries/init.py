"""``inkcast init``: the settings of a podcast that is to be published."""

from __future__ import annotations

import json
from pathlib import Path

import click

from inkcast.cli.connection import connect
from inkcast.cli.libraries.publish import check_base_url
from inkcast.cli.output import on_one_line, verbosity
from inkcast.cli.shared_options import FILE_OR_ADDRESS, allow_private_option, verbosity_options
from inkcast.download.fetch_feed import FetchedFeed, fetch_feed
from inkcast.errors import SettingsError
from inkcast.files import write_text
from inkcast.settings import FILE_NAME

_TEXT = """\
# Made by 'inkcast init'; docs/settings.md tells what else can be set.
library = {library}
{base_url}
# {title}
[feeds.{feed}]
{language}
# vocabulary = ["Names that", "the model should know"]
"""


@click.command()
@click.argument("feed", metavar="[FEED]", required=False, type=FILE_OR_ADDRESS)
@click.option("--language", metavar="CODE", help="Spoken language, such as en.  [default: the feed's]")
@click.option(
    "--base-url",
    metavar="URL",
    callback=check_base_url,
    help="Where the site will be on the web.  [default: nowhere]",
)
@click.option(
    "--library", metavar="DIR", default="library", show_default=True, help="Where the episodes will be."
)
@allow_private_option
@verbosity_options
def command(feed: str | None, language: str | None, base_url: str, library: str, allow_private: bool) -> None:
    """Write inkcast.toml for a podcast, after three questions.

    They are not asked if FEED, an address or a file, is given. With that file, 'inkcast sync' and
    'inkcast publish -o site' in this folder need to be told nothing else.

    \b
    Examples:
      inkcast init
      inkcast init https://example.com/feed.xml --base-url https://example.com/listen
    """
    path = Path(FILE_NAME)
    if path.exists():
        raise SettingsError(f"{path} is there already.", "Edit it, or begin in another folder.")
    asks = feed is None
    if feed is None:
        feed = str(click.prompt("Which podcast? The address of its feed", err=True)).strip()
    with connect(allow_private=allow_private, addresses=[feed]) as client:
        fetched = fetch_feed(client, feed)
    if verbosity() >= 0:
        click.echo(_summary(fetched), err=True)
    said = (fetched.feed.language or "").partition("-")[0].lower()
    if asks and language is None:
        language = click.prompt(
            "Which language is spoken? Its code, or - to detect it", said or "-", err=True
        )
    if asks and not base_url:
        base_url = click.prompt(
            "Where will its site be on the web? An address, or - for nowhere",
            "-",
            err=True,
            value_proc=lambda value: "" if value == "-" else check_base_url(None, None, value),
        )
    language = said if language is None else language.strip("-")
    text = _TEXT.format(
        library=_quoted(library),
        base_url=f"base_url = {_quoted(base_url)}\n" if base_url else "",
        title=on_one_line(fetched.feed.title),
        feed=_quoted(fetched.address),
        language=f"language = {_quoted(language)}" if language else '# language = "en"',
    )
    click.echo(write_text(path, text))
    if verbosity() >= 0:
        click.echo("Next: inkcast sync, then inkcast publish -o site", err=True)


def _summary(fetched: FetchedFeed) -> str:
    feed = fetched.feed
    with_text = sum(episode.essay_source == "content" for episode in feed.episodes)
    count = f"{len(feed.episodes)} episode{'' if len(feed.episodes) == 1 else 's'}"
    return f"{on_one_line(feed.title)}: {count}, {with_text} with the essay's text in the feed."


def _quoted(text: str) -> str:
    """A TOML string, which is one of JSON but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
