import threading

import pytest

from inkcast.cli.feeds.parallel import in_parallel
from tests.support.crowd import Crowd


def test_results_come_in_the_order_of_the_tasks():
    second_ended = threading.Event()

    def first():
        assert second_ended.wait(30)
        return 1

    def second():
        second_ended.set()
        return 2

    assert list(in_parallel([first, second, lambda: 3], 2, threading.Event())) == [1, 2, 3]
    assert list(in_parallel([], 2, threading.Event())) == []


def test_not_more_at_once_than_agreed():
    crowd = Crowd(3)

    def task():
        with crowd.enter():
            pass

    list(in_parallel([task] * 20, 3, threading.Event()))
    assert crowd.most == 3


def test_a_failure_begins_no_other_task_and_is_raised():
    stop, begun = threading.Event(), []

    def failing():
        raise OSError("full")

    def other():
        begun.append(1)

    with pytest.raises(OSError, match="full"):
        list(in_parallel([failing, other, other], 1, stop))
    assert begun == [] and stop.is_set()


def test_a_failure_is_raised_also_where_an_earlier_task_was_stopped_by_it():
    stop = threading.Event()

    def stopped():
        assert stop.wait(30)
        raise RuntimeError("stopped")

    def failing():
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        list(in_parallel([stopped, failing], 2, stop))


def test_leaving_early_stops_the_others_and_does_not_wait_for_ever():
    stop, stubborn = threading.Event(), threading.Event()
    results = in_parallel([lambda: 1, lambda: stubborn.wait(60)], 2, stop)
    assert next(results) == 1
    results.close()
    assert stop.is_set()
    stubborn.set()
