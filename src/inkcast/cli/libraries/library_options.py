"""Options that several commands on a library share."""

from __future__ import annotations

from pathlib import Path

import click

library_option = click.option(
    "--library",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="DIR",
    help="The folder that 'inkcast sync' made.",
)
use_published_option = click.option(
    "--use-published", is_flag=True, help="Take the publisher's transcript where its times fit."
)
