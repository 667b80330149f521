"""What a sync costs beyond the network and the model, and whether that stays the same for large backlogs.

    python benchmarks/backlog.py [--episodes 1000,5000,10000] [--keep FOLDER]

A local server offers a feed of second-long recordings, each with a page of a sentence. The real sync takes
them through all steps; only the ears are false: they "hear" the essay at once, nobody asks who speaks, and
no aligner refines the times of words. Prints for each size, measured in a process of its own: time and
processor time an episode, in all and beyond the network; what each part takes of that; the peak of memory; a
second sync, which finds nothing to do; ``inkcast status``.

Threads on two cores that wake each other at every call of the system take a third more: how often they had
to wait tells whether they did. Processor times grow by half and more, and times by any amount, while
something else runs on the machine: the last line of each size tells how busy it was.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import math
import multiprocessing
import os
import random
import resource
import struct
import subprocess
import sys
import tempfile
import threading
import time
import wave
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from types import ModuleType
from typing import Any

from inkcast.audio import recording as recordings
from inkcast.audio.recording import Recording
from inkcast.download.client import open_client
from inkcast.essays.essay import Essay
from inkcast.library import sync
from inkcast.library.steps import episode_steps, sources
from inkcast.library.steps.episode_steps import Tools
from inkcast.publish import episode_files
from inkcast.settings import Settings
from inkcast.speech.transcript import ModelInfo, Segment, Transcript, TranscriptWord

SECONDS = 1
N_WORDS = 3
LANGUAGE = "it"
WORDS = [
    "mare",
    "treno",
    "notte",
    "barca",
    "passo",
    "lento",
    "carta",
    "lettera",
    "finestra",
    "nord",
    "giardino",
    "pane",
    "fiume",
    "canto",
    "pietra",
]
NETWORK = ("download", "fetch_bytes")
PARTS = {
    "download": "audio from the server",
    "fetch_bytes": "pages from the server",
    "packets_ms": "how long the audio is",
    "parse_essay": "essay out of its page",
    "hear": "the false ears",
    "speech_of": "decoding, pauses",
    "align_corrected": "alignment",
    "transcript_texts": "subtitles",
    "reader_page": "reader page",
    "json_text": "JSON of what was found",
    "write_texts": "files written",
}
"""Functions that the library's steps call, and what to call them."""

CALLERS: dict[str, ModuleType] = {
    "download": episode_steps,
    "fetch_bytes": sources,
    "packets_ms": episode_steps,
    "parse_essay": sources,
    "speech_of": recordings,
    "align_corrected": episode_steps,
    "transcript_texts": episode_files,
    "reader_page": episode_files,
    "json_text": episode_steps,
    "write_texts": episode_steps,
}
"""The modules that call them."""


# --- the podcast ---


def recording() -> bytes:
    """A tone that swells like syllables: 16 kHz, mono, 16 bits."""
    rate = 16_000
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        levels = [9000 * math.sin(math.pi * 4 * i / rate) ** 2 for i in range(rate * SECONDS)]
        samples = [int(level * math.sin(2 * math.pi * 220 * i / rate)) for i, level in enumerate(levels)]
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return buffer.getvalue()


def page(number: int) -> bytes:
    text = " ".join(random.Random(number).choices(WORDS, k=N_WORDS)).capitalize()
    return (
        f'<!doctype html><html lang="{LANGUAGE}"><title>Passo {number}</title><body>'
        f'<h1 class="post-title">Passo {number}</h1><div class="available-content">'
        f'<div class="body markup"><p>{text}.</p></div></div></body></html>'
    ).encode()


def feed(n_episodes: int) -> bytes:
    items = "".join(
        f'<item><guid isPermaLink="false">{n}</guid><title>Passo {n}</title><link>/{n}.html</link>'
        f"<pubDate>{1 + n % 28:02} {('Jan', 'Feb', 'Mar')[n % 3]} {1990 + n % 35} 08:00:00 GMT</pubDate>"
        f'<enclosure url="/{n}.wav" type="audio/wav" length="0"/></item>'
        for n in range(n_episodes)
    )
    return f'<rss version="2.0"><channel><title>Passi</title>{items}</channel></rss>'.encode()


def offer(port: Connection) -> None:
    """Serve ``/feed-N``, ``/N.html`` and ``/N.wav`` for ever; says on which port."""
    sound = recording()

    def answer(path: str) -> tuple[str, bytes]:
        if path.startswith("/feed-"):
            return "application/rss+xml", feed(int(path[6:]))
        if path.endswith(".wav"):
            return "audio/wav", sound
        return "text/html", page(int(path[1:].removesuffix(".html")))

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):  # until the client hangs up
            while request := await reader.readuntil(b"\r\n\r\n"):
                media_type, body = answer(request.split(b" ", 2)[1].decode())
                head = f"Content-Type: {media_type}\r\nContent-Length: {len(body)}"
                writer.write(f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n".encode() + body)
                await writer.drain()
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


# --- the sync ---


class Inner(threading.local):
    """What clocks took inside the call that is being timed, in this thread."""

    wall_s = 0.0
    cpu_s = 0.0


@dataclass
class Clock:
    """Adds up what calls of a function take, in any thread, less what other clocks take in them."""

    inner: Inner
    wall_s: float = 0.0
    cpu_s: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            inner, before = self.inner, (self.inner.wall_s, self.inner.cpu_s)
            inner.wall_s = inner.cpu_s = 0.0
            wall, cpu = time.perf_counter(), time.thread_time()
            try:
                return function(*args, **kwargs)
            finally:
                wall, cpu = time.perf_counter() - wall, time.thread_time() - cpu
                with self.lock:
                    self.wall_s += wall - inner.wall_s
                    self.cpu_s += cpu - inner.cpu_s
                inner.wall_s, inner.cpu_s = before[0] + wall, before[1] + cpu

        return call


@dataclass(frozen=True)
class Cost:
    """Of one sync: seconds in all and of each part (together and of the processor); peak of memory.

    ``early_mb`` is the peak when a tenth of the episodes were done, ``n_waits`` how often a thread waited.
    """

    n_done: int
    wall_s: float
    cpu_s: float
    parts: dict[str, tuple[float, float]]
    early_mb: float
    peak_mb: float
    n_waits: int


def peak_mb() -> float:
    """The most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def waits() -> int:
    """How often a thread of this process has given up its core to wait for something."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw


def hear(
    recording: Recording,
    essay: Essay | None,
    checkpoint: Path,
    progress: Any,
    settings: Settings,
    names: tuple[str, ...],
) -> Transcript:
    """The essay's words, evenly over the recording; each says which one it is, as of a guided model."""
    assert essay is not None
    texts = [word.text for word in essay.words()]
    step = 1000 * SECONDS / len(texts)
    words = tuple(
        TranscriptWord(f" {text}", int(i * step), int((i + 0.9) * step), 0.9, essay_word=i)
        for i, text in enumerate(texts)
    )
    return Transcript(
        LANGUAGE,
        (Segment(0, words[-1].end_ms, " ".join(texts), words),),
        duration_ms=1000 * SECONDS,
        model=ModelInfo("none", "none", "cpu", "none"),
    )


def measure(pipe: Connection, address: str, library: Path, size: int) -> None:
    """One sync in this process, which should be a new one."""
    peaks: list[float] = []
    inner = Inner()
    clocks = {name: Clock(inner) for name in (*PARTS, "record")}
    for name, module in CALLERS.items():
        setattr(module, name, clocks[name].timed(getattr(module, name)))
    run = sync._Run
    run.record = clocks["record"].timed(run.record)  # type: ignore[method-assign]
    with open_client(allow_private=True) as client:
        settings = Settings(model="none", refine=False, speakers="off")
        tools = Tools(client, settings, clocks["hear"].timed(hear))
        wall, cpu, n_waits = time.perf_counter(), time.process_time(), waits()
        summary = sync.sync(
            sync.Plan([address]), library, tools, on_result=lambda result: peaks.append(peak_mb())
        )
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    assert not summary.failed, next(e.problems for e in summary.episodes if e.problems)
    parts = {name: (clock.wall_s, clock.cpu_s) for name, clock in clocks.items()}
    n_done, n_waits = summary.count("done"), waits() - n_waits
    pipe.send(Cost(n_done, wall, cpu, parts, peaks[size // 10], peak_mb(), n_waits))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--episodes", default="1000,5000,10000", help="sizes of the backlog")
    parser.add_argument("--keep", type=Path, help="leave the libraries there")
    arguments = parser.parse_args()
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()

    def sync_once(size: int, library: Path) -> Cost:
        worker = spawn.Process(target=measure, args=(there, f"{url}/feed-{size}", library, size))
        worker.start()
        while not here.poll(0.2):
            if not worker.is_alive():
                sys.exit("The sync failed.")
        cost: Cost = here.recv()
        worker.join()
        return cost

    server = spawn.Process(target=offer, args=(there,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{here.recv()}"
    with tempfile.TemporaryDirectory() as folder:
        for size in map(int, arguments.episodes.split(",")):
            library = (arguments.keep or Path(folder)) / f"library-{size}"
            show(sync_once(size, library))
            again = sync_once(size, library)
            print(
                f"  second sync: {again.wall_s:.1f} s, {again.cpu_s:.1f} s of processor, "
                f"{again.peak_mb:.0f} MB"
            )
            started, before = time.perf_counter(), os.times()
            command = [sys.executable, "-m", "inkcast", "status", "--library", str(library)]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            wall, after = time.perf_counter() - started, os.times()
            cpu = sum(after[2:4]) - sum(before[2:4])  # of children that have ended
            print(f"  inkcast status: {wall:.2f} s, {cpu:.2f} s of processor")
            print(f"  load of the last minutes: {', '.join(f'{load:.1f}' for load in os.getloadavg())}")
            sys.stdout.flush()
    server.terminate()


def show(cost: Cost) -> None:
    n = cost.n_done
    parts = {name: (1000 * wall / n, 1000 * cpu / n) for name, (wall, cpu) in cost.parts.items()}
    wall, cpu = 1000 * cost.wall_s / n, 1000 * cost.cpu_s / n
    beyond = cpu - sum(parts[name][1] for name in (*NETWORK, "hear"))
    print(
        f"{n} episodes: {cost.wall_s:.0f} s; "
        f"peak of memory {cost.peak_mb:.0f} MB, {cost.early_mb:.0f} MB when a tenth was done"
    )
    print(
        f"  {wall:.1f} ms an episode; processor {cpu:.1f} ms, of that beyond network and ears {beyond:.1f} ms"
    )
    print(f"  threads had to wait {cost.n_waits / n:.0f} times an episode")
    rest = beyond - sum(parts[name][1] for name in parts if name not in (*NETWORK, "hear"))
    for name, title in (*PARTS.items(), ("record", "records, sidecars")):
        print(f"    {title:24} {parts[name][1]:5.2f} ms of processor, {parts[name][0]:5.2f} ms in all")
    print(f"    {'all else (keys, queues)':24} {rest:5.2f} ms of processor")


if __name__ == "__main__":
    main()
