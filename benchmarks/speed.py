"""How fast each way from a recording to words with times is, as ratios within one run.

    python benchmarks/speed.py CORPUS [--model tiny.en] [--rounds 3] [--match NAME] [--systems floor,guided]

All systems use the same weights, the same file and the same number of threads, and take turns in every
round, so that a machine whose speed drifts slows them all. *Floor* is what nothing that encodes the
whole recording in 30-second windows can beat: decoding the audio, the log-mel spectrogram, and the
encoder, on all cores. Needs ``pip install inkcast[bench]``; systems that are not installed are left out.
"""

from __future__ import annotations

import argparse
import json
import logging
import statistics
import sys
import time
import warnings
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from corpus import Item, items, reference, word_error_rate, words_of
from others import load_faster_whisper, load_stable_ts

from inkcast.api import transcribe
from inkcast.audio.decode import SAMPLE_RATE, read_samples
from inkcast.audio.logmel import log_mel
from inkcast.essays.read import read_essay
from inkcast.options import TranscribeOptions
from inkcast.speech.models.model_catalog import find_model
from inkcast.speech.whisper_loader import load_whisper

WINDOW = 30 * SAMPLE_RATE
System = Callable[[Item], str | None]
SLOW = {"openai-whisper greedy", "openai-whisper beam 5"}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--model", default="tiny.en")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--match", default="", help="only recordings with this in their name")
    parser.add_argument("--systems", default="", help="names with commas between them (default: all)")
    parser.add_argument("--out", type=Path, help="also write results as JSON, and a picture beside it")
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    systems = make_systems(arguments.model, arguments.device)
    chosen = arguments.systems.split(",") if arguments.systems else list(systems)
    results = []
    for item in items(arguments.corpus, arguments.match):
        results.append(measure(item, {name: systems[name] for name in chosen}, arguments.rounds))
        print_table(results[-1])
    if arguments.out:
        arguments.out.write_text(json.dumps(results, indent=1))
        draw(results, arguments.out.with_suffix(".svg"))


def make_systems(model: str, device: str) -> dict[str, System]:
    transcriber = load_whisper(model, "ctranslate2", device)
    engine = transcriber.engine
    language = "en" if model.endswith(".en") else None
    options = TranscribeOptions(language=language)

    def floor(item: Item) -> None:
        samples = read_samples(item.audio)

        def encode(start: int) -> None:
            window = samples[start : start + WINDOW]
            engine.encode([log_mel(np.pad(window, (0, WINDOW - len(window))), engine.n_mels)])

        with ThreadPoolExecutor(engine.workers) as pool:
            deque(pool.map(encode, range(0, len(samples), WINDOW)), maxlen=0)

    def guided(item: Item) -> str:
        return transcribe(item.audio, transcriber, essay=item.text, options=options).text

    def unguided(item: Item) -> str:
        return transcribe(item.audio, transcriber, options=options).text

    systems: dict[str, System] = {"floor": floor, "guided": guided, "unguided": unguided}
    folder = find_model(model, "ctranslate2").path
    systems |= faster_whisper_systems(folder, device, language)
    systems |= openai_systems(folder, model, device, language)
    return systems | stable_ts_systems(folder, device)


def faster_whisper_systems(folder: Path, device: str, language: str | None) -> dict[str, System]:
    model = load_faster_whisper(folder, device)
    if model is None:
        return {}
    from faster_whisper import BatchedInferencePipeline

    batched = BatchedInferencePipeline(model)

    def run(transcriber: Any, beam_size: int, **options: Any) -> System:
        def system(item: Item) -> str:
            segments, _ = transcriber.transcribe(
                str(item.audio), language=language, beam_size=beam_size, word_timestamps=True, **options
            )
            return "".join(segment.text for segment in segments)

        return system

    return {
        "faster-whisper greedy": run(model, 1),
        "faster-whisper beam 5": run(model, 5),
        "faster-whisper batched greedy": run(batched, 1, batch_size=8),
        "faster-whisper batched beam 5": run(batched, 5, batch_size=8),
    }


def openai_systems(folder: Path, name: str, device: str, language: str | None) -> dict[str, System]:
    import whisper

    from inkcast.speech.engines.whisper_engine import WhisperEngine

    loaded: list[WhisperEngine] = []

    def run(**options: Any) -> System:
        def system(item: Item) -> str:
            if not loaded:
                loaded.append(WhisperEngine(folder, name, device))
            result = whisper.transcribe(
                loaded[0]._model,
                read_samples(item.audio),
                language=language,
                word_timestamps=True,
                fp16=device != "cpu",
                **options,
            )
            return str(result["text"])

        return system

    # Its function searches greedily unless told otherwise, its command line with five beams.
    return {"openai-whisper greedy": run(), "openai-whisper beam 5": run(beam_size=5, best_of=5)}


def stable_ts_systems(folder: Path, device: str) -> dict[str, System]:
    model = load_stable_ts(folder, device)
    if model is None:
        return {}

    def system(item: Item) -> None:
        text = "\n".join(block.text for block in read_essay(item.text).blocks)
        model.align(read_samples(item.audio), text, language="en", verbose=None)

    return {"stable-ts align": system}


def measure(item: Item, systems: dict[str, System], rounds: int) -> dict[str, Any]:
    seconds: dict[str, list[float]] = {name: [] for name in systems}
    rates: dict[str, float] = {}
    for turn in range(rounds):
        for name, system in systems.items():
            if turn and name in SLOW:
                continue
            began = time.perf_counter()
            text = system(item)
            seconds[name].append(time.perf_counter() - began)
            print(f"  {item.name} {turn + 1}/{rounds} {name}: {seconds[name][-1]:.1f} s", file=sys.stderr)
            if text and item.truth:
                rates[name] = round(word_error_rate(reference(item.truth), words_of(text)), 4)
    audio_s = len(read_samples(item.audio)) / SAMPLE_RATE
    return {"name": item.name, "audio_s": audio_s, "seconds": seconds, "word_error_rate": rates}


def ratios(result: dict[str, Any], name: str) -> list[float]:
    """Each round's time over the floor's of the same round."""
    floor = result["seconds"].get("floor") or [1.0]
    return [own / base for own, base in zip(result["seconds"][name], floor, strict=False)]


def print_table(result: dict[str, Any]) -> None:
    print(f"\n### {result['name']} ({result['audio_s']:.0f} s of audio)\n")
    print("| system | seconds, median (min-max) | times the floor, median (min-max) | x real time | WER |")
    print("|---|---|---|---|---|")
    for name, seconds in result["seconds"].items():
        relative = ratios(result, name)
        median = statistics.median(seconds)
        print(
            f"| {name} | {median:.1f} ({min(seconds):.1f}-{max(seconds):.1f}) "
            f"| {statistics.median(relative):.2f} ({min(relative):.2f}-{max(relative):.2f}) "
            f"| {result['audio_s'] / median:.0f} | {result['word_error_rate'].get(name, '')} |"
        )
    print(flush=True)


def draw(results: list[dict[str, Any]], path: Path) -> None:
    """A bar for each system: the median over the recordings of its time over the floor's."""
    try:
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib import pyplot
    except ImportError:
        return
    names = list(results[0]["seconds"])
    values = [
        statistics.median([statistics.median(ratios(result, name)) for result in results]) for name in names
    ]
    figure, axes = pyplot.subplots(figsize=(8, 0.45 * len(names) + 1.2))
    colours = ["#c2410c" if name in ("guided", "unguided") else "#94a3b8" for name in names]
    axes.barh(names, values, color=colours)
    axes.bar_label(axes.containers[0], fmt="%.2f", padding=3)
    axes.invert_yaxis()
    axes.set_xlabel("time over the floor (decoding + log-mel + encoder in 30 s windows)")
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path)


if __name__ == "__main__":
    main()
