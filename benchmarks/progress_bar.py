"""What the bar of ``inkcast sync`` claims on a terminal, against the audio that was heard by then.

    python benchmarks/progress_bar.py [--cast FILE]

Ten episodes of 13 to 250 seconds, cut out of the example, are synced in a terminal of its own. Every quarter
of a second its screen is read: the share of the show's bar, and, by the bars and pages of the single
episodes, how much of the audio was heard and how much is finished. Prints how far the bar was from both, how
long it stood still, and whether each page's path still stands on the screen in the end; exit 1 if the bar was
ever more than ten points from what was heard. ``--cast`` keeps the recording for ``asciinema play``. Needs
the weights of tiny.en, and a system with pseudo-terminals.
"""

from __future__ import annotations

import argparse
import codecs
import json
import os
import pty
import re
import subprocess
import sys
import tempfile
import termios
import time
import wave
from itertools import pairwise
from pathlib import Path

import numpy as np

from inkcast.audio.decode import read_samples

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT))

from tests.support.screen import Terminal  # noqa: E402
from tests.support.shows import feed, item, page  # noqa: E402

RATE = 16_000
EXAMPLE = ROOT / "examples" / "what-small-labs-are-for"
CUTS = [*((1, 4), (3, 12), (1, 20), (9, 12), (12, 21)), *((4, 9), (1, 21), (15, 18), (10, 21), (17, 21))]
"""Of the example's sentences: the first of each episode, and the first after it."""
REPEATED = {4: 2, 6: 3}
"""Episodes that say all of it more than once."""
COLUMNS, ROWS = 110, 40
LOOK_S = 0.25
MOST_POINTS = 10.0

Chunk = tuple[float, str]
"""When something was written, in seconds from the start, and what."""


def make_show(folder: Path) -> dict[str, float]:
    """Write the feed, pages and recordings; gives the episodes' lengths in seconds, by their title."""
    truth = json.loads(EXAMPLE.with_suffix(".truth.json").read_text(encoding="utf-8"))["sentences"]
    samples = read_samples(EXAMPLE.with_suffix(".mp3"))
    starts = [sentence["start"] for sentence in truth] + [len(samples) / RATE]
    lengths, items = {}, []
    for number, (first, end) in enumerate(CUTS):
        times, title = REPEATED.get(number, 1), f"Episode {number}"
        sound = np.tile(samples[int(starts[first] * RATE) : int(starts[end] * RATE)], times)
        with wave.open(str(folder / f"e{number}.wav"), "wb") as file:
            file.setparams((1, 2, RATE, 0, "NONE", ""))
            file.writeframes((sound * 32_767).astype("<i2").tobytes())
        text = " ".join(sentence["published"] or "" for sentence in truth[first:end])
        (folder / f"e{number}.html").write_bytes(page(title, *[text] * times))
        items.append(item(f"e{number}", title, 28 - number))
        lengths[title] = len(sound) / RATE
    (folder / "feed.xml").write_bytes(feed(*items))
    return lengths


def sync_on_a_terminal(source: Path, library: Path) -> list[Chunk]:
    """What is written to the terminal, and when."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (ROWS, COLUMNS))
    command = [sys.executable, "-m", "inkcast", "sync", str(source), "--library", str(library)]
    environment = {**os.environ, "TERM": "xterm-256color"}
    process = subprocess.Popen(
        [*command, "--model", "tiny.en"], stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    )
    os.close(theirs)
    chunks: list[Chunk] = []
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    began = time.monotonic()
    while True:
        try:
            data = os.read(ours, 65_536)
        except OSError:  # so Linux says that the other end is closed
            break
        if not data:
            break
        chunks.append((time.monotonic() - began, decode(data)))
    if process.wait():
        raise SystemExit("The sync failed:\n" + "".join(text for _, text in chunks))
    return chunks


def screens(chunks: list[Chunk]) -> list[tuple[float, list[str]]]:
    """The terminal's lines, a few times a second."""
    terminal, found, due = Terminal(), [], 0.0
    for at, text in chunks:
        if at >= due:
            found.append((at, terminal.lines()))
            due = at + LOOK_S
        terminal.write(text)
    return [*found, (chunks[-1][0], terminal.lines())]


def heard_and_finished(
    lines: list[str], lengths: dict[str, float], heard: dict[str, float]
) -> tuple[float, float]:
    """Seconds of audio; ``heard`` is what was by the last screen, and is brought up to date."""
    for line in lines:
        if bar := re.match(r"(Episode \d): (transcribing|aligning|writing)\D*(?:(\d+)%)?", line):
            title, step, percent = bar.groups()
            part = int(percent or 0) / 100 if step == "transcribing" else 1.0
            heard[title] = max(heard.get(title, 0), part * lengths[title])
    transcribing = {line[:9] for line in lines if ": transcribing" in line}
    done = {title for title in lengths if any(line.endswith(f"{title}.html") for line in lines)}
    # One that no bar is of any more has been heard.
    heard.update({title: lengths[title] for title in {*heard, *done} if title not in transcribing})
    return sum(heard.values()), sum(lengths[title] for title in done)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cast", type=Path, metavar="FILE", help="keep the recording")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        lengths = make_show(Path(name))
        chunks = sync_on_a_terminal(Path(name) / "feed.xml", Path(name) / "library")
        if arguments.cast:
            head = {"version": 2, "width": COLUMNS, "height": ROWS, "title": "inkcast sync"}
            lines = [head, *([round(at, 3), "o", text.replace(name, "")] for at, text in chunks)]
            arguments.cast.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    total, heard = sum(lengths.values()), {}
    from_heard, from_finished, claims = [], [], []
    for at, lines in screens(chunks):
        done, finished = heard_and_finished(lines, lengths, heard)
        claim = next((re.search(r"(\d+)%", line) for line in lines if line.startswith("Slow ways ")), None)
        if claim:
            claims.append((at, int(claim[1])))
            from_heard.append(abs(int(claim[1]) - 100 * done / total))
            from_finished.append(abs(int(claim[1]) - 100 * finished / total))
    rises = [at for (_, before), (at, claim) in pairwise(claims) if claim != before]
    still = max((after - before for before, after in pairwise(rises)), default=0.0)
    left = [title for title in lengths if not any(line.endswith(f"{title}.html") for line in lines)]
    print(f"{total:.0f} s of audio in {chunks[-1][0]:.0f} s; {len(claims)} screens with the show's bar")
    print(f"from what was heard: {max(from_heard):.1f} points at most, {np.mean(from_heard):.1f} on average")
    print(f"from what is finished: {max(from_finished):.1f} points at most")
    print(f"stood still for {still:.1f} s at most; paths that are gone from the screen: {len(left)}")
    if max(from_heard) > MOST_POINTS or left:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
