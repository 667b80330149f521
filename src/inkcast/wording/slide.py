"""Where a text that one side lacks begins, when several places explain it equally well.

Heard "it will. It will rain. It ..." against the essay's "it will. It ...", either "It" may be the
essay's. As with the hunks of a diff, the cut belongs between sentences, or at least between words.
"""

from __future__ import annotations

from collections.abc import Sequence

from inkcast.wording.gaps import Link, Sides

# Not measured: chosen by hand.
_FARTHEST_PIECES = 30


def slide(links: Sequence[Link], sides: Sides) -> list[Link]:
    """Move unlinked stretches to the likeliest border.

    Args:
        links: by heard position.
        sides: the pieces of both.

    Returns:
        As many links; where one side alone has unlinked pieces, its neighbours may be linked otherwise.
    """
    moved = list(links)
    linked = {link.essay for link in links}
    for at in range(1, len(moved)):
        before, after = moved[at - 1], moved[at]
        essay_gap, heard_gap = after.essay - before.essay - 1, after.heard - before.heard - 1
        if min(essay_gap, heard_gap) != 0 or essay_gap == heard_gap:
            continue
        slid = _slide_one(moved, at, sides, (essay_gap, heard_gap))
        left = {moved[index].essay for index in slid}
        joined = {link.essay for link in slid.values()}
        # The essay's side of a gap may be read elsewhere, where sections stand in another order.
        if (joined - left).isdisjoint(linked):
            linked -= left
            linked |= joined
            for index, link in slid.items():
                moved[index] = link
    return moved


def _slide_one(links: Sequence[Link], at: int, sides: Sides, gap: tuple[int, int]) -> dict[int, Link]:
    """Try each shift of the gap before ``links[at]``: to the right it hands links to what precedes.

    Returns:
        The links that are replaced, by index.
    """
    best, shift = _border(links[at - 1], sides, gap), 0
    steps = 0
    while steps < _FARTHEST_PIECES and _can_move(links, at + steps, links[at - 1], steps + 1, sides):
        steps += 1
        found = _border(_moved(links[at - 1], steps), sides, gap)
        if found > best:
            best, shift = found, steps
    steps = 0
    while steps < _FARTHEST_PIECES and _can_move(links, at - 1 - steps, links[at], -steps - 1, sides):
        steps += 1
        found = _border(_moved(links[at - 1], -steps), sides, gap)
        if found > best:
            best, shift = found, -steps
    before, after = links[at - 1], links[at]
    to_the_right = {at + step - 1: _moved(before, step) for step in range(1, shift + 1)}
    return to_the_right | {at - step: _moved(after, -step) for step in range(1, -shift + 1)}


def _moved(link: Link, by: int) -> Link:
    return Link(link.essay + by, link.heard + by, 1.0)


def _can_move(links: Sequence[Link], index: int, base: Link, by: int, sides: Sides) -> bool:
    """Whether link ``index``, one of a run beside the gap, may be replaced by ``base`` moved ``by``."""
    if not 0 <= index < len(links):
        return False
    old, new = links[index], _moved(base, by)
    # One of the two sides stays as it is: the one without the gap.
    if (old.essay == new.essay) == (old.heard == new.heard):
        return False
    return (
        0 <= new.essay < len(sides[0])
        and 0 <= new.heard < len(sides[1])
        and sides[0][new.essay].key == sides[1][new.heard].key
    )


def _border(last: Link, sides: Sides, gap: tuple[int, int]) -> int:
    """How good a border lies after link ``last``: 2 for each end of a sentence, 1 of a word."""
    side, place = (0, last.essay) if gap[0] else (1, last.heard)
    return sides[side][place].ending + sides[side][place + sum(gap)].ending
