"""Loops over frames as machine code, by Numba."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(*, fastmath: bool = False, inline: bool = False) -> Callable[[Function], Function]:
    """Compile a function when it is first called, and keep the result for the next process.

    Numba keeps it beside the module or in the user's cache folder. It takes seconds to make, and does not
    notice that a compiled function of another module has changed: what calls each other stands in one.
    Arrays are copied element by element: ``a[i:j] = b`` can fail, and to compile its message, which is made
    of strings, takes as long as all the rest.

    Args:
        fastmath: sums may be taken in any order, which lets them run on vectors.
        inline: put it into what calls it, for functions so short that a call takes longer than they do.
    """

    inlined: Literal["always", "never"] = "always" if inline else "never"

    def decorate(function: Function) -> Function:
        try:
            made = njit(cache=True, nogil=True, fastmath=fastmath, inline=inlined)(function)
        except RuntimeError:  # No folder that can be written to.
            made = njit(nogil=True, fastmath=fastmath, inline=inlined)(function)
        return cast(Function, made)

    return decorate
