"""How good the times of words are, beside those of other systems with the same weights.

    python benchmarks/accuracy.py CORPUS [--model tiny.en] [--other-model base] [--match NAME]
                                         [--systems inkcast,faster-whisper] [--keep RESULTS.json]

Runs ``inkcast align`` as a user does, stable-ts's ``align``, and faster-whisper's transcription with word
times, whose words get their place in the essay by their text. Scores each by ``scoring.py`` on every text
of ``corpus.py``, prints a table, and writes it into docs/accuracy.md: a folder of readers whose times people
made into its first section, pooled by set, essays into another, with a picture beside it. With --keep what
is measured stays in a file, and what is in it is not measured again: so a large corpus can be
measured in pieces. Needs ``pip install inkcast[bench]``; systems that are not installed are left out.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import logging
import subprocess
import sys
import tempfile
import warnings
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path
from statistics import fmean, median
from typing import Any

from corpus import Item, group_of, items, reference, word_error_rate, words_of
from others import load_faster_whisper, load_stable_ts
from scoring import Tally, as_alignment, score

from inkcast.audio.decode import read_samples
from inkcast.essays.read import read_essay
from inkcast.files import write_text
from inkcast.speech.models.model_catalog import find_model

PAGE = Path(__file__).resolve().parents[1] / "docs" / "accuracy.md"
PEOPLE_HEADER = (
    "set", "system", "time", "words", "median", "mean", "bias", "≤ 20 ms", "≤ 50 ms", "≤ 100 ms", "worst",
    "lost",
)  # fmt: skip
PEOPLE_SHARES_MS = (20, 50, 100)
COLOURS = {"inkcast": "#c2410c", "stable-ts align": "#475569", "faster-whisper": "#94a3b8"}
HEADER = (
    "text", "system", "words", "start: median", "bias", "≤ 50 ms", "≤ 100 ms", "clear: ≤ 50 ms", "≤ 100 ms",
    "end: median", "> 1 s or lost", "numbers missed", "unspoken F1", "substituted", "extra", "WER",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Output:
    """What a system makes of an item: an alignment's JSON, and a transcript if it writes one."""

    alignment: Mapping[str, Any]
    text: str | None


@dataclass(frozen=True, slots=True)
class System:
    """``judges``: it says which words are not spoken; else it gives every word a time."""

    run: Callable[[Item], Output]
    judges: bool


@dataclass(frozen=True, slots=True)
class Result:
    """One row: a text, or several added up, and a system."""

    text: str
    system: str
    judges: bool
    tally: Tally
    word_error_rate: float | None


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--model", default="tiny.en")
    parser.add_argument("--other-model", default="base", help="for languages other than English")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--match", default="", help="only recordings with this in their name")
    parser.add_argument("--systems", default="", help="names with commas between them (default: all)")
    parser.add_argument("--keep", type=Path, help="JSON of results, read and added to")
    parser.add_argument("--page", type=Path, default=PAGE, help="where the table goes")
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    kept = read_results(arguments.keep) if arguments.keep and arguments.keep.exists() else []
    corpus = [item for item in items(arguments.corpus, arguments.match) if item.words]
    chosen = arguments.systems.split(",") if arguments.systems else list(SYSTEMS)
    for name in chosen:  # One after the other: together they need more memory than small machines have.
        known = {result.text for result in kept if result.system == name}
        for is_english, model in ((True, arguments.model), (False, arguments.other_model)):
            left = [i for i in corpus if i.name not in known and (i.language == "en") == is_english]
            system = SYSTEMS[name](model, arguments.device) if left else None
            for item in left if system else ():
                kept.append(measure(item, name, system))
                if arguments.keep:
                    write_results(kept, arguments.keep)
    systems = list(SYSTEMS)
    results = sorted(kept, key=lambda result: (result.text, systems.index(result.system)))
    if not results:
        parser.error(f"{arguments.corpus} holds no recording with reference times.")
    text = arguments.page.read_text(encoding="utf-8") if arguments.page.exists() else "# Accuracy\n"
    if any(item.group for item in corpus):
        section, name = describe_people(results, arguments.model, arguments.other_model), "people"
    else:
        section, name = describe(results, arguments.model), "accuracy"
        draw(results, arguments.page.with_suffix(".svg"))
    print(section)
    write_text(arguments.page, put_section(text, section, name))


def read_results(path: Path) -> list[Result]:
    """What ``write_results`` kept."""
    return [Result(**{**row, "tally": Tally(**row["tally"])}) for row in json.loads(path.read_text("utf-8"))]


def write_results(results: Iterable[Result], path: Path) -> None:
    write_text(path, json.dumps([asdict(result) for result in results]) + "\n")


def inkcast(model: str, device: str) -> System:
    return System(lambda item: run_inkcast(item, model, device), judges=True)


def stable_ts(model: str, device: str) -> System | None:
    loaded = load_stable_ts(find_model(model, "ctranslate2").path, device)
    return loaded and System(lambda item: run_stable_ts(item, loaded), judges=False)


def faster_whisper(model: str, device: str) -> System | None:
    loaded = load_faster_whisper(find_model(model, "ctranslate2").path, device)

    @cache  # Its result does not depend on the text.
    def transcribe(audio: Path, language: str) -> tuple[tuple[str, float, float], ...]:
        segments, _ = loaded.transcribe(str(audio), language=language, word_timestamps=True)
        return tuple((w.word, float(w.start), float(w.end)) for segment in segments for w in segment.words)

    return loaded and System(lambda item: run_faster_whisper(item, transcribe), judges=True)


def run_inkcast(item: Item, model: str, device: str) -> Output:
    with tempfile.TemporaryDirectory() as folder:
        options = ["--out", folder, "--model", model, "--device", device, "--quiet"]
        options += ["--language", item.language]
        command = [sys.executable, "-m", "inkcast", "align", str(item.audio), str(item.text), *options]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
        result = Path(folder) / f"{item.audio.stem}.alignment.json"
        if not result.exists():
            sys.exit(done.stderr)
        if done.returncode:
            print(done.stderr, file=sys.stderr)
        transcript = json.loads(result.with_name(f"{item.audio.stem}.transcript.json").read_text("utf-8"))
        return Output(json.loads(result.read_text("utf-8")), transcript["text"])


def run_stable_ts(item: Item, model: Any) -> Output:
    essay = read_essay(item.text)
    text = "\n".join(block.text for block in essay.blocks)
    words = model.align(read_samples(item.audio), text, language=item.language, verbose=None).all_words()
    heard = whole_words((word.word, float(word.start), float(word.end)) for word in words)
    return Output(as_alignment((word.text for word in essay.words()), heard), None)


def run_faster_whisper(
    item: Item, transcribe: Callable[[Path, str], tuple[tuple[str, float, float], ...]]
) -> Output:
    words = transcribe(item.audio, item.language)
    essay = read_essay(item.text).words()
    alignment = as_alignment((word.text for word in essay), whole_words(words))
    return Output(alignment, "".join(text for text, _, _ in words))


def whole_words(words: Iterable[tuple[str, float, float]]) -> list[tuple[str, float, float]]:
    """Put together what stands without a space between: Whisper takes " $2-10T" apart."""
    whole: list[tuple[str, float, float]] = []
    for text, start, end in words:
        if whole and not text[:1].isspace():
            before, began, _ = whole.pop()
            text, start = before + text, began
        whole.append((text, start, end))
    return whole


def measure(item: Item, name: str, system: System) -> Result:
    output = system.run(item)
    tally = score(output.alignment, item.words or (), item.truth)
    rate = None
    if output.text and item.truth:
        rate = word_error_rate(reference(item.truth), words_of(output.text))
    print(f"  {item.name} {name}: {tally.start.median_ms} ms", file=sys.stderr, flush=True)
    return Result(item.name, name, system.judges, tally, rate)


def add_up(results: Sequence[Result], name: str) -> list[Result]:
    """One row for each system, of all texts together."""
    systems = list(dict.fromkeys(result.system for result in results))
    rows = []
    for system in systems:
        own = [result for result in results if result.system == system]
        *_, tally = accumulate(result.tally for result in own)
        rows.append(Result(name, system, own[0].judges, tally, None))
    return rows


def by_kind(results: Sequence[Result]) -> dict[str, list[Result]]:
    """The texts as they were published, and those changed afterwards."""
    kinds = {
        "as published": [result for result in results if not result.text.endswith(".edited")],
        "edited afterwards": [result for result in results if result.text.endswith(".edited")],
    }
    return {kind: rows for kind, rows in kinds.items() if rows}


def describe(results: Sequence[Result], model: str) -> str:
    """The section of docs/accuracy.md, in Markdown."""
    versions = "".join(
        f", {name} {version}" for name in ("stable-ts", "faster-whisper") if (version := _version(name))
    )
    totals = [row for kind, rows in by_kind(results).items() for row in add_up(rows, kind)]
    return "\n".join(
        (
            f"Made by `python benchmarks/accuracy.py` with the weights {model} for all{versions}.",
            "Times are in milliseconds, errors are against the reference, and positive bias is late.",
            "*Lost* are words that are spoken and got no time. What else the figures mean, and how they are",
            "counted, is in `benchmarks/scoring.py`. stable-ts gives every word a time, so it has no say",
            "in what is unspoken; faster-whisper's words count where its text agrees with the essay's.",
            "*Numbers missed* are words with digits that begin more than 0.3 s off or have no time.",
            "*Clear* are words whose reference leaves no doubt which word is meant (see below).",
            "",
            "![Share of words within a given distance of the reference](accuracy.svg)",
            "",
            *_table(totals),
            "",
            *_table(results),
            "",
            *_missed(results),
        )
    )


def describe_people(results: Sequence[Result], model: str, other_model: str) -> str:
    """The section on recordings whose times people made: words pooled over the readers of a set."""
    sets = dict.fromkeys(group_of(result.text) for result in results)
    rows = [
        row
        for name in sets
        for total in add_up([result for result in results if group_of(result.text) == name], name)
        for row in _people_rows(total)
    ]
    lines = [PEOPLE_HEADER, ("---",) * len(PEOPLE_HEADER), *rows]
    made = f"Made by `python benchmarks/accuracy.py` with {model} for English and {other_model} for the rest."
    return "\n".join((made, "", *(f"| {' | '.join(row)} |" for row in lines)))


def _people_rows(total: Result) -> Iterator[tuple[str, ...]]:
    tally = total.tally
    kinds = {"start": tally.start_s, "end": tally.end_s, "end before a pause": tally.pause_s}
    for kind, errors_s in kinds.items():
        if errors_s:
            sizes = [1000 * abs(error) for error in errors_s]
            yield (
                total.text,
                total.system,
                kind,
                str(len(sizes)),
                f"{median(sizes):.1f}",
                f"{fmean(sizes):.1f}",
                f"{1000 * median(errors_s):+.1f}",
                *(f"{sum(size <= most for size in sizes) / len(sizes):.3f}" for most in PEOPLE_SHARES_MS),
                f"{max(sizes):.0f}",
                str(tally.unplaced) if kind == "start" else "",
            )


def _missed(results: Iterable[Result]) -> list[str]:
    """The words with digits that Inkcast does not find in their place."""
    missed = [word for row in results if row.system == "inkcast" for word in row.tally.forms_missed]
    return [f"Numbers that Inkcast missed: {', '.join(f'`{word}`' for word in missed) or 'none'}."]


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _table(results: Iterable[Result]) -> list[str]:
    rows = [HEADER, ("---",) * len(HEADER), *map(_row, results)]
    return [f"| {' | '.join(row)} |" for row in rows]


def _row(result: Result) -> tuple[str, ...]:
    tally, start = result.tally, result.tally.start
    wrong = tally.wrongly_silent + tally.wrongly_spoken + tally.rightly_silent
    return (
        result.text,
        result.system,
        str(start.n),
        f"{start.median_ms:.0f}",
        f"{start.bias_ms:+.0f}",
        f"{start.within[1]:.1%}",
        f"{start.within[2]:.1%}",
        f"{tally.clear.within[1]:.1%}",
        f"{tally.clear.within[2]:.1%}",
        f"{tally.end.median_ms:.0f}",
        str(tally.over_1s),
        f"{len(tally.forms_missed)} of {tally.forms}",
        f"{tally.f1:.3f}" if result.judges and wrong else "–",
        _share(tally.substituted_found, tally.substituted if result.judges else 0),
        _share(tally.extra_found, tally.extra if result.judges else 0),
        "–" if result.word_error_rate is None else f"{result.word_error_rate:.3f}",
    )


def _share(found: int, n: int) -> str:
    return f"{found / n:.3f}" if n else "–"


def put_section(text: str, section: str, name: str = "accuracy") -> str:
    """Put ``section`` between the two marks of its name in ``text``; at its end if it has none."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    if begin not in text:
        return f"{text.rstrip()}\n\n{begin}\n{section}\n{end}\n"
    before, _, rest = text.partition(begin)
    if end not in rest:
        raise ValueError(f"{begin} without {end}")
    return f"{before}{begin}\n{section}\n{end}{rest.partition(end)[2]}"


def draw(results: Sequence[Result], path: Path) -> None:
    """For each system the share of words within x ms of the reference; lost words are never within."""
    try:
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib import pyplot
    except ImportError:
        return
    matplotlib.rcParams["svg.hashsalt"] = "inkcast"
    distances = [2 * 1.05**step for step in range(161)]
    kinds = by_kind(results)
    figure, row = pyplot.subplots(1, len(kinds), figsize=(4.6 * len(kinds), 3.6), sharey=True, squeeze=False)
    for axes, (kind, own) in zip(row[0], kinds.items(), strict=True):
        for total in add_up(own, kind):
            sizes = sorted(1000 * abs(error) for error in total.tally.start_s)
            n = max(1, len(sizes) + total.tally.unplaced)
            shares = [bisect_right(sizes, most) / n for most in distances]
            axes.plot(distances, shares, color=COLOURS.get(total.system), label=total.system, linewidth=1.8)
        axes.set_xscale("log")
        axes.set_xlim(2, 5_000)
        axes.set_ylim(0, 1)
        axes.set_xticks([5, 10, 25, 50, 100, 250, 1000], ["5", "10", "25", "50", "100", "250", "1000"])
        axes.minorticks_off()
        axes.yaxis.set_major_formatter("{x:.0%}")
        axes.grid(color="#e2e8f0", linewidth=0.7)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_title(f"Texts {kind}", fontsize=10, loc="left")
        axes.set_xlabel("start of the word at most … ms off")
    row[0][0].set_ylabel("share of spoken words")
    row[0][-1].legend(loc="lower right", frameon=False, fontsize=9)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


SYSTEMS = {"inkcast": inkcast, "stable-ts align": stable_ts, "faster-whisper": faster_whisper}


if __name__ == "__main__":
    main()
