"""A transcription that is killed again and again ends in the same transcript as an undisturbed one."""

import json
import random
import subprocess
import sys
import time

import pytest

from inkcast.speech.checkpoint import Checkpoint, Chunk, checkpoint_key
from inkcast.speech.transcript import Gap, TranscriptWord
from tests.support import example
from tests.support.example import AUDIO, PAGE, STEM

CHUNKS = (
    Chunk((TranscriptWord(" héllo", 10, 20, 0.5, 3),), (), 1000, place=4, pace=4.123456789012345),
    Chunk((), (Gap(1000, 2000, "the model repeats itself"),), 2000),
)


def write(path, key="key", chunks=CHUNKS):
    checkpoint = Checkpoint(path, key)
    for chunk in chunks:
        checkpoint.add(chunk)
    checkpoint.close()


def read(path, key="key"):
    checkpoint = Checkpoint(path, key)
    checkpoint.close()
    return checkpoint.chunks


def test_chunks_come_back_as_they_were(tmp_path):
    write(tmp_path / "c.jsonl")
    assert read(tmp_path / "c.jsonl") == CHUNKS


def test_chunks_of_something_else_are_not_used(tmp_path):
    write(tmp_path / "c.jsonl")
    assert read(tmp_path / "c.jsonl", "other") == ()


def test_whatever_a_kill_left_of_the_last_line_is_dropped(tmp_path):
    path = tmp_path / "c.jsonl"
    write(path)
    whole = path.read_bytes()
    second_line = whole.index(b"\n") + 1
    for end in range(second_line, len(whole)):
        path.write_bytes(whole[:end])
        complete = whole[:end].count(b"\n") - 1
        assert read(path) == CHUNKS[:complete]
        # What is dropped is gone from the file, too: the next line must not be glued to it.
        assert path.read_bytes() == b"".join(whole.splitlines(keepends=True)[: complete + 1])


def test_the_key_depends_on_every_fact():
    facts = {"audio": "a", "essay": [["paragraph", "text"]], "prompt": ""}
    keys = {checkpoint_key(**facts), *(checkpoint_key(**{**facts, name: "other"}) for name in facts)}
    assert len(keys) == 4
    assert checkpoint_key(**dict(reversed(facts.items()))) == checkpoint_key(**facts)


@pytest.mark.model
@pytest.mark.parametrize(("guided", "n_kills"), [(True, 3), (False, 2)])
def test_kill_nine_at_random_moments(tmp_path, tiny_en, guided, n_kills):
    def start():
        command = [sys.executable, "-m", "inkcast", "transcribe", str(AUDIO), "--out", str(tmp_path)]
        return subprocess.Popen(
            [*command, "--model", "tiny.en", *(["--essay", str(PAGE)] if guided else [])],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    name = f"{STEM}.transcript.json"
    partial = tmp_path / f"{STEM}.partial.jsonl"
    dice = random.Random(7)
    progress = 0
    for _ in range(n_kills):
        process = start()
        # At a moment after at least one window more, so that every run has something to lose.
        while process.poll() is None and (not partial.exists() or len(partial.read_bytes()) <= progress):
            time.sleep(0.01)
        time.sleep(dice.uniform(0, 0.3))
        process.kill()
        process.wait()
        if partial.exists():
            progress = len(partial.read_bytes())
    assert progress > 0 or (tmp_path / name).exists()
    assert start().wait() == 0
    calm = example.guided() if guided else example.free()
    assert {**json.loads((tmp_path / name).read_text()), "digest": ""} == {**calm.to_json(), "digest": ""}
    suffixes = {"transcript.json", "srt", "tsv", "txt", "vtt"}
    assert {path.name for path in tmp_path.iterdir()} == {f"{STEM}.{suffix}" for suffix in suffixes}
