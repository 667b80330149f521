"""Whether a word that was heard otherwise was read as written, on a recording with known sentences."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from types import MappingProxyType

import pytest

from inkcast.alignment.confirm import confirm
from inkcast.alignment.heard_words import HeardWord
from inkcast.alignment.pocketsphinx_aligner import PocketSphinxAligner
from inkcast.alignment.refine import refine
from inkcast.alignment.timing import Placed, divide
from inkcast.audio.recording import Recording
from inkcast.wording.match import Match

RECORDING = Path(__file__).parents[2] / "examples" / "what-small-labs-are-for.mp3"


@cache
def recording() -> Recording:
    return Recording(RECORDING)


@pytest.fixture(scope="module", autouse=True)
def _close() -> Iterator[None]:
    yield
    recording().close()


@cache
def spoken(sentence: int) -> tuple[HeardWord, ...]:
    """Its words at their times."""
    found = json.loads(RECORDING.with_suffix(".truth.json").read_text("utf-8"))["sentences"][sentence]
    words = found["published"].split()
    start, end = (round(1000 * found[edge]) for edge in ("start", "end"))
    spans = divide(start, end, [len(word) + 1 for word in words])
    crude = [Placed(at, *span, "spoken", 0.9) for at, span in enumerate(spans)]
    refined = refine(crude, words, [len(word) for word in words], [], recording(), PocketSphinxAligner())
    return tuple(
        HeardWord(word, item.start_ms, item.end_ms, 0.9) for word, item in zip(words, refined, strict=True)
    )


def hear(sentence: int, spoken_as: Mapping[str, str]) -> list[HeardWord]:
    """A transcript of the sentence that has other words for some."""
    heard = []
    for word in spoken(sentence):
        texts = spoken_as.get(word.text, word.text).split()
        spans = divide(word.start_ms, word.end_ms, [len(text) for text in texts])
        heard += [HeardWord(text, *span, 0.9) for text, span in zip(texts, spans, strict=True)]
    return heard


def match_equal(essay: list[str], heard: list[HeardWord]) -> list[Match]:
    """Words with the same text on both sides."""
    blocks = SequenceMatcher(None, essay, [word.text for word in heard], autojunk=False).get_matching_blocks()
    return [
        Match(block.a + step, range(block.b + step, block.b + step + 1), 0.0, 1.0, 1.0)
        for block in blocks
        for step in range(block.size)
    ]


def confirmed(
    sentence: int,
    written: Mapping[str, str] = MappingProxyType({}),
    heard: Mapping[str, str] = MappingProxyType({}),
    sound: Recording | None = None,
) -> dict[str, str]:
    """Essay words that were matched besides, with what was heard for them.

    ``written`` and ``heard`` say what essay and transcript have for words that were spoken.
    """
    words = " ".join(written.get(word.text, word.text) for word in spoken(sentence)).split()
    said = hear(sentence, heard)
    matches = match_equal(words, said)
    found = confirm(
        matches, said, words, [len(word) for word in words], sound or recording(), PocketSphinxAligner()
    )
    assert [match.heard.start for match in found] == sorted(match.heard.start for match in found)
    return {
        words[match.essay]: " ".join(said[index].text for index in match.heard)
        for match in found
        if match not in matches
    }


@pytest.mark.parametrize(
    ("sentence", "written", "heard"),
    [
        (5, "labs", "lapse"),
        (5, "would", "wood"),
        (7, "Olmo", "almost"),
        (7, "Olmo", "all more"),
        (13, "where", "wear"),
        (20, "rest", "wrist"),
    ],
)
def test_a_misheard_word_is_found(sentence: int, written: str, heard: str) -> None:
    assert confirmed(sentence, heard={written: heard}) == {written: heard}


@pytest.mark.parametrize(
    ("sentence", "said", "written"),
    [
        (5, "small", "big"),
        (5, "never", "always"),
        (5, "case", "argument"),
        (5, "win.", "lose."),
        (7, "student", "teacher"),
        (7, "Olmo", "Qwen"),
        (13, "honest", "useful"),
        (20, "rest", "best"),
    ],
)
def test_a_replaced_word_is_not(sentence: int, said: str, written: str) -> None:
    assert confirmed(sentence, written={said: written}) == {}


def test_of_two_words_each_is_judged_by_itself() -> None:
    assert confirmed(5, written={"small": "big"}, heard={"labs": "lapse"}) == {"labs": "lapse"}


@pytest.mark.parametrize("written", ["", "small brave labs"])
def test_without_words_on_both_sides_the_recording_is_not_opened(written: str) -> None:
    assert confirmed(5, written={"labs": written}, sound=Recording(Path("there is no such file.mp3"))) == {}


def test_times_that_run_backwards_are_left_alone() -> None:
    words = [word.text for word in spoken(5)]
    said = hear(5, {"labs": "lapse"})
    said[3:6] = said[5:2:-1]
    matches = match_equal(words, said)
    assert (
        confirm(
            matches,
            said,
            words,
            [len(word) for word in words],
            Recording(Path("none.mp3")),
            PocketSphinxAligner(),
        )
        == matches
    )
