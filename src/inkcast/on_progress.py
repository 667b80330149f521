"""What a long step calls to say how far it has come."""

from __future__ import annotations

from collections.abc import Callable

OnProgress = Callable[[int, int | None], None]
"""Called with what is done and what there is in all (None: unknown), in a unit that the step names."""


def tell_nobody(done: int, total: int | None) -> None:
    """An ``OnProgress`` for those who do not want to know."""
