"""How long it takes to publish and to search a large library.

    python benchmarks/site.py [--episodes 1000] [--words 1500] [--keep FOLDER]

Makes a library of synthetic essays (words drawn by Zipf's law from an invented vocabulary) whose times
are known, and prints the time of the first publish, of a second one with nothing changed, of one after a
single episode has changed, and of searches on the command line.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from inkcast.alignment.alignment import AlignedBlock, AlignedWord, Alignment, AudioFacts, Audit
from inkcast.essays.essay import Block, Essay
from inkcast.feeds.identity import Traits
from inkcast.library.store.catalogue import Catalogue, NewEpisode
from inkcast.library.store.contents import contents
from inkcast.library.store.record import StepName, StepRecord, StoredFile
from inkcast.library.store.search_index import search
from inkcast.publish.site.episode_page import Options
from inkcast.publish.site.site import publish_site
from inkcast.publish.subtitles.formats import write_transcript

WORD_MS = 400
SYLLABLES = ["ka", "lo", "mi", "ter", "son", "ba", "dru", "es", "ni", "va", "por", "el", "tu", "an", "gri"]
BASE_URL = "https://listen.example/"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--episodes", type=int, default=1_000)
    parser.add_argument("--words", type=int, default=1_500, help="of each essay")
    parser.add_argument("--keep", type=Path, help="leave library and site there")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(arguments.keep or Path(folder), arguments.episodes, arguments.words)


def measure(folder: Path, n_episodes: int, n_words: int) -> None:
    library, site = folder / "library", folder / "site"
    draw = random.Random(7)
    words = vocabulary(draw, 20_000)
    numbers = range(n_episodes)
    timed("make the library", lambda: [add(library, n, text(draw, words, n_words)) for n in numbers])

    def publish() -> None:
        publish_site(contents(library), site, Options(base_url=BASE_URL, with_audio=True))

    timed("first publish", publish)
    timed("second publish, nothing changed", publish)
    add(library, 0, text(draw, words, n_words))
    timed("publish, one episode changed", publish)
    timed("first search, which indexes", lambda: search(words[500], library, 20))
    timed("second search", lambda: search(f"{words[50]} {words[900]}", library, 20))
    files = [path for path in site.rglob("*") if path.is_file()]
    terms = [path.stat().st_size for path in site.glob("search/terms-*.js")]
    print(f"the site: {len(files)} files, {sum(path.stat().st_size for path in files) / 1e6:.0f} MB")
    print(f"its index: {len(terms)} shards, {sum(terms) / 1e6:.1f} MB, the largest {max(terms) / 1e3:.0f} kB")


def timed(name: str, work: Callable[[], object]) -> None:
    started = time.perf_counter()
    work()
    print(f"{name}: {time.perf_counter() - started:.1f} s")
    sys.stdout.flush()


def vocabulary(draw: random.Random, size: int) -> list[str]:
    words: dict[str, None] = {}
    while len(words) < size:
        words["".join(draw.choices(SYLLABLES, k=draw.randint(1, 5)))] = None
    return list(words)


def text(draw: random.Random, words: list[str], n_words: int) -> str:
    ranks = range(1, len(words) + 1)
    return " ".join(draw.choices(words, [1 / rank for rank in ranks], k=n_words))


def add(library: Path, number: int, text: str) -> None:
    """A finished episode with ten paragraphs, as the steps of a sync would leave it."""
    stem = f"episode {number:05}"
    folder = library / "show" / stem
    folder.mkdir(parents=True, exist_ok=True)
    words = text.split()
    share = -(-len(words) // 10)
    parts = [" ".join(words[i : i + share]) for i in range(0, len(words), share)]
    essay = Essay(stem.title(), tuple(Block("paragraph", f"{part}.") for part in parts), language="en")
    aligned = tuple(
        AlignedWord(
            *(word.text, word.block, word.char_start, word.char_end),
            *("spoken", i * WORD_MS, i * WORD_MS + 300, 0.9),
        )
        for i, word in enumerate(essay.words())
    )
    alignment = Alignment(
        AudioFacts("0" * 64, len(aligned) * WORD_MS, ""),
        None,
        tuple(AlignedBlock(block.kind, block.text, None, None, "spoken") for block in essay.blocks),
        aligned,
        (),
        Audit(1, 1, 1.0, 1.0, True, ()),
    )
    paths = {name: folder / f"{stem}.{name}" for name in ("mp3", "transcript.json", "essay.json")}
    paths["alignment.json"] = folder / f"{stem}.alignment.json"
    paths["mp3"].write_bytes(bytes(1_000))
    paths["transcript.json"].write_text("{}")
    paths["essay.json"].write_text(json.dumps(essay.to_json()))
    paths["alignment.json"].write_text(json.dumps(alignment.to_json()))
    steps: dict[StepName, tuple[Path, ...]] = {
        "download": (paths["mp3"],),
        "transcribe": (paths["transcript.json"],),
        "essay": (paths["essay.json"],),
        "align": (paths["alignment.json"],),
        "publish": write_transcript(alignment, folder, stem, ("vtt", "srt")),
    }
    record(library, stem, number, folder, steps)


def record(
    library: Path, stem: str, number: int, folder: Path, steps: dict[StepName, tuple[Path, ...]]
) -> None:
    with Catalogue(library / "catalogue.sqlite") as catalogue:
        feed = catalogue.put_feed("show", "https://show.example/feed", "A show", "show")
        published = datetime(2010, 1, 1, tzinfo=UTC) + timedelta(days=5 * number)
        catalogue.put_episodes(feed, [NewEpisode(Traits(stem, stem.title(), published), stem)])
        for step, paths in steps.items():
            files = tuple(StoredFile.of(path, folder) for path in paths)
            key = files[0].sha256
            catalogue.record(
                feed, stem, StepRecord(step, "done", key, key, "", 1, 1.0, datetime.now(UTC), files)
            )


if __name__ == "__main__":
    main()
