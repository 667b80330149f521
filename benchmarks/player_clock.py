"""Where Chromium plays each moment of a recording after a seek, beside where Inkcast has it.

    python benchmarks/player_clock.py [FILE ...] [--chromium PATH] [--seeks 6]

Without files, with those of the tests: start offsets, edit lists, gaps, damage, encoder delays, two tracks.
The page plays half a second after each seek; what it played is looked for in what Inkcast decodes, and the
difference to the element's ``currentTime`` is printed in milliseconds. Where nothing comes near (a gap, a
pause, a file that Chromium gives up), there is a dash; after a seek into a gap Chromium may play what comes
after it. The browser runs on its own clock, so this is no test.
"""

from __future__ import annotations

import argparse
import base64
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Error, Page, sync_playwright

from inkcast.audio.decode import read_samples
from inkcast.errors import AudioError

sys.path.append(str(Path(__file__).resolve().parents[1]))

from tests.support.clocks import (
    CLOCKS,
    DAMAGE,
    TRACKS,
    encode,
    write_sources,
    write_two_tracks,
)
from tests.support.sounds import where

RATE = 48_000
BLOCK = 1_024
TYPES = {".m4a": "audio/mp4", ".mp3": "audio/mpeg", ".opus": "audio/ogg", ".mkv": "video/x-matroska"}

PLAY = """async ([data, type, times, rate, block]) => {
    const within = (ms, promise) => Promise.race([promise, new Promise((done) => setTimeout(done, ms))]);
    const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    const audio = new Audio(URL.createObjectURL(new Blob([bytes], { type })));
    await within(5000, new Promise((done) => { audio.oncanplay = audio.onerror = done; }));
    if (audio.readyState < 2) return null;
    const context = new AudioContext({ sampleRate: rate });
    const tap = context.createScriptProcessor(block, 1, 1);
    context.createMediaElementSource(audio).connect(tap);
    tap.connect(context.destination);
    await context.resume();
    const heard = [];
    for (const time of times) {
        audio.pause();
        await new Promise((done) => setTimeout(done, 100));
        const sought = new Promise((done) => { audio.onseeked = done; });
        audio.currentTime = time;
        await within(2500, sought);
        const samples = [], clock = [];
        const enough = new Promise((done) => {
            tap.onaudioprocess = ({ inputBuffer }) => {
                const sound = inputBuffer.getChannelData(0);
                if (!samples.length && sound.every((value) => value === 0)) return;
                samples.push(...sound);
                clock.push(audio.currentTime);
                if (samples.length >= rate / 2) done();
            };
        });
        await within(1000, audio.play());
        await within(2500, enough);
        tap.onaudioprocess = null;
        heard.push({ samples, clock });
    }
    audio.pause();
    await context.close();
    return heard;
}"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--chromium", default=shutil.which("chromium") or shutil.which("google-chrome"))
    parser.add_argument("--seeks", type=int, default=6)
    arguments = parser.parse_args()
    flags = ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=arguments.chromium, args=flags)
        page = browser.new_page()
        for path in arguments.files or made(Path(folder)):
            print(f"{path.name:20}", *differences(page, path, arguments.seeks), flush=True)


def made(folder: Path) -> Iterator[Path]:
    """The recordings of the tests."""
    write_sources(folder)
    for name, source, before, after, _ in CLOCKS:
        yield encode(folder / source, *after, folder / name, before=before)
    for name, codec, damage, _ in DAMAGE:
        path = encode(folder / "a.wav", *codec, folder / name)
        path.write_bytes(damage(path.read_bytes()))
        yield path
    for name, first, second, _ in TRACKS:
        yield write_two_tracks(folder, name, first, second)


def differences(page: Page, path: Path, n_seeks: int) -> list[str]:
    """By how many milliseconds Inkcast is later than Chromium, after each seek."""
    try:
        ours = read_samples(path)
    except AudioError as error:
        return [str(error)]
    seconds = len(ours) / 16_000
    times = [round(seconds * (seek + 0.4) / n_seeks, 3) for seek in range(n_seeks)]
    data = base64.b64encode(path.read_bytes()).decode()
    kind = TYPES.get(path.suffix, f"audio/{path.suffix[1:]}")
    try:
        heard = page.evaluate(PLAY, [data, kind, times, RATE, BLOCK])
    except Error:
        heard = None
    if heard is None:
        return ["is not played"]
    pairs = zip(times, (difference(ours, **each) for each in heard), strict=True)
    return [f"{time:.1f}: {'-' if found is None else f'{found:+.0f}'}" for time, found in pairs]


def difference(ours: Any, samples: list[float], clock: list[float]) -> float | None:
    """In ms, of one stretch of sound and the times at the ends of its blocks."""
    sound = np.array(samples, np.float32)
    begins = np.flatnonzero(sound)
    if len(clock) < 20:
        return None
    # The element's clock jumps in the first blocks.
    first_s = statistics.median(time - (n + 1) * BLOCK / RATE for n, time in enumerate(clock) if n > 3)
    second = begins[0] / RATE + 0.05
    found = where(ours, sound, second, RATE)
    return None if np.isnan(found) else 1000 * (found - second - first_s)


if __name__ == "__main__":
    main()
