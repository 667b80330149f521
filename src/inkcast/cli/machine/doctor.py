"""``inkcast doctor``: what this machine has, and whether it can transcribe."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shutil
from pathlib import Path
from typing import Any

import click

import inkcast
from inkcast.cli.output import print_json
from inkcast.cli.shared_options import json_option, verbosity_options
from inkcast.errors import ModelError
from inkcast.speech.models.model_catalog import find_model, installed_at, load_catalogue, models_folders


@click.command()
@json_option
@verbosity_options
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Show what this machine can do.

    Exit status 1 if it cannot transcribe at all.

    \b
    Example:
      inkcast doctor --json
    """
    report = _examine()
    if as_json:
        print_json(report)
    else:
        _print(report)
    if not report["can_transcribe"]:
        ctx.exit(1)


def _examine() -> dict[str, Any]:
    packages = _packages()
    engines = {"ctranslate2": _ctranslate2(), "whisper": _torch()}
    models = _models()
    problems = [f"{name} is not installed." for name, version in packages.items() if version is None]
    problems += [engine["problem"] for engine in engines.values() if engine["problem"]]
    problems += [model["problem"] for model in models if model["problem"]]
    formats = {model["format"] for model in models if not model["problem"]}
    if not formats:
        problems.append("No model is installed. Run: inkcast models pull tiny.en")
    runs = {"ctranslate2": "ctranslate2", "openai": "whisper"}
    folder = models_folders()[0]
    return {
        "inkcast": inkcast.__version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "packages": packages,
        "engines": engines,
        "models": models,
        "models_folder": str(folder),
        "free_bytes": _free_bytes(folder),
        "ffmpeg": shutil.which("ffmpeg"),
        "can_transcribe": any(not engines[runs[format_]]["problem"] for format_ in formats),
        "problems": problems,
    }


def _packages() -> dict[str, str | None]:
    """Versions of the packages that Inkcast always needs; None for a missing one."""
    versions: dict[str, str | None] = {}
    for requirement in importlib.metadata.requires("inkcast") or ():
        name = re.match(r"[\w.-]+", requirement)
        if name is None or ";" in requirement:  # of an extra, or only for some systems
            continue
        try:
            versions[name[0]] = importlib.metadata.version(name[0])
        except importlib.metadata.PackageNotFoundError:
            versions[name[0]] = None
    return versions


def _ctranslate2() -> dict[str, Any]:
    """The devices CTranslate2 can use, with the number formats that it computes in there."""
    try:
        import ctranslate2

        count = ctranslate2.get_cuda_device_count()
        devices = ["cpu", *(f"cuda:{index}" for index in range(count))]
        compute_types = {
            device: sorted(ctranslate2.get_supported_compute_types(*_split_device(device)))
            for device in devices
        }
    except (ImportError, OSError, RuntimeError) as error:
        return {"problem": f"CTranslate2 does not run: {error}", "devices": {}}
    return {"problem": None, "devices": compute_types}


def _split_device(device: str) -> tuple[str, int]:
    kind, _, index = device.partition(":")
    return kind, int(index or 0)


def _torch() -> dict[str, Any]:
    """The devices PyTorch, and so openai-whisper, can use."""
    try:
        import torch

        devices = {"cpu": platform.processor() or platform.machine()}
        for index in range(torch.cuda.device_count()):
            devices[f"cuda:{index}"] = torch.cuda.get_device_name(index)
        if torch.backends.mps.is_available():
            devices["mps"] = "Apple GPU"
    except (ImportError, OSError, RuntimeError) as error:
        return {"problem": f"PyTorch does not run: {error}", "devices": {}}
    return {"problem": None, "devices": devices}


def _models() -> list[dict[str, Any]]:
    models = []
    for entry in load_catalogue():
        place = installed_at(entry)
        if place is None:
            continue
        problem = None
        try:
            place = find_model(entry.name, entry.format).path
        except ModelError as error:
            problem = str(error)
        models.append({"name": entry.name, "format": entry.format, "path": str(place), "problem": problem})
    return models


def _free_bytes(folder: Path) -> int:
    existing = next(path for path in (folder, *folder.resolve().parents) if path.exists())
    return shutil.disk_usage(existing).free


def _print(report: dict[str, Any]) -> None:
    lines = [
        ("Inkcast", report["inkcast"]),
        ("Python", f"{report['python']} on {report['system']}, {report['cores']} cores"),
    ]
    lines += [(name, version or "missing") for name, version in report["packages"].items()]
    for device, types in report["engines"]["ctranslate2"]["devices"].items():
        lines.append(("CTranslate2", f"{device}: {', '.join(types)}"))
    for device, name in report["engines"]["whisper"]["devices"].items():
        lines.append(("PyTorch", f"{device}: {name}"))
    lines += [("Model", f"{model['name']} ({model['format']}) {model['path']}") for model in report["models"]]
    lines.append(("ffmpeg", report["ffmpeg"] or "not found (not needed)"))
    lines.append(("Room", f"{report['free_bytes'] / 1e9:,.1f} GB in {report['models_folder']}"))
    for label, text in lines:
        click.echo(f"{label:18} {text}")
    click.echo()
    for problem in report["problems"]:
        click.echo(f"Problem: {problem}")
    click.echo(
        "This machine can transcribe." if report["can_transcribe"] else "This machine cannot transcribe."
    )
