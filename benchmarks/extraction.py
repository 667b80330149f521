"""How much of an essay each extractor finds in pages of many makes.

    python benchmarks/extraction.py [--page docs/essays.md]
    python benchmarks/extraction.py FOLDER [--half even|odd]

Runs Inkcast, trafilatura and readability-lxml. Without a folder on ``tests/data/pages``, whose every block
was written down by hand; the table goes into docs/essays.md. With a folder on the sets of pages below it,
which others collected: article-extraction-benchmark, the test pages of Mozilla's Readability, trafilatura's
evaluation, each as its repository has it. Times are of the processor, and include the title where a set has
them. Needs ``pip install inkcast[dev]``.
"""

from __future__ import annotations

import argparse
import json
import logging
import re
import time
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from foreign_pages import ForeignPage, agreement, block_text, find_sets, half_of

from inkcast.errors import InkcastError
from inkcast.essays.read import parse_essay
from inkcast.files import write_text

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "tests" / "data" / "pages"
DOCS = ROOT / "docs" / "essays.md"
BEGIN, END = "<!-- extraction:begin -->", "<!-- extraction:end -->"
ADDRESS = "https://e.example/essay"

_WORD = re.compile(r"\w+")
_BLOCKS = ("p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "blockquote", "figcaption", "pre", "dt", "dd")


@dataclass(frozen=True, slots=True)
class Score:
    """Counts that add up over pages: words in common, found and expected; blocks likewise."""

    common: int = 0
    found: int = 0
    expected: int = 0
    whole: int = 0
    given: int = 0
    blocks: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


def main() -> None:
    """Score each extractor on each page and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?", help="where repositories with pages of others are")
    parser.add_argument("--half", choices=("even", "odd"), help="every second page only, in order of names")
    parser.add_argument("--page", type=Path, default=DOCS, help="where the table of our own pages goes")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    if options.folder:
        _score_foreign(options.folder, options.half)
    else:
        _score_own(options.page)


def _score_own(docs: Path) -> None:
    extractors: dict[str, Callable[[str], list[str]]] = {
        "Inkcast": by_inkcast,
        f"trafilatura {version('trafilatura')}": by_trafilatura,
        f"readability-lxml {version('readability-lxml')}": by_readability,
    }
    pages = sorted(PAGES.glob("*.json"))
    rows = [
        (name, sum((score(path, extract) for path in pages), Score())) for name, extract in extractors.items()
    ]
    table = "\n".join([*_header(len(pages)), *(_row(name, total) for name, total in rows)])
    print(table)
    text = docs.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    write_text(docs, f"{before}{BEGIN}\n{table}\n{END}{rest.partition(END)[2]}")


def _score_foreign(folder: Path, half: str | None) -> None:
    """Print a table for each set below the folder."""
    extractors: dict[str, Callable[[ForeignPage], tuple[str, str]]] = {
        "Inkcast": foreign_by_inkcast,
        f"trafilatura {version('trafilatura')}": foreign_by_trafilatura,
        f"readability-lxml {version('readability-lxml')}": foreign_by_readability,
    }
    for name, pages in find_sets(folder).items():
        pages = half_of(pages, half)
        titled = sum(bool(page.title) for page in pages)
        print(
            f"\n| {name}: {len(pages)} pages | precision | recall | F1 | titles of {titled} | nothing | ms |"
        )
        print("|---|--:|--:|--:|--:|--:|--:|")
        found: dict[str, list[tuple[str, str]]] = {extractor: [] for extractor in extractors}
        seconds = Counter[str]()
        for number, page in enumerate([pages[0], *pages]):
            for extractor, extract in extractors.items():
                start = time.process_time()
                title_and_text = extract(page)
                if number:  # the first time, libraries are loaded
                    seconds[extractor] += time.process_time() - start
                    found[extractor].append(title_and_text)
        for extractor, results in found.items():
            quality = agreement(pages, [text for _, text in results])
            right = sum(
                bool(page.title) and _line(page.title) == _line(title)
                for page, (title, _) in zip(pages, results, strict=True)
            )
            nothing = sum(not text.strip() for _, text in results)
            print(
                f"| {extractor} | {quality.precision:.4f} | {quality.recall:.4f} | {quality.f1:.4f} "
                f"| {right} | {nothing} | {1000 * seconds[extractor] / len(pages):.1f} |"
            )


def foreign_by_inkcast(page: ForeignPage) -> tuple[str, str]:
    """Title and text: without title, boilerplate, and captions where the set does not count them.

    Who speaks is said again, as on the page.
    """
    try:
        essay = parse_essay(page.data, page.url or ADDRESS, "text/html")
    except InkcastError:
        return "", ""
    left_out = {"title", "boilerplate"} | (set() if page.has_captions else {"caption"})
    lines, speaker = [], ""
    for block in essay.blocks:
        if block.kind not in left_out:
            lines.append(f"{block.speaker}: {block.text}" if block.speaker != speaker else block.text)
            speaker = block.speaker
    return essay.title, "\n".join(lines)


def foreign_by_trafilatura(page: ForeignPage) -> tuple[str, str]:
    """Title and text, with the options of trafilatura's own evaluation."""
    import trafilatura

    text = trafilatura.extract(page.data, include_comments=False, include_tables=True) or ""
    if not page.title:
        return "", text
    return trafilatura.extract_metadata(page.data).title or "", text


def foreign_by_readability(page: ForeignPage) -> tuple[str, str]:
    """Title and the text of the summary."""
    from readability import Document
    from trafilatura.utils import decode_file

    try:
        document = Document(decode_file(page.data), url=page.url or ADDRESS)
        return document.short_title(), block_text(document.summary())
    except Exception:  # it knows no error of its own
        return "", ""


def score(path: Path, extract: Callable[[str], list[str]]) -> Score:
    """Compare what an extractor finds in a page with what stands in its list of blocks."""
    expected = [block[1] for block in json.loads(path.read_text(encoding="utf-8"))]
    found = extract(path.with_suffix(".html").read_text(encoding="utf-8"))
    ours, theirs = Counter(_words(expected)), Counter(_words(found))
    lines, wanted = Counter(map(_line, found)), Counter(map(_line, expected))
    return Score(
        (ours & theirs).total(), theirs.total(), ours.total(),
        (lines & wanted).total(), lines.total(), wanted.total(),
    )  # fmt: skip


def by_inkcast(html: str) -> list[str]:
    """Every block."""
    return [block.text for block in parse_essay(html.encode(), ADDRESS, "text/html").blocks]


def by_trafilatura(html: str) -> list[str]:
    """Its title and text; tables and lists by line."""
    import trafilatura

    document = trafilatura.bare_extraction(html, url=ADDRESS, include_comments=False, with_metadata=True)
    if document is None:
        return []
    title = document.title or ""
    lines = [line.removeprefix("- ") for line in (document.text or "").splitlines()]
    return [text for text in ([] if title in lines else [title]) + lines if text.strip()]


def by_readability(html: str) -> list[str]:
    """Its title and the innermost blocks of its summary."""
    from lxml.html import fromstring
    from readability import Document

    document = Document(html, url=ADDRESS)
    root = fromstring(document.summary())
    innermost = [element for element in root.iter(*_BLOCKS) if not any(True for _ in _inner(element))]
    texts = [" ".join(element.text_content().split()) for element in innermost]
    return [document.short_title(), *filter(None, texts)]


def _inner(element):  # type: ignore[no-untyped-def]
    return (child for child in element.iterdescendants(*_BLOCKS))


def _words(texts: list[str]) -> list[str]:
    return [word for text in texts for word in _WORD.findall(text.casefold())]


def _line(text: str) -> str:
    return " ".join(_words([text]))


def _header(n_pages: int) -> list[str]:
    names = ("words: precision", "recall", "F", "blocks: precision", "recall", "F")
    return [f"| {n_pages} pages | {' | '.join(names)} |", "|---|" + "--:|" * len(names)]


def _row(name: str, total: Score) -> str:
    figures = (
        *_prf(total.common, total.found, total.expected),
        *_prf(total.whole, total.given, total.blocks),
    )
    return f"| {name} | {' | '.join(f'{figure:.3f}' for figure in figures)} |"


def _prf(common: int, found: int, expected: int) -> tuple[float, float, float]:
    precision, recall = common / max(found, 1), common / max(expected, 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


if __name__ == "__main__":
    main()
