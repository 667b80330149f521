"""A recording behaves like an array of all its samples, as long as nobody looks back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkcast.audio.stream import SampleStream

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("read"), st.integers(0, 300), st.integers(0, 200)),
        st.tuples(st.just("end"), st.integers(0, 400), st.just(0)),
        st.tuples(st.just("forget"), st.integers(0, 120), st.just(0)),
    ),
    max_size=12,
)


@settings(deadline=None)
@given(blocks=st.lists(st.integers(0, 1500), max_size=8), steps=STEPS)
def test_it_reads_like_an_array(blocks, steps):
    whole = np.arange(sum(blocks), dtype=np.float32)
    recording = SampleStream(np.split(whole, np.cumsum(blocks)[:-1]) if blocks else [])
    forgotten = 0
    for kind, first, length in steps:
        if kind == "read":
            start, end = forgotten + first, forgotten + first + length
            assert np.array_equal(recording.read(start, end), whole[start * 16 : end * 16])
        elif kind == "end":
            assert recording.end_ms(first) == min(first, max(len(whole) // 16, forgotten))
        else:
            forgotten = recording.end_ms(forgotten + first)
            recording.forget(forgotten)


def test_only_what_is_asked_for_is_decoded():
    taken = []

    def blocks():
        for index in range(100):
            taken.append(index)
            yield np.full(1600, index, np.float32)

    recording = SampleStream(blocks())
    assert recording.read(0, 250)[0] == 0
    assert taken == [0, 1, 2]
    recording.forget(200)
    assert recording.read(200, 300)[0] == 2
    assert taken == [0, 1, 2]


def test_what_is_forgotten_is_gone_and_says_so():
    recording = SampleStream([np.zeros(16_000, np.float32)] * 3)
    recording.read(0, 2000)
    recording.forget(1500)
    with pytest.raises(ValueError, match="before 1500 ms was forgotten"):
        recording.read(1499, 1600)
    assert len(recording.read(1500, 9000)) == 1500 * 16
    assert recording.end_ms(9000) == 3000


def test_forgetting_frees_memory():
    recording = SampleStream([np.zeros(16_000, np.float32)] * 60)
    for second in range(0, 60, 2):
        window = recording.read(second * 1000, second * 1000 + 2000)
        assert window.base is None or window.base.nbytes <= 4 * 16_000 * 4
        recording.forget(second * 1000 + 2000)
