"""``inkcast search``: where a library says something."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from inkcast.cli.libraries.library_options import library_option
from inkcast.cli.output import on_one_line, print_json
from inkcast.cli.progress import Reporter
from inkcast.cli.shared_options import json_option, verbosity_options
from inkcast.library.store.search_index import Found, Hit, search
from inkcast.timecode import clock


@click.command()
@click.argument("query", nargs=-1, required=True)
@library_option()
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="Episodes to show.")
@json_option
@verbosity_options
@click.pass_context
def command(ctx: click.Context, query: tuple[str, ...], library: Path, limit: int, as_json: bool) -> None:
    """Find words in a library's essays and transcripts, and when they are heard.

    QUERY is words that must all occur; '"in quotes"' they are a phrase, 'pod*' is the start of a word, and
    speaker:NAME (or 'speaker:"FULL NAME"') asks for what one person says. Case and accents do not matter.
    Each hit has the address that opens the page there. The exit status is 1 if nothing was found.

    \b
    Examples:
      inkcast search --library library open models
      inkcast search --library library '"open models" licen*'
      inkcast search --library library speaker:nathan scaling laws
    """  # fmt: skip
    with Reporter() as reporter, reporter.task("Indexing") as progress:
        found = search(" ".join(query), library, limit, progress=progress)
    if as_json:
        print_json([_to_json(each) for each in found])
    for each in () if as_json else found:
        _print(each)
    if not found:
        click.echo("Nothing was found.", err=True)
        ctx.exit(1)


def _print(found: Found) -> None:
    source = found.source
    date = f", {source.published.date().isoformat()}" if source.published else ""
    show = on_one_line(f"({source.show}{date})")
    click.echo(f"{click.style(on_one_line(source.title), bold=True)} {show}")
    for hit in found.hits:
        words = []
        for index, word in enumerate(map(on_one_line, hit.text.split(" "))):
            if hit.speakers and hit.speakers[index] not in ("", *hit.speakers[max(0, index - 1) : index]):
                words.append(f"{on_one_line(hit.speakers[index])}:")
            words.append(click.style(word, bold=True) if index in hit.marked else word)
        click.echo(f"  {'–' if hit.start_ms is None else clock(hit.start_ms)}  … {' '.join(words)} …")
        if found.page:
            click.echo(f"      {_address(found, hit)}")
    if not found.hits and found.page:
        click.echo(f"      {_address(found)}")


def _address(found: Found, hit: Hit | None = None) -> str:
    """The reader page at the moment of the hit."""
    if found.page is None:
        return ""
    moment = "" if hit is None or hit.start_ms is None else f"#t={hit.start_ms // 1000}"
    return found.page.resolve().as_uri() + moment


def _to_json(found: Found) -> dict[str, Any]:
    source = found.source
    return {
        "title": source.title,
        "show": source.show,
        "published": source.published.isoformat() if source.published else None,
        "folder": str(source.audio.parent),
        "page": _address(found) or None,
        "hits": [
            {
                "start_ms": hit.start_ms,
                "speaker": hit.speaker or None,
                "text": hit.text,
                "marked": list(hit.marked),
                "url": _address(found, hit) or None,
            }
            for hit in found.hits
        ],
    }
