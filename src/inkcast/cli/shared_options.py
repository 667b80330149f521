"""Options that several commands share."""

from __future__ import annotations

import functools
from collections import ChainMap
from collections.abc import Callable, Collection, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import click

from inkcast.cli.output import set_verbosity
from inkcast.errors import SettingsError
from inkcast.options import is_speakers
from inkcast.settings import Settings, is_device, parse_size
from inkcast.speech.load import TRANSCRIBERS

Function = TypeVar("Function", bound=Callable[..., Any])

FILE_OR_ADDRESS = click.Path()
"""Of arguments that may be either: the shell completes files."""

_TABLES = ("readings", "speaker_names")
_FLAGS = [field.name for field in fields(Settings) if field.name not in _TABLES]


def settings_options(function: Function) -> Function:
    """Add an option for each setting; the command gets them as ``settings: Settings``."""

    @functools.wraps(function)
    def command(*args: Any, **values: Any) -> Any:
        flags = {name: values.pop(name) for name in _FLAGS}
        names = {**_table("speaker_names"), **values.pop("speaker")}
        settings = Settings(readings=_table("readings"), speaker_names=names, **flags)
        return function(*args, settings=settings, **values)

    default = Settings()
    options = (
        *_model_options(default),
        *_hearing_options(default),
        _speaker_option,
        allow_private_option,
        max_size_option,
    )
    for option in reversed(options):
        command = option(command)
    return command  # type: ignore[return-value]


def _model_options(default: Settings) -> tuple[Callable[[Any], Any], ...]:
    """What hears, and on what."""
    return (
        click.option(
            "--model",
            metavar="NAME",
            shell_complete=complete_model,
            default=default.model,
            envvar="INKCAST_MODEL",
            show_envvar=True,
            show_default=True,
            help="auto, a name from 'inkcast models list', a folder of CTranslate2 weights, or a .pt file.",
        ),
        click.option(
            "--engine",
            type=click.Choice(list(TRANSCRIBERS)),
            default=default.engine,
            envvar="INKCAST_ENGINE",
            show_envvar=True,
            show_default=True,
            help="The engine that runs the model.",
        ),
        click.option(
            "--device",
            callback=_check_device,
            metavar="DEVICE",
            default=default.device,
            envvar="INKCAST_DEVICE",
            show_envvar=True,
            show_default=True,
            help="Where it runs: auto, cpu, cuda, cuda:N or mps.",
        ),
        click.option(
            "--language",
            metavar="CODE",
            default=None,
            envvar="INKCAST_LANGUAGE",
            show_envvar=True,
            help="Spoken language, such as en; detected if not given.",
        ),
    )


def _hearing_options(default: Settings) -> tuple[Callable[[Any], Any], ...]:
    """How it hears, and how words are placed."""
    return (
        click.option(
            "--prompt",
            default="",
            metavar="TEXT",
            envvar="INKCAST_PROMPT",
            show_envvar=True,
            help="Text that the model takes as said before, where it transcribes without an essay.",
        ),
        click.option(
            "--vocabulary",
            type=click.UNPROCESSED,
            callback=_read_vocabulary,
            metavar="FILE",
            envvar="INKCAST_VOCABULARY",
            show_envvar=True,
            help="Names and spellings, one per line, that the model should know there.",
        ),
        click.option(
            "--beam-size",
            type=click.IntRange(1, 50),
            default=default.beam_size,
            metavar="N",
            envvar="INKCAST_BEAM_SIZE",
            show_envvar=True,
            show_default=True,
            help="How wide transcription without an essay searches.",
        ),
        click.option(
            "--second-looks/--no-second-looks",
            default=default.second_looks,
            envvar="INKCAST_SECOND_LOOKS",
            show_envvar=True,
            show_default=True,
            help="Hear doubtful words of the essay once more.",
        ),
        click.option(
            "--refine/--no-refine",
            default=default.refine,
            envvar="INKCAST_REFINE",
            show_envvar=True,
            show_default=True,
            help="Move words to where their sound is.",
        ),
        click.option(
            "--speakers",
            type=click.UNPROCESSED,
            callback=_read_speakers,
            default=default.speakers,
            metavar="N",
            envvar="INKCAST_SPEAKERS",
            show_envvar=True,
            show_default=True,
            help="How many speak; auto finds out, if 'inkcast models pull speakers' was run; off does not.",
        ),
    )


def _table(name: str) -> dict[str, Any]:
    """A table cannot be a flag, at least not as a whole: it comes from inkcast.toml."""
    return dict((click.get_current_context().default_map or {}).get(name, {}))


def _speaker_option(function: Function) -> Function:
    return click.option(
        "--speaker",
        multiple=True,
        metavar="WHO=NAME",
        callback=_read_names,
        help="Who speaks: WHO is a label of the text, or 1 for the voice that is heard first. Repeatable.",
    )(function)


def _read_names(ctx: click.Context, param: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    pairs = [value.partition("=") for value in values]
    wrong = [f"{who}{sign}{name}" for who, sign, name in pairs if not (who.strip() and name.strip())]
    if wrong:
        raise click.BadParameter(f'{wrong[0]!r} is not of the form "A=Nathan Lambert".')
    return {who.strip(): name.strip() for who, _, name in pairs}


def allow_private_option(function: Function) -> Function:
    """Add ``--allow-private``; the command gets ``allow_private: bool``."""
    return click.option(
        "--allow-private",
        is_flag=True,
        envvar="INKCAST_ALLOW_PRIVATE",
        show_envvar=True,
        help="Also fetch from addresses of the local network.",
    )(function)


def max_size_option(function: Function) -> Function:
    """Add ``--max-size``; the command gets ``max_size: int``, in bytes."""
    return click.option(
        "--max-size",
        callback=_parse_size,
        default="4 GB",
        metavar="SIZE",
        envvar="INKCAST_MAX_SIZE",
        show_envvar=True,
        show_default=True,
        help="Refuse larger downloads.",
    )(function)


def track_option(function: Function) -> Function:
    """Add ``--track``; the command gets ``track: int | None``."""
    return click.option(
        "--track",
        type=click.IntRange(1),
        metavar="N",
        help="Hear the Nth audio track of the file.  [default: the one that players play]",
    )(function)


def json_option(function: Function) -> Function:
    """Add ``--json``; the command gets ``as_json: bool``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(function)


def _read_speakers(ctx: click.Context, param: click.Parameter, value: object) -> object:
    read = int(value) if isinstance(value, str) and value.isdecimal() else value
    if not is_speakers(read):
        raise click.BadParameter(f"{value!r} is not auto, off or a number from 1 on.")
    return read


def _read_vocabulary(
    ctx: click.Context, param: click.Parameter, value: str | Sequence[str] | None
) -> tuple[str, ...]:
    """Names from a file; in ``inkcast.toml`` they are a list themselves."""
    if value is None or not isinstance(value, str):
        return tuple(value or ())
    try:
        lines = Path(value).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise SettingsError(
            f"Cannot read {value}: {reason}.", "It must be a text file, one name per line."
        ) from error
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def formats_option(default: str, *others: str) -> Callable[[Function], Function]:
    """Add ``--format``, of subtitles and ``others``; the command gets ``formats: tuple[str, ...]``."""
    from inkcast.publish.subtitles.formats import FORMATS  # not for commands that make no subtitles

    # The table may grow after a command was imported.
    known = ChainMap(dict.fromkeys(others, None), FORMATS)
    return names_option("--format", "formats", known, default=default, show_default=True)


def names_option(
    flag: str, name: str, known: Collection[str], **attributes: Any
) -> Callable[[Function], Function]:
    """Add an option that takes several names with commas between them, and completes the last of them."""

    def split(ctx: click.Context, param: click.Parameter, value: str) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(part.strip().lower() for part in value.split(",") if part.strip()))
        unknown = [name for name in names if name not in known]
        if unknown or not names:
            raise click.BadParameter(f"{', '.join(unknown) or 'nothing'} is not one of {', '.join(known)}.")
        return names

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",")
        taken = before.split(",")
        return [f"{before}{comma}{each}" for each in known if each.startswith(last) and each not in taken]

    return click.option(
        flag,
        name,
        callback=split,
        shell_complete=complete,
        metavar="NAMES",
        help=f"Any of {', '.join(known)}, with commas between them.",
        **attributes,
    )


def complete_model(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Names of the catalogue; else a path may be typed."""
    from inkcast.speech.models.model_catalog import load_catalogue

    names = dict.fromkeys(["auto", *(entry.name for entry in load_catalogue())])
    return [name for name in names if name.startswith(incomplete)]


def verbosity_options(function: Function) -> Function:
    """Add ``-v`` and ``-q``; they are in force without the command's doing."""
    verbose = click.option(
        "-v",
        "--verbose",
        count=True,
        expose_value=False,
        callback=_set_verbose,
        is_eager=True,
        help="Log more: requests, causes of errors.",
    )
    quiet = click.option(
        "-q", "--quiet", is_flag=True, expose_value=False, callback=_set_quiet, help="Print errors only."
    )
    return verbose(quiet(function))


def _check_device(ctx: click.Context, param: click.Parameter, value: str) -> str:
    if not is_device(value):
        raise click.BadParameter(f"{value!r} is not one of auto, cpu, cuda, cuda:N, mps.")
    return value


def _parse_size(ctx: click.Context, param: click.Parameter, value: str) -> int:
    try:
        return parse_size(str(value))
    except ValueError as error:
        raise click.BadParameter(f"{error}.") from error


def _set_verbose(ctx: click.Context, param: click.Parameter, value: int) -> None:
    set_verbosity(ctx, value)


def _set_quiet(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        set_verbosity(ctx, -1)
