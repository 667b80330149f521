from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from inkcast.audio.spans import Span, joined, shared_ms, total_ms

Spans = list[Span]
span = st.tuples(st.integers(0, 50), st.integers(1, 20)).map(lambda pair: (pair[0], pair[0] + pair[1]))
spans = st.lists(span, max_size=8)


def moments(stretches: Spans) -> set[int]:
    return {ms for start, end in stretches for ms in range(start, end)}


@given(spans)
def test_joining_keeps_every_moment_once_and_in_order(some: Spans) -> None:
    found = joined(some)
    assert moments(found) == moments(some) and total_ms(found) == len(moments(some))
    assert all(one[1] < other[0] for one, other in itertools.pairwise(found))


@given(spans, st.integers(0, 10))
def test_only_pauses_that_are_short_enough_are_bridged(some: Spans, bridge_ms: int) -> None:
    found, apart = joined(some, bridge_ms), joined(some)
    pauses = [(one[1], other[0]) for one, other in itertools.pairwise(apart)]
    bridged = [(start, end) for start, end in pauses if end - start <= bridge_ms]
    assert moments(found) == moments(some) | moments(bridged)


@given(spans, spans)
def test_what_two_share_is_every_moment_of_both(one: Spans, other: Spans) -> None:
    assert shared_ms(one, other) == len(moments(one) & moments(other)) == shared_ms(other, one)
