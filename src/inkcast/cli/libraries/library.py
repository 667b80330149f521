"""``inkcast library``: a library's files against its catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from inkcast.cli.libraries.library_options import library_option
from inkcast.cli.output import on_one_line, print_json, verbosity
from inkcast.cli.progress import Reporter
from inkcast.cli.shared_options import json_option, verbosity_options
from inkcast.library.check import Finding, Report, check
from inkcast.library.repair import repair
from inkcast.library.store.status import counted


@click.group()
def command() -> None:
    """Check the files of a library, and repair it.

    \b
    Example:
      inkcast library check --library podcasts
    """


@command.command("check")
@library_option()
@click.option("--repair", "mend", is_flag=True, help="Also repair what can be repaired.")
@json_option
@verbosity_options
@click.pass_context
def check_library(ctx: click.Context, library: Path, mend: bool, as_json: bool) -> None:
    """Compare every file of a library with the catalogue.

    Each problem is a line: a file that is missing, damaged or changed, a folder that the catalogue does not
    know, what an interrupted run left. The exit status is 1 if there are any, with --repair if any remain.
    Without --repair nothing is changed. With it, missing and damaged files are marked, so that the next sync
    makes them again, and what depends on them; corrections of a transcript or essay are recorded; episodes
    that the catalogue does not know are added to it; a damaged catalogue is rebuilt from the folders.
    Nothing of yours is deleted: a copy of what differs is kept.

    \b
    Examples:
      inkcast library check --library podcasts
      inkcast library check --repair --library podcasts
    """
    with Reporter() as reporter, reporter.task("Checking") as update:
        report = (repair if mend else check)(library, update)
    if as_json:
        print_json(_to_json(report))
    else:
        for finding in report.findings:
            click.echo(on_one_line(f"{finding.path}: {finding.problem} {finding.repair}"))
    left = sum(not finding.repair for finding in report.findings)
    if verbosity() >= 0:
        click.echo(_summary(report, left, mend), err=True)
    if left:
        ctx.exit(1)


def _summary(report: Report, left: int, mend: bool) -> str:
    files, episodes = counted(report.files, "file"), counted(report.episodes, "episode")
    words = f"{files} of {episodes} checked: {counted(len(report.findings), 'problem')}"
    if mend and report.findings:
        words += f", {left:,} left"
    return words + "."


def _to_json(report: Report) -> dict[str, Any]:
    return {
        "episodes": report.episodes,
        "files": report.files,
        "problems": [_finding_to_json(finding) for finding in report.findings],
    }


def _finding_to_json(finding: Finding) -> dict[str, Any]:
    one = finding.episode
    return {
        "kind": finding.kind,
        "path": finding.path.as_posix(),
        "problem": finding.problem,
        "repair": finding.repair,
        "step": finding.step,
        "guid": one.traits.guid if one else None,
        "title": one.traits.title if one else None,
        "feed": one.feed.title if one else None,
    }
