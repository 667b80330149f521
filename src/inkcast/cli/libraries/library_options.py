"""Options that several commands on a library share."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from inkcast.cli.shared_options import Function
from inkcast.library.store.schema import FILE_NAME

WHICH_LIBRARY = (
    'Which library? Give --library DIR, set INKCAST_LIBRARY or library = "DIR" in inkcast.toml, '
    "or go into its folder."
)


def library_option(
    help_text: str = "The folder that 'inkcast sync' made.", *, is_needed: bool = True
) -> Callable[[Function], Function]:
    """Add ``--library``; the command gets ``library: Path``, of a folder that may not exist.

    Where it is not needed, and nothing says which, ``library`` is None.
    """
    return click.option(
        "--library",
        type=click.Path(file_okay=False, path_type=Path),
        callback=_find_library if is_needed else _known_library,
        envvar="INKCAST_LIBRARY",
        show_envvar=True,
        metavar="DIR",
        help=f"{help_text}  [default: that of inkcast.toml, or the one you are in]",
    )


use_published_option = click.option(
    "--use-published", is_flag=True, help="Take the publisher's transcript where its times fit."
)


def _find_library(ctx: click.Context, param: click.Parameter, value: Path | None) -> Path | None:
    found = _known_library(ctx, param, value)
    if found is None and not ctx.resilient_parsing:
        raise click.UsageError(WHICH_LIBRARY, ctx)
    return found


def _known_library(ctx: click.Context, param: click.Parameter, value: Path | None) -> Path | None:
    if value is not None or ctx.resilient_parsing:
        return value
    # The settings of a command's own commands are not handed down to them.
    settings: Mapping[str, Any] = next(iter((ctx.find_root().default_map or {}).values()), {})
    if "library" in settings:
        return Path(settings["library"])
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / FILE_NAME).is_file():
            return Path(os.path.relpath(folder, here))
    return None
