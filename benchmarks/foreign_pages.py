"""Pages that others collected, with what a person found in them; read from a folder that the user has.

Three layouts are known, each a public repository: article-extraction-benchmark
(https://github.com/scrapinghub/article-extraction-benchmark), the test pages of Mozilla's Readability
(https://github.com/mozilla/readability) and trafilatura's evaluation (https://github.com/adbar/trafilatura).
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from lxml import html as lxml_html

_TOKEN = re.compile(r"\w+")
_SPACE = re.compile(r"\s+")
_BLOCKS = """
    address article aside blockquote br center dd details div dl dt fieldset figcaption figure footer h1 h2 h3
    h4 h5 h6 header hr legend li main nav ol p pre section summary table tbody td tfoot th thead tr ul
"""


@dataclass(frozen=True, slots=True)
class ForeignPage:
    """A page and what it holds: either the ``text``, or chunks that are ``inside`` and ``outside`` it.

    ``has_captions`` says whether those who wrote that down took the captions of pictures for text.
    """

    name: str
    data: bytes
    url: str = ""
    text: str = ""
    title: str = ""
    inside: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    has_captions: bool = False


@dataclass(frozen=True, slots=True)
class Agreement:
    """Precision, recall and F1 over the pages of one set."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Their harmonic mean."""
        return 2 * self.precision * self.recall / max(self.precision + self.recall, 1e-9)


def find_sets(folder: Path) -> dict[str, list[ForeignPage]]:
    """The sets below a folder, by name, each in order of its file names."""
    readers = {
        "ground-truth.json": ("article-extraction-benchmark", _extraction_benchmark),
        "test-pages": ("Mozilla's test pages", _mozilla_pages),
        "evaldata.json": ("trafilatura's evaluation", _trafilatura_pages),
    }
    found = {}
    for depth in ("", "*/", "*/*/", "*/*/*/"):
        for mark, (name, read) in readers.items():
            for path in sorted(folder.glob(depth + mark)):
                found.setdefault(name, sorted(read(path), key=lambda page: page.name))
    return found


def half_of(pages: list[ForeignPage], half: str | None) -> list[ForeignPage]:
    """Every second page: the "even" ones from the first on, the "odd" ones from the second; else all."""
    return {"even": pages[::2], "odd": pages[1::2]}.get(half or "", pages)


def agreement(pages: list[ForeignPage], texts: list[str]) -> Agreement:
    """How well the texts that an extractor found agree with what persons found."""
    if all(page.inside for page in pages):
        return _by_chunks(pages, texts)
    counts = [_by_shingles(page.text, text) for page, text in zip(pages, texts, strict=True)]
    return Agreement(
        mean([_share(true, wrong) for true, wrong, _ in counts if true + wrong > 0] or [0.0]),
        mean([_share(true, missed) for true, _, missed in counts if true + missed > 0] or [0.0]),
    )


def block_text(markup: str) -> str:
    """The words of HTML, those of neighbouring blocks apart."""
    if not markup.strip():
        return ""
    root = lxml_html.fromstring(f"<div>{markup}</div>")
    for element in root.iter(*_BLOCKS.split()):
        element.text = "\n" + (element.text or "")
        element.tail = "\n" + (element.tail or "")
    text: str = root.text_content()
    return text


def _extraction_benchmark(path: Path) -> Iterator[ForeignPage]:
    for name, gold in json.loads(path.read_text("utf-8")).items():
        data = gzip.decompress((path.parent / "html" / f"{name}.html.gz").read_bytes())
        yield ForeignPage(name, data, gold.get("url", ""), gold["articleBody"])


def _mozilla_pages(path: Path) -> Iterator[ForeignPage]:
    for folder in filter(Path.is_dir, path.iterdir()):
        about = json.loads((folder / "expected-metadata.json").read_text("utf-8"))
        gold = block_text((folder / "expected.html").read_text("utf-8"))
        title = about.get("title") or ""
        yield ForeignPage(
            folder.name, (folder / "source.html").read_bytes(), "", gold, title, has_captions=True
        )


def _trafilatura_pages(path: Path) -> Iterator[ForeignPage]:
    for url, gold in json.loads(path.read_text("utf-8")).items():
        files = (path.parent / folder / gold["file"] for folder in ("cache", "eval"))
        data = next(file.read_bytes() for file in files if file.is_file())
        inside, outside = (tuple(map(_norm, gold[name])) for name in ("with", "without"))
        yield ForeignPage(gold["file"], data, url, "", "", inside, outside)


def _by_chunks(pages: list[ForeignPage], texts: list[str]) -> Agreement:
    """As ``tests/eval_common.py`` of trafilatura: a chunk is found where the text contains it."""
    true = wrong = missed = 0
    for page, text in zip(pages, map(_norm, texts), strict=True):
        held = sum(chunk in text for chunk in page.inside)
        true, missed = true + held, missed + len(page.inside) - held
        wrong += sum(chunk in text for chunk in page.outside)
    return Agreement(_share(true, wrong), _share(true, missed))


def _by_shingles(gold: str, text: str) -> tuple[float, float, float]:
    """As ``evaluate.py`` of article-extraction-benchmark: true, false and missing runs of four words.

    As shares of all, so that a long text does not weigh more than a short one.
    """
    wanted, found = _shingles(gold), _shingles(text)
    true = (wanted & found).total()
    counts = true, found.total() - true, wanted.total() - true
    return tuple(count / max(sum(counts), 1) for count in counts)  # type: ignore[return-value]


def _shingles(text: str, n: int = 4) -> Counter[tuple[str, ...]]:
    words = _TOKEN.findall(text)
    return Counter(shingle for i in range(max(1, len(words) - n + 1)) if (shingle := tuple(words[i : i + n])))


def _share(part: float, rest: float) -> float:
    return part / (part + rest) if part + rest else 1.0


def _norm(text: str) -> str:
    return _SPACE.sub(" ", text).strip()
