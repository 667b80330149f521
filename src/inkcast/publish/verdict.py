"""What became of an alignment, in one line."""

from __future__ import annotations

from collections import Counter

from inkcast.alignment.alignment import Alignment
from inkcast.publish.pages.departures import find_departures


def verdict(alignment: Alignment) -> str:
    """``93 % read, 1 passage added, 9 times inferred, audit passed``."""
    departures = Counter(departure.kind for departure in find_departures(alignment))
    inferred = sum(word.status == "interpolated" for word in alignment.words)
    audit = alignment.audit
    parts = [
        f"{min(round(100 * audit.coverage), 100 if audit.coverage >= 1 else 99)} % read",
        _counted(departures["replaced"], "passage", "read otherwise"),
        _counted(departures["extra"], "passage", "added"),
        _counted(inferred, "time", "inferred"),
        f"audit {'passed' if audit.passed else 'failed'}",
    ]
    return ", ".join(filter(None, parts))


def _counted(count: int, noun: str, what: str) -> str:
    """Nothing for 0."""
    return f"{count:,} {noun}{'' if count == 1 else 's'} {what}" if count else ""
