"""Options that several commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from inkcast.cli.output import set_verbosity
from inkcast.errors import SettingsError
from inkcast.settings import ENGINES, Engine, Settings, is_device, parse_size

_FORMATS = ("srt", "vtt", "ass", "txt", "tsv", "json")

Function = TypeVar("Function", bound=Callable[..., Any])


def settings_options(function: Function) -> Function:
    """Add an option for each setting; the command gets them as ``settings: Settings``."""

    @functools.wraps(function)
    def command(
        *args: Any,
        model: str,
        engine: Engine,
        device: str,
        language: str | None,
        allow_private: bool,
        max_size: int,
        **rest: Any,
    ) -> Any:
        settings = Settings(model, engine, device, language, allow_private, _readings(), max_size)
        return function(*args, settings=settings, **rest)

    default = Settings()
    options = (
        click.option(
            "--model",
            metavar="NAME",
            default=default.model,
            envvar="INKCAST_MODEL",
            show_envvar=True,
            show_default=True,
            help="auto, a name from 'inkcast models list', a folder of CTranslate2 weights, or a .pt file.",
        ),
        click.option(
            "--engine",
            type=click.Choice(ENGINES),
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
        allow_private_option,
        max_size_option,
    )
    for option in reversed(options):
        command = option(command)
    return command  # type: ignore[return-value]


def _readings() -> dict[str, list[str]]:
    """A table cannot be a flag: it comes from inkcast.toml alone."""
    return dict((click.get_current_context().default_map or {}).get("readings", {}))


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


def json_option(function: Function) -> Function:
    """Add ``--json``; the command gets ``as_json: bool``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(function)


def prompt_options(function: Function) -> Function:
    """Add ``--prompt`` and ``--vocabulary``; the command gets both as ``prompt: str``."""

    @functools.wraps(function)
    def command(*args: Any, prompt: str, vocabulary: Path | None, **rest: Any) -> Any:
        words = _read_vocabulary(vocabulary) if vocabulary else ""
        return function(*args, prompt=f"{words} {prompt}".strip(), **rest)

    options = (
        click.option(
            "--prompt",
            default="",
            metavar="TEXT",
            help="Text that the model takes as preceding the recording.",
        ),
        click.option(
            "--vocabulary",
            type=click.Path(dir_okay=False, path_type=Path),
            metavar="FILE",
            help="Names and spellings, one per line, that the model should know in every window.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command  # type: ignore[return-value]


def _read_vocabulary(path: Path) -> str:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise SettingsError(
            f"Cannot read {path}: {reason}.", "It must be a text file, one name per line."
        ) from error
    names = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    return f"{', '.join(names)}." if names else ""


def formats_option(default: str) -> Callable[[Function], Function]:
    """Add ``--format``; the command gets ``formats: tuple[str, ...]``."""
    return click.option(
        "--format",
        "formats",
        callback=_split_formats,
        metavar="NAMES",
        default=default,
        show_default=True,
        help="Any of srt, vtt, ass, txt, tsv, json, with commas between them.",
    )


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


def _split_formats(ctx: click.Context, param: click.Parameter, value: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip().lower() for name in value.split(",") if name.strip()))
    unknown = [name for name in names if name not in _FORMATS]
    if unknown or not names:
        raise click.BadParameter(f"{', '.join(unknown) or 'nothing'} is not one of {', '.join(_FORMATS)}.")
    return names


def _set_verbose(ctx: click.Context, param: click.Parameter, value: int) -> None:
    set_verbosity(ctx, value)


def _set_quiet(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        set_verbosity(ctx, -1)
