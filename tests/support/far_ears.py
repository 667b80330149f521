"""Ears for the workers of a cluster, which import this module. What they hear is in ``shows.Ears``.

What they are to do, and what they did, is in files of the folder that they are made with: they may die.
"""

from __future__ import annotations

import functools
import logging
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

from inkcast.audio.recording import Recording
from inkcast.errors import ModelError
from inkcast.essays.essay import Essay
from inkcast.speech.transcript import Transcript
from tests.support.shows import Ears


def far_ears(folder: Path) -> Callable[[], FarEars]:
    """What a worker makes its ears with."""
    return functools.partial(FarEars, folder)


class FarEars:
    """Writes a line to ``heard`` for each recording: its name, the process, what was at the checkpoint.

    A file ``says`` holds what is heard instead of the essay, ``kill-<name>`` how often the process is to die
    of the recording ``<name>``; while ``wait`` is there, hearing does not end; when ``warns`` is there, it
    warns, and when ``no-model`` is there, it fails.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(
        self, recording: Recording, essay: Essay | None, checkpoint: Path, progress, *rest
    ) -> Transcript:
        says = self._folder / "says"
        ears = Ears(says=says.read_text("utf-8") if says.exists() else None)
        transcript = ears(recording, essay, checkpoint, progress, *rest)
        with (self._folder / "heard").open("a") as file:
            file.write(f"{recording.path.name}|{os.getpid()}|{ears.resumed_from}\n")
        kills = self._folder / f"kill-{recording.path.stem[11:]}"
        if kills.exists() and (left := int(kills.read_text())):
            kills.write_text(str(left - 1))
            os.kill(os.getpid(), signal.SIGKILL)
        if (self._folder / "warns").exists():
            logging.getLogger("inkcast.ears").warning("%s: a noise.", recording.path.stem)
        if (self._folder / "no-model").exists():
            raise ModelError("Model 'x' is not installed.", "Run: inkcast models pull x")
        while (self._folder / "wait").exists():
            progress(1, 2)
            time.sleep(0.01)
        return transcript


def serve_cluster() -> None:
    """Start a cluster, print its address, and end it at the end of stdin."""
    import ray

    context = ray.init(
        address="local",
        num_cpus=4,
        include_dashboard=False,
        object_store_memory=80 * 2**20,
        log_to_driver=False,
    )
    print(context.address_info["gcs_address"], flush=True)
    input()
    ray.shutdown()
    shutil.rmtree(context.address_info["session_dir"], ignore_errors=True)


if __name__ == "__main__":
    serve_cluster()
