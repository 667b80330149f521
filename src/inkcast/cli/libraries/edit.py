"""``inkcast edit``: correct an episode in the browser."""

from __future__ import annotations

import os
import tempfile
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any

import click

from inkcast.cli.libraries.library_options import WHICH_LIBRARY, library_option
from inkcast.cli.shared_options import settings_options, verbosity_options
from inkcast.editor.edit_server import EditServer
from inkcast.editor.editable import (
    Editable,
    aligned_files,
    episode_of_library,
    library_around,
    worst_of_library,
)
from inkcast.editor.session import Remade, Session
from inkcast.errors import InkcastError
from inkcast.settings import Settings

_POLL_S = 0.3


@click.command()
@click.argument("episode", metavar="[EPISODE|ALIGNMENT]", required=False)
@library_option("The folder that 'inkcast sync' made; EPISODE is one of its.", is_needed=False)
@click.option("--next", "is_next", is_flag=True, help="The episode with the most doubtful places.")
@click.option(
    "--audio",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The recording of ALIGNMENT, if it is not where it was.",
)
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0 picks a free one."
)
@settings_options
@verbosity_options
@click.pass_context
def command(
    ctx: click.Context,
    episode: str | None,
    library: Path | None,
    is_next: bool,
    audio: Path | None,
    no_browser: bool,
    port: int,
    settings: Settings,
) -> None:
    """Correct an episode in the browser: what is not read, what is said instead, when words are heard.

    EPISODE is a title, a guid or a folder of a library; ALIGNMENT the .alignment.json or the page that
    'inkcast align' made. Each change is saved at once in the episode's .corrections.toml. On "Done", or
    Ctrl-C, everything that hangs on it is made anew. Only this machine can connect, and only with the
    address that is printed.

    \b
    Examples:
      inkcast edit out/episode.alignment.json
      inkcast edit "Night trains" --library podcasts
      inkcast edit --next
    """  # fmt: skip
    if (episode is None) != is_next:
        raise click.UsageError("Name an episode, or give --next.")
    feeds: dict[str, Any] = dict((ctx.default_map or {}).get("feeds", {}))
    found = _find(episode, library, audio, settings, feeds)
    if found is None:
        click.echo("There is no doubtful place left.", err=True)
        return
    if found.is_behind():
        click.echo("Applying the corrections that are new in the file.", err=True)
        found.remake(None)
    with Session(found, settings.align_options()) as session:
        with EditServer(session, port) as server, server.running():
            click.echo(server.url)
            with _opened(None if no_browser else server.url):
                _wait(server)
        if not server.is_done.is_set():
            click.echo("Making everything anew.", err=True)
        made = _finished(session)
    for path in made.files:
        click.echo(path)
    if made.files:
        click.echo(f"{len(made.files)} files made anew in {made.seconds:.1f} s.", err=True)
    else:
        click.echo("Nothing was changed.", err=True)


def _find(
    episode: str | None, library: Path | None, audio: Path | None, settings: Settings, feeds: dict[str, Any]
) -> Editable | None:
    path = Path(episode) if episode is not None else None
    around = library_around(path) if path and path.exists() else None
    if path and around:
        library, episode = around, str(path if path.is_dir() else path.parent)
    elif path and path.is_file():
        return aligned_files(path, audio, settings)
    if library is None:
        raise click.UsageError(WHICH_LIBRARY)
    name = episode if episode is not None else worst_of_library(library)
    return None if name is None else episode_of_library(library, name, settings, feeds)


def _finished(session: Session) -> Remade:
    try:
        return session.finish()
    except InkcastError:
        click.echo("Your corrections are saved: the next sync, or align, applies them.", err=True)
        raise


def _wait(server: EditServer) -> None:
    """Until the person is done, or Ctrl-C; not in one go, which Ctrl-C does not end on Windows."""
    try:
        while not server.is_done.wait(_POLL_S):
            pass
    except KeyboardInterrupt:
        click.echo("", err=True)


@contextmanager
def _opened(url: str | None) -> Iterator[None]:
    """Open an address in the browser; not as an argument, which every user of the machine can read."""
    if url is None:
        yield
        return
    number, name = tempfile.mkstemp(prefix="inkcast-", suffix=".html")  # nobody else may read it
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(f'<!doctype html><meta http-equiv="refresh" content="0; url={escape(url)}">')
        webbrowser.open(Path(name).as_uri())
        yield
    finally:
        Path(name).unlink(missing_ok=True)
