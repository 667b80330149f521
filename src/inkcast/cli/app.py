"""The command ``inkcast``: which commands there are, and what becomes of errors.

To add a command: a module in a folder beside this one that defines ``command``, and a line in ``COMMANDS``.
"""

from __future__ import annotations

import difflib
import importlib
from pathlib import Path
from typing import Any

import click

from inkcast import __version__
from inkcast.cli.output import Failure
from inkcast.errors import InkcastError
from inkcast.settings import find_settings_file, read_settings

COMMANDS: dict[str, tuple[str, str]] = {
    "episodes": ("feeds", "List a feed's episodes, newest first."),
    "download": ("feeds", "Download a feed's audio, and print the path of each file."),
    "transcribe": ("recordings", "Transcribe recordings, and print the path of each file made."),
    "align": (
        "recordings",
        "Find when each word of an essay is spoken, and make its reader page and subtitles.",
    ),
    "report": (
        "recordings",
        "Show how a recording follows its essay, and every place where it departs from it.",
    ),
    "essay": ("recordings", "Show what is understood of an essay: its blocks, and of which kind each is."),
    "subtitles": ("recordings", "Write subtitles from transcripts or alignments, or check subtitles."),
    "export": ("recordings", "Export an alignment as chapters, tags, a book and other formats."),
    "clip": ("recordings", "Cut a passage out of a recording, by its words or by its times."),
    "init": ("libraries", "Write inkcast.toml for a podcast, after three questions."),
    "sync": ("libraries", "Download, transcribe, align and publish each new episode of a feed."),
    "retry": ("libraries", "Retry at once what failed, or the episodes that you name."),
    "status": (
        "libraries",
        "Show what is done in a library, what failed and why, and what a person should look at.",
    ),
    "edit": (
        "libraries",
        "Correct an episode in the browser: what is not read, what is said instead, when words are heard.",
    ),
    "library": ("libraries", "Check the files of a library, and repair it."),
    "search": ("libraries", "Find words in a library's essays and transcripts, and when they are heard."),
    "publish": ("libraries", "Make a static site of a library: lists, reader pages, search, feeds."),
    "serve": ("libraries", "Serve a site or library as a preview, until Ctrl-C."),
    "models": ("machine", "List, download and check Whisper weights."),
    "doctor": ("machine", "Show what this machine can do."),
}
"""In the order of ``--help``: the folder of the command's module, and its first line of help."""


class LazyGroup(click.Group):
    """Imports a command's module only when that command is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"inkcast.cli.{COMMANDS[cmd_name][0]}.{cmd_name}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command where there is none of that name."""
        name = args[0]
        near = difflib.get_close_matches(name, COMMANDS)
        if name not in COMMANDS and near and not ctx.resilient_parsing:
            ctx.fail(f"No such command '{name}'. Did you mean {' or '.join(near)}?")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Print the table, without importing a command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command: a known error is one line and exit 1, an interrupt exit 130."""
        try:
            return super().invoke(ctx)
        except InkcastError as error:
            raise Failure(error) from error
        except KeyboardInterrupt:
            click.echo("\nStopped.", err=True)
            raise click.exceptions.Exit(130) from None


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="inkcast")
@click.pass_context
def inkcast(ctx: click.Context) -> None:
    """Turn a podcast episode that was read from an essay into an essay you can click to hear.

    Settings come from flags, then INKCAST_* variables, then inkcast.toml in this folder or in your
    configuration folder. Exit status: 0 done, 1 something failed, 2 wrong usage.
    """
    path = find_settings_file(Path.cwd())
    if path is not None:
        settings = read_settings(path)
        if "library" in settings and path.parent != Path.cwd():
            settings["library"] = str(path.parent / settings["library"])
        ctx.default_map = dict.fromkeys(COMMANDS, settings)
