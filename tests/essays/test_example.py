"""The example that users try first: what its page, its reading and its times say must agree."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import av
import numpy as np
import pytest

from inkcast.essays.essay import Essay, Mark
from inkcast.essays.read import read_essay

EXAMPLES = Path(__file__).parents[2] / "examples"
SLUG = "what-small-labs-are-for"


@pytest.fixture(scope="module")
def essay() -> Essay:
    return read_essay(EXAMPLES / f"{SLUG}.html")


@pytest.fixture(scope="module")
def truth() -> dict:
    return json.loads((EXAMPLES / f"{SLUG}.truth.json").read_text(encoding="utf-8"))


EXPECTED = [
    ("title", "What small labs are for"),
    ("boilerplate", "Notes on open models, patience and borrowed computers"),
    ("paragraph", "Analysts now value the frontier labs at $2-10T, depending on … I don’t think it is."),
    (
        "paragraph",
        "The case for small labs was never that … show their work. When Olmo … price of a used car.",
    ),
    ("caption", "The cost of repeating a published training run, 2023 to 2026. Made-up figures."),
    ("heading", "Where they lead"),
    ("paragraph", "As of May 2026, three habits of the big labs can be traced to small ones:"),
    (
        "list_item",
        "RLVR, which rewards a model … checker such as pytest agrees, was written up in the open first.",
    ),
    ("list_item", "Data recipes travel: ~25% of the mixtures I read this year cite an academic ablation."),
    ("list_item", "Evaluation is honest where nobody has a product to sell."),
    ("boilerplate", "Slow Weights is a reader-supported publication. … free or paid subscriber."),
    ("paragraph", "A friend who runs such a lab put it better:"),
    ("quote", "“A result that nobody can repeat is a rumour.”"),
    ("heading", "What comes next"),
    ("paragraph", "GPT 5.5 feels about 2X better … roughly 10²⁶ operations. … will look rather clever."),
    ("paragraph", "None of this is an argument for tiny budgets. … than it does today."),
    ("paragraph", "So fund the people who publish. … how the rest of us learn."),
    ("footnote", "Showing it costs more than doing it: documentation took a third of our last project."),
]


def test_the_page_is_read_block_by_block(essay: Essay) -> None:
    assert (essay.title, essay.language) == ("What small labs are for", "en")
    assert [block.kind for block in essay.blocks] == [kind for kind, _ in EXPECTED]
    for block, (_, expected) in zip(essay.blocks, EXPECTED, strict=True):
        rest = block.text
        parts = expected.split("…")
        assert rest.startswith(parts[0]) and rest.endswith(parts[-1])
        for part in parts:
            _, found, rest = rest.partition(part)
            assert found == part


def test_the_footnote_can_be_reached_both_ways(essay: Essay) -> None:
    note = essay.blocks[-1]
    assert (note.anchor, note.ordinal) == ("footnote-1", 1)
    marked = essay.blocks[3]
    assert Mark("link", 86, 86, "#footnote-1", "1") in marked.marks
    assert marked.text[:86].endswith("show their work.")


def test_nothing_of_the_page_around_the_essay_is_in_it(essay: Essay) -> None:
    text = " ".join(block.text for block in essay.blocks)
    for chrome in (
        "Share",
        "Subscribe",
        "Sign in",
        "Expand",
        "0:00",
        "-1:32",
        "Previous",
        "©",
        "May 19",
        "41",
    ):
        assert chrome not in text


def test_every_published_sentence_of_the_reading_is_in_the_essay_in_order(essay: Essay, truth: dict) -> None:
    text = " ".join(block.text for block in essay.blocks)
    position = 0
    for sentence in truth["sentences"]:
        if sentence["published"]:
            position = text.index(sentence["published"], position) + len(sentence["published"])


def test_the_reading_departs_from_the_text_as_the_readme_says(essay: Essay, truth: dict) -> None:
    read = " ".join(sentence["published"] or "" for sentence in truth["sentences"])
    text = " ".join(block.text for block in essay.blocks)
    for skipped in ("That curve will bend.", "None of this is an argument for tiny budgets."):
        assert skipped in text and skipped not in read
    assert [s["spoken"] for s in truth["sentences"] if s["published"] is None] == [
        "Hello, and welcome back to Slow Weights.",
        "Mine was older than the student, by the way.",
    ]


def test_the_times_are_those_of_the_recording(truth: dict) -> None:
    """Between the sentences there is silence, and each begins and ends with sound."""
    with av.open(str(EXAMPLES / f"{SLUG}.mp3")) as container:
        stream = container.streams.audio[0]
        assert (stream.rate, stream.layout.name) == (22050, "mono")
        samples = np.concatenate([frame.to_ndarray().ravel() for frame in container.decode(stream)])
    rate = 22050
    assert len(samples) / rate == pytest.approx(truth["duration"], abs=0.05)
    assert 75 <= truth["duration"] <= 110
    loud = np.abs(samples) > 0.02
    previous_end = 0.0
    for sentence in truth["sentences"]:
        start, end = sentence["start"], sentence["end"]
        assert not loud[round((previous_end + 0.03) * rate) : round((start - 0.03) * rate)].any()
        assert loud[round(start * rate) : round((start + 0.1) * rate)].any()
        assert loud[round((end - 0.1) * rate) : round(end * rate)].any()
        previous_end = end


def test_the_feed_points_to_files_that_are_there() -> None:
    item = ET.parse(EXAMPLES / "feed.xml").getroot().find("channel/item")
    assert item is not None
    enclosure = item.find("enclosure")
    assert enclosure is not None
    audio = EXAMPLES / enclosure.attrib["url"]
    assert audio.stat().st_size == int(enclosure.attrib["length"])
    assert read_essay(EXAMPLES / (item.findtext("link") or "")).title == item.findtext("title")
