import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkcast.timecode import clock, ms_to_seconds, parse_time, seconds_to_ms, srt_time, vtt_time

TIMES = st.integers(min_value=0, max_value=1000 * 3600 * 1000)


@given(TIMES)
def test_both_formats_read_back(ms):
    assert parse_time(srt_time(ms)) == ms
    assert parse_time(vtt_time(ms)) == ms


@given(TIMES)
def test_a_clock_reads_back_to_the_second_below(ms):
    assert parse_time(clock(ms)) == ms - ms % 1000


@given(TIMES)
def test_seconds_keep_each_millisecond(ms):
    assert seconds_to_ms(ms_to_seconds(ms)) == ms


@given(TIMES, TIMES)
def test_times_below_a_hundred_hours_sort_as_text(first, second):
    first, second = first % 360_000_000, second % 360_000_000
    assert (vtt_time(first) < vtt_time(second)) == (first < second)


@pytest.mark.parametrize(
    ("ms", "srt", "shown"),
    [
        (0, "00:00:00,000", "0:00"),
        (59_999, "00:00:59,999", "0:59"),
        (62_045, "00:01:02,045", "1:02"),
        (3_723_045, "01:02:03,045", "1:02:03"),
        (360_000_000, "100:00:00,000", "100:00:00"),
    ],
)
def test_known_times(ms, srt, shown):
    assert srt_time(ms) == srt
    assert vtt_time(ms) == srt.replace(",", ".")
    assert clock(ms) == shown


@pytest.mark.parametrize(
    ("text", "ms"),
    [("1:02", 62_000), (" 00:01.5 ", 1_500), ("01:02:03,04", 3_723_040), ("90:00:00", 324_000_000)],
)
def test_what_people_write_is_read(text, ms):
    assert parse_time(text) == ms


@pytest.mark.parametrize(
    "text", ["", "12", "1:60", "1:2:60", "-1:00", "1:00:00:00", "1:00.1234", "a:00", "1:00 x"]
)
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError, match="not a time"):
        parse_time(text)


@pytest.mark.parametrize("function", [srt_time, vtt_time, clock])
def test_there_is_no_time_before_the_start(function):
    with pytest.raises(ValueError, match="before the start"):
        function(-1)
