"""Windows of several threads are heard in one batch, and each thread gets what it asked for."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from inkcast.audio.decode import read_samples
from inkcast.audio.logmel import log_mel
from inkcast.errors import ModelError
from inkcast.speech.decoding.window import WindowLimits
from inkcast.speech.engines.batching import BatchingEngine
from inkcast.speech.engines.engine import DecodeOptions, Hypothesis
from inkcast.speech.engines.tokenizer import Tokenizer
from inkcast.speech.guided import speculative
from inkcast.speech.guided.draft import word_key
from inkcast.speech.transcript import ModelInfo
from tests.support.example import AUDIO, JFK, engine, essay, free, guided, hear

TOKENIZER = Tokenizer(51_864, "en")
GERMAN = Tokenizer(51_865, "de")
OUT_OF_MEMORY = RuntimeError("CUDA failed with error out of memory")


class Device:
    """Features are a window's number, and a hypothesis says that number; ``sizes`` are its batches'.

    The first call waits for ``go``. A batch of more than ``room`` windows does not fit into its memory.
    """

    info = ModelInfo("small", "test", "cuda", "float16")
    n_mels = 80

    def __init__(self, room=100, error=OUT_OF_MEMORY):
        self.sizes = []
        self.lengths = set()
        self.go = threading.Event()
        self._room = room
        self._error = error

    def _work(self, windows):
        self.sizes.append(len(windows))
        assert self.go.wait(20)
        if len(windows) > self._room:
            raise self._error

    def encode(self, windows):
        self._work(windows)
        self.lengths |= {window.shape for window in windows}
        return [np.full(window.shape[1] // 2, window[0, 0]) for window in windows]

    def decode(self, features, tokenizer, options):
        self._work(features)
        return [
            Hypothesis((int(item[0]),) * options.max_tokens, -0.1 * options.beam_size, 0.0)
            for item in features
        ]


def together(device, calls):
    """The results of calls that wait while the device is busy with the first of them."""
    batching = BatchingEngine(device)
    with ThreadPoolExecutor(len(calls)) as pool:
        futures = [pool.submit(calls[0], batching)]
        until(lambda: device.sizes)
        futures += [pool.submit(call, batching) for call in calls[1:]]
        until(lambda: len(batching._waiting) == len(calls) - 1)
        device.go.set()
        return futures


def until(condition):
    for _ in range(2000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it never came to that")


def mel(number, n_frames=1000):
    return np.full((80, n_frames), number, np.float32)


def encoding(*numbers, n_frames=1000):
    return lambda batching: batching.encode([mel(number, n_frames) for number in numbers])


def numbers(futures):
    return [[int(item[0]) for item in future.result()] for future in futures]


def test_what_waits_while_the_device_is_busy_is_the_next_batch():
    device = Device()
    calls = [encoding(1), encoding(2), encoding(3, 4, 5), encoding(6), encoding(7)]
    assert numbers(together(device, calls)) == [[1], [2], [3, 4, 5], [6], [7]]
    assert device.sizes == [1, 6]


def test_windows_of_about_one_length_are_heard_together_and_others_are_not():
    device = Device()
    calls = [encoding(1), encoding(2, n_frames=1590), encoding(3, n_frames=820), encoding(4, n_frames=2990)]
    assert numbers(together(device, calls)) == [[1], [2], [3], [4]]
    assert sorted(device.sizes) == [1, 1, 2]
    assert device.lengths == {(80, 1600), (80, 3000)}


def decoding(number, tokenizer=TOKENIZER, **options):
    features = [np.full(500, number)]
    return lambda batching: batching.decode(features, tokenizer, DecodeOptions(**options))


def test_each_thread_is_given_as_many_tokens_as_it_asked_for():
    device = Device()
    calls = [decoding(1, max_tokens=3), decoding(2, max_tokens=5), decoding(3, max_tokens=9)]
    heard = [future.result()[0].tokens for future in together(device, calls)]
    assert heard == [(1,) * 3, (2,) * 5, (3,) * 9]
    assert device.sizes == [1, 2]


def test_what_is_decoded_otherwise_is_not_heard_together():
    device = Device()
    calls = [decoding(1), decoding(2), decoding(3, beam_size=5), decoding(4, prompt=(7,))]
    calls += [decoding(5, attempt=1), decoding(6, GERMAN), decoding(7)]
    heard = [future.result()[0] for future in together(device, calls)]
    assert [hypothesis.tokens[0] for hypothesis in heard] == [1, 2, 3, 4, 5, 6, 7]
    assert [hypothesis.average_logprob for hypothesis in heard] == [-0.1, -0.1, -0.5, *[-0.1] * 4]
    assert sorted(device.sizes) == [1, 1, 1, 1, 1, 2]


def test_a_batch_that_does_not_fit_is_halved_until_it_does(caplog):
    device = Device(room=3)
    calls = [encoding(0), *(encoding(number) for number in range(1, 17))]
    assert numbers(together(device, calls)) == [[number] for number in range(17)]
    assert device.sizes == [1, 16, 8, 4, *[2] * 8]
    assert [record.getMessage() for record in caplog.records] == [
        f"cuda is out of memory: continuing with {n} windows at a time." for n in (8, 4, 2)
    ]


def test_where_not_even_one_window_fits_it_says_what_to_do():
    with pytest.raises(ModelError, match=r"too little memory for the model small\..*--device cpu"):
        together(Device(room=0), [encoding(1, 2)])[0].result()


def test_another_error_reaches_all_who_wait_and_nobody_after_them():
    device = Device(room=1, error=RuntimeError("an illegal instruction was met"))
    first, *others = together(device, [encoding(1), encoding(2), encoding(3)])
    assert numbers([first]) == [[1]]
    for future in others:
        with pytest.raises(RuntimeError, match="illegal instruction"):
            future.result()
    device.go.set()
    assert device.sizes == [1, 2]


@pytest.mark.parametrize("gain", [1.0, 0.0])
def test_silence_is_added_as_the_spectrogram_has_it(gain):
    device = Device()
    device.go.set()
    kept = []
    device.encode = lambda windows: kept.extend(windows) or [None]
    samples = read_samples(JFK)[: 16_000 * 9] * np.float32(gain)
    BatchingEngine(device).encode([log_mel(samples)])
    wanted = log_mel(np.pad(samples, (0, 16_000 * 7)))
    # The last frames before the silence see a little of it, or of the sound's mirror image.
    assert np.delete(kept[0], range(897, 902), axis=1) == pytest.approx(np.delete(wanted, range(897, 902), 1))


class Counting:
    """A real engine, and the sizes of its batches."""

    def __init__(self, real):
        self._real = real
        self.sizes = {"encode": [], "decode": [], "verify": []}

    def __getattr__(self, name):
        value = getattr(self._real, name)
        if name not in self.sizes:
            return value

        def call(windows, *rest):
            self.sizes[name].append(len(windows))
            return value(windows, *rest)

        return call


def heard(name, **options):
    device = Counting(engine(name))
    found = hear(AUDIO, BatchingEngine(device), language="en", **options)
    return [word for segment in found.segments for word in segment.words], device.sizes


@pytest.mark.model
def test_a_guided_transcription_is_the_same_in_batches(tiny_en, monkeypatch):
    alone = [word for segment in guided().segments for word in segment.words]
    monkeypatch.setattr(speculative, "_SECTION_LIMITS", WindowLimits(12_000, 20_000))
    words, sizes = heard("whisper", essay=essay())
    assert [word.essay_word for word in words] == [word.essay_word for word in alone]
    assert max(sizes["encode"]) > 1
    assert max(sizes["verify"]) > 1


@pytest.mark.model
def test_a_free_transcription_is_the_same_in_batches(tiny_en):
    alone = [word for segment in free().segments for word in segment.words]
    words, sizes = heard("ctranslate2")
    # With more silence behind it, a sentence may end otherwise.
    assert [word_key(word.text) for word in words] == [word_key(word.text) for word in alone]
    assert max(abs(a.start_ms - b.start_ms) for a, b in zip(words, alone, strict=True)) < 200
    assert max(sizes["encode"]) > 1
