"""``inkcast serve``: look at a site or a library on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from inkcast.cli.shared_options import verbosity_options
from inkcast.library.library_site import LibrarySite
from inkcast.library.store.schema import FILE_NAME
from inkcast.publish.site.preview import PreviewServer


@click.command()
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), default=Path())
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="0 picks a free one.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@verbosity_options
def command(folder: Path, port: int, host: str) -> None:
    """Serve a site or library as a preview, until Ctrl-C.

    DIR is this folder if not given. A library is shown as its site, with a page that says what is under way
    and what failed, and which follows a sync that is at work. Only this machine can connect, unless --host
    says otherwise. Range requests are answered, so that players can seek. The address is printed.

    \b
    Example:
      inkcast serve site
      inkcast serve podcasts
    """  # fmt: skip
    refresh = None
    if (folder / FILE_NAME).is_file():
        library = LibrarySite(folder)
        folder, refresh = library.folder, library.refresh
    with PreviewServer(folder, host, port, refresh) as server:
        click.echo(server.url)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo("Stopped.", err=True)
