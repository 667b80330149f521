"""The whole journey, from feeds to pages, of a folder of recordings; and how long the model waits in it.

    python benchmarks/journey.py CORPUS [--model-elsewhere base] [--keep FOLDER]

CORPUS holds ``essays/NAME.mp3`` with ``NAME.md``, and ``human/NAME/audio.*`` with ``text.txt``; a name that
ends in ``_es`` is a recording in that language. A local server offers the essays as a feed that carries the
texts, as Substack's do, the others as one that links to them, and those of other languages as one each,
with a model that knows more than English (see ``inkcast models``). The real sync takes all of them through
every step.

Prints each episode, then how long the model worked, and waited between its first recording and its last:
for downloads, or for the episodes before to be finished. Exit 1 unless every step of every episode is done,
which holds that each passed its audit.
"""

from __future__ import annotations

import argparse
import html
import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from inkcast.alignment.alignment import Alignment
from inkcast.audio.recording import Recording
from inkcast.download.client import open_client
from inkcast.library.steps.episode_steps import Tools
from inkcast.library.steps.models_on_demand import Transcribe, lazy_transcriber
from inkcast.library.store.catalogue import Catalogue
from inkcast.library.store.record import STEPS
from inkcast.library.store.schema import FILE_NAME
from inkcast.library.subscriptions import Subscriptions
from inkcast.library.sync import Plan, Summary, sync
from inkcast.settings import Settings
from inkcast.speech.transcript import Transcript

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT))

from corpus import AUDIO  # noqa: E402

from tests.support.servers import serve_folder  # noqa: E402

MOST_WAITING = 0.05
WORTH_TELLING_S = 1.0


@dataclass(frozen=True)
class Reading:
    """An audio file and its text; ``language`` is empty for English."""

    name: str
    audio: Path
    text: Path
    language: str = ""


def recordings(corpus: Path) -> Iterator[tuple[str, list[Reading]]]:
    """The feeds: their titles and recordings."""
    yield (
        "Essays",
        [
            Reading(audio.stem, audio, audio.with_suffix(".md"))
            for audio in sorted((corpus / "essays").glob("*"))
            if audio.suffix in AUDIO
        ],
    )
    people = []
    for folder in sorted((corpus / "human").iterdir()):
        audio = next(path for path in sorted(folder.iterdir()) if path.suffix in AUDIO)
        language = re.search(r"_([a-z]{2})$", folder.name)
        people.append(Reading(folder.name, audio, folder / "text.txt", language[1] if language else ""))
    for language in sorted({one.language for one in people}):
        title = f"People ({language})" if language else "People"
        yield title, [one for one in people if one.language == language]


def offer(title: str, entries: Sequence[Reading], site: Path) -> str:
    """Put a feed, its recordings and texts into the folder of a site; gives the feed's name there."""
    items = ""
    for day, one in enumerate(entries, 1):
        audio, page = f"{one.name}{one.audio.suffix}", f"{one.name}{one.text.suffix}"
        shutil.copy(one.audio, site / audio)
        text = one.text.read_text(encoding="utf-8")
        name, content = one.name, ""
        if one.text.suffix == ".md":
            page = f"{one.name}.html"
            first, _, rest = text.partition("\n")
            name = first.lstrip("# ")
            body = MarkdownIt().render(rest)
            content = f"<content:encoded>{html.escape(body)}</content:encoded>"
            text = f"<!doctype html><title>{html.escape(name)}</title><article>{body}</article>"
        (site / page).write_text(text, encoding="utf-8")
        items += (
            f'<item><guid isPermaLink="false">{one.name}</guid><title>{html.escape(name)}</title>'
            f"<link>{page}</link><pubDate>{day:02} May 2026 08:00:00 GMT</pubDate>{content}"
            f'<enclosure url="{audio}" type="audio/{one.audio.suffix[1:]}" length="0"/></item>'
        )
    feed = f"{title}.xml".replace(" ", "-")
    head = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    channel = f"<channel><title>{title}</title>{items}</channel>"
    (site / feed).write_text(f'<rss version="2.0" {head}>{channel}</rss>', encoding="utf-8")
    return feed


@dataclass
class Watch:
    """When the model heard what."""

    spans: list[tuple[str, float, float]] = field(default_factory=list)

    def on(self, transcribe: Transcribe) -> Transcribe:
        """The same, with its times taken down."""

        def hear(recording: Recording, *rest: Any) -> Transcript:
            began = time.perf_counter()
            transcript = transcribe(recording, *rest)
            self.spans.append((recording.path.stem, began, time.perf_counter()))
            return transcript

        return hear


def travel(feeds: Sequence[str], library: Path, table: dict[str, Any], watch: Watch) -> Summary:
    """The sync, as ``inkcast sync`` does it."""
    with open_client(allow_private=True) as client:
        tools = Tools(client, Settings(), watch.on(lazy_transcriber()))
        return sync(Plan(feeds), library, tools, subscriptions=Subscriptions(client, table))


def problems(library: Path, n_recordings: int) -> Iterator[str]:
    """Steps that are not done; prints the audit of each episode."""
    with Catalogue(library / FILE_NAME, in_memory=True) as catalogue:
        episodes = list(catalogue.episodes())
        if len(episodes) != n_recordings:
            yield f"{len(episodes)} episodes for {n_recordings} recordings"
        for one in episodes:
            steps = catalogue.steps(one.feed, one.traits.guid)
            for name in STEPS:
                if name not in steps or steps[name].state != "done":
                    yield f"{one.traits.title}: {name}: {steps[name].reason if name in steps else 'missing'}"
            path = library / one.folder / f"{one.folder.name}.alignment.json"
            if path.exists():
                alignment = Alignment.from_json(json.loads(path.read_text(encoding="utf-8")))
                audit = alignment.audit
                print(
                    f"{one.traits.guid[:40]:40} {alignment.audio.duration_ms / 1000:7.1f} s, "
                    f"{audit.coverage:6.1%} of the text heard, "
                    f"{audit.verified_share:6.1%} of the words verified"
                )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--model-elsewhere", default="base", help="for other languages than English")
    parser.add_argument("--keep", type=Path, help="leave the library there; must be empty")
    arguments = parser.parse_args()
    watch = Watch()
    with tempfile.TemporaryDirectory() as folder:
        site, library = Path(folder, "site"), arguments.keep or Path(folder, "library")
        site.mkdir()
        shows = list(recordings(arguments.corpus))
        table = {
            title: {"language": entries[0].language, "model": arguments.model_elsewhere}
            for title, entries in shows
            if entries[0].language
        }
        names = [offer(title, entries, site) for title, entries in shows]
        with serve_folder(site) as server:
            began = time.perf_counter()
            travel([f"{server.url}/{name}" for name in names], library, table, watch)
            ended = time.perf_counter()
        wrong = list(problems(library, sum(len(entries) for _, entries in shows)))
    first, last = watch.spans[0][1], watch.spans[-1][2]
    worked = sum(end - begin for _, begin, end in watch.spans)
    waited = 1 - worked / (last - first)
    for (_, _, before), (name, begin, _) in pairwise(watch.spans):
        if begin - before > WORTH_TELLING_S:
            print(f"it waited {begin - before:.1f} s before {name}")
    print(f"in all {ended - began:.1f} s: {first - began:.1f} s until the first recording was there,")
    print(f"  {worked:.1f} s of model, {last - first - worked:.2f} s in which it waited ({waited:.2%}),")
    print(f"  {ended - last:.1f} s after it to finish the last episodes")
    print(f"load of the last minutes: {', '.join(f'{load:.1f}' for load in os.getloadavg())}")
    if waited > MOST_WAITING:
        wrong.append(f"the model waited for more than {MOST_WAITING:.0%} of the time")
    for problem in wrong:
        print(f"WRONG: {problem}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
