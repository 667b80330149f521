"""The model hears the next episode while the last one is finished."""

import errno
import threading

import pytest

from inkcast.download.client import open_client
from inkcast.errors import StorageError
from inkcast.files import storage_error
from inkcast.library.executors.finish import Finisher
from inkcast.library.steps import episode_steps
from inkcast.library.steps.episode_steps import Tools
from inkcast.library.store.record import StoppedError
from inkcast.library.sync import Plan, sync
from inkcast.settings import Settings
from tests.support.shows import Ears, write_show

ENOUGH_S = 20


@pytest.fixture
def run(tmp_path):
    """Sync two episodes."""

    def run(ears, stop=None):
        with open_client(allow_private=True) as client:
            tools = Tools(client, Settings(model="ears"), ears, stop=stop or threading.Event())
            return sync(Plan([str(write_show(tmp_path / "show"))]), tmp_path / "library", tools)

    return run


def test_the_second_episode_is_heard_while_the_first_is_aligned(run, monkeypatch):
    both_heard, align = threading.Event(), episode_steps.align_words
    ears = Ears()

    def hear(*args):
        transcript = ears(*args)
        if len(ears.heard) == 2:
            both_heard.set()
        return transcript

    def wait_and_align(*args):
        assert both_heard.wait(ENOUGH_S), "the model waited for the alignment"
        return align(*args)

    monkeypatch.setattr(episode_steps, "align_words", wait_and_align)
    summary = run(hear)
    assert [episode.state for episode in summary.episodes] == ["done", "done"]


def test_the_model_is_used_by_the_callers_thread_alone(run):
    threads = []
    ears = Ears()

    def hear(*args):
        threads.append(threading.current_thread())
        return ears(*args)

    run(hear)
    assert threads == [threading.current_thread()] * 2


def test_a_disk_that_is_full_while_an_episode_is_finished_ends_the_run(run, tmp_path, monkeypatch):
    def full(*args):
        error = OSError(errno.ENOSPC, "full")
        raise storage_error(tmp_path, error) from error

    monkeypatch.setattr(episode_steps, "publish", full)
    stop = threading.Event()
    with pytest.raises(StorageError, match="No space left"):
        run(Ears(), stop)
    assert stop.is_set()


def test_a_run_that_is_stopped_does_not_wait_for_what_is_being_finished(run, monkeypatch):
    stop, free = threading.Event(), threading.Event()

    def never(*args):
        stop.set()
        free.wait(ENOUGH_S)
        raise StoppedError("The run was asked to stop.")

    monkeypatch.setattr(episode_steps, "align_words", never)
    try:
        summary = run(Ears(), stop)
    finally:
        free.set()
    assert summary.stopped
    assert summary.episodes == []


def test_threads_end_with_the_block():
    before = set(threading.enumerate())
    with open_client() as client, Finisher(Tools(client, Settings(), Ears()), lambda *_: None, 3) as finisher:
        assert len(set(threading.enumerate()) - before) == 3
        assert not finisher.is_busy
    assert set(threading.enumerate()) <= before  # a thread of an earlier test may end meanwhile
