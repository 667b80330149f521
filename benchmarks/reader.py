"""How fast the reader page of a long essay is, in Chromium.

    python benchmarks/reader.py [--words 30000] [--rounds 5] [--slow 1] [--speakers 0] [--chromium PATH]

*First paint* is what the browser's own clock says from the start of the navigation to a local file.
*A step* is the light moving by one word while the recording is paused: the page's script, and the style
and layout that follow from it. *Anywhere* jumps about, which lays out paragraphs never shown before.
*Playing* is what the browser says of its main thread, for each word at double speed; *Task* is all that
it did, scrolling, painting without a graphics card and the audio's events included.

*First word* is when the text is painted and a click on its first word moves the recording, tried in each
frame; ``--slow 4`` makes the processor four times as slow for it. *Shift* is what moved on the screen by
itself (Layout Instability API) while it played and while it was scrolled to its end, *drift* by how much the
page's height changed on the way.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import tempfile
import wave
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from inkcast.alignment.alignment import AlignedBlock, AlignedWord, Alignment, AudioFacts, Audit, Extra
from inkcast.essays.essay import Block, Essay, Mark
from inkcast.publish.pages.reader import reader_page

RATE = 8_000
WORD_MS = 400
STEPS = 400
GOALS = {"first contentful paint": 1_000, "a step, in order": 4, "first word": 500, "shift": 0, "drift": 0}
UNITS = {"shift": "of the screen", "drift": "pixels"}

CLICK = """() => {
    const started = () => {
        const word = document.querySelector('.essay p:not(.extra p) span[data-m]');
        const audio = document.querySelector('audio');
        if (word && audio && !window.clickable) {
            word.click();
            const isSeen = performance.getEntriesByName('first-contentful-paint').length > 0;
            if (audio.currentTime > 0 && isSeen) window.clickable = performance.now();
        }
        if (!window.clickable) requestAnimationFrame(started);
    };
    requestAnimationFrame(started);
    window.shifted = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
}"""
SCROLL = """async () => {
    const high = document.documentElement.scrollHeight;
    let most = 0;
    for (let at = 0; at < document.documentElement.scrollHeight; at += innerHeight / 2) {
        scrollTo(0, at);
        await new Promise(requestAnimationFrame);
        most = Math.max(most, Math.abs(document.documentElement.scrollHeight - high));
    }
    return most;
}"""

JUMP = """async ([seconds]) => {
    const audio = document.querySelector('audio');
    const tick = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    const times = [];
    for (const second of seconds) {
        const sought = new Promise((done) => audio.addEventListener('seeked', done, { once: true }));
        const start = performance.now();
        audio.currentTime = second;
        audio.dispatchEvent(new Event('timeupdate'));
        // Asking for the layout makes the browser do now what it would do for the next frame.
        document.body.getBoundingClientRect();
        times.push(performance.now() - start);
        await sought;
        await tick();
    }
    return times;
}"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--words", type=int, default=30_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--speakers", type=int, default=0, help="who say a paragraph each, in turn")
    parser.add_argument("--slow", type=float, default=1, help="how much slower a processor, for the start")
    parser.add_argument("--chromium", default=shutil.which("chromium") or shutil.which("google-chrome"))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = write_page(Path(folder), arguments.words, arguments.speakers)
        print(f"{arguments.words} words, {path.stat().st_size / 1e6:.2f} MB")
        browser = playwright.chromium.launch(
            executable_path=arguments.chromium, args=["--no-sandbox", "--mute-audio"]
        )
        figures = [
            measure(browser, path, arguments.words) | start(browser, path, arguments.slow)
            for _ in range(arguments.rounds)
        ]
        browser.close()
    for name in figures[0]:
        values = [figure[name] for figure in figures]
        unit = UNITS.get(name, "ms")
        goal = f"   goal {GOALS[name]} {unit}" if name in GOALS else ""
        median, worst = statistics.median(values), max(values)
        print(f"{name:>26}: median {median:8.2f} {unit}, worst {worst:8.2f} {unit}{goal}")


def write_page(folder: Path, n_words: int, n_speakers: int) -> Path:
    """An essay with headings, emphasis, links, unspoken words and margin notes."""
    dice = random.Random(1)
    blocks = [Block("title", "An essay that goes on and on")]
    left = n_words - 7
    while left > 0:
        if len(blocks) % 20 == 0:
            blocks.append(Block("heading", f"Part {len(blocks) // 20}", level=2))
        text = " ".join("".join(dice.choices("etaoinshrdlu", k=dice.randint(1, 10))) for _ in range(99))
        marks = (Mark("emphasis", 30, 60), Mark("link", 80, 100, "https://example.org/"))
        speaker = f"Speaker {len(blocks) % n_speakers + 1}" if n_speakers else ""
        blocks.append(Block("paragraph", text + ". End.", marks, speaker=speaker))
        left -= 100
    essay = Essay("An essay that goes on and on", tuple(blocks))
    with wave.open(str(folder / "a.wav"), "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(1)
        wav.setframerate(RATE)
        wav.writeframes(b"\x80" * (RATE * n_words * WORD_MS // 1000))
    path = folder / "page.html"
    path.write_text(reader_page(essay, align(essay), "a.wav"), encoding="utf-8")
    return path


def align(essay: Essay) -> Alignment:
    words = tuple(
        AlignedWord(w.text, w.block, w.char_start, w.char_end, "unspoken", None, None, 0.0)
        if i % 1000 > 990
        else AlignedWord(
            w.text, w.block, w.char_start, w.char_end, "spoken", i * WORD_MS, i * WORD_MS + 300, 0.9
        )
        for i, w in enumerate(essay.words())
    )
    extra = tuple(
        Extra(i, "By the way.", i * WORD_MS, i * WORD_MS + 900) for i in range(500, len(words), 1500)
    )
    blocks = tuple(AlignedBlock(b.kind, b.text, None, None, "spoken", b.speaker) for b in essay.blocks)
    facts = AudioFacts("0" * 64, len(words) * WORD_MS, "a.wav")
    return Alignment(facts, None, blocks, words, extra, Audit(1, 1, 1.0, 1.0, True, ()))


def measure(browser: Browser, path: Path, n_words: int) -> dict[str, float]:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(path.as_uri())
    page.wait_for_timeout(500)
    paints: dict[str, float] = page.evaluate(
        "Object.fromEntries(performance.getEntriesByType('paint').map((p) => [p.name, p.startTime]))"
    )
    ready = page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
    dice = random.Random(2)
    first = n_words // 2
    in_order = [(first + i) * WORD_MS / 1000 + 0.1 for i in range(STEPS)]
    anywhere = [dice.randrange(n_words) * WORD_MS / 1000 + 0.1 for _ in range(STEPS)]
    figures = {
        "first contentful paint": paints["first-contentful-paint"],
        "words ready for clicks": ready,
        "a step, in order": statistics.median(page.evaluate(JUMP, [in_order])),
        "a step, anywhere": statistics.median(page.evaluate(JUMP, [anywhere])),
        **play(page, first * WORD_MS / 1000),
    }
    page.close()
    return figures


def start(browser: Browser, path: Path, slow: float) -> dict[str, float]:
    """When words can be clicked, on a slower processor; whether anything moves by itself after that."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script(f"({CLICK})()")
    page = context.new_page()
    page.goto(_other_page(path).as_uri())  # a tab that is new would be measured too
    session = context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": slow})
    page.goto(path.as_uri())
    page.wait_for_timeout(300 * slow)
    first_ms = page.evaluate("window.clickable")
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    page.evaluate("document.querySelector('audio').play()")
    page.wait_for_timeout(5_000)
    drift = page.evaluate(SCROLL)
    figures = {"first word": first_ms, "shift": page.evaluate("window.shifted"), "drift": drift}
    context.close()
    return figures


def _other_page(path: Path) -> Path:
    other = path.with_name("other.html")
    other.write_text("<!doctype html><title>Another page</title><p>With a link.", encoding="utf-8")
    return other


def play(page: Page, start_s: float) -> dict[str, float]:
    """Five seconds of playing at double speed, 25 words: main-thread time for each step."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")

    def clock() -> dict[str, float]:
        metrics: list[dict[str, Any]] = session.send("Performance.getMetrics")["metrics"]
        return {metric["name"]: metric["value"] for metric in metrics}

    page.evaluate(
        "s => { const a = document.querySelector('audio'); a.currentTime = s; a.playbackRate = 2; a.play() }",
        start_s,
    )
    page.wait_for_timeout(1_500)
    before = clock()
    page.wait_for_timeout(5_000)
    after = clock()
    steps = 5_000 * 2 / WORD_MS
    names = {"TaskDuration": "Task", "LayoutDuration": "Layout", "RecalcStyleDuration": "Style"}
    return {
        f"playing, {short} a word": (after[name] - before[name]) * 1000 / steps
        for name, short in names.items()
    }


if __name__ == "__main__":
    main()
