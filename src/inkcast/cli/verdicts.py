"""What became of a recording, told on stderr before its page's path is printed."""

from __future__ import annotations

import json
from pathlib import Path

from inkcast.alignment.alignment import Alignment
from inkcast.cli.output import on_one_line, tell, verbosity
from inkcast.publish.verdict import verdict
from inkcast.shape import MISSHAPEN, checked


def tell_verdict(alignment: Alignment, title: str = "") -> None:
    """One line about an alignment that passed its audit, and one for each doubt; nothing with ``-q``."""
    if verbosity() < 0:
        return
    name = f"{title}: " if title else ""
    tell(on_one_line(f"{name}{verdict(alignment)}."))
    for doubt in alignment.audit.problems:
        tell(on_one_line(f"Warning: {name}{doubt}"))


def tell_verdict_of(path: Path, title: str) -> None:
    """The same for an ``.alignment.json``; nothing where there is none, as of an episode without an essay."""
    try:
        alignment = checked(Alignment.from_json(json.loads(path.read_bytes())))
    except MISSHAPEN:
        return
    tell_verdict(alignment, title)
