"""Is what was read back of the shape that was written? Files may come from anybody."""

from __future__ import annotations

import math
import types
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")

MISSHAPEN = (
    *(OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError),
)
"""What reading such a file may raise."""

_MOST = 2**63
"""What SQLite can count to."""


def checked(record: T) -> T:
    """A dataclass whose fields hold what they say, down to the innermost.

    Raises:
        ValueError: a field holds something else, a number that is not finite, or one beyond 2 ** 63.
    """
    for name, holds in _fields(type(record)):  # type: ignore[arg-type]
        value = getattr(record, name)
        if not holds(value):
            raise ValueError(f"{type(record).__name__}.{name} is {repr(value)[:60]}")
    return record


@cache
def _fields(kind: type) -> tuple[tuple[str, Callable[[Any], bool]], ...]:
    hints = get_type_hints(kind)
    return tuple((field.name, _test(hints[field.name])) for field in fields(kind))


def _test(hint: Any) -> Callable[[Any], bool]:
    if hint is int:
        return lambda value: type(value) is int and -_MOST < value < _MOST
    if hint is float:
        return lambda value: type(value) in (int, float) and math.isfinite(value) and abs(value) < _MOST
    if get_origin(hint) is Literal:
        choices = frozenset(get_args(hint))
        return lambda value: isinstance(value, str) and value in choices
    if get_origin(hint) in (Union, types.UnionType):
        tests = [_test(one) for one in get_args(hint)]
        return lambda value: any(test(value) for test in tests)
    if get_origin(hint) is tuple:
        inner = _test(get_args(hint)[0])
        return lambda value: isinstance(value, tuple) and all(map(inner, value))
    if is_dataclass(hint):
        return lambda value: type(value) is hint and checked(value) is value
    if hint in (str, bool, datetime, types.NoneType):
        return lambda value: type(value) is hint
    raise TypeError(f"no test for {hint}")
