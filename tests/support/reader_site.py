"""Reader pages for tests in a browser: an essay of numbered words, and what to ask of its page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page

from inkcast.alignment.alignment import Extra
from inkcast.essays.essay import Block, Essay, Mark
from inkcast.publish.pages.reader import reader_page
from tests.support.alignments import align, essay_of
from tests.support.browser import wait_until, write_wav
from tests.support.servers import serve_folder

LOOKS = pytest.mark.parametrize(("width", "dark"), [(1280, False), (320, True)], ids=["wide", "small-dark"])
"""What is done by keyboard alone is done on both."""

WORDS = [f"word{n}" for n in range(60)]
WORDS[25:27] = ["word25.", "Word26"]  # A sentence ends within the second paragraph.
ESSAY = essay_of(
    Block("paragraph", " ".join(WORDS[:20]), (Mark("emphasis", 0, 3), Mark("link", 6, 11, "#nowhere"))),
    Block("paragraph", " ".join(WORDS[20:40])),
    Block("paragraph", " ".join(WORDS[40:])),
)
UNSPOKEN = (10, 11, 12)  # word8 to word10: the title has two words
EXTRA = (Extra(-1, "Hello there.", 0, 700), Extra(12, "deux", 4_200, 4_700))

CHAPTERS = essay_of(
    Block("paragraph", "Before anything else there is a café."),
    Block("heading", "Part one", level=2),
    Block("paragraph", "It’s the “first” part of three."),
    Block("heading", "Never read", level=2),
    Block("paragraph", "Nobody says this part."),
    Block("heading", "שלום <b>last</b>", level=2),
    Block("paragraph", "The LAST part. With cafe at its end."),
)
CHAPTERS_UNSPOKEN = tuple(range(17, 23))

LISTED = essay_of(
    Block("list_item", "One of few words.", level=1),
    Block("list_item", "Two " + "goes on for more than one line, " * 13 + "as items do.", level=1),
    Block("heading", "After " + "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk", level=2),
    Block("paragraph", "The end. " * 200),
)


def long_essay(n_words: int) -> Essay:
    """Paragraphs of a hundred words."""
    return essay_of(*(Block("paragraph", " ".join(["word"] * 99 + ["end."])) for _ in range(n_words // 100)))


def write_page(path: Path, essay: Essay, audio: str, **alignment: object) -> None:
    """The page of ``essay`` in which each word takes 0.4 seconds."""
    text = reader_page(essay, align(essay, **alignment), audio)  # type: ignore[arg-type]
    path.write_text(text, encoding="utf-8")


@contextmanager
def serve_pages(folder: Path) -> Iterator[str]:
    """``page``, ``chapters``, ``listed`` and ``long.html`` (10,000 words) with a minute of silence."""
    write_wav(folder / "a b#1.wav", 60)
    write_page(folder / "page.html", ESSAY, "a b#1.wav", unspoken=UNSPOKEN, extra=EXTRA)
    write_page(folder / "chapters.html", CHAPTERS, "a b#1.wav", unspoken=CHAPTERS_UNSPOKEN)
    write_page(folder / "listed.html", LISTED, "a b#1.wav")
    write_page(folder / "long.html", long_essay(10_000), "a b#1.wav")
    with serve_folder(folder) as served:
        yield served.url


def start_of(n: int) -> float:
    """Seconds at which ``WORDS[n]`` starts."""
    return (n + 2) * 400 / 1000


def now(page: Page) -> float:
    """Where the audio is, in seconds."""
    return float(page.evaluate("document.querySelector('audio').currentTime"))


def place(page: Page, seconds: float) -> None:
    """Put the paused audio somewhere, and wait until the page knows."""
    page.evaluate("s => { document.querySelector('audio').currentTime = s }", seconds)
    wait_until(page, "!document.querySelector('audio').seeking")
    page.evaluate("new Promise(requestAnimationFrame)")


def playing(page: Page) -> bool:
    return not page.evaluate("document.querySelector('audio').paused")


def pause(page: Page) -> None:
    page.evaluate("document.querySelector('audio').pause()")
    wait_until(page, "document.querySelector('audio').paused")


def lit(page: Page) -> list[str]:
    """The words that are lit."""
    return page.locator("article [aria-current]").all_text_contents()


def wait_until_lit(page: Page, n: int) -> None:
    """Wait until the light has come to ``WORDS[n]``, or is past it: a word does not last long."""
    lit = "document.querySelector('article [aria-current]')?.textContent"
    wait_until(page, f"Number({lit}?.match(/\\d+/)) >= {n}")


def painted(page: Page, name: str) -> list[str]:
    """Texts of the ranges that are coloured under a name."""
    texts = page.evaluate("n => [...(CSS.highlights.get(n) || [])].map(String)", f"inkcast-{name}")
    return list(texts)


def tinted(page: Page, name: str) -> str:
    """The words behind which a tint lies, and that it leaves no stripe between their lines."""
    words, gaps = page.evaluate(
        """(name) => {
            const words = [], gaps = [];
            for (const block of document.querySelectorAll('.essay :is(p, h1, h2, h3, h4, h5, h6)')) {
                const layers = block.style.getPropertyValue(`--tint-${name}`);
                const boxes = [...layers.matchAll(/(-?\\d+)px (-?\\d+)px \\/ (\\d+)px (\\d+)px/g)]
                    .map(([, ...box]) => box.map(Number));
                boxes.slice(1).forEach((box, n) => gaps.push(box[1] - boxes[n][1] - boxes[n][3]));
                const corner = block.getBoundingClientRect();
                for (const span of boxes.length ? block.querySelectorAll('span[data-m]') : []) {
                    const box = span.getBoundingClientRect();
                    const x = (box.left + box.right) / 2 - corner.x;
                    const y = (box.top + box.bottom) / 2 - corner.y;
                    if (boxes.some(([l, t, w, h]) => x > l && x < l + w && y > t && y < t + h)) {
                        words.push(span.textContent);
                    }
                }
            }
            return [words, gaps];
        }""",
        name,
    )
    assert set(gaps) <= {0}
    return " ".join(words)


def select(page: Page, first: str, last: str) -> None:
    """Select from one word to another."""
    page.evaluate(
        """([first, last]) => {
            const spans = [...document.querySelectorAll('article span[data-m]')];
            const find = (word) => spans.find((span) => span.textContent === word);
            getSelection().setBaseAndExtent(find(first), 0, find(last), 1);
        }""",
        [first, last],
    )
    page.locator(".quote").wait_for(state="visible")
