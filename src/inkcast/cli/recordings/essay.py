"""``inkcast essay``: what is understood of an essay, before an hour of transcription."""

from __future__ import annotations

import click

from inkcast.api import read_essay
from inkcast.cli.connection import connect_for
from inkcast.cli.essay_part import part_options
from inkcast.cli.output import on_one_line, print_json
from inkcast.cli.shared_options import FILE_OR_ADDRESS, allow_private_option, json_option, verbosity_options
from inkcast.essays.part import Part


@click.command()
@click.argument("essay", type=FILE_OR_ADDRESS)
@part_options
@json_option
@allow_private_option
@verbosity_options
def command(essay: str, part: Part, as_json: bool, allow_private: bool) -> None:
    """Show what is understood of an essay: its blocks, and of which kind each is.

    ESSAY is a file or an address. If that is not the text, --select names its element.

    \b
    Example:
      inkcast essay essay.html --select "div.story"
    """
    with connect_for([essay], allow_private=allow_private) as client:
        text = read_essay(essay, part, client)
    if as_json:
        print_json(text.to_json())
        return
    width = max(len(block.kind) for block in text.blocks)
    for block in text.blocks:
        speaker = f"{block.speaker}: " if block.speaker else ""
        click.echo(f"{block.kind:{width}}  {on_one_line(speaker + block.text)}")
