"""Options for where the work is done: here, or on the machines of a Ray cluster."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

import click

from inkcast.cli.shared_options import Function
from inkcast.library.executors.executor import Executor
from inkcast.library.executors.local_executor import LocalExecutor
from inkcast.library.steps.episode_steps import Tools

MakeExecutor = Callable[[Tools, int], Executor]
"""Takes what the steps need, and how many episodes are to be downloaded at once."""


def executor_options(function: Function) -> Function:
    """Add ``--executor`` and its kin; the command gets them as ``make_executor: MakeExecutor``."""

    @functools.wraps(function)
    def command(
        *args: Any,
        executor: str,
        ray_address: str,
        workers: int | None,
        gpus_per_worker: float,
        **rest: Any,
    ) -> Any:
        if executor == "local" and (ray_address or workers or gpus_per_worker):
            raise click.UsageError("--ray-address, --workers and --gpus-per-worker need --executor ray.")

        def make(tools: Tools, downloads: int) -> Executor:
            if executor == "local":
                return LocalExecutor(tools, downloads)
            # Imported here: it takes a second.
            from inkcast.library.executors.ray_executor import Cluster, RayExecutor

            return RayExecutor(tools, downloads, Cluster(ray_address, workers, gpus_per_worker))

        return function(*args, make_executor=make, **rest)

    options = (
        click.option(
            "--executor",
            type=click.Choice(("local", "ray")),
            default="local",
            show_default=True,
            help="Where the model runs: in this process, or in several, here or on a Ray cluster.",
        ),
        click.option(
            "--ray-address",
            metavar="HOST:PORT",
            default="",
            callback=_check_address,
            help="The cluster; without it, this machine.",
        ),
        click.option(
            "--workers",
            type=click.IntRange(1),
            metavar="N",
            help="Processes, each with its own model; as many as fit if not given.",
        ),
        click.option(
            "--gpus-per-worker",
            type=click.FloatRange(0),
            default=0,
            metavar="X",
            help="GPUs of each process, or its share of one, such as 0.5.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command  # type: ignore[return-value]


def _check_address(ctx: click.Context, param: click.Parameter, value: str) -> str:
    if value and not re.fullmatch(r"[^/]+:\d{1,5}", value):
        raise click.BadParameter(f"{value!r} is not HOST:PORT, as 'ray start --head' prints it.")
    return value
